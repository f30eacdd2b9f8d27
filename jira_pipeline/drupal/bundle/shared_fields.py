"""The fields that go with a type while other types keep theirs: Drupal deletes no storage in use.

Source: Drupal core, `FieldStorageConfig::isDeletable`, `FieldConfig::postDelete`.
"""

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.meaning.modules_and_types import is_base_field
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind


def shared_fields(ticket: TicketRows) -> list[Entity]:
    """Return the fields that go with their types while others keep theirs, once each."""
    going = {head.key for head in ticket.group.heads}
    shared: dict[tuple[str, str], Entity] = {}
    for row in ticket.group.members:
        if row.kind is not EntityKind.FIELD or is_base_field(row):
            continue
        if ticket.session.index.users_of(row).keys() - going:
            shared.setdefault((str(row.bundle_type), row.machine_name), row)
    return list(shared.values())


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which fields stay on other types."""
    return claims_about("analysis.removal_shared", shared_fields(ticket), MACHINE_NAME_COLUMN)


RULE = Rule(key="bundle.shared_fields", say=say)
