"""Runs that people asked for, and how often they retried them.

Belongs here: keeping requests and counts. Does not: whether a run may be asked for or retried
(`sessions/starting`), starting it (`dagster_port/dagster_runs`), which process works on a run (`run_locks`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, true, update

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.exports import Retried
from jira_pipeline.model.runs import RunJob, RunRequest
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.transactions import repeated

_REQUEST, _REQUESTS = Rows(tables.run_requests, RunRequest), tables.run_requests.c
_RETRIES = tables.retries.c
_IS_WAITING = _REQUESTS.started_at.is_(None) & _REQUESTS.cancelled_at.is_(None)


class RunRequestStore(SessionPart):
    """Keeps the runs that people asked for and a sensor starts, and counts retries."""

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
        """Ask for a run; the same that waits already is returned as it is. Exports are audited."""
        wanted = RunRequest(
            request_id=0,
            session_key=session_key,
            requested_at=at,
            requested_by=by,
            task_id=task_id,
            job_name=job_name,
            run_config=run_config or {},
        )
        waiting = _REQUEST.chosen.where(_REQUESTS.session_key == session_key, _IS_WAITING)
        with self._changing(session_key, by=by, at=at) as change:
            for request in _REQUEST.of(change.connection.execute(waiting)):
                if (request.job_name, request.run_config) == (job_name, wanted.run_config):
                    return request
            request = change.add(_REQUEST, wanted, but=["request_id"])
            if job_name == RunJob.EXPORT:
                change.note(AuditAction.EXPORT_REQUESTED, request_id=request.request_id)
            return request

    def unstarted(self) -> tuple[RunRequest, ...]:
        """Return the requests whose run was not seen yet, oldest first; cancelled ones too."""
        return self._values(_REQUEST, _REQUESTS.started_at.is_(None), by=[_REQUESTS.request_id])

    def waiting(self, session_key: str | None = None) -> tuple[RunRequest, ...]:
        """Return those of them, or of a session, that nobody cancelled."""
        is_of_it = true() if session_key is None else _REQUESTS.session_key == session_key
        return self._values(_REQUEST, _IS_WAITING & is_of_it, by=[_REQUESTS.request_id])

    def of_session(self, session_key: str) -> tuple[RunRequest, ...]:
        """Return what was ever asked for of a session, oldest first."""
        is_of_it = _REQUESTS.session_key == session_key
        return self._values(_REQUEST, is_of_it, by=[_REQUESTS.request_id])

    def find(self, task_id: str) -> RunRequest | None:
        found = self._values(_REQUEST, _REQUESTS.task_id == task_id, by=[_REQUESTS.request_id])
        return next(iter(found), None)

    @repeated
    def cancel(self, task_id: str, *, at: datetime) -> None:
        """Have a run not begin; where it just began, the sensor stops it."""
        is_it = (_REQUESTS.task_id == task_id) & _REQUESTS.cancelled_at.is_(None)
        with self._database.writing() as connection:
            connection.execute(update(tables.run_requests).where(is_it).values(cancelled_at=at))

    @repeated
    def mark_started(self, request_id: int, *, at: datetime) -> None:
        """Remember that the run of a request exists, or never will."""
        is_it = (_REQUESTS.request_id == request_id) & _REQUESTS.started_at.is_(None)
        with self._database.writing() as connection:
            connection.execute(update(tables.run_requests).where(is_it).values(started_at=at))

    def retry_count(self, session_key: str, *, what: Retried = "export") -> int:
        """Return how often people retried what was begun and is not over."""
        chosen = select(_RETRIES["count"]).where(_is_counting(session_key, what))
        return sum(count for (count,) in self._database.asked(chosen))

    @repeated
    def add_retry(
        self, session_key: str, *, by: str, at: datetime, is_forced: bool, what: Retried = "export"
    ) -> int:
        """Count one more retry and return the count; audited as a retry of `what`.

        Those of a generation start again at 0 in the review; those of an export where it is
        completed or undone, and by nothing else.
        """
        with self._changing(session_key, by=by, at=at) as change:
            counted = select(_RETRIES["count"]).where(_is_counting(session_key, what))
            attempt = (change.connection.execute(counted).scalar_one_or_none() or 0) + 1
            gone = delete(tables.retries).where(_is_counting(session_key, what))
            change.connection.execute(gone)
            row = {"session_key": session_key, "what": what, "count": attempt}
            change.connection.execute(insert(tables.retries).values(row))
            change.note(AuditAction(f"{what}_retried"), attempt=attempt, is_forced=is_forced)
            return attempt


def _is_counting(session_key: str, what: Retried) -> ColumnElement[bool]:
    return (_RETRIES.session_key == session_key) & (_RETRIES.what == what)
