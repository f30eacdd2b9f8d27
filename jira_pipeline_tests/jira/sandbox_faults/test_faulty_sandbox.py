"""The double of tests bites: each kind of fault and each world does what its name says.

That exports survive them is judged by schedules, which could not tell a fault that does nothing.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from jira_pipeline_tests.faults.fault_world import Build
from jira_pipeline_tests.faults.running import ScheduleRunner
from jira_pipeline_tests.faults.schedules import InWorld, Schedule
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultPlan, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.faulty_sites import FaultySite
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import (
    LAGGING_PARENT,
    PLAIN_ERRORS,
    POST_FUNCTION,
    STILL_LINKS,
    WORLD_NAMES,
)
from jira_pipeline_tests.tables import each

AFTER = Moment.AFTER
REWRITTEN = "rewritten"
SEEN_LATER = [LAGGING_PARENT, POST_FUNCTION, REWRITTEN, STILL_LINKS]
"""Worlds that are seen only where texts, times or children are read: by an update, by an undo."""


class Site(FaultySite):
    def plan(self, kind: FaultKind, **rule: Any) -> None:
        self.sandbox.faults.set_plan(FaultPlan(rules=(FaultRule(kind=kind, **rule),)))

    def fetch(self, *keys: str) -> Any:
        asked = {"issueIdsOrKeys": keys, "properties": ["jp"]}
        return self.client.post("/rest/api/3/issue/bulkfetch", json=asked).json()

    def created_count(self) -> int:
        entries = journal_of(self.sandbox)
        return sum(c.change == "issue_created" for entry in entries for c in entry.changes)


OpenSite = Callable[..., Site]


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[OpenSite]:
    sites: list[Site] = []

    def opened(limit_seconds: Callable[[], float] | None = None) -> Site:
        sites.append(Site(tmp_path / f"{len(sites)}.sqlite", limit_seconds=limit_seconds))
        return sites[-1]

    yield opened
    for site in sites:
        site.close()


@each(
    ("kind", "moment", "end", "created"),
    [
        (FaultKind.CONNECTION_REFUSED, Moment.BEFORE, httpx.ConnectError, 0),
        (FaultKind.CONNECT_TIMEOUT, Moment.BEFORE, httpx.ConnectTimeout, 0),
        (FaultKind.PROXY_REFUSED, Moment.BEFORE, httpx.ProxyError, 0),
        (FaultKind.RESET, Moment.BEFORE, httpx.ReadError, 0),
        (FaultKind.RESET, AFTER, httpx.ReadError, 1),
        (FaultKind.DISCONNECT, AFTER, httpx.RemoteProtocolError, 1),
        (FaultKind.TIMEOUT, AFTER, httpx.ReadTimeout, 1),
        (FaultKind.DELAYED_COMMIT, AFTER, httpx.ReadTimeout, 0),
        (FaultKind.SERVER_ERROR, Moment.BEFORE, 500, 0),
        (FaultKind.SERVER_ERROR, AFTER, 500, 1),
        (FaultKind.HTML, AFTER, 200, 1),
        (FaultKind.REDIRECT, AFTER, 302, 1),
        (FaultKind.TRUNCATED, AFTER, 201, 1),
        (FaultKind.RATE_LIMITED, Moment.BEFORE, 429, 0),
        (FaultKind.UNAUTHORIZED, Moment.BEFORE, 401, 0),
        (FaultKind.FORBIDDEN, Moment.BEFORE, 403, 0),
        (FaultKind.NOT_FOUND, Moment.BEFORE, 404, 0),
        (FaultKind.ANONYMOUS, Moment.BEFORE, 401, 0),
        (FaultKind.REPLAYED, AFTER, 201, 2),
        (FaultKind.LATE_REPLAY, AFTER, 201, 1),
        (FaultKind.MISNAMED, Moment.BEFORE, 201, 1),
        (FaultKind.MISNAMED, AFTER, 201, 2),
        (FaultKind.MISNUMBERED, AFTER, 201, 1),
    ],
)
def test_a_creation_ends_as_the_kind_says_and_is_done_or_not(
    open_site: OpenSite,
    kind: FaultKind,
    moment: Moment,
    end: int | type[httpx.TransportError],
    created: int,
) -> None:
    site = open_site()
    site.plan(kind, moment=moment)

    try:
        found: int | type[Exception] = site.create().status_code
    except httpx.TransportError as error:
        found = type(error)

    assert (found, site.created_count()) == (end, created)
    assert site.create().status_code == 201


@each(
    ("kind", "moment", "refusals_of_jira"),
    [(FaultKind.HTML, AFTER, set()), (FaultKind.RATE_LIMITED, Moment.BEFORE, {2, 5})],
)
def test_a_gateway_that_limits_after_a_creation_never_speaks_as_jira_does(
    open_site: OpenSite, kind: FaultKind, moment: Moment, refusals_of_jira: set[int]
) -> None:
    """Jira's own error body says that nothing was done, which no test may say of what is done."""
    site = open_site()
    limit = FaultRule(kind=kind, moment=moment, method="POST", times=None, status=429)
    site.sandbox.faults.set_plan(FaultPlan(rules=(limit,), worlds=(PLAIN_ERRORS,)))

    answers = [site.create() for _creation in range(6)]

    assert [answer.status_code for answer in answers] == [429] * 6
    assert len({answer.text for answer in answers}) > 1
    assert {
        number for number, answer in enumerate(answers) if "errorMessages" in answer.text
    } == refusals_of_jira
    assert site.created_count() == (6 if moment is AFTER else 0)


def test_work_that_is_held_is_done_in_the_servers_time_and_once(open_site: OpenSite) -> None:
    site = open_site()
    site.plan(FaultKind.DELAYED_COMMIT, seconds=200)
    with pytest.raises(httpx.ReadTimeout):
        site.create()

    counts = []
    for seconds in (199, 1, 1):
        site.at += timedelta(seconds=seconds)
        counts.append(len(site.fetch("SBX-1")["issues"]))

    assert counts == [0, 1, 1]
    assert site.created_count() == 1


def test_reads_lose_what_the_kind_says(open_site: OpenSite) -> None:
    site = open_site()
    keys = [site.create().json()["key"] for _ in range(3)]

    def read(kind: FaultKind) -> Any:
        site.plan(kind, moment=AFTER)
        return site.fetch(*keys)

    issues = {kind: read(kind)["issues"] for kind in (FaultKind.SHUFFLED, FaultKind.ISSUE_ERRORS)}
    bare = read(FaultKind.DROPPED_PROPERTIES)["issues"]
    site.plan(FaultKind.DROPPED_PROPERTIES)
    unmarked = site.fetch(site.create().json()["key"])["issues"]

    assert [one["key"] for one in issues[FaultKind.SHUFFLED]] == keys[::-1]
    assert [one["key"] for one in issues[FaultKind.ISSUE_ERRORS]] == keys[:1]
    assert [one["properties"] for one in (*bare, *unmarked)] == [{}] * 4
    assert [one["properties"] for one in site.fetch(*keys)["issues"]] == [{"jp": "x"}] * 3


def test_texts_come_back_as_jira_rewrites_them(open_site: OpenSite) -> None:
    site = open_site()
    site.sandbox.faults.set_plan(FaultPlan(worlds=(REWRITTEN,)))
    blocks = [{"type": "paragraph", "content": [{"type": "text", "text": t} for t in "ab"]}]
    document = {"type": "doc", "version": 1, "content": blocks}

    site.client.post("/rest/api/3/issue", json={"fields": {**LEAST, "description": document}})
    stored = site.client.get("/rest/api/3/issue/SBX-1").json()["fields"]["description"]

    assert stored["content"][0]["content"] == [{"type": "text", "text": "ab"}]


@each(
    ("rule", "struck"),
    [
        ({}, [1]),
        ({"nth": 2, "times": 2}, [2, 3]),
        ({"nth": 2, "every": 3, "times": None}, [2, 5, 8]),
        ({"request_number": 4}, [4]),
        ({"method": "POST"}, []),
        ({"path": "field$"}, []),
    ],
)
def test_a_rule_strikes_the_requests_it_counts(
    open_site: OpenSite, rule: dict[str, Any], struck: list[int]
) -> None:
    site = open_site()
    site.plan(FaultKind.SERVER_ERROR, **rule)

    statuses = [site.client.get("/rest/api/3/myself").status_code for _ in range(8)]

    assert [n for n, status in enumerate(statuses, start=1) if status == 500] == struck
    assert len(site.sandbox.faults.strikes()) == len(struck)


def test_limits_refuse_a_burst_and_too_many_links_of_one_issue(open_site: OpenSite) -> None:
    seconds = [1_000.0]
    site = open_site(lambda: seconds[0])
    for _ in range(22):
        site.create()
    ends = [
        {"inwardIssue": {"key": "SBX-1"}, "outwardIssue": {"id": f"{10_000 + n}"}}
        for n in range(2, 23)
    ]

    links = [
        site.client.post("/rest/api/3/issueLink", json={"type": {"name": "Blocks"}, **one})
        for one in ends
    ]
    burst = [site.client.get("/rest/api/3/myself").status_code for _ in range(101)]
    seconds[0] += 1.0
    later = site.client.get("/rest/api/3/myself")

    assert [one.status_code for one in links] == [201] * 20 + [429]
    assert links[-1].headers["ratelimit-reason"] == "jira-per-issue-on-write"
    assert burst == [200] * 100 + [429]
    assert (later.status_code, later.headers["x-ratelimit-remaining"]) == (200, "99")


class Listening(httpx.BaseTransport):
    """Writes down how each request is answered."""

    def __init__(self, transport: httpx.BaseTransport, answers: list[object]) -> None:
        self._transport, self._answers = transport, answers

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._transport.handle_request(request)
        except httpx.TransportError as error:
            self._answers.append(type(error))
            raise
        self._answers.append((response.status_code, response.read()))
        return response


def test_an_export_is_answered_otherwise_in_each_world(tmp_path: Path) -> None:
    answers: list[object] = []
    build = Build(transport=lambda transport: Listening(transport, answers))
    runner = ScheduleRunner(tmp_path, build)

    def answered(*worlds: str) -> list[object]:
        answers.clear()
        runner.run(
            Schedule(
                seed=0,
                ticket_count=8,
                batch_size=1,
                downtime_seconds=30.0,
                events=tuple(InWorld(name=name) for name in worlds),
            )
        )
        return [*answers]

    ordinary = answered()

    assert answered() == ordinary
    assert [name for name in WORLD_NAMES if answered(name) == ordinary] == SEEN_LATER
