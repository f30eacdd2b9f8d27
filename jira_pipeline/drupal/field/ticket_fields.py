"""The fields of a ticket, by what the ticket does with them: what rules of fields make claims about.

Belongs here: which fields are new, set as their rows say, added by hand, removed; whether a cell is
certain. Does not: what a cell means (the rules), tickets without fields (`ticket_rows`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.meaning.modules_and_types import is_base_field, is_locked
from jira_pipeline.drupal.ticket_rows import TicketRows, new_fields
from jira_pipeline.model.entities import THERE, Entity, EntityKind, Status


@dataclass(frozen=True, kw_only=True, eq=False)
class TicketFields:
    """The fields in the ticket of one bundle."""

    ticket: TicketRows

    @cached_property
    def is_new(self) -> bool:
        """Whether the ticket makes the bundle itself."""
        return self.ticket.head.status not in THERE

    @cached_property
    def new(self) -> tuple[Entity, ...]:
        """Fields that the bundle gets."""
        return new_fields(self.ticket.group)

    @cached_property
    def set(self) -> tuple[Entity, ...]:
        """Fields that are as their rows say once the ticket is done: new ones, then changed ones."""
        if self.is_new:
            return self.new
        fields = self.ticket.of_kind(EntityKind.FIELD)
        return (*self.new, *(row for row in fields if row.status is Status.CHANGED))

    @cached_property
    def stored(self) -> tuple[Entity, ...]:
        """New fields that somebody adds on Manage fields, whatever their names."""
        return tuple(row for row in self.new if not is_base_field(row) and not is_locked(row))

    @cached_property
    def added(self) -> tuple[Entity, ...]:
        """New fields that somebody adds on Manage fields, by a name that no question doubts."""
        return tuple(row for row in self.stored if not self.ticket.is_disputed(row, "Machine name"))

    @cached_property
    def gone(self) -> tuple[Entity, ...]:
        """Fields to remove that no other row of the bundle keeps."""
        kept_names = {row.machine_name for row in self.ticket.live(EntityKind.FIELD)}
        removed = self.ticket.with_status(Status.DELETED)
        return tuple(
            row for row in removed if row.machine_name not in kept_names and not is_base_field(row)
        )

    def certain(self, rows: Iterable[Entity], column: str) -> tuple[Entity, ...]:
        """Return the rows that say something in a column which no question doubts."""
        return tuple(
            row for row in rows if row.states(column) and not self.ticket.is_disputed(row, column)
        )
