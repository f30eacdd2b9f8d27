"""Who may use a transition: the roles that have its permission.

Content Moderation brings a permission for each transition, by the machine names of workflow and
transition. Sheets say it in a row of the role, or in a cell of the transition that names roles.

Source: Drupal core, content_moderation `Permissions::transitionPermissions`.
"""

from jira_pipeline.drupal.listed_names import loose_names
from jira_pipeline.drupal.role.permission import transitions_granted
from jira_pipeline.drupal.workflow.columns import TRANSITION_NAMING_COLUMNS
from jira_pipeline.drupal.workflow.transition import Transition
from jira_pipeline.model.entities import Entity, EntityKind, Specification, case_folded


def roles_allowed(
    transition: Transition, workflow: Entity, specification: Specification
) -> tuple[Entity, ...]:
    """Return the roles that may use a transition, by a cell of roles only or a permission."""
    roles = specification.live[EntityKind.USER_ROLE]
    names_of_both = (workflow.machine_name, transition.row.machine_name)
    allowed = {role.key for role in roles if names_of_both in transitions_granted(role)}
    roles_by_name: dict[str, Entity] = {}
    for role in roles:
        for name in (role.machine_name, role.label):
            if len(name) > 1:
                roles_by_name[case_folded(name)] = role
    for row in transition.rows:
        for column, cell in row.cells.items():
            names = loose_names(cell)
            if column not in TRANSITION_NAMING_COLUMNS and roles_by_name.keys() >= {*names}:
                allowed.update(roles_by_name[name].key for name in names)
    return tuple(role for role in roles if role.key in allowed)
