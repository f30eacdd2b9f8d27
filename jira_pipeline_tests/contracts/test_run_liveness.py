"""What every RunLiveness does: it tells a living process from one that was killed."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from jira_pipeline.model.runs import RunLiveness
from jira_pipeline.store.store import Store
from jira_pipeline_tests.store.session_locks import end_holders

HOLDER = """
import sys
from pathlib import Path
from jira_pipeline.store.locks import FileRunLocks
with FileRunLocks(Path(sys.argv[1])).hold("r1"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def locks(store: Store) -> RunLiveness:
    return store.run_locks


@contextmanager
def held_by_another(
    store: Store, folder: Path, *, url: str | None
) -> Iterator[Callable[[], object]]:
    """Have another process hold the lock of r1; yield what kills it.

    The server ends the session of a process that was killed; here it ends one of this process.
    """
    if url is not None:
        with store.run_locks.hold("r1"):
            yield partial(end_holders, url)
        return
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder / "runs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()

    def kill() -> None:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    yield kill


def test_a_run_lives_as_long_as_its_first_holder_and_is_forgotten_where_that_ended_well(
    locks: RunLiveness,
) -> None:
    unknown = (locks.is_alive("r1"), locks.is_dead("r1"))
    with locks.hold("r1"):
        with locks.hold("r1"):
            pass
        at_work = (locks.is_alive("r1"), locks.is_dead("r1"))

    assert at_work == (True, False)
    assert (locks.is_alive("r1"), locks.is_dead("r1")) == unknown == (False, False)


def test_a_run_whose_process_was_killed_is_dead_until_it_is_forgotten(
    store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    is_postgres = store.database.engine.dialect.name == "postgresql"
    url: str | None = request.getfixturevalue("postgres_url") if is_postgres else None
    locks = store.run_locks
    with held_by_another(store, tmp_path, url=url) as kill:
        alive = locks.is_dead("r1")
        kill()

        assert (alive, locks.is_dead("r1"), locks.is_alive("r1")) == (False, True, False)
        assert locks.find_dead_runs(["r1", "r2"]) == {"r1": False}
        locks.forget("r1")
        assert not locks.is_dead("r1")


def test_a_run_whose_end_could_not_be_stored_looks_dead_once_it_is_let_go(
    locks: RunLiveness,
) -> None:
    """Its session shows as running, and nobody else would ever learn that it is not."""
    with locks.hold("r1"):
        locks.leave("r1")
        at_work = locks.is_dead("r1")

    assert (at_work, locks.find_dead_runs(["r1"])) == (False, {"r1": True})
    locks.forget("r1")
    assert not locks.is_dead("r1")
