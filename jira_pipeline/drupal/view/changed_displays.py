"""A display of a view that the site has already: it stays, changes or goes.

A note may say in words what changes; where a comparison of two exports wrote the columns into the
row, these are named by another rule. A display that changes is never added anew.

Source: the statuses of rows, `X`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import displays_of_view_to_change
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.display_settings import has_settings
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.meaning.notes import changes_in
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.display_note import says_how
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import NOTE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.entities import Entity, Status

# The fact: what becomes of a display, by its row.


@dataclass(frozen=True, slots=True)
class NotChanged:
    """It stays as it is, comes, goes or waits."""

    status: Status


@dataclass(frozen=True, slots=True)
class ChangedAsNoted:
    """It changes, and its note says in words how it is to be."""

    note: str


@dataclass(frozen=True, slots=True)
class ChangedColumns:
    """It changes in columns that a comparison of two exports named."""

    columns: str


@dataclass(frozen=True, slots=True)
class OpenChange:
    """It changes; a setting or an open question in its note may say what."""


@dataclass(frozen=True, slots=True)
class UnknownChange:
    """It changes, and its row says nothing of it."""


DisplayChange: TypeAlias = NotChanged | ChangedAsNoted | ChangedColumns | OpenChange | UnknownChange


def change_of(display: Entity) -> DisplayChange:
    """Read from the row of a display what becomes of it."""
    if display.status is not Status.CHANGED:
        return NotChanged(display.status)
    if says_how(display):
        return ChangedAsNoted(note_of(display))
    columns = changes_in(note_of(display))
    if columns:
        return ChangedColumns(columns)
    if has_prose(display) or has_settings(display):
        return OpenChange()
    return UnknownChange()


# What follows from it.


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes of a display with the status *changed* whose row does not say it.

    `What changes in page_1 of “Boats”? It is marked as changed.`
    """
    match change_of(display):
        case UnknownChange():
            yield question_about(
                "views.changed", display, STATUS_COLUMN, quote="c", view=name_of(rows.head)
            )
        case NotChanged() | ChangedAsNoted() | ChangedColumns() | OpenChange():
            return


def say(view: TicketView) -> Iterator[Claim]:
    """Say which displays are on the site already, what changes of them, and which are deleted.

    `page_1 is there already; change it, do not add it anew.`, `Change page_2, which is there
    already, as its note says: 20 items.`, `Delete the display block_1, if it is there.`
    """
    if is_ticket_as_shipped(view):
        return
    on_site = view.with_status(Status.IMPLEMENTED)
    yield from claims_about("analysis.view_there", on_site, STATUS_COLUMN)
    for display in _changed_as_noted(view):
        yield from claims_about(
            "analysis.view_changed_so", (display,), *NOTE_COLUMNS, said=quoted(note_of(display))
        )
    unexplained = []
    for display in view.live:
        if isinstance(change_of(display), OpenChange | UnknownChange):
            unexplained.append(display)
    yield from claims_about("analysis.view_changed", unexplained, STATUS_COLUMN)
    yield from claims_about("analysis.view_gone", view.gone, STATUS_COLUMN)


def check(view: TicketView) -> tuple[Claim, ...]:
    """Claim that displays have changed as their notes say.

    `page_2 has changed as the note of its row says.`
    """
    return claims_about("verification.view_changed_so", _changed_as_noted(view), *NOTE_COLUMNS)


def _changed_as_noted(view: TicketView) -> list[Entity]:
    """Return the changed displays whose notes say how they change."""
    return [display for display in view.live if isinstance(change_of(display), ChangedAsNoted)]


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what becomes of each display, of those to remove or on hold, too."""
    return facts_by_row(change_of, view.ticket.group.members)


RULE = Rule(
    key="view.changed_displays",
    facts=facts,
    say=say,
    asked_rows=displays_of_view_to_change,
    ask=ask,
    check=check,
)
