"""A store, a site, processes that export a session there, and people who work on it.

Belongs here: time that only moves when told, faults that strike at a numbered point, all that
processes and people do. Does not: the session (`sessions`), what must be true of the site afterwards
(`site_view`), processes that are killed (`processes`).
"""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from jira_pipeline.export.adoption import adopt_issues
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder, ExportTools, SessionEpics
from jira_pipeline.export.issue_decisions import DecisionReport, decide_differences
from jira_pipeline.export.issue_texts import BLOCKS_PROPERTY
from jira_pipeline.export.jira_names import AS_SHIPPED, JiraNames
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.plan import ExportPlan, plan_export
from jira_pipeline.export.settle import SettleReport, settle_session
from jira_pipeline.export.undo import UndoPlan, UndoReport, plan_undo, undo_export
from jira_pipeline.export.updating import UpdateReport, update_issues
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.exports import Destination, LedgerEntry, Target
from jira_pipeline.model.manual_fixes import ManualFix
from jira_pipeline.model.tickets import TicketDraft
from jira_pipeline.store.ledger import SqlExportLedger
from jira_pipeline.store.store import Store, open_store
from jira_pipeline_tests.contracts.open_stores import sqlite_url, store_with
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.by_hand import (
    BY_A_PERSON,
    OWNER,
    SITE_URL,
    SOMEBODY,
    ask_site,
    consent_in,
)
from jira_pipeline_tests.crash.sessions import (
    CHANGED,
    DRAFTS,
    LATER_DRAFTS,
    PROJECT_KEY,
    SESSION_KEY,
    TITLES,
    WITH_FILES,
    changes_of,
    document,
    entries_of,
    fill_store,
    make_ready,
    render,
    with_files,
)
from jira_pipeline_tests.crash.site_view import SiteView, view_site, violations_of, wrong_links
from jira_pipeline_tests.jira.sandbox_faults import site_acts
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

ACCOUNT = (OWNER, "canary-token-7f3a")


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


class DiesAt(Tripwire):
    """Ends the process at one of the points whose name begins as a pattern says."""

    def __init__(self, pattern: str, *, nth: int = 1) -> None:
        super().__init__()
        self._pattern = re.compile(pattern)
        self._left = nth

    @override
    def step(self, name: str) -> None:
        self.passed.append(name)
        self._left -= self._pattern.match(name) is not None
        if not self._left:
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
class Exporting:
    """A session in a store, and a site to which processes export it; both outlive these."""

    folder: Path
    database_url: str = ""
    """Empty: the file in the folder."""
    time: PatientTime = field(default_factory=PatientTime)
    horizon_seconds: float = 0.0
    client: type[JiraClient] = JiraClient
    site_url: str = SITE_URL
    is_sandbox: bool = True
    account: tuple[str, str] = ACCOUNT
    names: JiraNames = AS_SHIPPED
    batch_size: int = 1
    is_cancelled: Callable[[], bool] = lambda: False
    find_epics: Callable[[Store], SessionEpics] = lambda _: SessionEpics()

    def open_store(self) -> Store:
        """Open the store as a new process does."""
        url = self.database_url or sqlite_url(self.folder)
        return open_store(url, lock_path=self.folder / "store.lock")

    @contextmanager
    def way(self) -> Iterator[httpx.BaseTransport]:
        """Give the way to the site."""
        raise NotImplementedError

    @contextmanager
    def process(self, wire: Tripwire | None = None) -> Iterator[tuple[ExportTools, ExportOrder]]:
        """Open everything as a new process does; its requests and entries pass points."""
        wire = wire or Tripwire()
        clock = PacingClock(
            monotonic=self.time.monotonic, sleep=self.time.sleep, random=lambda: 0.0
        )
        with self.way() as way, self.open_store() as store:
            tools = ExportTools(
                tracker=self.client(
                    self.site_url,
                    auth=self.account,
                    transport=TrippedTransport(way, wire),
                    pacing=Pacing(clock),
                ),
                store=store_with(store, ledger=TrippedLedger(store.ledger, wire)),
                sessions=store.sessions,
                clock=SteadyClock(),
                sleep=self.time.sleep,
                monotonic=self.time.monotonic,
                is_cancelled=self.is_cancelled,
            )
            yield tools, self.order(store)

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

    def update(
        self, wire: Tripwire | None = None, *, has_files: bool = False, **choice: Any
    ) -> UpdateReport:
        """Run an export that updates."""
        with self.process(wire) as (tools, given):
            order = replace(given, **choice)
            wanted = with_files(order) if has_files else order
            create_issues(tools, wanted)
            report = update_issues(
                tools, wanted, changes=lambda: changes_of(wanted, entries_of(tools.store))
            )
            attach_files(tools, wanted)
            link_issues(tools, wanted)
        return report

    def undo(self, wire: Tripwire | None = None, **choice: Any) -> UndoReport:
        """Undo the session's export, or end an undo as it is."""
        with self.process(wire) as (tools, order):
            return undo_export(tools, order, by="a test", **choice)

    def planned_update(self, *, has_files: bool = False) -> ExportPlan:
        with self.process() as (tools, given):
            order = with_files(given) if has_files else given
            return plan_export(tools, order, changes=changes_of(order, entries_of(tools.store)))

    def planned_undo(self) -> UndoPlan:
        with self.process() as (tools, order):
            return plan_undo(tools, order)

    def settle(self) -> SettleReport:
        with self.process() as (tools, order):
            return settle_session(tools, order, is_waiting=True, by="a test")

    def decide(
        self,
        decision: Decision,
        *,
        names: Collection[str] | None = None,
        wire: Tripwire | None = None,
    ) -> DecisionReport:
        """Decide something about some tickets or issues, or about all where it has to be decided."""
        with self.process(wire) as (tools, order):
            return decide_differences(tools, order, decision=decision, names=names, by="a person")

    def adopt(self, pairs: Mapping[int, str], wire: Tripwire | None = None) -> None:
        """Have issues that people made become tickets'."""
        with self.process(wire) as (tools, order):
            adopt_issues(tools, order, pairs=pairs, by="a person")

    def create_again(self) -> None:
        """Decide, as a person who knows it, that whatever Jira does not show is created again."""
        self.decide(Decision.CREATE_AGAIN, names=[str(draft.number) for draft in DRAFTS])

    def fill(self, drafts: tuple[TicketDraft, ...]) -> None:
        """Change tickets of the session; all are validated and ready again."""
        with self.open_store() as store:
            fill_store(store, drafts)

    def die(self, act: Callable[..., object], point: str, *, nth: int = 1) -> None:
        """Have the process that does it end at one of the points whose name begins so."""
        with pytest.raises(Crash):
            act(self, DiesAt(point, nth=nth))

    def mark_ready(self) -> None:
        """Validate and mark all tickets ready again, as a person does after an undo."""
        with self.open_store() as store:
            make_ready(store)

    def entries(self) -> tuple[LedgerEntry, ...]:
        with self.open_store() as store:
            return entries_of(store)

    def targets(self) -> tuple[Target, ...]:
        with self.open_store() as store:
            return store.ledger.targets()

    def fixes(self) -> tuple[ManualFix, ...]:
        with self.open_store() as store:
            return store.manual_fixes.list_all(SESSION_KEY)


@dataclass
class ExportWorld(Exporting):
    """The session, a site of this process, and people who work there."""

    sandbox: FaultySandbox = field(kw_only=True)
    answering: Answering | None = None
    drafts: tuple[TicketDraft, ...] = DRAFTS

    @override
    @contextmanager
    def way(self) -> Iterator[httpx.BaseTransport]:
        way: httpx.BaseTransport = SandboxTransport(self.sandbox)
        yield way if self.answering is None else BentTransport(way, self.answering)

    @override
    def fill(self, drafts: tuple[TicketDraft, ...]) -> None:
        super().fill(drafts)
        self.drafts = drafts

    def change_tickets(self, drafts: tuple[TicketDraft, ...] = LATER_DRAFTS) -> None:
        """Change tickets of the session after its export; all are ready again."""
        super().fill(drafts)

    def ask(self, method: str, path: str, body: object = None, *, account: str = SOMEBODY) -> int:
        """Send a request as somebody who works on the site; return the status."""
        return ask_site(self.sandbox, method, path, body, account=account).status

    def comment(self, key: str) -> None:
        """Comment on an issue as somebody else."""
        body = {"body": document("Mine.")}
        assert self.ask("POST", f"/rest/api/3/issue/{key}/comment", body) == 201

    def edit(self, ticket_id: str, *, words: str = BY_A_PERSON, account: str = SOMEBODY) -> None:
        """Write another text over that of an issue, which forgets what of it is ours.

        As where an older version wrote it, or the site drops properties; `test_merged_texts` has edits
        of issues that remember.
        """
        self.forget_blocks()
        fields = {"description": document(words)}
        path = f"/rest/api/3/issue/{self.key_of(ticket_id)}"
        assert self.ask("PUT", path, {"fields": fields}, account=account) == 204

    def forget_blocks(self) -> None:
        """Have all issues be as an older version left them."""
        self.change("DELETE FROM issue_property WHERE key = ?", BLOCKS_PROPERTY)

    def change(self, statement: str, *values: object) -> None:
        """Change the site as people do, without the program's knowledge."""
        with self.sandbox.state.writing() as rows:
            rows.execute(statement, values)

    def undo_and_restore(self) -> None:
        """Undo, and let the site be set back to a backup of before."""
        backup = self.folder / "backup.sqlite"
        site_acts.back_up(self.sandbox, backup)
        self.undo()
        site_acts.restore(self.sandbox, backup)

    def rows(self, chosen: str, *values: object) -> list[sqlite3.Row]:
        """Read the site's own tables."""
        with self.sandbox.state.reading() as rows:
            return rows.execute(chosen, values).fetchall()

    def titles(self) -> list[str]:
        return sorted(row["summary"] for row in self.rows("SELECT summary FROM issue"))

    def keys_by_title(self) -> dict[str, str]:
        return {row["summary"]: row["key"] for row in self.rows("SELECT summary, key FROM issue")}

    def key_of(self, ticket_id: str) -> str:
        """Return the key of a ticket's issue, by the order of creation."""
        title = next(draft.title for draft in DRAFTS if draft.ticket_id == ticket_id)
        found = self.rows("SELECT key, summary FROM issue")
        return next(str(row["key"]) for row in found if row["summary"].startswith(title))

    def number_of(self, ticket_id: str) -> int:
        """Return the id of a ticket's issue."""
        [row] = self.rows("SELECT id FROM issue WHERE key = ?", self.key_of(ticket_id))
        return int(row["id"])

    def consent(self, ticket_id: str) -> str:
        """Return what a plan calls the text of a ticket's issue, as it is now."""
        number = next(n for n, draft in enumerate(DRAFTS, start=1) if draft.ticket_id == ticket_id)
        return consent_in(self.sandbox, self.key_of(ticket_id), number=number)

    def texts(self) -> dict[str, str]:
        """Return summary and description of every issue, by key."""
        return {
            row["key"]: f"{row['summary']}: {adf_to_text(json.loads(row['description'])).strip()}"
            for row in self.rows("SELECT key, summary, description FROM issue")
        }

    def times_written(self) -> dict[str, int]:
        """Return how often our account changed the text of each issue, by key."""
        chosen = """
            SELECT key, count(change_history.id) AS times FROM issue
            LEFT JOIN change_history ON change_history.issue_id = issue.id
                AND items LIKE '%"description"%'
                AND author_id = (SELECT account_id FROM user WHERE email = ?)
            GROUP BY key"""
        return {row["key"]: row["times"] for row in self.rows(chosen, OWNER)}

    def comments(self) -> dict[str, list[str]]:
        """Return the text of every comment, by the key of its issue."""
        found: dict[str, list[str]] = {}
        chosen = (
            "SELECT key, body FROM comment JOIN issue ON issue.id = issue_id ORDER BY comment.id"
        )
        for row in self.rows(chosen):
            found.setdefault(row["key"], []).append(adf_to_text(json.loads(row["body"])).strip())
        return found

    def files_of(self) -> list[str]:
        """Return the text of every file on the issues of tickets with files, by issue."""
        keys = {self.key_of(ticket_id) for ticket_id in WITH_FILES}
        chosen = (
            "SELECT key, content FROM attachment JOIN issue ON issue.id = issue_id ORDER BY key"
        )
        found = self.rows(chosen)
        return [bytes(row["content"]).decode().strip() for row in found if row["key"] in keys]

    def view(self, **known: Any) -> SiteView:
        """Look at the site by the tickets of now."""
        with self.open_store() as store, self.sandbox.state.reading() as rows:
            return view_site(rows, tuple(map(render, store.tickets.list_all(SESSION_KEY))), **known)

    def violations(self) -> list[str]:
        return violations_of(self.view())

    def violations_of_undo(self, *, commented: Collection[str] = ()) -> list[str]:
        there = self.titles()
        left = [f"{title} is still there" for title in there if title in TITLES - set(commented)]
        lost = [f"{title} was touched and is gone" for title in commented if title not in there]
        return left + lost

    def violations_of_update(self, *, edited: Collection[str] = ()) -> list[str]:
        """Say what is wrong with the site after an update: nothing overwritten, nothing twice, none lost.

        `edited` are tickets whose issues people edited; each of these has one comment.
        """
        shown, times, commented = self.texts(), self.times_written(), self.comments()
        wrong = [f"{len(shown)} issues"] if len(shown) != len(DRAFTS) else []
        for before, after in zip(DRAFTS, LATER_DRAFTS, strict=True):
            is_edited, key = before.ticket_id in edited, self.key_of(before.ticket_id)
            says = (
                f"{before.title}: {BY_A_PERSON}" if is_edited else f"{after.title}: {after.title}"
            )
            if shown[key] != says:
                wrong.append(f"{key} says {shown[key]!r}")
            if times[key] > (before.ticket_id in CHANGED and not is_edited):
                wrong.append(f"{key} was written {times[key]} times")
            if len(commented.get(key, ())) != is_edited:
                wrong.append(f"{key} has the comments {commented.get(key, ())}")
        titles = {draft.title: draft.ticket_id for draft in DRAFTS}
        return [*wrong, *wrong_links(self.view(titles=titles))]


def outcomes(report: SettleReport) -> dict[int, str]:
    """Return what settling found, by ticket number."""
    return {ticket.number: ticket.outcome.value for ticket in report.tickets}
