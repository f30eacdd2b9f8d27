"""What ticket writers do, and what they return."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from jira_pipeline.model.tickets import TicketProse
from jira_pipeline.tickets.group_facts import GroupFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTicket:
    """The prose of one group, as it arrives."""

    group_key: str
    prose: TicketProse


class TicketWriter(Protocol):
    name: str
    """With version, such as `template/1`: part of what a ticket was made from."""

    def write_all(
        self, briefs: Sequence[GroupFacts], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets of a session; each is yielded when it is finished, in any order.

        Closing the iterator stops what is under way. Whatever was paid for is kept as it
        arrives, so that the same briefs cost nothing twice.

        Raises:
            WriterError: The writer cannot go on (service, access, quota, budget), after those
                that were finished have been yielded.
        """
