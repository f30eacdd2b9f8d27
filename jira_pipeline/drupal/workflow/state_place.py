"""The place of a state among the transitions of its workflow: how content gets there, and away.

The transitions are read as a graph of states, from the initial one. Content is saved by a transition,
also if it stays in its state: where no transition leads from a state to itself, nobody can save a
change without leaving that state.

Source: Drupal core, content_moderation `StateTransitionValidation`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import states_asked
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.row_names import name_of, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.workflow.initial_state import usual_start
from jira_pipeline.drupal.workflow.state_name import COLUMN as STATE_NAME
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import transitions_in
from jira_pipeline.model.entities import Entity

# The fact: what transitions do with content in a state.


@dataclass(frozen=True, slots=True)
class Regular:
    """Content gets there, can be saved there and gets away; or nobody can tell."""


@dataclass(frozen=True, slots=True)
class Unused:
    """The initial state, which no transition enters or leaves."""


@dataclass(frozen=True, slots=True)
class End:
    """Content gets there and never away."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """No chain of transitions leads there."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """The initial state, in which content cannot be saved without leaving it."""


@dataclass(frozen=True, slots=True)
class Held:
    """Content can neither be saved there nor go back to the initial state at once."""


PlaceFact: TypeAlias = Regular | Unused | End | Unreached | Unsaved | Held


def place_of(state: Entity, rows: GroupRows) -> PlaceFact:
    """Read the place of a state from the transitions of its workflow; `Regular` where one is not certain."""
    return _places_by_state(rows).get(state.key, Regular())


@once_per_session
def _places_by_state(rows: GroupRows) -> Mapping[str, PlaceFact]:
    """Return the place of each state by its key; none where a transition is not certain."""
    transitions = transitions_in(rows)
    steps: set[_Step] = set()
    for transition in transitions:
        if transition.is_from_any or not transition.is_certain or transition.to_state is None:
            return {}
        for state in transition.from_states:
            steps.add(_Step(state.key, transition.to_state.key))
    if not steps:
        return {}
    initial = usual_start(rows)
    graph = _StateGraph(steps=frozenset(steps), initial=initial.key if initial else None)
    return {state.key: _place_in(graph, state) for state in rows.states}


@dataclass(frozen=True, slots=True)
class _Step:
    """An edge of the graph: a transition leads from one state to another, or to itself."""

    begin: str
    """Key of a state, as `end`."""
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _StateGraph:
    """The graph: all steps that the transitions of a workflow allow."""

    steps: frozenset[_Step]
    initial: str | None
    """Key of the state that new content is in; None where nobody knows it."""

    def states_left(self) -> set[str]:
        """Return the states that content leaves for another one."""
        return {step.begin for step in self.steps if step.begin != step.end}

    def states_entered(self) -> set[str]:
        """Return the states that content enters from another one."""
        return {step.end for step in self.steps if step.begin != step.end}

    def states_reached(self) -> set[str | None]:
        """Return the states that content gets to from the initial one.

        If no step leads out of the initial state, content may start in any state that a step enters.
        """
        reached = {self.initial}
        if self.initial not in self.states_left():
            reached |= self.states_entered()
        # The longest chain has as many steps as the graph: so many rounds reach its end.
        for _ in self.steps:
            reached |= {step.end for step in self.steps if step.begin in reached}
        return reached


def _place_in(graph: _StateGraph, state: Entity) -> PlaceFact:
    """Tell the place of a state in the graph: from where content comes to it, and whether it gets away."""
    key = state.key
    is_initial = key == graph.initial
    is_left = key in graph.states_left()
    is_entered = key in graph.states_entered()
    if is_initial and not is_left and not is_entered:
        return Unused()
    if is_entered and not is_left:
        # What is archived stays so, as core's recipe for editors has it.
        is_archive = state.machine_name in listed_in("content_moderation", "states_of_editorial")
        return Regular() if is_archive else End()
    if key not in graph.states_reached():
        # Where nobody knows the initial state, one that content leaves may be it.
        may_be_initial = graph.initial is None and is_left
        return Regular() if may_be_initial else Unreached()
    if graph.initial is None or _Step(key, key) in graph.steps:
        return Regular()
    if _Step(key, graph.initial) in graph.steps:
        return Regular()
    return Unsaved() if is_initial else Held()


# What follows from it.


def ask(state: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about a state that content never reaches or leaves, or in which it cannot be saved.

    `“Plain” has no transition out of Archived: should such content stay there permanently?` Each
    fact has its own question; nothing is asked about a `Regular` state.
    """
    match place_of(state, rows):
        case Unused():
            yield _question("lists.untouched", state, rows)
        case End():
            yield _question("lists.end", state, rows)
        case Unreached():
            yield _question("lists.unreached", state, rows)
        case Unsaved():
            yield _question("lists.unsaved", state, rows)
        case Held():
            yield _question("lists.held", state, rows)
        case Regular():
            return


def _question(key: str, state: Entity, rows: GroupRows) -> RowQuestion:
    """Return the question of a key about a state; the words of some keys name the initial state."""
    initial = usual_start(rows)
    first = ""
    begins = ""
    if initial is not None:
        first = plain(initial.label)
        begins = f" that begins in “{first}”"
    return question_about(
        key,
        state,
        STATE_NAME.name,
        workflow=plain(name_of(rows.head)),
        first=first,
        begins=begins,
    )


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the place of each state that stays or comes."""
    rows = workflow.group_rows
    for state in rows.states:
        yield StatedFact(fact=place_of(state, rows), rows=(state,))


RULE = Rule(key="workflow.state_place", facts=facts, asked_rows=states_asked, ask=ask)
