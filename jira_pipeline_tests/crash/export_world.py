"""A small session, a store and a sandbox site, and what must be true of the site afterwards.

Belongs here: builders for tests of the export, time that only moves when told, faults that strike
at a numbered point, and the checker, which reads nothing but the sandbox's own tables.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType

import httpx
from typing_extensions import override

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder, ExportTools, SessionEpics
from jira_pipeline.export.jira_names import AS_SHIPPED, JiraNames
from jira_pipeline.export.links import link_issues
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.exports import Destination, LedgerEntry, Target
from jira_pipeline.model.rendered_tickets import (
    RenderedTicket,
    TicketValidation,
    Validation,
    hashed_file_name,
)
from jira_pipeline.model.tickets import Ticket, TicketDraft, canonical_hash, canonical_json
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in, store_with
from jira_pipeline_tests.contracts.stored_values import START, a_draft, an_upload
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

SESSION_KEY = "site"
PROJECT_KEY = "SBX"
SITE_URL = "http://127.0.0.1:8765"
ACCOUNT = ("owner@sandbox.example", "canary-token-7f3a")
FULL_TEXT = "Everything that did not fit.\n"
REQUESTS_PER_TICKET_MAX = 12
REQUESTS_BASE_MAX = 150
"""Source: docs/export.md, Invariants."""

DRAFTS: tuple[TicketDraft, ...] = (
    a_draft(1, depends_on=("t04",)),
    a_draft(2, relates_to=("t05",), assignee="ada@sandbox.example"),
    a_draft(3, depends_on=("t01", "t02")),
    a_draft(4, labels=("drupal", "content")),
    a_draft(5, depends_on=("t03",), relates_to=("t02",)),
)
ATTACHED = ("t02", "t03")


class Crash(BaseException):
    """The process ended here; nobody catches it."""


class SteadyClock:
    """Tells a later time each time it is asked; the same times in every run."""

    def __init__(self) -> None:
        self._now = START + timedelta(hours=1)

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now


@dataclass
class PatientTime:
    """Monotonic time that only sleeping moves."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Tripwire:
    """Counts the points a run passes and ends it at one of them."""

    crash_at: int | None = None
    passed: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.crash_at:
            raise Crash(name)


class WrappedLedger(SqlExportLedger):
    """The ledger of a store, for tests in which something happens at a write."""

    def __init__(self, ledger: SqlExportLedger) -> None:
        super().__init__(ledger._database, intending=ledger._intending)


class TrippedLedger(WrappedLedger):
    """The ledger with a point before and after every write."""

    def __init__(self, ledger: SqlExportLedger, wire: Tripwire) -> None:
        super().__init__(ledger)
        self._wire = wire

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        name = f"{entry.event.value} of {entry.subject.value} {entry.ticket_id}"
        self._wire.step(f"before {name}")
        written = super().append(entry)
        self._wire.step(f"after {name}")
        return written

    @override
    def record_target(
        self, target: Target, *, at: datetime, destination: Destination | None = None
    ) -> None:
        self._wire.step("before target")
        super().record_target(target, at=at, destination=destination)
        self._wire.step("after target")


class TrippedTransport(httpx.BaseTransport):
    """A transport with a point before and after every request."""

    def __init__(self, transport: httpx.BaseTransport, wire: Tripwire) -> None:
        self._transport = transport
        self._wire = wire

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name = f"{request.method} {request.url.path}"
        self._wire.step(f"before {name}")
        response = self._transport.handle_request(request)
        self._wire.step(f"after {name}")
        return response


Answering = Callable[[httpx.Request, httpx.BaseTransport], httpx.Response]


class BentTransport(httpx.BaseTransport):
    """A transport some of whose requests a function answers in the site's place."""

    def __init__(self, transport: httpx.BaseTransport, answering: Answering) -> None:
        self._transport = transport
        self._answering = answering
        self.requests: list[httpx.Request] = []

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return self._answering(request, self._transport)


@dataclass
class ExportWorld:
    """One folder with a store and a site; both outlive every process that is simulated."""

    folder: Path
    sandbox: FaultySandbox
    time: PatientTime = field(default_factory=PatientTime)
    horizon_seconds: float = 0.0
    answering: Answering | None = None
    client: type[JiraClient] = JiraClient
    site_url: str = SITE_URL
    is_sandbox: bool = True
    account: tuple[str, str] = ACCOUNT
    names: JiraNames = AS_SHIPPED
    batch_size: int = 1
    drafts: tuple[TicketDraft, ...] = DRAFTS
    is_cancelled: Callable[[], bool] = lambda: False
    find_epics: Callable[[Store], SessionEpics] = lambda _: SessionEpics()

    @contextmanager
    def process(self, wire: Tripwire | None = None) -> Iterator[tuple[ExportTools, ExportOrder]]:
        """Open everything as a new process does."""
        wire = wire or Tripwire()
        inner: httpx.BaseTransport = SandboxTransport(self.sandbox)
        if self.answering is not None:
            inner = BentTransport(inner, self.answering)
        with open_in(self.folder) as store:
            client = partial(self.client, self.site_url, auth=self.account)
            tools = tripped_tools(client, inner, store, wire, self.time)
            yield replace(tools, is_cancelled=self.is_cancelled), self.order(store)

    def order(self, store: Store) -> ExportOrder:
        """Order an export of the whole session."""
        return ExportOrder(
            session_key=SESSION_KEY,
            project_key=PROJECT_KEY,
            rendered=tuple(render(t) for t in store.tickets.list_all(SESSION_KEY)),
            is_sandbox=self.is_sandbox,
            destination=Destination(address=self.site_url, project_key=PROJECT_KEY),
            holder="a test",
            settle_horizon_seconds=self.horizon_seconds,
            batch_size=self.batch_size,
            names=self.names,
            find_epics=partial(self.find_epics, store),
        )

    def export(self, wire: Tripwire | None = None) -> None:
        with self.process(wire) as (tools, order):
            create_issues(tools, order)
            attach_files(tools, order)
            link_issues(tools, order)

    def violations(self) -> list[str]:
        return violations_of(self.sandbox, self.drafts)


def tripped_tools(
    client: Callable[..., JiraClient],
    transport: httpx.BaseTransport,
    store: Store,
    wire: Tripwire,
    time: PatientTime | ModuleType,
) -> ExportTools:
    """Return the tools of an export whose requests and entries pass points."""
    clock = PacingClock(monotonic=time.monotonic, sleep=time.sleep, random=lambda: 0.0)
    return ExportTools(
        tracker=client(transport=TrippedTransport(transport, wire), pacing=Pacing(clock)),
        store=store_with(store, ledger=TrippedLedger(store.ledger, wire)),
        sessions=store.sessions,
        clock=SteadyClock(),
        sleep=time.sleep,
        monotonic=time.monotonic,
        is_cancelled=lambda: False,
    )


def entries_of(store: Store) -> tuple[LedgerEntry, ...]:
    """Return what the ledger has of the session, on all targets."""
    found = [
        entry
        for target in store.ledger.targets()
        for entry in store.ledger.entries(target_id=target.target_id, session_key=SESSION_KEY)
    ]
    return tuple(sorted(found, key=lambda entry: entry.sequence))


def render(ticket: Ticket) -> RenderedTicket:
    """Render a ticket to the smallest real document."""
    attachment = ("full text.md", FULL_TEXT) if ticket.ticket_id in ATTACHED else None
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        kept_text=canonical_json(document(ticket.title)),
        attachment=attachment,
        rendered_hash=canonical_hash([ticket.title, attachment]),
    )


def document(text: str) -> Mapping[str, object]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def change(world: ExportWorld, statement: str, *values: object) -> None:
    """Change the site as people do, without the program's knowledge."""
    with world.sandbox.state.writing() as rows:
        rows.execute(statement, values)


def fill_store(store: Store, drafts: tuple[TicketDraft, ...] = DRAFTS) -> None:
    """Put a session into a store that is validated and ready; tickets it had besides are withdrawn."""
    upload = an_upload(SESSION_KEY)
    store.sessions.register(upload, at=START, actor="a test")
    store.tickets.save_generated(SESSION_KEY, drafts, at=START)
    gone = [ticket.ticket_id for ticket in store.tickets.list_vanished(SESSION_KEY)]
    if gone:
        store.tickets.withdraw(SESSION_KEY, gone, reason="", by="a test", at=START)
    store.sessions.mark_generated(SESSION_KEY, from_sha256=upload.content_sha256, at=START)
    rendered = [render(ticket) for ticket in store.tickets.list_all(SESSION_KEY)]
    store.validations.record(validation_of(rendered))
    hashes = {r.ticket.ticket_id: r.rendered_hash for r in rendered}
    store.tickets.mark_ready(SESSION_KEY, hashes, by="a test", at=START)


def validation_of(rendered: list[RenderedTicket], *, is_passed: bool = True) -> Validation:
    return Validation(
        session_key=SESSION_KEY,
        at=START,
        results=tuple(
            TicketValidation(
                ticket_id=r.ticket.ticket_id,
                title=r.summary,
                is_passed=is_passed,
                rendered_hash=r.rendered_hash,
                adf_size_bytes=100,
                character_reduction=0,
                error_message="" if is_passed else "/content/0: unknown node",
            )
            for r in rendered
        ),
    )


def violations_of(
    sandbox: JiraSandbox, drafts: tuple[TicketDraft, ...], *, is_ordered: bool = True
) -> list[str]:
    """Say what is wrong with the site after an export of the drafts; nothing when all is well."""
    with sandbox.state.reading() as rows:
        ids = _ids_by_title(rows)
        counts = {draft.title: len(ids.get(draft.title, ())) for draft in drafts}
        wrong = [f"{count} issues for {title}" for title, count in counts.items() if count != 1]
        wrong += [f"unknown issue {title}" for title in ids.keys() - counts.keys()]
        if wrong:
            return wrong
        id_of = {draft.ticket_id: ids[draft.title][0] for draft in drafts}
        return [
            *(_misplaced(drafts, id_of) if is_ordered else ()),
            *_unmarked(rows, id_of),
            *wrong_links(rows, drafts, id_of),
            *_wrong_files(rows, id_of),
            *_too_many_requests(rows, len(drafts)),
        ]


def _ids_by_title(rows: sqlite3.Connection) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {}
    for row in rows.execute("SELECT id, summary FROM issue ORDER BY id"):
        ids.setdefault(row["summary"], []).append(row["id"])
    return ids


def _misplaced(drafts: tuple[TicketDraft, ...], id_of: Mapping[str, int]) -> list[str]:
    return [
        f"{draft.ticket_id} was created before {dependency}"
        for draft in drafts
        for dependency in draft.depends_on
        if id_of[draft.ticket_id] < id_of[dependency]
    ]


def _unmarked(rows: sqlite3.Connection, id_of: Mapping[str, int]) -> list[str]:
    marked = [row["issue_id"] for row in rows.execute("SELECT issue_id FROM issue_property")]
    labelled = [
        row["issue_id"]
        for row in rows.execute("SELECT issue_id FROM issue_label WHERE label = 'jp-site'")
    ]
    return [
        f"issue {issue_id} lacks its marker or label"
        for issue_id in id_of.values()
        if issue_id not in marked or issue_id not in labelled
    ]


def wrong_links(
    rows: sqlite3.Connection, drafts: tuple[TicketDraft, ...], id_of: Mapping[str, int]
) -> list[str]:
    """Say which links are missing, there twice, or asked for by no draft."""
    blocks, relates = "10000", "10003"
    expected = {
        (blocks, id_of[dependency], id_of[draft.ticket_id])
        for draft in drafts
        for dependency in draft.depends_on
    } | {
        (relates, *sorted((id_of[draft.ticket_id], id_of[other])))
        for draft in drafts
        for other in draft.relates_to
    }
    links = Counter(
        (row[0], *(sorted(row[1:]) if row[0] == relates else row[1:]))
        for row in rows.execute(
            "SELECT type_id, inward_issue_id, outward_issue_id FROM issue_link"
        ).fetchall()
    )
    wrong = [f"link {link} is there {count} times" for link, count in links.items() if count > 1]
    wrong += [f"link {link} is not wanted" for link in links.keys() - expected]
    return [*wrong, *(f"link {link} is missing" for link in expected - links.keys())]


def _wrong_files(rows: sqlite3.Connection, id_of: Mapping[str, int]) -> list[str]:
    expected = Counter(
        (id_of[ticket_id], hashed_file_name("full text.md", FULL_TEXT), FULL_TEXT.encode())
        for ticket_id in ATTACHED
        if ticket_id in id_of
    )
    found = Counter(
        (row["issue_id"], row["filename"], bytes(row["content"]))
        for row in rows.execute("SELECT issue_id, filename, content FROM attachment")
    )
    return [
        f"file {key[:2]} is there {found[key]} times"
        for key in (expected - found) + (found - expected)
    ]


def _too_many_requests(rows: sqlite3.Connection, ticket_count: int) -> list[str]:
    """Bound all but the reading of numbers, which a doubt may need much of."""
    count = rows.execute(
        "SELECT count(*) FROM journal_request WHERE path NOT LIKE '%/bulkfetch'"
    ).fetchone()[0]
    limit = REQUESTS_PER_TICKET_MAX * ticket_count + REQUESTS_BASE_MAX
    return [f"{count} requests"] if count > limit else []
