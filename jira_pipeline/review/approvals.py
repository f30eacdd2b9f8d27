"""Validating the tickets of a session and marking them ready: what changed is validated first.

Belongs here: the verbs of marks, and auto approval; a mark is always bound to what was validated;
when that is, and what it means for the session; who saw the tickets, what the sheets dropped. Does
not: rules (`tickets/documents/adf_validation`), whether a session approves itself (`open_session`),
what else people decide (`decisions`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from jira_pipeline.context.freshness import changes_since_validation, is_unchanged
from jira_pipeline.context.states import next_step, refuse_without_tickets, situation_before_export
from jira_pipeline.model.errors import EditConflictError, GateError, GateRule
from jira_pipeline.model.line_numbers import first_named, format_count, ticket_numbers_text
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.ticket_validations import CheckedContents, Validation
from jira_pipeline.model.tickets import (
    Ticket,
    asking_numbers,
    nothing_to_do,
    questions_left,
    unconfirmed_withdrawals,
)
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import (
    Decided,
    Numbers,
    NumbersOrAll,
    Seen,
    decided,
    ids_of,
    marking_again,
    numbers_of,
    step,
    tickets_of,
)
from jira_pipeline.review.withdrawals import without_rows
from jira_pipeline.tickets.documents.adf_validation import verdict_on
from jira_pipeline.tickets.documents.kept_documents import rendering_code

NUMBERS_NAMED = 20
REFUSED_NAMED = 10
VALIDATED_AT_ONCE = 200
"""Tickets of a session up to which a decision about one validates all before it is answered.

A thousand take a second, and everybody who works beside it waits.
"""


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
    # of what a person read, by number: the rendered one, or the one that a mark covered.
    refuse_without_tickets(session.stored)
    if numbers is None:
        numbers = [ticket.number for ticket in session.tickets if ticket.exclusion is None]
    chosen = tickets_of(session, numbers)
    left = []
    if not with_questions:
        left = [ticket for ticket in chosen if ticket.unanswered and not ticket.is_ready]
    marking = [ticket for ticket in chosen if ticket not in left]
    session = validated_for(session, chosen)
    marked = [ticket.number for ticket in marking if not ticket.is_ready]
    count = mark_validated(session, numbers=set(numbers_of(marking)), seen=seen, by=by)
    sentences = [f"{format_count(count, 'ticket')} marked ready."]
    unmarked = ""
    if summary := questions_left(marking).asked:
        sentences.append(f"{summary}, in {ticket_numbers_text(asking_numbers(marking))}.")
    if left:
        named = first_named([str(ticket.number) for ticket in left], NUMBERS_NAMED)
        are = "has open questions and is" if len(left) == 1 else "have open questions and are"
        unmarked = (
            f"{format_count(len(left), 'ticket')} {are} not ready: {named}. Answer the "
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
        f"{format_count(count, 'ready mark')} removed.",
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
    chosen = [rendered for rendered in session.hashed_tickets if rendered.ticket.number in numbers]
    for rendered in chosen:
        number = rendered.ticket.number
        # Who marks again what was approved before read what that mark covers.
        if (seen or {}).get(number, rendered.rendered_hash) not in rendered.hashes:
            raise EditConflictError(
                f"Ticket {number} changed while you read it, so nothing was decided.",
                recovery_actions=("Read it again, then decide.",),
            )
    passed = session.last_validation.passed_hashes if session.last_validation else {}
    refused = [
        rendered
        for rendered in chosen
        if passed.get(rendered.ticket.ticket_id) != rendered.rendered_hash
    ]
    if refused:
        now = situation_before_export(
            session.stored, checked=session.last_validation, rendered=session.hashed_tickets
        )
        numbers_refused = [str(rendered.ticket.number) for rendered in refused]
        named = first_named(numbers_refused, REFUSED_NAMED)
        raise GateError(
            f"Tickets {named} of {session.key} have not passed validation as they are now.",
            rule=GateRule.VALIDATION_FAILED,
            recovery_actions=(next_step(now).action,),
        )
    hashes = {rendered.ticket.ticket_id: rendered.hashes for rendered in chosen}
    return session.store.tickets.mark_ready(
        session.key, hashes, open_questions=_open_questions(chosen), by=by, at=session.clock.now()
    )


def approve_automatically(session: OpenSession) -> int:
    """Mark the valid tickets of a session ready that approves itself; return how many."""
    approved = rendered_as_approved(session.hashed_tickets, session.last_validation)
    hashes = {
        after.ticket.ticket_id: after.hashes
        for before, after in zip(session.hashed_tickets, approved, strict=True)
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
    left = []
    for before in rendered:
        ticket = before.ticket
        has_passed = passed.get(ticket.ticket_id) == before.rendered_hash
        is_undecided = not before.is_excluded and not before.is_approved
        if is_undecided and has_passed and not ticket.source_changes:
            approved = replace(
                ticket, ready_hash=before.rendered_hash, approved_hash=before.approved_hash
            )
            left.append(replace(before, ticket=approved))
        else:
            left.append(before)
    return tuple(left)


def _open_questions(rendered: Iterable[RenderedTicket]) -> dict[str, int]:
    """Count the questions that tickets leave open, by ticket id; those without any are left out."""
    counts = {
        rendered_ticket.ticket.ticket_id: len(rendered_ticket.ticket.unanswered)
        for rendered_ticket in rendered
    }
    return {ticket_id: count for ticket_id, count in counts.items() if count}


def validate(session: OpenSession, *, run_id: str | None) -> Validation:
    """Check every ticket of a session, where that was not done already, and store what was found.

    A session without anything to build is completed by it, unless something is left for people to
    agree to; one that is completed, and did not change, stays so. The validation is of the moment
    before the tickets were read: an edit while it goes on is an edit after it.

    Raises:
        GateError: No tickets were written yet; nothing is stored.
    """
    read_at = session.clock.now()
    session = session.reload()  # an edit from now on is one after the validation
    rendered = session.rendered
    most = session.settings.adf_body_max_bytes
    refuse_without_tickets(session.stored)
    validation = Validation(
        session_key=session.key,
        at=read_at,
        results=tuple(verdict_on(ticket, body_max_bytes=most) for ticket in rendered),
        content_version=session.stored.content_version,
        rendering=rendering_code(body_max_bytes=most),
    )
    is_as_completed = session.stored.stage is SessionStage.COMPLETED and not (
        changes_since_validation(session.stored)
    )
    session.store.validations.record(validation)
    if is_as_completed and validation.is_passed:
        return validation
    stage = SessionStage.REVIEW
    status = SessionStatus.WAITING
    if not rendered and not unconfirmed_withdrawals(session.vanished_tickets):
        stage = SessionStage.COMPLETED
        status = SessionStatus.COMPLETED
    sessions = session.store.sessions
    now = session.clock.now
    sessions.set_stage(session.key, stage=stage, status=status, at=now(), run_id=run_id)
    tested = f"{len(rendered)} ticket{'' if len(rendered) == 1 else 's'}"
    failed = sum(not result.is_passed for result in validation.results)
    text = f"{tested} valid, ready for review" if rendered else nothing_to_do(())
    if failed:
        text = f"{failed} of {tested} failed validation"
    sessions.set_progress(session.key, percentage=100.0, text=text, at=now())
    return validation


def is_validated(session: OpenSession) -> bool:
    """Tell whether validating again would find and change nothing; no document is read for it."""
    code = rendering_code(body_max_bytes=session.settings.adf_body_max_bytes)
    return (
        session.verdict is not None
        and session.stored.status in {SessionStatus.WAITING, SessionStatus.COMPLETED}
        and is_unchanged(session.stored, verdict=session.verdict, rendering=code)
    )


def validated_for(session: OpenSession, chosen: Sequence[Ticket]) -> OpenSession:
    """Return the session with these tickets validated as they are, where that may be done now.

    A process that serves validates the others of a large session behind its answer.
    """
    stored = session.stored
    is_written_anew = stored.generated_from_sha256 != stored.content_sha256
    if is_written_anew or stored.status is SessionStatus.RUNNING:
        return session
    hashes = {} if session.last_validation is None else session.last_validation.rendered_hashes
    wanted = {ticket.ticket_id for ticket in chosen}
    changed = []
    for rendered in session.hashed_tickets:
        ticket_id = rendered.ticket.ticket_id
        if ticket_id in wanted and hashes.get(ticket_id) != rendered.rendered_hash:
            changed.append(rendered.ticket)
    if not changed:
        return session
    background = session.pipeline.background
    if (
        background is None
        or session.last_validation is None
        or session.tally.total <= VALIDATED_AT_ONCE
    ):
        validate(session, run_id=None)
        return session.reload()
    verdicts = [
        verdict_on(rendered, body_max_bytes=session.settings.adf_body_max_bytes)
        for rendered in session.rendered_of(changed)
    ]
    session.store.validations.amend(session.key, verdicts, at=session.clock.now())
    background.soon(f"validation of {session.key}", lambda: _validated(session.reload()))
    return session.reload()


def _validated(session: OpenSession) -> None:
    if session.stored.status is not SessionStatus.RUNNING and changes_since_validation(
        session.stored
    ):
        validate(session, run_id=None)


def left_by_sheets(session: OpenSession) -> tuple[Ticket, ...]:
    """Return the tickets the sheets no longer ask for, as far as nobody agreed to withdraw them.

    Where other sheets were uploaded since the tickets were written, it is what the next generation
    would leave without rows.
    """
    if session.stored.generated_at is None:
        return ()
    proposed = unconfirmed_withdrawals(session.vanished_tickets)
    if session.stored.generated_from_sha256 == session.stored.content_sha256:
        return proposed
    return without_rows((*session.tickets, *proposed), group_keys=session.groups.keys())


def note_seen(session: OpenSession, *, by: str) -> None:
    """Note that a person looked at the tickets: what changes from now on is new to them."""
    session.note(AuditAction.TICKETS_SEEN, by=by, content_version=session.stored.content_version)


def seen_at(session: OpenSession, *, by: str) -> datetime | None:
    """Return when a person said last that they looked; None where they never did."""
    entries = session.store.audit.entries(session.key, actions={AuditAction.TICKETS_SEEN})
    return max((entry.at for entry in entries if entry.actor == by), default=None)
