"""The client keeps to the pace Jira asks for, and sends again only what is harmless twice."""

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field

import httpx
import pytest

from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.connection import Call
from jira_pipeline.jira.client.pacing import (
    JIRA_CLOUD_LIMITS,
    NO_LIMITS,
    Pacing,
    PacingClock,
    PacingLimits,
    Watcher,
    Window,
)
from jira_pipeline.model.errors import (
    CancelledError,
    RateLimitedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.issue_tracker import Created, NothingDone, Unknown
from jira_pipeline_tests.tables import each

SITE = "https://example.atlassian.net"
JIRA_BODY = {"errorMessages": ["Too many."], "errors": {}}
ME = {"accountId": "ada"}
PROJECT = {"id": "10000", "key": "ABC", "name": "A"}
ANSWERS = {
    "/_edge/tenant_info": httpx.Response(404),
    "/rest/api/3/myself": httpx.Response(200, json=ME),
    "/rest/api/3/project/ABC": httpx.Response(200, json=PROJECT),
    "/rest/api/3/issueLink": httpx.Response(201),
    "/rest/api/3/issue": httpx.Response(201, json={"id": "1", "key": "ABC-1"}),
}
QUOTA = "jira-quota-tenant-based"
BURST = "jira-burst-based"
PER_ISSUE = "jira-per-issue-on-write"


@dataclass
class PacedSite:
    """A site that answers from a list first, then well, and time that only sleeping moves."""

    first: list[httpx.Response | type[httpx.TransportError]] = field(default_factory=list)
    seconds: float = 1000.0
    chance: float = 0.5
    limits: PacingLimits = NO_LIMITS
    sent: list[tuple[float, str]] = field(default_factory=list)
    noted: list[tuple[str, float]] = field(default_factory=list)
    cancelled_at: float = math.inf

    def client(self) -> JiraClient:
        clock = PacingClock(
            monotonic=lambda: self.seconds, sleep=self.sleep, random=lambda: self.chance
        )
        watcher = Watcher(
            note=lambda what, seconds: self.noted.append((what, seconds)),
            is_over=lambda: self.seconds >= self.cancelled_at,
        )
        return JiraClient(
            SITE,
            auth=("a@b.example", "made-up-token"),
            transport=httpx.MockTransport(self.answer),
            pacing=Pacing(clock, limits=self.limits, watcher=watcher),
        )

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.seconds += seconds

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((self.seconds - 1000.0, f"{request.method} {request.url.path}"))
        if not self.first:
            return ANSWERS[request.url.path]
        answer = self.first.pop(0)
        if isinstance(answer, httpx.Response):
            return answer
        raise answer("injected", request=request)

    @property
    def times(self) -> list[float]:
        """When requests were sent, in seconds from the start."""
        return [round(at, 3) for at, _ in self.sent]


def throttled(reason: str, *, after: str = "7", status: int = 429) -> httpx.Response:
    headers = {"RateLimit-Reason": reason, "Retry-After": after}
    return httpx.Response(status, json=JIRA_BODY, headers=headers)


def link(client: JiraClient, inward: str = "1", outward: str = "2") -> object:
    return client.create_link(link_type_id="1", inward_issue_id=inward, outward_issue_id=outward)


SERVER_TIME = {"Date": "Sat, 01 Aug 2026 10:00:00 GMT"}
UNTIL = {"X-RateLimit-Reset": "2026-08-01T10:00:09Z"}
UNTIL_TOO = {"Retry-After": "Sat, 01 Aug 2026 10:00:09 GMT"}


@each(
    ("headers", "chance", "again_at"),
    [
        ({"Retry-After": "7"}, 0.0, 7),
        ({"Retry-After": "7"}, 1.0, 7 * 1.3),
        (SERVER_TIME | UNTIL, 0.0, 9),
        (SERVER_TIME | UNTIL_TOO, 0.0, 9),
        (SERVER_TIME | UNTIL | {"Retry-After": "0"}, 0.0, 9),
        # without a usable wait the back-off counts
        ({}, 0.0, 1.4),
        ({"Retry-After": "soon"}, 0.0, 1.4),
        ({"Retry-After": "0"}, 0.0, 1.4),
        (UNTIL_TOO, 0.0, 1.4),
        (UNTIL, 0.0, 1.4),
        (SERVER_TIME | {"X-RateLimit-Reset": "later"}, 0.0, 1.4),
        ({"X-RateLimit-Reset": "2026-08-01T10:00:09", "Date": "today"}, 0.0, 1.4),
    ],
)
def test_a_read_that_is_throttled_waits_by_the_clock_of_the_server_and_is_sent_again(
    headers: dict[str, str], chance: float, again_at: float
) -> None:
    site = PacedSite([httpx.Response(429, json=JIRA_BODY, headers=headers)], chance=chance)

    site.client().whoami()

    assert site.times == [0, again_at]


@each(
    ("answer", "other_at", "again_at"),
    [
        (throttled(QUOTA), 7, 7),
        (throttled(""), 7, 7),
        (throttled("new-word"), 7, 7),
        (throttled(BURST), 0, 7),
        (throttled(PER_ISSUE), 0, 7),
        (httpx.Response(503), 0, 0),
    ],
    ids=["quota", "no reason", "new word", "burst", "per issue, of none", "503 without a wait"],
)
def test_a_quota_pauses_everything_and_a_burst_one_endpoint(
    answer: httpx.Response, other_at: float, again_at: float
) -> None:
    site = PacedSite([answer], chance=0.0)
    client = site.client()

    client.create_issue({}, {})
    client.whoami()
    client.create_issue({}, {})

    assert site.times == [0, other_at, again_at]


def test_a_limit_of_one_issue_slows_that_issue_only() -> None:
    site = PacedSite([throttled(PER_ISSUE)], chance=0.0)
    client = site.client()
    client.attach("1", file_name="a.md", content=b"a")

    link(client, "3", "4")
    link(client, "2", "1")

    assert site.times == [0, 0, 7]


def test_the_back_off_doubles_from_two_seconds_with_jitter_and_ends_after_four_retries() -> None:
    site = PacedSite([httpx.Response(502)] * 5, chance=0.0)

    with pytest.raises(UnavailableError):
        site.client().whoami()

    assert site.times == [0, 1.4, 4.2, 9.8, 21.0]


@each(
    ("status", "asked"),
    [(s, 2) for s in (408, 500, 502, 503, 504)] + [(s, 1) for s in (400, 401, 403, 404, 410)],
)
def test_a_read_survives_a_site_that_fails_once_and_asks_again_for_no_refusal(
    status: int, asked: int
) -> None:
    site = PacedSite([httpx.Response(status, json=JIRA_BODY)])

    with nullcontext() if asked == 2 else pytest.raises(UpstreamError):
        site.client().whoami()

    assert [path for _, path in site.sent].count("GET /rest/api/3/myself") == asked


@each(
    "answer",
    [httpx.ReadTimeout, httpx.ConnectError, httpx.Response(503), httpx.Response(500)],
    ids=["read timeout", "refused", "503", "500"],
)
@each(
    "write",
    [
        lambda client: client.create_issue({}, {}),
        lambda client: client.attach("1", file_name="a.md", content=b"a"),
        lambda client: client.delete_issue("1"),
    ],
    ids=["creation", "attachment", "deletion"],
)
def test_what_must_not_be_done_twice_is_sent_once(
    answer: httpx.Response | type[httpx.TransportError], write: Callable[[JiraClient], object]
) -> None:
    site = PacedSite([answer])

    write(site.client())

    assert len(site.sent) == 1


def test_a_throttled_creation_is_left_to_whoever_sent_it() -> None:
    site = PacedSite([throttled(BURST)], chance=0.0)
    client = site.client()

    answer = client.create_issue({}, {})

    assert isinstance(answer, NothingDone)
    assert isinstance(answer.error, RateLimitedError)
    assert len(site.sent) == 1
    client.await_creation(is_bulk=True)
    assert site.seconds == 1000
    client.await_creation(is_bulk=False)
    assert site.seconds == 1007


@each(("lost", "outcome", "sent"), [(1, Created, 2), (5, Unknown, 5)])
def test_a_link_whose_answer_was_lost_is_sent_again(
    lost: int, outcome: type[object], sent: int
) -> None:
    site = PacedSite([httpx.ReadTimeout] * lost)

    assert isinstance(link(site.client()), outcome)
    assert len(site.sent) == sent


def test_a_wait_too_long_for_one_step_is_reported_with_its_length() -> None:
    site = PacedSite([throttled(QUOTA, after="600")], chance=0.0)
    client = site.client()

    with pytest.raises(RateLimitedError) as first:
        client.whoami()
    with pytest.raises(RateLimitedError) as second:
        client.whoami()
    with pytest.raises(RateLimitedError):
        client.await_creation(is_bulk=False)
    answer = client.create_issue({}, {})

    assert (first.value.wait_seconds, second.value.wait_seconds) == (600, 600)
    assert isinstance(answer, NothingDone)
    assert len(site.sent) == 1


@each(
    ("headers", "wait"),
    [
        ({"X-RateLimit-NearLimit": "true", "X-RateLimit-Remaining": "9"}, 0.1),
        ({"X-RateLimit-NearLimit": "true", "X-RateLimit-Remaining": "0"}, 1.0),
        ({"X-RateLimit-NearLimit": "false", "X-RateLimit-Remaining": "90"}, 0.0),
    ],
)
def test_an_endpoint_near_its_limit_is_used_more_slowly(
    headers: dict[str, str], wait: float
) -> None:
    site = PacedSite([httpx.Response(200, json=ME, headers=headers)])
    client = site.client()

    client.whoami()
    client.project("ABC")
    client.whoami()

    assert site.times == [0, 0, wait]


def test_at_no_latency_the_documented_limits_are_kept() -> None:
    """Jira allows 100 requests a second per endpoint, and 20 writes in 2 s on one issue."""
    site = PacedSite(limits=JIRA_CLOUD_LIMITS)
    client = site.client()

    for number in range(250):
        link(client, str(number), str(number + 1000))
    for number in range(250):
        link(client, "hub", str(number + 2000))

    assert busiest(site.times, seconds=1.0) <= 100
    assert busiest(site.times[250:], seconds=2.0) <= 20
    assert busiest(site.times[250:], seconds=30.0) <= 100


def busiest(times: list[float], *, seconds: float) -> int:
    return max(sum(at <= other < at + seconds for other in times) for at in times)


def test_a_long_wait_is_said_with_its_reason_and_a_cancel_ends_it() -> None:
    site = PacedSite([throttled(QUOTA, after="20")], chance=0.0)
    client = site.client()
    client.create_issue({}, {})
    site.cancelled_at = site.seconds + 6

    answer = client.create_issue({}, {})
    with pytest.raises(CancelledError):
        client.whoami()
    with pytest.raises(CancelledError):
        client.await_creation(is_bulk=False)

    assert isinstance(answer, NothingDone), "it was not sent, so nothing is in doubt"
    assert site.noted[0] == ("Jira asked us to pause all requests", 20.0)
    assert site.times == [0]


def test_a_site_that_names_a_lower_limit_is_kept_below_it() -> None:
    headers = {"X-RateLimit-Limit": "20"}
    site = PacedSite([httpx.Response(200, json=ME, headers=headers)], limits=JIRA_CLOUD_LIMITS)
    client = site.client()

    for _ in range(19):
        client.whoami()

    assert site.times == [0] * 18 + [1]


def test_requests_that_come_at_once_are_counted_one_after_the_other() -> None:
    def slow_look() -> float:
        time.sleep(0.002)  # long enough for another thread to look meanwhile
        return 1_000.0

    clock = PacingClock(monotonic=slow_look, sleep=lambda _: None, random=lambda: 0.5)
    limits = PacingLimits(per_endpoint={"POST": Window(count=3, seconds=3_600.0)})
    pacing = Pacing(clock, limits=limits)
    call = Call(method="POST", path="/rest/api/3/issueLink", action="Linking")

    def is_admitted(_: int) -> bool:
        try:
            pacing.await_turn(call, is_counted=True)
        except RateLimitedError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        admitted = list(threads.map(is_admitted, range(8)))

    assert sum(admitted) == 3
