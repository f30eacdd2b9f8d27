"""Kills a real export at a point or a moment, lets another carry on, and judges the site.

Belongs here: kills, points, restored backups of the ledger. Does not: the processes (`processes`),
what must be true of the site (`export_world`).
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

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import _database, sqlite_url
from jira_pipeline_tests.crash.epics_world import take_epic
from jira_pipeline_tests.crash.export_world import (
    DRAFTS,
    SESSION_KEY,
    ExportWorld,
    SteadyClock,
    Tripwire,
    fill_store,
    violations_of,
)
from jira_pipeline_tests.crash.handmade_world import HANDMADE, make_by_hand, take_over_titles
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
from jira_pipeline_tests.crash.update_world import LATER_DRAFTS, edit, violations_of_update
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.store.session_locks import end_holders, until

SITE_FILE = "sandbox.sqlite"
EDITED = "t02"
"""The ticket whose issue a person edited, where tickets changed."""
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

    def __init__(
        self,
        folder: Path,
        *,
        postgres_url: str | None = None,
        is_deleted: bool = False,
        is_changed: bool = False,
        has_epics: bool = False,
        is_adopting: bool = False,
    ) -> None:
        """Fill the store that is copied; on PostgreSQL where a server is given.

        With `has_epics` the session wants an epic; with `is_adopting` people made issues for three of
        its tickets, which the export takes over. With `is_deleted` the session was exported, and people deleted all of its issues. With
        `is_changed` three of its tickets changed since, and a person edited the issue of one.
        """
        self.is_changed = is_changed
        self._has_epics = has_epics
        self._adopts = HANDMADE if is_adopting else {}
        self._folder = folder
        self._numbers = count(1)
        self._postgres_url = postgres_url
        self.is_on_postgres = postgres_url is not None
        self.killed_count = 0
        """How many exports did not end by themselves first."""
        self._open = ExitStack()
        self._ready = folder / "ready"
        self._ready.mkdir(parents=True)
        JiraSandbox(self._ready / SITE_FILE, clock=SteadyClock().now).close()
        self._ready_url = (
            sqlite_url(self._ready)
            if postgres_url is None
            else self._open.enter_context(_database(postgres_url))
        )
        with open_store(self._ready_url, lock_path=self._ready / "store.lock") as store:
            fill_store(store)
        if is_deleted or is_changed:
            self._export()
        if is_adopting:
            with FaultySandbox(self._ready / SITE_FILE, clock=SteadyClock().now) as sandbox:
                make_by_hand(sandbox)
        self._begun = 0
        """The last entry before what is killed: links that a ledger forgot count as other people's."""
        if is_changed:
            with open_store(self._ready_url, lock_path=self._ready / "store.lock") as store:
                fill_store(store, LATER_DRAFTS)
                [target] = store.ledger.targets()
                known = store.ledger.entries(target_id=target.target_id, session_key=SESSION_KEY)
                self._begun = max(entry.sequence for entry in known)

    def _export(self) -> None:
        """Export the session; then people edit one of its issues, or delete all."""
        site_path = self._ready / SITE_FILE
        with site_process(site_path) as site_url:
            place = Place(database_url=self._ready_url, folder=self._ready, site_url=site_url)
            export(place, Tripwire())
        with FaultySandbox(site_path, clock=SteadyClock().now) as sandbox:
            if self.is_changed:
                edit(ExportWorld(folder=self._ready, sandbox=sandbox), EDITED)
                return
            with sandbox.state.writing() as rows:
                rows.execute("DELETE FROM issue")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._open.close()

    def points(self) -> list[str]:
        """Return the names of all points an export passes, in order."""
        wire = Tripwire()
        with self.place() as (place, _sandbox_path):
            export(place, wire)
        return wire.passed

    def seconds_of_an_export(self) -> float:
        with self.place() as (place, _sandbox_path):
            began = time.monotonic()
            ended(start(export_and_die, place, None))
            return time.monotonic() - began

    def wrong_after(self, kill: Kill) -> list[str]:
        """Kill an export, let another carry on, and return what is wrong with the site."""
        if kill.is_cut:
            return self._wrong_after_cut(kill)
        with self.place() as (place, sandbox_path):
            process = start(export_and_die, place, kill.point)
            if kill.after_seconds is not None:
                process.join(kill.after_seconds)
                process.kill()
            code = ended(process)
            self.killed_count += code == KILLED
            if kill.lost_writes:
                with place.open_store() as store:
                    lose_writes(store, kill.lost_writes, since=self._begun)
            resume(place, is_restored=kill.lost_writes > 0)
            with FaultySandbox(sandbox_path, clock=SteadyClock().now) as sandbox:
                wrong = self._violations(sandbox)
        if kill.point is not None and code != KILLED:
            wrong.append(f"it ended by itself ({code})")
        return [f"{kill.name}: {text}" for text in wrong]

    def _wrong_after_cut(self, kill: Kill) -> list[str]:
        """Cut a stopped export off its database, wake it beside another, and return what is wrong."""
        with self.place() as (place, sandbox_path):
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
            with FaultySandbox(sandbox_path, clock=SteadyClock().now) as sandbox:
                wrong = self._violations(sandbox)
        if codes != (0, 0):
            wrong.append(f"they ended with {codes}")
        return [f"{kill.name}: {text}" for text in wrong]

    def _violations(self, sandbox: FaultySandbox) -> list[str]:
        if not self.is_changed:
            wrong = take_epic(sandbox) if self._has_epics else []
            wrong += take_over_titles(sandbox) if self._adopts else []
            return [*wrong, *violations_of(sandbox, DRAFTS, is_ordered=not self._adopts)]
        world = ExportWorld(folder=self._folder, sandbox=sandbox)
        return violations_of_update(world, edited=[EDITED])

    @contextmanager
    def place(self) -> Iterator[tuple[Place, Path]]:
        """Give a fresh store and a site in a process of its own, with the site's file."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        shutil.copy(self._ready / SITE_FILE, folder / SITE_FILE)
        with self._database(folder) as url, site_process(folder / SITE_FILE) as site_url:
            place = Place(
                database_url=url,
                folder=folder,
                site_url=site_url,
                is_updating=self.is_changed,
                has_epics=self._has_epics,
                adopts=self._adopts,
            )
            yield place, folder / SITE_FILE
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
