"""When the latest work on a session began, failed and ended, and how often people retried it.

Belongs here: working that out of the audit trail and the errors; how often work may be retried. Does
not: gathering these (`export/work_history`), how a run ended (`context/run_statuses`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.records import AuditEntry, StoredError
from jira_pipeline.model.sessions import AT_WORK, SessionStage, SessionStatus, UploadSession

Retried = Literal["generation", "export"]
"""What people retry: the writing of tickets, or their export."""
RETRIES_MAX = 3
"""Of one work, by people."""
COMPLETED = [SessionStage.COMPLETED, SessionStatus.COMPLETED]
"""What the entry of an export that ended well says the session became."""
_TAKEN_BACK = [SessionStage.REVIEW, SessionStatus.IDLE]
"""How an undo leaves a session: what is exported next is another export."""


class Work(StrEnum):
    """What is done with the tickets of a session, by the stage that shows it."""

    WRITING = "processing"
    EXPORT = "jira_export"


@json_fields(
    "started_at failed_at completed_at first_error_at retry_attempts_used remaining_retries "
    "current_ticket_title"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord:
    """One work on a session, over all the runs it took."""

    started_at: datetime | None = None
    """When the run that does it now, or did last, began with it; None: nothing was begun."""
    failed_at: datetime | None = None
    """None: it has not failed, or goes on."""
    completed_at: datetime | None = None
    first_error_at: datetime | None = None
    """In any of its runs."""
    retry_attempts_used: int = 0
    current_ticket_title: str | None = None

    @property
    def remaining_retries(self) -> int:
        """How often it can still be carried on with."""
        return max(0, RETRIES_MAX - self.retry_attempts_used)


NO_RECORD = WorkRecord()
"""Nothing was begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunsOfWork:
    """The runs that a work took since it was begun the last time."""

    begun: tuple[AuditEntry, ...] = ()
    """The entries by which it was begun or carried on."""
    completed_at: datetime | None = None

    @property
    def started_at(self) -> datetime | None:
        """When the last run began with it; the run says so again after each wait."""
        started_at: datetime | None = None
        if self.begun:
            run_id = self.begun[-1].details.get("run_id")
            for entry in reversed(self.begun):
                if entry.details.get("run_id") != run_id:
                    break
                started_at = entry.at if started_at is None else min(started_at, entry.at)
        return started_at


def work_record(
    session: UploadSession,
    *,
    entries: Sequence[AuditEntry],
    errors: Sequence[StoredError],
    retry_count_of: Callable[[Work], int],
    work: Work | None = None,
) -> WorkRecord:
    """Return the record of one work, or of the latest; a resume carries the same work on.

    `entries` are those of `RECORDED_ACTIONS`, `errors` all of the session, both oldest first.
    """
    runs_by_work = {kind: _runs_of(entries, kind) for kind in Work}
    started: dict[Work, datetime] = {}
    for kind, runs_of_kind in runs_by_work.items():
        if runs_of_kind.started_at is not None:
            started[kind] = runs_of_kind.started_at
    chosen = work or max(started, key=started.__getitem__, default=None)
    if chosen is None:
        return NO_RECORD
    record = WorkRecord(retry_attempts_used=retry_count_of(chosen))
    details = session.progress_details
    is_at_work = session.status in AT_WORK and session.stage.value == chosen
    if details and is_at_work:
        record = replace(record, current_ticket_title=details.ticket_title)
    if chosen not in started:
        return record
    runs = runs_by_work[chosen]
    begun_at = runs.begun[0].at
    failures: list[datetime] = []
    for error in errors:
        if error.stage == chosen.value and error.at >= begun_at:
            failures.append(error.at)
    is_open = runs.completed_at is None and session.status is not SessionStatus.RUNNING
    has_failed = is_open and bool(failures) and failures[-1] >= started[chosen]
    return replace(
        record,
        started_at=started[chosen],
        failed_at=failures[-1] if has_failed else None,
        completed_at=runs.completed_at,
        first_error_at=failures[0] if failures else None,
    )


def _runs_of(entries: Iterable[AuditEntry], work: Work) -> _RunsOfWork:
    """Return the runs that a work took, by the entries of its session."""
    begun: list[AuditEntry] = []
    completed_at: datetime | None = None
    for entry in entries:
        state = entry.details.get("to")
        is_writing = work is Work.WRITING
        is_marked = entry.action == AuditAction.GENERATION_MARKED
        # the key may have been that of a removed one
        is_new = entry.action == AuditAction.SESSION_REGISTERED
        if is_new or (state == _TAKEN_BACK and not is_writing):
            begun = []
            completed_at = None
        elif begun and (is_marked if is_writing else state == COMPLETED):
            completed_at = completed_at or entry.at
        elif state == [work.value, SessionStatus.RUNNING]:
            if completed_at:  # it is done anew
                begun = []
            begun.append(entry)
            completed_at = None
    return _RunsOfWork(begun=tuple(begun), completed_at=completed_at)
