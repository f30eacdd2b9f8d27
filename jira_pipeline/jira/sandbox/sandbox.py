"""The sandbox itself: one file, one synchronous way in.

Belongs here: opening the file safely from several processes at once, one transaction per request,
what is committed before the answer leaves, the journal no client can influence; all routes,
credentials, Atlassian's gateway, the savepoint a refusal rolls back to.
Does not: the tables of each version (`schema/`), answering (`*_calls`).

Identifiers are AUTOINCREMENT: an id or a key is never given twice, deletions or not.
Source of the gateway's answers: docs/jira_answers.md.
"""

import base64
import binascii
import re
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Self
from urllib.parse import unquote

from filelock import FileLock

from jira_pipeline.jira.sandbox.attachment_calls import ATTACHMENT_ROUTES
from jira_pipeline.jira.sandbox.call import Call, Route, error_collection, refuse
from jira_pipeline.jira.sandbox.issue_calls import ISSUE_PART_ROUTES, ISSUE_ROUTES
from jira_pipeline.jira.sandbox.link_calls import LINK_ROUTES
from jira_pipeline.jira.sandbox.sandbox_projects import create_project
from jira_pipeline.jira.sandbox.sandbox_site import User, find_users, seed_site
from jira_pipeline.jira.sandbox.search_calls import SEARCH_ROUTES
from jira_pipeline.jira.sandbox.site_calls import AGILE_ROUTES, SITE_ROUTES
from jira_pipeline.jira.sandbox_http import Rows, SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.model.errors import RefusedError, StoreBusyError, StoreError

BUSY_TIMEOUT_SECONDS = 30.0
"""How long a request waits for other processes; one request takes about half a millisecond."""

ROUTES = (
    *SITE_ROUTES,
    *SEARCH_ROUTES,
    *ISSUE_PART_ROUTES,
    *ATTACHMENT_ROUTES,
    *LINK_ROUTES,
    *ISSUE_ROUTES,
)
Api = tuple[re.Pattern[str], tuple[Route, ...]]
APIS: tuple[Api, ...] = (
    (re.compile(r"/rest/api/3/(?P<call>.+?)/?"), ROUTES),
    (re.compile(r"/rest/agile/(?:1\.0|latest)/(?P<call>.+?)/?"), tuple(AGILE_ROUTES)),
)
TENANT_PATH = "/_edge/tenant_info"
GATEWAY_PATH = re.compile(r"/ex/jira/(?P<cloud_id>[^/]+)(?P<path>/.*)")


@cache
def schema_steps() -> tuple[str, ...]:
    """Return the SQL that leads to each version, counted from 1; a step is never edited."""
    folder = resources.files("jira_pipeline.jira.sandbox") / "schema"
    steps = sorted(folder.iterdir(), key=lambda step: int(step.name.partition("_")[0]))
    return tuple(step.read_text("utf-8") for step in steps)


class SandboxState:
    """One open SQLite file; threads take turns, processes wait for each other."""

    def __init__(self, path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
        """Open the file, creating folder and tables when they are missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._turn = threading.RLock()
        # Switching a new file to WAL is not covered by the busy timeout.
        with FileLock(path.with_name(f"{path.name}.lock")):
            connection = sqlite3.connect(
                path,
                timeout=busy_timeout_seconds,
                isolation_level=None,
                check_same_thread=False,
                factory=Rows,
            )
            self.close = weakref.finalize(self, connection.close)
            """Closes the file; closing twice is fine."""
            try:
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA foreign_keys = ON")
                connection.create_function("folded", 1, str.casefold, deterministic=True)
                version = connection.one("PRAGMA user_version")[0]
                steps = schema_steps()
                if version > len(steps):
                    raise StoreError(
                        f"The sandbox {path} has version {version}; this program knows {len(steps)}.",
                        recovery_actions=("Move the file away; the sandbox then starts empty.",),
                    )
                for number, step in enumerate(steps[version:], start=version + 1):
                    connection.executescript(
                        f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;"
                    )
            except sqlite3.Error as error:
                raise StoreError(f"{path} cannot be opened as a sandbox: {error}.") from error
            self._connection = connection

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


class JiraSandbox:
    """A Jira Cloud site of one's own; safe to use from several threads and processes."""

    apis = APIS
    """Which calls it answers, by their address."""

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
        self.now = clock
        """Returns the time of the server."""
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

    def ensure_project(self, key: str) -> str:
        """Create the project if it is missing; return its id."""
        with self.state.writing() as rows:
            return str(create_project(rows, key=key, name=None))

    def set_base_url(self, address: str) -> None:
        """Let the site call itself by the address it is served at; its identity stays."""
        with self.state.writing() as rows:
            rows.execute("UPDATE site SET base_url = ?", (address,))

    def receive(self, request: SandboxRequest) -> SandboxResponse:
        """Take a request as it comes in from outside."""
        return self.handle(request)

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; what it changed is committed before this returns."""
        request = at_the_site(request)
        with self.state.writing() as rows:
            return self.work_on(rows, request, sequence=self.enter(rows, request))

    def enter(self, rows: Rows, request: SandboxRequest) -> int:
        """Write a request into the journal; return its sequence."""
        user = user_of(request, rows)
        row = rows.add(
            "journal_request",
            at=self.now().isoformat(),
            method=request.method,
            path=request.path,
            query=request.query,
            account_id=None if user is None else user.account_id,
        )
        return int(row["sequence"])

    def work_on(self, rows: Rows, request: SandboxRequest, *, sequence: int) -> SandboxResponse:
        """Answer a request that is in the journal."""
        rows.execute("SAVEPOINT work")  # a refused request leaves nothing but its journal entry
        try:
            response = answer_to(self.call_of(rows, request, sequence=sequence), self.apis)
        except RefusedError as refusal:
            rows.execute("ROLLBACK TO work")
            response = answer_json(error_collection(refusal), status=refusal.status_code or 400)
        rows.execute("RELEASE work")
        close_entry(rows, sequence=sequence, status=response.status)
        return response

    def call_of(self, rows: Rows, request: SandboxRequest, *, sequence: int) -> Call:
        """Return what the answer is made from."""
        user = user_of(request, rows)
        return Call(rows=rows, request=request, user=user, now=self.now(), sequence=sequence)


def close_entry(rows: Rows, *, sequence: int, status: int) -> None:
    """Write down how a request was answered."""
    rows.execute("UPDATE journal_request SET status = ? WHERE sequence = ?", (status, sequence))


def answer_to(call: Call, apis: Iterable[Api]) -> SandboxResponse:
    """Let the route answer that fits a call; only requests to the gateway have a cloud id."""
    request = call.request
    site_id = call.site["site_id"]
    is_edge = request.path.startswith("/_edge/")
    if request.cloud_id is not None and (request.cloud_id != site_id or is_edge):
        return answer_json({"code": 404, "message": "Not Found"}, status=404)
    if request.path == TENANT_PATH:
        return answer_json({"cloudId": site_id})
    is_known = False
    for pattern, routes in apis:
        path = pattern.fullmatch(request.path)
        for route in routes if path else ():
            values = path and route.pattern.fullmatch(path["call"])
            if values and route.method == request.method:
                named = {name: unquote(value) for name, value in values.groupdict().items()}
                return route.response_to(replace(call, path=named))
            is_known = is_known or values is not None
    if is_known:
        raise refuse("Method Not Allowed", status=405)
    body = {"message": f"null for uri: {request.path}", "status-code": 404}
    return answer_json(body, status=404)


def user_of(request: SandboxRequest, rows: Rows) -> User | None:
    """Take any Basic credentials; an e-mail of the site is that person, others the owner."""
    account = account_of(request)
    if account is None:
        return None
    users = find_users(rows)
    return next((user for user in users if user.email == account[0]), users[0])


def account_of(request: SandboxRequest) -> tuple[str, str] | None:
    """Return e-mail and token of Basic credentials; None where there are none."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not credentials.strip():
        return None
    try:
        decoded = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, _, token = decoded.partition(":")
    return name, token


def at_the_site(request: SandboxRequest) -> SandboxRequest:
    """Return a request to the gateway as the site gets it, with the cloud id it was sent to."""
    at_gateway = GATEWAY_PATH.fullmatch(request.path)
    if at_gateway is None:
        return request
    return replace(request, path=at_gateway["path"], cloud_id=at_gateway["cloud_id"])
