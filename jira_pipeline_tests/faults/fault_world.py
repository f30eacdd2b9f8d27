"""A session, a site and the time between them, in which a schedule happens.

Belongs here: what outlives the processes of a schedule, starting a process, its parts. Does not:
what happens when (`course`), the schedule (`schedules`), whether all is well (`judging`).
"""

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path

import httpx
from typing_extensions import override

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.deciding import DecisionReport, decide_differences
from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.roles import ExportLedger
from jira_pipeline.export.settle import compare_where_exported
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http.transport import SandboxTransport
from jira_pipeline.model.errors import LeaseLostError, PipelineError
from jira_pipeline.model.export_ledger import (
    UNDER_LEASE,
    Destination,
    LedgerEntry,
    Target,
    issues_in,
)
from jira_pipeline.model.exports import Decision, IssueDifference
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_drafts import TicketDraft
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import SHA, a_draft
from jira_pipeline_tests.contracts.wrapped_ledger import WrappedLedger
from jira_pipeline_tests.crash.export_world import (
    ACCOUNT,
    PROJECT_KEY,
    SESSION_KEY,
    SITE_URL,
    Crash,
    SteadyClock,
    fill_store,
    render,
    validation_of,
)
from jira_pipeline_tests.crash.other_sites import CopiedThings, copied_things, copy_site
from jira_pipeline_tests.crash.undo_world import ask_site
from jira_pipeline_tests.faults.course import REQUEST_SECONDS, Course
from jira_pipeline_tests.faults.memory_stores import (
    MemoryComparisons,
    MemoryFixes,
    MemoryLease,
    MemoryLedger,
    OneSession,
)
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
        self._folder = folder
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
        self.tickets = tickets_of(schedule.ticket_count)
        self.requests: list[str] = []
        """Method and path of every request, without the numbers in it."""
        self.requests_before_writes: list[int] = []
        """How many there were before each write into the ledger."""
        before_write = self.course.before_store_write
        self.ledger = MemoryLedger(before_write)
        self.fixes = MemoryFixes(before_write)
        self.comparisons = MemoryComparisons(before_write)
        self.session = OneSession(
            validation_of(list(self.tickets)), content_sha256=SHA, before_write=before_write
        )
        self.processes = 0
        """How many exports were begun."""
        self.impatience: list[str] = []
        """Requests that a process sent before the time a gateway had asked it to wait for."""
        self.others = 0
        """How many exports ran while another was at work."""
        self._leases = MemoryLease()
        self.lease = ProcessLease(self._leases)
        """Of the process that runs now."""
        titles = {r.ticket.number: r.summary for r in self.tickets}
        self.people = People(lambda: self.sandbox, self.ledger, titles, schedule.people)
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
        path = self._folder / "other.sqlite"
        if change.is_copy:
            copy_site(self.sandbox, path, site_id=OTHER_SITE_ID)
        else:
            shutil.copy(self._folder / NEW_SITE_FILE, path)
            with closing(sqlite3.connect(path)) as rows, rows:
                rows.execute("UPDATE site SET site_id = ?", (OTHER_SITE_ID,))
        self.elsewhere = frozenset(issues_in(self.ledger.all_entries()))
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
        own, client_seconds = self.lease, self.time.client_seconds
        began = self.time.server_seconds
        try:
            self.run_process()
        except (Crash, PipelineError):
            pass
        finally:
            self._is_other_running = False
            self.lease = own
            self.time.client_seconds = client_seconds + self.time.server_seconds - began

    def pause(self, standstill: Standstill) -> None:
        """Be silent, so that the lease is taken away and another export runs, or alone."""
        if standstill.is_alone:
            self.time.sleep(standstill.seconds)
        elif not self._is_other_running:
            self.time.sleep(standstill.seconds)
            self._leases.take_away()
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
        filed = target and self.comparisons.latest(SESSION_KEY, target_id=target.target_id)
        return tuple(d for d in filed.differences if d.is_open) if filed else ()

    @property
    def target(self) -> Target | None:
        """The target on the site of now, once it is known; one that said no id is its address."""
        names = {self._cloud_id(), self._address}
        return next((one for one in self.ledger.targets() if one.site_id in names), None)

    def decide(self, decision: Decision, *, names: Collection[str] | None) -> DecisionReport:
        tools, order = self._process()
        return decide_differences(tools, order, decision=decision, names=names, by="a person")

    def compare_later(self) -> None:
        """Have Jira compared with the ledger once the index shows all, as every night.

        What comes to be after an export, such as by a request that is replayed late, shows then.
        """
        for _night in range(COMPARED_MAX):
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
        self.lease = ProcessLease(self._leases)
        tools = ExportTools(
            tracker=self._tracker(),
            ledger=EndingLedger(self.ledger, self),
            lease=self.lease,
            sessions=self.session,
            tickets=self.session,
            validations=self.session,
            fixes=self.fixes,
            comparisons=self.comparisons,
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


class ProcessLease:
    def __init__(self, leases: MemoryLease) -> None:
        self._leases = leases
        self._held: object = None

    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        with self._leases.hold(target_id, holder=holder):
            self._held = self._leases.current()
            yield

    def check(self) -> None:
        """Raise LeaseLostError where what was held is another's now, or nobody's."""
        if self._leases.current() is not self._held:
            raise LeaseLostError(target="the site", reason="it was taken away")


class EndingLedger(WrappedLedger):
    """The ledger, at whose writes a process may end; it takes intents under the lease only."""

    def __init__(self, ledger: ExportLedger, world: FaultWorld) -> None:
        super().__init__(ledger)
        self._world = world
        self._lease = world.lease

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Keep one entry, or end before or after it, or pause."""
        number = self._world.course.pass_point("write")
        self._world.requests_before_writes.append(len(self._world.requests))
        if entry.event in UNDER_LEASE:
            self.check_lease()
        written = self._ledger.append(entry)
        self._world.course.end_at("write", number, Moment.AFTER)
        standstill = self._world.course.standstill_after(number)
        if standstill is not None:
            self._world.pause(standstill)
        return written

    def check_lease(self) -> None:
        """Refuse an intent where the lease is gone."""
        self._lease.check()


class EndingTransport(httpx.BaseTransport):
    """The way to the site, on which a process may end."""

    def __init__(self, transport: httpx.BaseTransport, world: FaultWorld) -> None:
        self._transport = transport
        self._world = world
        self._asked_until = world.time.server_now()

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        points = ["request", *(["creation"] if is_creation(request) else [])]
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


@cache
def tickets_of(count: int) -> tuple[RenderedTicket, ...]:
    """Return the session's tickets, validated and ready; stored once to be made as the store does."""
    with tempfile.TemporaryDirectory() as folder, open_in(Path(folder)) as store:
        fill_store(store, drafts_of(count))
        return tuple(render(ticket) for ticket in store.tickets.list_all(SESSION_KEY))


def make_ready(folder: Path) -> None:
    """Make the sites that schedules begin with copies of, one for each number of tickets."""
    folder.mkdir(parents=True, exist_ok=True)
    for count in (SMALL_COUNT, *TICKET_COUNTS):
        with JiraSandbox(folder / f"{count}.sqlite", clock=SteadyClock().now) as sandbox:
            for number in range(1, EPICS.get(count, 0) + 1):
                _create_epic(sandbox, f"{PROJECT_KEY}-{number}")


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
    ready_folder: Path, folder: Path, schedule: Schedule, *, build: Build
) -> Iterator[FaultWorld]:
    """Copy a site and open a world around it."""
    folder.mkdir(parents=True)
    for name in (SITE_FILE, NEW_SITE_FILE):
        shutil.copy(ready_folder / f"{schedule.ticket_count}.sqlite", folder / name)
    world = FaultWorld(folder, schedule, build=build)
    try:
        yield world
    finally:
        world.sandbox.close()
        shutil.rmtree(folder)
