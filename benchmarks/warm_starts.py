"""What a session costs from the inbox to its tickets, with runs that are forked and with new Pythons.

Both ways in turn on a new home: `jira-pipeline serve` with its daemon, then some folders that
arrive at once, one run each. CPU is that of all processes of the program from then until the last
run ended; a start is Dagster's, from RUN_STARTING to RUN_START. The new Pythons are those of
Dagster as it is: `sitecustomize` of that home stands for what has runs forked.

Options: `--sessions=10`. PostgreSQL is measured where JIRA_PIPELINE_TEST_POSTGRES_URL names a
server.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import dagster as dg

from benchmarks.serve_idle import used
from benchmarks.web_load import EXAMPLE, option
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL, empty_database
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.projects import CHECKOUT, DEPLOYED

SESSIONS = 10
IDLE_SECONDS = 20
AT_MOST_SECONDS = 1_800
NOT_FORKED = """
import multiprocessing

multiprocessing.get_all_start_methods = lambda: ["spawn"]
"""


def main() -> None:
    """Measure both ways on each database."""
    sessions = option("--sessions", SESSIONS)
    for database in ("SQLite", *(["PostgreSQL"] if POSTGRES_URL else [])):
        before, after = (_measured(sessions, database, is_forked=way) for way in (False, True))
        print(f"{database}, {sessions} sessions at once      CPU s a session  start, median s")
        for name, (seconds, start) in (("a new Python a run", before), ("forked", after)):
            print(f"  {name:<34} {seconds:>12.1f} {start:>15.1f}")
        print(f"  {'ratio':<34} {after[0] / before[0]:>12.2f} {after[1] / before[1]:>15.2f}")


def _measured(sessions: int, database: str, *, is_forked: bool) -> tuple[float, float]:
    """Return CPU seconds a session, and the median seconds that a run took to start."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        home = Path(folder)
        shutil.copy(CHECKOUT / "workspace.yaml", home)
        settings = {"DAGSTER_HOME": folder}
        if database == "SQLite":
            shutil.copy(CHECKOUT / "dagster.yaml", home)
        else:
            shutil.copy(DEPLOYED, home / "dagster.yaml")
            for name in ("JIRA_PIPELINE_DATABASE_URL", "DAGSTER_POSTGRES_URL"):
                settings[name] = stack.enter_context(empty_database())
        environment = os.environ | settings  # noqa: TID251 - for child processes
        if not is_forked:
            (home / "sitecustomize.py").write_text(NOT_FORKED, encoding="utf-8")
            environment["PYTHONPATH"] = folder
        program = str(Path(sys.executable).parent / "jira-pipeline")
        with (home / "output").open("w", encoding="utf-8") as output:
            served = subprocess.Popen(
                [program, "serve", "--port", str(free_port())],
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=output,
            )
            try:
                while "api grpc" not in (names := {name for _, name, *_ in used(served.pid)}):
                    _still_there(served, names)
                time.sleep(IDLE_SECONDS)
                before = sum(seconds for _, _, seconds, _ in used(served.pid))
                for number in range(sessions):
                    _arrive(home / ".jira_pipeline" / "inbox" / f"site_{number}")
                starts = list(_starts(served, settings, sessions))
                after = sum(seconds for _, _, seconds, _ in used(served.pid))
            finally:
                served.send_signal(signal.SIGINT)
                served.wait()
    return (after - before) / sessions, statistics.median(starts)


def _still_there(served: "subprocess.Popen[bytes]", seen: object) -> None:
    if served.poll() is not None:
        sys.exit(f"serve ended by itself; last seen: {seen}")
    time.sleep(1)


def _arrive(folder: Path) -> None:
    """Put the sheets of the example into an inbox, for people to review."""
    shutil.copytree(EXAMPLE, folder)
    manifest = folder / "session.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("auto_approve: true", ""), encoding="utf-8")


def _starts(
    served: "subprocess.Popen[bytes]", settings: Mapping[str, str], sessions: int
) -> Iterator[float]:
    """Wait until every run ended, and give how long each took to start, in seconds."""
    started = time.monotonic()
    os.environ.update(settings)  # noqa: TID251 - read by its dagster.yaml
    with dg.DagsterInstance.get() as instance:
        ended = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
        while instance.get_runs_count(ended) < sessions:
            _still_there(served, instance.get_runs_count())
            if time.monotonic() - started > AT_MOST_SECONDS:
                sys.exit(f"{instance.get_runs_count(ended)} of {sessions} runs ended")
        for record in instance.get_run_records(ended):
            run_id = record.dagster_run.run_id
            (starting,) = instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_STARTING)
            yield (record.start_time or 0.0) - starting.timestamp


if __name__ == "__main__":
    main()
