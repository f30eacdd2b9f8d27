"""The view of a ticket with its displays, by what the ticket does with them.

What rules of views and of displays make claims about.

Belongs here: which displays stay, come, change or go; the one that others inherit from apart. Does
not: what a row says (the rules), what a module brings of a view (`shipped_views`, `shipped`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view.plugin import is_shared
from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.model.entity_groups import GroupAction


@dataclass(frozen=True, kw_only=True, eq=False)
class TicketView:
    """A view and its displays, in the ticket of the view."""

    ticket: TicketRows

    @property
    def head(self) -> Entity:
        """The row of the view itself."""
        return self.ticket.head

    @property
    def is_update(self) -> bool:
        """Whether the site has the view already."""
        return self.ticket.group.action is GroupAction.UPDATE

    @cached_property
    def shared(self) -> Sequence[Entity]:
        """The displays that others inherit from."""
        return [d for d in self.ticket.live(EntityKind.VIEW_DISPLAY) if is_shared(d)]

    @cached_property
    def live(self) -> Sequence[Entity]:
        """The displays that stay or come, without those that others inherit from."""
        return [d for d in self.ticket.live(EntityKind.VIEW_DISPLAY) if not is_shared(d)]

    @cached_property
    def displays(self) -> Sequence[Entity]:
        """All displays that stay or come; a view without rows for its displays is its own one."""
        if not self.ticket.group.members:
            return [self.head]
        return self.ticket.live(EntityKind.VIEW_DISPLAY)

    def with_status(self, status: Status) -> Sequence[Entity]:
        """Return the displays of one status among these."""
        return [display for display in self.live if display.status is status]

    @property
    def gone(self) -> Sequence[Entity]:
        """The displays to delete."""
        return self.ticket.with_status(Status.DELETED)

    @cached_property
    def tried(self) -> Sequence[Entity]:
        """The displays with something to try; a view without rows for its displays is its own one."""
        if not self.ticket.group.members:
            return [self.head]
        return [display for display in self.live if display.status is not Status.IMPLEMENTED]
