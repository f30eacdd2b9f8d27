"""The verbs of a session for programs: the same as agents have, made of the same table."""

import pytest

from jira_pipeline.model.people import Role
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
from jira_pipeline_tests.web.browsers import ClientOf, signed_in
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
