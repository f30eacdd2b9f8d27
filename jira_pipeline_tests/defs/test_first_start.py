"""Several programs of Dagster that are started at once in an empty home."""

import os
from multiprocessing.synchronize import Barrier
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.dagster_port.partitions import PARTITIONS_NAME
from jira_pipeline.sessions.homes import make_home
from jira_pipeline_tests.forking import CHILDREN

pytestmark = pytest.mark.xdist_group("processes")
PROCESSES = 4


def open_at_once(home: Path, barrier: Barrier) -> None:
    """Open the instance as webserver, daemon and `dagster job list` do, by `dagster.yaml` alone."""
    os.environ["DAGSTER_HOME"] = str(home)  # noqa: TID251 - in a process of its own
    barrier.wait()
    with dg.DagsterInstance.get() as instance:
        instance.get_run_records()
        instance.get_dynamic_partitions(PARTITIONS_NAME)


def test_all_of_them_open_the_storage_that_the_first_makes(tmp_path: Path) -> None:
    """One died of "table runs already exists": a trace of 142 lines in the first minute."""
    home = make_home(tmp_path / "home").path
    barrier = CHILDREN.Barrier(PROCESSES)
    started = [
        CHILDREN.Process(target=open_at_once, args=(home, barrier)) for _ in range(PROCESSES)
    ]

    for process in started:
        process.start()
    for process in started:
        process.join()

    assert [process.exitcode for process in started] == [0] * PROCESSES
