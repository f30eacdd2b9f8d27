"""Every request of an export is one Atlassian's own document knows, with a body it allows.

Source: Atlassian, Jira Cloud platform REST API v3, OpenAPI document of December 2025, which is not
part of this project; without it beside the checkout these tests are skipped.
"""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce
from jira_pipeline_tests.crash.export_world import ExportWorld

DOCUMENT = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "jira" / "platform-v3.openapi.json"
)
UNDOCUMENTED = {"/_edge/tenant_info"}
"""Atlassian's support pages name it; the document does not."""

pytestmark = pytest.mark.skipif(not DOCUMENT.is_file(), reason="no ../shared/data/jira beside us")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Atlassian's document."""
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return loaded


@pytest.fixture
def requests(world: ExportWorld) -> list[httpx.Request]:
    """Every request of an export one of whose creations had to be settled."""
    strike = StrikeOnce(DOUBTS["read timeout after commit"], at=2)
    seen: list[httpx.Request] = []

    def note(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        seen.append(request)
        return strike(request, site)

    world.answering = note
    world.export()
    assert world.violations() == []
    return [request for request in seen if request.url.path not in UNDOCUMENTED]


def operation_of(document: dict[str, Any], request: httpx.Request) -> dict[str, Any]:
    """The operation a request is, or an empty one."""
    found: dict[str, Any] = {}
    for path, methods in document["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        if re.fullmatch(pattern, request.url.path) and ("{" not in path or not found):
            found = methods.get(request.method.lower(), found)
    return found


def without_nullable(node: object) -> object:
    """OpenAPI 3.0 says `nullable`, JSON Schema does not know the word."""
    if isinstance(node, dict):
        return {key: without_nullable(value) for key, value in node.items() if key != "nullable"}
    return [without_nullable(item) for item in node] if isinstance(node, list) else node


def test_every_request_is_a_documented_operation_with_documented_parameters(
    document: dict[str, Any], requests: list[httpx.Request]
) -> None:
    unknown = []

    for request in requests:
        operation = operation_of(document, request)
        names = {p["name"] for p in operation.get("parameters", ()) if p.get("in") == "query"}
        if not operation or not set(request.url.params) <= names:
            unknown.append(f"{request.method} {request.url}")

    assert len(requests) > 30
    assert unknown == []


def test_every_json_body_is_one_the_document_allows(
    document: dict[str, Any], requests: list[httpx.Request]
) -> None:
    wrong = []
    components = without_nullable(document["components"])
    bodies = [r for r in requests if r.headers.get("content-type") == "application/json"]

    for request in bodies:
        content = operation_of(document, request)["requestBody"]["content"]
        schema = {**content["application/json"]["schema"], "components": components}
        validator = jsonschema_rs.Draft4Validator(schema)
        errors = validator.iter_errors(json.loads(request.content))
        wrong += [f"{request.url.path}: {error.message}" for error in errors]

    assert {request.url.path for request in bodies} == {
        "/rest/api/3/issue",
        "/rest/api/3/issue/bulkfetch",
        "/rest/api/3/issueLink",
        "/rest/api/3/search/jql",
    }
    assert wrong == []
