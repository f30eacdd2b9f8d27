"""The three rate limits, by a clock of their own."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site_rules import LimitRules, SiteRules
from jira_pipeline.sandbox_http.exchange import SandboxRequest, SandboxResponse

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CREDENTIALS = base64.b64encode(b"owner@sandbox.example:token").decode()


class LimitedSite:
    """A site with limits whose seconds are moved by hand."""

    def __init__(self, path: Path) -> None:
        self.seconds = 1_000.0
        self.sandbox = JiraSandbox(path, clock=lambda: NOW, limit_seconds=lambda: self.seconds)

    def limit(self, rules: LimitRules) -> None:
        """Put limits into force."""
        self.sandbox.set_rules(SiteRules(limits=rules))

    def ask(self, method: str, path: str, body: object = None) -> SandboxResponse:
        """Send a request."""
        return self.sandbox.handle(
            SandboxRequest(
                method=method,
                path=f"/rest/api/3/{path}",
                headers={
                    "authorization": f"Basic {CREDENTIALS}",
                    "content-type": "application/json",
                },
                body=b"" if body is None else json.dumps(body).encode(),
            )
        )

    def create(self) -> SandboxResponse:
        """Create an issue."""
        fields = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": "x"}
        return self.ask("POST", "issue", {"fields": fields})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[LimitedSite]:
    one = LimitedSite(tmp_path / "sandbox.sqlite")
    with one.sandbox:
        yield one


def test_without_limits_nothing_is_counted_or_reported(site: LimitedSite) -> None:
    answers = [site.ask("GET", "myself") for _ in range(150)]

    assert {one.status for one in answers} == {200}
    assert not any(name.startswith("x-ratelimit") for name in answers[-1].headers)


def test_a_burst_beyond_the_limit_is_refused_until_its_second_is_over(site: LimitedSite) -> None:
    site.limit(LimitRules())

    answers = [site.ask("GET", "myself") for _ in range(101)]
    site.seconds += 0.9
    early = site.ask("GET", "myself")
    site.seconds += 0.1
    late = site.ask("GET", "myself")

    assert [one.status for one in answers] == [200] * 100 + [429]
    refused = answers[-1].headers
    assert refused["ratelimit-reason"] == "jira-burst-based"
    assert refused["retry-after"] == "1"
    assert refused["x-ratelimit-reset"] == "2026-11-20T08:00:01Z"
    assert [early.status, late.status] == [429, 200]


def test_headers_count_down_and_warn_when_a_fifth_is_left(site: LimitedSite) -> None:
    site.limit(LimitRules(burst_per_second={"GET": 10}))

    headers = [site.ask("GET", "myself").headers for _ in range(10)]

    assert {one["x-ratelimit-limit"] for one in headers} == {"10"}
    assert [one["x-ratelimit-remaining"] for one in headers] == [str(n) for n in range(9, -1, -1)]
    assert [one["x-ratelimit-nearlimit"] for one in headers] == ["false"] * 8 + ["true"] * 2


def test_endpoints_and_methods_are_counted_apart(site: LimitedSite) -> None:
    site.limit(LimitRules(burst_per_second={"GET": 1, "POST": 1}))

    statuses = [
        site.ask("GET", "myself").status,
        site.ask("GET", "field").status,
        site.create().status,
        site.ask("GET", "issue/SBX-1").status,
        site.ask("GET", "issue/SBX-2").status,
    ]

    assert statuses == [200, 200, 201, 200, 429]


def test_a_refused_answer_names_the_limits_too(site: LimitedSite) -> None:
    site.limit(LimitRules())

    answer = site.ask("GET", "issue/SBX-99")

    assert answer.status == 404
    assert answer.headers["x-ratelimit-remaining"] == "99"


@pytest.mark.parametrize(
    ("pause_seconds", "count", "retry_after"),
    [
        pytest.param(0.0, 20, "2", id="20-in-2-seconds"),
        pytest.param(0.25, 100, "5", id="100-in-30-seconds"),
    ],
)
def test_writes_to_one_issue_are_limited_by_id_and_key_together(
    site: LimitedSite, pause_seconds: float, count: int, retry_after: str
) -> None:
    site.create()
    site.create()
    site.limit(LimitRules())

    statuses: list[int] = []
    for number in range(count):
        name = "SBX-1" if number % 2 else "10001"
        statuses.append(site.ask("PUT", f"issue/{name}/properties/p", number).status)
        site.seconds += pause_seconds
    refused = site.ask("PUT", "issue/SBX-1/properties/p", 0)
    other = site.ask("PUT", "issue/SBX-2/properties/p", 0)

    assert statuses[0] == 201
    assert set(statuses[1:]) == {200}
    assert (refused.status, other.status) == (429, 201)
    assert refused.headers["ratelimit-reason"] == "jira-per-issue-on-write"
    assert refused.headers["retry-after"] == retry_after


def test_links_write_to_both_ends(site: LimitedSite) -> None:
    """A blocker of many tickets is written to as often as it has links."""
    for _ in range(22):
        site.create()
    site.limit(LimitRules())

    statuses = [
        site.ask(
            "POST",
            "issueLink",
            {
                "type": {"name": "Blocks"},
                "inwardIssue": {"key": "SBX-1"},
                "outwardIssue": {"key": f"SBX-{number}"},
            },
        ).status
        for number in range(2, 23)
    ]

    assert statuses == [201] * 20 + [429]


@pytest.mark.parametrize("quota", ["global", "tenant"])
def test_points_are_spent_by_objects_and_come_back_after_an_hour(
    site: LimitedSite, quota: str
) -> None:
    site.create()
    site.limit(LimitRules.model_validate({"points_per_hour": 9, "quota": quota}))

    page = {"jql": "project = SBX", "fields": ["summary"]}
    statuses = [
        site.create().status,  # 1
        site.ask("POST", "search/jql", page).status,  # 1 + 2
        site.ask("GET", "priority").status,  # 1 + 5
    ]
    refused = site.create()
    site.seconds += 3_600
    again = site.create()

    assert statuses == [201, 200, 200]
    assert refused.status == 429
    assert refused.headers["ratelimit-reason"] == f"jira-quota-{quota}-based"
    assert refused.headers["retry-after"] == "3600"
    assert again.status == 201


def test_a_refused_request_did_nothing_and_is_journalled(site: LimitedSite) -> None:
    site.limit(LimitRules(burst_per_second={"POST": 1}))

    site.create()
    site.create()

    entries = site.sandbox.journal()
    assert [(one.status, len(one.changes)) for one in entries] == [(201, 1), (429, 0)]
