"""The note of a display: what people say of it in words, where no column has it.

Its path, and that it is disabled, are read; whoever builds the display, and whoever tries it, is
sent to the row for the rest.

Source: Drupal core, `path` and `enabled` of `views.view.*.display.*.display_options`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.form import form_of
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model import columns
from jira_pipeline.model.entities import Entity

COLUMN = replace(columns.NOTES, loss="what displays show, filter and sort")


# The fact: what the note of a display says in words.


@dataclass(frozen=True, slots=True)
class Note:
    """How the display is to be: words that leave nothing open."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenNote:
    """Words that leave something open."""

    text: str


@dataclass(frozen=True, slots=True)
class NoWords:
    """Nothing beside what is read by its shape, such as a path, or that nothing changes."""


DisplayNote: TypeAlias = Note | OpenNote | NoWords


def note_fact_of(display: Entity) -> DisplayNote:
    """Read what the note of a display says in words."""
    if not has_prose(display):
        return NoWords()
    note = note_of(display)
    return OpenNote(note) if LEFT_OPEN.search(note) else Note(note)


def says_how(display: Entity) -> bool:
    """Tell whether a note says how a display is to be."""
    return isinstance(note_fact_of(display), Note)


# What follows from it.


def check(view: TicketView) -> tuple[Claim, ...]:
    """Claim that the displays of an enabled view are as their notes say.

    `page_1 works as the note of its row says.`
    """
    if is_disabled(view.head):
        return ()
    displays = [row.display for row in form_of(view.ticket.group)]
    noted = [display for display in displays if says_how(display)]
    return claims_about("verification.view_noted", noted, COLUMN.name)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what the note of each display says in words."""
    return facts_by_row(note_fact_of, view.displays)


COUNTERPART = Counterpart(
    how=Comparison.PATH, where="`path` and `enabled` of the display", reads_blank=True
)
RULE = Rule(
    key="view.display_note",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)
