"""The three rate limits of Jira Cloud: bursts per endpoint, writes per issue, points per hour.

Belongs here: counting, refusing with 429, the headers. Does not: the numbers (`site_rules`), who is
asked first (`sandbox`). Counts live in one process; a sandbox that several processes open counts in
each of them on its own.

Source: Atlassian, "Rate limiting", August 2026.
"""

import json
import math
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from jira_pipeline.jira_sandbox.access import find_issue
from jira_pipeline.jira_sandbox.exchange import is_array, is_object, read_value
from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.site_rules import LimitRules
from jira_pipeline.sandbox_http.exchange import SandboxResponse, answer_json

LimitReason = Literal[
    "jira-quota-global-based",
    "jira-quota-tenant-based",
    "jira-burst-based",
    "jira-per-issue-on-write",
]
HOUR_SECONDS = 3_600.0
NEAR_SHARE = 0.2
"""Source: the page above: near the limit is less than a fifth left."""
READING_POSTS = ("issue/bulkfetch", "search/jql")
LISTS = ("issues", "values", "fields", "issueTypes", "histories", "comments", "worklogs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a request may go on, and the headers that say how much is left."""

    refusal: SandboxResponse | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Points:
    """What was spent in the hour that began at a time."""

    began: float = -HOUR_SECONDS
    spent: int = 0


class RateLimiter:
    """Counts what this process answered; threads take turns."""

    def __init__(self, *, seconds: Callable[[], float]) -> None:
        """Count by a clock of its own, in seconds from anywhere."""
        self._seconds = seconds
        self._turn = threading.Lock()
        self._bursts: dict[str, deque[float]] = defaultdict(deque)
        self._writes: dict[int, deque[float]] = defaultdict(deque)
        self._points = _Points()

    def admit(self, call: Call, *, endpoint: str) -> Admission:
        """Count a request, or refuse it uncounted."""
        rules = call.rules.limits
        if rules is None:
            return Admission()
        with self._turn:
            at = self._seconds()
            return (
                self._without_points(call, rules, at)
                or self._beyond_writes(call, rules, at)
                or self._within_burst(call, rules, at, endpoint=endpoint)
            )

    def charge(self, call: Call, response: SandboxResponse) -> None:
        """Take the points of an answered request: a write one, a read one more per object."""
        rules = call.rules.limits
        if rules is None or rules.points_per_hour is None:
            return
        object_count = 0
        if _is_read(call) and response.body.startswith((b"{", b"[")):
            value: object = json.loads(response.body)
            lists = [value.get(name) for name in LISTS] if is_object(value) else [value]
            object_count = next((len(one) for one in lists if is_array(one)), 1)
        with self._turn:
            self._points.spent += 1 + object_count

    def _without_points(self, call: Call, rules: LimitRules, at: float) -> Admission | None:
        if rules.points_per_hour is None:
            return None
        if at - self._points.began >= HOUR_SECONDS:
            self._points = _Points(began=at)
        if self._points.spent < rules.points_per_hour:
            return None
        reason: LimitReason = (
            "jira-quota-global-based" if rules.quota == "global" else "jira-quota-tenant-based"
        )
        wait = self._points.began + HOUR_SECONDS - at
        return _refused(call, reason=reason, limit=rules.points_per_hour, wait_seconds=wait)

    def _beyond_writes(self, call: Call, rules: LimitRules, at: float) -> Admission | None:
        issue_ids = [] if _is_read(call) else _written_issue_ids(call)
        windows = (
            (rules.issue_writes_in_2_seconds, 2.0),
            (rules.issue_writes_in_30_seconds, 30.0),
        )
        for issue_id in issue_ids:
            times = self._writes[issue_id]
            _forget(times, before=at - 30.0)
            for limit, width_seconds in windows:
                recent = [one for one in times if one > at - width_seconds]
                if len(recent) >= limit:
                    wait = recent[-limit] + width_seconds - at
                    reason: LimitReason = "jira-per-issue-on-write"
                    return _refused(call, reason=reason, limit=limit, wait_seconds=wait)
        for issue_id in issue_ids:
            self._writes[issue_id].append(at)
        return None

    def _within_burst(
        self, call: Call, rules: LimitRules, at: float, *, endpoint: str
    ) -> Admission:
        method = call.request.method
        limit = rules.burst_per_second.get(method)
        if limit is None:
            return Admission()
        times = self._bursts[f"{method} {endpoint}"]
        _forget(times, before=at - 1.0)
        if len(times) >= limit:
            wait = times[0] + 1.0 - at
            return _refused(call, reason="jira-burst-based", limit=limit, wait_seconds=wait)
        times.append(at)
        left = limit - len(times)
        return Admission(headers=_headers(limit=limit, left=left))


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


def _refused(call: Call, *, reason: LimitReason, limit: int, wait_seconds: float) -> Admission:
    refusal = refuse_as_limited(reason=reason, wait_seconds=wait_seconds, now=call.now, limit=limit)
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


def _is_read(call: Call) -> bool:
    return call.request.method == "GET" or call.request.path.endswith(READING_POSTS)


def _written_issue_ids(call: Call) -> list[int]:
    """Return the existing issues a request writes to: of its path, of a link, of a sprint move."""
    names = [call.path_values["issue"]] if "issue" in call.path_values else []
    if not names and call.request.path.endswith(("/issueLink", "/issue")):
        value = read_value(call.request.body)
        body = value if is_object(value) else {}
        listed = body.get("issues")
        names = [str(one) for one in listed] if is_array(listed) else []
        for end in (body.get("inwardIssue"), body.get("outwardIssue")):
            if is_object(end):
                names.append(str(end.get("id") or end.get("key")))
    found = [find_issue(call.rows, name) for name in names]
    return sorted({row["id"] for row in found if row is not None})
