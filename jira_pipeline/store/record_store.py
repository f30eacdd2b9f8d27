"""What is looked up later: the audit trail, stored errors, answers to requests.

Belongs here: appending to the trail (in the transaction of the change), reading it; keeping errors.
Does not: what is worth an entry (the module of each port), what becomes of an error
(`defs/failures`, `cli`).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text

from jira_pipeline.model.actions import addressed
from jira_pipeline.model.errors import (
    ManifestError,
    PipelineError,
    SheetsRefusedError,
    unknown_error,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.records import (
    PIPELINE,
    SESSION_REMOVED,
    TICKETS_SEEN,
    AuditEntry,
    StoredError,
)
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.review_events import append_event
from jira_pipeline.store.transactions import StorePart, repeated

_ERRORS = tables.errors.c
_NEWEST = select(func.max(tables.audit.c.sequence)).where(
    tables.audit.c.session_key == bindparam("session")
)


class AuditTrail(StorePart):
    """Keeps who did what; append-only."""

    @repeated
    def append(
        self,
        *,
        at: datetime,
        session_key: str | None,
        actor: str,
        action: str,
        details: Mapping[str, object],
    ) -> None:
        """Append one entry."""
        with self._database.writing() as connection:
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=actor,
                action=action,
                details=details,
            )

    def entries(
        self, session_key: str, *, actions: Collection[str] | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return the entries of a session, all or those of some actions, oldest first."""
        chosen = select(tables.audit).where(tables.audit.c.session_key == session_key)
        if actions is not None:
            chosen = chosen.where(tables.audit.c.action.in_(sorted(actions)))
        rows = self._database.asked(chosen.order_by(tables.audit.c.sequence))
        return tuple(_entry_of(row._asdict()) for row in rows)

    def latest(
        self,
        session_key: str,
        *,
        actions: Collection[str],
        naming: str | None = None,
        after: int = 0,
        most: int | None = None,
    ) -> tuple[AuditEntry, ...]:
        """Return entries of these actions, newest first, of the session that has this key now.

        `naming` leaves those whose details hold this name, such as the id of a ticket; `after`
        leaves out entries up to that number.
        """
        audit = tables.audit.c
        removed = select(func.max(audit.sequence)).where(
            audit.session_key == session_key, audit.action == SESSION_REMOVED
        )
        chosen = select(tables.audit).where(
            audit.session_key == session_key,
            audit.action.in_(sorted(actions)),
            audit.sequence > func.coalesce(removed.scalar_subquery(), 0),
        )
        if after:
            chosen = chosen.where(audit.sequence > after)
        if naming is not None:
            # A quotation mark within a text is escaped: this is a whole name.
            name = json.dumps(naming, ensure_ascii=False)
            chosen = chosen.where(audit.details.contains(name, autoescape=True))
        rows = self._database.asked(chosen.order_by(audit.sequence.desc()).limit(most))
        return tuple(_entry_of(row._asdict()) for row in rows)

    def newest(self, session_key: str, *, after: int = 0, but: Collection[str] = ()) -> int:
        """Return the number of the newest entry of a session; 0 where there is none.

        Every change of a session adds one, committed in the order of the numbers: while it is the
        same, nothing changed. `after` leaves out entries up to that number, `but` some actions.
        """
        chosen = _NEWEST
        if after:
            chosen = chosen.where(tables.audit.c.sequence > after)
        if but:
            chosen = chosen.where(tables.audit.c.action.not_in(sorted(but)))
        return self._database.asked(chosen, {"session": session_key})[0][0] or 0

    def newest_of(self, session_keys: Collection[str]) -> Mapping[str, int]:
        """Return the number of the newest entry of each of these sessions that has one."""
        audit = tables.audit.c
        chosen = (
            select(audit.session_key, func.max(audit.sequence))
            .where(audit.session_key.in_(sorted(session_keys)))
            .group_by(audit.session_key)
        )
        return {row[0]: row[1] for row in self._database.asked(chosen)}

    def last_changes(self, session_keys: Collection[str]) -> Mapping[str, AuditEntry]:
        """Return the newest entry of each of these sessions that a person is the actor of.

        That somebody looked is no change.
        """
        audit = tables.audit.c
        newest = (
            select(func.max(audit.sequence))
            .where(
                audit.session_key.in_(sorted(session_keys)),
                audit.action != TICKETS_SEEN,
                audit.actor != PIPELINE,
            )
            .group_by(audit.session_key)
        )
        chosen = select(tables.audit).where(audit.sequence.in_(newest))
        rows = (row._asdict() for row in self._database.asked(chosen))
        return {row["session_key"]: _entry_of(row) for row in rows}


def append_audit(
    connection: Connection,
    *,
    at: datetime,
    session_key: str | None,
    actor: str,
    action: str,
    details: Mapping[str, object],
) -> None:
    """Append one entry in the transaction of the change it records.

    A change of tickets by people also waits in the outbox until it is reported to Dagster.
    """
    if (
        connection.dialect.name == "postgresql"
    ):  # entries are committed in the order of their numbers
        connection.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
    actor = storable_text(actor)
    last = connection.execute(select(func.max(tables.audit.c.sequence))).scalar_one()
    added = insert(tables.audit).values(
        sequence=(last or 0) + 1,
        at=at,
        session_key=session_key,
        actor=actor,
        action=action,
        details=storable_text(_json_of(details)),
    )
    connection.execute(added)
    append_event(connection, at=at, session_key=session_key, action=action, by=actor)


def _json_of(details: Mapping[str, object]) -> str:
    return json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _entry_of(row: Mapping[Any, Any]) -> AuditEntry:
    return AuditEntry(**{**row, "details": json.loads(row["details"])})


class ErrorStore(StorePart):
    """Keeps errors."""

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
            return _error_of(connection.execute(added).mappings().one())

    def get(self, error_id: int) -> StoredError:
        """Return one error.

        Raises:
            NotFoundError: There is none of that number.
        """
        chosen = select(tables.errors).where(_ERRORS.error_id == error_id)
        with self._database.reading() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
        if row is None:
            raise unknown_error(error_id)
        return _error_of(row)

    def list_all(self, session_key: str) -> tuple[StoredError, ...]:
        """Return the errors of a session, oldest first."""
        chosen = (
            select(tables.errors)
            .where(_ERRORS.session_key == session_key)
            .order_by(_ERRORS.error_id)
        )
        return tuple(_error_of(row._asdict()) for row in self._database.asked(chosen))


def _error_of(row: Mapping[Any, Any]) -> StoredError:
    error = StoredError(**row)
    if error.session_key is None:
        return error
    steps = tuple(addressed(step, error.session_key) for step in error.recovery_actions)
    return replace(error, recovery_actions=steps)


def _place_of(error: PipelineError) -> tuple[str | None, int | None]:
    if isinstance(error, SheetsRefusedError):
        for finding in error.findings:
            if isinstance(finding, Finding):
                return finding.file, finding.line
    if isinstance(error, ManifestError):
        return error.file_name, None
    return None, None
