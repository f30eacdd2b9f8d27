"""The HTML and the English inside the sentences of a ticket.

Belongs here: escaping cells, code and quotation marks, naming rows, lists, counts and plurals. Does
not: whole sentences (`claims`), turning HTML into ADF (`jira/adf`). Cells are data: everything
passes `text` before it is markup.
"""

import html
import re
from collections.abc import Callable, Iterable

from jira_pipeline.drupal.meaning.notes import number_words, readable
from jira_pipeline.drupal.row_names import joined, name_of
from jira_pipeline.model.entities import Entity

_LIST_MARK = re.compile(r"^[-*•] (?=\w)")
_MARKED = re.compile(r"`([^`]+)`")
_INNER_MARKS = str.maketrans("“”", "\u2018\u2019")
"""A quotation inside a quotation."""
_IN_WORDS_MAX = 12


def text(cell: str) -> str:
    """Return a cell as literal HTML text on one line."""
    return html.escape(" ".join(cell.split()), quote=False)


def code(name: str) -> str:
    """Return a machine name or another literal as code."""
    return f"<code>{text(name)}</code>"


def quoted(cell: str) -> str:
    """Return what a cell says between quotation marks, as a reader sees it, without its stop."""
    words = _LIST_MARK.sub("", readable(cell)).translate(_INNER_MARKS).rstrip()
    if words.endswith(", ..."):
        words = f"{words[:-3]}…"
    return text(f"“{words.rstrip('. ')}”")


def with_code(sentence: str) -> str:
    """Turn a plain sentence with backticks around literals into HTML."""
    return _MARKED.sub(r"<code>\1</code>", text(sentence))


def menu_path(*steps: str) -> str:
    """Return the way through Drupal's administration menu."""
    return " \u203a ".join(text(step) for step in steps)


def named(row: Entity) -> str:
    """Name one row: its machine name as code, its label in quotation marks without one."""
    return code(row.machine_name) if row.has_machine_name else quoted(name_of(row))


def codes(rows: Iterable[Entity]) -> str:
    """Name rows in a sentence, once each."""
    return listed(dict.fromkeys(named(row) for row in rows))


def label_and_name(row: Entity) -> str:
    label = text(name_of(row))
    return f"{label} {code(row.machine_name)}" if row.has_machine_name else label


def label_with_name(row: Entity) -> str:
    """Name what goes by both: `“Publish” (publish)`; others may have the same label."""
    label = quoted(name_of(row))
    return f"{label} ({code(row.machine_name)})" if row.has_machine_name else label


def labels(rows: Iterable[Entity], *, shown: Callable[[str], str] = text) -> str:
    """Name rows by their labels, once each."""
    return listed(dict.fromkeys(shown(name_of(row)) for row in rows))


def list_html(items: Iterable[str], element: str = "ul", attributes: str = "") -> str:
    """Return a list of HTML items, empty where there are none."""
    lines = [f"<li>{line}</li>" for line in items if line]
    return f"<{element}{attributes}>{''.join(lines)}</{element}>" if lines else ""


def number(count: int) -> str:
    """Return a count as a word up to twelve, in digits above."""
    words = ("no", "one", *number_words())
    return words[count] if count <= _IN_WORDS_MAX else str(count)


def plural(noun: str) -> str:
    """Return the plural of a noun phrase by its last word."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(?:s|x|ch|sh)$", noun) else "s")


def listed(items: Iterable[str], *, word: str = "and") -> str:
    """Join items as a sentence does."""
    return joined([*items], word)


def capitalised(sentence: str) -> str:
    """Return the sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]
