"""The tables of a sandbox: a connection to SQLite that reads and adds rows in one call.

Not here: which tables there are, and transactions (the sandboxes).
"""

import sqlite3
from collections.abc import Mapping


class Rows(sqlite3.Connection):
    """An open file, or memory, whose rows go by column."""

    def first(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row that a statement gives, or None."""
        found: sqlite3.Row | None = self.execute(sql, values).fetchone()
        return found

    def one(self, sql: str, *values: object) -> sqlite3.Row:
        """Return the row that a statement surely gives."""
        found: sqlite3.Row = self.execute(sql, values).fetchone()
        return found

    def every(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self.execute(sql, values).fetchall()

    def having(self, table: str, **cells: object) -> list[sqlite3.Row]:
        """Return the rows of a table that have these cells."""
        condition = " AND ".join(f"{column} = ?" for column in cells)
        return self.every(f"SELECT * FROM {table} WHERE {condition}", *cells.values())  # noqa: S608 - our words

    def add(self, table: str, **values: object) -> sqlite3.Row:
        """Write a row into a table; return it as it is kept, its id included."""
        columns, marks = ", ".join(values), ", ".join("?" for _ in values)
        statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING *"  # noqa: S608 - our words
        return self.one(statement, *values.values())

    def change(self, table: str, row_id: object, values: Mapping[str, object]) -> None:
        marks = ", ".join(f"{column} = ?" for column in values)
        self.execute(f"UPDATE {table} SET {marks} WHERE id = ?", (*values.values(), row_id))  # noqa: S608 - our words
