"""The verbs of a session for programs: the same as agents have, made of the same table."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.dagster_port.run_launchers import run_config_of
from jira_pipeline.export import exporting
from jira_pipeline.model.people import Role
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.open_session import open_session
from jira_pipeline.web.api.verb_routes import (
    SESSIONS_ADDRESS,
    WRITTEN_BY_HAND,
    address_of,
    tools_of_programs,
    verb_router,
)
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in, with_runs
from jira_pipeline_tests.web.recorded_runs import RecordedRuns
from jira_pipeline_tests.web.test_routes_and_roles import routes_of

pytestmark = pytest.mark.small_site

HERE = f"{SESSIONS_ADDRESS}/{SESSION}"
EXPORT = f"/api/jira/export-session/{SESSION}"


def test_every_tool_has_an_address_and_every_made_address_is_that_of_a_tool(web: Web) -> None:
    tools = dict(tools_of_programs())
    served = set(routes_of(create_app(web)))
    made = {
        (method, getattr(route, "path", ""))
        for route in verb_router().routes
        for method in getattr(route, "methods", ())
    }

    assert {address_of(name, tool) for name, tool in tools.items()} <= served
    assert made == {
        address_of(name, tool) for name, tool in tools.items() if name not in WRITTEN_BY_HAND
    }
    assert tools.keys() >= WRITTEN_BY_HAND


def test_who_forgets_to_say_which_tickets_are_ready_approves_none(fresh_web: Web) -> None:
    """A body that was left out approved all of them unread."""
    client = signed_in(fresh_web, Role.REVIEWER)

    without_fields = client.post(f"{HERE}/ready", json={})
    without_body = client.post(f"{HERE}/ready")
    before = open_session(fresh_web.pipeline, SESSION).tally.ready
    client.post(f"{HERE}/ready", json={"numbers": None})
    after = open_session(fresh_web.pipeline, SESSION).tally.ready

    assert (without_fields.status_code, without_body.status_code) == (422, 422)
    assert (before, after) == (0, SMALL_TICKETS)


def test_a_program_goes_from_the_list_of_sessions_to_an_export_and_back(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)

    (listed,) = client.get(SESSIONS_ADDRESS).json()["sessions"]
    tickets = client.get(f"{HERE}/tickets").json()["tickets"]
    (whole,) = client.get(f"{HERE}/tickets", params={"numbers": [tickets[0]["number"]]}).json()[
        "tickets"
    ]
    before = client.get(f"{HERE}/plan").json()
    client.post(f"{HERE}/ready", json={"numbers": [ticket["number"] for ticket in tickets]})
    stale = client.post(EXPORT, json={"plan_hash": before["plan_hash"]})
    started = client.post(EXPORT, json={"plan_hash": stale.json()["plan"]["plan_hash"]})
    status = client.get(HERE).json()
    undo = client.get(f"{HERE}/plan-undo").json()
    other_hash = client.post(f"{HERE}/undo", json={"plan_hash": before["plan_hash"]})
    undone = client.post(f"{HERE}/undo", json={"plan_hash": undo["plan_hash"]})

    assert (listed["session_key"], len(tickets)) == (SESSION, SMALL_TICKETS)
    assert whole["number"] == tickets[0]["number"]
    assert (stale.status_code, stale.json()["code"]) == (409, "decision_changed")
    assert (started.status_code, status["stage"]) == (202, "completed")
    assert (other_hash.status_code, undone.status_code) == (409, 200)
    assert client.get(HERE).json()["stage"] == "review"


def test_the_plan_of_new_issues_alone_is_no_agreement_to_more(fresh_web: Web) -> None:
    """An update of nothing was agreed to by it, and updated what had changed when its run began."""
    client = signed_in(fresh_web, Role.EXPORTER)
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    plan = client.get(f"{HERE}/plan").json()

    for choice in ({"update": True}, {"as_new": True}):
        refused = client.post(EXPORT, json={"plan_hash": plan["plan_hash"], **choice})
        assert (refused.status_code, refused.json()["code"]) == (409, "decision_changed")


def test_the_run_of_an_undo_is_asked_for_with_the_issues_that_its_plan_named(
    fresh_web: Web,
) -> None:
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    signed_in(fresh_web, Role.EXPORTER).post(EXPORT)
    runs = RecordedRuns()
    client = signed_in(with_runs(fresh_web, runs), Role.EXPORTER)
    plan = client.get(f"{HERE}/plan-undo").json()

    client.post(f"{HERE}/undo", json={"plan_hash": plan["plan_hash"]})

    (wanted,) = runs.wanted
    agreed = exporting.plan_undoing(open_session(fresh_web.pipeline, SESSION)).issue_ids
    assert (wanted.agreed_issue_ids, len(agreed)) == (agreed, SMALL_TICKETS)
    config: Any = run_config_of(wanted)
    assert config["ops"]["act"]["config"]["action"]["undo"]["agreed_issue_ids"] == [*agreed]


def test_more_than_new_issues_needs_the_plan_that_was_read(client_of: ClientOf) -> None:
    client = client_of(Role.EXPORTER)

    for choice in ({"update": True}, {"as_new": True}):
        refused = client.post(EXPORT, json=choice)
        assert (refused.status_code, refused.json()["code"]) == (422, "wrong_use")
        assert "plan" in refused.json()["recovery_actions"][0]


def test_a_decision_refuses_what_it_does_not_know(client_of: ClientOf) -> None:
    client = client_of(Role.REVIEWER)

    unknown = client.post(f"{HERE}/skip", json={"numbers": [1], "reason": "x", "why": "y"})
    absent = client.post(f"{HERE}/skip", json={"numbers": [1]})

    assert (unknown.status_code, "why" in unknown.json()["detail"]) == (422, True)
    assert absent.status_code == 422


@pytest.mark.parametrize("changed", ["a field of a ticket", "a setting", "a skipped ticket"])
def test_a_plan_that_was_read_is_another_one_once_what_it_creates_is(
    fresh_web: Web, changed: str
) -> None:
    """Who agreed to a plan got issues of another type, by a setting that no part of it named."""
    client = signed_in(fresh_web, Role.EXPORTER)
    session = open_session(fresh_web.pipeline, SESSION)
    mark_ready(session, None, by="test")
    plan = client.get(f"{HERE}/plan").json()

    match changed:
        case "a field of a ticket":
            client.post(f"{HERE}/assign", json={"numbers": [1], "priority": "High"})
        case "a skipped ticket":
            client.post(f"{HERE}/skip", json={"numbers": [1], "reason": "built"})
        case _:
            settings = fresh_web.pipeline.settings.model_copy(update={"jira_issue_type": "Bug"})
            pipeline = replace(fresh_web.pipeline, settings=settings)
            client = signed_in(replace(fresh_web, pipeline=pipeline), Role.EXPORTER)
    refused = client.post(EXPORT, json={"plan_hash": plan["plan_hash"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "decision_changed")
    assert refused.json()["plan"]["plan_hash"] != plan["plan_hash"]


@each(
    ("address", "body", "place"),
    [
        ("depend", {"number": 1, "on": [2], "is_not": 1}, "is_not"),
        ("ready", {"numbers": ["1"]}, "numbers"),
        ("ready", {"numbers": [True]}, "numbers"),
        ("ready", {"numbers": [2**63]}, "numbers"),
        ("unready", {"numbers": [1] * 10_001}, "numbers"),
        ("rollback", {"number": 1, "to": "1"}, "to"),
    ],
)
def test_a_body_is_taken_as_json_has_it_and_within_limits(
    client_of: ClientOf, address: str, body: Mapping[str, object], place: str
) -> None:
    refused = client_of(Role.REVIEWER).post(f"{HERE}/{address}", json=body)

    assert (refused.status_code, place in refused.json()["detail"]) == (422, True)


@each(
    "address",
    [
        f"{HERE}/plan?updat=true",
        f"{HERE}/tickets?number=1",
        f"{SESSIONS_ADDRESS}?limit=3",
        f"{HERE}/questions/file?opened=true",
    ],
)
def test_a_parameter_that_an_address_does_not_know_is_refused(
    client_of: ClientOf, address: str
) -> None:
    """A plan with a mistyped option was another one than was meant."""
    name = address.partition("?")[2].partition("=")[0]

    refused = client_of(Role.READER).get(address)

    assert (refused.status_code, f"query.{name}" in refused.json()["detail"]) == (422, True)


def test_no_ticket_has_a_number_that_no_database_keeps(client_of: ClientOf) -> None:
    assert client_of(Role.READER).get(f"{HERE}/tickets?numbers={2**31 - 1}").status_code == 404
    assert client_of(Role.READER).get(f"{HERE}/tickets?numbers={2**70}").status_code == 422
