"""The fields that go with a type while other types keep theirs: Drupal deletes no storage in use.

Source: Drupal core, `FieldStorageConfig::isDeletable`, `FieldConfig::postDelete`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.meaning.modules_and_types import is_base_field
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind


@dataclass(frozen=True, slots=True)
class StaysOnOthers:
    """Types that stay have the field, too."""


@dataclass(frozen=True, slots=True)
class GoesWithTypes:
    """No other type has it, or every item has it anyway."""


SharingFact: TypeAlias = StaysOnOthers | GoesWithTypes


def sharing_of(field: Entity, ticket: TicketRows) -> SharingFact:
    """Tell whether a field of types that go stays on others."""
    going = {head.key for head in ticket.group.heads}
    users = ticket.session.index.users_of(field).keys()
    if is_base_field(field) or not users - going:
        return GoesWithTypes()
    return StaysOnOthers()


def shared_fields(ticket: TicketRows) -> list[Entity]:
    """Return the fields that stay on other types, once each."""
    shared: dict[tuple[str, str], Entity] = {}
    for field in _fields_of(ticket):
        match sharing_of(field, ticket):
            case StaysOnOthers():
                shared.setdefault((str(field.bundle_type), field.machine_name), field)
            case GoesWithTypes():
                pass
    return list(shared.values())


def _fields_of(ticket: TicketRows) -> list[Entity]:
    return [row for row in ticket.group.members if row.kind is EntityKind.FIELD]


def say(ticket: TicketRows) -> tuple[Claim, ...]:
    """Say which fields of the removed types stay on the site, because other types have them too.

    `field_hull is on other types too and stays there.`
    """
    return claims_about("analysis.removal_shared", shared_fields(ticket), MACHINE_NAME_COLUMN)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield whether each field of the types that go stays on others."""
    for field in _fields_of(ticket):
        yield StatedFact(fact=sharing_of(field, ticket), rows=(field,))


RULE = Rule(key="bundle.shared_fields", facts=facts, say=say)
