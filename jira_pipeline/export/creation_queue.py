"""Which tickets of an export still need an issue, and which of them may be sent next.

Belongs here: what the ledger says of the tickets, in build order. Does not: sending, probing, or
writing anything (`creation`).
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.unconfirmed import sendable_tickets
from jira_pipeline.model.exports import Exists, InDoubt, LeftToPerson, NotSent
from jira_pipeline.model.rendered_tickets import RenderedTicket


class CreationQueue:
    """The tickets of an export in build order, by the state of their issues in the ledger."""

    def __init__(self, run: ExportRun) -> None:
        self._run = run
        self.tickets = run.order.issues
        self._positions = {
            run.identity(rendered.ticket.ticket_id): position
            for position, rendered in enumerate(self.tickets)
        }
        # Kept up to date by the ledger page: asked after every write, of every ticket.
        self._identities_by_state = run.page.follow(self._positions)

    @property
    def existing_count(self) -> int:
        return len(self._identities_by_state[Exists])

    @property
    def unconfirmed_count(self) -> int:
        return len(self._identities_by_state[InDoubt])

    @property
    def left_to_people_count(self) -> int:
        return len(self._identities_by_state[LeftToPerson])

    def missing(self) -> list[RenderedTicket]:
        """Return the tickets without a confirmed issue."""
        return [
            rendered
            for rendered in self.tickets
            if not isinstance(self._run.issue_state(rendered), Exists)
        ]

    def unconfirmed(self) -> list[RenderedTicket]:
        """Return the tickets that were sent and whose issues may exist."""
        identities = self._identities_by_state[InDoubt]
        positions = sorted(self._positions[identity] for identity in identities)
        return [self.tickets[position] for position in positions]

    def left_to_people(self) -> list[RenderedTicket]:
        return [
            rendered
            for rendered in self.tickets
            if isinstance(self._run.issue_state(rendered), LeftToPerson)
        ]

    def is_new(self, rendered: RenderedTicket) -> bool:
        """Tell whether nothing was ever sent for a ticket that Jira may have kept."""
        state = self._run.issue_state(rendered)
        return isinstance(state, NotSent) and not state.is_resend

    def is_resent(self, rendered: RenderedTicket) -> bool:
        """Tell whether a ticket was sent again and is unconfirmed again."""
        state = self._run.issue_state(rendered)
        return isinstance(state, InDoubt) and state.is_resend_spent

    def sendable_new(self, start: int) -> Iterator[RenderedTicket]:
        """Yield the new tickets from a position on whose dependencies all have issues."""
        for rendered in sendable_tickets(self._run, self.tickets, start=start):
            if self.is_new(rendered):
                yield rendered

    def resendable(self) -> list[RenderedTicket]:
        """Return the tickets that were sent and found nowhere, and whose dependencies have issues."""
        sendable = sendable_tickets(self._run, self.tickets)
        return [rendered for rendered in sendable if not self.is_new(rendered)]

    def position_after(self, batch: Sequence[RenderedTicket]) -> int:
        """Return where to look for the next batch: at the first ticket of this one still to send.

        No ticket before this batch could be sent, and only in a circle do they depend on it.
        """
        positions = self._run.order.places
        first = positions[batch[0].ticket.ticket_id]
        last = positions[batch[-1].ticket.ticket_id]
        for position in range(first, last + 1):
            if self.is_new(self.tickets[position]):
                return position
        return last + 1

    def count_new_without_unconfirmed(self) -> int:
        """Count the new tickets that can be sent whatever becomes of those that were sent before.

        Neither they nor those they depend on, however far, depend on one that has no issue yet
        although it was sent.
        """
        blocked: set[str] = set()
        count = 0
        for rendered in self.tickets:
            ticket = rendered.ticket
            is_new = self.is_new(rendered)
            exists = isinstance(self._run.issue_state(rendered), Exists)
            if not blocked.isdisjoint(self._run.waits_for(ticket)) or not (exists or is_new):
                blocked.add(ticket.ticket_id)
            elif is_new:
                count += 1
        return count
