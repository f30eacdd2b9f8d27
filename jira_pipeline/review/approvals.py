"""Marking tickets ready, and taking the marks away: what changed is validated first.

Belongs here: these verbs, and auto approval; a mark is always bound to what was validated. Does
not: whether a session approves itself (`open_session`), validating (`validating`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from jira_pipeline.context.states import next_step, refuse_without_tickets, situation_before_export
from jira_pipeline.model.errors import EditConflictError, GateError, GateRule
from jira_pipeline.model.line_numbers import counted, first_named, ticket_numbers_text
from jira_pipeline.model.rendered_tickets import CheckedContents, RenderedTicket
from jira_pipeline.model.tickets import asking_numbers, questions_left
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import (
    Decided,
    Numbers,
    NumbersOrAll,
    Seen,
    decided,
    ids_of,
    marking_again,
    step,
    tickets_of,
)
from jira_pipeline.review.ready_marks import AUTO_APPROVAL
from jira_pipeline.review.validating import validated_for

NUMBERS_NAMED, REFUSED_NAMED = 20, 10


def mark_ready(
    session: OpenSession,
    numbers: NumbersOrAll = None,
    *,
    with_questions: bool = True,
    seen: Mapping[int, str] | None = None,
    by: str,
) -> Decided:
    """Mark tickets ready for export; anything that has changed is validated first.

    Any later change to a ticket removes its mark. Skipped tickets can be marked only by number.

    Raises:
        EditConflictError: One is not as it was read.
        GateError: There are no tickets, one is not valid, the sheets changed since they were
            written, or something is at work and one was not validated.
        NotFoundError: A number names no ticket.
    """
    # The audit trail has how many questions were open. Where a person is to be asked first,
    # `with_questions` is false: tickets with open questions stay as they are. `seen` has the hash
    # of what a person read, by number.
    refuse_without_tickets(session.stored)
    if numbers is None:
        numbers = [t.number for t in session.tickets if t.exclusion is None]
    chosen = tickets_of(session, numbers)
    left = [] if with_questions else [t for t in chosen if t.unanswered and not t.is_ready]
    meant = [one for one in chosen if one not in left]
    session = validated_for(session, chosen)
    marked = [t.number for t in meant if not t.is_ready]
    count = mark_validated(session, numbers={t.number for t in meant}, seen=seen, by=by)
    sentences, unmarked = [f"{counted(count, 'ticket')} marked ready."], ""
    if summary := questions_left(meant).asked:
        sentences.append(f"{summary}, in {ticket_numbers_text(asking_numbers(meant))}.")
    if left:
        named = first_named([str(ticket.number) for ticket in left], NUMBERS_NAMED)
        are = "has open questions and is" if len(left) == 1 else "have open questions and are"
        unmarked = (
            f"{counted(len(left), 'ticket')} {are} not ready: {named}. Answer the "
            "questions, or mark the tickets ready “with open questions”."
        )
    return decided(
        session,
        chosen,
        count,
        *sentences,
        left=unmarked,
        undo=step("unready", marked, were={"ready_by": by}),
        marked=count,
        open_questions=questions_left(chosen).count,
        open_questions_in=asking_numbers(chosen),
    )


def unmark_ready(
    session: OpenSession, numbers: Numbers, *, were: Seen | None = None, by: str
) -> Decided:
    """Remove ready marks.

    Raises:
        EditConflictError: One has not what people saw.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    count = session.store.tickets.unmark_ready(
        session.key, ids_of(chosen), were=were, by=by, at=session.clock.now()
    )
    return decided(
        session,
        chosen,
        count,
        f"{counted(count, 'ready mark')} removed.",
        undo=marking_again(chosen),
        unmarked=count,
    )


def mark_validated(
    session: OpenSession,
    *,
    numbers: Collection[int],
    seen: Mapping[int, str] | None = None,
    by: str,
) -> int:
    """Mark tickets ready that are as they were validated; return how many were not before.

    Raises:
        EditConflictError: One is not as people read it: `seen` has the hash of that, by number.
        GateError: A ticket was not validated, did not pass, or changed since.
    """
    chosen = [one for one in session.judged if one.ticket.number in numbers]
    for one in chosen:
        if (seen or {}).get(one.ticket.number, one.rendered_hash) != one.rendered_hash:
            raise EditConflictError(
                f"Ticket {one.ticket.number} changed while you read it, so nothing was decided.",
                recovery_actions=("Read it again, then decide.",),
            )
    passed = session.checked.passed_hashes if session.checked else {}
    refused = [t for t in chosen if passed.get(t.ticket.ticket_id) != t.rendered_hash]
    if refused:
        now = situation_before_export(
            session.stored, checked=session.checked, rendered=session.judged
        )
        named = first_named([str(t.ticket.number) for t in refused], REFUSED_NAMED)
        raise GateError(
            f"Tickets {named} of {session.key} have not passed validation as they are now.",
            rule=GateRule.VALIDATION_FAILED,
            recovery_actions=(next_step(now).action,),
        )
    hashes = {t.ticket.ticket_id: t.rendered_hash for t in chosen}
    return session.store.tickets.mark_ready(
        session.key, hashes, open_questions=_open_questions(chosen), by=by, at=session.clock.now()
    )


def approve_automatically(session: OpenSession) -> int:
    """Mark the valid tickets of a session ready that approves itself; return how many."""
    approved = rendered_as_approved(session.judged, session.checked)
    hashes = {
        after.ticket.ticket_id: after.rendered_hash
        for before, after in zip(session.judged, approved, strict=True)
        if before is not after
    }
    return session.store.tickets.mark_ready(
        session.key,
        hashes,
        open_questions=_open_questions(approved),
        by=AUTO_APPROVAL,
        at=session.clock.now(),
    )


def rendered_as_approved(
    rendered: Sequence[RenderedTicket], checked: CheckedContents | None
) -> tuple[RenderedTicket, ...]:
    """Return the tickets as auto approval would leave them; nothing is stored."""
    passed = checked.passed_hashes if checked else {}
    return tuple(
        replace(r, ticket=replace(r.ticket, ready_hash=r.rendered_hash))
        if not r.is_excluded
        and not r.ticket.source_changes
        and r.ticket.ready_hash != r.rendered_hash
        and passed.get(r.ticket.ticket_id) == r.rendered_hash
        else r
        for r in rendered
    )


def _open_questions(rendered: Iterable[RenderedTicket]) -> dict[str, int]:
    return {r.ticket.ticket_id: len(r.ticket.unanswered) for r in rendered if r.ticket.unanswered}
