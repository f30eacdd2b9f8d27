"""The sandbox as a program of its own: it is where it says, and outlives its clients and itself."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, NOW

CONNECT_RETRIES = 7
"""The transport waits twice as long after each, a minute altogether."""


@pytest.mark.small_site
def test_a_killed_program_leaves_all_it_answered_and_links_follow_its_port(exported: Path) -> None:
    """With `--port N` the results still led to the usual port, where nobody answered."""
    before = run_json("results", "museum")["jira_tickets"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-c",
        "from jira_pipeline.cli.app import main; main()",
        "sandbox",
        "serve",
        "--port",
        str(port),
    ]

    with (
        subprocess.Popen(command, cwd=exported) as process,
        httpx.Client(
            base_url=address,
            auth=("owner@sandbox.example", "token"),
            transport=httpx.HTTPTransport(retries=CONNECT_RETRIES),
            timeout=None,
        ) as client,
    ):
        try:
            named = client.get("/rest/api/3/serverInfo").json()["baseUrl"]
            after = run_json("results", "museum")["jira_tickets"]
            pages = [client.get(one["jira_url"]).status_code for one in after]
            answers = [
                client.post("/rest/api/3/issue", json={"fields": {**LEAST, **more}})
                for more in ({}, {"labels": "a"}, {})
            ]
        finally:
            process.kill()

    with JiraSandbox(exported / ".jira_pipeline" / "sandbox.sqlite", clock=lambda: NOW) as sandbox:
        changes = [change for entry in journal_of(sandbox) for change in entry.changes]
    created = [one.detail["key"] for one in changes if one.change == "issue_created"]
    assert named == address
    assert [one["jira_key"] for one in after] == [one["jira_key"] for one in before]
    assert set(pages) == {200}
    assert all(one["jira_url"].startswith(f"{address}/") for one in after)
    assert [answer.status_code for answer in answers] == [201, 400, 201]
    assert created[-2:] == [answers[0].json()["key"], answers[2].json()["key"]]
