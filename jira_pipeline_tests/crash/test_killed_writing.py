"""A process that is killed while a model writes: what was kept is never paid for again."""

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

from jira_pipeline.store import tables
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.writers.asked_models import register
from jira_pipeline_tests.writers.scripted_models import (
    Say,
    ScriptedServer,
    always,
    scripted_server,
)

pytestmark = pytest.mark.xdist_group("killed_writing")

TICKETS = 4
POINTS = 4 * TICKETS
"""Before and after the request of each ticket is counted, before and after its answer is kept."""
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

    def write(self, home: str, *, dies_at: int = 0) -> int:
        """Let a process write, and return how it ended."""
        self.orders.write(f"{home} {dies_at}\n")
        self.orders.flush()
        return int(self.answers.readline())

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
            [*command, server.base_url("openai"), str(folder), str(TICKETS)],
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
def test_no_kept_answer_is_asked_for_again_after_a_kill(ground: Ground, point: int) -> None:
    home = ground.new_home(f"killed-at-{point}")
    assert ground.write(home, dies_at=point) == KILLED
    kept = ground.kept(home)
    asked_before = len(ground.server.asked)

    code = ground.write(home)

    assert code == 0
    assert len(ground.server.asked) - asked_before == TICKETS - kept
    assert ground.kept(home) == TICKETS


def test_kills_come_before_any_answer_is_kept_and_after_the_last(ground: Ground) -> None:
    """They would prove nothing if none came after an answer was kept."""
    first, last = ground.new_home("first"), ground.new_home("last")

    ground.write(first, dies_at=1)
    ground.write(last, dies_at=POINTS)

    assert (ground.kept(first), ground.kept(last)) == (0, TICKETS)
