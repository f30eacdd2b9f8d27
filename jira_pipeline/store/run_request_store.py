"""Runs that people asked for, and how often they retried them.

Belongs here: statements; that one daemon alone claims a request. Does not: whether a run may be asked
for or retried (`sessions/starting`), starting it (`dagster_port/run_launchers`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.runs import RunJob, RunRequest
from jira_pipeline.model.work_records import Retried
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, has_cells, insert_rows
from jira_pipeline.store.transactions import repeated

_REQUEST = Rows(tables.run_requests, RunRequest)
_REQUESTS = tables.run_requests.c
_IS_WAITING = _REQUESTS.started_at.is_(None) & _REQUESTS.cancelled_at.is_(None)
CLAIM_SECONDS = 60
"""How long a claim keeps others from launching a run; whoever claimed it may have been killed."""


class RunRequestStore(SessionPart):
    """Keeps the runs that people asked for, who launches each, and counts retries."""

    @repeated
    def request(
        self,
        session_key: str,
        *,
        job_name: str,
        run_config: Mapping[str, Any] | None = None,
        task_id: str,
        by: str,
        at: datetime,
    ) -> RunRequest:
        """Ask for a run; the same that waits already is returned as it is. Exports are audited.

        What was asked for by this `task_id` before is returned, too, whatever became of it.
        """
        wanted = RunRequest(
            request_id=0,
            session_key=session_key,
            requested_at=at,
            requested_by=by,
            task_id=task_id,
            job_name=job_name,
            run_config=run_config or {},
        )
        waiting = _REQUEST.query_where(session_key=session_key).where(_IS_WAITING)
        same = _REQUEST.query_where(session_key=session_key, job_name=job_name, task_id=task_id)
        with self._begin_change(session_key, by=by, at=at) as change:
            for request in _REQUEST.values_of(change.connection.execute(same)):
                return request
            for request in _REQUEST.values_of(change.connection.execute(waiting)):
                if (request.job_name, request.run_config) == (job_name, wanted.run_config):
                    return request
            request = _REQUEST.insert_one(change.connection, wanted, but=["request_id"])
            if job_name == RunJob.EXPORT:
                change.note(AuditAction.EXPORT_REQUESTED, request_id=request.request_id)
            return request

    def unstarted(self) -> tuple[RunRequest, ...]:
        """Return the requests whose run was not seen yet, oldest first; cancelled ones too."""
        return self._values(_REQUEST, order_by=[_REQUESTS.request_id], started_at=None)

    def waiting(self, session_key: str | None = None) -> tuple[RunRequest, ...]:
        """Return those of them, or of a session, that nobody cancelled."""
        conditions = [] if session_key is None else [_REQUESTS.session_key == session_key]
        return self._values(_REQUEST, _IS_WAITING, *conditions, order_by=[_REQUESTS.request_id])

    def of_session(self, session_key: str) -> tuple[RunRequest, ...]:
        """Return what was ever asked for of a session, oldest first."""
        return self._values(_REQUEST, order_by=[_REQUESTS.request_id], session_key=session_key)

    def find(self, task_id: str) -> RunRequest | None:
        return self._first(_REQUEST, order_by=[_REQUESTS.request_id], task_id=task_id)

    def claim(self, request_id: int, *, by: str, at: datetime) -> bool:
        """Claim the launch of a request that waits; tell whether nobody else has a claim."""
        ended_before = at - timedelta(seconds=CLAIM_SECONDS)
        is_free = _REQUESTS.claimed_at.is_(None) | (_REQUESTS.claimed_at <= ended_before)
        is_that_row = has_cells(tables.run_requests, request_id=request_id)
        claimed = update(tables.run_requests).where(is_that_row, _IS_WAITING, is_free)
        return self._execute(claimed.values(claimed_at=at, claimed_by=by))

    def bind(self, task_id: str, *, run_id: str, instead_of: str | None = None) -> bool:
        """Make a run the one of its request, for good; tell whether it is.

        False: another run is, and not the one that Dagster does not have any more, or somebody
        cancelled the request, or it is gone.
        """
        is_that_row = has_cells(tables.run_requests, task_id=task_id, cancelled_at=None)
        is_free = _REQUESTS.run_id.is_(None) | _REQUESTS.run_id.in_({run_id, instead_of or run_id})
        return self._execute(
            update(tables.run_requests).where(is_that_row, is_free).values(run_id=run_id)
        )

    def cancel(self, task_id: str, *, at: datetime) -> None:
        """Have a run not begin; where it just began, the sensor stops it."""
        is_that_row = has_cells(tables.run_requests, task_id=task_id, cancelled_at=None)
        self._execute(update(tables.run_requests).where(is_that_row).values(cancelled_at=at))

    def mark_started(self, request_id: int, *, at: datetime) -> None:
        """Remember that the run of a request exists, or never will."""
        is_that_row = has_cells(tables.run_requests, request_id=request_id, started_at=None)
        self._execute(update(tables.run_requests).where(is_that_row).values(started_at=at))

    def retry_count(self, session_key: str, *, what: Retried = "export") -> int:
        """Return how often people retried what was begun and is not over."""
        return self._read(_retries_of, session_key, what)

    @repeated
    def add_retry(
        self, session_key: str, *, by: str, at: datetime, is_forced: bool, what: Retried = "export"
    ) -> int:
        """Count one more retry and return the count; audited as a retry of `what`.

        Those of a generation start again at 0 in the review; those of an export where it is
        completed or undone, and by nothing else.
        """
        with self._begin_change(session_key, by=by, at=at) as change:
            attempt = _retries_of(change.connection, session_key, what) + 1
            begun = {"session_key": session_key, "what": what}
            delete_rows(change.connection, tables.retries, **begun)
            insert_rows(change.connection, tables.retries, [{**begun, "count": attempt}])
            change.note(AuditAction(f"{what}_retried"), attempt=attempt, is_forced=is_forced)
            return attempt


def _retries_of(connection: Connection, session_key: str, what: Retried) -> int:
    begun = has_cells(tables.retries, session_key=session_key, what=what)
    counted = select(tables.retries.c["count"]).where(begun)
    return connection.execute(counted).scalar_one_or_none() or 0
