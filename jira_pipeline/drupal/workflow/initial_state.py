"""The initial state of a workflow: the one that new content is in.

Content Moderation takes *Draft* unless somebody chooses another one on the form of the workflow.

Source: Drupal core, content_moderation `default_moderation_state` of the workflow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import workflow_asked
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.workflow.state_columns import is_stated_in_column
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import transitions_in
from jira_pipeline.drupal.workflow.type import COLUMN as TYPE, is_moderation
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity

COLUMN = Column("Initial state", holds=Holds.FLAG, is_of_tool=False)


# The fact: what the rows of a workflow say of the state in which content starts.


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStart:
    """No column says it, and no note of a state can."""

    candidates: tuple[Entity, ...]
    """The states with a transition out of them; all states of a workflow without transitions."""
    usual: Entity | None
    """The state that Content Moderation takes by itself, if a row is it."""


@dataclass(frozen=True, slots=True)
class StatedStart:
    """A column or a note may say it."""


@dataclass(frozen=True, slots=True)
class NoStart:
    """The workflow is of another type, or has no states."""


StartFact: TypeAlias = OpenStart | StatedStart | NoStart


def start_of(rows: GroupRows) -> StartFact:
    """Read from the rows of a workflow in which state content starts."""
    if not is_moderation(rows.head) or not rows.states:
        return NoStart()
    has_note = any(note_of(state) for state in rows.states)
    if has_note or is_stated_in_column(rows.states, "initial", "start", "default state"):
        return StatedStart()
    left: set[str] = set()
    for transition in transitions_in(rows):
        left.update(state.key for state in transition.from_states)
    candidates = [state for state in rows.states if not left or state.key in left]
    return OpenStart(candidates=tuple(candidates), usual=usual_start(rows))


def usual_start(rows: GroupRows) -> Entity | None:
    """Return the state of a workflow in which Content Moderation has new content start."""
    if is_moderation(rows.head):
        draft, *_ = listed_in("content_moderation", "states")
        for state in rows.states:
            if state.machine_name == draft:
                return state
    return None


# What follows from it.


def ask(workflow: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the initial state of a new workflow that no cell says; the usual one is suggested.

    `In which state does new content start under “Plain”?`
    """
    if not rows.is_new:
        return
    match start_of(rows):
        case OpenStart(candidates=candidates, usual=usual):
            answer = ""
            remark = ""
            if usual in candidates:
                answer = plain(usual.label)
            elif usual is not None:
                name = plain(usual.label)
                remark = f" “{name}”, the usual one, has no transition out of it."
            choices = [plain(state.label) for state in candidates]
            yield question_about(
                "lists.first_state",
                workflow,
                TYPE.name,
                answer=answer,
                choices=choices,
                but=remark,
            )
        case StatedStart() | NoStart():
            return


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield in which state new content starts."""
    yield StatedFact(fact=start_of(workflow.group_rows), rows=(workflow.workflow,))


COUNTERPART = Counterpart(how=Comparison.FLAG, where="`default_moderation_state` of the workflow")
RULE = Rule(
    key="workflow.initial_state",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=workflow_asked,
    ask=ask,
    counterpart=COUNTERPART,
)
