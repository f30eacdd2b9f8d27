"""Exports in the store beside the ledger: runs asked for, fixes, steps, comparisons.

Belongs here: keeping them, and how often runs were retried. Does not: whether a run may be asked for
or retried (`sessions/starting`), starting it (`dagster_port/launching`), deciding that a fix is
needed (`export/repeated_writes`), comparing (`export/ledger_comparison`), measuring
(`export/exporting`).
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, true, update

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.export_ledger import LedgerEvent
from jira_pipeline.model.exports import FiledComparison, FixState, ManualFix, MeasuredStep, Retried
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.runs import RunJob, RunRequest
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.transactions import repeated

_FIX, _FIXES = Rows(tables.manual_fixes, ManualFix), tables.manual_fixes.c
_STEP, _STEPS = Rows(tables.export_steps, MeasuredStep), tables.export_steps.c
_COMPARISON, _COMPARISONS = Rows(tables.comparisons, FiledComparison), tables.comparisons.c
_DIFFERENCES = Rows(tables.comparisons, FiledComparison, but=["states"])
"""Without what grows with the tickets, for lists of sessions."""
_LEDGER = tables.ledger.c
_LAST_UNDOS = (
    select(func.max(_LEDGER.sequence).label("sequence"))
    .where(_LEDGER.event.in_((LedgerEvent.UNDO_BEGUN, LedgerEvent.UNDO_ENDED)))
    .group_by(_LEDGER.session_key, _LEDGER.target_id)
    .subquery()
)
_OPEN_UNDOS = (
    select(_LEDGER.session_key, _LEDGER.target_id)
    .join(_LAST_UNDOS, _LEDGER.sequence == _LAST_UNDOS.c.sequence)
    .where(_LEDGER.event == LedgerEvent.UNDO_BEGUN)
)


class ManualFixStore(SessionPart):
    @repeated
    def record(self, fix: ManualFix) -> ManualFix:
        """Add a fix once: one that is known already, open or not, stays as it is.

        An obsolete one was about an issue that is gone; it is needed again.
        """
        names = ("target_id", "ticket_id", "fix_type", "subject")
        same = _FIX.chosen.where(*(_FIXES[name] == getattr(fix, name) for name in names))
        with self._changing(fix.session_key, by="", at=fix.created_at) as change:
            for known in _FIX.of(change.connection.execute(same)):
                if known.state is not FixState.OBSOLETE:
                    return known
                return _change_fix(change, replace(fix, fix_id=known.fix_id))
            return change.add(_FIX, fix, but=["fix_id"])

    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        """Return the fixes of a session, by id."""
        wanted = [_FIXES.session_key == session_key]
        if target_id is not None:
            wanted.append(_FIXES.target_id == target_id)
        return self._values(_FIX, *wanted, by=[_FIXES.fix_id])

    @repeated
    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix:
        """Say what became of a fix; audited where it changes."""
        is_it = (_FIXES.session_key == session_key) & (_FIXES.fix_id == fix_id)
        with self._changing(session_key, by=by, at=at) as change:
            for known in _FIX.of(change.connection.execute(_FIX.chosen.where(is_it))):
                if known.state is state:
                    return known
                change.note(
                    AuditAction.FIX_STATE_SET, fix_id=fix_id, **{"from": known.state, "to": state}
                )
                return _change_fix(change, replace(known, state=state))
        message = f"Session {session_key} has no manual fix {fix_id}."
        raise NotFoundError(message, kind=NotFoundKind.FIX, session_key=session_key)


def _change_fix(change: Change, fix: ManualFix) -> ManualFix:
    changed = update(tables.manual_fixes).where(_FIXES.fix_id == fix.fix_id)
    change.connection.execute(changed.values(_FIX.cells(fix, but=["fix_id"])))
    return fix


class ExportRunStore(SessionPart):
    """Keeps what exports took, and which undos of them have not ended."""

    @repeated
    def record(self, step: MeasuredStep) -> MeasuredStep:
        """Store a step that ended, well or not, and return it with its id."""
        with self._changing(step.session_key, by="", at=step.started_at) as change:
            return change.add(_STEP, step, but=["step_id"])

    def steps(self, session_key: str, *, target_id: str) -> tuple[MeasuredStep, ...]:
        """Return the steps of a session on a target, oldest first."""
        is_of = (_STEPS.session_key == session_key) & (_STEPS.target_id == target_id)
        return self._values(_STEP, is_of, by=[_STEPS.step_id])

    def latest_steps(self, target_id: str, *, limit: int) -> tuple[MeasuredStep, ...]:
        """Return the last steps on a target, of all sessions, newest first."""
        is_of = _STEPS.target_id == target_id
        return self._values(_STEP, is_of, by=[_STEPS.step_id.desc()], most=limit)

    def open_undos(self) -> frozenset[tuple[str, str]]:
        """Return the sessions, each with its target, whose last undo there has not ended.

        It reads the whole ledger, for lists: 0.12 s of 600,000 entries.
        """
        return frozenset((key, target_id) for key, target_id in self._database.asked(_OPEN_UNDOS))


class ComparisonStore(SessionPart):
    """Keeps the last comparison of ledger and Jira of every session."""

    @repeated
    def record(self, comparison: FiledComparison) -> None:
        """Keep a comparison in place of the one before."""
        key = comparison.session_key
        with self._changing(key, by="", at=comparison.compared_at) as change:
            gone = delete(tables.comparisons).where(_COMPARISONS.session_key == key)
            change.connection.execute(gone)
            change.add(_COMPARISON, comparison)

    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        """Return the last comparison of a session, or None where it was of another target."""
        is_of = (_COMPARISONS.session_key == session_key) & (_COMPARISONS.target_id == target_id)
        return next(iter(self._values(_COMPARISON, is_of)), None)

    def compared_at(self, session_keys: Collection[str]) -> Mapping[str, datetime]:
        """Return when sessions were last compared, without what was found; some never were."""
        times = select(_COMPARISONS.session_key, _COMPARISONS.compared_at)
        found = self._database.asked(times.where(_COMPARISONS.session_key.in_(session_keys)))
        return {row.session_key: row.compared_at for row in found}

    def open_counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many differences people have to decide about, as last compared.

        By session and target; those without any are left out.
        """
        return Counter(
            (one.session_key, one.target_id)
            for one in self._values(_DIFFERENCES)
            for difference in one.differences
            if difference.is_open
        )

    def stage_counts(self, session_key: str) -> Counter[IssueStage | None]:
        """Return how many issues of a session were how far, as last compared; None: not shown."""
        found = self._values(_COMPARISON, _COMPARISONS.session_key == session_key)
        return Counter(state.stage for comparison in found for state in comparison.states or ())


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
