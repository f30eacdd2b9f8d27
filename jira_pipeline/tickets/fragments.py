"""What generated sentences and parts are made of: English, and HTML around it.

Belongs here: counts, lists, articles, nouns for what rows are about; escaping, quoting whole
sentences, naming rows, and the few shapes a part is made of. Cells are data: everything passes
`text` before it is markup. Does not: wording (`claims`), or turning HTML into ADF (`jira/adf`).
"""

import html
import re
from collections.abc import Callable, Iterable, Sequence

from jira_pipeline.drupal.meaning.notes import number_words, readable, word_list
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, sheet_noun
from jira_pipeline.tickets.questions.question_index import name_of
from jira_pipeline.tickets.questions.row_questions import joined

_LIST_MARK = re.compile(r"^[-*•] (?=\w)")
_MARKED = re.compile(r"`([^`]+)`")
_ABBREVIATIONS = word_list("abbreviations") | word_list("abbreviations_inside")
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


def _list_of(items: Iterable[str], begin: str, end: str) -> str:
    body = "".join(f"<li>{item}</li>" for item in items if item)
    return f"{begin}{body}{end}" if body else ""


def number(count: int) -> str:
    """Return a count as a word up to twelve, in digits above."""
    words = ("no", "one", *number_words())
    return words[count] if count <= _IN_WORDS_MAX else str(count)


def plural(noun: str) -> str:
    """Return the plural of a noun phrase by its last word."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(?:s|x|ch|sh)$", noun) else "s")


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun: `one field`, `13 vocabularies`."""
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def listed(items: Iterable[str], *, word: str = "and") -> str:
    """Join items as a sentence does."""
    return joined([*items], word)


def capitalised(sentence: str) -> str:
    """Return the sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def noun_of(head: Entity) -> str:
    """Return what a thing that a ticket is about is: `content type`, `view`, a sheet's own noun."""
    if head.kind is EntityKind.CUSTOM:
        return sheet_noun(head.source.file)
    return bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value.replace("_", " ")


def kinds_named(heads: Sequence[Entity], *, called: Callable[[Entity], str]) -> str:
    """Name things beside what they are, as a view often has the name of what it lists."""
    kinds: dict[str, list[str]] = {}
    for head in heads:
        kinds.setdefault(noun_of(head), []).append(called(head))
    return listed(
        [
            f"the {noun if len(names) == 1 else plural(noun)} {listed(names)}"
            for noun, names in kinds.items()
        ]
    )


def bundle_noun(kind: BundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    return str(kind or "bundle").casefold()
