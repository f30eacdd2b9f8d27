"""A new workflow none of whose states and transitions is to be built: a row with the wrong status.

Drupal takes a workflow without rows, so nothing fails; whoever reads the sheet has to say which of
the rows is wrong.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import workflow_asked
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import Entity


class RowsBuilt(StrEnum):
    """The fact: what the statuses of its rows say of a new workflow."""

    SOME = "some of its rows are built, or it has none"
    NONE = "it has rows, and none of them is built"


def rows_built(rows: GroupRows) -> RowsBuilt:
    """Read from the rows of a new workflow whether any of them is built."""
    if rows.group.is_hollow and rows.group.members:
        return RowsBuilt.NONE
    return RowsBuilt.SOME


def ask(workflow: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a new workflow is built of whose states and transitions none is to be built.

    `“Plain” is approved, but none of its states and transitions are: should it be built?`
    """
    if rows_built(rows) is RowsBuilt.NONE:
        yield question_about("lists.hollow", workflow)


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield whether any row of the workflow is built."""
    yield StatedFact(fact=rows_built(workflow.group_rows), rows=(workflow.workflow,))


RULE = Rule(key="workflow.hollow", facts=facts, asked_rows=workflow_asked, ask=ask)
