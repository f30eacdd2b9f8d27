"""Exports that people asked for and a sensor starts.

Belongs here: keeping them. Does not: starting runs (`defs/upkeep_sensors`), whether an export is
allowed (`stages/jira_export/gate`).
"""

from datetime import datetime

from sqlalchemy import insert, select, update
from typing_extensions import override

from jira_pipeline.ports.export import ExportRequest, ExportRequestStore
from jira_pipeline.store import tables
from jira_pipeline.store.audit import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import Database, repeated

_REQUESTS = tables.export_requests.c
_NAMES = tuple(ExportRequest.__dataclass_fields__)


class SqlExportRequestStore(ExportRequestStore):
    """Keeps requests for exports in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @override
    @repeated
    def request(self, session_key: str, *, by: str, at: datetime) -> ExportRequest:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            waiting = (
                select(*(_REQUESTS[name] for name in _NAMES))
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

    @override
    def waiting(self) -> tuple[ExportRequest, ...]:
        chosen = (
            select(*(_REQUESTS[name] for name in _NAMES))
            .where(_REQUESTS.started_at.is_(None))
            .order_by(_REQUESTS.request_id)
        )
        with self._database.reading() as connection:
            return tuple(ExportRequest(**row) for row in connection.execute(chosen).mappings())

    @override
    @repeated
    def mark_started(self, request_id: int, *, at: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(tables.export_requests)
                .where(_REQUESTS.request_id == request_id, _REQUESTS.started_at.is_(None))
                .values(started_at=at)
            )
