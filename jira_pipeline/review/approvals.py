"""Validating the tickets of a session and marking them ready.

A ready mark is a person's approval for export. It is bound to the hash of the rendered ticket, as
that was validated and read, so any later change takes it away. Marking validates first what changed
since the last validation.

Belongs here: the verbs of marks, and auto approval; when tickets are validated, and what it means
for the session; who saw the tickets; which tickets the sheets dropped. Does not: the rules of
validation (`tickets/documents/adf_validation`), whether a session approves itself (`open_session`),
what else people decide (`decisions`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from jira_pipeline.context.freshness import changes_since_validation, is_unchanged
from jira_pipeline.context.states import next_step, refuse_without_tickets, situation_before_export
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import EditConflictError, GateError, GateRule
from jira_pipeline.model.line_numbers import first_named, format_count, ticket_numbers_text
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
    decision_outcome,
    ids_of,
    marking_again,
    numbers_of,
    step,
    tickets_of,
)
from jira_pipeline.review.revisions import is_left_to_people
from jira_pipeline.review.withdrawals import without_rows
from jira_pipeline.tickets.documents.adf_validation import verdict_on
from jira_pipeline.tickets.documents.kept_documents import rendering_code

NUMBERS_NAMED = 20
"""How many tickets with open questions one message names."""
REFUSED_NAMED = 10
"""How many refused tickets one error names."""
VALIDATED_AT_ONCE = 200
"""Up to so many tickets, a decision about one validates the whole session before it answers.

A thousand take a second, in which everybody else on the same server waits.
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
        EditConflictError: A ticket is not as it was read.
        GateError: There are no tickets, one is not valid, the sheets changed since they were
            written, or a ticket was not validated and a run is at work.
        NotFoundError: A number names no ticket.
    """
    # Where a person is to be asked first, `with_questions` is false: tickets with open questions
    # stay as they are. `seen` has the hash of what a person read, by number: of the rendered
    # ticket, or of what an earlier mark covered.
    refuse_without_tickets(session.stored)
    if numbers is None:
        numbers = [ticket.number for ticket in session.tickets if ticket.exclusion is None]
    chosen = tickets_of(session, numbers)
    left = []
    if not with_questions:
        left = [ticket for ticket in chosen if ticket.unanswered and not ticket.is_ready]
    marking = [ticket for ticket in chosen if ticket not in left]
    session = validate_before_marking(session, chosen)
    # Those that are ready already are no part of the undo.
    marked = [ticket.number for ticket in marking if not ticket.is_ready]
    count = mark_validated_tickets(session, numbers=set(numbers_of(marking)), seen=seen, by=by)
    sentences = [f"{format_count(count, 'ticket')} marked ready."]
    unmarked = ""
    summary = questions_left(marking).asked
    if summary:
        sentences.append(f"{summary}, in {ticket_numbers_text(asking_numbers(marking))}.")
    if left:
        named = first_named([str(ticket.number) for ticket in left], NUMBERS_NAMED)
        are = "has open questions and is" if len(left) == 1 else "have open questions and are"
        unmarked = (
            f"{format_count(len(left), 'ticket')} {are} not ready: {named}. Answer the "
            "questions, or mark the tickets ready “with open questions”."
        )
    return decision_outcome(
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
        EditConflictError: A ticket does not have the values of `were`, which people saw.
        NotFoundError: A number names no ticket.
    """
    chosen = tickets_of(session, numbers)
    count = session.store.tickets.unmark_ready(
        session.key, ids_of(chosen), were=were, by=by, at=session.clock.now()
    )
    return decision_outcome(
        session,
        chosen,
        count,
        f"{format_count(count, 'ready mark')} removed.",
        undo=marking_again(chosen),
        unmarked=count,
    )


def mark_validated_tickets(
    session: OpenSession,
    *,
    numbers: Collection[int],
    seen: Mapping[int, str] | None = None,
    by: str,
) -> int:
    """Mark tickets ready without validating them again; return how many were not ready before.

    `seen` has the hash of what a person read, by number.

    Raises:
        EditConflictError: A ticket has another hash than people read.
        GateError: A ticket was not validated, did not pass, or changed since.
    """
    chosen = [rendered for rendered in session.hashed_tickets if rendered.ticket.number in numbers]
    for rendered in chosen:
        number = rendered.ticket.number
        # Either hash counts: a mark that is undone and given again covers what was read then.
        if (seen or {}).get(number, rendered.rendered_hash) not in rendered.hashes:
            raise EditConflictError(
                f"Ticket {number} changed while you read it, so nothing was decided.",
                recovery_actions=("Read it again, then decide.",),
            )
    passed = session.last_validation.passed_hashes if session.last_validation else {}
    refused = []
    for rendered in chosen:
        if passed.get(rendered.ticket.ticket_id) != rendered.rendered_hash:
            refused.append(rendered)
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
    """Mark the valid, undecided tickets of a session ready in its own name; return how many."""
    approved = render_as_approved(session.hashed_tickets, session.last_validation)
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


def as_export_begins(
    session: OpenSession, rendered: tuple[RenderedTicket, ...]
) -> tuple[RenderedTicket, ...]:
    """Return the tickets as the start of an export would leave them; nothing is stored."""
    if not session.approves_itself:
        return rendered
    return render_as_approved(rendered, session.last_validation)


def render_as_approved(
    rendered: Sequence[RenderedTicket], checked: CheckedContents | None
) -> tuple[RenderedTicket, ...]:
    """Return the tickets as auto approval would leave them; nothing is stored.

    Those that it approves are new values, the others the same objects. It approves what passed the
    validation `checked` as it is now, unless people decided about it, its cells changed since
    people edited it, or a model proposes to drop something of it or says what no row proves.
    """
    passed = checked.passed_hashes if checked else {}
    tickets_after = []
    for before in rendered:
        ticket = before.ticket
        has_passed = passed.get(ticket.ticket_id) == before.rendered_hash
        is_undecided = not before.is_excluded and not before.is_approved
        if is_undecided and has_passed and not is_left_to_people(ticket):
            approved = replace(
                ticket, ready_hash=before.rendered_hash, approved_hash=before.approved_hash
            )
            tickets_after.append(replace(before, ticket=approved))
        else:
            tickets_after.append(before)
    return tuple(tickets_after)


def count_left_to_people(session: OpenSession) -> int:
    """Count the tickets that auto approval would leave to people, of those that are not ready."""
    waiting = [
        ticket
        for ticket in session.tickets
        if ticket.exclusion is None and ticket.ready_hash is None
    ]
    return sum(map(is_left_to_people, waiting))


def _open_questions(rendered: Iterable[RenderedTicket]) -> dict[str, int]:
    """Count the questions that tickets leave open, by ticket id; those without any are left out."""
    counts = {
        rendered_ticket.ticket.ticket_id: len(rendered_ticket.ticket.unanswered)
        for rendered_ticket in rendered
    }
    return {ticket_id: count for ticket_id, count in counts.items() if count}


def validate(session: OpenSession, *, run_id: str | None) -> Validation:
    """Validate every ticket of a session, store the result and set the session's stage.

    The session waits in the review then. One without tickets and without withdrawals to agree to is
    completed, and a completed one that did not change stays so. The validation is dated before the
    tickets were read, so that an edit meanwhile counts as one after it.

    Raises:
        GateError: No tickets were written yet; nothing is stored.
    """
    read_at = session.clock.now()
    session = session.reload()  # only after the time is taken
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
    is_completed = session.stored.stage is SessionStage.COMPLETED
    is_unchanged_since = not changes_since_validation(session.stored)
    session.store.validations.record(validation)
    if is_completed and is_unchanged_since and validation.is_passed:
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
    """Tell whether validating again would change nothing; no document is read to find that out."""
    code = rendering_code(body_max_bytes=session.settings.adf_body_max_bytes)
    return (
        session.verdict is not None
        and session.stored.status in {SessionStatus.WAITING, SessionStatus.COMPLETED}
        and is_unchanged(session.stored, verdict=session.verdict, rendering=code)
    )


def validate_before_marking(session: OpenSession, chosen: Sequence[Ticket]) -> OpenSession:
    """Validate these tickets where they changed since the last validation; return the session then.

    Nothing is validated while a run is at work, or where other sheets wait to be written. In a small
    session all tickets are validated with them. In a large one a server validates only these now,
    and all in the background after it has answered.
    """
    stored = session.stored
    has_newer_sheets = stored.generated_from_sha256 != stored.content_sha256
    if has_newer_sheets or stored.status is SessionStatus.RUNNING:
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
    background.soon(f"validation of {session.key}", lambda: _validate_if_changed(session.reload()))
    return session.reload()


def _validate_if_changed(session: OpenSession) -> None:
    """Validate a session in the background, unless it was validated since or a run began."""
    if session.stored.status is SessionStatus.RUNNING:
        return
    if changes_since_validation(session.stored):
        validate(session, run_id=None)


def tickets_left_by_sheets(session: OpenSession) -> tuple[Ticket, ...]:
    """Return the tickets whose rows are gone and that nobody agreed to withdraw yet.

    Where newer sheets were uploaded since the tickets were written, those that the newer ones would
    leave without rows are among them.
    """
    if session.stored.generated_at is None:
        return ()
    proposed = unconfirmed_withdrawals(session.vanished_tickets)
    if session.stored.generated_from_sha256 == session.stored.content_sha256:
        return proposed
    return without_rows((*session.tickets, *proposed), group_keys=session.groups.keys())


def note_seen(session: OpenSession, *, by: str) -> None:
    """Record that a person looked at the tickets, so that later changes are shown to them as new."""
    session.note(AuditAction.TICKETS_SEEN, by=by, content_version=session.stored.content_version)


def last_seen_at(session: OpenSession, *, by: str) -> datetime | None:
    """Return when `note_seen` was last called for a person; None where it never was."""
    entries = session.store.audit.entries(session.key, actions={AuditAction.TICKETS_SEEN})
    return max((entry.at for entry in entries if entry.actor == by), default=None)
