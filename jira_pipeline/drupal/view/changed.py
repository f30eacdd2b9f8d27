"""A view that changes while none of its displays does: its own row has to say what.

Source: the statuses of rows, `X`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.asked_rows import view_to_change
from jira_pipeline.drupal.meaning.notes import changes_in
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity, Status


def ask(view: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes of a view whose displays stay, where its row says nothing of it."""
    if view.status is not Status.CHANGED:
        return
    if any(display.status is not Status.IMPLEMENTED for display in rows.group.members):
        return  # a display that changes or comes is what changes
    if not has_prose(view) and not changes_in(note_of(view)):
        yield question_about("views.changed_alone", view)


RULE: Rule[object] = Rule(
    key="view.changed",
    asked_rows=view_to_change,
    ask=ask,
)
