"""Manual fixes: one per target, ticket, type and subject.

Belongs here: keeping them and what became of them. Does not: deciding that one is needed (`stages/jira_export`).
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from typing_extensions import override

from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.errors import UnknownFixError
from jira_pipeline.ports.export import ManualFixStore
from jira_pipeline.store import tables
from jira_pipeline.store.audit import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import Database, repeated

_FIXES = tables.manual_fixes.c
_FIX_NAMES = tuple(ManualFix.__dataclass_fields__)


class SqlManualFixStore(ManualFixStore):
    """Keeps manual fixes in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

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
                return _renewed(connection, ManualFix(**row), fix)
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
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(_FIXES.fix_id)).mappings()
            return tuple(ManualFix(**row) for row in rows)

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
                raise UnknownFixError(session_key=session_key, fix_id=fix_id)
            known = ManualFix(**row)
            if known.state is state:
                return known
            _change(connection, replace(known, state=state))
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=by,
                action="fix_state_set",
                details={"fix_id": fix_id, "from": known.state.value, "to": state.value},
            )
        return replace(known, state=state)


def _renewed(connection: Connection, known: ManualFix, fix: ManualFix) -> ManualFix:
    if known.state is not FixState.OBSOLETE:
        return known
    renewed = replace(fix, fix_id=known.fix_id)
    _change(connection, renewed)
    return renewed


def _change(connection: Connection, fix: ManualFix) -> None:
    cells = {name: getattr(fix, name) for name in _FIX_NAMES if name != "fix_id"}
    connection.execute(update(tables.manual_fixes).where(_FIXES.fix_id == fix.fix_id).values(cells))
