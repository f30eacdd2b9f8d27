"""A process that is killed while a model writes.

What was kept is never paid for again, and nothing was sent that is not counted.
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import func, select

from jira_pipeline.ports.writing import Spending
from jira_pipeline.store import tables
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.writing.asked_models import SESSION, register
from jira_pipeline_tests.writing.scripted_models import Say, ScriptedServer, always, scripted_server

pytestmark = pytest.mark.xdist_group("killed")

TICKETS = 4 if IS_LONG else 2
POINTS = 6 * TICKETS
"""For each ticket: before and after its intent, its receipt, and keeping its answer."""
KILLED = -signal.SIGKILL


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A server, and a process that forks writers which ask it."""

    server: ScriptedServer
    folder: Path
    orders: IO[str]
    answers: IO[str]
    points: int
    """What a process that is left alone passes."""

    def write(self, home: str, *, asker: str, dies_at: int = 0) -> int:
        """Let a process write, and return how it ended."""
        self.orders.write(f"{home} {asker} {dies_at}\n")
        self.orders.flush()
        return int(self.answers.readline())

    def asked_by(self, asker: str) -> int:
        """Count the requests of one process; what it sent may arrive after its death."""
        return sum(asked.path.startswith(f"/{asker}/") for asked in self.server.asked)

    def spending(self, home: str) -> Spending:
        """Return what a store counts."""
        with open_in(self.folder / home) as store:
            return store.writing.spending(SESSION)

    def new_home(self, name: str) -> str:
        """Make a store of its own that knows the session."""
        (self.folder / name).mkdir()
        shutil.copy(self.folder / "ready" / "store.sqlite", self.folder / name)
        return name

    def kept(self, home: str) -> int:
        """Count the answers that are kept."""
        with open_in(self.folder / home) as store, store.database.reading() as connection:
            found = connection.execute(select(func.count()).select_from(tables.written_answers))
            return int(found.scalar_one())


@contextmanager
def opened_ground(folder: Path) -> Iterator[Ground]:
    """Start the server and the process."""
    with open_in(ready(folder / "ready")) as store:
        register(store)
    shutil.copytree(folder / "ready", folder / "whole")
    with scripted_server(always(Say())) as server:
        command = [sys.executable, "-m", "jira_pipeline_tests.crash.killed_writing"]
        process = subprocess.Popen(
            [*command, server.url, str(folder), str(TICKETS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            yield Ground(
                server=server,
                folder=folder,
                orders=process.stdin,
                answers=process.stdout,
                points=int(process.stdout.readline()),
            )
            process.stdin.close()


def ready(folder: Path) -> Path:
    """Make a folder."""
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One server and one process for all kills."""
    with opened_ground(tmp_path_factory.mktemp("writing")) as opened:
        yield opened


def test_a_process_that_is_left_alone_passes_every_point(ground: Ground) -> None:
    assert ground.points == POINTS
    assert ground.kept("whole") == TICKETS


@pytest.mark.parametrize("point", range(1, POINTS + 1))
def test_after_a_kill_nothing_kept_is_asked_for_again_and_everything_sent_is_counted(
    ground: Ground, point: int
) -> None:
    home, killed, again = (ground.new_home(f"at-{point}"), f"killed-{point}", f"again-{point}")
    assert ground.write(home, asker=killed, dies_at=point) == KILLED
    kept, left = ground.kept(home), ground.spending(home)

    code = ground.write(home, asker=again)

    spent = ground.spending(home)
    assert code == 0
    assert ground.asked_by(again) == TICKETS - kept
    assert ground.kept(home) == TICKETS
    assert ground.asked_by(killed) <= left.requests
    assert left.requests == spent.requests - ground.asked_by(again)
    assert left.unseen_requests == spent.unseen_requests
    assert (left.unseen_usd > 0) == (left.unseen_requests > 0)


def test_kills_come_before_any_answer_is_kept_and_after_the_last(ground: Ground) -> None:
    """They would prove nothing if none came after an answer was kept."""
    first, last = ground.new_home("first"), ground.new_home("last")

    ground.write(first, asker="first", dies_at=1)
    ground.write(last, asker="last", dies_at=POINTS)

    assert (ground.kept(first), ground.kept(last)) == (0, TICKETS)
    assert (ground.spending(first).requests, ground.spending(last).requests) == (0, TICKETS)


def test_kills_leave_requests_whose_answer_was_not_seen(ground: Ground) -> None:
    """After the first intent nothing is sent yet; after the second one the first is under way."""
    homes = [ground.new_home(f"unseen-{point}") for point in (2, 4)]

    for home, point in zip(homes, (2, 4), strict=True):
        ground.write(home, asker=home, dies_at=point)

    assert [ground.spending(home).unseen_requests for home in homes] == [1, 2]
