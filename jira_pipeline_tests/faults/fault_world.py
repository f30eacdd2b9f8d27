"""A session, a site and the time between them, in which a schedule happens.

Belongs here: what outlives the processes of a schedule, starting a process, ending it where the
schedule says. Does not: what the schedule is (`schedules`), whether all is well (`judging`).
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
from typing_extensions import override

from jira_pipeline.domain.export_ledger import LedgerEntry, Target
from jira_pipeline.domain.issue_tracker import Created, IssueTracker
from jira_pipeline.domain.ports import ExportLedger, TicketDraft
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.jira_client.pacing import Pacing, PacingClock
from jira_pipeline.jira_sandbox.faults import FaultPlan, Moment
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.transport import SandboxTransport
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools
from jira_pipeline.stages.jira_export.steps import attach_files, create_issues, link_issues
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import SHA, START, a_draft
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
from jira_pipeline_tests.faults.memory_stores import (
    MemoryFixes,
    MemoryLease,
    MemoryLedger,
    OneSession,
)
from jira_pipeline_tests.faults.schedules import (
    TICKET_COUNTS,
    ClockJump,
    ProcessEnd,
    Schedule,
)

SETTLE_HORIZON_SECONDS = 600.0
REQUEST_SECONDS = 0.05
"""What a request takes, on both clocks."""
SITE_FILE = "sandbox.sqlite"
CREATIONS = ("/rest/api/3/issue", "/rest/api/3/issue/bulk")
EPIC_KEY = f"{PROJECT_KEY}-1"
COUNT_WITH_EPIC = 8
"""Sessions of this size go below an epic; the others into a project without any issue."""


@dataclass
class UnkindTime:
    """Two clocks: the server's goes on, the client's wall clock may be set at any time."""

    server_seconds: float = 0.0
    client_seconds: float = 0.0
    """Monotonic, of the running process."""
    wall_offset_seconds: float = 0.0
    after_step: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Let time pass for both."""
        self.server_seconds += seconds
        self.client_seconds += seconds
        self.after_step()

    def monotonic(self) -> float:
        """Return the client's monotonic seconds."""
        return self.client_seconds

    def now(self) -> datetime:
        """Return what the client's wall clock shows."""
        seconds = self.server_seconds + self.wall_offset_seconds
        return START + timedelta(hours=1, seconds=seconds)

    def server_now(self) -> datetime:
        """Return the time of the server."""
        return START + timedelta(hours=1, seconds=self.server_seconds)


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
        """Open the site in the folder."""
        self.schedule = schedule
        self.time = UnkindTime()
        self.sandbox = JiraSandbox(
            folder / SITE_FILE,
            clock=self.time.server_now,
            faults=FaultPlan(rules=schedule.rules, worlds=schedule.worlds),
            limit_seconds=lambda: self.time.server_seconds,
        )
        self.time.after_step = self.sandbox.commit_due
        self.tickets = tickets_of(schedule.ticket_count)
        self.ledger = MemoryLedger()
        self.fixes = MemoryFixes()
        self.session = OneSession(validation_of(list(self.tickets)), content_sha256=SHA)
        self._lease = MemoryLease()
        self._build = build
        self._passed: Counter[str] = Counter()
        self._ends = {
            (event.point, event.number, event.moment)
            for event in schedule.events
            if isinstance(event, ProcessEnd)
        }
        self._jumps = {
            event.request_number: event.seconds
            for event in schedule.events
            if isinstance(event, ClockJump)
        }

    def pass_point(self, point: str) -> int:
        """Come to a point, or end there; return its number."""
        self._passed[point] += 1
        number = self._passed[point]
        self.end_at(point, number, Moment.BEFORE)
        return number

    def end_at(self, point: str, number: int, moment: Moment) -> None:
        """End the process if the schedule says so."""
        if (point, number, moment) in self._ends:
            raise Crash(f"{moment} {point} {number}")

    def spend_request(self, number: int) -> None:
        """Let the time of a request pass, and set the client's clock where the schedule does."""
        self.time.wall_offset_seconds += self._jumps.get(number, 0.0)
        self.time.sleep(REQUEST_SECONDS)

    def run_process(self) -> None:
        """Run an export in a process of its own, to its end or to a crash."""
        self.time.client_seconds = 1_000.0 + self.time.server_seconds % 777.0
        tools = ExportTools(
            tracker=self._tracker(),
            ledger=EndingLedger(self.ledger, self),
            lease=self._lease,
            sessions=self.session,  # type: ignore[arg-type] # the part of the role an export uses
            validations=self.session,  # type: ignore[arg-type] # as above
            fixes=self.fixes,
            clock=self.time,
            sleep=self.time.sleep,
            monotonic=self.time.monotonic,
            is_cancelled=lambda: False,
        )
        tools, order = self._build.tools(tools, self), self._order()
        create_issues(tools, order)
        attach_files(tools, order)
        link_issues(tools, order)

    def _tracker(self) -> IssueTracker:
        clock = PacingClock(
            monotonic=self.time.monotonic, sleep=self.time.sleep, random=lambda: 0.0
        )
        transport = EndingTransport(SandboxTransport(self.sandbox), self)
        return self._build.client(
            SITE_URL, auth=ACCOUNT, transport=self._build.transport(transport), pacing=Pacing(clock)
        )

    def _order(self) -> ExportOrder:
        return ExportOrder(
            session_key=SESSION_KEY,
            project_key=PROJECT_KEY,
            rendered=self.tickets,
            is_sandbox=True,
            holder="a schedule",
            settle_horizon_seconds=SETTLE_HORIZON_SECONDS,
            batch_size=self.schedule.batch_size,
        )


class EndingLedger:
    """The ledger, at whose writes a process may end."""

    def __init__(self, ledger: ExportLedger, world: FaultWorld) -> None:
        self._ledger = ledger
        self._world = world
        self.installation_id = ledger.installation_id
        self.entries = ledger.entries
        self.has_receipts = ledger.has_receipts
        self.last_issues = ledger.last_issues
        self.targets = ledger.targets
        self.targets_of = ledger.targets_of

    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Keep one entry, or end before or after it."""
        number = self._world.pass_point("write")
        written = self._ledger.append(entry)
        self._world.end_at("write", number, Moment.AFTER)
        return written

    def record_target(self, target: Target, *, at: datetime) -> None:
        """Remember a target."""
        self._ledger.record_target(target, at=at)


class EndingTransport(httpx.BaseTransport):
    """The way to the site, on which a process may end."""

    def __init__(self, transport: httpx.BaseTransport, world: FaultWorld) -> None:
        self._transport = transport
        self._world = world

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        points = ["request", *(["creation"] if request.url.path in CREATIONS else [])]
        numbers = {point: self._world.pass_point(point) for point in points}
        self._world.spend_request(numbers["request"])
        try:
            return self._transport.handle_request(request)
        finally:
            for point, number in numbers.items():
                self._world.end_at(point, number, Moment.AFTER)


def drafts_of(count: int) -> tuple[TicketDraft, ...]:
    """Return a session's drafts: a chain, a fan and loners, numbered against their order."""
    return tuple(_draft(of, count) for of in range(1, count + 1))


def _draft(of: int, count: int) -> TicketDraft:
    depends_on = {
        1: (f"t{count:02}",),
        3: ("t01", "t02"),
        5: ("t03",),
        6: ("t04",),
        7: ("t04",),
    }
    return a_draft(
        of,
        depends_on=depends_on.get(of, ()),
        relates_to={2: ("t05",), 4: ("t03",)}.get(of, ()),
        assignee={2: "ada@sandbox.example"}.get(of),
        sprint={4: "SBX Sprint 2"}.get(of),
        parent=EPIC_KEY if (of, count) == (5, COUNT_WITH_EPIC) else None,
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
    for count in TICKET_COUNTS:
        with JiraSandbox(folder / f"{count}.sqlite", clock=SteadyClock().now) as sandbox:
            if count == COUNT_WITH_EPIC:
                _create_epic(sandbox)


def _create_epic(sandbox: JiraSandbox) -> None:
    client = JiraClient(SITE_URL, auth=ACCOUNT, transport=SandboxTransport(sandbox))
    project = client.project(PROJECT_KEY)
    types = {kind.name: kind.issue_type_id for kind in client.issue_types(project.project_id)}
    fields = {
        "project": {"id": project.project_id},
        "issuetype": {"id": types["Epic"]},
        "summary": "The site",
    }
    created = client.create_issue(fields, {})
    if not isinstance(created, Created) or created.remote_key != EPIC_KEY:
        raise AssertionError(created)


@contextmanager
def open_fault_world(
    ready_folder: Path, folder: Path, schedule: Schedule, *, build: Build
) -> Iterator[FaultWorld]:
    """Copy a site and open a world around it."""
    folder.mkdir(parents=True)
    shutil.copy(ready_folder / f"{schedule.ticket_count}.sqlite", folder / SITE_FILE)
    world = FaultWorld(folder, schedule, build=build)
    try:
        yield world
    finally:
        world.sandbox.close()
        shutil.rmtree(folder)
