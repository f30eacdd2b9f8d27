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
"""How often people may retry the same work."""
COMPLETED = [SessionStage.COMPLETED, SessionStatus.COMPLETED]
"""Stage and status of a session, in an entry, whose export ended with success."""
_UNDONE = [SessionStage.REVIEW, SessionStatus.IDLE]
"""The same after an undo: an export that follows is another one."""


class Work(StrEnum):
    """The two kinds of work on tickets; values are those of the stages that show them."""

    WRITING = "processing"
    EXPORT = "jira_export"


@json_fields(
    "started_at failed_at completed_at first_error_at retry_attempts_used remaining_retries "
    "current_ticket_title"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord:
    """One work on a session, such as an export, over all the runs it took."""

    started_at: datetime | None = None
    """When the run that does it now, or did last, began with it; None: nothing was begun."""
    failed_at: datetime | None = None
    """When its last run failed; None: it did not, or the work goes on."""
    completed_at: datetime | None = None
    first_error_at: datetime | None = None
    """When the first error occurred, in any of its runs."""
    retry_attempts_used: int = 0
    current_ticket_title: str | None = None

    @property
    def remaining_retries(self) -> int:
        """How often people may still retry it."""
        return max(0, RETRIES_MAX - self.retry_attempts_used)


NO_RECORD = WorkRecord()
"""Nothing was begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunsOfWork:
    """The runs of a work since it was begun anew."""

    starts: tuple[AuditEntry, ...] = ()
    """Entries by which a run began with it, or went on after a wait, oldest first."""
    completed_at: datetime | None = None

    @property
    def started_at(self) -> datetime | None:
        """When the last run began with it; None where there was no run."""
        if not self.starts:
            return None
        last_run_id = self.starts[-1].details.get("run_id")
        times: list[datetime] = []
        for entry in reversed(self.starts):
            if entry.details.get("run_id") != last_run_id:
                break
            times.append(entry.at)
        return min(times)


def work_record(
    session: UploadSession,
    *,
    entries: Sequence[AuditEntry],
    errors: Sequence[StoredError],
    retry_count_of: Callable[[Work], int],
    work: Work | None = None,
) -> WorkRecord:
    """Return the record of one work, or of the one begun last; a resume belongs to the same work.

    `entries` are those of `RECORDED_ACTIONS`, `errors` all of the session, both oldest first.
    `NO_RECORD` where no work was ever begun.
    """
    runs_by_work = {kind: _runs_of(entries, kind) for kind in Work}
    started: dict[Work, datetime] = {}
    for kind, runs_of_kind in runs_by_work.items():
        if runs_of_kind.started_at is not None:
            started[kind] = runs_of_kind.started_at
    recorded_work = work or max(started, key=started.__getitem__, default=None)
    if recorded_work is None:
        return NO_RECORD
    record = WorkRecord(retry_attempts_used=retry_count_of(recorded_work))
    details = session.progress_details
    is_at_work = session.status in AT_WORK and session.stage.value == recorded_work
    if details and is_at_work:
        record = replace(record, current_ticket_title=details.ticket_title)
    if recorded_work not in started:
        return record
    runs = runs_by_work[recorded_work]
    first_started_at = runs.starts[0].at
    failures: list[datetime] = []
    for error in errors:
        if error.stage == recorded_work.value and error.at >= first_started_at:
            failures.append(error.at)
    is_open = runs.completed_at is None and session.status is not SessionStatus.RUNNING
    has_failed = is_open and bool(failures) and failures[-1] >= started[recorded_work]
    return replace(
        record,
        started_at=started[recorded_work],
        failed_at=failures[-1] if has_failed else None,
        completed_at=runs.completed_at,
        first_error_at=failures[0] if failures else None,
    )


def _runs_of(entries: Iterable[AuditEntry], work: Work) -> _RunsOfWork:
    """Return the runs of a work since it was begun anew, by the entries of its session."""
    starts: list[AuditEntry] = []
    completed_at: datetime | None = None
    is_writing = work is Work.WRITING
    for entry in entries:
        state = entry.details.get("to")
        # Entries before that are of a removed session with the same key.
        is_new_session = entry.action == AuditAction.SESSION_REGISTERED
        is_undone = state == _UNDONE and not is_writing
        if is_writing:
            is_completion = entry.action == AuditAction.GENERATION_MARKED
        else:
            is_completion = state == COMPLETED
        if is_new_session or is_undone:
            starts = []
            completed_at = None
        elif starts and is_completion:
            completed_at = completed_at or entry.at
        elif state == [work.value, SessionStatus.RUNNING]:
            if completed_at:  # the work is done again from its beginning
                starts = []
            starts.append(entry)
            completed_at = None
    return _RunsOfWork(starts=tuple(starts), completed_at=completed_at)
