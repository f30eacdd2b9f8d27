"""Kills a real export at a point or a moment, lets another carry on, and judges the site.

Belongs here: kills, points, restored backups of the ledger. Does not: the processes (`processes`),
what is killed and what must hold afterwards (`grounds`).
"""

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, make_url, text

from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import _database, sqlite_url
from jira_pipeline_tests.crash.export_world import ExportWorld, SteadyClock, Tripwire
from jira_pipeline_tests.crash.grounds import GROUNDS
from jira_pipeline_tests.crash.processes import (
    Place,
    ended,
    export,
    export_and_die,
    export_and_stop,
    is_standing_still,
    resume,
    site_process,
    start,
)
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.store.session_locks import end_holders, until

SITE_FILE = "sandbox.sqlite"
ROLLBACKS = (1, 2, 3, 4, 5)
KILLED = -signal.SIGKILL
WOKEN_AFTER_SECONDS = 0.3
"""Less than the horizon: what it sends then is in doubt for who carries on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """How a process ends, and what its successor finds."""

    point: int | None = None
    """Number of the point at which it kills itself, from 1."""
    after_seconds: float | None = None
    """Or how long it lives."""
    lost_writes: int = 0
    """How many of its last entries the ledger loses."""
    is_cut: bool = False
    """It is stopped there, its connections are cut, another carries on, and it wakes."""

    @property
    def name(self) -> str:
        where = f"point {self.point}" if self.point else f"{self.after_seconds:.3f} s"
        if self.is_cut:
            return f"cut off at {where}"
        lost = f", {self.lost_writes} writes lost" if self.lost_writes else ""
        return f"killed at {where}{lost}"


class KillingGround:
    """Makes a fresh store and site for every kill."""

    def __init__(self, folder: Path, *, ground: str = "", postgres_url: str | None = None) -> None:
        """Prepare the store and the site that are copied; on PostgreSQL where a server is given."""
        self._ground = ground
        self._folder = folder
        self._numbers = count(1)
        self._postgres_url = postgres_url
        self.is_on_postgres = postgres_url is not None
        self.killed_count = 0
        """How many exports did not end by themselves first."""
        self._open = ExitStack()
        self._ready = folder / "ready"
        self._ready.mkdir(parents=True)
        self._ready_url = (
            sqlite_url(self._ready)
            if postgres_url is None
            else self._open.enter_context(_database(postgres_url))
        )
        with self._opened(self._ready, database_url=self._ready_url) as world:
            world.fill(world.drafts)
            GROUNDS[ground].before(world)
            self._begun = max((entry.sequence for entry in world.entries()), default=0)
            """The last entry before what is killed: links that a ledger forgot count as other people's."""

    @contextmanager
    def _opened(self, folder: Path, *, database_url: str) -> Iterator[ExportWorld]:
        with FaultySandbox(folder / SITE_FILE, clock=SteadyClock().now) as sandbox:
            yield ExportWorld(folder=folder, database_url=database_url, sandbox=sandbox)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._open.close()

    def points(self) -> list[str]:
        """Return the names of all points an export passes, in order."""
        wire = Tripwire()
        with self.place() as place:
            export(place, wire)
        return wire.passed

    def seconds_of_an_export(self) -> float:
        with self.place() as place:
            began = time.monotonic()
            ended(start(export_and_die, place, None))
            return time.monotonic() - began

    def wrong_after(self, kill: Kill) -> list[str]:
        """Kill an export, let another carry on, and return what is wrong with the site."""
        with self.place() as place:
            wrong = self._cut_off(place, kill) if kill.is_cut else self._kill(place, kill)
            with self._opened(place.folder, database_url=place.database_url) as world:
                wrong += GROUNDS[self._ground].wrong(world)
        return [f"{kill.name}: {text}" for text in wrong]

    def _kill(self, place: Place, kill: Kill) -> list[str]:
        process = start(export_and_die, place, kill.point)
        if kill.after_seconds is not None:
            process.join(kill.after_seconds)
            process.kill()
        code = ended(process)
        self.killed_count += code == KILLED
        if kill.lost_writes:
            with place.exporting().open_store() as store:
                lose_writes(store, kill.lost_writes, since=self._begun)
        resume(place, is_restored=kill.lost_writes > 0)
        is_missed = kill.point is not None and code != KILLED
        return [f"it ended by itself ({code})"] if is_missed else []

    def _cut_off(self, place: Place, kill: Kill) -> list[str]:
        """Cut a stopped export off its database, and wake it beside another."""
        sleeper = start(export_and_stop, place, kill.point)
        until(lambda: not sleeper.is_alive() or is_standing_still(sleeper))
        end_holders(place.database_url)
        successor = start(resume, place)
        time.sleep(WOKEN_AFTER_SECONDS)
        if sleeper.is_alive() and sleeper.pid:
            os.kill(sleeper.pid, signal.SIGCONT)
            self.killed_count += 1
        codes = ended(sleeper), ended(successor)
        resume(place)
        return [f"they ended with {codes}"] if codes != (0, 0) else []

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Give a fresh store and a site in a process of its own."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        shutil.copy(self._ready / SITE_FILE, folder / SITE_FILE)
        with self._database(folder) as url, site_process(folder / SITE_FILE) as site_url:
            yield Place(database_url=url, folder=folder, site_url=site_url, ground=self._ground)
        shutil.rmtree(folder)

    @contextmanager
    def _database(self, folder: Path) -> Iterator[str]:
        if self._postgres_url is None:
            shutil.copy(self._ready / "store.sqlite", folder / "store.sqlite")
            yield sqlite_url(folder)
            return
        template = make_url(self._ready_url).database
        with _database(self._postgres_url, f"TEMPLATE {template}") as url:
            yield url


def random_kills(*, lasting_seconds: float) -> Iterator[Kill]:
    """Draw kills at any time within the length of an export, without end."""
    dice = random.Random(0)  # noqa: S311 - moments, not secrets
    while True:
        yield Kill(after_seconds=dice.uniform(0.0, lasting_seconds))


def point_kills(points: int, *, step: int = 1) -> list[Kill]:
    return [Kill(point=number) for number in range(1, points + 1, step)]


def rolled_back_kills(points: int, *, step: int) -> list[Kill]:
    """Return kills after which the ledger has lost its last writes, one to five in turn."""
    return [
        Kill(point=number, lost_writes=ROLLBACKS[place % len(ROLLBACKS)])
        for place, number in enumerate(range(1, points + 1, step))
    ]


def cut_offs(points: int, *, step: int) -> list[Kill]:
    return [Kill(point=number, is_cut=True) for number in range(1, points + 1, step)]


def lose_writes(store: Store, writes: int, *, since: int = 0) -> None:
    """Take the last entries after one out of a ledger, as a restored backup does."""
    with store.database.engine.begin() as connection, _without_triggers(connection):
        connection.execute(
            text(
                "DELETE FROM ledger WHERE sequence IN"
                " (SELECT sequence FROM ledger WHERE sequence > :since"
                " ORDER BY sequence DESC LIMIT :writes)"
            ),
            {"writes": writes, "since": since},
        )


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    """Let entries be deleted, which the store refuses otherwise."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        yield
        connection.execute(text("ALTER TABLE ledger ENABLE TRIGGER USER"))
        return
    found = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'")
    )
    triggers = [(row.name, row.sql) for row in found]
    for name, _statement in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _name, statement in triggers:
        connection.exec_driver_sql(statement)
