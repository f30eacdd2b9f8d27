"""Decides for each ticket which fields are sent, and notes what a person has to do instead.

Belongs here: assignee, priority and what is not on the create screen; the manual fix of every
field that is left out. Does not: the fields themselves (`fields`), sending (`sending`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.ports.issue_tracker import FieldOption
from jira_pipeline.stages.jira_export.fields import (
    DroppableField,
    FieldChoice,
    fallback_of,
    missing_from_screen,
)
from jira_pipeline.stages.jira_export.jira_names import choose_priority
from jira_pipeline.stages.jira_export.left_to_people import Fallback, record_fix
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.people import Unresolved, choose_account

ASSIGN_PERMISSION = "ASSIGN_ISSUES"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateScreen:
    """What a creation may fill."""

    field_ids: frozenset[str]
    priorities: tuple[FieldOption, ...] | None = None
    """What the priority field takes; None where Jira lists none."""


class FieldChoices:
    """What was decided for the tickets of one execution."""

    def __init__(
        self, tools: ExportTools, order: ExportOrder, *, opened: OpenTarget, screen: CreateScreen
    ) -> None:
        """Decide nothing yet."""
        self._tools = tools
        self._order = order
        self._opened = opened
        self._screen = screen
        self._chosen: dict[str, FieldChoice] = {}
        self._people: dict[str, str | Unresolved] = {}

    def choice(self, rendered: RenderedTicket) -> FieldChoice:
        """Return what is sent of a ticket; decided once, and narrowed by refusals."""
        ticket = rendered.ticket
        if ticket.ticket_id not in self._chosen:
            self._chosen[ticket.ticket_id] = self._first_choice(ticket)
        return self._chosen[ticket.ticket_id]

    def drop(
        self, rendered: RenderedTicket, fields: Iterable[DroppableField], *, reason: str
    ) -> None:
        """Leave fields of a ticket out from now on, and note what a person has to do."""
        choice = self.choice(rendered)
        for field in fields:
            self.record(rendered.ticket, fallback_of(rendered.ticket, field, reason=reason))
            choice = replace(choice, dropped=choice.dropped | {field})
        self._chosen[rendered.ticket.ticket_id] = choice

    def attach_body(self, rendered: RenderedTicket) -> None:
        """Send a short body from now on; the whole is attached."""
        choice = self.choice(rendered)
        self._chosen[rendered.ticket.ticket_id] = replace(choice, is_body_attached=True)

    def record(self, ticket: Ticket, fallback: Fallback | None) -> None:
        """Keep what a person has to do; the key is added from the receipt when it is shown."""
        if fallback is not None:
            record_fix(self._tools, self._opened, ticket, fallback, key=None)

    def _first_choice(self, ticket: Ticket) -> FieldChoice:
        for field in missing_from_screen(ticket, self._screen.field_ids):
            reason = "the field is not on the create screen"
            self.record(ticket, fallback_of(ticket, field, reason=reason))
        return FieldChoice(
            account_id=self._account_id(ticket),
            priority=self._priority(ticket),
            screen=self._screen.field_ids,
        )

    def _account_id(self, ticket: Ticket) -> str | None:
        if not ticket.assignee or DroppableField.ASSIGNEE.value not in self._screen.field_ids:
            return None
        found = self._person(ticket.assignee)
        if not isinstance(found, Unresolved):
            return found
        fallback = fallback_of(ticket, DroppableField.ASSIGNEE, reason=found.reason)
        self.record(ticket, fallback)
        return None

    def _person(self, asked: str) -> str | Unresolved:
        """Return the account id of an address or name; Jira is asked once for each."""
        if ASSIGN_PERMISSION in self._opened.withheld:
            return Unresolved(reason=f"our account lacks the permission {ASSIGN_PERMISSION}")
        if asked not in self._people:
            users = self._tools.tracker.assignable_users(self._opened.target.project_key, asked)
            found = choose_account(asked, users)
            self._people[asked] = found if isinstance(found, Unresolved) else found.account_id
        return self._people[asked]

    def _priority(self, ticket: Ticket) -> Mapping[str, str] | None:
        """Return the priority as Jira takes it; None leaves the project's default."""
        known = self._screen.priorities
        if not ticket.priority or DroppableField.PRIORITY.value not in self._screen.field_ids:
            return None
        if known is None:
            return {"name": ticket.priority}
        found = choose_priority(known, ticket.priority)
        if not isinstance(found, Unresolved):
            return {"id": found.option_id} if found.option_id else {"name": found.name}
        self.record(ticket, fallback_of(ticket, DroppableField.PRIORITY, reason=found.reason))
        return None
