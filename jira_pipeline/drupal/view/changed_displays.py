"""A display of a view that the site has already: it stays, changes or goes.

A note may say in words what changes; where a comparison of two exports wrote the columns into the
row, these are named by another rule. A display that changes is never added anew.

Source: the statuses of rows, `X`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.asked_rows import displays_of_view_to_change
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.display_settings import has_settings
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.meaning.notes import changes_in
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.display_note import says_how
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import NOTE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.entities import Entity, Status


def says_what_changes(display: Entity) -> bool:
    """Tell whether the row of a changed display says what changes: a note or a setting does."""
    return has_prose(display) or has_settings(display) or bool(changes_in(note_of(display)))


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes of a display whose row says nothing of it."""
    if display.status is Status.CHANGED and not says_what_changes(display):
        yield question_about(
            "views.changed", display, STATUS_COLUMN, quote="c", view=name_of(rows.head)
        )


def say(view: TicketView) -> Iterator[Claim]:
    """Say which displays are there, how those to change do so, and which go."""
    if is_ticket_as_shipped(view):
        return
    on_site = view.with_status(Status.IMPLEMENTED)
    yield from claims_about("analysis.view_there", on_site, STATUS_COLUMN)
    yield from _claims_of_notes("analysis.view_changed_so", view)
    unexplained = []
    for display in view.with_status(Status.CHANGED):
        if not says_how(display) and not changes_in(note_of(display)):
            unexplained.append(display)
    yield from claims_about("analysis.view_changed", unexplained, STATUS_COLUMN)
    yield from claims_about("analysis.view_gone", view.gone, STATUS_COLUMN)


def check(view: TicketView) -> Iterator[Claim]:
    """Claim that displays have changed as their notes say."""
    return _claims_of_notes("verification.view_changed_so", view)


def _claims_of_notes(key: str, view: TicketView) -> Iterator[Claim]:
    """Quote the note of each changed display that says how it changes."""
    for display in view.with_status(Status.CHANGED):
        if says_how(display):
            yield from claims_about(key, (display,), *NOTE_COLUMNS, said=quoted(note_of(display)))


RULE = Rule(
    key="view.changed_displays",
    say=say,
    asked_rows=displays_of_view_to_change,
    ask=ask,
    check=check,
)
