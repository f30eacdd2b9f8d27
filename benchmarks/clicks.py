"""What a click costs that a run follows: from the request to the run's RUN_START, on a new home.

`jira-pipeline serve` with its daemon; the first click comes as soon as Dagster's pages are there,
each later one some seconds after the run of the one before has ended. Beside it, what a new Python
takes to import Dagster: other work on the machine makes both longer.

Options: `--clicks=6`.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dagster as dg

from benchmarks.web_load import EXAMPLE, option
from jira_pipeline_tests.end_to_end.processes import finished, start, wait_until
from jira_pipeline_tests.end_to_end.test_serve import Served, serving
from jira_pipeline_tests.projects import CHECKOUT

CLICKS = 6
KEY = "clicked"
PAUSE_SECONDS = 3
"""A page that people look at; a run that has just ended may still count as at work."""
GOAL_FIRST, GOAL_LATER = 4, 1.5
IMPORT = (sys.executable, "-c", "import dagster")


def main() -> None:
    """Click, and print how long each run took to begin."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        for name in ("dagster.yaml", "workspace.yaml"):
            shutil.copy(CHECKOUT / name, home)
        code, said = finished(start(home, "jira-pipeline", "upload", EXAMPLE, "--session", KEY))
        if code:
            sys.exit(said)
        os.environ["DAGSTER_HOME"] = str(home)  # noqa: TID251 - read by its instance
        with (
            serving(home, Path(folder, "output")) as served,
            dg.DagsterInstance.get() as instance,
        ):
            served.wait_for_dagster()
            first, *later = [
                seconds_to_start(served, instance, number)
                for number in range(option("--clicks", CLICKS))
            ]
    began = time.monotonic()
    subprocess.run(IMPORT, check=True)
    imported = time.monotonic() - began
    print(f"{'a click to RUN_START':<22} {'s':>6}  goal, s")
    print(f"{'first':<22} {first:>6.1f}  {GOAL_FIRST}")
    print(f"{'later, median':<22} {statistics.median(later):>6.1f}  {GOAL_LATER}")
    print(f"{'import dagster':<22} {imported:>6.1f}")


def seconds_to_start(served: Served, instance: dg.DagsterInstance, number: int) -> float:
    """Click, wait until the run has ended, and return what it took to begin."""
    time.sleep(PAUSE_SECONDS if number else 0)
    clicked_at = time.time()
    answer = served.browser.post(f"/sessions/{KEY}/{'validate' if number else 'generate'}")
    if answer.is_error:
        sys.exit(f"{answer.status_code}: {answer.text[:500]}")
    ended = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
    wait_until(served.process, lambda: instance.get_runs_count(ended) > number)
    (newest,) = instance.get_run_records(ended, limit=1)
    return (newest.start_time or 0.0) - clicked_at


if __name__ == "__main__":
    main()
