"""Runs in pods, started by Dagster's own launcher and client on an emulated cluster.

What the daemon does with a run that waits to be retried is not shown: the test starts the next run.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest
import yaml
from dagster._core.remote_origin import (  # noqa: TID251 - nothing public makes a queued run
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.dead_runs import end_dead_runs
from jira_pipeline.dagster_port.partitions import PARTITION_TAG, register_partition
from jira_pipeline.defs.build import build_definitions, job_named
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.open_stores import empty_database
from jira_pipeline_tests.end_to_end.emulated_cluster import Cluster, chosen_values, emulated_cluster
from jira_pipeline_tests.end_to_end.processes import (
    POLL_SECONDS,
    Started,
    finished,
    fork_with,
    wait_until,
)
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served

CREATED = """
SELECT json_extract(detail, '$.summary') FROM journal_change JOIN issue_label USING (issue_id)
WHERE change = 'issue_created' AND label = ?
"""
pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("processes")]


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A home whose runs are pods, and a Jira site that all pods reach."""

    home: Path
    site_path: Path
    cluster: Cluster
    instance: dg.DagsterInstance
    pipeline: Pipeline

    def launch(self, session_key: str) -> str:
        """Have the launcher start the whole job of a session; return the id of its run."""
        run = self.instance.create_run_for_job(
            build_definitions().resolve_job_def("csv_to_jira"),
            tags={PARTITION_TAG: session_key},
            remote_job_origin=RemoteJobOrigin(
                RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("jira_pipeline"), "all"),
                "csv_to_jira",
            ),
            job_code_origin=dg.build_reconstructable_job(
                job_named.__module__, job_named.__name__, ("csv_to_jira",)
            ).get_python_origin(),
        )
        self.instance.launch_run(run.run_id, cast("Any", None))  # of a workspace it needs nothing
        return run.run_id

    def process_of(self, run_id: str) -> Started:
        """Return the process of its pod, once that started."""
        pause = threading.Event()
        while (process := self.cluster.pods[f"dagster-run-{run_id}"].process) is None:
            pause.wait(POLL_SECONDS)
        return process

    def issues(self, session_key: str) -> Counter[str]:
        with closing(sqlite3.connect(f"file:{self.site_path}?mode=ro", uri=True)) as rows:
            return Counter(name for (name,) in rows.execute(CREATED, [f"jp-{session_key}"]))

    def look_until_ended(self, run_id: str) -> None:
        """Look as `dead_run_sensor` does; the server notices in a moment that a lock is free."""
        pause = threading.Event()
        while not self.run(run_id).is_finished:
            end_dead_runs(self.instance, self.pipeline)
            pause.wait(POLL_SECONDS)

    def run(self, run_id: str) -> dg.DagsterRun:
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One cluster for all tests, each with a session of its own."""
    folder = tmp_path_factory.mktemp("kubernetes")
    home, site_path = folder / "home", folder / "site.sqlite"
    home.mkdir()
    with (
        JiraSandbox(site_path, clock=lambda: datetime.now(UTC)) as site,  # noqa: TID251 - a site has a clock
        served(site) as address,
        empty_database() as of_store,
        empty_database() as of_dagster,
        pytest.MonkeyPatch.context() as environment,
        ExitStack() as stack,
    ):
        settings = {
            "JIRA_PIPELINE_DATABASE_URL": of_store,
            "DAGSTER_POSTGRES_URL": of_dagster,
            "JIRA_BASE_URL": address,
            "JIRA_EMAIL": "owner@sandbox.example",
            "JIRA_API_TOKEN": "any",
            "JIRA_SETTLE_HORIZON_SECONDS": "1",
            "JIRA_CREATE_DELAY_SECONDS": "0.2",
        }
        for name, value in {**settings, "DAGSTER_HOME": str(home)}.items():
            environment.setenv(name, value)
        for session_key in ("killed", "stopped"):
            site.ensure_project(session_key.upper())
        cluster, dagster_yaml = stack.enter_context(
            emulated_cluster(folder, settings, start=fork_with)
        )
        (home / "dagster.yaml").write_bytes(dagster_yaml)
        with projects.opened(home) as pipeline, dg.DagsterInstance.get() as instance:
            yield Installation(
                home=home,
                site_path=site_path,
                cluster=cluster,
                instance=instance,
                pipeline=pipeline,
            )


def upload(installed: Installation, session_key: str, folder: Path) -> None:
    """Upload six tickets that approve themselves, for a project of Jira of their own."""
    sheets = projects.copy_small_sheets(folder / session_key, is_auto_approved=True)
    manifest = sheets / "session.yaml"
    known = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    wanted = known | {"jira_project_key": session_key.upper()}
    manifest.write_text(yaml.safe_dump(wanted), encoding="utf-8")
    projects.upload(installed.home, sheets, session_key=session_key, auto_approve=True)
    register_partition(installed.instance, session_key)


def test_runs_whose_pods_are_killed_or_lost_are_carried_on_with_one_issue_for_each_ticket(
    installed: Installation, tmp_path: Path
) -> None:
    upload(installed, "killed", tmp_path)

    first = installed.launch("killed")
    process = installed.process_of(first)
    wait_until(process, lambda: installed.issues("killed").total() >= 1)
    installed.cluster.pods[f"dagster-run-{first}"].kill()
    installed.look_until_ended(first)
    second = installed.launch("killed")
    seen = installed.issues("killed").total()
    wait_until(installed.process_of(second), lambda: installed.issues("killed").total() > seen)
    lost = installed.cluster.lose_node()
    installed.look_until_ended(second)
    third = installed.launch("killed")
    finished(installed.process_of(third))

    assert lost == [f"dagster-run-{second}"]
    for run_id in (first, second):
        run = installed.run(run_id)
        assert run.is_complete_and_waiting_to_retry
    assert installed.run(third).is_success
    assert set(installed.issues("killed").values()) == {1}
    assert installed.issues("killed").total() == projects.SMALL_TICKETS


def test_a_run_that_is_terminated_at_work_ends_as_cancelled(
    installed: Installation, tmp_path: Path
) -> None:
    upload(installed, "stopped", tmp_path)
    run_id = installed.launch("stopped")
    process = installed.process_of(run_id)
    wait_until(process, lambda: installed.issues("stopped").total() >= 1)

    is_terminated = installed.instance.run_launcher.terminate(run_id)
    finished(process)

    assert is_terminated
    assert installed.run(run_id).status is dg.DagsterRunStatus.CANCELED
    session = installed.pipeline.store.sessions.get("stopped")
    assert session.status is SessionStatus.CANCELLED
    assert set(installed.issues("stopped").values()) == {1}


def test_the_chart_makes_the_instance_that_is_deployed_elsewhere_but_for_what_pods_need() -> None:
    deployed = yaml.safe_load(projects.DEPLOYED.read_text(encoding="utf-8"))
    values = chosen_values()
    made = values["additionalInstanceConfig"]
    queue, pods = deployed["run_coordinator"]["config"], made["run_coordinator"]["config"]
    looks, looks_here = deployed["run_monitoring"], made["run_monitoring"]
    threads = pods.pop("dequeue_use_threads"), pods.pop("dequeue_num_workers")

    assert threads == (True, 8)
    assert pods.pop("max_concurrent_runs") > queue.pop("max_concurrent_runs")
    assert looks_here.pop("poll_interval_seconds") > looks.pop("poll_interval_seconds")
    assert looks_here.pop("max_resume_run_attempts") == 0
    assert made == {name: deployed[name] for name in made}
    assert values["telemetry"] == deployed["telemetry"]
    assert values["pythonLogs"] == {"pythonLogLevel": deployed["python_logs"]["python_log_level"]}
    of_pods = {"code_servers"}  # the chart starts them
    assert {*made, "python_logs", "telemetry", "storage"} == set(deployed) - of_pods


def test_nothing_of_the_chart_is_reached_but_through_the_sign_in_of_serve() -> None:
    """Its webserver has neither people nor roles."""
    own = chosen_values()

    assert own["dagsterWebserver"] == {"replicaCount": 0}
    assert not own["dagsterDaemon"]["enabled"]
    assert not own["dagster-user-deployments"]["enabled"]
    assert not own.get("ingress", {}).get("enabled")
