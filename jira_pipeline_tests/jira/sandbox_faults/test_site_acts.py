"""What befalls a site does what its name says: a client sees it, as far as Jira would show it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, document, ends
from jira_pipeline_tests.jira.sandbox_faults import site_acts
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import STILL_LINKS

ADA = "ada@sandbox.example"


class Site:
    def __init__(self, path: Path) -> None:
        self.at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
        self.sandbox = FaultySandbox(path, clock=self.now)
        self.client = self.connected("owner@sandbox.example")

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def connected(self, account: str) -> httpx.Client:
        transport = SandboxTransport(self.sandbox)
        return httpx.Client(transport=transport, base_url=SANDBOX_BASE_URL, auth=(account, "any"))

    def create(self, client: httpx.Client | None = None) -> Any:
        body = {"fields": {**LEAST, "labels": ["jp"]}, "properties": [{"key": "jp", "value": "x"}]}
        return (client or self.client).post("/rest/api/3/issue", json=body).json()

    def read(self, issue: str, *, fields: str = "*all") -> Any:
        query = {"fields": fields, "properties": "jp"}
        return self.client.get(f"/rest/api/3/issue/{issue}", params=query).json()

    def found(self) -> list[str]:
        asked = {"jql": "labels = jp ORDER BY key", "fields": ["key"]}
        issues = self.client.post("/rest/api/3/search/jql", json=asked).json()["issues"]
        return [one["key"] for one in issues]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path / "site.sqlite")
    yield one
    one.client.close()
    one.sandbox.close()


def test_a_moved_issue_has_a_history_of_it_and_is_found_under_its_old_key(site: Site) -> None:
    before = site.create()

    key = site_acts.move(site.sandbox, int(before["id"]), account=ADA)
    issue = site.read(before["key"])
    history = site.client.get(f"/rest/api/3/issue/{key}/changelog").json()["values"]

    assert (issue["id"], issue["key"]) == (before["id"], key)
    assert [[item["field"] for item in one["items"]] for one in history] == [["project", "Key"]]
    assert history[0]["author"]["emailAddress"] == ADA
    assert issue["fields"]["updated"] > issue["fields"]["created"]


def test_the_creator_is_whose_token_created_it_wherever_it_is_asked_for(site: Site) -> None:
    with site.connected(ADA) as ada:
        issue = site.create(ada)
    fetch = {"issueIdsOrKeys": [issue["id"]], "fields": ["creator"]}
    search = {"jql": "labels = jp", "fields": ["creator"]}

    answers = [
        site.read(issue["key"], fields="creator"),
        *site.client.post("/rest/api/3/issue/bulkfetch", json=fetch).json()["issues"],
        *site.client.post("/rest/api/3/search/jql", json=search).json()["issues"],
    ]

    assert [one["fields"]["creator"]["emailAddress"] for one in answers] == [ADA] * 3


def test_a_restricted_comment_is_shown_in_no_list_and_moves_the_time(site: Site) -> None:
    issue = site.create()
    path = f"/rest/api/3/issue/{issue['key']}/comment"
    before = site.read(issue["key"])["fields"]["updated"]
    body = {"body": document("For a few.")}
    with site.connected(ADA) as ada:
        comment = ada.post(path, json=body).json()
        ada.post(path, json=body)

    site.sandbox.restricted_comments.add(int(comment["id"]))
    shown = site.read(issue["key"])["fields"]
    listed = site.client.get(path).json()

    assert [one["total"] for one in (listed, shown["comment"])] == [1, 1]
    assert comment["id"] not in [one["id"] for one in listed["comments"]]
    assert shown["updated"] > before


def test_in_a_world_of_still_links_a_link_moves_no_time(site: Site) -> None:
    keys = [site.create()["key"] for _ in range(2)]
    site.sandbox.faults.set_plan(FaultPlan(worlds=(STILL_LINKS,)))
    before = [site.read(key)["fields"]["updated"] for key in keys]

    site.client.post("/rest/api/3/issueLink", json=ends(*keys))
    after = [site.read(key)["fields"] for key in keys]

    assert [one["updated"] for one in after] == before
    assert [len(one["issuelinks"]) for one in after] == [1, 1]
