"""The note of a view mode: what it shows, that is which fields, in which order and format.

No column says that. A note may say it by bundles: `Boat: name, photo; Crew: photo`.

Source: Drupal core, `content` in `core.entity_view_display.*`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import view_modes_to_build
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.markup import code, listed
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN, OF_MODULE
from jira_pipeline.drupal.providers import AddedByHand
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.drupal.view_mode.provider import provider_of
from jira_pipeline.drupal.view_mode.used_on import COLUMN as USED_ON, bundles_there, bundles_using
from jira_pipeline.model import columns
from jira_pipeline.model.columns import CHANGED_COLUMNS, NOTE_COLUMNS
from jira_pipeline.model.entities import Entity, Status
from jira_pipeline.model.line_numbers import citation_html, places_cited

COLUMN = replace(columns.NOTES, loss="what view modes show")


_NOTHING = "nothing"
"""As `sheets` writes of a bundle that shows no field in a mode."""
_SHOWN_FIELD = re.compile(
    rf"(?P<name>[a-z]\w*_\w+|[a-z]\w*(?= \())(?:{OF_MODULE})?(?: \([^()]*\))?"
)
"""As `sheets` writes a field with its formatter: `field_hull (string)`, `body (text_default)`."""
_FIELDS_NAMED_MAX = 8
"""Nobody ticks off a sentence with more; the one that was looked at had 67."""

# The fact: what the row of a view mode says of what it shows.


@dataclass(frozen=True, slots=True)
class Note:
    """Words that say what the mode shows."""

    text: str
    """Without lines that only name changed columns."""


@dataclass(frozen=True, slots=True)
class OpenNote:
    """Words that leave open what it shows: people are asked what they mean."""

    text: str


@dataclass(frozen=True, slots=True)
class NoNote:
    """No word."""


NoteFact: TypeAlias = Note | OpenNote | NoNote


def note_fact_of(mode: Entity) -> NoteFact:
    """Read what a row says of what a view mode shows."""
    note = note_of(mode)
    if not note:
        return NoNote()
    if LEFT_OPEN.search(note):
        return OpenNote(note)
    lines = [line for line in note.splitlines() if not line.startswith(CHANGED_COLUMNS)]
    return Note("\n".join(lines).rstrip(". "))


# What follows from it.


def ask(mode: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what a new view mode shows, unless its row or the module that brings it says it.

    `What does “Card” show: which fields, in which order and format?`
    """
    is_added = mode.status is Status.APPROVED and provider_of(mode) == AddedByHand()
    if is_added and note_fact_of(mode) == NoNote():
        yield question_about("lists.shows", mode)


def check(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim that view modes show what their notes say, if a bundle that is there by then uses them.

    `“Card” shows what the note of its row says.`
    """
    bundles = bundles_there(ticket)
    keys_there = {bundle.key for bundle in bundles}
    modes = []
    for mode in ticket.to_build:
        keys = {bundle.key for bundle in bundles_using(mode, ticket)}
        if not keys or keys & keys_there:
            modes.append(mode)
    return claims_of_notes(modes, bundles)


def claims_of_notes(modes: Iterable[Entity], bundles: Iterable[Entity]) -> tuple[Claim, ...]:
    """Claim that modes show on some bundles what their notes say; the table has the words.

    `“Card” and “Teaser” show what the notes of their rows say.` Modes that are used nowhere, those
    that show nothing on these bundles, and those whose note leaves something open are left out.
    """
    names: set[str] = set()
    for bundle in bundles:
        names.update({bundle.label, name_of(bundle)})
    noted = []
    for mode in modes:
        if mode.cell(USED_ON.name) and _shows_something(mode, names):
            noted.append(mode)
    return claims_about("verification.mode_noted", noted, *NOTE_COLUMNS)


def claims_on_bundle(modes: Iterable[Entity], bundle: Entity) -> Iterator[Claim]:
    """Claim what modes show on one bundle, in its ticket, whose tables have no row of a mode.

    `On Manage display, “Card” shows field_hull and field_mast, and nothing else.` Where a note lists
    more fields, or says it in words, the claim names its place.
    """
    names = {bundle.label, name_of(bundle)}
    elsewhere = []
    for mode in modes:
        if not mode.cell(USED_ON.name) or not _shows_something(mode, names):
            continue
        fields = _fields_listed(mode, names)
        if 0 < len(fields) <= _FIELDS_NAMED_MAX:
            shown = listed([code(field) for field in fields])
            yield from claims_about("verification.mode_fields", [mode], *NOTE_COLUMNS, fields=shown)
        else:
            elsewhere.append(mode)
    place = citation_html(places_cited([mode.source for mode in elsewhere]))
    yield from claims_about("verification.mode_noted_there", elsewhere, *NOTE_COLUMNS, place=place)


def _fields_listed(mode: Entity, bundle_names: AbstractSet[str]) -> Sequence[str]:
    """Return what a mode shows by machine names, as `sheets` writes it; nothing of other words."""
    fields = []
    for part in note_of(mode).rstrip(". ").split("; "):
        name, _, shown = part.partition(": ")
        if name not in bundle_names:
            continue
        for listed_field in split_names(shown):
            field = _SHOWN_FIELD.fullmatch(listed_field)
            if field is None or field["name"] == _NOTHING:
                return ()
            fields.append(field["name"])
    return fields


def _shows_something(mode: Entity, bundle_names: AbstractSet[str]) -> bool:
    """Tell whether the note of a view mode says what it shows on one of these bundles, or on any."""
    match note_fact_of(mode):
        case Note(text):
            parts = [part.partition(": ") for part in text.split("; ")]
            shown = [what for name, _, what in parts if name in bundle_names]
            return not shown or any(what != _NOTHING for what in shown)
        case OpenNote() | NoNote():
            return False


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what the row of each view mode says of what it shows."""
    return facts_by_row(note_fact_of, ticket.to_build)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="fields and formatters of these displays, in order",
    form=(
        r"No display of this mode is enabled\."
        r"|(?:[^;:]+: (?:nothing|laid out with Layout Builder|[a-z]\w* ?[^;]*)(?:; |$))+"
    ),
)
RULE = Rule(
    key="view_mode.note",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=view_modes_to_build,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
