"""Boards and sprints, and issues on their way into them."""

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_projects import add_board, add_sprint
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.plain_issues import Create

AGILE = "/rest/agile/1.0"
SPRINT_FIELD = "customfield_10020"


@pytest.fixture
def kanban_id(sandbox: JiraSandbox) -> int:
    """Return a board without sprints."""
    with sandbox.state.writing() as rows:
        return add_board(rows, project_id=10_000, name="Flow", kind="kanban")


@pytest.fixture
def closed_id(sandbox: JiraSandbox) -> int:
    """Return a sprint that is over."""
    with sandbox.state.writing() as rows:
        return add_sprint(rows, board_id=1, name="SBX Sprint 0", state="closed")


def sprints_of(client: httpx.Client, key: str) -> list[str] | None:
    issue = client.get(f"/rest/api/3/issue/{key}", params={"fields": SPRINT_FIELD}).json()
    sprints = issue["fields"][SPRINT_FIELD]
    return sprints and [one["name"] for one in sprints]


def test_a_project_has_a_scrum_board_with_an_active_and_a_future_sprint(
    client: httpx.Client,
) -> None:
    boards = client.get(f"{AGILE}/board", params={"projectKeyOrId": "SBX"}).json()
    sprints = client.get(f"{AGILE}/board/1/sprint", params={"state": "active,future"}).json()

    assert [(b["id"], b["type"], b["location"]["projectKey"]) for b in boards["values"]] == [
        (1, "scrum", "SBX")
    ]
    assert [(s["name"], s["state"], s["originBoardId"]) for s in sprints["values"]] == [
        ("SBX Sprint 1", "active", 1),
        ("SBX Sprint 2", "future", 1),
    ]
    assert sprints["isLast"] is True


def test_a_kanban_board_says_that_it_has_no_sprints(client: httpx.Client, kanban_id: int) -> None:
    answer = client.get(f"{AGILE}/board/{kanban_id}/sprint")

    assert answer.status_code == 400
    assert answer.json()["errorMessages"] == ["The board does not support sprints"]


def test_moving_an_issue_twice_is_one_change(
    client: httpx.Client, sandbox: JiraSandbox, create: Create
) -> None:
    """Sprint moves are idempotent: a repeated call leaves no second trace."""
    key = create()

    for _ in range(2):
        client.post(f"{AGILE}/sprint/1/issue", json={"issues": [key]})

    changes = [change.change for entry in journal_of(sandbox) for change in entry.changes]
    assert changes.count("sprint_set") == 1


def test_a_closed_sprint_takes_nothing(
    client: httpx.Client, create: Create, closed_id: int
) -> None:
    key = create()

    closed = client.post(f"{AGILE}/sprint/{closed_id}/issue", json={"issues": [key]})

    assert closed.status_code == 400
    assert "only active or future sprints" in closed.json()["errorMessages"][0]
    assert sprints_of(client, key) is None


def test_one_unknown_issue_keeps_all_of_them_out(client: httpx.Client, create: Create) -> None:
    key = create()

    answer = client.post(f"{AGILE}/sprint/1/issue", json={"issues": [key, "SBX-99"]})

    assert answer.status_code == 404
    assert sprints_of(client, key) is None


def test_the_sprint_field_takes_a_number_where_a_screen_shows_it(
    client: httpx.Client, create: Create, closed_id: int
) -> None:
    key = create()

    good = client.put(f"/rest/api/3/issue/{key}", json={"fields": {SPRINT_FIELD: 1}})
    text = client.put(f"/rest/api/3/issue/{key}", json={"fields": {SPRINT_FIELD: "1"}})
    closed = client.put(f"/rest/api/3/issue/{key}", json={"fields": {SPRINT_FIELD: closed_id}})

    assert good.status_code == 204
    assert text.json()["errorMessages"] == ["Number value expected as the Sprint id."]
    assert SPRINT_FIELD in closed.json()["errors"]
    assert sprints_of(client, key) == ["SBX Sprint 1"]
