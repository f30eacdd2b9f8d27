"""One file, several processes: nothing lost, nothing twice, and a journal of it all."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from jira_pipeline.jira_sandbox.exchange import SandboxRequest
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
Create = Callable[..., str]

CREATE_IN_A_PROCESS = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from jira_pipeline.jira_sandbox.exchange import SandboxRequest
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox

with JiraSandbox(Path(sys.argv[1]), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as sandbox:
    fields = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": sys.argv[2]}
    for _ in range(25):
        request = SandboxRequest(
            method="POST",
            path="/rest/api/3/issue",
            headers={"authorization": "Basic YTpi"},
            body=json.dumps({"fields": fields}).encode(),
        )
        assert sandbox.handle(request).status == 201
"""


def test_four_processes_that_start_at_once_share_one_site(tmp_path: Path):
    path = tmp_path / "new" / "sandbox.sqlite"

    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE_IN_A_PROCESS, str(path), str(number)],
            stderr=subprocess.PIPE,
        )
        for number in range(4)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0, 0], errors
    with JiraSandbox(path, clock=lambda: NOW) as sandbox:
        changes = [change for entry in sandbox.journal() for change in entry.changes]
    assert [one.detail["key"] for one in changes] == [f"SBX-{n}" for n in range(1, 101)]


def test_the_site_lives_on_in_its_file(tmp_path: Path):
    path = tmp_path / "sandbox.sqlite"
    with JiraSandbox(path, clock=lambda: NOW) as first:
        project_id = first.ensure_project("UWEC")
        tenant = first.handle(SandboxRequest(method="GET", path="/_edge/tenant_info")).body

    with JiraSandbox(path, clock=lambda: NOW) as second:
        assert second.ensure_project("UWEC") == project_id
        assert second.handle(SandboxRequest(method="GET", path="/_edge/tenant_info")).body == tenant
        assert len(second.journal()) == 2


def test_two_files_are_two_sites(tmp_path: Path):
    request = SandboxRequest(method="GET", path="/_edge/tenant_info")

    with (
        JiraSandbox(tmp_path / "a.sqlite", clock=lambda: NOW) as one,
        JiraSandbox(tmp_path / "b.sqlite", clock=lambda: NOW) as other,
    ):
        assert one.handle(request).body != other.handle(request).body


def test_a_second_connection_sees_an_issue_as_soon_as_it_is_answered(
    sandbox: JiraSandbox, create: Create
):
    key = create()

    with JiraSandbox(sandbox.state.path, clock=lambda: NOW) as other:
        answer = other.handle(
            SandboxRequest(
                method="GET",
                path=f"/rest/api/3/issue/{key}",
                headers={"authorization": "Basic YTpi"},
            )
        )

    assert answer.status == 200


def test_the_journal_tells_every_request_and_what_it_changed(
    client: httpx.Client, sandbox: JiraSandbox, create: Create
):
    create("first", properties=[{"key": "jp", "value": 1}])
    client.post("/rest/api/3/issue", json={"fields": {}})
    client.get("/rest/api/3/issue/SBX-1", params={"fields": "summary"})

    entries = sandbox.journal()

    assert [(one.method, one.path, one.query, one.status) for one in entries] == [
        ("POST", "/rest/api/3/issue", "", 201),
        ("POST", "/rest/api/3/issue", "", 400),
        ("GET", "/rest/api/3/issue/SBX-1", "fields=summary", 200),
    ]
    assert [[(c.change, c.issue_id) for c in one.changes] for one in entries] == [
        [("issue_created", "10001"), ("property_set", "10001")],
        [],
        [],
    ]
    assert {one.at for one in entries} == {NOW}


def test_a_failed_bulk_element_leaves_no_change_in_the_journal(
    client: httpx.Client, sandbox: JiraSandbox
):
    fields = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": "x"}
    bad = {"fields": fields, "properties": [{"key": ""}]}

    client.post("/rest/api/3/issue/bulk", json={"issueUpdates": [bad, {"fields": fields}]})
    [entry] = sandbox.journal()

    assert [(one.change, one.detail["key"]) for one in entry.changes] == [
        ("issue_created", "SBX-1")
    ]


def test_closing_twice_is_fine(tmp_path: Path):
    sandbox = JiraSandbox(tmp_path / "sandbox.sqlite", clock=lambda: NOW)

    sandbox.close()
    sandbox.close()

    assert not (tmp_path / "sandbox.sqlite-wal").exists()
