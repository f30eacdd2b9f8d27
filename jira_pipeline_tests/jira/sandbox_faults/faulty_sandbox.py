"""The sandbox in which things go wrong: a fault strikes before the site works on a request, or after.

Belongs here: the plan in force with its counters, every kind of fault as the client comes to see
it, work that is done late. Does not: the rules themselves (`faults`, `site_worlds`), raising a
fault in a client or on a socket (`broken_answers`). The same plan strikes the same requests every
time.
"""

import json
import re
import threading
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path

from typing_extensions import override

from jira_pipeline.jira.sandbox.call import (
    ISSUE_NOT_FOUND,
    NOT_SIGNED_IN,
    Call,
    JsonObject,
    is_array,
    is_object,
)
from jira_pipeline.jira.sandbox.sandbox import (
    APIS,
    ROUTES,
    JiraSandbox,
    at_the_site,
    close_entry,
)
from jira_pipeline.jira.sandbox_http import (
    Rows,
    SandboxRequest,
    SandboxResponse,
    answer_json,
    compact_json,
)
from jira_pipeline_tests.jira.rules_of_sites import read_rules
from jira_pipeline_tests.jira.sandbox_faults.broken_answers import Breakage, BrokenAnswer
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultPlan, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.people_calls import PEOPLE_ROUTES
from jira_pipeline_tests.jira.sandbox_faults.rate_limits import RateLimiter, refuse_as_limited
from jira_pipeline_tests.jira.sandbox_faults.ruled_calls import said_with_rules, turned_away
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import (
    PLAIN_ERRORS,
    STILL_LINKS,
    faults_in_worlds,
    rules_in_worlds,
)
from jira_pipeline_tests.jira.sandbox_faults.unkind_sites import UnkindCall, UnkindRules

SOMEBODY_ELSE = "colleague@sandbox.example"
SOMEBODY_ELSES = "An issue of a colleague"
FAR_TOO_HIGH = 7_000
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
    ),
    503: (({}, ""), (HTML, "<html><title>503 Service Unavailable</title></html>")),
}
"""Headers and body by status, as whoever is in front of Jira may word them."""
FORMS_OF_JIRA: Mapping[int, tuple[Form, ...]] = {
    429: ((JSON, compact_json({"errorMessages": ["Rate-limited."], "errors": {}, "status": 429})),),
}
"""More of them, which only Jira uses: its own error body says that nothing was done."""


class FaultInjector:
    """One plan and its counters; threads take turns."""

    def __init__(self, plan: FaultPlan) -> None:
        self._turn = threading.Lock()
        self.set_plan(plan)

    def set_plan(self, plan: FaultPlan) -> None:
        """Put another plan into force; everything is counted again."""
        with self._turn:
            self.plan = plan
            self._rules = (*plan.rules, *faults_in_worlds(plan.worlds))
            self._positions = [0] * len(self._rules)
            self._request_count = 0
            self._strikes: list[str] = []

    def strikes(self) -> tuple[str, ...]:
        """Return the names of what struck so far, in order."""
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
                self._strikes.append(struck.name)
            return struck


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRequest:
    """A request that was taken, given no answer, and is worked on later."""

    due_at: datetime
    sequence: int
    request: SandboxRequest


class FaultySandbox(JiraSandbox):
    """A sandbox with a plan of faults, which may be none, and rate limits, if any."""

    apis = ((APIS[0][0], (*PEOPLE_ROUTES, *ROUTES)), *APIS[1:])

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        faults: FaultPlan | None = None,
        limit_seconds: Callable[[], float] | None = None,
    ) -> None:
        """Open or create the site; `limit_seconds` is the clock of its limits, None: it has none."""
        self.faults = FaultInjector(faults or FaultPlan())
        self._limiter = None if limit_seconds is None else RateLimiter(seconds=limit_seconds)
        self._refusals = count()
        self.restricted_comments: set[int] = set()
        """Ids of comments that are not shown to us: for a role or a group that we are not in."""
        self.former_projects: dict[str, str] = {}
        """Keys of projects by those they had: Jira knows a project by both."""
        self._held: list[HeldRequest] = []
        self._held_turn = threading.Lock()
        super().__init__(path, clock=clock)

    @override
    def receive(self, request: SandboxRequest) -> SandboxResponse:
        self.commit_due()
        request = self._under_new_keys(at_the_site(request))
        rule = self.faults.strike(request)
        response = self.handle(request) if rule is None else answer_struck(self, request, rule)
        if self.restricted_comments:
            response = _without_comments(response, self.restricted_comments)
        if PLAIN_ERRORS not in self.faults.plan.worlds or response.status < FIRST_REFUSAL:
            return response
        return spoken_plainly(response, turn=next(self._refusals))

    @override
    def handle(self, request: SandboxRequest) -> SandboxResponse:
        if self._limiter is None:
            return super().handle(request)
        with self.state.reading() as rows:
            admission = self._limiter.admit(request, rows, self.now())
        if admission.refusal is not None:
            self.note(request, status=admission.refusal.status)
            return admission.refusal
        response = super().handle(request)
        return replace(response, headers={**admission.headers, **response.headers})

    @override
    def work_on(self, rows: Rows, request: SandboxRequest, *, sequence: int) -> SandboxResponse:
        """Answer a request that is in the journal; in a world of still links, none moves a time."""
        rules = self.rules_in_force(rows)
        site_id = rows.one("SELECT site_id FROM site")[0]
        stop = turned_away(request, site_id=site_id, rules=rules)
        if stop is not None:
            close_entry(rows, sequence=sequence, status=stop.status)
            return stop
        if STILL_LINKS not in self.faults.plan.worlds or "/issueLink" not in request.path:
            response = super().work_on(rows, request, sequence=sequence)
            return said_with_rules(response, request, rules)
        times = rows.every("SELECT updated_at, id FROM issue")
        response = super().work_on(rows, request, sequence=sequence)
        rows.executemany("UPDATE issue SET updated_at = ? WHERE id = ?", map(tuple, times))
        return response

    @override
    def call_of(self, rows: Rows, request: SandboxRequest, *, sequence: int) -> Call:
        plain = super().call_of(rows, request, sequence=sequence)
        values = {one.name: getattr(plain, one.name) for one in fields(plain)}
        return UnkindCall(**values, rules=self.rules_in_force(rows))

    def rules_in_force(self, rows: Rows) -> UnkindRules:
        """Return the rules that are kept in the file, as its worlds change them."""
        return rules_in_worlds(read_rules(rows, UnkindRules), self.faults.plan.worlds)

    def _under_new_keys(self, request: SandboxRequest) -> SandboxRequest:
        """Return a request that names projects by the keys they have."""
        for former, key in self.former_projects.items():
            named = re.compile(rf"(?<![\w-]){former}(?![\w-])")
            path, query = (named.sub(key, text) for text in (request.path, request.query))
            request = replace(request, path=path, query=query)
        return request

    def note(self, request: SandboxRequest, *, status: int = 0) -> int:
        """Write a request into the journal that was not worked on; return its sequence."""
        with self.state.writing() as rows:
            sequence = self.enter(rows, request)
            close_entry(rows, sequence=sequence, status=status)
        return sequence

    def hold(self, request: SandboxRequest, *, seconds: float) -> None:
        """Take a request and do its work only when so much server time has passed."""
        sequence = self.note(request)
        due_at = self.now() + timedelta(seconds=seconds)
        with self._held_turn:
            self._held.append(HeldRequest(due_at=due_at, sequence=sequence, request=request))

    def commit_due(self, *, is_everything: bool = False) -> int:
        """Do the work of held requests that is due, or all of it; return how many there were."""
        if not self._held:
            return 0
        with self._held_turn:
            now = self.now()
            due = [one for one in self._held if is_everything or one.due_at <= now]
            for held in due:
                with self.state.writing() as rows:
                    self.work_on(rows, held.request, sequence=held.sequence)
                self._held.remove(held)
        return len(due)


def answer_struck(site: FaultySandbox, request: SandboxRequest, rule: FaultRule) -> SandboxResponse:
    """Let a fault strike a request."""
    if rule.kind in BREAKAGES:
        breakage = BREAKAGES[rule.kind]
        if breakage in UNSENT:  # it never reached the site, nor its journal
            return BrokenAnswer(breakage=breakage)
        if rule.moment is Moment.AFTER:
            site.handle(request)
        else:
            site.note(request)
        return BrokenAnswer(breakage=breakage)
    if rule.kind in ANSWERS:
        answer = ANSWERS[rule.kind](site, rule)
        if rule.moment is Moment.AFTER:
            site.handle(request)
        else:
            site.note(request, status=answer.status)
        return answer
    if rule.kind in SPOILERS:
        response = site.handle(request)
        return SPOILERS[rule.kind](response)
    if rule.kind is FaultKind.MISNAMED:
        return _misnamed(site, request, rule)
    return _change(site, request, rule)


def _change(site: FaultySandbox, request: SandboxRequest, rule: FaultRule) -> SandboxResponse:
    """Let the site work on the request in another way than it was meant."""
    match rule.kind:
        case FaultKind.DELAYED_COMMIT:
            site.hold(request, seconds=rule.seconds)
            return BrokenAnswer(breakage=Breakage.TIMEOUT)
        case FaultKind.ANONYMOUS:
            headers = {k: v for k, v in request.headers.items() if k != "authorization"}
            stripped = replace(request, headers=headers)
            return site.handle(stripped)
        case FaultKind.DROPPED_PROPERTIES:
            if rule.moment is Moment.BEFORE:
                return site.handle(_without_properties(request))
            response = site.handle(request)
            value, issues = _issues_of(response)
            if issues is not None:
                bare = [{**one, "properties": {}} for one in issues if is_object(one)]
                return _with_json(response, {**value, "issues": bare})
            if "properties" in value:
                return _with_json(response, {**value, "properties": {}})
            return response
        case FaultKind.REPLAYED | FaultKind.LATE_REPLAY:
            response = site.handle(request)
            if rule.kind is FaultKind.REPLAYED:
                response = site.handle(request)
            else:
                site.hold(request, seconds=rule.seconds)
            return response
        case _:
            raise AssertionError(rule.kind)


def _without_properties(request: SandboxRequest) -> SandboxRequest:
    sent = json.loads(request.body)
    for one in (sent, *sent.get("issueUpdates", ())):
        one.pop("properties", None)
    return replace(request, body=compact_json(sent).encode("utf-8"))


def _misnamed(site: FaultySandbox, request: SandboxRequest, rule: FaultRule) -> SandboxResponse:
    """Answer a creation with what somebody else creates; of a bulk, its first issue."""
    sent = json.loads(request.body)
    fields = (sent["issueUpdates"][0] if "issueUpdates" in sent else sent)["fields"]
    if "project" not in fields:  # it is refused
        return site.handle(request)
    theirs = site.handle(_of_somebody_else(request, fields))
    if rule.moment is Moment.BEFORE:
        site.note(request, status=theirs.status)
        return theirs if "issueUpdates" not in sent else _page(502)
    answer = site.handle(request)
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
    headers = dict(HTML)
    if location is not None:
        headers["location"] = location
    return SandboxResponse(status=status, headers=headers, body=b"<html>gateway</html>")


def _rate_limited(site: FaultySandbox, rule: FaultRule) -> SandboxResponse:
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


def _without_comments(response: SandboxResponse, hidden: Collection[int]) -> SandboxResponse:
    """Leave comments out of an answer, wherever it lists any."""
    if b'"comments"' not in response.body:
        return response
    value = json.loads(response.body)
    fields = [one.get("fields", {}) for one in value.get("issues", [value])]
    for listed in [value, *(one.get("comment") or {} for one in fields)]:
        if "comments" in listed:
            shown = [one for one in listed["comments"] if int(one["id"]) not in hidden]
            listed |= {"comments": shown, "total": len(shown)}
    return _with_json(response, value)


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


def spoken_plainly(response: SandboxResponse, *, turn: int) -> SandboxResponse:
    """Return a refusal in one of the forms of its status; others stay as they are.

    Of its headers only the wait and the date are kept: what Jira says of its limits, a gateway leaves out.
    The page of a gateway may come after Jira did the write, so it never takes a form of Jira's.
    """
    forms = PLAIN_FORMS.get(response.status)
    if forms is None:
        return response
    is_page = HTML.items() <= response.headers.items()
    if not is_page:
        forms += FORMS_OF_JIRA.get(response.status, ())
    headers, body = forms[turn % len(forms)]
    kept = {name: value for name, value in response.headers.items() if name.lower() in _KEPT}
    return replace(response, headers={**kept, **headers}, body=body.encode("utf-8"))


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
ANSWERS: Mapping[FaultKind, Callable[[FaultySandbox, FaultRule], SandboxResponse]] = {
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
    FaultKind.HOLLOW: lambda _site, _rule: SandboxResponse(status=204, headers={}, body=b""),
}
"""Faults with an answer of their own."""
SPOILERS: Mapping[FaultKind, Callable[[SandboxResponse], SandboxResponse]] = {
    FaultKind.TRUNCATED: _truncated,
    FaultKind.ISSUE_ERRORS: _with_issue_errors,
    FaultKind.SHUFFLED: _shuffled,
    FaultKind.MISNUMBERED: _misnumbered,
}
"""Faults that spoil the site's own answer."""
