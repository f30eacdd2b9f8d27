"""Runs a schedule of an update, one process after the other, and judges what is on the site then.

Belongs here: a world whose session is exported and whose tickets changed, people who work there
meanwhile, the invariants. Does not: drawing schedules (`update_schedules`), the world around
(`fault_world`).

Judged from the sandbox's own tables: nobody's words are overwritten unless people are told, no text
and no comment is written twice, and where nobody wrote the issue says what its ticket says.
"""

import base64
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from typing_extensions import override

from jira_pipeline.adf.to_text import adf_to_text
from jira_pipeline.errors import PipelineError, RateLimitedError
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.updating import update_issues
from jira_pipeline.kernel.export_ledger import LedgerEvent, LedgerSubject, open_update_of
from jira_pipeline.kernel.manual_fixes import FixType
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.sandbox_http.exchange import SandboxRequest
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import SHA
from jira_pipeline_tests.crash.export_world import (
    ACCOUNT,
    SESSION_KEY,
    Crash,
    document,
    fill_store,
    render,
    validation_of,
)
from jira_pipeline_tests.crash.update_world import changes_of, consent_in
from jira_pipeline_tests.faults.fault_world import (
    SETTLE_HORIZON_SECONDS,
    SITE_FILE,
    Build,
    FaultWorld,
    drafts_of,
    make_ready,
    tickets_of,
)
from jira_pipeline_tests.faults.memory_stores import MemoryLedger, OneSession
from jira_pipeline_tests.faults.running import MEMORY_FOLDER, THE_EXPORTER
from jira_pipeline_tests.faults.schedules import Schedule
from jira_pipeline_tests.faults.update_schedules import (
    UPDATE_TICKETS,
    ByPerson,
    UpdateSchedule,
    draw_update_schedule,
)
from jira_pipeline_tests.jira_sandbox_faults.faults import FaultKind, FaultPlan

PROCESSES_MAX = 24
FINAL_PROCESSES_MAX = 6
REQUESTS_BESIDE = 5
"""Fewer than this others ask the site between two processes, in turns."""
QUIET: Schedule = Schedule(
    seed=0, ticket_count=UPDATE_TICKETS, batch_size=1, downtime_seconds=0.0, events=()
)
SOMEBODY = "ada@sandbox.example"
OTHERS_WORDS = "By a person"
MARK = "jira-pipeline "
REPLAYS = {FaultKind.REPLAYED, FaultKind.DELAYED_COMMIT}


OTHER_DEPENDENCIES: Mapping[str, tuple[str, ...]] = {"t01": (), "t03": ("t01",), "t04": ("t02",)}
"""Two links fall away, one is new."""


@cache
def later_tickets() -> tuple[RenderedTicket, ...]:
    """Return the session's tickets after all of them changed but the last two."""
    drafts = [
        replace(
            draft,
            title=f"{draft.title}, later",
            depends_on=OTHER_DEPENDENCIES.get(draft.ticket_id, draft.depends_on),
        )
        if draft.number < UPDATE_TICKETS - 1
        else draft
        for draft in drafts_of(UPDATE_TICKETS)
    ]
    with tempfile.TemporaryDirectory() as folder, open_in(Path(folder)) as store:
        fill_store(store, tuple(drafts))
        return tuple(render(ticket) for ticket in store.tickets.list_all(SESSION_KEY))


class UpdateWorld(FaultWorld):
    """An exported session whose tickets changed, in which a schedule happens."""

    def __init__(
        self, folder: Path, update: UpdateSchedule, *, ledger: MemoryLedger, build: Build
    ) -> None:
        """Open the site in the folder, with what the ledger holds of the export."""
        super().__init__(folder, update.schedule, build=build)
        self.tickets = later_tickets()
        self.ledger.take_over(ledger)
        self.session = OneSession(
            validation_of(list(self.tickets)),
            content_sha256=SHA,
            before_write=self.course.before_store_write,
        )
        self.ids = {
            entry.ticket_id: entry.remote_id or ""
            for entry in ledger.all_entries()
            if (entry.subject, entry.event) == (LedgerSubject.ISSUE, LedgerEvent.RECEIPT)
        }
        self.update = update
        self.people = list(update.people)
        self.former = {r.ticket.ticket_id: _text_of(r) for r in tickets_of(UPDATE_TICKETS)}
        """What each issue said before the update."""
        self.edits: dict[str, list[str]] = {ticket_id: [] for ticket_id in self.ids}
        """What people wrote, by ticket, in order."""
        self.seen: dict[str, int] = {}
        """How much of it somebody saw who had the issue overwritten."""
        self.deleted: set[str] = set()
        self._before_us: set[str] = set()
        self._after_us: set[str] = set()

    @override
    def before_request(self, number: int, request: httpx.Request) -> None:
        """Let people do what is due, and be quicker than a write of ours."""
        while self.people and self.people[0].request_number <= number:
            self.act(self.people.pop(0))
        self._edit_around(request, self._before_us)

    @override
    def after_request(self, request: httpx.Request) -> None:
        """Let an automation answer a write of ours."""
        self._edit_around(request, self._after_us)

    def _edit_around(self, request: httpx.Request, waiting: set[str]) -> None:
        for ticket_id in sorted(waiting):
            if request.method == "PUT" and request.url.path.endswith(f"/{self.ids[ticket_id]}"):
                waiting.discard(ticket_id)
                self._edit(ticket_id, account=SOMEBODY)

    def act(self, person: ByPerson) -> None:
        """Let somebody do one thing; with an issue that is gone nobody does."""
        ticket_id = f"t{person.ticket:02}"
        if ticket_id in self.deleted:
            return
        match person.what:
            case "before_us":
                self._before_us.add(ticket_id)
            case "after_us":
                self._after_us.add(ticket_id)
            case "delete":
                self.deleted.add(ticket_id)
                self.delete(int(self.ids[ticket_id]))
            case "move":
                with self.sandbox.state.writing() as rows:
                    key = f"MOVED-{self.ids[ticket_id]}"
                    rows.execute(
                        "UPDATE issue SET key = ? WHERE id = ?", (key, self.ids[ticket_id])
                    )
            case what:
                self._edit(ticket_id, account=ACCOUNT[0] if what == "edit_as_us" else SOMEBODY)

    def _edit(self, ticket_id: str, *, account: str) -> None:
        words = f"{OTHERS_WORDS}, {sum(map(len, self.edits.values())) + 1}"
        credentials = base64.b64encode(f"{account}:{ACCOUNT[1]}".encode()).decode()
        request = SandboxRequest(
            method="PUT",
            path=f"/rest/api/3/issue/{self.ids[ticket_id]}",
            headers={
                "authorization": f"Basic {credentials}",
                "content-type": "application/json",
            },
            body=json.dumps({"fields": {"description": document(words)}}).encode(),
        )
        if self.sandbox.handle(request).status == httpx.codes.NO_CONTENT:
            self.edits[ticket_id].append(words)

    def _consents(self) -> Iterator[str]:
        for number in self.update.overwrites:
            ticket_id = self.tickets[number - 1].ticket.ticket_id
            self.seen[ticket_id] = len(self.edits[ticket_id])
            if ticket_id not in self.deleted:
                yield consent_in(self.sandbox, self.ids[ticket_id], number=number)

    @override
    def run_process(self) -> None:
        """Run an export that updates, in a process of its own, to its end."""
        tools, given = self._process()
        overwrites = frozenset(self._consents())  # somebody looks at the plan before each start
        order = replace(given, overwrites=overwrites, leaves=self.update.leaves)
        create_issues(tools, order)
        update_issues(tools, order, changes=lambda: changes_of(order, self.ledger.all_entries()))
        attach_files(tools, order)
        link_issues(tools, order)


@dataclass
class UpdateRunner:
    """Runs schedules in folders of their own, each on a copy of one exported site."""

    folder: Path
    build: Build = THE_EXPORTER
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        """Export once what every schedule begins with."""
        make_ready(self.folder / "ready")
        ready = self.folder / "exported"
        ready.mkdir()
        shutil.copy(self.folder / "ready" / f"{UPDATE_TICKETS}.sqlite", ready / SITE_FILE)
        world = FaultWorld(ready, QUIET, build=Build())
        world.run_process()
        self.ledger = world.ledger
        world.sandbox.close()

    def run_seed(self, seed: int) -> tuple[str, ...]:
        """Run the schedule of a seed, and say what is wrong."""
        return self.run(draw_update_schedule(seed))

    def run(self, update: UpdateSchedule) -> tuple[str, ...]:
        """Run a schedule to its end, once more when nothing goes wrong any more, and judge."""
        own = Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copy(self.folder / "exported" / SITE_FILE, own / SITE_FILE)
        world = UpdateWorld(own, update, ledger=self.ledger, build=self.build)
        try:
            return (*_run_to_the_end(world), *_violations(world))
        finally:
            world.sandbox.close()
            shutil.rmtree(own)


@contextmanager
def open_update_runner(build: Build = THE_EXPORTER) -> Iterator[UpdateRunner]:
    """Give a runner a folder."""
    parent = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="updates-", dir=parent) as folder:
        yield UpdateRunner(Path(folder), build)


def _run_to_the_end(world: UpdateWorld) -> tuple[str, ...]:
    """Start processes until one is done; then what is late comes, and one looks without faults."""
    error: PipelineError | None = None
    for number in range(PROCESSES_MAX):
        if number:
            world.ledger.roll_back(world.schedule.rolled_back(number))
        error, is_crashed = _run(world)
        if error is None and not is_crashed:
            break
        for _request in range(number % REQUESTS_BESIDE):
            world.ask_beside()  # else what strikes every so many requests meets each process at one
        wait = error.wait_seconds if isinstance(error, RateLimitedError) else 0.0
        world.time.sleep(max(world.schedule.downtime_seconds, wait))
    else:
        return (f"not done after {PROCESSES_MAX} processes: {error!r}",)
    world.time.sleep(SETTLE_HORIZON_SECONDS)
    world.sandbox.commit_due(is_everything=True)
    world.sandbox.faults.set_plan(FaultPlan(worlds=("rewritten",)))
    for _left in range(FINAL_PROCESSES_MAX):  # the schedule may still end some
        error, is_crashed = _run(world)
        if error is None and not is_crashed:
            return ()
    return (f"stopped without a fault: {error!r}",)


def _run(world: UpdateWorld) -> tuple[PipelineError | None, bool]:
    try:
        world.run_process()
    except Crash:
        return None, True
    except PipelineError as stopped:
        return stopped, False
    return None, False


def _violations(world: UpdateWorld) -> Iterator[str]:
    """Say what is wrong with the site."""
    with world.sandbox.state.reading() as rows:
        issues = {str(row["id"]): row for row in rows.execute("SELECT * FROM issue").fetchall()}
        texts = [
            (str(row["issue_id"]), adf_to_text(json.loads(row["body"])))
            for row in rows.execute("SELECT issue_id, body FROM comment").fetchall()
        ]
    comments = Counter((issue, text.rpartition(MARK)[2].strip()) for issue, text in texts)
    if len(issues) != len(world.ids) - len(world.deleted):
        yield f"{len(issues)} issues for {len(world.ids)} tickets, {len(world.deleted)} deleted"
    fixes = world.fixes.list_all(SESSION_KEY)
    named = {f.ticket_id for f in fixes if f.fix_type is FixType.EDITED_MEANWHILE}
    for rendered in world.tickets:
        ticket_id = rendered.ticket.ticket_id
        issue = issues.get(world.ids[ticket_id])
        if issue is None:
            continue
        text = adf_to_text(json.loads(issue["description"])).strip()
        written, number = world.edits[ticket_id], rendered.ticket.number
        is_left = number in world.update.leaves
        wanted = world.former[ticket_id] if is_left else _text_of(rendered)
        is_chosen = number in world.update.overwrites and world.seen[ticket_id] == len(written)
        allowed = {written[-1], *([wanted] if is_chosen else [])} if written else {wanted}
        is_forgotten = bool(world.schedule.rolled_back(1))  # what is left there is named as a whole
        if text not in allowed and ticket_id not in named and not is_forgotten:
            yield f"{ticket_id} says {text!r}, none of {sorted(allowed)}, and nobody is told"
    is_replaying = any(rule.kind in REPLAYS for rule in world.schedule.rules)
    for (issue_id, mark), count in comments.items():
        if count > 1 and not is_replaying:
            yield f"issue {issue_id} has the comment {mark} {count} times"
    yield from _wrong_links(world, issues)
    yield from _ledger_differs(world, issues)


def _wrong_links(world: UpdateWorld, issues: Mapping[str, Any]) -> Iterator[str]:
    """Say which links are missing, or there though an issue that nobody edited asks for them no more."""
    if world.schedule.rolled_back(1):
        return
    with world.sandbox.state.reading() as rows:
        chosen = "SELECT inward_issue_id, outward_issue_id FROM issue_link WHERE type_id = '10000'"
        there = {tuple(map(str, row)) for row in rows.execute(chosen).fetchall()}
    told = {fix.ticket_id for fix in world.fixes.list_all(SESSION_KEY)}
    for rendered in world.tickets:
        ticket_id = rendered.ticket.ticket_id
        outward = world.ids[ticket_id]
        if outward not in issues or ticket_id in told:
            continue
        asked = {world.ids[other] for other in rendered.ticket.depends_on} & issues.keys()
        found = {inward for inward, at in there if at == outward}
        is_left = world.edits[ticket_id] or rendered.ticket.number in world.update.leaves
        if asked - found or (found - asked and not is_left):
            yield f"{ticket_id} has links to {sorted(found)}, and asks for {sorted(asked)}"


def _text_of(rendered: RenderedTicket) -> str:
    return adf_to_text(dict(rendered.document)).strip()


def _ledger_differs(world: UpdateWorld, issues: Mapping[str, Any]) -> Iterator[str]:
    """Compare what the ledger says was written with what people did not write over."""
    changes = changes_of(world.order(), world.ledger.all_entries())
    behind = {change.ticket_id for change in changes}
    for rendered in world.tickets:
        ticket_id = rendered.ticket.ticket_id
        issue = issues.get(world.ids[ticket_id])
        if issue is None or world.edits[ticket_id] or world.schedule.rolled_back(1):
            continue
        is_left = rendered.ticket.number in world.update.leaves
        is_behind = is_left and world.former[ticket_id] != _text_of(rendered)
        if (ticket_id in behind) != is_behind:
            yield f"the ledger does not know what {ticket_id} says"
    open_updates = [
        ticket_id
        for ticket_id in world.ids
        if open_update_of(e for e in world.ledger.all_entries() if e.ticket_id == ticket_id)
    ]
    if open_updates:
        yield f"updates of {open_updates} have no outcome"
