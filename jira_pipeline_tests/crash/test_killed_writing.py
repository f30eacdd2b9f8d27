"""A process that is killed while a model writes.

What was kept is never paid for again, and nothing was sent that is not counted.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jira_pipeline.ports.writing import Spending
from jira_pipeline.store import tables
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.crash.killed_writing import Order, serve_orders
from jira_pipeline_tests.crash.killing import KILLED
from jira_pipeline_tests.crash.processes import start
from jira_pipeline_tests.forking import CHILDREN
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.writing.asked_models import SESSION, register
from jira_pipeline_tests.writing.scripted_models import Say, ScriptedServer, always, scripted_server

pytestmark = pytest.mark.xdist_group("processes")

TICKETS = 4 if IS_LONG else 2
POINTS = 6 * TICKETS
"""For each ticket: before and after its intent, its receipt, and keeping its answer."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A server, and a process that forks writers which ask it."""

    server: ScriptedServer
    folder: Path
    orders: "Connection[Order, int]"
    points: int
    """What a process that is left alone passes."""

    def write(self, home: str, *, asker: str, dies_at: int = 0) -> int:
        """Let a process write, and return how it ended."""
        self.orders.send((home, asker, dies_at))
        return self.orders.recv()

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
        orders, theirs = CHILDREN.Pipe()
        process = start(serve_orders, server.url, folder, TICKETS, theirs)
        theirs.close()
        with orders:
            yield Ground(server=server, folder=folder, orders=orders, points=orders.recv())
        process.join()


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


def test_after_a_kill_nothing_kept_is_asked_for_again_and_everything_sent_is_counted(
    ground: Ground,
) -> None:
    """After the first intent nothing is sent yet; after the second one the first is under way."""
    kept_at, sent_at, unseen_at = {}, {}, {}

    for point in range(1, POINTS + 1):
        home, killed, again = (ground.new_home(f"at-{point}"), f"killed-{point}", f"again-{point}")
        assert ground.write(home, asker=killed, dies_at=point) == KILLED
        kept, left = ground.kept(home), ground.spending(home)
        kept_at[point], sent_at[point], unseen_at[point] = (
            kept,
            left.requests,
            left.unseen_requests,
        )

        code = ground.write(home, asker=again)

        spent = ground.spending(home)
        assert code == 0
        assert ground.asked_by(again) == TICKETS - kept
        assert ground.kept(home) == TICKETS
        assert ground.asked_by(killed) <= left.requests
        assert left.requests == spent.requests - ground.asked_by(again)
        assert left.unseen_requests == spent.unseen_requests
        assert (left.unseen_usd > 0) == (left.unseen_requests > 0)

    assert (kept_at[1], kept_at[POINTS]) == (0, TICKETS)
    assert (sent_at[1], sent_at[POINTS]) == (0, TICKETS)
    assert (unseen_at[2], unseen_at[4]) == (1, 2)
