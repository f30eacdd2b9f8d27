"""Manual fixes: one per target, ticket, type and subject.

Belongs here: keeping them. Does not: deciding that one is needed (`stages/jira_export`).
"""

from dataclasses import replace

from sqlalchemy import insert, select

from jira_pipeline.domain.manual_fixes import ManualFix
from jira_pipeline.store import tables
from jira_pipeline.store.sessions import lock_session
from jira_pipeline.store.transactions import Database

_FIXES = tables.manual_fixes.c
_FIX_NAMES = tuple(ManualFix.__dataclass_fields__)


class SqlManualFixStore:
    """Keeps manual fixes in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def record(self, fix: ManualFix) -> ManualFix:
        """Add a fix once: one that is known already, open or not, stays as it is."""
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
                return ManualFix(**row)
            cells = {name: getattr(fix, name) for name in _FIX_NAMES if name != "fix_id"}
            added = insert(tables.manual_fixes).values(cells).returning(_FIXES.fix_id)
            return replace(fix, fix_id=connection.execute(added).scalar_one())

    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        """Return the fixes of a session, by id."""
        chosen = select(*(_FIXES[name] for name in _FIX_NAMES)).where(
            _FIXES.session_key == session_key
        )
        if target_id is not None:
            chosen = chosen.where(_FIXES.target_id == target_id)
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(_FIXES.fix_id)).mappings()
            return tuple(ManualFix(**row) for row in rows)
