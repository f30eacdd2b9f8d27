"""Whether a view is to be built at all: its status is Disabled, or none of its displays is wanted.

Both look like a leftover of an older plan, and cost the work of a whole view if they are.
"""

import re
from collections.abc import Iterator

from jira_pipeline.drupal.asked_rows import view_asked
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.form import form_rows
from jira_pipeline.model.entities import GONE, Entity

_WAITING = re.compile(r"(?i)\b(?:waits?|until|later|once|when|after)\b")
"""What a note says of when a view comes."""


def ask(view: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about a view with displays to build that is disabled, or without any display."""
    if form_rows(rows) and is_disabled(view) and not _WAITING.search(note_of(view)):
        yield question_about("views.disabled", view)
    displays = rows.group.members
    if displays and all(display.status in GONE for display in displays):
        yield question_about("views.no_display", view)


RULE: Rule[object] = Rule(
    key="view.to_build",
    asked_rows=view_asked,
    ask=ask,
)
