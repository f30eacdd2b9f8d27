"""A session, a site and the time between them, in which a schedule happens.

Belongs here: what outlives the processes of a schedule, what befalls the site, starting a process and
its parts. Does not: what they begin with (`beginnings`), what happens at which point (`course`), what
people do (`people`), which process is started when (`running`), whether all is well (`judging`).
"""

import re
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import cache, partial
from pathlib import Path

import httpx
from sqlalchemy import Connection, Engine
from typing_extensions import override

from jira_pipeline.export.adoption import adopt_issues
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder, ExportTools, SessionEpics
from jira_pipeline.export.issue_decisions import DecisionReport, decide_differences
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.settle import compare_where_exported
from jira_pipeline.export.undo import KeptIssue, undo_export
from jira_pipeline.export.updating import update_issues
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.differences import Decision, IssueDifference
from jira_pipeline.model.errors import LeaseLostError, PipelineError
from jira_pipeline.model.exports import (
    UNDER_LEASE,
    Destination,
    LedgerEntry,
    Target,
    identity_of,
    issue_keys,
)
from jira_pipeline.model.manual_fixes import ManualFix
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.store.locks import FileTargetLease
from jira_pipeline.store.store import Store, create_store_engine
from jira_pipeline.store.transactions import Database
from jira_pipeline_tests.contracts.open_stores import sqlite_url, store_with
from jira_pipeline_tests.crash.by_hand import SITE_URL, ask_site, consent_in
from jira_pipeline_tests.crash.epics_world import epics_in
from jira_pipeline_tests.crash.export_world import ACCOUNT, Crash, WrappedLedger
from jira_pipeline_tests.crash.other_sites import CopiedThings, copied_things, copy_site
from jira_pipeline_tests.crash.sessions import PROJECT_KEY, SESSION_KEY, changes_of, entries_of
from jira_pipeline_tests.faults.adoptions import Adoptions, adoptions_of_handmade
from jira_pipeline_tests.faults.beginnings import (
    INSTALLATION_ID,
    SITE_FILE,
    Beginning,
    change_tickets,
    rendered_tickets,
)
from jira_pipeline_tests.faults.course import REQUEST_SECONDS, Course
from jira_pipeline_tests.faults.people import ByPerson, People
from jira_pipeline_tests.faults.schedules import (
    Act,
    AnotherAccount,
    LifeWorld,
    Meanwhile,
    Schedule,
    SiteAct,
    Standstill,
    Step,
    Verb,
)
from jira_pipeline_tests.jira.sandbox_faults import site_acts
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan, Moment
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import SCOPED_ACCOUNT

SETTLE_HORIZON_SECONDS = 600.0
COMPARED_AFTER_SECONDS = 86_400.0
COMPARED_MAX = 4
NEW_SITE_FILE = "new.sqlite"
BACKUP_FILE = "backup.sqlite"
LEASES = "leases"
NUMBER = re.compile(r"(?<=/)[0-9]+(?=/|$)")
DELETION = re.compile(r"/rest/api/3/issue/[0-9]+")
OTHER_SITE_ID = "5b0a7c1e-4f1d-4c53-9f0e-2a6d8e3b9c10"
OTHER_SITE_URL = "http://127.0.0.1:8766"
CREATIONS = ("/rest/api/3/issue", "/rest/api/3/issue/bulk")
"""How their paths end; the gateway's have more before."""
CLOUD_SITE_URL = "https://sandbox.atlassian.net"
OTHER_CLOUD_SITE_URL = "https://other.atlassian.net"
SCOPED_WORLD = "scoped_token"
ANOTHER_ACCOUNT = ("grace@sandbox.example", "canary-token-9c1d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a schedule exports with: the product, or a copy with one bug."""

    name: str = "the exporter"
    tools: Callable[[ExportTools, "FaultWorld"], ExportTools] = lambda tools, _world: tools
    transport: Callable[[httpx.BaseTransport], httpx.BaseTransport] = lambda transport: transport
    client: type[JiraClient] = JiraClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReport:
    """How one process of a schedule ended."""

    error: PipelineError | None
    """None when it was done or crashed."""
    is_crashed: bool
    percentages: tuple[float, ...]
    """The percentages it told, in order."""
    is_decision: bool
    """A person decided about differences; an export follows."""
    request_count: int
    """How many requests there were until then, since the beginning."""
    write_count: int
    """As above, of writes into the ledger."""

    @property
    def is_done(self) -> bool:
        return self.error is None and not self.is_crashed


class FaultWorld:
    """Everything that is still there after a crash."""

    def __init__(
        self, folder: Path, schedule: Schedule, beginning: Beginning, *, build: Build
    ) -> None:
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
        self.step = schedule.begins_at
        """The step at which the schedule is."""
        self.tickets = rendered_tickets(self.store, self._steps_until_now)
        self.former = beginning.former or self.tickets
        """What each ticket said before the first step."""
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
        self.left: dict[int, str] = {}
        """Why the last update left issues, by number of ticket."""
        self.kept: list[KeptIssue] = []
        """What undos kept."""
        titles = {one.ticket.number: one.summary for one in self.former}
        self.people = People(lambda: self.sandbox, self.entries, titles)
        self.people.deeds += [replace(deed) for deed in beginning.deeds]
        self.adoptions: Adoptions | None = None
        self._build = build
        self._is_other_running = False
        self._due: list[Meanwhile] = []
        self._requests_before = self._deletions = self._deeds_kept = 0
        self.hidden: dict[int, int] = {}
        """Issues that are hidden, by number of their ticket."""

        if schedule.life is LifeWorld.HANDMADE_ISSUES:
            self.adoptions = adoptions_of_handmade(self.people, self.sandbox)

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

    # What happens.

    @property
    def verb(self) -> Verb:
        return self.schedule.steps[self.step].verb

    @property
    def _steps_until_now(self) -> Sequence[Step]:
        return self.schedule.steps[: self.step + 1]

    def begin(self, step: int) -> None:
        """Come to a step: what befell the site before it, and what people decided about tickets."""
        self.step = step
        self._requests_before, self._deletions = len(self.requests), 0
        self._due += [event for event in self.schedule.every(Meanwhile) if event.step == step]
        self._let_happen()
        if self.adoptions is not None:
            self.adoptions.begin(self.schedule.steps[step].pairs)
        if step > self.schedule.begins_at:
            self.change_tickets()

    def change_tickets(self) -> None:
        change_tickets(self.store, self.schedule.ticket_count, self._steps_until_now)
        self.tickets = rendered_tickets(self.store, self._steps_until_now)

    def before_request(self, number: int, request: httpx.Request) -> None:
        self.requests.append(f"{request.method} {NUMBER.sub('…', request.url.path)}")
        if self.course.is_deletion_due(number):
            self.delete_issues()
        self._let_happen()
        self.people.act_before(request)
        self._deletions += request.method == "DELETE" and bool(DELETION.search(request.url.path))

    def _let_happen(self) -> None:
        """Let happen what is due before a request, or before the step."""
        passed = len(self.requests) - self._requests_before
        due = [
            event
            for event in self._due
            if (self._deletions >= event.deletion if event.deletion else passed >= event.request)
        ]
        self._due = [event for event in self._due if event not in due]
        for event in due:
            if isinstance(event.what, Act):
                self.people.act(ByPerson(event.what, event.ticket, is_first=not event.request))
            else:
                self._befall(event.what, event.ticket)

    def _befall(self, what: SiteAct, ticket: int) -> None:
        site, backup = self.sandbox, self.folder / BACKUP_FILE
        issue_id = self.people.issue_id(ticket)
        match what:
            case SiteAct.BACK_UP:
                self._deeds_kept = len(self.people.deeds)
                site_acts.back_up(site, backup)
            case SiteAct.RESTORE if backup.exists():
                restoring = partial(site_acts.restore, site, backup)
                self.people.live_through(restoring, kept=self._deeds_kept)
            case SiteAct.HIDE if issue_id is not None:
                self.hidden[ticket] = issue_id
                site_acts.hide(site, issue_id)
            case SiteAct.SHOW if ticket in self.hidden:
                site_acts.show(site, self.hidden.pop(ticket))
            case _:
                pass

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
        self.elsewhere = frozenset(issue_keys(self.entries()))
        self.sandbox.close()
        self.sandbox = self._opened(path)
        # it calls itself by its own address, as sites do, where it does not say its id
        self.sandbox.set_base_url(OTHER_SITE_URL)
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

    def roll_back(self, writes: int) -> None:
        """Take the last entries of the ledger away, as a restored backup does."""
        kept = "SELECT max(sequence) - ? FROM ledger"
        with self.store.database.engine.begin() as connection:
            for statement in (
                f"UPDATE sqlite_sequence SET seq = max(0, ({kept})) WHERE name = 'ledger'",  # noqa: S608 - fixed words
                f"DELETE FROM ledger WHERE sequence > ({kept})",  # noqa: S608 - as above
            ):
                connection.exec_driver_sql(statement, (writes,))

    # What the store says.

    def open_differences(self) -> tuple[IssueDifference, ...]:
        target = self.target
        filed = target and self.store.comparisons.latest(SESSION_KEY, target_id=target.target_id)
        return tuple(d for d in filed.differences if d.is_open) if filed else ()

    @property
    def target(self) -> Target | None:
        """The target on the site of now, once it is known; one that said no id is its address."""
        names = {self._cloud_id(), self._address}
        return next((t for t in self.store.ledger.targets() if t.site_id in names), None)

    def identity(self, target: Target, ticket_id: str) -> str:
        return identity_of(
            installation_id=INSTALLATION_ID,
            target_id=target.target_id,
            session_key=SESSION_KEY,
            ticket_id=ticket_id,
        )

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

    # Processes.

    def run(
        self, work: Callable[[], object] | None = None, *, is_decision: bool = False
    ) -> ProcessReport:
        """Do the step, or something else, in a process of its own, and say how that ended."""
        shown_before = len(self.percentages())
        error: PipelineError | None = None
        is_crashed = False
        try:
            (work or self.run_process)()
        except Crash:
            is_crashed = True
        except PipelineError as stopped:
            error = stopped
        return ProcessReport(
            error=error,
            is_crashed=is_crashed,
            percentages=self.percentages()[shown_before:],
            is_decision=is_decision,
            request_count=len(self.requests),
            write_count=len(self.requests_before_writes),
        )

    def run_process(self) -> None:
        """Do the step to its end."""
        tools, order = self._process()
        match self.verb:
            case Verb.UNDO:
                self.kept += undo_export(tools, order, by="a schedule").kept
            case Verb.ADOPT if self.adoptions is not None:
                pairs = self.adoptions.pairs
                self.adoptions.note(adopt_issues(tools, order, pairs=pairs, by="a schedule"))
            case Verb.GIVE_BACK if self.adoptions is not None:
                if issue_keys(self.entries()):  # else the session is at no site, and is refused
                    names = [str(number) for number in self.adoptions.pairs]
                    forgetting = partial(_decide, tools, order, Decision.FORGET, names=names)
                    self.adoptions.giving_back(self.adoptions.pairs, forgetting)
            case verb:
                # somebody looks at the plan before each start
                choice = UpdateChoice(overwrites=tuple(self._consents()))
                order = replace(order, update=choice)
                create_issues(tools, order)
                if verb is Verb.UPDATE:
                    changes = partial(self._changes, order)
                    self.left = dict(update_issues(tools, order, changes=changes).left)
                attach_files(tools, order)
                link_issues(tools, order)

    def decide(self, decision: Decision, *, names: Collection[str] | None) -> DecisionReport:
        return _decide(*self._process(), decision, names=names)

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
        exchanged = [e.process <= self.processes for e in self.schedule.every(AnotherAccount)]
        if SCOPED_WORLD not in self.schedule.worlds:
            return self._address, ANOTHER_ACCOUNT if sum(exchanged) % 2 else ACCOUNT
        scoped = (SCOPED_ACCOUNT, ACCOUNT[1])
        ways = (
            (self._address, ACCOUNT),
            (self._address, scoped),
            (f"https://api.atlassian.com/ex/jira/{self._cloud_id()}", scoped),
        )
        return ways[(self.schedule.seed + self.processes) % len(ways)]

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts whose tokens processes use."""
        is_two = bool(self.schedule.every(AnotherAccount))
        return (ACCOUNT[0], ANOTHER_ACCOUNT[0]) if is_two else ACCOUNT[:1]

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
            find_epics=self._find_epics,
        )

    def _find_epics(self) -> SessionEpics:
        is_with_epics = self.schedule.life is LifeWorld.NEW_CHILD
        return epics_in(self.store) if is_with_epics else SessionEpics()

    def _consents(self) -> Iterator[str]:
        for number in self.schedule.overwrites:
            for deed in self.people.edits_of(f"t{number:02}"):
                deed.is_given_up = True
            issue_id = self.people.issue_id(number)
            if issue_id is not None:
                yield consent_in(self.sandbox, str(issue_id), number=number)

    def changed_tickets(self) -> set[str]:
        """Return the tickets whose issues do not say what they say, as the ledger has it."""
        return {change.ticket_id for change in self._changes(self.order())}

    def _changes(self, order: ExportOrder) -> tuple[LaterChange, ...]:
        return changes_of(order, self.entries())


def _decide(
    tools: ExportTools, order: ExportOrder, decision: Decision, *, names: Collection[str] | None
) -> DecisionReport:
    return decide_differences(tools, order, decision=decision, names=names, by="a person")


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

    def __init__(self, world: FaultWorld) -> None:
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
        points = ["request", *(["creation"] if request.url.path.endswith(CREATIONS) else [])]
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


@contextmanager
def open_fault_world(
    folder: Path, schedule: Schedule, beginning: Beginning, *, build: Build
) -> Iterator[FaultWorld]:
    """Copy a site and a store and open a world around them."""
    shutil.copytree(beginning.folder, folder)
    shutil.copy(folder / SITE_FILE, folder / NEW_SITE_FILE)
    world = FaultWorld(folder, schedule, beginning, build=build)
    try:
        yield world
    finally:
        world.close()
        shutil.rmtree(folder)
