"""HTML fragments of ticket parts. Cells are data: everything passes `text` before it is markup.

Belongs here: escaping and the few shapes a part is made of. Does not: wording (`english` and the
modules of the parts), or turning HTML into ADF (`adf`).
"""

import html
import re
from collections.abc import Iterable, Sequence

_TAG = re.compile(r"<[^>]+>")
_DENSE_CHARACTERS = 300
"""What people read as one item; on the UWEC sheets nine of ten items are shorter."""
_MARKED = re.compile(r"`([^`]+)`")


def text(cell: str) -> str:
    """Return a cell as literal HTML text on one line."""
    return html.escape(" ".join(cell.split()), quote=False)


def code(name: str) -> str:
    """Return a machine name or another literal as code."""
    return f"<code>{text(name)}</code>"


def quoted(cell: str) -> str:
    """Return what a cell says between quotation marks."""
    return f"“{text(cell)}”"


def with_code(sentence: str) -> str:
    """Turn a plain sentence with backticks around literals into HTML."""
    return _MARKED.sub(r"<code>\1</code>", text(sentence))


def menu_path(*steps: str) -> str:
    """Return the way through Drupal's administration menu."""
    return " \u203a ".join(text(step) for step in steps)


def paragraph(content: str) -> str:
    """Wrap HTML into a paragraph."""
    return f"<p>{content}</p>"


def without_tags(fragment: str) -> str:
    """Return what of an HTML fragment is read."""
    return _TAG.sub("", fragment)


def packed(fragments: Sequence[str]) -> list[range]:
    """Return the runs of fragments that fit one item of a list each, in order.

    A fragment that is too long for an item makes one alone; one item takes all where they fit.
    """
    runs: list[range] = []
    length = 0
    for place, fragment in enumerate(fragments):
        added = len(without_tags(fragment))
        if runs and length + added <= _DENSE_CHARACTERS:
            runs[-1] = range(runs[-1].start, place + 1)
        else:
            runs.append(range(place, place + 1))
            length = 0
        length += added
    return runs


def bullet_list(items: Iterable[str]) -> str:
    """Return a bullet list of HTML items, empty when there are none."""
    return _list_of(items, "<ul>", "</ul>")


def checklist(items: Iterable[str]) -> str:
    """Return a list people tick off, empty when there are no items."""
    return _list_of(items, '<ul class="checklist">', "</ul>")


def numbered_list(items: Iterable[str]) -> str:
    """Return a numbered list of HTML items, empty when there are none."""
    return _list_of(items, "<ol>", "</ol>")


def extended_list(numbered: str, items: Iterable[str]) -> str:
    """Return a numbered list with further items behind its own; it may be empty before."""
    added = "".join(f"<li>{item}</li>" for item in items if item)
    return f"{(numbered or '<ol></ol>').removesuffix('</ol>')}{added}</ol>" if added else numbered


def _list_of(items: Iterable[str], begin: str, end: str) -> str:
    body = "".join(f"<li>{item}</li>" for item in items if item)
    return f"{begin}{body}{end}" if body else ""
