"""The sandbox itself: one file, one synchronous way in.

Belongs here: which transaction, what is committed before the answer leaves, the journal entry of
every request. Does not: answering (`dispatch`, `*_calls`).
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from jira_pipeline.jira.sandbox.dispatch import answer_arrival, at_the_site, user_of
from jira_pipeline.jira.sandbox.project_calls import create_project
from jira_pipeline.jira.sandbox.routing import Arrival
from jira_pipeline.jira.sandbox.sandbox_site import seed_site
from jira_pipeline.jira.sandbox.site_rules import SiteRules, read_rules, write_rules
from jira_pipeline.jira.sandbox.state import BUSY_TIMEOUT_SECONDS, JournalEntry, SandboxState
from jira_pipeline.jira.sandbox_http.requests import SandboxRequest, SandboxResponse
from jira_pipeline.jira.sandbox_http.rows import Rows


class JiraSandbox:
    """A Jira Cloud site of one's own; safe to use from several threads and processes."""

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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
            return create_project(rows, key=key, name=None)

    def set_base_url(self, address: str) -> None:
        """Let the site call itself by the address it is served at; its identity stays."""
        with self.state.writing() as rows:
            rows.execute("UPDATE site SET base_url = ?", (address,))

    def rules(self) -> SiteRules:
        with self.state.reading() as rows:
            return read_rules(rows)

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
        arrival = Arrival(
            request=request,
            user=user_of(request, rows),
            now=self._clock(),
            sequence=sequence,
            rules=self.rules_in_force(rows),
        )
        response = answer_arrival(rows, arrival)
        close_entry(rows, sequence=sequence, status=response.status)
        return response

    def rules_in_force(self, rows: Rows) -> SiteRules:
        return read_rules(rows)


def close_entry(rows: Rows, *, sequence: int, status: int) -> None:
    """Write down how a request was answered."""
    rows.execute("UPDATE journal_request SET status = ? WHERE sequence = ?", (status, sequence))
