"""Whatever is sent, the sandbox answers: it refuses, it never breaks."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jira_pipeline.jira.sandbox.issue_fields import FIELDS
from jira_pipeline.jira.sandbox.sandbox import ROUTES, JiraSandbox
from jira_pipeline.jira.sandbox.site_calls import AGILE_ROUTES
from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, NOW, SIGNED_IN
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.tables import each

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
DOCUMENT = {"type": "doc", "version": 1, "content": []}
KNOWN = st.sampled_from(
    [{"key": "SBX"}, {"key": "SBX-1"}, {"name": "Task"}, {"name": "Blocks"}, DOCUMENT, ["SBX-1"]]
)
PARTS = ["fields", "update", "properties", "body", "name", "type", "state", "originBoardId"]
LISTS = ["issueUpdates", "issueIdsOrKeys", "issues", "inwardIssue", "outwardIssue"]
PROPERTY = b'{"properties": [{"key": "a", "value": "%b"}]}'
PAGES = ["jql", "maxResults", "nextPageToken"]
WORDS = st.sampled_from([*PARTS, *LISTS, *PAGES, *(field.id for field in FIELDS)])
LIKELY = st.recursive(
    KNOWN | ANY_JSON,
    lambda inner: st.dictionaries(WORDS, inner, max_size=6) | st.lists(inner, max_size=3),
    max_leaves=12,
)
SEGMENTS = st.sampled_from(["SBX-1", "10001", "SBX", "jp"]) | st.text(min_size=1, max_size=30)
QUERIES = st.sampled_from(
    ["", "fields=*all", "startAt=1", "maxResults=99999999999999999999", "startAt=-1"]
) | st.text(max_size=40)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JiraSandbox]:
    """Return one sandbox for all examples; what they do to it is part of the test."""
    path: Path = tmp_path_factory.mktemp("any") / "sandbox.sqlite"
    with JiraSandbox(path, clock=lambda: NOW) as sandbox:
        yield sandbox


@given(data=st.data())
@settings(
    max_examples=examples(250),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_request_is_answered(shared: JiraSandbox, data: st.DataObject) -> None:
    route = data.draw(st.sampled_from((*ROUTES, *AGILE_ROUTES)))
    path = route.pattern.pattern
    for name in route.pattern.groupindex:
        segment = quote(data.draw(SEGMENTS, label=name), safe="")
        path = path.replace(f"(?P<{name}>[^/]+)", segment)
    body = json.dumps(data.draw(LIKELY, label="body")).encode()
    request = SandboxRequest(
        method=route.method,
        path=f"/rest/{'api/3' if route in ROUTES else 'agile/1.0'}/{path}",
        query=data.draw(QUERIES, label="query"),
        headers={**SIGNED_IN, "x-atlassian-token": "no-check"},
        body=body,
    )

    response = shared.handle(request)

    assert 200 <= response.status < 500


@each(
    ("method", "path", "body"),
    [
        ("GET", "issue/99999999999999999999", b""),
        ("PUT", "issue/SBX-1", b"[" * 100_000),
        ("PUT", "issue/SBX-1", b"[" * 9_000 + b"]" * 9_000),
        ("PUT", "issue/SBX-1", b"NaN"),
        ("PUT", "issue/SBX-1", b""),
        ("PUT", "issue/SBX-1", b"{"),
        ("PUT", "issue/SBX-1", PROPERTY % (b"x" * 40_000)),
        ("POST", "issue/SBX-1/worklog", b"{}"),
        ("POST", "issue/SBX-1/worklog", b'{"timeSpentSeconds": 0}'),
        ("PUT", "issue/SBX-1", b'"\\ud800"'),
        ("PUT", "issue/SBX-1", b"\xff"),
        ("POST", "search/jql", b'{"jql": "project = 99999999999999999999"}'),
        ("GET", "issue/SBX-1?startAt=1", b""),
    ],
)
def test_what_breaks_careless_servers_is_refused(
    shared: JiraSandbox, method: str, path: str, body: bytes
) -> None:
    create = json.dumps({"fields": LEAST}).encode()
    shared.handle(
        SandboxRequest(method="POST", path="/rest/api/3/issue", headers=SIGNED_IN, body=create)
    )

    response = shared.handle(
        SandboxRequest(method=method, path=f"/rest/api/3/{path}", headers=SIGNED_IN, body=body)
    )

    assert 400 <= response.status < 500
