"""What ticket writers do, and the one that writes by rule, from nothing but the rows.

Belongs here: the role and what it returns; putting the parts of a ticket together. Does not: claims
(`claims`), finding questions (`tickets/questions/found_questions`), other writers (`writing`).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from jira_pipeline.model.tickets import TicketProse
from jira_pipeline.tickets.claims.claim import GroupFacts
from jira_pipeline.tickets.claims.ticket import claims_of, estimated_hours, parts_of

NAME = "template/7"


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


class TemplateWriter(TicketWriter):
    """Writes tickets offline; the same brief gives the same prose, byte for byte."""

    name: str = NAME

    @override
    def write_all(
        self, briefs: Sequence[GroupFacts], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets in the order given; the session costs nothing."""
        del session_key
        for brief in briefs:
            yield WrittenTicket(group_key=brief.group.key, prose=self.write(brief))

    def write(self, facts: GroupFacts) -> TicketProse:
        return TicketProse(
            parts=parts_of(claims_of(facts), facts),
            questions=facts.questions,
            estimated_hours=estimated_hours(facts),
            writer=self.name,
            assumptions=facts.assumptions,
        )
