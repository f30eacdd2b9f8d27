"""What befalls a site does what its name says: a client sees it, as far as Jira would show it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jira_pipeline_tests.jira.sandbox.plain_issues import document, ends
from jira_pipeline_tests.jira.sandbox_faults import site_acts
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan
from jira_pipeline_tests.jira.sandbox_faults.faulty_sites import FaultySite
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import STILL_LINKS

ADA = "ada@sandbox.example"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySite]:
    with closing(FaultySite(tmp_path / "site.sqlite", step_seconds=1.0)) as one:
        yield one


def test_a_moved_issue_has_a_history_of_it_and_is_found_under_its_old_key(site: FaultySite) -> None:
    before = site.create().json()

    key = site_acts.move(site.sandbox, int(before["id"]), account=ADA)
    issue = site.read(before["key"])
    history = site.client.get(f"/rest/api/3/issue/{key}/changelog").json()["values"]

    assert (issue["id"], issue["key"]) == (before["id"], key)
    assert [[item["field"] for item in one["items"]] for one in history] == [["project", "Key"]]
    assert history[0]["author"]["emailAddress"] == ADA
    assert issue["fields"]["updated"] > issue["fields"]["created"]


def test_the_creator_is_whose_token_created_it_wherever_it_is_asked_for(site: FaultySite) -> None:
    with site.connected(ADA) as ada:
        issue = site.create(ada, labels=["jp"]).json()
    fetch = {"issueIdsOrKeys": [issue["id"]], "fields": ["creator"]}
    search = {"jql": "labels = jp", "fields": ["creator"]}

    answers = [
        site.read(issue["key"], fields="creator"),
        *site.client.post("/rest/api/3/issue/bulkfetch", json=fetch).json()["issues"],
        *site.client.post("/rest/api/3/search/jql", json=search).json()["issues"],
    ]

    assert [one["fields"]["creator"]["emailAddress"] for one in answers] == [ADA] * 3


def test_a_restricted_comment_is_shown_in_no_list_and_moves_the_time(site: FaultySite) -> None:
    issue = site.create().json()
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


def test_in_a_world_of_still_links_a_link_moves_no_time(site: FaultySite) -> None:
    keys = [site.create().json()["key"] for _ in range(2)]
    site.sandbox.faults.set_plan(FaultPlan(worlds=(STILL_LINKS,)))
    before = [site.read(key)["fields"]["updated"] for key in keys]

    site.client.post("/rest/api/3/issueLink", json=ends(*keys))
    after = [site.read(key)["fields"] for key in keys]

    assert [one["updated"] for one in after] == before
    assert [len(one["issuelinks"]) for one in after] == [1, 1]
