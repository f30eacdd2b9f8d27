"""Many sessions that approve themselves arrive at once: Dagster's daemon, queue and runs, on PostgreSQL.

The inbox of an installation as deploy/ describes it gets copies of the example, of ten projects in
turn; `dagster-daemon` alone works on them. It ends once each has its issues, or at the limit.

Options: `--sessions=200`, `--runs=8` at work at once, `--minutes=60`. How far it is, is printed every
minute; at the limit, or where the daemon ends, the figures are of what was done until then.
"""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import dagster as dg
import psycopg2  # type: ignore[import-untyped] # ships none
import yaml

from benchmarks.databases import run_beside_postgres
from benchmarks.specifications import ROOT
from benchmarks.web_load import option
from jira_pipeline.model.runs import RunJob

SESSIONS, RUNS, MINUTES, PROJECTS = 200, 8, 60, 10
LOOK_SECONDS, PRINTED_SECONDS, STOP_SECONDS = 5.0, 60.0, 30.0
OVER = {"SUCCESS", "FAILURE", "CANCELED"}


def main() -> None:
    """Measure beside a server of its own, and end with a failure where a run or an issue is amiss."""
    if "JIRA_PIPELINE_TEST_POSTGRES_URL" not in os.environ:  # noqa: TID251 - of `with_postgres`
        run_beside_postgres("sessions_load", *sys.argv[2:])
        return
    from jira_pipeline_tests.contracts.open_stores import empty_database  # noqa: PLC0415 - needs a server

    with (
        tempfile.TemporaryDirectory() as folder,
        empty_database() as of_store,
        empty_database() as of_dagster,
    ):
        os.environ |= {  # noqa: TID251 - for this process and the daemon
            "DAGSTER_HOME": folder,
            "JIRA_PIPELINE_DATABASE_URL": of_store,
            "DAGSTER_POSTGRES_URL": of_dagster,
            "DAGSTER_GRPC_TIMEOUT_SECONDS": "900",
            "UPLOAD_SETTLE_SECONDS": "0",
            "PYTHONPATH": str(ROOT),
        }
        _measure(Path(folder), of_store)


def _measure(home: Path, database: str) -> None:
    from jira_pipeline.dagster_port.instance import opened_instance  # noqa: PLC0415 - of the home set above

    sessions, runs = option("--sessions", SESSIONS), option("--runs", RUNS)
    instance_of = yaml.safe_load((ROOT / "deploy" / "dagster.postgres.yaml").read_text("utf-8"))
    instance_of["run_coordinator"]["config"]["max_concurrent_runs"] = runs
    (home / "dagster.yaml").write_text(yaml.safe_dump(instance_of), encoding="utf-8")
    shutil.copy(ROOT / "workspace.yaml", home)
    for number in range(sessions):
        _make_session(home / ".jira_pipeline" / "inbox" / f"site_{number:03}", number)

    with opened_instance() as instance, running_daemon(home) as daemon:
        began = time.monotonic()
        until, most, ended = began + 60 * option("--minutes", MINUTES), 0, Counter[str]()
        whole, printed = dg.RunsFilter(job_name=RunJob.WHOLE.value), began
        while ended["SUCCESS"] < sessions and time.monotonic() < until and daemon.poll() is None:
            time.sleep(LOOK_SECONDS)
            most = max(most, _connection_count(database))
            # validations that a decision asks for are runs, too, and none of these sessions
            ended = Counter(run.status.value for run in instance.get_runs(whole))
            if time.monotonic() - printed >= PRINTED_SECONDS:
                printed = time.monotonic()
                print(f"  {printed - began:,.0f} s: {dict(ended)}, {most} connections", flush=True)
        seconds = time.monotonic() - began
        if daemon.poll() is not None:
            print(f"The daemon ended by itself: {daemon.returncode}", flush=True)

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    issues = _issues_of(home / ".jira_pipeline" / "sandbox.sqlite")
    twice = sum(count - 1 for count in issues.values())
    lost = sum(count for status, count in ended.items() if status in OVER - {"SUCCESS"})
    print(f"{sessions} sessions, {runs} runs at work at once: {seconds:,.0f} s")
    print(f"CPU {used.ru_utime + used.ru_stime:,.0f} s, at most {most} connections")
    print(
        f"runs of {RunJob.WHOLE}: {dict(ended)}, lost {lost}; {sum(issues.values())} issues, {twice} twice"
    )
    if lost or twice or ended["SUCCESS"] < sessions:
        sys.exit("Some run was lost, has not ended, or created an issue twice.")


@contextmanager
def running_daemon(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run Dagster's daemon until the block ends, however it ends, with all that it started."""
    command = [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-w", "workspace.yaml"]
    with (home / "daemon.log").open("w") as log:
        daemon = subprocess.Popen(
            command, cwd=home, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield daemon
    finally:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            daemon.send_signal(signal.SIGINT)
            daemon.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):  # code servers and runs, which write to the home
            os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()


def _make_session(folder: Path, number: int) -> None:
    from jira_pipeline_tests import projects  # noqa: PLC0415 - imports the definitions

    folder.parent.mkdir(parents=True, exist_ok=True)
    projects.copy_sheets(folder, is_auto_approved=True)
    manifest = folder / "session.yaml"
    projects.replace_in(
        manifest, "jira_project_key: UHR", f"jira_project_key: P{number % PROJECTS}X"
    )
    with manifest.open("a", encoding="utf-8") as stream:
        stream.write("\nas_new: true\n")


def _connection_count(database: str) -> int:
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def _issues_of(sandbox: Path) -> Counter[str]:
    """Count the issues of the site by the identity each was created under; before any, it is not there."""
    if not sandbox.is_file():
        return Counter()
    with closing(sqlite3.connect(sandbox)) as site:
        rows = site.execute("SELECT detail FROM journal_change WHERE change = 'property_set'")
        found = [yaml.safe_load(detail)["value"] for (detail,) in rows]
    return Counter(value["identity"] for value in found if "session" in value)


if __name__ == "__main__":
    main()
