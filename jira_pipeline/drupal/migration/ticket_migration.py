"""The rows in the ticket of a migration: the migration itself, and the mappings of its fields."""

from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind, Specification


@dataclass(frozen=True, kw_only=True, eq=False)
class TicketMigration:
    """The migration that a ticket is about, with its rows."""

    ticket: TicketRows

    @property
    def specification(self) -> Specification:
        return self.ticket.session.specification

    @property
    def migration(self) -> Entity:
        """The row of the migration itself."""
        return self.ticket.head

    @property
    def name(self) -> str:
        """The migration's name as the phrases quote it."""
        return quoted(self.ticket.name)

    @cached_property
    def mappings(self) -> tuple[Entity, ...]:
        """The mappings that the migration has once the ticket is done."""
        return self.ticket.live(EntityKind.MIGRATION_MAPPING)
