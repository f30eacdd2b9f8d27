"""One file, several processes: nothing lost, nothing twice, and a journal of it all."""

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxTransport
from jira_pipeline.model.errors import StoreError
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, NOW, SIGNED_IN, Create

CREATE_IN_A_PROCESS = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox

with JiraSandbox(Path(sys.argv[1]), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as sandbox:
    fields = {"project": {"key": "SBX"}, "issuetype": {"name": "Task"}, "summary": sys.argv[2]}
    for _ in range(25):
        request = SandboxRequest(
            method="POST",
            path="/rest/api/3/issue",
            headers={"authorization": "Basic YTpi", "content-type": "application/json"},
            body=json.dumps({"fields": fields}).encode(),
        )
        assert sandbox.handle(request).status == 201
"""


def test_two_processes_that_start_at_once_share_one_site(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sandbox.sqlite"

    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE_IN_A_PROCESS, str(path), str(number)],
            stderr=subprocess.PIPE,
        )
        for number in range(2)
    ]
    errors = [process.communicate()[1].decode() for process in processes]

    assert [process.returncode for process in processes] == [0, 0], errors
    with JiraSandbox(path, clock=lambda: NOW) as sandbox:
        changes = [change for entry in journal_of(sandbox) for change in entry.changes]
    assert [one.detail["key"] for one in changes] == [f"SBX-{n}" for n in range(1, 51)]


def test_threads_of_one_process_take_turns(sandbox: JiraSandbox) -> None:
    request = SandboxRequest(
        method="POST",
        path="/rest/api/3/issue",
        headers=SIGNED_IN,
        body=json.dumps({"fields": LEAST}).encode(),
    )

    with ThreadPoolExecutor(max_workers=8) as threads:
        answers = list(threads.map(sandbox.handle, [request] * 80))

    keys = {json.loads(answer.body)["key"] for answer in answers}
    assert keys == {f"SBX-{number}" for number in range(1, 81)}


def test_the_site_lives_on_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite"
    with JiraSandbox(path, clock=lambda: NOW) as first:
        project_id = first.ensure_project("UWEC")
        tenant = first.handle(SandboxRequest(method="GET", path="/_edge/tenant_info")).body

    with JiraSandbox(path, clock=lambda: NOW) as second:
        assert second.ensure_project("UWEC") == project_id
        assert second.handle(SandboxRequest(method="GET", path="/_edge/tenant_info")).body == tenant
        assert len(journal_of(second)) == 2


def test_the_journal_lists_every_request_and_what_it_changed(
    client: httpx.Client, sandbox: JiraSandbox, create: Create
) -> None:
    create("first", properties=[{"key": "jp", "value": 1}])
    client.post("/rest/api/3/issue", json={"fields": {}})
    client.get("/rest/api/3/issue/SBX-1", params={"fields": "summary"})

    entries = journal_of(sandbox)

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
) -> None:
    bad = {"fields": LEAST, "properties": [{"key": ""}]}

    client.post("/rest/api/3/issue/bulk", json={"issueUpdates": [bad, {"fields": LEAST}]})
    [entry] = journal_of(sandbox)

    assert [(one.change, one.detail["key"]) for one in entry.changes] == [
        ("issue_created", "SBX-1")
    ]


def test_a_sandbox_that_stays_busy_did_nothing_and_says_so(sandbox: JiraSandbox) -> None:
    with (
        JiraSandbox(sandbox.state.path, clock=lambda: NOW, busy_timeout_seconds=0) as other,
        httpx.Client(transport=SandboxTransport(other), base_url=SANDBOX_BASE_URL) as client,
        sandbox.state.writing(),
        pytest.raises(httpx.ConnectTimeout, match="stays busy"),
    ):
        client.get("/rest/api/3/serverInfo")

    assert journal_of(sandbox) == ()


def test_a_full_disk_leaves_the_answer_in_doubt_and_the_sandbox_usable(
    client: httpx.Client, sandbox: JiraSandbox, create: Create
) -> None:
    create()
    with sandbox.state.reading() as rows:
        page_count = rows.execute("PRAGMA page_count").fetchone()[0]
        rows.execute(f"PRAGMA max_page_count = {page_count}")
    properties = [{"key": f"p{n}", "value": "x" * 30_000} for n in range(5)]

    with pytest.raises(httpx.ReadError, match="cannot be written"):
        client.post("/rest/api/3/issue", json={"fields": LEAST, "properties": properties})
    with sandbox.state.reading() as rows:
        rows.execute("PRAGMA max_page_count = 1000000")

    assert create() == "SBX-2"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param("PRAGMA user_version = 99", "has version 99", id="newer"),
        pytest.param("CREATE TABLE issue (id)", "cannot be opened", id="something-else"),
        pytest.param(None, "cannot be opened", id="no-database"),
    ],
)
def test_a_file_that_is_no_sandbox_of_this_version_is_refused(
    tmp_path: Path, statement: str | None, message: str
) -> None:
    path = tmp_path / "sandbox.sqlite"
    if statement is None:
        path.write_text("not a database, but long enough to look at" * 10, encoding="utf-8")
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)

    with pytest.raises(StoreError, match=message):
        JiraSandbox(path, clock=lambda: NOW)
