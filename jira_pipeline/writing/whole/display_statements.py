"""What a sentence says of the displays of a view, against the cells of the rows that it rests on.

A sentence of a whole answer names its rows, so what it says of “the block” can be held against the
block's own cells, although it does not name it.

Belongs here: who sees a display, where it is placed, which module installs a view. Does not: what is
said right beside the name of a row (`completion/prose_checks`), what becomes of it (`judging`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.meaning.notes import word_list
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.site.view_places import NOWHERE
from jira_pipeline.drupal.view.access import COLUMN as ACCESS
from jira_pipeline.drupal.view.path import COLUMN as PLACE
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.writing.completion.prompt import TicketToComplete
from jira_pipeline.writing.completion.prose_checks import MARKED, WORD, has_words, normalised

_WITHOUT_PERMISSION = re.compile(
    r"without (?:the )?(?:permission )?[“`](?P<permission>[^”`]+)[”`](?: permission)? "
    r"(?:sees|opens|reaches|finds|gets|uses|may|can (?!not))"
)
_PLACED = re.compile(
    r"(?<!not )\b(?:is|are) placed (?:in|on|at|above|below|beside) (?P<place>[^.,;]+)"
)
_INSTALLS = re.compile(
    r"(?P<module>(?:[A-Z][\w.]*[ -]?)+) module (?:installs|provides|brings|ships)\b"
)
_PERMISSION_ASKED = re.compile(r"\b(?:which|what) (?:permission|role)s?\b[^.]*\?", re.IGNORECASE)
_STATED_ACCESS = re.compile(r"permission (?P<permission>.+)|roles .+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayFault:
    """Something that a sentence says of displays and no cell says."""

    text: str
    is_certain: bool
    """A cell says otherwise; else no cell says it."""


def display_faults(
    sentence: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Iterator[DisplayFault]:
    """Say what a sentence that rests on `rows` says otherwise than the cells of their displays."""
    displays = _displays_meant(sentence, rows, ticket)
    yield from _faults_of_access(sentence, displays)
    yield from _faults_of_place(sentence, displays)
    for match in _INSTALLS.finditer(sentence):
        module = match["module"].strip().removeprefix("The ")
        if not _is_named_by_rows(module, rows, ticket):
            yield DisplayFault(text=f"no row says what {module} installs", is_certain=False)


def answering_access(question: str, rows: Sequence[Entity]) -> str:
    """Say which cell answers who may see a display; empty where none does, or that is not asked."""
    if _PERMISSION_ASKED.search(question) is None:
        return ""
    for row in rows:
        cell = row.cell(ACCESS.name)
        if row.kind is EntityKind.VIEW_DISPLAY and _STATED_ACCESS.fullmatch(cell):
            return f"`{name_of(row)}`: {ACCESS.name} is {cell}"
    return ""


def _faults_of_access(sentence: str, displays: Sequence[Entity]) -> Iterator[DisplayFault]:
    """“Without “access content” a visitor sees it”: not where each display asks for just that."""
    for match in _WITHOUT_PERMISSION.finditer(sentence):
        permission = normalised(match["permission"]).casefold()
        needing = []
        for display in displays:
            stated = _STATED_ACCESS.fullmatch(display.cell(ACCESS.name))
            if stated and normalised(stated["permission"] or "").casefold() == permission:
                needing.append(display)
        if needing and len(needing) == len(displays):
            cell = needing[0].cell(ACCESS.name)
            fault = f"`{name_of(needing[0])}`: {ACCESS.name} is {cell}"
            yield DisplayFault(text=fault, is_certain=True)


def _faults_of_place(sentence: str, displays: Sequence[Entity]) -> Iterator[DisplayFault]:
    """“The block is placed in the sidebar”: a cell says so, or says where else, or none does."""
    for match in _PLACED.finditer(sentence):
        cells = []
        for display in displays:
            cell = display.cell(PLACE.name)
            # Content or code may place what no configuration does.
            if cell not in BLANK and cell != NOWHERE:
                cells.append(cell)
        if not cells:
            yield DisplayFault(text="no row says where it is placed", is_certain=False)
            continue
        words = _content_words(match["place"])
        is_in_a_cell = any(not words.isdisjoint(_content_words(cell)) for cell in cells)
        if words and not is_in_a_cell:
            fault = f"{PLACE.name} is {', '.join(dict.fromkeys(cells))}"
            yield DisplayFault(text=fault, is_certain=True)


def _content_words(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, without those that are in any text."""
    words = frozenset(word.casefold() for word in WORD.findall(text))
    return words - word_list("frequent_words")


def _is_named_by_rows(module: str, rows: Sequence[Entity], ticket: TicketToComplete) -> bool:
    """Tell whether a cell of some rows, or what the template says of the ticket, names a module."""
    texts = [cell for row in rows for cell in row.cells.values()]
    texts += ticket.sentences.values()
    folded = normalised("\n".join(texts)).casefold()
    return has_words(normalised(module).casefold(), folded)


def _displays_meant(
    sentence: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Sequence[Entity]:
    """Return the displays that a sentence names, else those it rests on, else the ticket's."""
    of_rows = [row for row in rows if row.kind is EntityKind.VIEW_DISPLAY]
    displays = of_rows or [
        row for row in ticket.facts.own_rows if row.kind is EntityKind.VIEW_DISPLAY
    ]
    names = set(MARKED.findall(sentence))
    return [row for row in displays if row.machine_name in names] or displays
