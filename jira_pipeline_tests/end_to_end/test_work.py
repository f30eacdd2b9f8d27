"""A machine that takes runs, as a process: it joins, and drains when it is told to end."""

import signal
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.end_to_end.processes import finished, fork, wait_until


@pytest.mark.postgres
@pytest.mark.xdist_group("processes")
def test_a_machine_takes_runs_once_it_answers_and_leaves_when_it_has_drained(
    installation: Path,
) -> None:
    """What it does with runs is shown by `python -m benchmarks.machines`."""
    address = f"127.0.0.1:{free_port()}"
    with projects.opened(installation) as pipeline:
        machines = pipeline.store.machines
        process = fork(installation, "jira-pipeline", "work", "--listen", address)
        wait_until(process, lambda: any(not one.is_draining for one in machines.live()))
        (there,) = machines.live()

        process.send_signal(signal.SIGTERM)
        code, output = finished(process)
        left = machines.live()

    assert (there.address, there.capacity, there.refusal) == (address, 4, "")
    assert (code, left) == (0, ())
    assert f"Takes runs at {address}, 4 at once." in output
    assert "Takes no more runs, and ends with those it has" in output
