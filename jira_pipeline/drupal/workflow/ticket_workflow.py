"""The rows in the ticket of a workflow, by what the ticket does with them.

Belongs here: what is new, there, or removed of its states. Does not: its
transitions (`transition`), what it applies to (`applies_to`), what Content Moderation brings (`states`).
"""

from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.entities import THERE, Entity, EntityKind, Specification, Status


@dataclass(frozen=True, kw_only=True, eq=False)
class TicketWorkflow:
    """The workflow that a ticket is about, with its rows."""

    ticket: TicketRows

    @property
    def specification(self) -> Specification:
        return self.ticket.session.specification

    @cached_property
    def group_rows(self) -> GroupRows:
        """The same rows as questions are asked of them."""
        return GroupRows(group=self.ticket.group, index=self.ticket.session.index)

    @property
    def workflow(self) -> Entity:
        """The row of the workflow itself."""
        return self.ticket.head

    @property
    def name(self) -> str:
        """The workflow's name as the phrases quote it."""
        return quoted(self.ticket.name)

    @property
    def is_new(self) -> bool:
        return self.workflow.status not in THERE

    @cached_property
    def states(self) -> tuple[Entity, ...]:
        """States that exist once the ticket is done."""
        return self.ticket.live(EntityKind.WORKFLOW_STATE)

    def removed(self, kind: EntityKind) -> list[Entity]:
        """Return the rows to remove of one kind."""
        return [row for row in self.ticket.with_status(Status.DELETED) if row.kind is kind]
