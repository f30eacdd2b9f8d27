"""Who may use a transition: the roles that have its permission.

Content Moderation brings a permission for each transition, by the machine names of workflow and
transition. Sheets say it in a row of the role, or in a cell of the transition that names roles.

Source: Drupal core, content_moderation `Permissions::transitionPermissions`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.listed_names import loose_names
from jira_pipeline.drupal.markup import labels, listed, quoted
from jira_pipeline.drupal.role.permission import (
    DescribedPermissions,
    permissions_in,
    transitions_granted,
)
from jira_pipeline.drupal.row_names import name_of, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.workflow.note import claims_of_notes
from jira_pipeline.drupal.workflow.owner import COLUMN as OWNER
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.drupal.workflow.transition import (
    FROM,
    TO,
    Transition,
    certain_transitions,
    kept_although_gone,
    transitions_in,
)
from jira_pipeline.drupal.workflow.transition_name import COLUMN as TRANSITION_NAME
from jira_pipeline.model import columns
from jira_pipeline.model.columns import UPKEEP_COLUMNS
from jira_pipeline.model.entities import Entity, EntityKind, Specification, Status, case_folded
from jira_pipeline.model.grouped import group_by

COLUMN = replace(
    columns.NOTES, loss="which roles may use transitions, and the dependencies on them"
)
_NAMING_COLUMNS = frozenset(
    {*UPKEEP_COLUMNS, OWNER.name, TRANSITION_NAME.name, MACHINE_NAME_COLUMN, FROM, TO}
)
"""What a transition is, whose, and how far: no cell of them lists roles."""


# The fact: which roles may use a transition.


@dataclass(frozen=True, slots=True)
class AllowedRoles:
    """Roles that a cell of the transition lists, or whose row has its permission."""

    roles: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class NoRolesNamed:
    """No cell names a role that stays or comes."""


RolesFact: TypeAlias = AllowedRoles | NoRolesNamed


def roles_of(transition: Transition, workflow: Entity, specification: Specification) -> RolesFact:
    """Look up the roles that may use a transition, in the order of their sheet."""
    allowed = {
        *_roles_with_permission(transition, workflow, specification),
        *_roles_listed(transition, specification),
    }
    roles = specification.live[EntityKind.USER_ROLE]
    if not allowed:
        return NoRolesNamed()
    return AllowedRoles(tuple(role for role in roles if role.key in allowed))


def _roles_with_permission(
    transition: Transition, workflow: Entity, specification: Specification
) -> Iterator[str]:
    """Yield the keys of roles whose rows have the permission of a transition."""
    names_of_both = (workflow.machine_name, transition.row.machine_name)
    for role in specification.live[EntityKind.USER_ROLE]:
        if names_of_both in transitions_granted(role):
            yield role.key


def _roles_listed(transition: Transition, specification: Specification) -> Iterator[str]:
    """Yield the keys of roles in cells of a transition that list roles and nothing else."""
    keys_by_name = {}
    for role in specification.live[EntityKind.USER_ROLE]:
        for name in (role.machine_name, role.label):
            if len(name) > 1:
                keys_by_name[case_folded(name)] = role.key
    for row in transition.rows:
        for column, cell in row.cells.items():
            names = loose_names(cell)
            if column not in _NAMING_COLUMNS and keys_by_name.keys() >= {*names}:
                yield from (keys_by_name[name] for name in names)


# Questions.


def rows_of_transitions(rows: GroupRows) -> Sequence[Entity]:
    """Return the rows of a workflow's transitions, those of one transition together."""
    rows_in_order: list[Entity] = []
    for transition in transitions_in(rows):
        rows_in_order += transition.rows
    return rows_in_order


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which roles may use a new transition; of a workflow that says it of none, once for all.

    `Which roles may use Send?`, `Which roles may use each of the 4 transitions of “Plain”?`
    """
    rows_without_roles = _rows_without_roles(rows)
    if not any(row is other for other in rows_without_roles):
        return

    transition_count = len(transitions_in(rows))
    is_unsaid_of_all = len(rows_without_roles) == transition_count
    if transition_count == 1 or not is_unsaid_of_all:
        yield question_about("lists.who", row, COLUMN.name)
    elif row is rows_without_roles[0]:
        workflow = plain(name_of(rows.head))
        yield question_about(
            "lists.who_each", row, COLUMN.name, count=str(transition_count), workflow=workflow
        )


@once_per_session
def _rows_without_roles(rows: GroupRows) -> Sequence[Entity]:
    """Return the first row of each new transition without a cell that says who may use it."""
    specification = rows.index.specification
    changing = [coming for _, coming in kept_although_gone(rows.group.members)]
    may_be_described = _are_permissions_described(specification)
    unsaid = []
    for transition in transitions_in(rows):
        new = [r for r in transition.rows if r.status is Status.APPROVED and r not in changing]
        if not new or may_be_described or any(note_of(row) for row in transition.rows):
            continue
        match roles_of(transition, rows.head, specification):
            case NoRolesNamed():
                unsaid.append(new[0])
            case AllowedRoles():
                pass
    return unsaid


def _are_permissions_described(specification: Specification) -> bool:
    """Tell whether the rows of roles may say who uses transitions: in prose, without listing any."""
    roles = specification.by_kind[EntityKind.USER_ROLE]
    if any(transitions_granted(role) for role in roles):
        return False
    return any(isinstance(permissions_in(role), DescribedPermissions) for role in roles)


# Checks.


def check(workflow: TicketWorkflow) -> Iterator[Claim]:
    """Claim who may use which transitions; of those without roles quote the notes.

    `Editor has “Send” and “Post” of “Plain”`, on the page of permissions.
    """
    without_roles = []
    roles = {}
    transitions_by_role: dict[str, list[Entity]] = {}
    for transition in certain_transitions(workflow):
        match roles_of(transition, workflow.workflow, workflow.specification):
            case AllowedRoles(allowed):
                for role in allowed:
                    roles[role.key] = role
                    transitions_by_role.setdefault(role.key, []).append(transition.row)
            case NoRolesNamed():
                without_roles.append(transition.row)
    yield from claims_of_notes(without_roles, f" of {workflow.name}")

    def places_of_transitions(role: Entity) -> tuple[object, ...]:
        return tuple(row.source for row in transitions_by_role[role.key])

    # Roles that may use the same transitions are named in one sentence.
    for same in group_by(roles.values(), places_of_transitions).values():
        yield from _claim_of_roles(same, transitions_by_role[same[0].key], workflow)


def _claim_of_roles(
    roles: Sequence[Entity], transitions: Sequence[Entity], workflow: TicketWorkflow
) -> tuple[Claim, ...]:
    """Claim that each of some roles may use these transitions."""
    is_all = len(transitions) == len(certain_transitions(workflow)) > 1
    machine_names = "; ".join(role.machine_name for role in roles)
    return claims_about(
        "verification.may_use_all" if is_all else "verification.may_use",
        transitions,
        values=[machine_names] * len(transitions),
        role=labels(roles),
        have="has" if len(roles) == 1 else "have",
        workflow=workflow.name,
        names=listed([quoted(transition.label) for transition in transitions]),
    )


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield who may use each transition whose states are all known."""
    for transition in certain_transitions(workflow):
        fact = roles_of(transition, workflow.workflow, workflow.specification)
        yield StatedFact(fact=fact, rows=transition.rows)


RULE = Rule(
    key="workflow.transition_roles",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=rows_of_transitions,
    ask=ask,
    check=check,
)
