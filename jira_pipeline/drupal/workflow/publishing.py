"""What a state does to content: whether it is published, and whether its revision is the default one.

Somebody ticks both on the form of the state. Content in a state with neither keeps its published
version online, and waits beside it. Of the states of core both are fixed.

Source: Drupal core, content_moderation `ContentModerationState` with `published` and
`default_revision`, `ContentModerationStateForm`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import label_and_name
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.row_names import name_of, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.words import question_words
from jira_pipeline.drupal.workflow.state_columns import is_stated_in_column
from jira_pipeline.drupal.workflow.state_name import COLUMN as STATE_NAME
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import transitions_in
from jira_pipeline.drupal.workflow.type import is_moderation
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import TO_BUILD, Entity, Status
from jira_pipeline.model.grouped import group_by

PUBLISHED = Column("Published", holds=Holds.FLAG, is_of_tool=False)
DEFAULT_REVISION = replace(PUBLISHED, name="Default revision")


# The fact: how the two boxes of a state are set.


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """The row says of both whether they are ticked."""

    published: bool
    default_revision: bool


@dataclass(frozen=True, slots=True)
class FixedByCore:
    """A state that Content Moderation brings, by its machine name: nobody sets its boxes."""


@dataclass(frozen=True, slots=True)
class UnsaidBoxes:
    """The row says it of one of them or of none."""


BoxesFact: TypeAlias = Boxes | FixedByCore | UnsaidBoxes


def boxes_of(state: Entity) -> BoxesFact:
    """Read from the row of a state how its boxes are set."""
    if state.machine_name in listed_in("content_moderation", "states"):
        return FixedByCore()
    published = state.flag(PUBLISHED.name)
    default_revision = state.flag(DEFAULT_REVISION.name)
    if published is None or default_revision is None:
        return UnsaidBoxes()
    return Boxes(published=published, default_revision=default_revision)


# What follows from it.


def states_to_set(rows: GroupRows) -> Sequence[Entity]:
    """Return the states of a workflow that stay or come; no other group has some among its members."""
    return rows.states


def ask(state: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a new state is published, and the default revision, where no cell says it.

    `Is content in Waiting of “Plain” published? If not, does a published version go offline (the
    new revision becomes the default one) or stay online?`
    """
    if not is_moderation(rows.head) or state.status is not Status.APPROVED or note_of(state):
        return
    if is_stated_in_column(rows.states, "published", "is published", "default rev"):
        return
    if state.machine_name in _names_with_known_boxes():
        return
    *_, stays_online = question_words()["lists.flags"]["choices_of_one"]
    answer = stays_online
    # Nothing is usual where content leaves what is published: it may go offline.
    if state in _states_after_published(rows):
        answer = ""
    workflow = plain(name_of(rows.head))
    yield question_about("lists.flags", state, STATE_NAME.name, workflow=workflow, answer=answer)


def _names_with_known_boxes() -> list[str]:
    """Return the machine names of the states of core and of its recipe for editors."""
    names = listed_in("content_moderation", "states")
    return [*names, *listed_in("content_moderation", "states_of_editorial")]


def _states_after_published(rows: GroupRows) -> list[Entity]:
    """Return the states to which a transition leads from the published one of core."""
    _, published = listed_in("content_moderation", "states")
    states = []
    for transition in transitions_in(rows):
        names = [state.machine_name for state in transition.from_states]
        if published in names and transition.to_state is not None:
            states.append(transition.to_state)
    return states


def check(workflow: TicketWorkflow) -> Iterator[Claim]:
    """Claim how the boxes of states to build are set, of those with the same boxes together.

    `In the state Waiting of Plain, “Published” is unticked and “Default revision” is ticked.`
    """
    building = [state for state in workflow.states if state.status in TO_BUILD]
    for boxes, states in group_by(building, boxes_of).items():
        match boxes:
            case Boxes(published=published, default_revision=default_revision):
                words = {
                    "workflow": label_and_name(workflow.workflow),
                    "published": _box_in_words(is_ticked=published),
                    "default": _box_in_words(is_ticked=default_revision),
                }
                columns = (PUBLISHED.name, DEFAULT_REVISION.name)
                yield from claims_about("verification.state_boxes", states, *columns, **words)
            case FixedByCore() | UnsaidBoxes():
                pass


def _box_in_words(*, is_ticked: bool) -> str:
    return clause("ticked") if is_ticked else clause("unticked")


COUNTERPARTS = {
    PUBLISHED.name: Counterpart(how=Comparison.FLAG, where="`published` of the state"),
    DEFAULT_REVISION.name: Counterpart(
        how=Comparison.FLAG, where="`default_revision` of the state"
    ),
}


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the boxes of each state that the workflow has once the ticket is done."""
    return facts_by_row(boxes_of, workflow.states)


RULE = Rule(
    key="workflow.publishing",
    columns=(PUBLISHED, DEFAULT_REVISION),
    facts=facts,
    asked_rows=states_to_set,
    ask=ask,
    check=check,
    counterparts=COUNTERPARTS,
)
