"""A sandbox of one's own per test; every v3 answer it gives is held against Atlassian's document."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from jsonschema_rs import Draft4, Draft4Validator, Registry

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline_tests.jira.adf.conftest import official_documents
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, NOW
from jira_pipeline_tests.shared_data import DATA

OPENAPI_PATHS = tuple(
    DATA / "jira" / name for name in ("platform-v3.openapi.json", "agile-1.0.openapi.json")
)
ATTACHMENTS = "/rest/api/3/issue/{issueIdOrKey}/attachments"
UNDOCUMENTED = frozenset(
    {("post", ATTACHMENTS, 400), ("post", ATTACHMENTS, 415), ("post", "/rest/api/3/issue", 415)}
)
"""Statuses Jira answers, seen in clients, that its document does not list."""
OWNER = ("owner@sandbox.example", "token")


class OpenApiAnswers:
    """Atlassian's documents as a judge of answers."""

    def __init__(self, document_paths: tuple[Path, ...]) -> None:
        documents = {
            f"urn:{path.stem}": json.loads(path.read_text("utf-8")) for path in document_paths
        }
        for document in documents.values():
            _allow_null(document)
        self._registry = Registry(list(documents.items()), draft=Draft4)
        self._calls = {
            path: calls for d in documents.values() for path, calls in d["paths"].items()
        }
        self._urns = {path: urn for urn, d in documents.items() for path in d["paths"]}
        self._paths = [(_pattern_of(path), path) for path in self._calls]
        self._validators: dict[tuple[str, str, str], Draft4Validator | None] = {}
        self.judged: set[tuple[str, str, int]] = set()

    def faults_of(self, response: httpx.Response) -> list[str]:
        """Return what in an answer is not as the document says; nothing for calls it lacks."""
        path = self._template(response.request.url.path)
        if path is None:
            return []
        method, status = response.request.method.lower(), str(response.status_code)
        stated = self._calls[path].get(method)
        if stated is None:
            return []
        if status not in stated["responses"]:
            if (method, path, response.status_code) in UNDOCUMENTED:
                return []
            return [f"{method} {path}: status {status} is not documented"]
        validator = self._validator(method, path, status)
        if validator is None:
            return []
        self.judged.add((method, path, response.status_code))
        return [
            f"{method} {path} {status}: {error.instance_path}: {error.message}"
            for error in validator.iter_errors(response.json())
        ]

    def _template(self, path: str) -> str | None:
        fitting = [template for pattern, template in self._paths if pattern.fullmatch(path)]
        return min(fitting, key=lambda template: template.count("{"), default=None)

    def _validator(self, method: str, path: str, status: str) -> Draft4Validator | None:
        known = (method, path, status)
        if known not in self._validators:
            content = self._calls[path][method]["responses"][status].get("content", {})
            schema = content.get("application/json", {}).get("schema")
            own = json.loads(json.dumps(schema).replace('"#/', f'"{self._urns[path]}#/'))
            # An empty schema is where the document means an empty body. Formats are not
            # judged: Jira writes times as +0000, which RFC 3339 does not know.
            self._validators[known] = (
                Draft4Validator(own, registry=self._registry, validate_formats=False)
                if own
                else None
            )
        return self._validators[known]


def _pattern_of(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _allow_null(node: object) -> None:
    """Write OpenAPI's `nullable` as JSON Schema does."""
    if isinstance(node, dict):
        if node.get("nullable") is True and isinstance(node.get("type"), str):
            node["type"] = [node["type"], "null"]
        for part in node.values():
            _allow_null(part)
    elif isinstance(node, list):
        for part in node:
            _allow_null(part)


@pytest.fixture(scope="session")
def openapi_answers() -> OpenApiAnswers | None:
    """Return the judge, or None where Atlassian's document is absent."""
    return OpenApiAnswers(OPENAPI_PATHS) if all(p.is_file() for p in OPENAPI_PATHS) else None


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[JiraSandbox]:
    """Return an empty sandbox whose clock does not move."""
    with JiraSandbox(tmp_path / "sandbox.sqlite", clock=lambda: NOW) as one:
        yield one


@pytest.fixture
def connect(
    sandbox: JiraSandbox, openapi_answers: OpenApiAnswers | None
) -> Iterator[Callable[[tuple[str, str] | None], httpx.Client]]:
    """Return a way to open judged clients with given credentials."""
    clients: list[httpx.Client] = []

    def judge(response: httpx.Response) -> None:
        response.read()
        faults = openapi_answers.faults_of(response) if openapi_answers else []
        assert not faults, "\n".join(faults)

    def connect_as(auth: tuple[str, str] | None) -> httpx.Client:
        client = httpx.Client(
            transport=SandboxTransport(sandbox),
            base_url=SANDBOX_BASE_URL,
            auth=auth,
            event_hooks={"response": [judge]},
        )
        clients.append(client)
        return client

    yield connect_as
    for client in clients:
        client.close()


@pytest.fixture
def client(connect: Callable[[tuple[str, str] | None], httpx.Client]) -> httpx.Client:
    """Return a client that is signed in."""
    return connect(OWNER)


@pytest.fixture
def anonymous(connect: Callable[[tuple[str, str] | None], httpx.Client]) -> httpx.Client:
    """Return a client nobody is signed in with."""
    return connect(None)


@pytest.fixture
def create(client: httpx.Client) -> Callable[..., str]:
    """Return a way to create an issue with the least fields and others; it returns the key."""

    def create_issue(
        summary: str = "An issue", properties: list[object] | None = None, **fields: object
    ) -> str:
        body: dict[str, object] = {"fields": {**LEAST, "summary": summary, **fields}}
        if properties is not None:
            body["properties"] = properties
        response = client.post("/rest/api/3/issue", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["key"])

    return create_issue
