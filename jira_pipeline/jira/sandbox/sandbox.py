"""The sandbox itself: one file, one synchronous way in.

Belongs here: opening the file safely from several processes at once, one transaction per request,
what is committed before the answer leaves, the journal no client can influence. Does not: the
tables of each version (`schema/`), answering (`dispatch`, `*_calls`).

Identifiers are AUTOINCREMENT: an id or a key is never given twice, deletions or not.
"""

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Self

from filelock import FileLock

from jira_pipeline.jira.sandbox.call import Call
from jira_pipeline.jira.sandbox.dispatch import answer_call, at_the_site, user_of
from jira_pipeline.jira.sandbox.document_text import add_text_functions
from jira_pipeline.jira.sandbox.sandbox_site import create_project, seed_site
from jira_pipeline.jira.sandbox.site_rules import SiteRules, read_rules, write_rules
from jira_pipeline.jira.sandbox_http.requests import SandboxRequest, SandboxResponse
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows
from jira_pipeline.model.errors import StoreBusyError, StoreError

BUSY_TIMEOUT_SECONDS = 30.0
"""How long a request waits for other processes; one request takes about half a millisecond."""


@cache
def schema_steps() -> tuple[str, ...]:
    """Return the SQL that leads to each version, counted from 1; a step is never edited."""
    folder = resources.files("jira_pipeline.jira.sandbox") / "schema"
    steps = sorted(folder.iterdir(), key=lambda step: int(step.name.partition("_")[0]))
    return tuple(step.read_text("utf-8") for step in steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalChange:
    """One change of state, as the server made it."""

    sequence: int
    change: str
    """Such as `issue_created`."""
    issue_id: str | None
    detail: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One request the server took, and everything it changed."""

    sequence: int
    at: datetime
    method: str
    path: str
    query: str
    account_id: str | None
    status: int
    """What was answered, or would have been; 0 while no answer exists."""
    changes: tuple[JournalChange, ...]


class SandboxState:
    """One open SQLite file; threads take turns, processes wait for each other."""

    def __init__(self, path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
        """Open the file, creating folder and tables when they are missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._turn = threading.RLock()
        # Switching a new file to WAL is not covered by the busy timeout.
        with FileLock(path.with_name(f"{path.name}.lock")):
            self._connection = _open(path, busy_timeout_seconds=busy_timeout_seconds)
        self._close = weakref.finalize(self, self._connection.close)

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        self._close()

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """Give one transaction that sees and blocks every other writer; commit at the end.

        Raises:
            StoreBusyError: Other processes did not let go in time; nothing was done.
            StoreError: The file could not be written, for instance because the disk is full.
        """
        with self._turn:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise StoreBusyError(f"The sandbox {self.path} stays busy: {error}.") from error
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                raise StoreError(f"The sandbox {self.path} cannot be written: {error}.") from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """Give one consistent view of the file."""
        with self._turn:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    def journal(self) -> tuple[JournalEntry, ...]:
        """Return every request in order, each with what it changed."""
        with self.reading() as rows:
            changes: dict[int, list[JournalChange]] = {}
            for row in rows.execute("SELECT * FROM journal_change ORDER BY sequence"):
                change = JournalChange(
                    sequence=row["sequence"],
                    change=row["change"],
                    issue_id=None if row["issue_id"] is None else str(row["issue_id"]),
                    detail=json.loads(row["detail"]),
                )
                changes.setdefault(row["request_sequence"], []).append(change)
            requests = rows.every("SELECT * FROM journal_request ORDER BY sequence")
        return tuple(
            JournalEntry(
                sequence=row["sequence"],
                at=datetime.fromisoformat(row["at"]),
                method=row["method"],
                path=row["path"],
                query=row["query"],
                account_id=row["account_id"],
                status=row["status"] or 0,
                changes=tuple(changes.get(row["sequence"], [])),
            )
            for row in requests
        )


def _open(path: Path, *, busy_timeout_seconds: float) -> Rows:
    connection = sqlite3.connect(
        path,
        timeout=busy_timeout_seconds,
        isolation_level=None,
        check_same_thread=False,
        factory=Rows,
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        add_text_functions(connection)
        version = connection.one("PRAGMA user_version")[0]
        steps = schema_steps()
        if version > len(steps):
            raise StoreError(  # noqa: TRY301 - the connection is closed below
                f"The sandbox {path} has version {version}; this program knows {len(steps)}.",
                recovery_actions=("Move the file away; the sandbox then starts empty.",),
            )
        for number, step in enumerate(steps[version:], start=version + 1):
            connection.executescript(
                f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;"
            )
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"{path} cannot be opened as a sandbox: {error}.") from error
    except StoreError:
        connection.close()
        raise
    return connection


class JiraSandbox:
    """A Jira Cloud site of one's own; safe to use from several threads and processes."""

    call_kind: type[Call] = Call
    """What each answer is made from; a site where more happens has one of its own."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        """Open or create the site in the file; the clock is the server's own, in UTC.

        Raises:
            StoreError: The file is no sandbox, or one of another version.
        """
        self._clock = clock
        self.state = SandboxState(path, busy_timeout_seconds=busy_timeout_seconds)
        with self.state.writing() as rows:
            seed_site(rows, path=path, now=clock())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        self.state.close()

    def journal(self) -> tuple[JournalEntry, ...]:
        """Return every request taken so far, each with what it changed."""
        return self.state.journal()

    def ensure_project(self, key: str) -> str:
        """Create the project if it is missing; return its id."""
        with self.state.writing() as rows:
            return str(create_project(rows, key=key, name=None))

    def set_base_url(self, address: str) -> None:
        """Let the site call itself by the address it is served at; its identity stays."""
        with self.state.writing() as rows:
            rows.execute("UPDATE site SET base_url = ?", (address,))

    def rules(self) -> SiteRules:
        with self.state.reading() as rows:
            return read_rules(rows, SiteRules)

    def set_rules(self, rules: SiteRules) -> None:
        """Give the site other rules; they stay with the file."""
        with self.state.writing() as rows:
            write_rules(rows, rules)

    def now(self) -> datetime:
        """Return the time of the server."""
        return self._clock()

    def receive(self, request: SandboxRequest) -> SandboxResponse:
        """Take a request as it comes in from outside."""
        return self.handle(request)

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; what it changed is committed before this returns."""
        request = at_the_site(request)
        with self.state.writing() as rows:
            sequence = self.enter(rows, request)
            return self.work_on(rows, request, sequence=sequence)

    def enter(self, rows: Rows, request: SandboxRequest) -> int:
        """Write a request into the journal; return its sequence."""
        user = user_of(request, rows)
        found = rows.add(
            "journal_request",
            at=self._clock().isoformat(),
            method=request.method,
            path=request.path,
            query=request.query,
            account_id=None if user is None else user.account_id,
        )
        return int(found["sequence"])

    def work_on(self, rows: Rows, request: SandboxRequest, *, sequence: int) -> SandboxResponse:
        """Answer a request that is in the journal."""
        call = self.call_kind(
            rows=rows,
            request=request,
            user=user_of(request, rows),
            now=self._clock(),
            sequence=sequence,
            rules=self.rules_in_force(rows),
        )
        response = answer_call(call)
        close_entry(rows, sequence=sequence, status=response.status)
        return response

    def rules_in_force(self, rows: Rows) -> SiteRules:
        return read_rules(rows, SiteRules)


def close_entry(rows: Rows, *, sequence: int, status: int) -> None:
    """Write down how a request was answered."""
    rows.execute("UPDATE journal_request SET status = ? WHERE sequence = ?", (status, sequence))
