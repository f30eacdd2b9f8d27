"""Which requests a fault strikes, and what it does to each: before the site works on it, or after.

Belongs here: the plan in force with its counters, every kind of fault as the client comes to see
it. Does not: the rules themselves (`faults`), raising a fault in a client (`sandbox_http/transport`) or on a
socket (`server`). The same plan strikes the same requests every time.
"""

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

from jira_pipeline.jira_sandbox.exchange import (
    ISSUE_NOT_FOUND,
    NOT_SIGNED_IN,
    JsonObject,
    is_array,
    is_object,
)
from jira_pipeline.jira_sandbox.faults import FaultKind, FaultPlan, FaultRule, Moment
from jira_pipeline.jira_sandbox.rate_limits import refuse_as_limited
from jira_pipeline.jira_sandbox.site_worlds import faults_in_worlds
from jira_pipeline.sandbox_http.exchange import (
    Breakage,
    Delivery,
    SandboxRequest,
    SandboxResponse,
    answer_json,
    compact_json,
)

SOMEBODY_ELSE = "colleague@sandbox.example"
SOMEBODY_ELSES = "An issue of a colleague"
FAR_TOO_HIGH = 7_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A fault that struck."""

    request_number: int
    """Counted from when the plan came into force, from 1."""
    method: str
    path: str
    fault: str


class FaultInjector:
    """One plan and its counters; threads take turns."""

    def __init__(self, plan: FaultPlan) -> None:
        """Put a plan into force."""
        self._turn = threading.Lock()
        self.set_plan(plan)

    @property
    def plan(self) -> FaultPlan:
        """The plan in force."""
        return self._plan

    def set_plan(self, plan: FaultPlan) -> None:
        """Put another plan into force; everything is counted again."""
        with self._turn:
            self._plan = plan
            self._rules = (*plan.rules, *faults_in_worlds(plan.worlds))
            self._positions = [0] * len(self._rules)
            self._request_count = 0
            self._strikes: list[Strike] = []

    def strikes(self) -> tuple[Strike, ...]:
        """Return what struck so far, in order."""
        with self._turn:
            return tuple(self._strikes)

    def strike(self, request: SandboxRequest) -> FaultRule | None:
        """Count a request; return the first rule that strikes it."""
        with self._turn:
            self._request_count += 1
            struck: FaultRule | None = None
            for index, rule in enumerate(self._rules):
                if not rule.fits(request):
                    continue
                self._positions[index] += 1
                is_struck = rule.strikes(
                    position=self._positions[index], request_number=self._request_count
                )
                struck = struck or (rule if is_struck else None)
            if struck is not None:
                self._strikes.append(
                    Strike(
                        request_number=self._request_count,
                        method=request.method,
                        path=request.path,
                        fault=struck.name,
                    )
                )
            return struck


class Site(Protocol):
    """What a fault needs of the site."""

    def now(self) -> datetime:
        """Return the time of the server."""
        ...

    def handle(
        self, request: SandboxRequest, *, fault: str | None = None, drops_properties: bool = False
    ) -> SandboxResponse:
        """Answer a request."""
        ...

    def note(self, request: SandboxRequest, *, fault: str, status: int = 0) -> int:
        """Journal a request that is not worked on."""
        ...

    def hold(self, request: SandboxRequest, *, seconds: float, fault: str) -> None:
        """Take a request and work on it later."""
        ...


def deliver(site: Site, request: SandboxRequest, rule: FaultRule) -> Delivery:
    """Let a fault strike a request."""
    if rule.kind in BREAKAGES:
        breakage = BREAKAGES[rule.kind]
        if breakage in UNSENT:  # it never reached the site, nor its journal
            return Delivery(breakage=breakage)
        if rule.moment is Moment.AFTER:
            site.handle(request, fault=rule.name)
        else:
            site.note(request, fault=rule.name)
        return Delivery(breakage=breakage)
    if rule.kind in ANSWERS:
        answer = ANSWERS[rule.kind](site, rule)
        if rule.moment is Moment.AFTER:
            site.handle(request, fault=rule.name)
        else:
            site.note(request, fault=rule.name, status=answer.status)
        return Delivery(response=answer)
    if rule.kind in SPOILERS:
        response = site.handle(request, fault=rule.name)
        return Delivery(response=SPOILERS[rule.kind](response))
    if rule.kind is FaultKind.MISNAMED:
        return Delivery(response=_misnamed(site, request, rule))
    return _change(site, request, rule)


def _change(site: Site, request: SandboxRequest, rule: FaultRule) -> Delivery:
    """Let the site work on the request in another way than it was meant."""
    match rule.kind:
        case FaultKind.DELAYED_COMMIT:
            site.hold(request, seconds=rule.seconds, fault=rule.name)
            return Delivery(breakage=Breakage.TIMEOUT)
        case FaultKind.SLOW_BODY:
            response = site.handle(request, fault=rule.name)
            return Delivery(response=response, delay_seconds=rule.seconds)
        case FaultKind.ANONYMOUS:
            headers = {k: v for k, v in request.headers.items() if k != "authorization"}
            stripped = replace(request, headers=headers)
            return Delivery(response=site.handle(stripped, fault=rule.name))
        case FaultKind.DROPPED_PROPERTIES:
            is_before = rule.moment is Moment.BEFORE
            response = site.handle(request, fault=rule.name, drops_properties=is_before)
            if is_before:
                return Delivery(response=response)
            value, issues = _issues_of(response)
            if issues is not None:
                bare = [{**one, "properties": {}} for one in issues if is_object(one)]
                return Delivery(response=_with_json(response, {**value, "issues": bare}))
            if "properties" in value:
                return Delivery(response=_with_json(response, {**value, "properties": {}}))
            return Delivery(response=response)
        case FaultKind.REPLAYED | FaultKind.LATE_REPLAY:
            response = site.handle(request, fault=rule.name)
            if rule.kind is FaultKind.REPLAYED:
                response = site.handle(request, fault=rule.name)
            else:
                site.hold(request, seconds=rule.seconds, fault=rule.name)
            return Delivery(response=response)
        case _:
            raise AssertionError(rule.kind)


def _misnamed(site: Site, request: SandboxRequest, rule: FaultRule) -> SandboxResponse:
    """Answer a creation with what somebody else creates; of a bulk, its first issue."""
    sent = json.loads(request.body)
    fields = (sent["issueUpdates"][0] if "issueUpdates" in sent else sent)["fields"]
    if "project" not in fields:  # it is refused
        return site.handle(request, fault=rule.name)
    theirs = site.handle(_of_somebody_else(request, fields), fault=rule.name)
    if rule.moment is Moment.BEFORE:
        site.note(request, fault=rule.name, status=theirs.status)
        return theirs if "issueUpdates" not in sent else _page(502)
    answer = site.handle(request, fault=rule.name)
    value, issues = _issues_of(answer)
    if issues is None:
        return theirs
    return _with_json(answer, {**value, "issues": [json.loads(theirs.body), *issues[1:]]})


def _of_somebody_else(request: SandboxRequest, fields: JsonObject) -> SandboxRequest:
    """Return the creation of a plain issue where another one was to be created."""
    plain = {"project": fields["project"], "issuetype": fields["issuetype"]}
    body = compact_json({"fields": {**plain, "summary": SOMEBODY_ELSES}}).encode("utf-8")
    credentials = b64encode(f"{SOMEBODY_ELSE}:token".encode()).decode()
    return replace(
        request,
        path=request.path.removesuffix("/bulk"),
        headers={**request.headers, "authorization": f"Basic {credentials}"},
        body=body,
    )


def _collection(status: int, message: str) -> SandboxResponse:
    return answer_json({"errorMessages": [message], "errors": {}}, status=status)


def _page(status: int, *, location: str | None = None) -> SandboxResponse:
    headers = {"content-type": "text/html;charset=UTF-8"}
    if location is not None:
        headers["location"] = location
    return SandboxResponse(status=status, headers=headers, body=b"<html>gateway</html>")


def _rate_limited(site: Site, rule: FaultRule) -> SandboxResponse:
    if rule.is_dated:
        until = site.now() + timedelta(seconds=rule.seconds)
        dates = {"date": format_datetime(site.now(), usegmt=True)}
        dates["retry-after"] = format_datetime(until, usegmt=True)
        page = _page(429)
        return replace(page, headers={**page.headers, **dates})
    return refuse_as_limited(reason=rule.reason, wait_seconds=rule.seconds, now=site.now())


def _truncated(response: SandboxResponse) -> SandboxResponse:
    return replace(response, body=response.body[: len(response.body) // 2])


def _with_issue_errors(response: SandboxResponse) -> SandboxResponse:
    """Move the second half of the issues, at least one, among the errors."""
    value, issues = _issues_of(response)
    if issues is None:
        return response
    kept, failed = issues[: len(issues) // 2], issues[len(issues) // 2 :]
    errors = [{"id": one["id"], "errorMessage": "Try again."} for one in failed if is_object(one)]
    return _with_json(response, {**value, "issues": kept, "issueErrors": errors})


def _shuffled(response: SandboxResponse) -> SandboxResponse:
    value, issues = _issues_of(response)
    return response if issues is None else _with_json(response, {**value, "issues": issues[::-1]})


def _misnumbered(response: SandboxResponse) -> SandboxResponse:
    """Give the issues of a creation keys that are far too high."""
    value, issues = _issues_of(response)
    if issues is not None:
        higher = [{**one, "key": _higher(one["key"])} for one in issues if is_object(one)]
        return _with_json(response, {**value, "issues": higher})
    return (
        _with_json(response, {**value, "key": _higher(value["key"])})
        if "key" in value
        else response
    )


def _higher(key: object) -> str:
    project, _, number = str(key).rpartition("-")
    return f"{project}-{int(number) + FAR_TOO_HIGH}"


def _issues_of(response: SandboxResponse) -> tuple[JsonObject, list[object] | None]:
    """Return the object an answer holds, and its issues; None where it lists none."""
    is_json = response.headers.get("content-type", "").startswith("application/json")
    value: object = json.loads(response.body) if is_json and response.body else None
    if not is_object(value):
        return {}, None
    issues = value.get("issues")
    return value, issues if is_array(issues) else None


def _with_json(response: SandboxResponse, value: object) -> SandboxResponse:
    return replace(response, body=compact_json(value).encode("utf-8"))


BREAKAGES: Mapping[FaultKind, Breakage] = {
    FaultKind.CONNECTION_REFUSED: Breakage.REFUSED,
    FaultKind.CONNECT_TIMEOUT: Breakage.CONNECT_TIMEOUT,
    FaultKind.PROXY_REFUSED: Breakage.PROXY_REFUSED,
    FaultKind.RESET: Breakage.RESET,
    FaultKind.DISCONNECT: Breakage.DISCONNECTED,
    FaultKind.TIMEOUT: Breakage.TIMEOUT,
}
"""Faults without an answer."""
UNSENT = frozenset({Breakage.REFUSED, Breakage.CONNECT_TIMEOUT, Breakage.PROXY_REFUSED})
ANSWERS: Mapping[FaultKind, Callable[[Site, FaultRule], SandboxResponse]] = {
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.SERVER_ERROR: lambda _site, rule: _collection(
        rule.status or 500, "Internal server error"
    ),
    FaultKind.HTML: lambda _site, rule: _page(rule.status or 200),
    FaultKind.REDIRECT: lambda _site, rule: _page(rule.status or 302, location="/login.jsp"),
    FaultKind.UNAUTHORIZED: lambda _site, _rule: _collection(401, NOT_SIGNED_IN),
    FaultKind.FORBIDDEN: lambda _site, _rule: _collection(
        403, "You do not have permission to perform this operation."
    ),
    FaultKind.NOT_FOUND: lambda _site, _rule: _collection(404, ISSUE_NOT_FOUND),
}
"""Faults with an answer of their own."""
SPOILERS: Mapping[FaultKind, Callable[[SandboxResponse], SandboxResponse]] = {
    FaultKind.TRUNCATED: _truncated,
    FaultKind.ISSUE_ERRORS: _with_issue_errors,
    FaultKind.SHUFFLED: _shuffled,
    FaultKind.MISNUMBERED: _misnumbered,
}
"""Faults that spoil the site's own answer."""
