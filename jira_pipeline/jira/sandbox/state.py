"""The sandbox's file: its tables, its connection and its journal.

Belongs here: the schema of each version, opening the file safely from several processes at once,
one transaction per request, the journal no client can influence. Does not: what calls read and
write in the tables (`*_calls`).

Identifiers are AUTOINCREMENT: an id or a key is never given twice, deletions or not.
"""

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock

from jira_pipeline.jira.sandbox.document_text import add_text_functions
from jira_pipeline.jira.sandbox_http.rows import Rows
from jira_pipeline.model.errors import StoreBusyError, StoreError

FIRST_SCHEMA = """
CREATE TABLE site (
  site_id TEXT NOT NULL, base_url TEXT NOT NULL, title TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE user (
  account_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, email TEXT NOT NULL,
  position INTEGER NOT NULL
);
CREATE TABLE project (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  last_number INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE issue (
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES project (id),
  number INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, summary TEXT NOT NULL,
  type_id TEXT NOT NULL, priority_id TEXT NOT NULL, status_id TEXT NOT NULL,
  description TEXT, description_wiki TEXT, assignee_id TEXT, reporter_id TEXT NOT NULL,
  creator_id TEXT NOT NULL, parent_id INTEGER REFERENCES issue (id), due_on TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (project_id, number)
);
CREATE INDEX issue_parent ON issue (parent_id);
CREATE TABLE issue_label (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE, label TEXT NOT NULL,
  PRIMARY KEY (issue_id, label)
) WITHOUT ROWID;
CREATE INDEX issue_label_label ON issue_label (label);
CREATE TABLE issue_property (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE, key TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (issue_id, key)
) WITHOUT ROWID;
CREATE TABLE issue_link (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type_id TEXT NOT NULL,
  inward_issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  outward_issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  UNIQUE (type_id, inward_issue_id, outward_issue_id)
);
CREATE INDEX issue_link_outward ON issue_link (outward_issue_id);
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  filename TEXT NOT NULL, mime_type TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  content BLOB NOT NULL, author_id TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE INDEX attachment_issue ON attachment (issue_id);
CREATE TABLE comment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  body TEXT NOT NULL, body_wiki TEXT, author_id TEXT NOT NULL, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX comment_issue ON comment (issue_id);
CREATE TABLE journal_request (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, query TEXT NOT NULL, account_id TEXT, status INTEGER
);
CREATE TABLE journal_change (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  request_sequence INTEGER NOT NULL REFERENCES journal_request (sequence),
  at TEXT NOT NULL, change TEXT NOT NULL, issue_id INTEGER, detail TEXT NOT NULL
);
"""
"""Version 1."""

BOARDS_AND_HISTORY = """
ALTER TABLE issue ADD COLUMN security_level TEXT;
CREATE TABLE site_rules (document TEXT NOT NULL);
CREATE TABLE board (
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES project (id),
  name TEXT NOT NULL, type TEXT NOT NULL
);
CREATE TABLE sprint (
  id INTEGER PRIMARY KEY AUTOINCREMENT, board_id INTEGER NOT NULL REFERENCES board (id),
  name TEXT NOT NULL, state TEXT NOT NULL, goal TEXT NOT NULL DEFAULT '', created_at TEXT,
  start_at TEXT, end_at TEXT, complete_at TEXT
);
CREATE TABLE issue_sprint (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  sprint_id INTEGER NOT NULL REFERENCES sprint (id), PRIMARY KEY (issue_id, sprint_id)
) WITHOUT ROWID;
CREATE INDEX issue_sprint_sprint ON issue_sprint (sprint_id);
CREATE TABLE issue_custom_value (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE, field_id TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (issue_id, field_id)
) WITHOUT ROWID;
CREATE TABLE former_key (
  key TEXT PRIMARY KEY, issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX former_key_issue ON former_key (issue_id);
CREATE TABLE change_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  author_id TEXT NOT NULL, created_at TEXT NOT NULL, items TEXT NOT NULL
);
CREATE INDEX change_history_issue ON change_history (issue_id);
CREATE TABLE worklog (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  author_id TEXT NOT NULL, comment TEXT, comment_wiki TEXT, started_at TEXT NOT NULL,
  spent_seconds INTEGER NOT NULL, created_at TEXT NOT NULL
);
CREATE INDEX worklog_issue ON worklog (issue_id);
INSERT INTO board (project_id, name, type)
  SELECT id, key || ' board', 'scrum' FROM project ORDER BY id;
INSERT INTO sprint (board_id, name, state)
  SELECT board.id, project.key || ' Sprint 1', 'active'
  FROM board JOIN project ON project.id = board.project_id ORDER BY board.id;
INSERT INTO sprint (board_id, name, state)
  SELECT board.id, project.key || ' Sprint 2', 'future'
  FROM board JOIN project ON project.id = board.project_id ORDER BY board.id;
"""
"""Version 2: agile boards, sprints, history, worklogs, moved issues, the site's rules."""

WHO_EDITED_COMMENTS = "ALTER TABLE comment ADD COLUMN update_author_id TEXT;"

VERSIONS = (FIRST_SCHEMA, BOARDS_AND_HISTORY, WHO_EDITED_COMMENTS)
"""Each step leads to the version of its number, counted from 1; a step is never edited."""

BUSY_TIMEOUT_SECONDS = 30.0
"""How long a request waits for other processes; one request takes about half a millisecond."""

SCHEMA_VERSION = len(VERSIONS)
"""Of the tables; a file of a later version is refused, not guessed at."""


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
        """Open the file, creating folder and tables when they are missing.

        Raises:
            StoreError: The file is no sandbox, or one of another version.
        """
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


def record_change(
    rows: Rows,
    *,
    request_sequence: int,
    at: datetime,
    change: str,
    issue_id: int | None,
    detail: dict[str, object],
) -> None:
    """Write one change of state into the journal."""
    noted = {"at": at.isoformat(), "change": change, "detail": json.dumps(detail, sort_keys=True)}
    rows.add("journal_change", request_sequence=request_sequence, issue_id=issue_id, **noted)


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
        if version > SCHEMA_VERSION:
            raise StoreError(  # noqa: TRY301 - the connection is closed below
                f"The sandbox {path} has version {version}; this program knows {SCHEMA_VERSION}.",
                recovery_actions=("Move the file away; the sandbox then starts empty.",),
            )
        for number, step in enumerate(VERSIONS[version:], start=version + 1):
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
