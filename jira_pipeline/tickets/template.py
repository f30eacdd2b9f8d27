"""The template writer: tickets by rule, from nothing but the rows.

Belongs here: putting the parts together. Does not: claims (`claims`), or finding questions
(`tickets/questions/found_questions`).
"""

from collections.abc import Generator, Sequence

from typing_extensions import override

from jira_pipeline.model.tickets import TicketProse
from jira_pipeline.tickets.claims.ticket import claims_of, estimated_hours, parts_of
from jira_pipeline.tickets.group_facts import GroupFacts
from jira_pipeline.tickets.roles import TicketWriter, WrittenTicket

NAME = "template/7"


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
