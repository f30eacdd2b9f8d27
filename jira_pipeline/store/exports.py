"""What exports leave in the store beside the ledger: fixes, steps, retries, requests, comparisons.

Belongs here: keeping them. Does not: deciding that a fix is needed, whether a retry or an export is
allowed, comparing (`export`), measuring and starting runs (`defs`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update
from typing_extensions import override

from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.export_ledger import LedgerEvent
from jira_pipeline.model.manual_fixes import FixState, ManualFix
from jira_pipeline.ports.export import (
    ComparisonStore,
    ExportRequest,
    FiledComparison,
    ManualFixStore,
    MeasuredStep,
    Retried,
)
from jira_pipeline.store import tables
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import StorePart, repeated

_FIXES = tables.manual_fixes.c
_FIX_NAMES = tuple(ManualFix.__dataclass_fields__)

_STEPS = tables.export_steps.c
_LEDGER = tables.ledger.c
_RETRIES = tables.retries.c
_STEP_NAMES = tuple(MeasuredStep.__dataclass_fields__)
_REQUESTS = tables.export_requests.c
_REQUEST_NAMES = tuple(ExportRequest.__dataclass_fields__)
_COMPARISONS = tables.comparisons.c
_COMPARISON_NAMES = tuple(FiledComparison.__dataclass_fields__)


class SqlManualFixStore(StorePart, ManualFixStore):
    """Keeps manual fixes in the store."""

    @override
    @repeated
    def record(self, fix: ManualFix) -> ManualFix:
        known = select(*(_FIXES[name] for name in _FIX_NAMES)).where(
            _FIXES.target_id == fix.target_id,
            _FIXES.ticket_id == fix.ticket_id,
            _FIXES.fix_type == fix.fix_type,
            _FIXES.subject == fix.subject,
        )
        with self._database.writing() as connection:
            lock_session(connection, fix.session_key)
            row = connection.execute(known).mappings().one_or_none()
            if row is not None:
                found = ManualFix(**row)
                if found.state is not FixState.OBSOLETE:
                    return found
                renewed = replace(fix, fix_id=found.fix_id)
                _change_fix(connection, renewed)
                return renewed
            cells = {name: getattr(fix, name) for name in _FIX_NAMES if name != "fix_id"}
            added = insert(tables.manual_fixes).values(cells).returning(_FIXES.fix_id)
            return replace(fix, fix_id=connection.execute(added).scalar_one())

    @override
    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        chosen = select(*(_FIXES[name] for name in _FIX_NAMES)).where(
            _FIXES.session_key == session_key
        )
        if target_id is not None:
            chosen = chosen.where(_FIXES.target_id == target_id)
        rows = self._database.asked(chosen.order_by(_FIXES.fix_id))
        return tuple(ManualFix(**row._asdict()) for row in rows)

    @override
    @repeated
    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix:
        chosen = select(*(_FIXES[name] for name in _FIX_NAMES)).where(
            _FIXES.session_key == session_key, _FIXES.fix_id == fix_id
        )
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            row = connection.execute(chosen).mappings().one_or_none()
            if row is None:
                message = f"Session {session_key} has no manual fix {fix_id}."
                raise NotFoundError(message, kind=NotFoundKind.FIX, session_key=session_key)
            known = ManualFix(**row)
            if known.state is state:
                return known
            _change_fix(connection, replace(known, state=state))
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=by,
                action="fix_state_set",
                details={"fix_id": fix_id, "from": known.state.value, "to": state.value},
            )
        return replace(known, state=state)


def _change_fix(connection: Connection, fix: ManualFix) -> None:
    cells = {name: getattr(fix, name) for name in _FIX_NAMES if name != "fix_id"}
    connection.execute(update(tables.manual_fixes).where(_FIXES.fix_id == fix.fix_id).values(cells))


class ExportRunStore(StorePart):
    """Keeps what exports took, and how often people retried them."""

    @repeated
    def record(self, step: MeasuredStep) -> MeasuredStep:
        """Store a step that ended, well or not, and return it with its id."""
        cells = {name: getattr(step, name) for name in _STEP_NAMES if name != "step_id"}
        with self._database.writing() as connection:
            lock_session(connection, step.session_key)
            added = insert(tables.export_steps).values(cells | {"requests": dict(step.requests)})
            step_id = connection.execute(added.returning(_STEPS.step_id)).scalar_one()
        return replace(step, step_id=step_id)

    def steps(self, session_key: str, *, target_id: str) -> tuple[MeasuredStep, ...]:
        """Return the steps of a session on a target, oldest first."""
        return self._read(
            _chosen_steps()
            .where(_STEPS.session_key == session_key, _STEPS.target_id == target_id)
            .order_by(_STEPS.step_id)
        )

    def latest_steps(self, target_id: str, *, limit: int) -> tuple[MeasuredStep, ...]:
        """Return the last steps on a target, of all sessions, newest first."""
        return self._read(
            _chosen_steps()
            .where(_STEPS.target_id == target_id)
            .order_by(_STEPS.step_id.desc())
            .limit(limit)
        )

    def retry_count(self, session_key: str, *, what: Retried = "export") -> int:
        """Return how often people retried what was begun and is not over."""
        chosen = select(_RETRIES["count"]).where(*_counting(session_key, what))
        return sum(count for (count,) in self._database.asked(chosen))

    @repeated
    def add_retry(
        self, session_key: str, *, by: str, at: datetime, is_forced: bool, what: Retried = "export"
    ) -> int:
        """Count one more retry and return the count; audited as a retry of `what`.

        Those of a generation start again at 0 in the review; those of an export where it is
        completed or undone, and by nothing else.
        """
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            counted = connection.execute(
                update(tables.retries)
                .where(*_counting(session_key, what))
                .values(count=_RETRIES["count"] + 1)
                .returning(_RETRIES["count"])
            ).scalar_one_or_none()
            if counted is None:
                counted = 1
                row = {"session_key": session_key, "what": what, "count": counted}
                connection.execute(insert(tables.retries).values(row))
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=by,
                action=f"{what}_retried",
                details={"attempt": counted, "is_forced": is_forced},
            )
        return int(counted)

    def _read(self, chosen: Select[tuple[object, ...]]) -> tuple[MeasuredStep, ...]:
        return tuple(MeasuredStep(**row._asdict()) for row in self._database.asked(chosen))

    def open_undos(self) -> frozenset[tuple[str, str]]:
        """Return the sessions, each with its target, whose last undo there has not ended.

        It reads the whole ledger, for lists: 0.12 s of 600,000 entries.
        """
        last = (
            select(func.max(_LEDGER.sequence).label("sequence"))
            .where(_LEDGER.event.in_((LedgerEvent.UNDO_BEGUN, LedgerEvent.UNDO_ENDED)))
            .group_by(_LEDGER.session_key, _LEDGER.target_id)
            .subquery()
        )
        chosen = (
            select(_LEDGER.session_key, _LEDGER.target_id)
            .join(last, _LEDGER.sequence == last.c.sequence)
            .where(_LEDGER.event == LedgerEvent.UNDO_BEGUN)
        )
        return frozenset((key, target_id) for key, target_id in self._database.asked(chosen))


def _counting(session_key: str, what: Retried) -> tuple[ColumnElement[bool], ...]:
    return (_RETRIES.session_key == session_key, _RETRIES.what == what)


def _chosen_steps() -> Select[tuple[object, ...]]:
    return select(*(_STEPS[name] for name in _STEP_NAMES))


class ExportRequestStore(StorePart):
    """Keeps the exports that people asked for and a sensor starts."""

    @repeated
    def request(self, session_key: str, *, by: str, at: datetime) -> ExportRequest:
        """Ask for an export of a session; one that waits already is returned as it is. Audited.

        Raises:
            NotFoundError: There is no such session.
        """
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            waiting = (
                select(*(_REQUESTS[name] for name in _REQUEST_NAMES))
                .where(_REQUESTS.session_key == session_key, _REQUESTS.started_at.is_(None))
                .order_by(_REQUESTS.request_id)
            )
            known = connection.execute(waiting).mappings().first()
            if known is not None:
                return ExportRequest(**known)
            values = {"session_key": session_key, "requested_at": at, "requested_by": by}
            added = insert(tables.export_requests).values(values).returning(_REQUESTS.request_id)
            request_id = connection.execute(added).scalar_one()
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=by,
                action="export_requested",
                details={"request_id": request_id},
            )
            return ExportRequest(
                request_id=request_id,
                session_key=session_key,
                requested_at=at,
                requested_by=by,
            )

    def waiting(self) -> tuple[ExportRequest, ...]:
        """Return the requests whose export was not started yet, oldest first."""
        chosen = (
            select(*(_REQUESTS[name] for name in _REQUEST_NAMES))
            .where(_REQUESTS.started_at.is_(None))
            .order_by(_REQUESTS.request_id)
        )
        return tuple(ExportRequest(**row._asdict()) for row in self._database.asked(chosen))

    @repeated
    def mark_started(self, request_id: int, *, at: datetime) -> None:
        """Remember that the run of a request exists."""
        with self._database.writing() as connection:
            connection.execute(
                update(tables.export_requests)
                .where(_REQUESTS.request_id == request_id, _REQUESTS.started_at.is_(None))
                .values(started_at=at)
            )


class SqlComparisonStore(StorePart, ComparisonStore):
    """Keeps comparisons in the store."""

    @override
    @repeated
    def record(self, comparison: FiledComparison) -> None:
        key = comparison.session_key
        with self._database.writing() as connection:
            lock_session(connection, key)
            connection.execute(delete(tables.comparisons).where(_COMPARISONS.session_key == key))
            values = {name: getattr(comparison, name) for name in _COMPARISON_NAMES}
            connection.execute(insert(tables.comparisons).values(values))

    @override
    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        chosen = _chosen_comparisons().where(
            _COMPARISONS.session_key == session_key, _COMPARISONS.target_id == target_id
        )
        rows = self._database.asked(chosen)
        return FiledComparison(**rows[0]._asdict()) if rows else None

    @override
    def open_counts(self) -> Mapping[tuple[str, str], int]:
        filed = [
            FiledComparison(**row._asdict()) for row in self._database.asked(_chosen_comparisons())
        ]
        counts = {
            (one.session_key, one.target_id): sum(d.is_open for d in one.differences)
            for one in filed
        }
        return {place: count for place, count in counts.items() if count}


def _chosen_comparisons() -> Select[tuple[object, ...]]:
    return select(*(_COMPARISONS[name].label(name) for name in _COMPARISON_NAMES))
