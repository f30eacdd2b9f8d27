"""The sandbox itself: one file, one synchronous way in.

Belongs here: which transaction, what is committed before the answer leaves, the journal entry of
every request, requests whose work is done late, the forms gateways give to refusals. Does not:
answering (`dispatch`, `*_calls`), what goes wrong on the way (`fault_effects`).

Source of the forms: docs/jira_answers.md.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from jira_pipeline.jira_sandbox.dispatch import answer_arrival, at_the_site, user_of
from jira_pipeline.jira_sandbox.exchange import NOT_SIGNED_IN
from jira_pipeline.jira_sandbox.fault_effects import FaultInjector, deliver
from jira_pipeline.jira_sandbox.faults import FaultPlan
from jira_pipeline.jira_sandbox.project_calls import create_project
from jira_pipeline.jira_sandbox.rate_limits import RateLimiter
from jira_pipeline.jira_sandbox.routing import Arrival
from jira_pipeline.jira_sandbox.site import User, seed_site
from jira_pipeline.jira_sandbox.site_rules import SiteRules, read_rules, write_rules
from jira_pipeline.jira_sandbox.site_worlds import rules_in_worlds
from jira_pipeline.jira_sandbox.state import BUSY_TIMEOUT_SECONDS, JournalEntry, SandboxState
from jira_pipeline.sandbox_http.exchange import (
    Delivery,
    SandboxRequest,
    SandboxResponse,
    compact_json,
)

FIRST_REFUSAL = 400

HTML = {"content-type": "text/html;charset=UTF-8"}
JSON = {"content-type": "application/json;charset=UTF-8"}
TEXT = {"content-type": "text/plain;charset=UTF-8"}
REFUSED_LOGIN = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}
_KEPT = frozenset({"retry-after", "date"})
Form = tuple[Mapping[str, str], str]
PLAIN_FORMS: Mapping[int, tuple[Form, ...]] = {
    401: (
        (JSON, compact_json({"message": NOT_SIGNED_IN, "status-code": 401})),
        (TEXT | REFUSED_LOGIN, NOT_SIGNED_IN),
        (HTML | REFUSED_LOGIN, "<html><title>Unauthorized (401)</title></html>"),
        ({}, ""),
        (TEXT, "Basic authentication with passwords is deprecated."),
    ),
    403: (
        (HTML, "<html><title>ERROR: The request could not be satisfied</title></html>"),
        (TEXT, "Basic auth with password is not allowed on this instance\n"),
        (HTML | {"x-seraph-loginreason": "AUTHENTICATION_DENIED"}, ""),
    ),
    429: (
        (HTML, "<html><title>Oops - an error has occurred</title></html>"),
        ({"retry-after": "0"}, ""),
        (JSON, compact_json({"errorMessages": ["Rate-limited."], "errors": {}, "status": 429})),
    ),
    503: (({}, ""), (HTML, "<html><title>503 Service Unavailable</title></html>")),
}
"""Headers and body by status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRequest:
    """A request that was taken, given no answer, and is worked on later."""

    due_at: datetime
    sequence: int
    request: SandboxRequest


class JiraSandbox:
    """A Jira Cloud site of one's own; safe to use from several threads and processes."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        faults: FaultPlan | None = None,
        limit_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open or create the site in the file.

        Args:
            path: The SQLite file.
            clock: Returns aware UTC times; the server's own, whatever clients think it is.
            busy_timeout_seconds: How long a request waits for other processes.
            faults: What goes wrong for requests that come in through `receive`.
            limit_seconds: The clock of the rate limits.

        Raises:
            StoreError: The file is no sandbox, or one of another version.
        """
        self._clock = clock
        self._limiter = RateLimiter(seconds=limit_seconds)
        self._refusals = count()
        self._held: list[HeldRequest] = []
        self._held_turn = threading.Lock()
        self.faults = FaultInjector(faults or FaultPlan())
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

    def ensure_project(self, key: str) -> str:
        """Create the project if it is missing; return its id.

        Raises:
            RefusedError: The key is not one Jira takes.
        """
        with self.state.writing() as rows:
            return create_project(rows, key=key, name=None)

    def set_base_url(self, address: str) -> None:
        """Let the site call itself by the address it is served at; its identity stays."""
        with self.state.writing() as rows:
            rows.execute("UPDATE site SET base_url = ?", (address,))

    def rules(self) -> SiteRules:
        """Return the rules of the site."""
        with self.state.reading() as rows:
            return read_rules(rows)

    def set_rules(self, rules: SiteRules) -> None:
        """Give the site other rules; they stay with the file."""
        with self.state.writing() as rows:
            write_rules(rows, rules)

    def now(self) -> datetime:
        """Return the time of the server."""
        return self._clock()

    def receive(self, request: SandboxRequest) -> Delivery:
        """Take a request as it comes in from outside, with whatever goes wrong on the way."""
        self.commit_due()
        request = at_the_site(request)
        rule = self.faults.strike(request)
        delivery = (
            Delivery(response=self.handle(request))
            if rule is None
            else deliver(self, request, rule)
        )
        if delivery.response is None or not delivery.response.status >= FIRST_REFUSAL:
            return delivery
        if not rules_in_worlds(self.rules(), self.faults.plan.worlds).answers_plainly:
            return delivery
        plain = spoken_plainly(delivery.response, turn=next(self._refusals))
        return replace(delivery, response=plain)

    def handle(
        self, request: SandboxRequest, *, fault: str | None = None, drops_properties: bool = False
    ) -> SandboxResponse:
        """Answer one request, no fault asked; what it changed is committed before this returns.

        `fault` is noted in the journal; `drops_properties` holds for this request only.
        """
        now, request = self._clock(), at_the_site(request)
        with self.state.writing() as rows:
            user = user_of(request, rows)
            sequence = _open_entry(rows, request=request, user=user, now=now, fault=fault)
            rules = rules_in_worlds(read_rules(rows), self.faults.plan.worlds)
            if drops_properties:
                rules = rules.model_copy(update={"drops_properties": True})
            arrival = Arrival(request=request, user=user, now=now, sequence=sequence, rules=rules)
            response = answer_arrival(rows, arrival, limiter=self._limiter)
            _close_entry(rows, sequence=sequence, status=response.status)
        return response

    def note(self, request: SandboxRequest, *, fault: str, status: int = 0) -> int:
        """Write a request into the journal that was not worked on; return its sequence."""
        with self.state.writing() as rows:
            user, now = user_of(request, rows), self._clock()
            sequence = _open_entry(rows, request=request, user=user, now=now, fault=fault)
            _close_entry(rows, sequence=sequence, status=status)
        return sequence

    def hold(self, request: SandboxRequest, *, seconds: float, fault: str) -> None:
        """Take a request and do its work only when so much server time has passed."""
        sequence = self.note(request, fault=fault)
        held = HeldRequest(
            due_at=self._clock() + timedelta(seconds=seconds), sequence=sequence, request=request
        )
        with self._held_turn:
            self._held.append(held)

    def commit_due(self, *, is_everything: bool = False) -> int:
        """Do the work of held requests that is due, or all of it; return how many there were."""
        if not self._held:
            return 0
        with self._held_turn:
            now = self._clock()
            due = [one for one in self._held if is_everything or one.due_at <= now]
            for held in due:
                with self.state.writing() as rows:
                    arrival = Arrival(
                        request=held.request,
                        user=user_of(held.request, rows),
                        now=now,
                        sequence=held.sequence,
                        rules=rules_in_worlds(read_rules(rows), self.faults.plan.worlds),
                    )
                    response = answer_arrival(rows, arrival, limiter=self._limiter)
                    _close_entry(rows, sequence=held.sequence, status=response.status)
                self._held.remove(held)
        return len(due)


def _open_entry(
    rows: sqlite3.Connection,
    *,
    request: SandboxRequest,
    user: User | None,
    now: datetime,
    fault: str | None,
) -> int:
    found = rows.execute(
        "INSERT INTO journal_request (at, method, path, query, account_id, fault)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING sequence",
        (
            now.isoformat(),
            request.method,
            request.path,
            request.query,
            None if user is None else user.account_id,
            fault,
        ),
    ).fetchone()
    return int(found["sequence"])


def _close_entry(rows: sqlite3.Connection, *, sequence: int, status: int) -> None:
    rows.execute("UPDATE journal_request SET status = ? WHERE sequence = ?", (status, sequence))


def spoken_plainly(response: SandboxResponse, *, turn: int) -> SandboxResponse:
    """Return a refusal in one of the forms of its status; others stay as they are.

    Of its headers only the wait and the date are kept: what Jira says of its limits, a gateway leaves out.
    """
    forms = PLAIN_FORMS.get(response.status)
    if forms is None:
        return response
    headers, body = forms[turn % len(forms)]
    kept = {name: value for name, value in response.headers.items() if name.lower() in _KEPT}
    return replace(response, headers={**kept, **headers}, body=body.encode("utf-8"))
