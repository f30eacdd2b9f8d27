"""Two writers on one session: the same tickets with other prose, judged alike.

Belongs here: tickets as another writer has them, and where judgements differ. Does not: the
points (`rubric`), choosing a writer (`defs`). Nothing is stored.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from jira_pipeline.domain.tickets import (
    Revision,
    RevisionOrigin,
    Ticket,
    TicketProse,
    content_hash_of,
)
from jira_pipeline.ports.writing import TicketBrief, TicketWriter
from jira_pipeline.stages.quality.rubric import Criterion, SessionQuality, TicketQuality


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTicket:
    """One ticket as it is kept and as another writer has it."""

    kept: TicketQuality
    other: TicketQuality

    @property
    def gained(self) -> tuple[Criterion, ...]:
        """Points that only the other writer gets."""
        return tuple(c for c in self.kept.missing if c not in self.other.missing)

    @property
    def lost(self) -> tuple[Criterion, ...]:
        """Points that the other writer does not get."""
        return tuple(c for c in self.other.missing if c not in self.kept.missing)


def rewritten_tickets(
    tickets: Sequence[Ticket],
    briefs: Sequence[TicketBrief],
    *,
    writer: TicketWriter,
    session_key: str,
) -> tuple[Ticket, ...]:
    """Return the tickets with what another writer writes; those it does not write are left out.

    Raises:
        WriterError: The writer cannot go on.
    """
    by_group = {ticket.group_key: ticket for ticket in tickets}
    wanted = [brief for brief in briefs if brief.group.key in by_group]
    with closing(writer.write_all(wanted, session_key=session_key)) as arriving:
        prose = {written.group_key: written.prose for written in arriving}
    return tuple(
        _with_prose(by_group[brief.group.key], prose[brief.group.key], title=brief.group.title)
        for brief in wanted
        if brief.group.key in prose
    )


def compare_qualities(kept: SessionQuality, other: SessionQuality) -> tuple[ComparedTicket, ...]:
    """Put the judgements of the same tickets side by side, by number."""
    others = {ticket.ticket_id: ticket for ticket in other.tickets}
    return tuple(
        ComparedTicket(kept=ticket, other=others[ticket.ticket_id])
        for ticket in kept.tickets
        if ticket.ticket_id in others
    )


def _with_prose(ticket: Ticket, prose: TicketProse, *, title: str) -> Ticket:
    revision = Revision(
        number=ticket.revision.number,
        origin=RevisionOrigin.GENERATED,
        title=title,
        parts=prose.parts,
        questions=prose.questions,
        estimated_hours=prose.estimated_hours,
        writer=prose.writer,
        author=ticket.revision.author,
        created_at=ticket.revision.created_at,
        content_hash=content_hash_of(
            title=title, parts=prose.parts, estimated_hours=prose.estimated_hours
        ),
        fallback_reason=prose.fallback_reason,
        suggestions=prose.suggestions,
    )
    return replace(ticket, revision=revision)
