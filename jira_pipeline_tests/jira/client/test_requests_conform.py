"""Every request of an export is one Atlassian's own documents know, with a body they allow.

Source: Atlassian, Jira Cloud platform REST API v3, OpenAPI document of December 2025, and Jira
Software Cloud REST API 1.0, 2025. They are not part of this project; without them beside the
checkout these tests are skipped.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

import httpx
import jsonschema_rs
import pytest

from jira_pipeline.export.project_check import ProjectCheck, ProjectNeeds
from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce, is_bulk_creation
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS, document
from jira_pipeline_tests.shared_data import shared_data

PLATFORM, AGILE = "platform-v3.openapi.json", "agile-1.0.openapi.json"
UNDOCUMENTED = {"/_edge/tenant_info"}
"""Atlassian's support pages name it; the documents do not."""
BODIES = {
    "POST /rest/api/3/issue",
    "POST /rest/api/3/issue/bulk",
    "POST /rest/api/3/issue/bulkfetch",
    "POST /rest/api/3/issueLink",
    "POST /rest/api/3/search/jql",
    "POST /rest/agile/1.0/sprint/1/issue",
    "POST /rest/api/3/issue/*/comment",
    "PUT /rest/api/3/issue/*",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """What Atlassian's two documents say."""

    platform: dict[str, Any]
    agile: dict[str, Any]

    def document(self, request: httpx.Request) -> dict[str, Any]:
        return self.agile if request.url.path.startswith("/rest/agile") else self.platform

    def operation(self, request: httpx.Request) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path, methods in self.document(request)["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
            if re.fullmatch(pattern, request.url.path) and ("{" not in path or not found):
                found = methods.get(request.method.lower(), found)
        return found


@pytest.fixture(scope="module", autouse=True)
def documented() -> Documented:
    """Atlassian's documents; without them every test is skipped."""
    platform, agile = (
        json.loads(shared_data(f"jira/{name}").read_text("utf-8")) for name in (PLATFORM, AGILE)
    )
    return Documented(platform=platform, agile=agile)


@pytest.fixture
def requests(world: ExportWorld) -> list[httpx.Request]:
    """Every request of a check, an export in bulk, a look at traces and a deletion.

    A creation had to be settled, and the parents had to be set again.
    """
    seen: list[httpx.Request] = []
    strike = StrikeOnce(DOUBTS["read timeout after commit"], at=2)

    def note(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        seen.append(request)
        if is_bulk_creation(request) or request.url.path == "/rest/api/3/issue":
            return strike(without_parents(request), site)
        return strike(request, site)

    world.answering = note
    with world.process() as (tools, _):
        needs = ProjectNeeds(assignees=("ada@sandbox.example",))
        ProjectCheck(tools.tracker, project_key="SBX", is_sandbox=True, needs=needs).run()
        tools.tracker.projects()
        epic = create_epic(tools.tracker)
    placed = [replace(d, sprint="SBX Sprint 1", parent=epic, depends_on=()) for d in DRAFTS]
    world.fill((*placed[:4], replace(placed[4], depends_on=("t03",))))
    world.batch_size = 50
    world.export()
    with world.process() as (tools, _):
        traces = tools.tracker.traces_of_one_moment("10002", properties=("jira_pipeline",))
        assert traces.key == "SBX-2"
        tools.tracker.write_text("10002", summary="x", description=document("x"), properties={})
        assert tools.tracker.issue_text("10002", properties=("jira_pipeline",)).summary == "x"
        assert tools.tracker.issue_texts(["10002"], properties=("jira_pipeline",))["10002"].summary
        assert tools.tracker.add_comment("10002", document("x")) is not None
        assert len(tools.tracker.comments("10002")) == 1
        tools.tracker.delete_attachment("10000")
        tools.tracker.delete_link("10000")
        tools.tracker.delete_issue("10002")
    assert world.violations() == ["0 issues for t01", "unknown issue SBX-1"]
    return [request for request in seen if request.url.path not in UNDOCUMENTED]


def create_epic(tracker: Any) -> str:
    project = tracker.project("SBX")
    fields = {
        "project": {"id": project.project_id},
        "issuetype": {"id": "10000"},
        "summary": "Everything",
    }
    return str(tracker.create_issue(fields, {}).remote_key)


def without_parents(request: httpx.Request) -> httpx.Request:
    """The same creation on a site that drops parents without a word."""
    body = json.loads(request.read())
    for element in body.get("issueUpdates", [body]):
        element["fields"].pop("parent", None)
    headers = {"Authorization": request.headers["Authorization"]}
    return httpx.Request("POST", request.url, json=body, headers=headers)


def without_nullable(node: object) -> object:
    if isinstance(node, dict):
        return {key: without_nullable(value) for key, value in node.items() if key != "nullable"}
    return [without_nullable(item) for item in node] if isinstance(node, list) else node


def test_every_request_is_a_documented_operation_with_documented_parameters(
    documented: Documented, requests: list[httpx.Request]
) -> None:
    unknown = []

    for request in requests:
        operation = documented.operation(request)
        names = {p["name"] for p in operation.get("parameters", ()) if p.get("in") == "query"}
        if not operation or not set(request.url.params) <= names:
            unknown.append(f"{request.method} {request.url}")

    assert len(requests) > 50
    assert unknown == []


def test_every_json_body_is_one_the_documents_allow(
    documented: Documented, requests: list[httpx.Request]
) -> None:
    wrong = []
    bodies = [r for r in requests if r.headers.get("content-type") == "application/json"]

    for request in bodies:
        content = documented.operation(request)["requestBody"]["content"]
        components = without_nullable(documented.document(request)["components"])
        schema = {
            **without_nullable_object(content["application/json"]["schema"]),
            "components": components,
        }
        validator = jsonschema_rs.Draft4Validator(schema)
        errors = validator.iter_errors(json.loads(request.content))
        wrong += [f"{request.url.path}: {error.message}" for error in errors]

    names = {f"{request.method} {request.url.path}" for request in bodies}
    assert {re.sub(r"/issue/\d+", "/issue/*", name) for name in names} == BODIES
    assert wrong == []


def without_nullable_object(schema: dict[str, Any]) -> dict[str, Any]:
    cleaned = without_nullable(schema)
    assert isinstance(cleaned, dict)
    return cleaned
