"""What the sandboxes share: one request in, one response out, and rows in SQLite between.

Belongs here: handing requests of an httpx client to a sandbox without a socket, reading and adding
rows in one call. Does not: reading bodies, answering, tables and transactions (the sandboxes),
serving (`jira/sandbox/pages`).
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import httpx
from typing_extensions import override

from jira_pipeline.model.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from starlette.responses import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """One HTTP request, already read to its end."""

    method: str
    path: str
    """As sent, percent-encoded, without the query."""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    origin: str | None = None
    """Scheme, host and port the request came to; links in the answer lead back there."""
    cloud_id: str | None = None
    """Of the site it was sent to through Atlassian's gateway; None when sent to the site itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResponse:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def over_httpx(self) -> httpx.Response:
        """Give it to a client of this process."""
        return httpx.Response(self.status, headers=dict(self.headers), content=self.body)

    def over_socket(self) -> "Response":
        """Give it to a server."""
        from starlette.responses import Response  # noqa: PLC0415 - of the few that are served

        return Response(self.body, status_code=self.status, headers=dict(self.headers))


def compact_json(value: object) -> str:
    """Write a value as JSON without spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer_json(value: object, *, status: int = 200) -> SandboxResponse:
    return SandboxResponse(
        status=status,
        headers={"content-type": "application/json;charset=UTF-8"},
        body=compact_json(value).encode("utf-8"),
    )


class Sandbox(Protocol):
    """What answers a request."""

    def receive(self, request: SandboxRequest) -> SandboxResponse:
        """Take a request as it comes in from outside."""


class SandboxTransport(httpx.BaseTransport):
    """Hands every request of an httpx client to a sandbox in this process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ConnectTimeout: The sandbox stayed busy; nothing was done.
            httpx.ReadError: The sandbox broke down; what was done is in doubt.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        sandbox_request = SandboxRequest(
            method=request.method,
            path=request.url.raw_path.decode("ascii").partition("?")[0],
            query=request.url.query.decode("ascii"),
            headers=headers,
            body=request.read(),
        )
        try:
            response = self._sandbox.receive(sandbox_request)
        except StoreBusyError as error:
            raise httpx.ConnectTimeout(error.message, request=request) from error
        except StoreError as error:
            raise httpx.ReadError(error.message, request=request) from error
        return response.over_httpx()


class Rows(sqlite3.Connection):
    """An open file, or memory, whose rows go by column."""

    def first(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row that a statement gives, or None."""
        row: sqlite3.Row | None = self.execute(sql, values).fetchone()
        return row

    def one(self, sql: str, *values: object) -> sqlite3.Row:
        """Return the row that a statement surely gives."""
        row: sqlite3.Row = self.execute(sql, values).fetchone()
        return row

    def every(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self.execute(sql, values).fetchall()

    def having(self, table: str, **cells: object) -> list[sqlite3.Row]:
        """Return the rows of a table that have these cells."""
        condition = " AND ".join(f"{column} = ?" for column in cells)
        return self.every(f"SELECT * FROM {table} WHERE {condition}", *cells.values())  # noqa: S608 - our words

    def add(self, table: str, **values: object) -> sqlite3.Row:
        """Write a row into a table; return it as it is kept, its id included."""
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING *"  # noqa: S608 - our words
        return self.one(statement, *values.values())

    def change(self, table: str, row_id: object, values: Mapping[str, object]) -> None:
        marks = ", ".join(f"{column} = ?" for column in values)
        self.execute(f"UPDATE {table} SET {marks} WHERE id = ?", (*values.values(), row_id))  # noqa: S608 - our words
