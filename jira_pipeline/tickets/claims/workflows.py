"""What the ticket of a workflow claims: its states, transitions, content types and permissions.

Belongs here: one function for each statement, with its phrase; their order is `_STATEMENTS`. Does
not: transitions and what a workflow applies to (`drupal/workflow`), or what is left open
(`tickets/questions/questions_of_lists`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.markup import (
    code,
    label_and_name,
    labels,
    listed,
    quoted,
)
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN, is_shapes_only
from jira_pipeline.drupal.quoted_notes import quoted_notes
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.ticket_rows import TicketRows, are_all_listed
from jira_pipeline.drupal.workflow import applies_to, transition as transition_rule
from jira_pipeline.drupal.workflow.applies_to import applies_to_of
from jira_pipeline.drupal.workflow.columns import BOXES
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import (
    certain_transitions,
    new_transitions,
    removed_transitions,
    transitions_after,
)
from jira_pipeline.drupal.workflow.transition_roles import roles_allowed
from jira_pipeline.model.entities import TO_BUILD, Entity, EntityKind, Status
from jira_pipeline.model.grouped import group_by
from jira_pipeline.tickets.claims.lists import changes

_STATE = EntityKind.WORKFLOW_STATE


def workflow_claims(facts: TicketRows) -> Iterable[Claim]:
    rows = TicketWorkflow(ticket=facts)
    return chain.from_iterable(statement(rows) for statement in _STATEMENTS)


# The story: what the ticket is for.


def story(rows: TicketWorkflow) -> tuple[Claim, ...]:
    workflow = [rows.workflow]
    if rows.is_new and rows.states:
        return claims_about("story.workflow", rows.states, "Label", name=rows.name)
    if rows.is_new:
        return claims_about("story.workflow_alone", workflow, name=rows.name)
    what = _described_changes(rows)
    if what:
        return claims_about("story.workflow_update", workflow, name=rows.name, what=what)
    return claims_about("story.workflow_changed", workflow, name=rows.name, what=what)


def _described_changes(rows: TicketWorkflow) -> str:
    states_to_build = rows.ticket.of_kind(_STATE)
    new_states = [state for state in states_to_build if state.status is Status.APPROVED]
    changed_states = [state for state in states_to_build if state.status is Status.CHANGED]
    changed_transitions = [
        transition.row
        for transition in transitions_after(rows)
        if transition.is_built_or_changed and transition.row not in new_transitions(rows)
    ]
    removed = [transition.row for transition in removed_transitions(rows)]
    return changes(
        ("new_rows", "state", new_states),
        ("new_rows", "transition", new_transitions(rows)),
        ("changed_rows", "state", changed_states),
        ("changed_rows", "transition", changed_transitions),
        ("removed_rows", "state", rows.removed(_STATE)),
        ("removed_rows", "transition", removed),
    )


# The analysis: what core brings, what is there already, what to take care of.


def states_brought_by_core(rows: TicketWorkflow) -> tuple[Claim, ...]:
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


def rows_already_there(rows: TicketWorkflow) -> tuple[Claim, ...]:
    if rows.is_new:
        return ()
    states = [state for state in rows.states if state.status is Status.IMPLEMENTED]
    transitions = [t.row for t in transitions_after(rows) if not t.is_built_or_changed]
    return claims_about("analysis.workflow_there", [*states, *transitions], "X")


def removed_states_in_use(rows: TicketWorkflow) -> tuple[Claim, ...]:
    return claims_about("analysis.state_in_use", rows.removed(_STATE), "X")


# The verification: what the site shows once the ticket is done.


def listed_states(rows: TicketWorkflow) -> tuple[Claim, ...]:
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


def nothing_removed_is_left(rows: TicketWorkflow) -> tuple[Claim, ...]:
    transitions = [transition.row for transition in removed_transitions(rows)]
    removed = [*rows.removed(_STATE), *transitions]
    names = listed(map(label_and_name, removed), word="or")
    return claims_about("verification.workflow_without", removed, "X", names=names)


def boxes_of_states(rows: TicketWorkflow) -> Iterator[Claim]:
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


def note_of_workflow(rows: TicketWorkflow) -> Iterator[Claim]:
    """Quote the note of the workflow, unless it lists the content that it applies to."""
    if not applies_to_of(rows.workflow, rows.specification).bundles:
        yield from _noted([rows.workflow], "")


def notes_of_states(rows: TicketWorkflow) -> Iterator[Claim]:
    return _noted(rows.states, f" of {rows.name}")


def permissions(rows: TicketWorkflow) -> Iterator[Claim]:
    """Claim which roles may use which transitions; of a transition without roles quote the note."""
    roles: dict[str, Entity] = {}
    transitions_by_role: dict[str, list[Entity]] = defaultdict(list)
    without_role = []
    for transition in certain_transitions(rows):
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
        is_all = len(transitions) > 1 and len(transitions) == len(certain_transitions(rows))
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


_STATEMENTS: Sequence[Callable[[TicketWorkflow], Iterable[Claim]]] = (
    story,
    states_brought_by_core,
    rows_already_there,
    transition_rule.say,
    removed_states_in_use,
    applies_to.say,
    listed_states,
    transition_rule.check,
    nothing_removed_is_left,
    applies_to.check,
    boxes_of_states,
    note_of_workflow,
    notes_of_states,
    permissions,
)
"""What is claimed, in the order of the ticket's text."""
