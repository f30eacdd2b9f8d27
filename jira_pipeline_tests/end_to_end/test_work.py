"""A machine that takes runs, as a process: it joins, and drains when it is told to end."""

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.open_stores import POSTGRES_URL
from jira_pipeline_tests.end_to_end.live_dagster import free_port
from jira_pipeline_tests.end_to_end.processes import Forked, finished, fork, wait_until
from jira_pipeline_tests.store.session_locks import outside

ALLOW = "ALTER DATABASE {} ALLOW_CONNECTIONS {}"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"


def wait_for_word(process: Forked, word: str) -> None:
    """Wait until a process says something."""
    wait_until(process, lambda: word in process.output_path.read_text(encoding="utf-8"))


@pytest.mark.postgres
@pytest.mark.xdist_group("processes")
def test_a_machine_takes_runs_once_it_answers_and_leaves_when_it_has_drained(
    installation: Path,
) -> None:
    """What it does with runs is shown by `python -m benchmarks.machines`.

    One that lost PostgreSQL for more than a moment ended, with all it ran.
    """
    name = make_url(os.environ["JIRA_PIPELINE_DATABASE_URL"]).database  # noqa: TID251 - of the fixture
    address = f"127.0.0.1:{free_port()}"
    with projects.opened(installation) as pipeline:
        machines = pipeline.store.machines
        process = fork(installation, "jira-pipeline", "work", "--listen", address)
        wait_until(process, lambda: any(not one.is_draining for one in machines.live()))
        (there,) = machines.live()

        with outside(str(POSTGRES_URL)) as server:
            server.execute(text(ALLOW.format(name, "false")))
            server.execute(text(END), {"name": name})
            wait_for_word(process, "It gets no runs: The store cannot be used")
            server.execute(text(ALLOW.format(name, "true")))
        wait_for_word(process, "It gets runs again.")
        (again,) = machines.live()

        process.send_signal(signal.SIGTERM)
        code, output = finished(process)
        left = machines.live()

    assert (there.address, there.capacity, there.refusal) == (address, 4, "")
    assert (again.name_on_runs, again.is_draining) == (there.name_on_runs, False)
    assert (code, left) == (0, ())
    assert f"Takes runs at {address}, 4 at once." in output
    assert "Takes no more runs, and ends with those it has" in output
