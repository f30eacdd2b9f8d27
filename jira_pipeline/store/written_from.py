"""What the tickets of each session were written from, kept in the transaction that writes them.

Belongs here: its row. Does not: what it says (`tickets/reads_of_tickets`).
"""

from sqlalchemy import Connection

from jira_pipeline.model.written_from import WrittenFrom
from jira_pipeline.store import tables
from jira_pipeline.store.changes import StorePart
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows

_WRITTEN_FROM = Rows(tables.written_from, WrittenFrom)


class WrittenFromStore(StorePart):
    """Keeps what the last generation of each session said its tickets from."""

    def find(self, session_key: str) -> WrittenFrom | None:
        """Return what the tickets of a session were written from; None where nobody noted it."""
        return self._first(_WRITTEN_FROM, session_key=session_key)


def replace_written_from(
    connection: Connection, session_key: str, written_from: WrittenFrom | None
) -> None:
    """Keep what a generation wrote from in place of what the one before did; None: nothing."""
    delete_rows(connection, tables.written_from, session_key=session_key)
    if written_from is not None:
        insert_rows(connection, tables.written_from, [_WRITTEN_FROM.cells(written_from)])
