"""What exports took, and how often people retried them or the writing of tickets.

Belongs here: keeping both. Does not: measuring (`defs`), whether another retry is allowed
(`stages/jira_export`).
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, insert, select, update
from typing_extensions import override

from jira_pipeline.ports.export import ExportRunStore, MeasuredStep, Retried
from jira_pipeline.store import tables
from jira_pipeline.store.audit import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import Database, repeated

_STEPS = tables.export_steps.c
_RETRIES = tables.retries.c
_STEP_NAMES = tuple(MeasuredStep.__dataclass_fields__)


class SqlExportRunStore(ExportRunStore):
    """Keeps export steps and retries in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @override
    @repeated
    def record(self, step: MeasuredStep) -> MeasuredStep:
        cells = {name: getattr(step, name) for name in _STEP_NAMES if name != "step_id"}
        with self._database.writing() as connection:
            lock_session(connection, step.session_key)
            added = insert(tables.export_steps).values(cells | {"requests": dict(step.requests)})
            step_id = connection.execute(added.returning(_STEPS.step_id)).scalar_one()
        return replace(step, step_id=step_id)

    @override
    def steps(self, session_key: str, *, target_id: str) -> tuple[MeasuredStep, ...]:
        return self._read(
            _chosen()
            .where(_STEPS.session_key == session_key, _STEPS.target_id == target_id)
            .order_by(_STEPS.step_id)
        )

    @override
    def latest_steps(self, target_id: str, *, limit: int) -> tuple[MeasuredStep, ...]:
        return self._read(
            _chosen()
            .where(_STEPS.target_id == target_id)
            .order_by(_STEPS.step_id.desc())
            .limit(limit)
        )

    @override
    def retry_count(self, session_key: str, *, what: Retried = "export") -> int:
        chosen = select(_RETRIES["count"]).where(*_counting(session_key, what))
        with self._database.reading() as connection:
            return int(connection.execute(chosen).scalar_one_or_none() or 0)

    @override
    @repeated
    def add_retry(
        self, session_key: str, *, by: str, at: datetime, is_forced: bool, what: Retried = "export"
    ) -> int:
        """Count one more retry and return the count; audited as a retry of `what`."""
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
        with self._database.reading() as connection:
            return tuple(MeasuredStep(**row) for row in connection.execute(chosen).mappings())


def _counting(session_key: str, what: Retried) -> tuple[ColumnElement[bool], ...]:
    return (_RETRIES.session_key == session_key, _RETRIES.what == what)


def _chosen() -> Select[tuple[object, ...]]:
    return select(*(_STEPS[name] for name in _STEP_NAMES))
