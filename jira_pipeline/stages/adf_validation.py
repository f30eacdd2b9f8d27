"""Fourth stage: every ticket is rendered as Jira would get it and checked.

Belongs here: rendering a whole session, checking documents and attachments, storing the result.
Does not: the rules of documents (`adf`), whether a session may be exported (`jira_export/gate`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from jira_pipeline.adf import Violation, compact_json_bytes, validate_adf
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.ports import SessionStore, ValidationStore
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import (
    SessionStage,
    SessionStatus,
    UploadSession,
    refuse_without_tickets,
)
from jira_pipeline.domain.tickets import Ticket, nothing_to_do
from jira_pipeline.domain.validations import TicketValidation, Validation
from jira_pipeline.errors import GateError
from jira_pipeline.stages.ticket_rendering import character_reduction, render_ticket

ATTACHMENT_MAX_BYTES = 1_000_000
# Requirements, P-2: the full text is attached as Markdown of at most 1 MB.
VIOLATIONS_TOLD = 5


def render_tickets(
    tickets: Sequence[Ticket], *, groups: Mapping[str, EntityGroup], body_max_bytes: int
) -> tuple[RenderedTicket, ...]:
    """Render all tickets, in their order.

    Raises:
        GateError: A ticket's group is not in the sheets any more; they changed after generation.
    """
    missing = [ticket.title for ticket in tickets if ticket.group_key not in groups]
    if missing:
        raise GateError(
            f"Re-validation required: the sheets no longer hold {missing[0]}"
            f"{f' and {len(missing) - 1} more' if len(missing) > 1 else ''}.",
            rule="S0-4",
            recovery_actions=(
                (
                    f"Run `jira-pipeline regenerate {tickets[0].session_key}`: it writes and "
                    "validates the tickets anew."
                ),
            ),
        )
    return tuple(
        render_ticket(
            ticket, groups[ticket.group_key], groups=groups, body_max_bytes=body_max_bytes
        )
        for ticket in tickets
    )


def validate_session(
    session: UploadSession,
    *,
    rendered: Sequence[RenderedTicket],
    body_max_bytes: int,
    sessions: SessionStore,
    validations: ValidationStore,
    now: Callable[[], datetime],
    run_id: str | None,
) -> Validation:
    """Check every ticket of a session and store what was found.

    A session without anything to build is completed by it.

    Raises:
        GateError: No tickets were written yet; nothing is stored.
    """
    refuse_without_tickets(session)
    key = session.session_key
    validation = Validation(
        session_key=key,
        at=now(),
        results=tuple(check_ticket(ticket, body_max_bytes=body_max_bytes) for ticket in rendered),
    )
    validations.record(validation)
    stage, status = SessionStage.REVIEW, SessionStatus.WAITING
    if not rendered:
        stage, status = SessionStage.COMPLETED, SessionStatus.COMPLETED
    sessions.set_stage(key, stage=stage, status=status, at=now(), run_id=run_id)
    if not rendered:
        sessions.set_progress(key, percentage=100.0, text=nothing_to_do(()), at=now())
    return validation


def check_ticket(rendered: RenderedTicket, *, body_max_bytes: int) -> TicketValidation:
    """Check one rendered ticket: document, size, attachment."""
    document = dict(rendered.description_adf)
    violations = validate_adf(document, profile="jira")
    size_bytes = compact_json_bytes(document)
    attachment_status, attachment_fault = _check_attachment(rendered)
    messages = [_sentence_of(v) for v in violations[:VIOLATIONS_TOLD]]
    if len(violations) > VIOLATIONS_TOLD:
        messages.append(f"and {len(violations) - VIOLATIONS_TOLD} more")
    fixes = [v.suggested_fix for v in violations[:1]]
    if size_bytes > body_max_bytes:
        messages.append(f"the body has {size_bytes} bytes, Jira takes {body_max_bytes}")
        fixes.append("Shorten the prose parts; tables are in the attachment already.")
    if attachment_fault:
        messages.append(attachment_fault)
        fixes.append("Split the rows into several bundles or shorten their notes.")
    return TicketValidation(
        ticket_id=rendered.ticket.ticket_id,
        title=rendered.ticket.title,
        is_passed=not messages,
        rendered_hash=rendered.rendered_hash,
        adf_size_bytes=size_bytes,
        character_reduction=character_reduction(rendered),
        error_message="; ".join(messages),
        suggested_fix=" ".join(dict.fromkeys(fixes)),
        is_attachment_checked=rendered.attachment is not None,
        attachment_status=attachment_status,
    )


def _check_attachment(rendered: RenderedTicket) -> tuple[str, str]:
    """Return the status of the attachment and what is wrong with it."""
    if rendered.attachment is None:
        return "none", ""
    size_bytes = len(rendered.attachment[1].encode())
    if size_bytes > ATTACHMENT_MAX_BYTES:
        fault = f"the attachment has {size_bytes} bytes, {ATTACHMENT_MAX_BYTES} are allowed"
        return "too_large", fault
    return "ok", ""


def _sentence_of(violation: Violation) -> str:
    return f"{violation.path}: {violation.message}"
