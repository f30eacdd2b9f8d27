"""The states of a workflow: where content may be on its way, such as *Draft* and *Published*.

Content Moderation keeps two states of its own, whose settings are fixed; a row may give them another
label. A workflow without states or transitions is none.

Source: Drupal core, content_moderation `ContentModeration` with its `required_states`, as
`content_moderation` of `drupal.toml` lists it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import workflow_asked
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import code, label_and_name, listed
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import GroupRows, are_all_listed
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import transitions_in
from jira_pipeline.drupal.workflow.type import is_moderation
from jira_pipeline.model.entities import Entity

# The fact: the states that a workflow has once the ticket is done.


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """States that rows describe, and those that come without one."""

    rows: tuple[Entity, ...]
    names_of_core: tuple[str, ...]
    """Machine names of the states that Content Moderation keeps, as far as rows can tell."""
    is_complete: bool
    """The workflow has no other state than those of the rows."""


@dataclass(frozen=True, slots=True)
class NoStates:
    """No row is a state of the workflow."""


StatesFact: TypeAlias = States | NoStates


def states_of(workflow: TicketWorkflow) -> StatesFact:
    """Read the states of a workflow from its rows, beside what Content Moderation brings."""
    rows = workflow.states
    if not rows:
        return NoStates()
    names_of_core = _names_of_core(workflow.workflow, rows)
    has_rows_of_core = {row.machine_name for row in rows}.issuperset(names_of_core)
    return States(
        rows=rows,
        names_of_core=names_of_core,
        is_complete=workflow.is_new and are_all_listed(rows) and has_rows_of_core,
    )


def _names_of_core(workflow: Entity, states: Sequence[Entity]) -> tuple[str, ...]:
    """Return the names of core's states; a row without a machine name may be one of these by its label."""
    if not is_moderation(workflow):
        return ()
    names = listed_in("content_moderation", "states")
    if all(state.has_machine_name for state in states):
        return tuple(names)
    row_names = {state.machine_name for state in states}
    return tuple(name for name in names if name in row_names)


# What follows from it.


def ask(workflow: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the states and the transitions of a new workflow without any.

    `Which states does “Plain” have?`
    """
    missing = []
    if not rows.states:
        missing.append("states")
    if not transitions_in(rows):
        missing.append("transitions")
    if missing and rows.is_new and not rows.group.is_hollow:
        yield question_about("lists.states", workflow, which=" and ".join(missing))


def say(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Say which states of a new workflow come with Content Moderation, and which are added.

    `Draft and Published come with Content Moderation, with fixed settings; waiting is added.`
    """
    match states_of(workflow):
        case States(rows=rows, names_of_core=names) if names and workflow.is_new:
            added = [row for row in rows if row.machine_name not in names]
            return claims_about(
                "analysis.states_added" if added else "analysis.states_shipped",
                added or rows,
                MACHINE_NAME_COLUMN,
                kept=listed(map(code, names)),
                comes="comes" if len(names) == 1 else "come",
            )
        case States() | NoStates():
            return ()


def check(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Claim which states the workflow has: exactly these, where no others can be there.

    `… Workflows lists “Plain” with exactly the states Draft and Published.`
    """
    match states_of(workflow):
        case States(rows=rows, is_complete=is_complete):
            return claims_about(
                "verification.workflow" if is_complete else "verification.workflow_updated",
                rows,
                MACHINE_NAME_COLUMN,
                workflow=label_and_name(workflow.workflow),
            )
        case NoStates():
            return claims_about(
                "verification.workflow_alone", [workflow.workflow], MACHINE_NAME_COLUMN
            )


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the states of the workflow of a ticket."""
    yield StatedFact(fact=states_of(workflow), rows=(workflow.workflow, *workflow.states))


RULE = Rule(
    key="workflow.states",
    facts=facts,
    say=say,
    asked_rows=workflow_asked,
    ask=ask,
    check=check,
)
