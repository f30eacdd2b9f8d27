"""The transitions of a workflow: the steps that lead content from one state to another.

A transition has one state that it leads to, and one or several that it may start from; a sheet has a
row for each of these. A new workflow of Content Moderation begins with two transitions of core's own.

Source: Drupal core, workflows `Workflow::addTransition`; content_moderation
`ContentModeration::defaultConfiguration`, as `content_moderation` of `drupal.toml` lists it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import code, label_with_name, labels, listed, number, text
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows, are_all_listed
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.type import is_moderation
from jira_pipeline.model.columns import Column, Holds, Role
from jira_pipeline.model.entities import (
    GONE,
    TO_BUILD,
    Entity,
    EntityKind,
    ReferenceState,
    Specification,
    Status,
)
from jira_pipeline.model.grouped import group_by

FROM_STATE = Column(
    "From state",
    (),
    Holds.LABEL,
    Role.KEY,
    names="workflow_state",
    is_required=True,
    loosely=("From",),
)
TO_STATE = replace(FROM_STATE, name="To state", loosely=("To",))
FROM = FROM_STATE.name
TO = TO_STATE.name


# The fact: what the rows of one transition say of its states.


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The rows of one transition, which differ in the state that they lead from."""

    rows: tuple[Entity, ...]
    from_states: tuple[Entity, ...]
    """The states it leads from, once each, in sheet order."""
    to_state: Entity | None
    """The state it leads to; None where no row is it."""
    is_from_any: bool
    """It leads from every state."""
    is_unknown: bool
    """It names a state that no row has."""

    @property
    def row(self) -> Entity:
        return self.rows[0]

    @property
    def is_certain(self) -> bool:
        """Whether all its states are there or come."""
        if self.to_state is None or self.is_unknown or not (self.from_states or self.is_from_any):
            return False
        return not any(state.status in GONE for state in (*self.from_states, self.to_state))

    @property
    def is_built_or_changed(self) -> bool:
        """Whether any of its rows is not there already as it says."""
        return any(row.status is not Status.IMPLEMENTED for row in self.rows)


def transitions_of(rows: Iterable[Entity], specification: Specification) -> tuple[Transition, ...]:
    """Read transitions from their rows, joined by machine name and end, in sheet order."""
    transitions = []
    for same in group_by(rows, _name_and_end).values():
        states = set()
        for row in same:
            states |= {(reference.column, reference.state) for reference in row.references}
        to_states = _states_named(same, TO, specification)
        transition = Transition(
            rows=tuple(same),
            from_states=_states_named(same, FROM, specification),
            to_state=next(iter(to_states), None),
            is_from_any=(FROM, ReferenceState.WILDCARD) in states,
            is_unknown=any(state is ReferenceState.DANGLING for _, state in states),
        )
        transitions.append(transition)
    return tuple(transitions)


def _name_and_end(row: Entity) -> tuple[str, str]:
    name = row.machine_name.strip("-") or row.label
    return name.casefold(), row.cell(TO).casefold()


def _states_named(
    rows: Iterable[Entity], column: str, specification: Specification
) -> tuple[Entity, ...]:
    """Return the states that a column of rows names, once each, in sheet order."""
    states = {}
    for row in rows:
        for state in specification.targets_of(row, column):
            states[state.key] = state
    return tuple(states.values())


def kept_although_gone(rows: Iterable[Entity]) -> tuple[tuple[Entity, Entity], ...]:
    """Return the rows that remove a transition which other rows build or change, each with such a row."""
    transitions = [row for row in rows if row.kind is EntityKind.WORKFLOW_TRANSITION]
    coming = {row.machine_name: row for row in transitions if row.status in TO_BUILD}
    pairs = []
    for row in transitions:
        if row.status is Status.DELETED and row.machine_name in coming:
            pairs.append((row, coming[row.machine_name]))
    return tuple(pairs)


@once_per_session
def transitions_in(rows: GroupRows) -> tuple[Transition, ...]:
    """Return the transitions of a group that stay or come, as questions see them."""
    return transitions_of(rows.live(EntityKind.WORKFLOW_TRANSITION), rows.index.specification)


@once_per_session
def transitions_after(workflow: TicketWorkflow) -> tuple[Transition, ...]:
    """Return the transitions that exist once the ticket is done."""
    rows = workflow.ticket.live(EntityKind.WORKFLOW_TRANSITION)
    return transitions_of(rows, workflow.specification)


def certain_transitions(workflow: TicketWorkflow) -> list[Transition]:
    """Return those of which every state is known and stays or comes."""
    return [transition for transition in transitions_after(workflow) if transition.is_certain]


def removed_transitions(workflow: TicketWorkflow) -> list[Transition]:
    """Return the transitions that go, of which no row stays or comes."""
    staying = {transition.row.machine_name for transition in transitions_after(workflow)}
    rows = workflow.removed(EntityKind.WORKFLOW_TRANSITION)
    removed = transitions_of(rows, workflow.specification)
    return [transition for transition in removed if transition.row.machine_name not in staying]


def new_transitions(workflow: TicketWorkflow) -> list[Entity]:
    """Return transitions of new rows alone; one that another row removes is there already."""
    removed = workflow.ticket.with_status(Status.DELETED)
    removed_names = {row.machine_name for row in removed}
    new = []
    for transition in transitions_after(workflow):
        statuses = {row.status for row in transition.rows}
        if statuses == {Status.APPROVED} and transition.row.machine_name not in removed_names:
            new.append(transition.row)
    return new


def are_all_transitions_known(workflow: TicketWorkflow) -> bool:
    """Tell whether the workflow gets these transitions and no others."""
    transitions = transitions_after(workflow)
    if not all(transition.is_certain for transition in transitions):
        return False
    if not are_all_listed(transition.row for transition in transitions):
        return False
    # A question about how content enters or leaves a state may bring further ones.
    return not any(workflow.ticket.is_disputed(state, FROM) for state in workflow.states)


# What follows from it.


def say(workflow: TicketWorkflow) -> Iterator[Claim]:
    """Say which of core's own transitions to remove, and which stay although a row removes them.

    `A new workflow of this type also has the transition Publish: remove it.`, `Rows to remove and
    rows to build both name send, and differ only in From state: keep it, do not delete it.`
    """
    if _replaces_transitions_of_core(workflow):
        yield from _unwanted_transitions_of_core(workflow)
        yield from _unwanted_starts_of_core(workflow)
    yield from _transitions_kept(workflow)


def _replaces_transitions_of_core(workflow: TicketWorkflow) -> bool:
    """Tell whether the rows say all transitions of a new workflow of Content Moderation."""
    is_new_moderation = workflow.is_new and is_moderation(workflow.workflow)
    return is_new_moderation and are_all_transitions_known(workflow)


def _unwanted_transitions_of_core(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Claim which transitions of core have to be removed: a new workflow has them, and no row does."""
    rows = [transition.row for transition in transitions_after(workflow)]
    wanted = {row.machine_name for row in rows}
    core_names = listed_in("content_moderation", "transitions")
    unwanted = [name for name in core_names if name not in wanted]
    if not unwanted:
        return ()
    return claims_about(
        "analysis.transition_unwanted",
        rows,
        "Machine name",
        values=unwanted,
        of_count=len(unwanted),
        names=listed(map(code, unwanted)),
    )


def _unwanted_starts_of_core(workflow: TicketWorkflow) -> Iterator[Claim]:
    """Claim from which states a transition of core must not lead any more: its row leaves them out."""
    transitions = {t.row.machine_name: t for t in transitions_after(workflow)}
    for name in listed_in("content_moderation", "transitions"):
        transition = transitions.get(name)
        if transition is None or transition.is_from_any:
            continue
        wanted = {state.machine_name for state in transition.from_states}
        core_states = listed_in("content_moderation", "states")
        unwanted = [code(state) for state in core_states if state not in wanted]
        if unwanted:
            states = listed(unwanted, word="or")
            yield from claims_about("analysis.start_unwanted", transition.rows, FROM, states=states)


def _transitions_kept(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Claim which transitions stay although a row removes them, and where the two rows differ."""
    pairs = kept_although_gone(workflow.ticket.group.members)
    columns = []
    for removing, building in pairs:
        for column in building.cells:
            if column != "X" and removing.cell(column) != building.cell(column):
                columns.append(column)
    named = listed(map(text, dict.fromkeys(columns))) or text("X")
    building_rows = [building for _, building in pairs]
    return claims_about("analysis.transitions_kept", building_rows, "Machine name", columns=named)


def check(workflow: TicketWorkflow) -> Iterator[Claim]:
    """Claim from which states each transition leads to which, and that there are no others.

    `Send leads from Draft to Waiting.`, `The workflow has no other transition.`
    """
    for transition in certain_transitions(workflow):
        if workflow.is_new or transition.is_built_or_changed:
            yield from _ends_of(transition, workflow)
    if workflow.is_new and are_all_transitions_known(workflow):
        rows = [transition.row for transition in transitions_after(workflow)]
        count = number(len(rows))
        yield from claims_about("verification.only_transitions", rows, count=count)


def _ends_of(transition: Transition, workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Claim the ends of a transition, such as `Send leads from Draft to Waiting.` of one transition."""
    from_states = workflow.states if transition.is_from_any else transition.from_states
    is_from_every = len(workflow.states) > 1 and len(from_states) == len(workflow.states)
    to_states = [transition.to_state] if transition.to_state else []
    return claims_about(
        "verification.leads_from_every" if is_from_every else "verification.leads",
        transition.rows,
        FROM,
        TO,
        transition=label_with_name(transition.row),
        begins=labels(from_states),
        end=labels(to_states),
        count=number(len(from_states)),
    )


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield the transitions that exist once the ticket is done, then those that go."""
    for transition in (*transitions_after(workflow), *removed_transitions(workflow)):
        yield StatedFact(fact=transition, rows=transition.rows)


COUNTERPARTS = {
    FROM: Counterpart(how=Comparison.ONE_OF, where="`from`"),
    TO: Counterpart(how=Comparison.NAMES, where="`to`"),
}
RULE = Rule(
    key="workflow.transition",
    columns=(FROM_STATE, TO_STATE),
    facts=facts,
    say=say,
    check=check,
    counterparts=COUNTERPARTS,
)
