"""The bundles of a ticket: one with its fields, or several of a type that have none.

Belongs here: which bundles a ticket makes or changes, which fields a bundle has. Does not: what a
ticket does with each field (`field/ticket_fields`), what a row means (the rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.claims import clause
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import plural, text
from jira_pipeline.drupal.row_names import bundle_noun
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

    @property
    def heads(self) -> Sequence[Entity]:
        """The rows of all its bundles, of those that are there already, too."""
        return self.ticket.group.heads

    @cached_property
    def set_up(self) -> Sequence[Entity]:
        """The bundles that are as their rows say once the ticket is done.

        A type that is there already is none of them: its ticket sets up its fields only.
        """
        if self.is_list:
            return self.ticket.to_build
        if self.ticket.head.status in THERE:
            return ()
        return (self.ticket.head,)

    def names_of(self, bundles: Sequence[Entity]) -> str:
        """Name these bundles; many are *each of the seven media types*, or those whose row says it."""
        is_all = len(bundles) == len(self.set_up)
        nouns = text(plural(bundle_noun(self.ticket.head.bundle_type)))
        return clause("each_of_all" if is_all else "each_of_row", bundles, nouns=nouns)


@dataclass(frozen=True, kw_only=True, eq=False)
class TicketOfBundles(TicketBundles, TicketFields):
    """A ticket of bundles as the rules of bundles see it, and those of their fields."""
