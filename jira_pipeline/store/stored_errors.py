"""Errors people can look up later.

Belongs here: keeping them. Does not: deciding what becomes of one (`defs/failures`, `cli`).
"""

from datetime import datetime

from sqlalchemy import insert, select
from typing_extensions import override

from jira_pipeline.domain.findings import Finding
from jira_pipeline.domain.records import StoredError
from jira_pipeline.errors import (
    ManifestError,
    PipelineError,
    SheetsRefusedError,
    UnknownErrorError,
)
from jira_pipeline.ports.records import ErrorStore
from jira_pipeline.store import tables
from jira_pipeline.store.transactions import Database, repeated

_ERRORS = tables.errors.c


class SqlErrorStore(ErrorStore):
    """Keeps errors in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @override
    @repeated
    def record(
        self,
        error: PipelineError,
        *,
        session_key: str | None,
        stage: str,
        at: datetime,
        run_id: str | None = None,
        ticket_id: str | None = None,
    ) -> StoredError:
        """Store an error; refused sheets are placed at their first finding, a manifest at its file."""
        file, line = _place_of(error)
        row = {
            "session_key": session_key,
            "at": at,
            "code": error.code,
            "category": error.category.value,
            "stage": stage,
            "message": error.message,
            "recovery_actions": error.recovery_actions,
            "run_id": run_id,
            "ticket_id": ticket_id,
            "file": file,
            "line": line,
        }
        with self._database.writing() as connection:
            added = insert(tables.errors).values(row).returning(*_ERRORS)
            return StoredError(**connection.execute(added).mappings().one())

    @override
    def get(self, error_id: int) -> StoredError:
        chosen = select(tables.errors).where(_ERRORS.error_id == error_id)
        with self._database.reading() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
        if row is None:
            raise UnknownErrorError(error_id=error_id)
        return StoredError(**row)

    @override
    def list_all(self, session_key: str) -> tuple[StoredError, ...]:
        chosen = (
            select(tables.errors)
            .where(_ERRORS.session_key == session_key)
            .order_by(_ERRORS.error_id)
        )
        with self._database.reading() as connection:
            return tuple(StoredError(**row) for row in connection.execute(chosen).mappings())


def _place_of(error: PipelineError) -> tuple[str | None, int | None]:
    if isinstance(error, SheetsRefusedError):
        for finding in error.findings:
            if isinstance(finding, Finding):
                return finding.file, finding.line
    if isinstance(error, ManifestError):
        return error.file_name, None
    return None, None
