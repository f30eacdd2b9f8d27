"""The sandbox itself: one synchronous `handle` over one SQLite file.

Belongs here: who asks, which transaction, what is committed before the answer leaves. Does not:
the calls (`*_calls`). Faults, delays and rate limits have their seams in `handle`: before the
transaction (nothing done) and after it (done, answer lost).
"""

import base64
import binascii
import re
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from jira_pipeline.errors import RefusedError
from jira_pipeline.jira_sandbox.agile_calls import AGILE_ROUTES
from jira_pipeline.jira_sandbox.attachment_calls import ATTACHMENT_ROUTES
from jira_pipeline.jira_sandbox.changelog_calls import CHANGELOG_ROUTES
from jira_pipeline.jira_sandbox.comment_calls import COMMENT_ROUTES
from jira_pipeline.jira_sandbox.exchange import (
    SandboxRequest,
    SandboxResponse,
    answer_json,
    answer_refusal,
)
from jira_pipeline.jira_sandbox.issue_calls import ISSUE_ROUTES
from jira_pipeline.jira_sandbox.link_calls import LINK_ROUTES
from jira_pipeline.jira_sandbox.project_calls import PROJECT_ROUTES, create_project
from jira_pipeline.jira_sandbox.property_calls import PROPERTY_ROUTES
from jira_pipeline.jira_sandbox.routing import ApiVersion, Call, RouteMatch, find_route
from jira_pipeline.jira_sandbox.search_calls import SEARCH_ROUTES
from jira_pipeline.jira_sandbox.site import User, find_users, seed_site
from jira_pipeline.jira_sandbox.site_calls import SITE_ROUTES
from jira_pipeline.jira_sandbox.site_rules import SiteRules, read_rules, write_rules
from jira_pipeline.jira_sandbox.state import BUSY_TIMEOUT_SECONDS, JournalEntry, SandboxState
from jira_pipeline.jira_sandbox.worklog_calls import WORKLOG_ROUTES

ROUTES = (
    *SITE_ROUTES,
    *PROJECT_ROUTES,
    *SEARCH_ROUTES,
    *LINK_ROUTES,
    *ATTACHMENT_ROUTES,
    *COMMENT_ROUTES,
    *WORKLOG_ROUTES,
    *CHANGELOG_ROUTES,
    *PROPERTY_ROUTES,
    *ISSUE_ROUTES,
)
API_PATH = re.compile(r"/rest/api/(?P<version>2|3|latest)/(?P<call>.+?)/?")
AGILE_PATH = re.compile(r"/rest/agile/(?:1\.0|latest)/(?P<call>.+?)/?")
TENANT_PATH = "/_edge/tenant_info"


class JiraSandbox:
    """A Jira Cloud site of one's own; safe to use from several threads and processes."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        """Open or create the site in the file; `clock` returns aware UTC times.

        Raises:
            StoreError: The file is no sandbox, or one of another version.
        """
        self._clock = clock
        self.state = SandboxState(path, busy_timeout_seconds=busy_timeout_seconds)
        with self.state.writing() as rows:
            seed_site(rows, path=path, now=clock())

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        self.state.close()

    def journal(self) -> tuple[JournalEntry, ...]:
        """Return every request taken so far, each with what it changed."""
        return self.state.journal()

    def ensure_project(self, key: str, *, name: str | None = None) -> str:
        """Create the project if it is missing; return its id.

        Raises:
            RefusedError: The key is not one Jira takes.
        """
        with self.state.writing() as rows:
            return create_project(rows, key=key, name=name)

    def rules(self) -> SiteRules:
        """Return the rules of the site."""
        with self.state.reading() as rows:
            return read_rules(rows)

    def set_rules(self, rules: SiteRules) -> None:
        """Give the site other rules; they stay with the file."""
        with self.state.writing() as rows:
            write_rules(rows, rules)

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; what it changed is committed before this returns."""
        now = self._clock()
        with self.state.writing() as rows:
            user = _user_of(request, rows)
            sequence = _open_entry(rows, request=request, user=user, now=now)
            response = _answer_within(rows, request=request, user=user, now=now, sequence=sequence)
            rows.execute(
                "UPDATE journal_request SET status = ? WHERE sequence = ?",
                (response.status, sequence),
            )
        return response


def _open_entry(
    rows: sqlite3.Connection, *, request: SandboxRequest, user: User | None, now: datetime
) -> int:
    found = rows.execute(
        "INSERT INTO journal_request (at, method, path, query, account_id)"
        " VALUES (?, ?, ?, ?, ?) RETURNING sequence",
        (
            now.isoformat(),
            request.method,
            request.path,
            request.query,
            None if user is None else user.account_id,
        ),
    ).fetchone()
    return int(found["sequence"])


def _answer_within(
    rows: sqlite3.Connection,
    *,
    request: SandboxRequest,
    user: User | None,
    now: datetime,
    sequence: int,
) -> SandboxResponse:
    """Answer inside a savepoint: a refused request leaves nothing but its journal entry."""
    rows.execute("SAVEPOINT work")
    try:
        response = _dispatch(rows, request=request, user=user, now=now, sequence=sequence)
    except RefusedError as refusal:
        rows.execute("ROLLBACK TO work")
        response = answer_refusal(refusal)
    rows.execute("RELEASE work")
    return response


def _dispatch(
    rows: sqlite3.Connection,
    *,
    request: SandboxRequest,
    user: User | None,
    now: datetime,
    sequence: int,
) -> SandboxResponse:
    site = rows.execute("SELECT * FROM site").fetchone()
    if request.path == TENANT_PATH:
        return answer_json({"cloudId": site["site_id"]})
    version, match = _find_call(request)
    if match is None:
        return answer_json(
            {"message": "null for uri: " + request.path, "status-code": 404}, status=404
        )
    return match.route.answer(
        Call(
            request=request,
            rows=rows,
            path_values={name: unquote(value) for name, value in match.path_values.items()},
            api_version=version,
            user=user,
            now=now,
            base_url=site["base_url"],
            origin=request.origin or site["base_url"],
            sequence=sequence,
            rules=read_rules(rows),
        )
    )


def _find_call(request: SandboxRequest) -> tuple[ApiVersion, RouteMatch | None]:
    """Find the call of a path; the agile API writes rich texts as version 2 does."""
    agile = AGILE_PATH.fullmatch(request.path)
    if agile:
        return 2, find_route(AGILE_ROUTES, method=request.method, path=agile["call"])
    api = API_PATH.fullmatch(request.path)
    if not api:
        return 3, None
    version: ApiVersion = 3 if api["version"] == "3" else 2
    return version, find_route(ROUTES, method=request.method, path=api["call"])


def _user_of(request: SandboxRequest, rows: sqlite3.Connection) -> User | None:
    """Take any Basic credentials; an e-mail of the site is that person, others the owner."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not credentials.strip():
        return None
    try:
        name = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None
    users = find_users(rows)
    return next((user for user in users if user.email == name), users[0])
