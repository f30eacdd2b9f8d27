"""A view that changes while none of its displays does: its own row has to say what.

Source: the statuses of rows, `X`.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import view_to_change
from jira_pipeline.drupal.meaning.notes import changes_in
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity, Status


class ViewChange(StrEnum):
    """The fact: what says how a view changes."""

    NONE = "its row is not to be changed"
    BY_DISPLAYS = "a display of it changes, comes or goes"
    BY_ITS_ROW = "the note of its row says it"
    UNSAID = "nothing says it"


def change_of(view: Entity, rows: GroupRows) -> ViewChange:
    """Read from the rows of a view and its displays what says how it changes."""
    if view.status is not Status.CHANGED:
        return ViewChange.NONE
    if any(display.status is not Status.IMPLEMENTED for display in rows.group.members):
        return ViewChange.BY_DISPLAYS
    if has_prose(view) or changes_in(note_of(view)):
        return ViewChange.BY_ITS_ROW
    return ViewChange.UNSAID


# What follows from it.


def ask(view: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes of a view with the status *changed* whose rows do not say it.

    `What changes in “Boats”? It is marked as changed, its displays are not.`
    """
    match change_of(view, rows):
        case ViewChange.UNSAID:
            yield question_about("views.changed_alone", view)
        case ViewChange.NONE | ViewChange.BY_DISPLAYS | ViewChange.BY_ITS_ROW:
            return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what says how the view changes."""
    yield StatedFact(fact=change_of(view.head, view.ticket.group_rows), rows=(view.head,))


RULE = Rule(
    key="view.changed",
    facts=facts,
    asked_rows=view_to_change,
    ask=ask,
)
