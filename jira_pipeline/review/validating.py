"""The review of a session: validating its tickets, who saw them, what the sheets dropped.

Belongs here: when that is, and what it means for the session. Does not: rules
(`tickets/documents/adf_validation`), what people decide (`decisions`).
"""

from collections.abc import Sequence
from datetime import datetime

from jira_pipeline.context.states import (
    changes_since_validation,
    is_unchanged,
    refuse_without_tickets,
)
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.rendered_tickets import Validation
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.tickets import Ticket, nothing_to_do, proposed_among
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.withdrawals import without_rows
from jira_pipeline.tickets.documents.adf_validation import verdict_on
from jira_pipeline.tickets.documents.kept_documents import rendering_code

VALIDATED_AT_ONCE = 200
"""Tickets of a session up to which a decision about one validates all before it is answered.

A thousand take a second, and everybody who works beside it waits.
"""


def validate(session: OpenSession, *, run_id: str | None) -> Validation:
    """Check every ticket of a session, where that was not done already, and store what was found.

    A session without anything to build is completed by it, unless something is left for people to
    agree to; one that is completed, and did not change, stays so. The validation is of the moment
    before the tickets were read: an edit while it goes on is an edit after it.

    Raises:
        GateError: No tickets were written yet; nothing is stored.
    """
    read_at = session.clock.now()
    session = session.again()  # an edit from now on is one after the validation
    rendered, most = session.rendered, session.settings.adf_body_max_bytes
    refuse_without_tickets(session.stored)
    validation = Validation(
        session_key=session.key,
        at=read_at,
        results=tuple(verdict_on(one, body_max_bytes=most) for one in rendered),
        content_version=session.stored.content_version,
        rendering=rendering_code(body_max_bytes=most),
    )
    is_as_completed = session.stored.stage is SessionStage.COMPLETED and not (
        changes_since_validation(session.stored)
    )
    session.store.validations.record(validation)
    if is_as_completed and validation.is_passed:
        return validation
    stage, status = SessionStage.REVIEW, SessionStatus.WAITING
    if not rendered and not proposed_among(session.vanished):
        stage, status = SessionStage.COMPLETED, SessionStatus.COMPLETED
    sessions, now = session.store.sessions, session.clock.now
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
    hashes = {} if session.checked is None else session.checked.rendered_hashes
    wanted = {ticket.ticket_id for ticket in chosen}
    changed = [
        one.ticket
        for one in session.judged
        if one.ticket.ticket_id in wanted and hashes.get(one.ticket.ticket_id) != one.rendered_hash
    ]
    if not changed:
        return session
    background = session.pipeline.background
    if background is None or session.checked is None or session.tally.total <= VALIDATED_AT_ONCE:
        validate(session, run_id=None)
        return session.again()
    verdicts = [
        verdict_on(one, body_max_bytes=session.settings.adf_body_max_bytes)
        for one in session.rendered_of(changed)
    ]
    session.store.validations.amend(session.key, verdicts, at=session.clock.now())
    background.soon(f"validation of {session.key}", lambda: _validated(session.again()))
    return session.again()


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
    proposed = proposed_among(session.vanished)
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
