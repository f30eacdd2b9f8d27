"""One tour over every call, each answer held against Atlassian's document."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import ROUTES
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, NOW, Create, attach, document, ends
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.people_calls import PEOPLE_ROUTES
from jira_pipeline_tests.shared_data import shared_data

NOT_ANSWERED_WITH_JSON = {
    ("DELETE", "issue/{issueIdOrKey}"),
    ("DELETE", "attachment/{id}"),
    ("POST", "issueLink"),
    ("DELETE", "issueLink/{linkId}"),
    ("POST", "issue/{issueIdOrKey}/transitions"),
    ("PUT", "issue/{issueIdOrKey}"),
    ("PUT", "issue/{issueIdOrKey}/properties/{propertyKey}"),
}
"""Calls whose good answer has no body, or none the document describes."""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[FaultySandbox]:
    """Return an empty site where people work, too."""
    with FaultySandbox(tmp_path / "sandbox.sqlite", clock=lambda: NOW) as one:
        yield one


def test_every_answer_is_as_atlassians_document_says(
    client: httpx.Client, create: Create, openapi_answers: Any
) -> None:
    shared_data("jira/platform-v3.openapi.json")
    assert openapi_answers is not None
    epic = create("Epic", issuetype={"name": "Epic"}, description=document("x"))
    key = create(
        "Child", parent={"key": epic}, labels=["a"], properties=[{"key": "jp", "value": {"a": 1}}]
    )
    client.post("/rest/api/3/issueLink", json=ends(epic, key))
    attach(client, key, ("a.md", b"x"))
    search = {"jql": "project = SBX", "fields": ["*all"], "properties": ["jp"], "maxResults": 1}

    client.post(f"/rest/api/3/issue/{key}/worklog", json={"timeSpentSeconds": 60})
    client.put(f"/rest/api/3/issue/{key}", json={"fields": {"summary": "Other"}})
    client.post(f"/rest/api/3/issue/{key}/transitions", json={"transition": {"id": "3"}})
    client.post("/rest/agile/1.0/sprint/1/issue", json={"issues": [key]})
    for path in (
        "serverInfo",
        "myself",
        "mypermissions?permissions=BROWSE_PROJECTS",
        "configuration",
        "field",
        "priority",
        "search/jql?jql=project%20%3D%20SBX&fields=*all&properties=jp&maxResults=1",
        "issueLinkType",
        "user/assignable/search?query=a&project=SBX",
        "project/SBX",
        "project/search",
        "issue/createmeta/SBX/issuetypes",
        "issue/createmeta/SBX/issuetypes/10002",
        f"issue/{key}?properties=*all",
        f"issue/{key}/comment",
        f"issue/{key}/worklog",
        f"issue/{key}/changelog",
        f"issue/{key}?expand=changelog",
        "attachment/meta",
    ):
        assert client.get(f"/rest/api/3/{path}").status_code == 200, path
    for path in ("board", "board/1/sprint"):
        assert client.get(f"/rest/agile/1.0/{path}").status_code == 200, path
    said = client.post(f"/rest/api/3/issue/{key}/comment", json={"body": document("x")}).json()
    client.put(f"/rest/api/3/issue/{key}/comment/{said['id']}", json={"body": document("y")})
    client.post("/rest/api/3/issue/bulk", json={"issueUpdates": [{"fields": LEAST}]})
    fetch = {"issueIdsOrKeys": [key], "fields": ["*all"], "expand": ["changelog"]}
    client.post("/rest/api/3/issue/bulkfetch", json=fetch)
    client.post("/rest/api/3/search/jql", json=search)

    judged = {
        (method.upper(), path.removeprefix("/rest/api/3/"))
        for method, path, status in openapi_answers.judged
        if status < 300
    }
    not_judged = [
        (route.method, route.pattern.pattern)
        for route in (*PEOPLE_ROUTES, *ROUTES)
        if not any(
            method == route.method and route.pattern.fullmatch(path)
            for method, path in judged | NOT_ANSWERED_WITH_JSON
        )
    ]
    assert not_judged == []
