"""The bundles of a ticket: one with its fields, or several of a type that have none.

Belongs here: which bundles a ticket makes or changes, which fields a bundle has. Does not: what a
ticket does with each field (`field/ticket_fields`), what a row means (the rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import THERE, Entity, Status
from jira_pipeline.model.entity_groups import EntityGroup, GroupKind


def fields_of_bundle(bundle: Entity, group: EntityGroup) -> list[Entity]:
    """Return the fields in a group that a bundle keeps or gets, in the order of the sheet."""
    fields = []
    for row in group.members:
        if row.owner_key == bundle.key and row.status is not Status.DELETED:
            fields.append(row)
    return fields


@dataclass(frozen=True, kw_only=True, eq=False)
class TicketBundles:
    """The bundles that a ticket is about."""

    ticket: TicketRows

    @property
    def is_list(self) -> bool:
        """Whether it is a ticket of several bundles without fields."""
        return self.ticket.group.kind is GroupKind.BUNDLES_WITHOUT_FIELDS

    @cached_property
    def new(self) -> Sequence[Entity]:
        """The bundles that the ticket makes."""
        bundles = self.ticket.to_build if self.is_list else (self.ticket.head,)
        return [b for b in bundles if b.status not in THERE]
