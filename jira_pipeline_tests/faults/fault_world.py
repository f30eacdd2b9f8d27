"""A session, a site and the time between them, in which a schedule happens.

Belongs here: what outlives the processes of a schedule, starting a process, its parts. Does not:
what happens when (`course`), the schedule (`schedules`), whether all is well (`judging`).
"""

import re
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import httpx
from sqlalchemy import Connection, Engine
from typing_extensions import override

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.settle import DecisionReport, compare_where_exported, decide_differences
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.errors import LeaseLostError, PipelineError
from jira_pipeline.model.exports import (
    UNDER_LEASE,
    Decision,
    Destination,
    IssueDifference,
    LedgerEntry,
    ManualFix,
    Target,
    issues_in,
)
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline.model.tickets import TicketDraft
from jira_pipeline.store.engine import create_store_engine
from jira_pipeline.store.locks import FileTargetLease
from jira_pipeline.store.store import Store
from jira_pipeline.store.transactions import Database
from jira_pipeline_tests.contracts.open_stores import open_in, sqlite_url, store_with
from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.export_world import (
    ACCOUNT,
    PROJECT_KEY,
    SESSION_KEY,
    SITE_URL,
    Crash,
    SteadyClock,
    WrappedLedger,
    entries_of,
    fill_store,
    render,
)
from jira_pipeline_tests.crash.other_sites import CopiedThings, copied_things, copy_site
from jira_pipeline_tests.crash.undo_world import ask_site
from jira_pipeline_tests.faults.course import REQUEST_SECONDS, Course
from jira_pipeline_tests.faults.people import People
from jira_pipeline_tests.faults.schedules import SMALL_COUNT, TICKET_COUNTS, Schedule, Standstill
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan, Moment
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import SCOPED_ACCOUNT

SETTLE_HORIZON_SECONDS = 600.0
COMPARED_AFTER_SECONDS = 86_400.0
COMPARED_MAX = 4
SITE_FILE = "sandbox.sqlite"
NEW_SITE_FILE = "new.sqlite"
STORE_FILE = "store.sqlite"
LEASES = "leases"
INSTALLATION_ID = "6f1c0f1e-8f0e-4b52-9d5c-0f3c5a1b2c3d"
"""Of every store, so that a seed gives the same identities each time."""
NUMBER = re.compile(r"(?<=/)[0-9]+(?=/|$)")
OTHER_SITE_ID = "5b0a7c1e-4f1d-4c53-9f0e-2a6d8e3b9c10"
OTHER_SITE_URL = "http://127.0.0.1:8766"
CREATIONS = ("/rest/api/3/issue", "/rest/api/3/issue/bulk")
"""How their paths end; the gateway's have more before."""
CLOUD_SITE_URL = "https://sandbox.atlassian.net"
OTHER_CLOUD_SITE_URL = "https://other.atlassian.net"
SCOPED_WORLD = "scoped_token"
EPIC_KEY = f"{PROJECT_KEY}-1"
COUNT_WITH_EPIC = 8
World = TypeVar("World", bound="FaultWorld")
EPICS = {COUNT_WITH_EPIC: 1, SMALL_COUNT: 2}
"""How many there are before sessions of a size; the others go into a project without any issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a schedule exports with: the product, or a copy with one bug."""

    name: str = "the exporter"
    tools: Callable[[ExportTools, "FaultWorld"], ExportTools] = lambda tools, _world: tools
    transport: Callable[[httpx.BaseTransport], httpx.BaseTransport] = lambda transport: transport
    client: type[JiraClient] = JiraClient


class FaultWorld:
    """Everything that is still there after a crash."""

    def __init__(self, folder: Path, schedule: Schedule, *, build: Build) -> None:
        self.schedule = schedule
        self.folder = folder
        self.course = Course(schedule)
        self.time = self.course.time
        self.sandbox = self._opened(folder / SITE_FILE)
        self.other_site = schedule.other_site
        """The change of the site that is still to come."""
        self.elsewhere = frozenset[str]()
        """Tickets that had an issue, or may have had one, where the session was before."""
        self.copies = CopiedThings()
        self.answered_by: str | None = None
        """Who said that new issues are wanted, whatever is there; None: nobody was asked."""
        self.store = Store(FaultyDatabase(folder, self.course), lock_path=folder / "store.lock")
        """As all processes find it; each writes into a ledger that may end it."""
        self.tickets = tuple(map(render, self.store.tickets.list_all(SESSION_KEY)))
        self.requests: list[str] = []
        """Method and path of every request, without the numbers in it."""
        self.requests_before_writes: list[int] = []
        """How many there were before each write into the ledger."""
        self.processes = 0
        """How many exports were begun."""
        self.impatience: list[str] = []
        """Requests that a process sent before the time a gateway had asked it to wait for."""
        self.others = 0
        """How many exports ran while another was at work."""
        self.nights = 0
        """How many times Jira was compared after everything."""
        self.leases_lost = 0
        """How many leases were taken away."""
        titles = {r.ticket.number: r.summary for r in self.tickets}
        self.people = People(lambda: self.sandbox, self.entries, titles, schedule.people)
        self._build = build
        self._is_other_running = False

    def _opened(self, path: Path) -> FaultySandbox:
        sandbox = FaultySandbox(
            path,
            clock=self.time.server_now,
            faults=FaultPlan(rules=self.schedule.rules, worlds=self.schedule.worlds),
        )
        self.time.after_step = sandbox.commit_due
        return sandbox

    def close(self) -> None:
        self.sandbox.close()
        self.store.close()

    @property
    def is_elsewhere(self) -> bool:
        """The site is not the one that the session began on."""
        return self.schedule.other_site is not None and self.other_site is None

    def change_site(self) -> None:
        """Have the settings name another site from now on."""
        change, self.other_site = self.other_site, None
        if change is None:
            return
        self.sandbox.commit_due(is_everything=True)
        path = self.folder / "other.sqlite"
        if change.is_copy:
            copy_site(self.sandbox, path, site_id=OTHER_SITE_ID)
        else:
            shutil.copy(self.folder / NEW_SITE_FILE, path)
            with closing(sqlite3.connect(path)) as rows, rows:
                rows.execute("UPDATE site SET site_id = ?", (OTHER_SITE_ID,))
        self.elsewhere = frozenset(issues_in(self.entries()))
        self.sandbox.close()
        self.sandbox = self._opened(path)
        self.copies = copied_things(self.sandbox)

    def run_other(self) -> None:
        """Run another export of the session to its end, in the middle of the one at work.

        It has a clock of its own; how it ends is its own business.
        """
        if self._is_other_running:
            return
        self._is_other_running = True
        self.others += 1
        client_seconds, began = self.time.client_seconds, self.time.server_seconds
        try:
            self.run_process()
        except (Crash, PipelineError):
            pass
        finally:
            self._is_other_running = False
            self.time.client_seconds = client_seconds + self.time.server_seconds - began

    def pause(self, standstill: Standstill) -> None:
        """Be silent, so that the lease is taken away and another export runs, or alone."""
        if standstill.is_alone:
            self.time.sleep(standstill.seconds)
        elif not self._is_other_running:
            self.time.sleep(standstill.seconds)
            self.leases_lost += 1
            for lock in (self.folder / LEASES).glob("*.lock"):
                lock.unlink()
            self.run_other()

    def ask_beside(self) -> None:
        """Let somebody else ask the site something; what strikes at it, strikes there."""
        with suppress(httpx.TransportError):
            request = httpx.Request("GET", f"{SITE_URL}/rest/api/3/serverInfo")
            SandboxTransport(self.sandbox).handle_request(request)

    def before_request(self, number: int, request: httpx.Request) -> None:
        self.requests.append(f"{request.method} {NUMBER.sub('…', request.url.path)}")
        if self.course.is_deletion_due(number):
            self.delete_issues()
        self.people.act_before(number, request)

    def delete_issues(self) -> None:
        """Let people delete issues of the session: all of them, or every third."""
        deletion, self.course.deletion = self.course.deletion, None
        if deletion is None:
            return
        titles = {rendered.summary for rendered in self.tickets}
        with self.sandbox.state.reading() as rows:
            issues = [
                row["id"]
                for row in rows.execute("SELECT id, summary FROM issue ORDER BY id")
                if row["summary"] in titles
            ]
        for issue_id in issues if deletion.is_all else issues[::3]:
            self.delete(issue_id)

    def delete(self, issue_id: int) -> None:
        ask_site(self.sandbox, "DELETE", f"/rest/api/3/issue/{issue_id}", account=ACCOUNT[0])

    def open_differences(self) -> tuple[IssueDifference, ...]:
        target = self.target
        filed = target and self.store.comparisons.latest(SESSION_KEY, target_id=target.target_id)
        return tuple(d for d in filed.differences if d.is_open) if filed else ()

    @property
    def target(self) -> Target | None:
        """The target on the site of now, once it is known; one that said no id is its address."""
        names = {self._cloud_id(), self._address}
        return next((t for t in self.store.ledger.targets() if t.site_id in names), None)

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return what the ledger has of the session, on any site."""
        return entries_of(self.store)

    def fixes(self) -> tuple[ManualFix, ...]:
        """Return what people were told, about any site."""
        return self.store.manual_fixes.list_all(SESSION_KEY)

    def percentages(self) -> tuple[float, ...]:
        """Return every percentage people were shown, in order."""
        with self.store.database.reading() as connection:
            shown = connection.exec_driver_sql("SELECT percentage FROM shown ORDER BY rowid")
            return tuple(shown.scalars())

    def roll_back(self, writes: int) -> None:
        """Take the last entries of the ledger away, as a restored backup does."""
        kept = "SELECT max(sequence) - ? FROM ledger"
        with self.store.database.engine.begin() as connection:
            for statement in (
                f"UPDATE sqlite_sequence SET seq = max(0, ({kept})) WHERE name = 'ledger'",  # noqa: S608 - fixed words
                f"DELETE FROM ledger WHERE sequence > ({kept})",  # noqa: S608 - as above
            ):
                connection.exec_driver_sql(statement, (writes,))

    def decide(self, decision: Decision, *, names: Collection[str] | None) -> DecisionReport:
        tools, order = self._process()
        return decide_differences(tools, order, decision=decision, names=names, by="a person")

    def compare_later(self) -> None:
        """Have Jira compared with the ledger once the index shows all, as every night.

        What comes to be after an export, such as by a request that is replayed late, shows then.
        """
        for _night in range(COMPARED_MAX):
            self.nights += 1
            self.time.sleep(COMPARED_AFTER_SECONDS)
            with suppress(PipelineError, Crash):
                compare_where_exported(*self._process())
                return

    def run_process(self) -> None:
        tools, order = self._process()
        create_issues(tools, order)
        attach_files(tools, order)
        link_issues(tools, order)

    def _process(self) -> tuple[ExportTools, ExportOrder]:
        self.time.client_seconds = 1_000.0 + self.time.server_seconds % 777.0
        lease = ProcessLease(self)
        tools = ExportTools(
            tracker=self._tracker(),
            store=store_with(self.store, ledger=EndingLedger(self, lease), leases=lease),
            sessions=self.store.sessions,
            clock=self.time,
            sleep=self.time.sleep,
            monotonic=self.time.monotonic,
            is_cancelled=lambda: False,
        )
        return self._build.tools(tools, self), self.order()

    def _tracker(self) -> JiraClient:
        clock = PacingClock(
            monotonic=self.time.monotonic, sleep=self.time.sleep, random=lambda: 0.0
        )
        transport = EndingTransport(SandboxTransport(self.sandbox), self)
        base_url, account = self._way()
        return self._build.client(
            base_url, auth=account, transport=self._build.transport(transport), pacing=Pacing(clock)
        )

    def _way(self) -> tuple[str, tuple[str, str]]:
        """Return address and account of the next process.

        In the world of tokens with scopes they change from one process to the next: the site with a
        token it takes, the site with one it refuses, the gateway.
        """
        self.processes += 1
        if SCOPED_WORLD not in self.schedule.worlds:
            return self._address, ACCOUNT
        scoped = (SCOPED_ACCOUNT, ACCOUNT[1])
        ways = (
            (self._address, ACCOUNT),
            (self._address, scoped),
            (f"https://api.atlassian.com/ex/jira/{self._cloud_id()}", scoped),
        )
        return ways[(self.schedule.seed + self.processes) % len(ways)]

    @property
    def _address(self) -> str:
        addresses = (SITE_URL, OTHER_SITE_URL)
        if SCOPED_WORLD in self.schedule.worlds:
            addresses = (CLOUD_SITE_URL, OTHER_CLOUD_SITE_URL)
        return addresses[self.is_elsewhere]

    def _cloud_id(self) -> str:
        with self.sandbox.state.reading() as rows:
            return str(rows.execute("SELECT site_id FROM site").fetchone()["site_id"])

    def order(self) -> ExportOrder:
        """Order an export of the whole session."""
        return ExportOrder(
            session_key=SESSION_KEY,
            project_key=PROJECT_KEY,
            rendered=self.tickets,
            is_sandbox=True,
            destination=Destination(address=self._address, project_key=PROJECT_KEY),
            as_new_by=self.answered_by,
            holder="a schedule",
            settle_horizon_seconds=SETTLE_HORIZON_SECONDS,
            batch_size=self.schedule.batch_size,
        )


class FaultyDatabase(Database):
    """The database of a store that may be in trouble at each write."""

    def __init__(self, folder: Path, course: Course) -> None:
        super().__init__(_engine_of(sqlite_url(folder)))
        self._course = course

    @override
    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._course.before_store_write()
        with super().writing() as connection:
            yield connection


@cache
def _engine_of(url: str) -> Engine:
    """Make one engine for all worlds that are in one place in turn: it compiles a statement once."""
    return create_store_engine(url)


class ProcessLease(FileTargetLease):
    """The lease as a process has it, from whom it may be taken away."""

    def __init__(self, world: "FaultWorld") -> None:
        super().__init__(world.folder / LEASES)
        self._world, self._lost_before = world, 0

    @override
    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        self._lost_before = self._world.leases_lost
        with super().hold(target_id, holder=holder):
            yield

    @override
    def is_held(self, target_id: str) -> bool:
        return super().is_held(target_id) and self._lost_before == self._world.leases_lost


class EndingLedger(WrappedLedger):
    """The ledger, at whose writes a process may end; it takes intents under the lease only."""

    def __init__(self, world: FaultWorld, lease: ProcessLease) -> None:
        super().__init__(world.store.ledger)
        self._world, self._lease = world, lease

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Keep one entry, or end before or after it, or pause."""
        number = self._world.course.pass_point("write")
        self._world.requests_before_writes.append(len(self._world.requests))
        if entry.event in UNDER_LEASE and not self._lease.is_held(entry.target_id):
            raise LeaseLostError(target=entry.target_id, reason="it was taken away")
        written = super().append(entry)
        self._world.course.end_at("write", number, Moment.AFTER)
        standstill = self._world.course.standstill_after(number)
        if standstill is not None:
            self._world.pause(standstill)
        return written


class EndingTransport(httpx.BaseTransport):
    """The way to the site, on which a process may end."""

    def __init__(self, transport: httpx.BaseTransport, world: FaultWorld) -> None:
        self._transport = transport
        self._world = world
        self._asked_until = world.time.server_now()

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        points = ["request", *(["creation"] if is_creation(request) else [])]
        if request.method == "POST" and request.url.path.endswith("/comment"):
            points.append("comment")
        course = self._world.course
        numbers = {point: course.pass_point(point) for point in points}
        self._world.before_request(numbers["request"], request)
        if course.is_second_due(numbers["request"]):
            self._world.run_other()
        course.time.sleep(REQUEST_SECONDS)
        if course.time.server_now() < self._asked_until:
            self._world.impatience.append(f"{request.method} {request.url.path} came too soon")
        try:
            response = self._transport.handle_request(request)
            self._world.people.act_after(request)
            if response.headers.get("retry-after", "").endswith("GMT"):
                self._asked_until = parsedate_to_datetime(response.headers["retry-after"])
            return response
        finally:
            for point, number in numbers.items():
                course.end_at(point, number, Moment.AFTER)


def is_creation(request: httpx.Request) -> bool:
    return request.url.path.endswith(CREATIONS)


def drafts_of(count: int) -> tuple[TicketDraft, ...]:
    """Return a session's drafts: a chain, a fan and loners, numbered against their order."""
    return tuple(_draft(of, count) for of in range(1, count + 1))


def _draft(of: int, count: int) -> TicketDraft:
    if count == SMALL_COUNT:
        return _small_draft(of)
    depends_on = {1: (f"t{count:02}",), 3: ("t01", "t02"), 5: ("t03",), 6: ("t04",), 7: ("t04",)}
    return a_draft(
        of,
        depends_on=depends_on.get(of, ()),
        relates_to={2: ("t05",), 4: ("t03",)}.get(of, ()),
        assignee={2: "ada@sandbox.example"}.get(of),
        sprint={4: "SBX Sprint 2"}.get(of),
        parent=EPIC_KEY if (of, count) == (5, COUNT_WITH_EPIC) else None,
    )


def _small_draft(of: int) -> TicketDraft:
    """Return a draft of a session in which each kind of write is there once or twice."""
    return a_draft(
        of,
        depends_on=("t01", "t02") if of == SMALL_COUNT else (),
        sprint="SBX Sprint 2" if of == 1 else None,
        parent=EPIC_KEY if of == 1 else None,
    )


def make_ready(folder: Path) -> None:
    """Make the sites and stores that schedules begin with copies of, by number of tickets."""
    for count in (SMALL_COUNT, *TICKET_COUNTS):
        own = folder / str(count)
        own.mkdir(parents=True)
        with JiraSandbox(own / SITE_FILE, clock=SteadyClock().now) as sandbox:
            for number in range(1, EPICS.get(count, 0) + 1):
                _create_epic(sandbox, f"{PROJECT_KEY}-{number}")
        with open_in(own) as store:
            fill_store(store, drafts_of(count))
            with store.database.engine.begin() as connection:
                for statement in PREPARED:
                    connection.exec_driver_sql(statement)


PREPARED = (
    f"UPDATE installation SET installation_id = '{INSTALLATION_ID}'",  # noqa: S608 - fixed words
    "DROP TRIGGER ledger_refuses_delete",
    "CREATE TABLE shown (percentage REAL)",
    """
    CREATE TRIGGER shown AFTER UPDATE OF progress_percentage ON sessions
    BEGIN INSERT INTO shown VALUES (NEW.progress_percentage); END
    """,
)
"""The last entries of its ledger can be taken away; every percentage that was shown is kept."""


def _create_epic(sandbox: JiraSandbox, key: str) -> None:
    client = JiraClient(SITE_URL, auth=ACCOUNT, transport=SandboxTransport(sandbox))
    project = client.project(PROJECT_KEY)
    types = {kind.name: kind.issue_type_id for kind in client.issue_types(project.project_id)}
    fields = {
        "project": {"id": project.project_id},
        "issuetype": {"id": types["Epic"]},
        "summary": "The site",
    }
    created = client.create_issue(fields, {})
    if not isinstance(created, Created) or created.remote_key != key:
        raise AssertionError(created)


@contextmanager
def open_fault_world(
    runner_folder: Path, schedule: Schedule, *, build: Build, kind: type[World]
) -> Iterator[World]:
    """Copy a site and a store and open a world around them."""
    ready, folder = runner_folder / "ready" / str(schedule.ticket_count), runner_folder / "world"
    shutil.copytree(ready, folder)
    shutil.copy(ready / SITE_FILE, folder / NEW_SITE_FILE)
    world = kind(folder, schedule, build=build)
    try:
        yield world
    finally:
        world.close()
        shutil.rmtree(folder)
