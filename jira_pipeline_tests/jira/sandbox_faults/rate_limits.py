"""The rate limits of Jira Cloud: bursts per endpoint, writes per issue.

Belongs here: counting, refusing with 429, the headers. Does not: who is asked first
(`faulty_sandbox`).

Source: Atlassian, "Rate limiting", August 2026.
"""

import math
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from jira_pipeline.jira.sandbox.call import find_issue, is_object, read_value
from jira_pipeline.jira.sandbox_http import Rows, SandboxRequest, SandboxResponse, answer_json

LimitReason = Literal[
    "jira-quota-global-based",
    "jira-quota-tenant-based",
    "jira-burst-based",
    "jira-per-issue-on-write",
]
BURST_PER_SECOND: Mapping[str, int] = {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50}
"""Requests per endpoint, by method."""
ISSUE_WRITES = ((20, 2.0), (100, 30.0))
"""How many there may be to one issue in how many seconds."""
NEAR_SHARE = 0.2
"""Near the limit is less than a fifth left."""
READING_POSTS = ("issue/bulkfetch", "search/jql")
NAME = re.compile(r"(?<=/)([A-Z]+-\d+|\d{4,})(?=/|$)")
"""An issue in a path, by key or id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a request may go on, and the headers that say how much is left."""

    refusal: SandboxResponse | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RateLimiter:
    """Counts what this process answered; threads take turns."""

    def __init__(self, *, seconds: Callable[[], float]) -> None:
        """Count by a clock of its own, in seconds from anywhere."""
        self._seconds = seconds
        self._turn = threading.Lock()
        self._bursts: dict[str, deque[float]] = defaultdict(deque)
        self._writes: dict[int, deque[float]] = defaultdict(deque)

    def admit(self, request: SandboxRequest, rows: Rows, now: datetime) -> Admission:
        """Count a request, or refuse it uncounted."""
        issue_ids = _written_issue_ids(request, rows)
        with self._turn:
            at = self._seconds()
            for times in (self._writes[issue_id] for issue_id in issue_ids):
                _forget(times, before=at - 30.0)
                for limit, width_seconds in ISSUE_WRITES:
                    recent = [one for one in times if one > at - width_seconds]
                    if len(recent) >= limit:
                        wait = recent[-limit] + width_seconds - at
                        return _refused("jira-per-issue-on-write", limit, wait, now)
            for issue_id in issue_ids:
                self._writes[issue_id].append(at)
            limit = BURST_PER_SECOND[request.method]
            times = self._bursts[f"{request.method} {NAME.sub('*', request.path)}"]
            _forget(times, before=at - 1.0)
            if len(times) >= limit:
                return _refused("jira-burst-based", limit, times[0] + 1.0 - at, now)
            times.append(at)
            return Admission(headers=_headers(limit=limit, left=limit - len(times)))


def refuse_as_limited(
    *, reason: LimitReason, wait_seconds: float, now: datetime, limit: int = 100
) -> SandboxResponse:
    """Answer 429 as Jira does, with what to wait for and why."""
    body = {"errorMessages": ["Rate limit exceeded."], "errors": {}}
    answer = answer_json(body, status=429)
    reset_at = now + timedelta(seconds=wait_seconds)
    headers = {
        **answer.headers,
        **_headers(limit=limit, left=0),
        "retry-after": str(max(1, math.ceil(wait_seconds))),
        "x-ratelimit-reset": reset_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ratelimit-reason": reason,
    }
    return SandboxResponse(status=429, headers=headers, body=answer.body)


def _refused(reason: LimitReason, limit: int, wait_seconds: float, now: datetime) -> Admission:
    refusal = refuse_as_limited(reason=reason, wait_seconds=wait_seconds, now=now, limit=limit)
    return Admission(refusal=refusal)


def _headers(*, limit: int, left: int) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-nearlimit": "true" if left < limit * NEAR_SHARE else "false",
    }


def _forget(times: deque[float], *, before: float) -> None:
    while times and times[0] <= before:
        times.popleft()


def _written_issue_ids(request: SandboxRequest, rows: Rows) -> list[int]:
    """Return the existing issues a request writes to: the one of its path, or both of a link."""
    if request.method == "GET" or request.path.endswith(READING_POSTS):
        return []
    names = NAME.findall(request.path)
    body = read_value(request.body) if request.path.endswith("/issueLink") else None
    if is_object(body):
        ends = (body.get("inwardIssue"), body.get("outwardIssue"))
        names += [str(end.get("id") or end.get("key")) for end in ends if is_object(end)]
    found = [find_issue(rows, name) for name in names]
    return sorted({row["id"] for row in found if row is not None})
