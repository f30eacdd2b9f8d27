"""The lines of docs/api.md, sent as they are written there."""

import re
import shlex
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from jira_pipeline.model.json_values import DECLARED, fields_in
from jira_pipeline.model.manual_fixes import ManualFix
from jira_pipeline.model.people import Role
from jira_pipeline.model.records import StoredError
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.cancelling import CancelledRun
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline.web.status_pace import STATUS_SECONDS, StatusPace
from jira_pipeline.writing.models.health import WriterHealth
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import signed_in
from jira_pipeline_tests.web.test_routes_and_roles import routes_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
FLOW = PAGE.read_text(encoding="utf-8").partition("## Exports")[0]
LINES = re.findall(r"^curl.*$", FLOW, re.MULTILINE)


def test_the_lines_of_the_page_lead_to_issues(fresh_web: Web) -> None:
    seconds = count(step=3)  # between the lines that a person sends
    pace = StatusPace(monotonic=lambda: float(next(seconds)))
    client = signed_in(replace(fresh_web, status_pace=pace), Role.EXPORTER)
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")

    answers = [_sent(client, line) for line in LINES]

    assert [answer.status_code for answer in answers] == [200, 200, 202, 200, 200, 200]
    assert answers[3].json()["status"] == "completed"
    assert answers[4].json()["total_tickets_created"] > 0


def test_an_answer_has_the_fields_that_its_class_declares(fresh_web: Web) -> None:
    """They were written a second time, and could differ from `--json`."""
    schemas = create_app(fresh_web).openapi()["components"]["schemas"]

    for kind in (CancelledRun, ManualFix, StoredError, WriterHealth):
        declared = [field.name for field in fields_in(DECLARED[kind])]
        answered = [*schemas[kind.__name__]["properties"]]
        assert [name for name in answered if name != "actions"] == declared


def test_the_lists_of_the_page_are_the_routes_of_the_api(fresh_web: Web) -> None:
    """Method and path, both ways: a route that was renamed broke programs, and the page was wrong."""
    lines = re.findall(r"^- (`.*?`): (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    written = {
        tuple(address.split()) if " " in address else ("WS", address)
        for addresses, does in lines
        for address in re.findall(r"`((?:[A-Z]+ )?/api/[^`]*)`", addresses)
        if " " in address or does.startswith("WebSocket")
    }
    app = create_app(fresh_web)
    served = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    sockets = {(m, p) for m, p in routes_of(app) if m == "WS" and p.startswith("/api/")}

    assert written == served | sockets


def _sent(client: TestClient, line: str) -> Any:
    line = line.replace("$BASE", "").replace("clocks", SESSION)
    words = shlex.split(line.replace("$AUTH", "X-Signed-In: yes"))[1:]
    method, headers, address, body = "GET", {}, "", None
    while words:
        match words.pop(0):
            case "-s":
                pass
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = words.pop(0)
            case other:
                address = other
    return client.request(method, address, headers=headers, content=body)


def test_the_pace_the_page_names_is_the_one_that_holds() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert "once in two seconds" in text
    assert STATUS_SECONDS == 2.0
