"""`jira-pipeline dev`: the real webserver and daemon, attacked, used, and stopped by Ctrl-C."""

import asyncio
import http.server
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from jira_pipeline.cli.serving import PROBE_HOST
from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.live_dagster import answers, free_port
from jira_pipeline_tests.end_to_end.processes import children_of, finished, start, wait_until

MUTATION = 'mutation{setConcurrencyLimit(concurrencyKey:"stolen",limit:3)}'
LIMITS = "{instance{concurrencyLimits{concurrencyKey}}}"
SUBSCRIPTION = "subscription{locationStateChangeEvents{event{eventType}}}"


def left_over(pids: set[int]) -> list[int]:
    """Return the processes that still run a moment after they were killed; dead ones do not."""
    pause = threading.Event()
    alive: list[int] = []
    for _ in range(100):
        alive = [pid for pid in pids if is_alive(pid)]
        if not alive:
            break
        pause.wait(0.05)
    return alive


def is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        return "\nState:\tZ" not in status
    return False


@contextmanager
def running(project: Path, port: int) -> "Iterator[subprocess.Popen[str]]":
    """Run `dev` for a project until the block ends."""
    process = start(project, "jira-pipeline", "dev", "--port", port)
    try:
        wait_until(process, lambda: answers(port))
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def asked(port: int, query: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return httpx.post(
        f"http://127.0.0.1:{port}/graphql", json={"query": query}, headers=dict(headers or {})
    )


def subscribed(port: int, origin: str) -> str:
    """Open a subscription as a page of an origin does, and return the first answer."""

    async def subscribe() -> str:
        url = f"ws://127.0.0.1:{port}/graphql"
        protocols = [Subprotocol("graphql-ws")]
        async with connect(url, subprotocols=protocols, origin=origin) as socket_:  # type: ignore[arg-type] # a text
            await socket_.send(json.dumps({"type": "connection_init", "payload": {}}))
            payload = {"query": SUBSCRIPTION, "variables": {}}
            await socket_.send(json.dumps({"id": "1", "type": "start", "payload": payload}))
            return str(await socket_.recv())

    return asyncio.run(subscribe())


@pytest.mark.xdist_group("processes")
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks into /proc")
def test_a_page_of_others_drives_nothing_and_ctrl_c_stops_all(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("dagster.yaml", "workspace.yaml"):
        (project / name).write_bytes((projects.CHECKOUT / name).read_bytes())
    port = free_port()

    with running(project, port) as process:
        started = children_of(process.pid)
        attacks: list[httpx.Response] = [
            httpx.get(f"http://127.0.0.1:{port}/graphql", params={"query": MUTATION}),
            asked(port, MUTATION, {"Origin": "https://attacker.example"}),
            asked(port, MUTATION, {"Sec-Fetch-Site": "cross-site"}),
            asked(port, MUTATION, {"Host": f"attacker.example:{port}"}),
            httpx.post(f"http://127.0.0.1:{port}/graphql", data={"query": MUTATION}),
        ]
        with pytest.raises(InvalidStatus, match="403"):
            subscribed(port, "https://attacker.example")
        limits: dict[str, Any] = asked(port, LIMITS).json()
        page = httpx.get(f"http://127.0.0.1:{port}/runs", headers={"Sec-Fetch-Site": "none"})
        first = json.loads(subscribed(port, f"http://127.0.0.1:{port}"))
        process.send_signal(signal.SIGINT)
        code, said = finished(process)

    assert [attack.status_code for attack in attacks] == [403] * len(attacks)
    assert limits == {"data": {"instance": {"concurrencyLimits": []}}}
    assert (page.status_code, "<html" in page.text) == (200, True)
    assert first == {"type": "connection_ack"}
    assert code == 0, said[-3000:]
    assert len(started) >= 2
    assert left_over(started) == []


class Everybody(http.server.BaseHTTPRequestHandler):
    """Serves under any name, as a webserver without the guard does."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()

    @override
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def test_a_server_that_does_not_know_the_guard_ends_its_program() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Everybody)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    probe = (
        f"from jira_pipeline.cli import serving; serving._end_if_unguarded({server.server_port})"
    )

    ended = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )

    server.shutdown()
    server.server_close()
    serving.join()
    assert ended.returncode == 1
    assert "without the guard" in ended.stderr
    assert PROBE_HOST.endswith(".invalid")


def test_when_one_program_ends_the_other_is_stopped() -> None:
    programs = {"lasting": ["sleep", "600"], "short": ["true"]}
    run = (
        "from pathlib import Path; from jira_pipeline.cli import serving; "
        f"print(serving._run_together({programs!r}, folder=Path('.')))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", run], capture_output=True, text=True, check=True, timeout=60
    )

    assert ended.stdout == "short\n"
