"""What the ticket of a workflow claims: its states, transitions, content types and permissions.

Belongs here: one function for each statement, with its phrase; their order is `_STATEMENTS`. Does
not: reading the rows of a workflow (`drupal/meaning/workflow_rows`), or what is left open
(`tickets/questions/questions_of_lists`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.markup import (
    code,
    label_and_name,
    label_with_name,
    labels,
    listed,
    number,
    quoted,
    text,
)
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN, is_shapes_only
from jira_pipeline.drupal.meaning.workflow_rows import (
    APPLIES_TO,
    BOXES,
    FROM,
    TO,
    Transition,
    bundles_listed,
    is_moderation,
    kept_although_gone,
    roles_allowed,
    transitions_of,
)
from jira_pipeline.drupal.quoted_notes import quoted_notes
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.ticket_rows import TicketRows, are_all_listed
from jira_pipeline.model.entities import THERE, TO_BUILD, Entity, EntityKind, Specification, Status
from jira_pipeline.model.grouped import group_by
from jira_pipeline.tickets.claims.lists import changes

_STATE = EntityKind.WORKFLOW_STATE
_TRANSITION = EntityKind.WORKFLOW_TRANSITION


@dataclass(frozen=True, kw_only=True)
class WorkflowRows:
    """The rows of a workflow, by what its ticket does with them."""

    facts: TicketRows

    @property
    def specification(self) -> Specification:
        return self.facts.session.specification

    @property
    def workflow(self) -> Entity:
        return self.facts.head

    @property
    def name(self) -> str:
        """The workflow's name as the phrases quote it."""
        return quoted(self.facts.name)

    @property
    def is_new(self) -> bool:
        return self.workflow.status not in THERE

    @cached_property
    def states(self) -> tuple[Entity, ...]:
        """States that exist once the ticket is done."""
        return self.facts.live(_STATE)

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Transitions that exist once the ticket is done."""
        return transitions_of(self.facts.live(_TRANSITION), self.specification)

    @cached_property
    def certain_transitions(self) -> list[Transition]:
        """Those of which every state is known and stays or comes."""
        return [transition for transition in self.transitions if transition.is_certain]

    @property
    def are_all_transitions_known(self) -> bool:
        """Whether the workflow gets these transitions and no others: all are certain, none is missing."""
        if len(self.certain_transitions) < len(self.transitions):
            return False
        rows = [transition.row for transition in self.transitions]
        return are_all_listed(rows) and not self._may_get_more_transitions

    @cached_property
    def _removed(self) -> tuple[Entity, ...]:
        return self.facts.with_status(Status.DELETED)

    @cached_property
    def removed_states(self) -> list[Entity]:
        return [row for row in self._removed if row.kind is _STATE]

    @cached_property
    def removed_transitions(self) -> list[Transition]:
        """Transitions that go, of which no row stays or comes."""
        rows = [row for row in self._removed if row.kind is _TRANSITION]
        staying = {transition.row.machine_name for transition in self.transitions}
        return [
            transition
            for transition in transitions_of(rows, self.specification)
            if transition.row.machine_name not in staying
        ]

    @cached_property
    def new_transitions(self) -> list[Entity]:
        """Transitions of new rows alone; one that another row removes is there already."""
        removed_names = {row.machine_name for row in self._removed}
        new = []
        for transition in self.transitions:
            statuses = {row.status for row in transition.rows}
            if statuses == {Status.APPROVED} and transition.row.machine_name not in removed_names:
                new.append(transition.row)
        return new

    @cached_property
    def states_of_core(self) -> list[str]:
        """States that Content Moderation keeps, with or without a row; of rows that have names."""
        if not is_moderation(self.workflow):
            return []
        names = {state.machine_name for state in self.states}
        are_all_named = all(state.has_machine_name for state in self.states)
        core_names = listed_in("content_moderation", "states")
        return [name for name in core_names if are_all_named or name in names]

    @cached_property
    def _may_get_more_transitions(self) -> bool:
        """Whether answers to open questions may add transitions."""
        return any(self.facts.is_disputed(state, FROM) for state in self.states)


def workflow_claims(facts: TicketRows) -> Iterable[Claim]:
    rows = WorkflowRows(facts=facts)
    return chain.from_iterable(statement(rows) for statement in _STATEMENTS)


# The story: what the ticket is for.


def story(rows: WorkflowRows) -> tuple[Claim, ...]:
    workflow = [rows.workflow]
    if rows.is_new and rows.states:
        return claims_about("story.workflow", rows.states, "Label", name=rows.name)
    if rows.is_new:
        return claims_about("story.workflow_alone", workflow, name=rows.name)
    what = _described_changes(rows)
    if what:
        return claims_about("story.workflow_update", workflow, name=rows.name, what=what)
    return claims_about("story.workflow_changed", workflow, name=rows.name, what=what)


def _described_changes(rows: WorkflowRows) -> str:
    states_to_build = rows.facts.of_kind(_STATE)
    new_states = [state for state in states_to_build if state.status is Status.APPROVED]
    changed_states = [state for state in states_to_build if state.status is Status.CHANGED]
    changed_transitions = [
        transition.row
        for transition in rows.transitions
        if _is_built_or_changed(transition) and transition.row not in rows.new_transitions
    ]
    removed_transitions = [transition.row for transition in rows.removed_transitions]
    return changes(
        ("new_rows", "state", new_states),
        ("new_rows", "transition", rows.new_transitions),
        ("changed_rows", "state", changed_states),
        ("changed_rows", "transition", changed_transitions),
        ("removed_rows", "state", rows.removed_states),
        ("removed_rows", "transition", removed_transitions),
    )


def _is_built_or_changed(transition: Transition) -> bool:
    """Tell whether the ticket builds or changes any row of a transition."""
    return any(row.status is not Status.IMPLEMENTED for row in transition.rows)


# The analysis: what core brings, what is there already, what to take care of.


def states_brought_by_core(rows: WorkflowRows) -> tuple[Claim, ...]:
    if not (rows.is_new and rows.states_of_core):
        return ()
    added = [s for s in rows.states if s.machine_name not in rows.states_of_core]
    return claims_about(
        "analysis.states_added" if added else "analysis.states_shipped",
        added or rows.states,
        "Machine name",
        kept=listed(map(code, rows.states_of_core)),
        comes="comes" if len(rows.states_of_core) == 1 else "come",
    )


def unwanted_transitions_of_core(rows: WorkflowRows) -> tuple[Claim, ...]:
    """Claim which transitions of core's own no row of a new workflow wants."""
    if not _replaces_transitions_of_core(rows):
        return ()
    wanted = {transition.row.machine_name for transition in rows.transitions}
    core_names = listed_in("content_moderation", "transitions")
    unwanted = [name for name in core_names if name not in wanted]
    if not unwanted:
        return ()
    return claims_about(
        "analysis.transition_unwanted",
        [transition.row for transition in rows.transitions],
        "Machine name",
        values=unwanted,
        of_count=len(unwanted),
        names=listed(map(code, unwanted)),
    )


def unwanted_starts_of_core(rows: WorkflowRows) -> Iterator[Claim]:
    """Claim from which of core's states a transition of core's own must no longer lead."""
    if not _replaces_transitions_of_core(rows):
        return
    transitions = {transition.row.machine_name: transition for transition in rows.transitions}
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


def _replaces_transitions_of_core(rows: WorkflowRows) -> bool:
    """Tell whether the rows say all transitions of a new workflow of Content Moderation."""
    is_new_moderation = rows.is_new and is_moderation(rows.workflow)
    return is_new_moderation and bool(rows.transitions) and rows.are_all_transitions_known


def rows_already_there(rows: WorkflowRows) -> tuple[Claim, ...]:
    if rows.is_new:
        return ()
    states = [state for state in rows.states if state.status is Status.IMPLEMENTED]
    transitions = [t.row for t in rows.transitions if not _is_built_or_changed(t)]
    return claims_about("analysis.workflow_there", [*states, *transitions], "X")


def transitions_kept(rows: WorkflowRows) -> tuple[Claim, ...]:
    """Claim which transitions stay although a row removes them, and where the two rows differ."""
    kept = kept_although_gone(rows.facts.group.members)
    columns = []
    for removing, building in kept:
        for column in building.cells:
            if column != "X" and removing.cell(column) != building.cell(column):
                columns.append(column)
    named = listed(map(text, dict.fromkeys(columns))) or text("X")
    building_rows = [building for _, building in kept]
    return claims_about("analysis.transitions_kept", building_rows, "Machine name", columns=named)


def removed_states_in_use(rows: WorkflowRows) -> tuple[Claim, ...]:
    return claims_about("analysis.state_in_use", rows.removed_states, "X")


def content_added_later(rows: WorkflowRows) -> tuple[Claim, ...]:
    """Claim which types are added to the workflow once a later ticket creates them."""
    later, _ = _content(rows)
    if not later:
        return ()
    return claims_about(
        "analysis.moderated_later", [rows.workflow], APPLIES_TO, names=labels(later)
    )


def _content(rows: WorkflowRows) -> tuple[list[Entity], list[Entity]]:
    """Return the types the workflow applies to: those of later tickets, and those there by then."""
    bundles = bundles_listed(rows.workflow, rows.specification)
    later = [bundle for bundle in bundles if rows.facts.is_made_later(bundle)]
    present = [bundle for bundle in bundles if bundle not in later]
    return later, present


# The verification: what the site shows once the ticket is done.


def listed_states(rows: WorkflowRows) -> tuple[Claim, ...]:
    """Claim which states the workflow has: exactly these where it is new and core adds no other."""
    if not rows.states:
        return claims_about("verification.workflow_alone", [rows.workflow], "Machine name")
    names = {state.machine_name for state in rows.states}
    has_states_of_core = names.issuperset(rows.states_of_core)
    is_exact = rows.is_new and are_all_listed(rows.states) and has_states_of_core
    return claims_about(
        "verification.workflow" if is_exact else "verification.workflow_updated",
        rows.states,
        "Machine name",
        workflow=label_and_name(rows.workflow),
    )


def ends_of_transitions(rows: WorkflowRows) -> Iterator[Claim]:
    """Claim from which states each transition leads to which."""
    for transition in rows.certain_transitions:
        if not rows.is_new and not _is_built_or_changed(transition):
            continue
        from_states = rows.states if transition.is_from_any else transition.from_states
        is_from_every = len(rows.states) > 1 and len(from_states) == len(rows.states)
        to_states = [transition.to_state] if transition.to_state else []
        yield from claims_about(
            "verification.leads_from_every" if is_from_every else "verification.leads",
            transition.rows,
            FROM,
            TO,
            transition=label_with_name(transition.row),
            begins=labels(from_states),
            end=labels(to_states),
            count=number(len(from_states)),
        )


def no_other_transitions(rows: WorkflowRows) -> tuple[Claim, ...]:
    if not rows.is_new or not rows.are_all_transitions_known:
        return ()
    transitions = [transition.row for transition in rows.transitions]
    count = number(len(transitions))
    return claims_about("verification.only_transitions", transitions, count=count)


def nothing_removed_is_left(rows: WorkflowRows) -> tuple[Claim, ...]:
    transitions = [transition.row for transition in rows.removed_transitions]
    removed = [*rows.removed_states, *transitions]
    names = listed(map(label_and_name, removed), word="or")
    return claims_about("verification.workflow_without", removed, "X", names=names)


def content_it_applies_to(rows: WorkflowRows) -> tuple[Claim, ...]:
    _, present = _content(rows)
    if not present:
        return ()
    return claims_about(
        "verification.applies",
        [rows.workflow],
        APPLIES_TO,
        values=["; ".join(bundle.label for bundle in present)],
        names=labels(present),
    )


def boxes_of_states(rows: WorkflowRows) -> Iterator[Claim]:
    """Claim which of the two boxes of a state are ticked, where its cells say it of both.

    Of the states of core this is fixed.
    """
    fixed = listed_in("content_moderation", "states")
    states = [s for s in rows.states if s.status in TO_BUILD and s.machine_name not in fixed]
    for ticks, same in group_by(states, lambda row: tuple(map(row.flag, BOXES))).items():
        if None in ticks:
            continue
        published, default = (clause("ticked" if tick else "unticked") for tick in ticks)
        yield from claims_about(
            "verification.state_boxes",
            same,
            *BOXES,
            workflow=label_and_name(rows.workflow),
            published=published,
            default=default,
        )


def note_of_workflow(rows: WorkflowRows) -> Iterator[Claim]:
    """Quote the note of the workflow, unless it lists the content that it applies to."""
    if not bundles_listed(rows.workflow, rows.specification):
        yield from _noted([rows.workflow], "")


def notes_of_states(rows: WorkflowRows) -> Iterator[Claim]:
    return _noted(rows.states, f" of {rows.name}")


def permissions(rows: WorkflowRows) -> Iterator[Claim]:
    """Claim which roles may use which transitions; of a transition without roles quote the note."""
    roles: dict[str, Entity] = {}
    transitions_by_role: dict[str, list[Entity]] = defaultdict(list)
    without_role = []
    for transition in rows.certain_transitions:
        allowed = roles_allowed(transition, rows.workflow, rows.specification)
        if not allowed:
            without_role.append(transition.row)
        for role in allowed:
            roles.setdefault(role.key, role)
            transitions_by_role[role.key].append(transition.row)
    yield from _noted(without_role, f" of {rows.name}")

    def sources(role: Entity) -> tuple[object, ...]:
        return tuple(row.source for row in transitions_by_role[role.key])

    # Roles that may do the same are named in one sentence.
    for alike in group_by(roles.values(), sources).values():
        transitions = transitions_by_role[alike[0].key]
        is_all = len(transitions) > 1 and len(transitions) == len(rows.certain_transitions)
        machine_names = "; ".join(role.machine_name for role in alike)
        yield from claims_about(
            "verification.may_use_all" if is_all else "verification.may_use",
            transitions,
            values=[machine_names] * len(transitions),
            role=labels(alike),
            have="has" if len(alike) == 1 else "have",
            workflow=rows.name,
            names=listed([quoted(transition.label) for transition in transitions]),
        )


def _noted(rows: Iterable[Entity], of_workflow: str) -> Iterator[Claim]:
    """Quote the notes of rows to build, together where alike; not those with open ends."""
    noting = []
    for row in rows:
        has_prose = not is_shapes_only(note_of(row)) and not LEFT_OPEN.search(note_of(row))
        if row.status in TO_BUILD and has_prose:
            noting.append(row)
    return quoted_notes("verification.workflow_noted", noting, note_of, of=of_workflow)


_STATEMENTS: Sequence[Callable[[WorkflowRows], Iterable[Claim]]] = (
    story,
    states_brought_by_core,
    unwanted_transitions_of_core,
    unwanted_starts_of_core,
    rows_already_there,
    transitions_kept,
    removed_states_in_use,
    content_added_later,
    listed_states,
    ends_of_transitions,
    no_other_transitions,
    nothing_removed_is_left,
    content_it_applies_to,
    boxes_of_states,
    note_of_workflow,
    notes_of_states,
    permissions,
)
"""What is claimed, in the order of the ticket's text."""
