"""A project under `jira-pipeline serve`: real daemon, real webserver, a Jira site behind a socket.

Belongs here: starting, asking as the UI asks, waiting, stopping. Does not: what is expected of it
(`test_live_daemon`). Nothing sleeps for a fixed time: everything is asked for until it is there, or
the limit of the whole suite ends the wait.
"""

import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg
import httpx
import pytest

from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.model.people import Role
from jira_pipeline.sessions import accounts
from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.processes import start, wait_until
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan, FaultRule
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

POLL_SECONDS = 1.0
"""Asked more often, the webserver takes the processor time that daemon and runs need."""
LOG_TAIL_CHARS = 8_000
SETTLE_SECONDS = 4
SITE_FILE = "site.sqlite"

RUNS = """query Runs($key: String!) {
  runsOrError(filter: {tags: [{key: "dagster/partition", value: $key}]}) {
    ... on Runs {
      results { runId jobName status parentRunId tags { key value } stepStats { stepKey } }
    }
  }
}"""
TICKS = """query Ticks($sensor: SensorSelector!) {
  sensorOrError(sensorSelector: $sensor) {
    ... on Sensor { sensorState { ticks(statuses: [SKIPPED, SUCCESS]) { timestamp } } }
  }
}"""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a session, as the UI shows it."""

    run_id: str
    job_name: str
    status: str
    parent_run_id: str | None
    tags: Mapping[str, str]
    step_keys: frozenset[str]
    """The steps that ran in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDagster:
    """A project at work."""

    project: Path
    port: int
    log_path: Path
    process: "subprocess.Popen[str]"
    site: FaultySandbox
    token: str
    """Of an admin."""

    @property
    def inbox(self) -> Path:
        return self.project / ".jira_pipeline" / "inbox"

    def ask(self, query: str, **variables: object) -> Any:
        """Ask the webserver as the UI does; return the data."""
        answer = self.asked(query, **variables)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def asked(self, query: str, **variables: object) -> httpx.Response:
        """Ask the webserver with the headers a browser sends for the UI."""
        return self.posted("/dagster/graphql", {"query": query, "variables": variables})

    def posted(self, path: str, body: object) -> httpx.Response:
        """Send JSON as a browser does in which an admin is signed in."""
        origin = f"http://127.0.0.1:{self.port}"
        return httpx.post(
            f"{origin}{path}",
            json=body,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Origin": origin,
                "Sec-Fetch-Site": "same-origin",
                "Sec-Fetch-Mode": "cors",
                "Sec-Fetch-Dest": "empty",
            },
            timeout=None,
        )

    def runs(self, session_key: str) -> tuple[Run, ...]:
        results = self.ask(RUNS, key=session_key)["runsOrError"]["results"]
        return tuple(
            Run(
                run_id=run["runId"],
                job_name=run["jobName"],
                status=run["status"],
                parent_run_id=run["parentRunId"],
                tags={tag["key"]: tag["value"] for tag in run["tags"]},
                step_keys=frozenset(step["stepKey"] for step in run["stepStats"]),
            )
            for run in reversed(results)
        )

    def ended_run(self, session_key: str, job_name: str, *, status: str, number: int = 0) -> Run:
        """Wait for a run of a job to end in a way, and return it; `number` counts from 0."""

        def look() -> Run | None:
            runs = [run for run in self.runs(session_key) if run.job_name == job_name]
            run = runs[number] if len(runs) > number else None
            assert run is None or run.status in {status, *UNFINISHED}, f"{run} is not {status}"
            return run if run is not None and run.status == status else None

        return self.wait_for(look, f"{job_name} of {session_key} to be {status}")

    def tick_count(self, sensor_name: str) -> int:
        answer = self.ask(TICKS, sensor=selector_of(sensor_name))
        return len(answer["sensorOrError"]["sensorState"]["ticks"])

    def wait_for(self, look: Callable[[], Found | None], what: str) -> Found:
        pause = threading.Event()
        while True:
            assert self.process.poll() is None, f"serve ended while waiting for {what}"
            found = look()
            if found is not None and found is not False:
                return found
            pause.wait(POLL_SECONDS)


def creations_in(live: LiveDagster, project_key: str) -> int:
    """Count what was ever created in a project of the site."""
    keys = [
        str(change.detail["key"])
        for entry in journal_of(live.site)
        for change in entry.changes
        if change.change == "issue_created"
    ]
    return sum(key.startswith(f"{project_key}-") for key in keys)


def selector_of(sensor_name: str) -> dict[str, str]:
    return {
        "repositoryName": "__repository__",
        "repositoryLocationName": "jira_pipeline.definitions",
        "sensorName": sensor_name,
    }


@contextmanager
def at_home(project: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(project))
        yield


@contextmanager
def striking(site: FaultySandbox, rule: FaultRule) -> Iterator[None]:
    """Let creations go wrong until the block ends."""
    site.faults.set_plan(FaultPlan(rules=(rule,)))
    try:
        yield
    finally:
        site.faults.set_plan(FaultPlan())


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRun:
    """A run at work that waits for Jira, and its process."""

    run_id: str
    pid: int


def run_that_waits(
    instance: dg.DagsterInstance, session_key: str, *, but: Container[str] = ()
) -> WaitingRun | None:
    """Return the run of a session that waits for Jira, once one does."""
    wanted = dg.RunsFilter(
        tags={PARTITION_TAG: session_key}, statuses=[dg.DagsterRunStatus.STARTED]
    )
    for run in instance.get_runs(wanted):
        if run.run_id in but:
            continue
        logs = instance.all_logs(run.run_id)
        events = [entry.dagster_event for entry in logs if entry.dagster_event is not None]
        pids = [event.engine_event_data.metadata["pid"] for event in events if _has_pid(event)]
        if pids and any(event.is_step_up_for_retry for event in events):
            return WaitingRun(run_id=run.run_id, pid=int(str(pids[-1].value)))
    return None


def _has_pid(event: dg.DagsterEvent) -> bool:
    return event.is_engine_event and "pid" in event.engine_event_data.metadata


UNFINISHED = frozenset({"NOT_STARTED", "QUEUED", "STARTING", "STARTED", "CANCELING"})


def write_home(project: Path, address: str) -> None:
    """Make a home that no program was started in: a site as a real Jira, waits that fit a test."""
    project.mkdir()
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(projects.CHECKOUT / name, project)
    settings = {
        "JIRA_BASE_URL": address,
        "JIRA_EMAIL": "owner@sandbox.example",
        "JIRA_API_TOKEN": "any",
        "JIRA_SETTLE_HORIZON_SECONDS": 1,
        "UPLOAD_SETTLE_SECONDS": SETTLE_SECONDS,
        "VALIDATE_SETTLE_SECONDS": SETTLE_SECONDS,
    }
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (project / ".env").write_text("".join(lines), encoding="utf-8")


@contextmanager
def running_live(project: Path, *, log_path: Path, site: FaultySandbox) -> Iterator[LiveDagster]:
    """Run `serve` for a project until the block ends, however it ends; it makes what is missing."""
    port = free_port()
    with log_path.open("w", encoding="utf-8") as log:
        process = start(project, "jira-pipeline", "serve", "--port", port, output_to=log)
    try:
        wait_until(process, lambda: printed_link(log_path) is not None)
        with projects.opened(project) as pipeline:
            accounts.add_person(pipeline, "test", Role.ADMIN, by="test")
            token = accounts.issue_token(
                pipeline, "test", role=None, days=1, label="test", by="test"
            ).secret
        live = LiveDagster(
            project=project, port=port, log_path=log_path, process=process, site=site, token=token
        )
        live.wait_for(lambda: answers(port, token), "the webserver")
        yield live
    finally:
        _stop(process)


def printed_link(log_path: Path) -> str | None:
    """Return the secret of the link that `serve` printed, once it has."""
    found = re.search(r"http://\S+/sign-in\?link=(\S+)", log_path.read_text(encoding="utf-8"))
    return found[1] if found else None


def _stop(process: "subprocess.Popen[str]") -> None:
    """End `serve` as Ctrl-C does."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait()


def log_tail(log_path: Path) -> str:
    return log_path.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_CHARS:]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answers(port: int, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    with suppress(httpx.TransportError):
        return (
            httpx.get(f"http://127.0.0.1:{port}/dagster/server_info", headers=headers).status_code
            == 200
        )
    return False
