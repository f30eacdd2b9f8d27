"""The note of a view mode: what it shows, that is which fields, in which order and format.

No column says that. A note may say it by bundles: `Boat: name, photo; Crew: photo`.

Source: Drupal core, `content` in `core.entity_view_display.*`.
"""

from collections.abc import Iterable, Iterator, Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import view_modes_to_build
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN
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

COLUMN = replace(columns.NOTES, loss="what view modes show")


_NOTHING = "nothing"
"""As `sheets` writes of a bundle that shows no field in a mode."""

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
    """Ask what a new view mode shows, unless what brings it says so."""
    is_added = mode.status is Status.APPROVED and provider_of(mode) == AddedByHand()
    if is_added and note_fact_of(mode) == NoNote():
        yield question_about("lists.shows", mode)


def check(ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim what the modes show that a bundle which is there uses, or of which none is known."""
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


def _shows_something(mode: Entity, bundle_names: AbstractSet[str]) -> bool:
    """Tell whether the note of a mode says what it shows on some of these bundles, or on any."""
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
