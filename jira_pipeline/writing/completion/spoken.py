"""What sentences about a session may name, and text that others may cite.

Belongs here: looking names and quotations up, whole word by whole word, and the marks of what is
cited; words to compare by, in lower case, in the singular, with straight quotes; the names of a
session, of Drupal's pages and of our phrases. Does not: lists of words, what becomes of a citation
that is not there (`prose_checks`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.meaning.modules_and_types import (
    listed_in,
    modules,
    names_of,
    paths_of_core,
    types_meant,
)
from jira_pipeline.drupal.meaning.notes import singular, word_list
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import Entity, SourceWord, containing_file, sheet_title
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.tickets.claims.claim import phrases
from jira_pipeline.tickets.group_facts import SessionFacts
from jira_pipeline.tickets.grouping.component_rows import PACKAGE_KINDS
from jira_pipeline.tickets.questions.question_index import name_of, once_per_session
from jira_pipeline.writing.completion.prompt import TicketToComplete, plain_of, prompt_instructions

MARKED = re.compile(r"`([^`]*)`")
QUOTED = re.compile(
    r"“([^“”]*)”|\"([^\"]*)\"|(?<![\w’'])['\u2018]([^'\u2019\u2018]*)['\u2019](?!\w)"
)
LITERAL = re.compile(rf"`[^`]*`|{QUOTED.pattern}")
"""Whichever begins first: a quotation may hold marks, and a mark quotation marks."""
ADDRESS = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://|www\.|(?<![\w./])//?(?=\w))[^\s`“”\"<>()]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+[\w.-]*\w",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"…|\.\.\.")
_AROUND_QUOTE = " .,;:!?"

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STRAIGHT = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "}


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Some text, normalised."""

    text: str

    @cached_property
    def folded(self) -> str:
        """In lower case."""
        return self.text.casefold()

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(singular(word) for word in WORD.findall(self.text))

    def has(self, text: str) -> bool:
        """Tell whether it has a text as whole words, whatever its case."""
        return _is_in(normalised(text).casefold(), self.folded)

    def has_exactly(self, text: str) -> bool:
        """Tell whether it has a text as whole words, letter by letter."""
        return _is_in(normalised(text), self.text)


def parts_of_quote(match: re.Match[str]) -> list[str]:
    """Return what is between quotation marks, in parts where an ellipsis leaves words out."""
    quote = next(group for group in match.groups() if group is not None)
    parts = [part.strip(_AROUND_QUOTE) for part in _ELLIPSIS.split(quote)]
    return [part for part in parts if part]


def _is_in(text: str, passage: str) -> bool:
    start = passage.find(text) if text else -1
    while start >= 0:
        end = start + len(text)
        is_begun = not (_is_word(text[0]) and _is_word(passage[start - 1 : start]))
        is_ended = not (_is_word(text[-1]) and _is_word(passage[end : end + 1]))
        if is_begun and is_ended:
            return True
        start = passage.find(text, start + 1)
    return False


def _is_word(character: str) -> bool:
    """Tell whether a character goes on a word; there is none before the first one."""
    return character.isalnum() or character == "_"


def normalised(text: str) -> str:
    """Return a text on one line, with straight quotes, without characters that nobody sees."""
    return " ".join(without_hidden(text).translate(_STRAIGHT).split())


EXAMPLE_HOSTS = re.compile(r"(?:https?://)?(?:www\.)?example\.(?:com|org|net)(?:/|$)")
"""Reserved for examples. Source: RFC 2606."""
VALUE_COLUMNS = ("Field type", "Form widget", "Display plugin")


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What sentences about a session may name."""

    whole: Passage
    words: frozenset[str]
    """With the words of Drupal's administration, of our phrases and of the instructions."""
    by_name: Mapping[str, Sequence[Entity]]
    by_label: Mapping[str, Sequence[Entity]]
    """Rows by label with its type and without, in lower case."""
    values: Mapping[str, frozenset[str]]
    """What the cells of some columns say, in lower case."""
    is_of_drupal: bool
    """Whether core's own pages are known, whatever the rows say."""


@once_per_session
def spoken(session: SessionFacts) -> Spoken:
    rows = session.specification.entities
    cells = [cell for row in rows for cell in (row.label, *row.cells.values()) if cell]
    titles = [group.title for group in session.groups.values()]
    titles += [name for row in rows for name in _names_in_package(row)]
    is_of_drupal = session.source_word is SourceWord.SHEETS
    if is_of_drupal:
        titles += [
            *listed_in("words_of_core", "labels"),
            *(module.label for module in modules().values()),
        ]
    text = normalised("\n".join(dict.fromkeys([*cells, *titles, session.site_name])))
    whole = Passage(text=f"{text}\n{normalised(session.site_description)}")
    ours = " ".join(form for forms in phrases().values() for form in forms.values())
    columns = " ".join(dict.fromkeys(column for row in rows for column in row.cells))
    named: dict[str, list[Entity]] = {}
    labelled: dict[str, list[Entity]] = {}
    for row in rows:
        for name in {row.machine_name, *_names_in_package(row)}:
            named.setdefault(name, []).append(row)
        for label in {row.label.casefold(), name_of(row).casefold()}:
            labelled.setdefault(label, []).append(row)
    kinds = ("list_types", "reference_types", "types_without_value", "types_never_empty")
    values = {c: frozenset(r.cell(c).casefold() for r in rows) - BLANK for c in VALUE_COLUMNS}
    values["Field type"] |= frozenset(types_meant()).union(*map(names_of, kinds))
    values["Form widget"] |= names_of("widgets_of_core")
    values["Form widget"] |= names_of("media_sources", "widgets")
    return Spoken(
        whole=whole,
        words=whole.words
        | Passage(text=plain_of(f"{ours} {columns}")).words
        | Passage(text=prompt_instructions(session.source_word)).words
        | word_list("capitalised_words"),
        by_name=named,
        by_label=labelled,
        values=values,
        is_of_drupal=is_of_drupal,
    )


def _names_in_package(row: Entity) -> tuple[str, ...]:
    """Return what a row of a package names beside its values: its place, and its settings."""
    if row.kind not in PACKAGE_KINDS:
        return ()
    place = sheet_title(row.source.file)
    settings = (*row.cells, *(column.rpartition(".")[2] for column in row.cells))
    return (containing_file(row.source.file), place, place.replace("/", ":", 1), *settings)


def is_path_known(path: str, known: Spoken) -> bool:
    """Tell a path of the rows, or of Drupal itself, from an invented one."""
    is_of_core = known.is_of_drupal and paths_of_core().fullmatch(path.rstrip("/"))
    return bool(EXAMPLE_HOSTS.match(path) or known.whole.has(path) or is_of_core)


def rows_meant(name: str, ticket: TicketToComplete, text: str) -> Sequence[Entity]:
    """Return the rows that a machine name may mean in a text: of the ticket and of what it names."""
    site = spoken(ticket.facts.session)
    rows = site.by_name.get(name, ())
    head_keys = {row.key for row in ticket.facts.group.heads}
    folded, by_key = text.casefold(), ticket.facts.session.specification.by_key
    keys = {row.owner_key for row in rows}
    owners = ((key, owner) for key in keys for owner in by_key.get(key or "", ()))
    named_keys = {key for key, owner in owners if name_of(owner).casefold() in folded}
    near = [
        r
        for r in rows
        if r.owner_key in named_keys or not head_keys.isdisjoint({r.key, r.owner_key})
    ]
    return near or rows
