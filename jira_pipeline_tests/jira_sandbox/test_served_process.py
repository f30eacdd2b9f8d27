"""The sandbox as a program of its own: it outlives its clients and begins where it ended."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.cli.terminal import run_json

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CONNECT_RETRIES = 7
"""The transport waits twice as long after each, a minute altogether."""
LEAST = {"project": {"key": "WEB"}, "issuetype": {"name": "Task"}, "summary": "x"}


@contextmanager
def program(folder: Path) -> Iterator[httpx.Client]:
    """Run `sandbox serve` on a free port; give a client of it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (
        "from jira_pipeline.cli.sandbox import app; app()",
        "--port",
        str(port),
        "--file",
        str(folder / "sandbox.sqlite"),
        "--site",
        str(folder / "site.yaml"),
        "--world",
        "gateway_replay",
    )
    transport = httpx.HTTPTransport(retries=CONNECT_RETRIES)
    with (
        subprocess.Popen([sys.executable, "-c", *command]) as process,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            auth=("owner@sandbox.example", "token"),
            transport=transport,
        ) as client,
    ):
        try:
            wait_until_served(client)
            yield client
        finally:
            process.kill()


def test_links_to_issues_follow_the_port_the_sandbox_is_served_at(exported: Path) -> None:
    """With `--port N` the results still led to the usual port, where nobody answered."""
    before = run_json("results", "museum")["jira_tickets"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ("from jira_pipeline.cli.sandbox import app; app()", "--port", str(port))
    transport = httpx.HTTPTransport(retries=CONNECT_RETRIES)

    with (
        subprocess.Popen([sys.executable, "-c", *command], cwd=exported) as process,
        httpx.Client(transport=transport, timeout=None) as client,
    ):
        try:
            client.get(f"http://127.0.0.1:{port}/")
            after = run_json("results", "museum")["jira_tickets"]
            pages = [client.get(one["jira_url"]).status_code for one in after]
        finally:
            process.kill()

    assert [one["jira_key"] for one in after] == [one["jira_key"] for one in before]
    assert set(pages) == {200}
    assert all(one["jira_url"].startswith(f"http://127.0.0.1:{port}/") for one in after)


def wait_until_served(client: httpx.Client) -> None:
    """Ask until somebody answers; the transport waits longer after each attempt."""
    assert client.get("/rest/api/3/serverInfo").status_code == 200


def test_a_killed_program_begins_where_it_ended(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("projects: {WEB: {off_create_screen: [labels]}}", "utf-8")

    with program(tmp_path) as client:
        answers = [
            client.post("/rest/api/3/issue", json={"fields": {**LEAST, **more}}).status_code
            for more in ({}, {"labels": ["a"]}, {})
        ]
    with program(tmp_path) as client:
        address = client.get("/rest/api/3/serverInfo").json()["baseUrl"]
        is_own = address == str(client.base_url).rstrip("/")
        found = client.post("/rest/api/3/search/jql", json={"jql": "project = WEB"}).json()

    with JiraSandbox(tmp_path / "sandbox.sqlite", clock=lambda: NOW) as sandbox:
        faults = [entry.fault for entry in sandbox.journal() if entry.method == "POST"]
    assert is_own, f"it calls itself {address}"
    assert answers == [201, 400, 201]
    assert len(found["issues"]) == 2
    assert faults == [None, "replayed", "replayed", None, None]
