"""Locks of runs: they tell a living process from one that was killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jira_pipeline.errors import StoreError
from jira_pipeline.store.leases import FileRunLocks

HOLDER = """
import sys, time
from pathlib import Path
from jira_pipeline.store.leases import FileRunLocks
with FileRunLocks(Path(sys.argv[1])).hold("r1"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def locks(tmp_path: Path) -> FileRunLocks:
    return FileRunLocks(tmp_path / "runs")


def test_an_unknown_run_is_not_called_dead(locks: FileRunLocks) -> None:
    assert not locks.is_dead("r1")


def test_a_run_at_work_lives_and_one_that_ended_well_is_forgotten(locks: FileRunLocks) -> None:
    with locks.hold("r1"):
        at_work = locks.is_dead("r1")

    assert (at_work, locks.is_dead("r1")) == (False, False)


def test_a_run_whose_process_was_killed_is_dead_until_it_is_forgotten(
    locks: FileRunLocks, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "runs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    alive = locks.is_dead("r1")

    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert (alive, locks.is_dead("r1"), locks.is_dead("r2")) == (False, True, False)
    assert not locks.was_left("r1")
    locks.forget("r1")
    assert not locks.is_dead("r1")


def test_a_run_whose_end_could_not_be_stored_looks_dead_once_it_is_let_go(
    locks: FileRunLocks,
) -> None:
    """Its session shows as running, and nobody else would ever learn that it is not."""
    with locks.hold("r1"):
        locks.leave("r1")
        at_work = locks.is_dead("r1")

    assert (at_work, locks.is_dead("r1"), locks.was_left("r1")) == (False, True, True)
    locks.forget("r1")
    assert (locks.is_dead("r1"), locks.was_left("r1")) == (False, False)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with (
        pytest.raises(StoreError, match=r"locks in .*file/runs cannot be used"),
        FileRunLocks(tmp_path / "file" / "runs").hold("r1"),
    ):
        pass
