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

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
START_SECONDS = 300
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
            timeout=START_SECONDS,
        ) as client,
    ):
        try:
            wait_until_served(client)
            yield client
        finally:
            process.kill()


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
