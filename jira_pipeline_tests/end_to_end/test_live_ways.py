"""What can be done with a run, by the way it was begun: a table, held against real programs.

Each way begins an export of a session of its own, which waits for a busy Jira. Its process is killed,
the run that the daemon starts in its place is terminated, and the killed one is re-executed from
failure, as the UI asks for it. In the default run one is terminated and re-executed; `make test-all`
takes all ways, four at a time, as many as run at once.
"""

import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.re_executions import INSTEAD_TAG
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.end_to_end.live_dagster import (
    LiveDagster,
    WaitingRun,
    at_home,
    creations_in,
    run_that_waits,
    striking,
)
from jira_pipeline_tests.end_to_end.processes import fork, fork_job
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import creation_fault
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM

pytestmark = pytest.mark.xdist_group("live")
BUSY = creation_fault(kind=FaultKind.RATE_LIMITED, times=None, seconds=3)
AT_ONCE = 4
"""`max_concurrent_runs` of dagster.yaml: more would wait in the queue."""
LAUNCH = """mutation Launch(
  $job: String!, $assets: [AssetKeyInput!], $config: RunConfigData!, $tags: [ExecutionTag!]!
) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "jira_pipeline.definitions", repositoryName: "__repository__",
      jobName: $job, assetSelection: $assets
    },
    runConfigData: $config, executionMetadata: {tags: $tags}
  }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}"""
BACKFILL = """mutation Backfill($key: String!) {
  launchPartitionBackfill(backfillParams: {
    assetSelection: [{path: ["jira_issues"]}], partitionNames: [$key]
  }) { __typename ... on PythonError { message } }
}"""
TERMINATE = """mutation Terminate($run: String!) {
  terminateRuns(runIds: [$run], terminatePolicy: SAFE_TERMINATE) {
    ... on TerminateRunsResult { terminateRunResults { __typename } }
  }
}"""
RE_EXECUTE = """mutation ReExecute($run: String!) {
  launchRunReexecution(reexecutionParams: {parentRunId: $run, strategy: FROM_FAILURE}) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to begin an export."""

    name: str
    """As docs/operations.md has it."""
    key: str
    begin: Callable[[LiveDagster, "Way", Path], object]
    takes_folder: bool = False
    """It begins with the sheets, and not with tickets that are ready."""
    is_of_terminal: bool = False

    @property
    def project_key(self) -> str:
        return self.key.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """What can be done with a run."""

    is_terminated: bool
    is_re_executed: bool
    is_retried: bool


OF_CODE_LOCATION = Possible(is_terminated=True, is_re_executed=True, is_retried=True)
OF_TERMINAL = Possible(is_terminated=True, is_re_executed=False, is_retried=False)


def launch(live: LiveDagster, job: str, *, key: str | None = None, **more: object) -> None:
    tags = [] if key is None else [{"key": "dagster/partition", "value": key}]
    variables = {"config": {}, "assets": None, "tags": tags} | more
    answer = live.ask(LAUNCH, job=job, **variables)["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer


def launch_job(live: LiveDagster, way: Way, _folder: Path) -> None:
    launch(live, "export_to_jira", key=way.key)


def materialize(live: LiveDagster, way: Way, _folder: Path) -> None:
    launch(live, "__ASSET_JOB", key=way.key, assets=[{"path": ["jira_issues"]}])


def backfill(live: LiveDagster, way: Way, _folder: Path) -> None:
    live.ask(BACKFILL, key=way.key)


def launch_upload(live: LiveDagster, _way: Way, folder: Path) -> None:
    launch(live, "upload_session", config=upload_config(folder))


def upload_config(folder: Path) -> dict[str, object]:
    config = {"folder": str(folder), "auto_approve": True, "then": "export"}
    return {"ops": {"register_session": {"config": config}}}


def arrive(live: LiveDagster, _way: Way, folder: Path) -> None:
    folder.rename(live.inbox / folder.name)


def request(live: LiveDagster, way: Way, _folder: Path) -> None:
    answer = live.posted(f"/api/jira/export-session/{way.key}", {})
    assert answer.status_code == 202, answer.text


def queue(live: LiveDagster, way: Way, _folder: Path) -> None:
    with at_home(live.project):
        run_json("export", way.key, "--queue", "--yes")


def launch_by_command(live: LiveDagster, way: Way, _folder: Path) -> None:
    tags = json.dumps({"dagster/partition": way.key})
    job = ("-w", "workspace.yaml", "-j", "export_to_jira", "--tags", tags)
    fork(live.project, "dagster", "job", "launch", *job)


def execute_by_command(live: LiveDagster, way: Way, _folder: Path) -> None:
    fork_job(live.project, "export_to_jira", way.key)


def execute_upload(live: LiveDagster, _way: Way, folder: Path) -> None:
    path = folder.with_suffix(".json")
    path.write_text(json.dumps(upload_config(folder)), encoding="utf-8")
    job = ("-m", "jira_pipeline.definitions", "-j", "upload_session", "-c", path)
    fork(live.project, "dagster", "job", "execute", *job)


def export_by_command(live: LiveDagster, way: Way, _folder: Path) -> None:
    fork(live.project, "jira-pipeline", "export", way.key, "--yes")


EXECUTED = Way(
    name="`dagster job execute`", key="wab", begin=execute_by_command, is_of_terminal=True
)
UPLOADED = Way(
    name="Launchpad of `upload_session` with `then`",
    key="wae",
    begin=launch_upload,
    takes_folder=True,
)
LAUNCHED = Way(name="Launchpad of a job", key="waa", begin=launch_job)
WAYS = (
    LAUNCHED,
    Way(name="*Materialize* on assets", key="wac", begin=materialize),
    Way(name="backfill", key="wad", begin=backfill),
    UPLOADED,
    Way(name="sensor (a folder in the inbox)", key="waf", begin=arrive, takes_folder=True),
    Way(name="page of `serve` or HTTP API", key="wag", begin=request),
    Way(name="`jira-pipeline export --queue`", key="wah", begin=queue),
    Way(name="`dagster job launch`", key="wai", begin=launch_by_command),
    EXECUTED,
    Way(
        name="`dagster job execute -j upload_session` with `then`",
        key="waj",
        begin=execute_upload,
        takes_folder=True,
        is_of_terminal=True,
    ),
    Way(
        name="`jira-pipeline export`, `generate`, `resume`",
        key="wak",
        begin=export_by_command,
        is_of_terminal=True,
    ),
)


def prepared(live: LiveDagster, way: Way, folder: Path) -> Path:
    """Return the sheets of a way; where it does not begin with them, its tickets are written."""
    sheets = projects.copy_small_sheets(folder / way.key, is_auto_approved=True)
    projects.replace_in(
        sheets / "session.yaml", "jira_project_key: UHR", f"jira_project_key: {way.project_key}"
    )
    live.site.ensure_project(way.project_key)
    if not way.takes_folder:
        projects.upload(live.project, sheets, session_key=way.key, auto_approve=True)
        run_json("generate", way.key)
    return sheets


def begun(
    live: LiveDagster, instance: dg.DagsterInstance, ways: Sequence[Way], folder: Path
) -> Mapping[str, WaitingRun]:
    """Begin all of these ways; return the runs that wait for Jira, by session."""
    sheets = {way.key: prepared(live, way, folder) for way in ways}
    for way in ways:
        way.begin(live, way, sheets[way.key])
    return {way.key: waiting(live, instance, way) for way in ways}


def waiting(
    live: LiveDagster, instance: dg.DagsterInstance, way: Way, *, but: str = ""
) -> WaitingRun:
    return live.wait_for(
        lambda: run_that_waits(instance, way.key, but={but}), f"a run that waits: {way.name}"
    )


def terminate(live: LiveDagster, run_id: str) -> bool:
    """Terminate a run as the UI does; tell whether it says that it does so."""
    (result,) = live.ask(TERMINATE, run=run_id)["terminateRuns"]["terminateRunResults"]
    return bool(result["__typename"] == "TerminateRunSuccess")


def ended_run(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun | None:
    run = instance.get_run_by_id(run_id)
    return run if run is not None and run.is_finished else None


def re_execute(live: LiveDagster, run_id: str) -> str | None:
    """Re-execute a run from failure as the UI does; return the run that does it, if one does."""
    answer = live.asked(RE_EXECUTE, run=run_id)
    if answer.status_code != HTTPStatus.OK:
        return None
    launched = answer.json()["data"]["launchRunReexecution"]
    return launched["run"]["runId"] if launched["__typename"] == "LaunchRunSuccess" else None


def status_at_end(
    live: LiveDagster, instance: dg.DagsterInstance, run_id: str | None
) -> dg.DagsterRunStatus | None:
    if run_id is None:
        return None
    return live.wait_for(lambda: ended_run(instance, run_id), f"{run_id} to end").status


def is_exported_once(live: LiveDagster, way: Way) -> bool:
    with projects.opened(live.project) as pipeline:
        session = pipeline.store.sessions.get(way.key)
    created = creations_in(live, way.project_key)
    return session.stage is SessionStage.COMPLETED and created == projects.SMALL_TICKETS


def possible(
    live: LiveDagster, ways: Sequence[Way], folder: Path, *, is_killing: bool = True
) -> Mapping[str, Possible]:
    """Say by the name of the way what could be done with the run that it began.

    That of a code location is killed, the one in its place terminated, as is that of a terminal, and
    the first one re-executed.
    """
    first = dict[str, WaitingRun]()
    last = dict[str, WaitingRun]()
    with at_home(live.project), opened_instance() as instance:
        with striking(live.site, BUSY):
            first |= begun(live, instance, ways, folder)
            last |= first
            of_location = [way for way in ways if is_killing and not way.is_of_terminal]
            for way in of_location:
                os.kill(first[way.key].pid, signal.SIGKILL)
            for way in of_location:
                last[way.key] = waiting(live, instance, way, but=first[way.key].run_id)
            is_terminating = {key: terminate(live, run.run_id) for key, run in last.items()}
            ended = {key: status_at_end(live, instance, run.run_id) for key, run in last.items()}
        again = {key: re_execute(live, run.run_id) for key, run in first.items()}
        seen = dict[str, Possible]()
        for way in ways:
            key = way.key
            if way.is_of_terminal:
                instead = instance.get_runs(dg.RunsFilter(run_ids=[first[key].run_id]))[0].tags
                assert instead[INSTEAD_TAG].startswith(f"jira-pipeline resume {key}, or launch ")
                run_json("resume", key)
            status = status_at_end(live, instance, again[key])
            assert is_exported_once(live, way), way.name
            seen[way.name] = Possible(
                is_terminated=is_terminating[key] and ended[key] is dg.DagsterRunStatus.CANCELED,
                is_re_executed=status is dg.DagsterRunStatus.SUCCESS,
                is_retried=first[key].run_id != last[key].run_id,
            )
    return seen


def expected_of(ways: Sequence[Way]) -> Mapping[str, Possible]:
    return {way.name: OF_TERMINAL if way.is_of_terminal else OF_CODE_LOCATION for way in ways}


def test_what_can_be_done_with_a_run_of_the_launchpad(live: LiveDagster, tmp_path: Path) -> None:
    """That the daemon retries a killed one, `test_live_daemon` sees."""
    way = replace(LAUNCHED, key="wal")
    seen = possible(live, [way], tmp_path, is_killing=False)

    assert seen == {LAUNCHED.name: replace(OF_CODE_LOCATION, is_retried=False)}


@OF_THE_LONG_FORM
def test_what_can_be_done_with_a_run_of_every_way(live: LiveDagster, tmp_path: Path) -> None:
    """No run executes a run: an inner one could neither be ended nor executed again.

    The upload of a forked run waited forever for the process that reads its sheets.
    """
    seen = dict[str, Possible]()
    for first in range(0, len(WAYS), AT_ONCE):
        seen |= possible(live, WAYS[first : first + AT_ONCE], tmp_path)

    assert seen == expected_of(WAYS)


YES, NO = "yes", "no"


def test_the_table_of_ways_is_documented() -> None:
    text = (projects.CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = text.partition("| begun by |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]

    assert [(name, *words) for name, *words in rows] == [
        (
            way.name,
            YES,
            NO if way.is_of_terminal else YES,
            NO if way.is_of_terminal else YES,
        )
        for way in WAYS
    ]
