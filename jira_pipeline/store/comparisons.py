"""What was found when ledger and Jira were compared.

Belongs here: keeping the last comparison of each session. Does not: comparing
(`stages/jira_export/ledger_comparison`).
"""

from sqlalchemy import delete, insert, select
from typing_extensions import override

from jira_pipeline.ports.export import ComparisonStore, FiledComparison
from jira_pipeline.store import tables
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import Database, repeated

_COLUMNS = tables.comparisons.c
_NAMES = tuple(FiledComparison.__dataclass_fields__)


class SqlComparisonStore(ComparisonStore):
    """Keeps comparisons in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @override
    @repeated
    def record(self, comparison: FiledComparison) -> None:
        key = comparison.session_key
        with self._database.writing() as connection:
            lock_session(connection, key)
            connection.execute(delete(tables.comparisons).where(_COLUMNS.session_key == key))
            values = {name: getattr(comparison, name) for name in _NAMES}
            connection.execute(insert(tables.comparisons).values(values))

    @override
    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        chosen = select(*(_COLUMNS[name] for name in _NAMES)).where(
            _COLUMNS.session_key == session_key, _COLUMNS.target_id == target_id
        )
        with self._database.reading() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
            return None if row is None else FiledComparison(**row)
