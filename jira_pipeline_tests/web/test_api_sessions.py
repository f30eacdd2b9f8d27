"""Sessions over HTTP: one of them, its findings, graph, quality, runs, errors, trail."""

import pytest

from jira_pipeline.errors import UnavailableError
from jira_pipeline.kernel.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS
from jira_pipeline_tests.web.browsers import ClientOf, signed_in, walked

pytestmark = pytest.mark.small_site

HERE = f"/api/sessions/{SESSION}"


def test_a_session_says_where_it_is_and_what_is_next(client_of: ClientOf) -> None:
    shown = client_of(Role.READER).get(HERE).json()

    assert (shown["stage"], shown["status"], shown["tickets_total"]) == (
        "review",
        "waiting",
        SMALL_TICKETS,
    )
    assert shown["next_address"] == f"/sessions/{SESSION}/tickets"
    assert "jira-pipeline" not in shown["next_step"]
    asked = next(one["action"] for one in shown["left"] if one["kind"] == "show_questions")
    assert (asked["method"], asked["address"]) == ("GET", f"{HERE}/questions")


def test_hours_are_the_same_in_the_api_on_pages_and_in_the_table(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    hours = client.get(f"{HERE}/hours").json()
    table = client.get(f"/sessions/{SESSION}/hours.csv").text
    overview = client.get(f"/sessions/{SESSION}").text
    views = client.get(f"/sessions/{SESSION}/tickets?group=Views").text

    low, high, count = hours["hours_low"], hours["hours_high"], hours["tickets"]
    of_views = next(one for one in hours["by_group"] if one["name"] == "Views")
    assert 0 < low < high
    assert count == SMALL_TICKETS
    assert f"total,,{low:g},{high:g},{count},{hours['without_estimate']}" in table
    assert f"<b>{low:g}-{high:g}</b><span>hours</span>" in overview
    assert f"{of_views['hours_low']}-{of_views['hours_high']} hours of those shown" in views


def test_the_trail_is_filtered(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    whole = client.get(f"{HERE}/audit").json()
    some = client.get(f"{HERE}/audit", params={"action": "session_registered"}).json()
    none = client.get(f"{HERE}/audit", params={"since": "2999-01-01T00:00:00+00:00"}).json()

    assert whole["total"] > some["total"] == 1
    assert none["entries"] == []


def test_a_stored_error_is_listed_by_category_and_explained(fresh_web: Web) -> None:
    client, pipeline = signed_in(fresh_web, Role.READER), fresh_web.pipeline
    error = UnavailableError("Jira does not answer.", recovery_actions=("Wait.",))
    stored = pipeline.store.errors.record(
        error, session_key=SESSION, stage="jira_export", at=pipeline.clock.now()
    )

    listed = client.get(f"{HERE}/processing/errors", params={"category": "temporary"}).json()
    none = client.get(f"{HERE}/errors", params={"stage": "upload"}).json()
    shown = client.get(f"{HERE}/errors/{stored.error_id}").json()

    assert [e["id"] for e in listed["errors"]] == [stored.error_id]
    assert none["errors"] == []
    assert shown["what_happened"].startswith("Jira could not be reached")
    assert client.get(f"{HERE}/errors/9999").json()["code"] == "unknown_error"


def test_pages_of_errors_lead_from_the_newest_to_the_oldest(fresh_web: Web) -> None:
    """They had no cursor: what was older than a thousand errors could not be asked for."""
    client, pipeline = signed_in(fresh_web, Role.READER), fresh_web.pipeline
    for word in ("one", "two", "three"):
        error = UnavailableError(f"Jira does not answer: {word}.", recovery_actions=("Wait.",))
        pipeline.store.errors.record(
            error, session_key=SESSION, stage="jira_export", at=pipeline.clock.now()
        )

    whole = [error["id"] for error in client.get(f"{HERE}/errors").json()["errors"]]
    newest = client.get(f"{HERE}/errors?limit=2").json()["errors"]
    pages = [error["id"] for error in walked(client, f"{HERE}/errors?limit=1", "errors")]

    assert len(whole) == 3
    assert [error["id"] for error in newest] == whole[-2:]
    assert pages == whole[::-1]


def test_runs_and_points_come_page_by_page(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    for _ in range(3):
        client.post(f"{HERE}/validate")
    runs = client.get(f"{HERE}/runs").json()["recent"]
    judged = client.get(f"{HERE}/quality").json()["tickets"]

    assert len(runs) >= 3
    assert walked(client, f"{HERE}/runs?limit=1", "recent") == runs
    assert walked(client, f"{HERE}/quality?limit=10", "tickets") == judged


def test_the_list_says_export_once_every_ticket_is_ready(fresh_web: Web) -> None:
    """It said “review” where `status` said to export."""
    client = signed_in(fresh_web, Role.REVIEWER)
    [before] = client.get("/api/sessions").json()
    client.post(f"{HERE}/tickets/ready", json={"numbers": [1]})
    [begun] = client.get("/api/sessions").json()
    client.post(f"{HERE}/tickets/ready")
    [ready] = client.get("/api/sessions").json()

    assert [one["needs"] for one in (before, begun, ready)] == ["review", "review", "export"]
    assert ready["needs_person"]
    assert client.get(HERE).json()["next_action"]["kind"] == "export"
