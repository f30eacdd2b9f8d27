"""`jira-pipeline serve`: the real program with Dagster and its daemon, killed, served again, attacked.

Its first start and its work are those of `test_live_daemon`, whose home it goes on with.
"""

import asyncio
import json
import os
import re
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from jira_pipeline.model.runs import PERSON_TAG
from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.live_dagster import (
    UNFINISHED,
    LiveDagster,
    free_port,
    printed_link,
    selector_of,
)
from jira_pipeline_tests.end_to_end.processes import children_of, start, wait_until

pytestmark = [
    pytest.mark.xdist_group("live"),
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks into /proc"),
]
LAUNCH = """mutation Launch($key: String!) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "jira_pipeline.definitions", repositoryName: "__repository__",
      jobName: "validate_adf"
    },
    runConfigData: {},
    executionMetadata: {tags: [
      {key: "dagster/partition", value: $key}, {key: "jira_pipeline/person", value: "somebody"}
    ]}
  }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}"""
SENSOR = """query Sensor($sensor: SensorSelector!) {
  sensorOrError(sensorSelector: $sensor) { ... on Sensor { sensorState { id status } } }
}"""
STOP_SENSOR = "mutation Stop($id: String!) { stopSensor(id: $id) { __typename } }"
RELOAD = """mutation Reload {
  reloadRepositoryLocation(repositoryLocationName: "jira_pipeline.definitions") {
    __typename ... on WorkspaceLocationEntry { locationOrLoadError { __typename } }
  }
}"""
PLAN = """{executionPlanOrError(
  mode: "default", runConfigData: {}, pipeline: {
    repositoryLocationName: "jira_pipeline.definitions", repositoryName: "__repository__",
    pipelineName: "validate_adf"
  }
) { __typename }}"""
RUNS = "{runsOrError {... on Runs {results {runId status tags {key value}}}}}"
SUBSCRIPTION = "subscription{locationStateChangeEvents{event{eventType}}}"
"""While Dagster starts beside other tests, a page took longer than the 5 s that httpx waits."""
HEAVY_TIMES = 150
ASK_SECONDS = 0.5
"""Asked more often, the webserver takes the processor time that its programs need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The program at work, and a browser in which its link was used."""

    process: "subprocess.Popen[str]"
    browser: httpx.Client
    port: int

    def ask(self, query: str, **variables: object) -> Any:
        answer = self.browser.post(
            "/dagster/graphql", json={"query": query, "variables": variables}
        )
        assert "data" in answer.json(), answer.text
        return answer.json()["data"]

    def sensor(self) -> Any:
        """Return id and status of a sensor that is on unless somebody turns it off.

        It looks seldom: a daemon that ends a look as one is turned off turns it on again.
        """
        selector = selector_of("run_cancel_sensor")
        return self.ask(SENSOR, sensor=selector)["sensorOrError"]["sensorState"]

    def wait_until(self, is_time: Callable[[], bool]) -> None:
        wait_until(self.process, is_time, poll_seconds=ASK_SECONDS)

    def wait_for_dagster(self) -> None:
        self.wait_until(lambda: self.browser.get("/dagster/server_info").status_code == 200)

    def loaders(self) -> set[int]:
        """Return what holds the definitions; runs and what forks them come from it."""
        loading = {pid for pid in children_of(self.process.pid) if "api grpc" in command_of(pid)}
        return loading.difference(*(children_of(pid) for pid in loading))

    def subscribed(self, origin: str) -> str:
        """Open a subscription as a page of an origin does, and return the first answer."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())

        async def subscribe() -> str:
            async with connect(
                f"ws://127.0.0.1:{self.port}/dagster/graphql",
                subprotocols=[Subprotocol("graphql-ws")],
                origin=origin,  # type: ignore[arg-type] # a text
                additional_headers={"Cookie": cookie},
            ) as socket:
                await socket.send(json.dumps({"type": "connection_init", "payload": {}}))
                payload = {"query": SUBSCRIPTION, "variables": {}}
                await socket.send(json.dumps({"id": "1", "type": "start", "payload": payload}))
                return str(await socket.recv())

        return asyncio.run(subscribe())


@contextmanager
def serving(project: Path, log_path: Path) -> Iterator[Served]:
    """Serve a project until the block ends; the printed link is used at once."""
    port = free_port()
    with log_path.open("w", encoding="utf-8") as log:
        process = start(project, "jira-pipeline", "serve", "--port", port, output_to=log)
    try:
        wait_until(process, lambda: printed_link(log_path) is not None)
        with browsing(process, port, log_path) as served:
            yield served
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait()


@contextmanager
def browsing(process: "subprocess.Popen[str]", port: int, log_path: Path) -> Iterator[Served]:
    link = printed_link(log_path)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=None) as browser:
        signed_in = browser.post("/sign-in", data={"link": link})
        assert signed_in.status_code == 303, signed_in.text
        yield Served(process=process, browser=browser, port=port)


def wait_for_end_of(pids: set[int]) -> None:
    """Return as soon as none of the processes runs; a dead one that nobody asked about does not."""
    for pid in pids:
        with suppress(ProcessLookupError):
            watched = os.pidfd_open(pid)
            select.select([watched], [], [])
            os.close(watched)


def command_of(pid: int) -> str:
    """Return how a process was started; empty where it ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    cookies: dict[str, str]
    statuses: tuple[str, str]
    """Of a sensor before and after it was turned off."""


@pytest.fixture
def killed(live: LiveDagster) -> Killed:
    """Turn a sensor off in a browser, kill the program, and wait for the rest."""
    with browsing(live.process, live.port, live.log_path) as served:
        sensor = served.sensor()
        served.ask(STOP_SENSOR, id=sensor["id"])
        statuses = sensor["status"], served.sensor()["status"]
        started = children_of(served.process.pid)
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        cookies = dict(served.browser.cookies)
    wait_for_end_of(started)
    return Killed(cookies=cookies, statuses=statuses)


def test_a_killed_program_takes_its_daemon_with_it_and_the_next_one_serves_and_ends_with_all(
    live: LiveDagster, killed: Killed, sheets: Path, tmp_path: Path
) -> None:
    """Two daemons would both take runs from the queue.

    While heavy sheets were read in a process of its own, SIGTERM did nothing.
    """
    log_path = tmp_path / "output"
    with serving(live.project, log_path) as served:
        still_in = httpx.get(
            f"http://127.0.0.1:{served.port}/", cookies=killed.cookies, timeout=None
        )
        first = served.browser.get("/")
        while_starting = served.browser.get("/dagster/")
        served.wait_for_dagster()
        status_later = served.sensor()["status"]
        before = {run_id for run_id, _, _ in runs_of(served)}
        reloaded = loaded_again_when_killed(served)
        started = children_of(served.process.pid)
        with pytest.raises(InvalidStatus, match="403"):
            served.subscribed("https://attacker.example")
        acknowledged = json.loads(served.subscribed(f"http://127.0.0.1:{served.port}"))
        page = served.browser.get("/dagster/runs")
        script = re.search(r'src="(/dagster/[^"]+\.js)"', page.text)
        served.ask(LAUNCH, key="no_session")
        launched = served.ask(LAUNCH, key=projects.SESSION)["launchRun"]
        served.wait_until(lambda: not UNFINISHED & {status for _, status, _ in runs_of(served)})
        runs = [run for run in runs_of(served) if run[0] not in before]
        assert script is not None, page.text[:500]
        asset = served.browser.get(script[1])
        strangers = httpx.get(f"http://127.0.0.1:{served.port}/dagster/", timeout=None)
        uploads = sorted((live.project / ".jira_pipeline" / "uploads").glob("*"))
        code = ended_while_it_reads(served, sheets)

    printed = log_path.read_text(encoding="utf-8")
    assert still_in.status_code == 200
    assert (first.status_code, projects.SESSION in first.text) == (200, True)
    assert (while_starting.status_code, "still starting" in while_starting.text) == (503, True)
    assert acknowledged == {"type": "connection_ack"}
    assert (page.status_code, asset.status_code, strangers.status_code) == (200, 200, 401)
    assert launched["__typename"] == "LaunchRunSuccess"
    # The daemon has tried the one without a session no second time.
    assert sorted(status for _, status, _ in runs) == ["FAILURE", "SUCCESS"]
    assert "somebody" not in {person for _, _, person in runs}
    assert code == 0, printed[-3000:]
    assert sorted((live.project / ".jira_pipeline" / "uploads").glob("*")) == uploads
    assert printed.count("http://") == 1
    assert (*killed.statuses, status_later) == ("RUNNING", "STOPPED", "STOPPED")
    assert reloaded == "RepositoryLocation"
    assert len(started) >= 3
    wait_for_end_of(started)


def heavy_sheets(folder: Path) -> list[tuple[str, tuple[str, bytes]]]:
    paths = sorted(folder.glob("*.csv"))
    files = {path.name: path.read_text(encoding="utf-8") for path in paths}
    header, _, rows = files["Uhrenmuseum_Fields.csv"].partition("\n")
    many = (rows.replace("field_", f"field_{n}_") for n in range(HEAVY_TIMES))
    files["Uhrenmuseum_Fields.csv"] = "\n".join([header, *many])
    return [("files", (name, text.encode())) for name, text in files.items()]


def ended_while_it_reads(served: Served, sheets: Path) -> int:
    """Tell the program to end while a process of its own reads; return how it ended."""
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(
            served.browser.post,
            "/upload",
            files=heavy_sheets(sheets),
            data={"session": "heavy"},
            follow_redirects=True,
        )
        wait_until(served.process, lambda: bool(readers_of(served)) or upload.done())
        started = children_of(served.process.pid)
        served.process.send_signal(signal.SIGTERM)
        code = served.process.wait()
    wait_for_end_of(started)
    return code


def readers_of(served: Served) -> set[int]:
    children = children_of(served.process.pid)
    return {
        reader
        for server in children
        if "multiprocessing.forkserver" in command_of(server)
        for reader in children_of(server)
    }


def loaded_again_when_killed(served: Served) -> str:
    """Ask to reload the definitions as Dagster's page does, then kill what holds them."""
    reloaded = served.ask(RELOAD)["reloadRepositoryLocation"]["locationOrLoadError"]
    (first,) = served.loaders()
    os.kill(first, signal.SIGKILL)
    served.wait_until(
        lambda: (
            first not in served.loaders()
            and served.ask(PLAN)["executionPlanOrError"]["__typename"] == "ExecutionPlan"
        )
    )
    return str(reloaded["__typename"])


def runs_of(served: Served) -> list[tuple[str, str, str]]:
    return [
        (
            run["runId"],
            run["status"],
            next((tag["value"] for tag in run["tags"] if tag["key"] == PERSON_TAG), ""),
        )
        for run in served.ask(RUNS)["runsOrError"]["results"]
    ]
