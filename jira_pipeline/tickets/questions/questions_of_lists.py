"""Certain questions of workflows, roles, styles and view modes, and those of any row (`rows.…`).

Belongs here: what the cells leave open or contradict, without reading English. Does not: words
(`drupal/words`), joining rows into one question (`found_questions`).
"""

from collections.abc import Iterator

from jira_pipeline.drupal.meaning.modules_and_types import (
    broken_rule,
    is_base_field,
)
from jira_pipeline.drupal.row_names import accepted_name
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import (
    Entity,
    EntityKind,
    Status,
)
from jira_pipeline.tickets.questions.question_rules import rule


@rule("lists.machine_name")
def machine_name(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about a machine name that Drupal's form refuses."""
    is_named = not is_base_field(row) and row.cell("Field type")
    if row.status is not Status.APPROVED or (row.kind is EntityKind.FIELD and not is_named):
        return
    if broken := rows.index.breaks_rule(row):
        name = accepted_name(row.machine_name, row.kind)
        is_taken = row.owner_key in rows.index.owners_by_name.get((row.kind, name), ())
        answer = "" if is_taken or broken_rule(row.kind, name) else name
        yield question_about("lists.machine_name", row, answer=answer, rule=broken)
