"""What the site remembers of an issue: changes, worklogs, and who may delete it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.jira.sandbox.issue_calls import CHANGES_FETCHED_MAX
from jira_pipeline_tests.jira.sandbox.plain_issues import API, NOW, Create, attach, ends
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.tables import each


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[FaultySandbox]:
    """Return an empty site where people work, too."""
    with FaultySandbox(tmp_path / "sandbox.sqlite", clock=lambda: NOW) as one:
        yield one


def items_of(client: httpx.Client, key: str) -> list[tuple[Any, ...]]:
    history = client.get(f"{API}/issue/{key}/changelog").json()["values"]
    return [
        (item["field"], item.get("fromString"), item.get("toString"))
        for one in history
        for item in one["items"]
    ]


@each(
    ("field", "value", "expected"),
    [
        ("summary", "New", ("summary", "Old", "New")),
        ("labels", ["b", "c"], ("labels", "a", "b c")),
        ("priority", {"name": "High"}, ("priority", "Medium", "High")),
        ("assignee", {"accountId": "5b10ac8d82e05b22cc7d4ef5"}, ("assignee", None, "Ada Example")),
        ("duedate", "2026-12-24", ("duedate", None, "2026-12-24")),
        ("issuetype", {"name": "Bug"}, ("issuetype", "Task", "Bug")),
        ("customfield_10020", 2, ("Sprint", None, "SBX Sprint 2")),
    ],
)
def test_an_edit_is_listed_with_before_and_after(
    client: httpx.Client, create: Create, field: str, value: object, expected: tuple[Any, ...]
) -> None:
    key = create("Old", labels=["a"])

    client.put(f"{API}/issue/{key}", json={"fields": {field: value}})

    assert items_of(client, key) == [expected]


@each("body", [{"fields": {"summary": "Same"}}, {"properties": [{"key": "jp", "value": 1}]}])
def test_an_edit_that_changes_no_field_leaves_no_history(
    client: httpx.Client, create: Create, body: dict[str, object]
) -> None:
    """Jira's changelog knows fields only; undo may not take our own markers for a change."""
    key = create("Same")

    client.put(f"{API}/issue/{key}", json=body)

    assert items_of(client, key) == []


def test_links_sprints_and_files_are_reported_on_the_issues_they_concern(
    client: httpx.Client, create: Create
) -> None:
    blocker, blocked = create("D"), create("T")

    for _ in range(2):
        client.post(f"{API}/issueLink", json=ends(blocker, blocked))
    client.post("/rest/agile/1.0/sprint/1/issue", json={"issues": [blocked]})
    attach(client, blocked, ("a.md", b"x"))

    assert items_of(client, blocker) == [("Link", None, f"This issue blocks {blocked}")]
    assert items_of(client, blocked) == [
        ("Link", None, f"This issue is blocked by {blocker}"),
        ("Sprint", None, "SBX Sprint 1"),
        ("Attachment", None, "a.md"),
    ]


def test_the_history_comes_in_pages_and_with_its_issue_newest_first(
    client: httpx.Client, create: Create
) -> None:
    key = create("0")
    for number in range(1, 4):
        client.put(f"{API}/issue/{key}", json={"fields": {"summary": str(number)}})

    page = client.get(f"{API}/issue/{key}/changelog?startAt=1&maxResults=1").json()
    shown = client.get(f"{API}/issue/{key}?expand=changelog").json()["changelog"]

    assert [one["items"][0]["toString"] for one in page["values"]] == ["2"]
    assert page["isLast"] is False
    assert [one["items"][0]["toString"] for one in shown["histories"]] == ["3", "2", "1"]


def test_many_issues_are_fetched_with_the_newest_forty_changes_of_each(
    client: httpx.Client, create: Create
) -> None:
    """As Atlassian documents it: 40 at most, newest first, `total` counts those on the page."""
    keys = [create("long"), create("short")]
    for number in range(1, CHANGES_FETCHED_MAX + 2):
        client.put(f"{API}/issue/{keys[0]}", json={"fields": {"summary": str(number)}})
    asked = {"issueIdsOrKeys": keys, "fields": ["summary"], "expand": ["changelog"]}

    issues = client.post(f"{API}/issue/bulkfetch", json=asked).json()["issues"]

    long, short = (issue["changelog"] for issue in issues)
    assert [long["total"], len(long["histories"])] == [CHANGES_FETCHED_MAX, CHANGES_FETCHED_MAX]
    assert long["histories"][0]["items"][0]["toString"] == str(CHANGES_FETCHED_MAX + 1)
    assert short["total"] == 0


def test_logged_time_is_listed(client: httpx.Client, create: Create) -> None:
    key = create()

    logged = client.post(f"{API}/issue/{key}/worklog", json={"timeSpentSeconds": 90})
    listed = client.get(f"{API}/issue/{key}/worklog").json()

    assert logged.status_code == 201
    assert [one["timeSpentSeconds"] for one in listed["worklogs"]] == [90]
    [change] = client.get(f"{API}/issue/{key}/changelog").json()["values"]
    assert [(item["field"], item["to"]) for item in change["items"]] == [("timespent", "90")]
