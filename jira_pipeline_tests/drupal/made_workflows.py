"""Rows of workflows for the cases of rules, in a few words each; read and grouped as uploaded sheets are.

Belongs here: making rows of the workflow *Plain*, and its ticket. Does not: what is asserted (the
test module of each rule).
"""

from collections.abc import Iterable, Sequence

from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import ticket_of_list
from jira_pipeline_tests.sheets.made_specifications import Row

MODERATION = "Content moderation"


def state(label: str, x: str = "a", **cells: str) -> Row:
    """Make the row of a state; `cells` are further columns."""
    row = {"Workflow": "Plain", "Label": label, "Machine name": label.casefold(), "X": x}
    return row | {column.replace("_", " "): cell for column, cell in cells.items()}


def step(label: str, begin: str, end: str, x: str = "a", **cells: str) -> Row:
    """Make the row of a transition; `name` is its machine name if its label is another one."""
    name = cells.pop("name", label.casefold().replace(" ", "_"))
    row = {"Workflow": "Plain", "Label": label, "Machine name": name, "X": x}
    return row | {"From state": begin, "To state": end} | cells


STATES = [state("Draft"), state("Waiting"), state("Published")]
SEND = step("Send", "Draft", "Waiting")
POST = step("Post", "Waiting", "Published")
BACK = step("Back", "Published", "Draft")
KEEP = step("Keep", "Draft", "Draft")
STAY = step("Stay", "Waiting", "Waiting")
WHOLE = [SEND, POST, BACK, KEEP, STAY]


def ticket_of(
    *steps: Row,
    status: str = "a",
    type_: str = MODERATION,
    note: str = "",
    states: Sequence[Row] = STATES,
    **sheets: Iterable[Row],
) -> TicketRows:
    """Return the ticket of *Plain* with these transitions."""
    workflow = {"Label": "Plain", "Machine name": "plain", "X": status, "Type": type_}
    return ticket_of_list(
        EntityKind.WORKFLOW,
        workflows=[workflow | {"Notes": note}],
        states=states,
        transitions=steps,
        **sheets,
    )


def workflow_of(
    *steps: Row,
    status: str = "a",
    type_: str = MODERATION,
    note: str = "",
    states: Sequence[Row] = STATES,
    **sheets: Iterable[Row],
) -> TicketWorkflow:
    """Return the workflow in that ticket."""
    ticket = ticket_of(*steps, status=status, type_=type_, note=note, states=states, **sheets)
    return TicketWorkflow(ticket=ticket)


def group_rows_of(ticket: TicketRows) -> GroupRows:
    """Return the rows of a ticket as questions are asked of them."""
    return GroupRows(group=ticket.group, index=ticket.session.index)
