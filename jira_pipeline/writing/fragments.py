"""HTML fragments of ticket parts. Cells are data: everything passes `text` before it is markup.

Belongs here: escaping, quoting whole sentences, naming rows, and the few shapes a part is made of.
Does not: wording (`claims`), or turning HTML into ADF (`jira/adf`).
"""

import html
import re
from collections.abc import Iterable

from jira_pipeline.model.entities import Entity
from jira_pipeline.sources.drupal.notes import readable, word_list
from jira_pipeline.sources.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.writing.english import listed

_LIST_MARK = re.compile(r"^[-*•] (?=\w)")
_MARKED = re.compile(r"`([^`]+)`")
_ABBREVIATIONS = word_list("abbreviations") | word_list("abbreviations_inside")
_INNER_MARKS = str.maketrans("“”", "\u2018\u2019")
"""A quotation inside a quotation."""


def text(cell: str) -> str:
    """Return a cell as literal HTML text on one line."""
    return html.escape(" ".join(cell.split()), quote=False)


def code(name: str) -> str:
    """Return a machine name or another literal as code."""
    return f"<code>{text(name)}</code>"


def quoted(cell: str) -> str:
    """Return what a cell says between quotation marks, as a reader sees it, without its stop."""
    return text(quotation(cell))


def quotation(cell: str) -> str:
    """Return a quotation as plain text, for a sentence that is escaped as a whole."""
    words = _LIST_MARK.sub("", readable(cell)).translate(_INNER_MARKS).rstrip()
    last = re.split(r"[\s(/]", words)[-1].removesuffix(".")
    if words.endswith(", ..."):
        words = f"{words[:-3]}…"
    return f"“{words if last in _ABBREVIATIONS else words.rstrip('. ')}”"


def with_code(sentence: str) -> str:
    """Turn a plain sentence with backticks around literals into HTML."""
    return _MARKED.sub(r"<code>\1</code>", text(sentence))


def menu_path(*steps: str) -> str:
    """Return the way through Drupal's administration menu."""
    return " \u203a ".join(text(step) for step in steps)


def named(row: Entity) -> str:
    """Name one row: its machine name as code, its label in quotation marks without one."""
    return code(row.machine_name) if is_machine_name_given(row) else quoted(name_of(row))


def codes(rows: Iterable[Entity]) -> str:
    """Name rows in a sentence, once each."""
    return listed(list(dict.fromkeys(named(row) for row in rows)))


def label_and_name(row: Entity) -> str:
    """Name one row by its label, and by its machine name where it has one."""
    label = text(name_of(row))
    return f"{label} {code(row.machine_name)}" if is_machine_name_given(row) else label


def paragraph(content: str) -> str:
    """Wrap HTML into a paragraph."""
    return f"<p>{content}</p>"


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
    """Return a numbered list with further items after its own; it may be empty before."""
    added = "".join(f"<li>{item}</li>" for item in items if item)
    return f"{(numbered or '<ol></ol>').removesuffix('</ol>')}{added}</ol>" if added else numbered


def _list_of(items: Iterable[str], begin: str, end: str) -> str:
    body = "".join(f"<li>{item}</li>" for item in items if item)
    return f"{begin}{body}{end}" if body else ""
