"""What validated tickets are, compared with what they are now, for the gate and the next step.

Belongs here: whether a session is fresh, its situation from its tickets. Does not: refusing
(`jira_export/gate`, `review/approval`), the rules of the next step (`domain/next_step`).
"""

from dataclasses import replace

from jira_pipeline.domain.next_step import Situation
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.domain.staleness import Fresh, Stale, changes_since, staleness_gate
from jira_pipeline.domain.validations import CheckedContents, ValidationVerdict


def situation_before_export(
    session: UploadSession,
    *,
    checked: CheckedContents | None,
    rendered: tuple[RenderedTicket, ...],
) -> Situation:
    """Return the situation of a session as the gate sees it, whatever is at work meanwhile."""
    wanted = [r for r in rendered if not r.is_skipped]
    verdict = None if checked is None else staleness_of(session, checked=checked, rendered=rendered)
    return Situation(
        session=replace(session, stage=SessionStage.REVIEW, status=SessionStatus.WAITING),
        is_validated=checked is not None,
        is_stale=isinstance(verdict, Stale),
        failed_count=0 if checked is None else len(checked.failures),
        ticket_count=len(wanted),
        ready_count=sum(r.ticket.ready_hash == r.rendered_hash for r in wanted),
    )


def staleness_of(
    session: UploadSession, *, checked: CheckedContents, rendered: tuple[RenderedTicket, ...]
) -> Fresh | Stale:
    """Tell whether what was validated is what would be exported; skipped tickets don't count."""
    skipped = {r.ticket.ticket_id for r in rendered if r.is_skipped}
    return staleness_gate(
        last_validated_at=session.last_validated_at or checked.at,
        last_invalidated_at=session.last_invalidated_at,
        validated_hashes={
            ticket_id: rendered_hash
            for ticket_id, rendered_hash in checked.rendered_hashes.items()
            if ticket_id not in skipped
        },
        current_hashes={r.ticket.ticket_id: r.rendered_hash for r in rendered if not r.is_skipped},
        generated_from_sha256=session.generated_from_sha256,
        content_sha256=session.content_sha256,
        source_word=session.source_word,
    )


def is_unchanged(session: UploadSession, *, verdict: ValidationVerdict, rendering: str) -> bool:
    """Tell whether nothing that Jira would get changed since it was validated.

    Then the session is fresh without a look at any ticket. Else it may be fresh all the same:
    `staleness_of` says.
    """
    return (
        verdict.content_version == session.content_version
        and verdict.rendering == rendering
        and not changes_since(
            last_validated_at=session.last_validated_at or verdict.at,
            last_invalidated_at=session.last_invalidated_at,
            generated_from_sha256=session.generated_from_sha256,
            content_sha256=session.content_sha256,
            source_word=session.source_word,
        )
    )
