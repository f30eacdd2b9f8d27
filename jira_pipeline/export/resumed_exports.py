"""Exports that people resume: whether they may, how often, and where an export goes on.

Belongs here: the rules of a resume, and what it says. Does not: starting runs
(`dagster_port/run_launchers`), whether the tickets may be exported (`gate`).

Re-executions by the system are not counted, and neither is `export` in a terminal, which shows its
plan first: the ledger carries on in every case. A program that starts a broken export again retries
it, whatever it calls that. The limit makes people look at what keeps failing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.context.states import NextStep
from jira_pipeline.export.export_run import ExportOrder
from jira_pipeline.model.errors import GateError, GateRule, RetriesExhaustedError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.work_records import RETRIES_MAX

_RETRYABLE = {SessionStatus.FAILED, SessionStatus.CANCELLED, SessionStatus.WAITING}
_SENT = {TicketState.EXPORTED, TicketState.IN_DOUBT}
_WITHOUT_ISSUE = {TicketState.PENDING, TicketState.IN_DOUBT, TicketState.FAILED}


@json_fields("retry_attempt remaining_retries resuming_from preserved_tickets")
@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedExport:
    retry_attempt: int
    remaining_retries: int
    resuming_from: int | None
    """Number of the first ticket, in order of creation, without an issue; None where all exist."""
    preserved_tickets: int
    """How many issues exist; they are not created again."""


def check_retry(
    session: UploadSession, *, retry_count: int, is_begun: bool, is_forced: bool, step: NextStep
) -> None:
    """Let a person resume the export, or say why not, and which step is next.

    By force also one that shows as running: its process may have died where nobody could see it.
    The lease still keeps two exports apart. One that is begun, with issues of some of its tickets
    and not of others, may be resumed from the review, too: changes after a broken export bring a
    session back there. `step` is next instead.

    Raises:
        GateError: There is no failed, cancelled or interrupted export.
        RetriesExhaustedError: People retried three times already.
    """
    key = session.session_key
    allowed = _RETRYABLE | ({SessionStatus.RUNNING} if is_forced else set())
    stages = {SessionStage.JIRA_EXPORT} | ({SessionStage.REVIEW} if is_begun else set())
    if session.stage not in stages or session.status not in allowed:
        raise GateError(
            f"No failed export to retry: session {key} is in {session.stage.value}, "
            f"{session.status.value}.",
            rule=GateRule.NOTHING_TO_RETRY,
            recovery_actions=(step.action,),
        )
    if not is_forced:
        refuse_exhausted(key, retry_count=retry_count)


def refuse_exhausted(session_key: str, *, retry_count: int) -> None:
    """Stop where people retried an export as often as is sensible."""
    if retry_count >= RETRIES_MAX:
        raise RetriesExhaustedError(
            session_key=session_key, retries_max=RETRIES_MAX, what="the export"
        )


def is_broken_off(session: UploadSession) -> bool:
    """Tell whether an export began and did not end, so that starting it again is a retry."""
    return session.stage is SessionStage.JIRA_EXPORT and session.status in _RETRYABLE


def resumed_from(
    order: ExportOrder, places: Mapping[str, TicketExport], *, retry_attempt: int
) -> ResumedExport:
    """Return where an export goes on, and how many tickets have their issues already."""
    tickets = [rendered.ticket for rendered in order.in_build_order]
    missing = [
        ticket for ticket in tickets if places[ticket.ticket_id].state is not TicketState.EXPORTED
    ]
    return ResumedExport(
        retry_attempt=retry_attempt,
        remaining_retries=max(0, RETRIES_MAX - retry_attempt),
        resuming_from=missing[0].number if missing else None,
        preserved_tickets=len(tickets) - len(missing),
    )


def is_begun(places: Iterable[TicketExport]) -> bool:
    """Tell whether some tickets of a session were sent and some still have no issue."""
    states = {place.state for place in places}
    return bool(states & _SENT) and bool(states & _WITHOUT_ISSUE)
