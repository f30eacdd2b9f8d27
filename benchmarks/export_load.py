"""An export of 500 tickets with 300 links and 40 attachments under Jira's documented rate limits.

The site is the embedded sandbox in this process. Time is simulated: it moves by what the export
waits for and, in the modelled runs, by what each request would take; so a run at zero latency is
the fastest client there can be, and the modelled hours pass in seconds. CPU seconds and gaps
between requests are real.

At the end the requests of the specification at hand, as the sandbox notes them: of its first
export, of one again, and of one after a cell changed, with the plan that is shown before each and the
check after it. In the sandbox a run reads the texts of its issues once more, for Dagster's pages.
"""

import re
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
from typing_extensions import override

from benchmarks.growth import KEY, STEPS, change_a_note
from benchmarks.specifications import multiply, specification_path
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.export import exporting
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder, ExportTools, Sent
from jira_pipeline.export.links import link_issues
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.issue_tracker import WriteAnswer
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_validations import TicketValidation, Validation
from jira_pipeline.model.tickets import Ticket, TicketDraft, canonical_hash, canonical_json
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.store.store import Store, open_store
from jira_pipeline_tests.contracts.stored_values import a_draft, an_upload
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

TICKETS = 500
BLOCKING_LINKS = 250
RELATING_LINKS = 50
ATTACHMENTS = 40
PARAGRAPHS = 40
"""Of each description: some 6 kB as Jira gets it."""
ONE_CELL = "one cell changed"
REQUESTS_GOALS: Mapping[str, int] = {"first export": 133, "again": 6, ONE_CELL: 17}
"""Of a specification of 84 tickets and 78 links, plan and check included."""
GOAL_SINGLE, GOAL_BULK = 1.05, 0.05
"""Requests for creation per created issue."""
CREATIONS = ("/issue", "/issue/bulk")
FIXED_DELAY_SECONDS = 1.5
SESSION_KEY = "load"
START = datetime(2026, 1, 1, tzinfo=UTC)

SECONDS_PER_ISSUE = 0.4
LATENCY_SECONDS: Mapping[str, float] = {
    "POST /rest/api/3/issue": SECONDS_PER_ISSUE,
    "POST /rest/api/3/issue/bulk": 0.4,
    "POST /rest/api/3/issueLink": 0.3,
}
SECONDS_PER_BULK_ELEMENT = 0.1
OTHER_WRITE_SECONDS, READ_SECONDS = 0.5, 0.2
"""The latency model: round figures of the order that users of Jira Cloud report; assumed."""


class SimulatedTime:
    """A clock that only waiting and modelled requests move."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.seconds = 0.0
        self.waited_seconds = 0.0

    def now(self) -> datetime:
        """Return the time of day."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return the seconds that passed."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        self.waited_seconds += seconds

    def send_all(
        self, send: Callable[[Sent], WriteAnswer], what: Sequence[Sent], /
    ) -> Sequence[WriteAnswer]:
        """Send requests that all begin now; together they take as long as the longest."""
        began, ended, answers = self.seconds, self.seconds, []
        for one in what:
            self.seconds = began
            answers.append(send(one))
            ended = max(ended, self.seconds)
        self.seconds = ended
        return answers


@dataclass
class MeasuredTransport(httpx.BaseTransport):
    """Counts what goes over it, and the real time between two requests."""

    site: httpx.BaseTransport
    time: SimulatedTime
    has_latency: bool
    statuses: Counter[int] = field(default_factory=Counter)
    longest_gap: tuple[float, float, str] = (0.0, 0.0, "")
    """Seconds by the clock, CPU seconds, and the request it came before."""
    site_cpu_seconds: float = 0.0
    sent: list[str] = field(default_factory=list)
    _ended_at: tuple[float, float] | None = None

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._measure_gap(request)
        if self.has_latency:
            self.time.seconds += latency_seconds(request)
        began = time.process_time()
        response = self.site.handle_request(request)
        self.site_cpu_seconds += time.process_time() - began
        self.statuses[response.status_code] += 1
        self.sent.append(f"{request.method} {request.url.path}")
        self._ended_at = (time.perf_counter(), time.process_time())
        return response

    def _measure_gap(self, request: httpx.Request) -> None:
        if self._ended_at is None:
            return
        seconds = time.perf_counter() - self._ended_at[0]
        cpu_seconds = time.process_time() - self._ended_at[1]
        gap = (seconds, cpu_seconds, f"{request.method} {request.url.path}")
        self.longest_gap = max(self.longest_gap, gap)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one export took."""

    requests: Mapping[str, list[str]]
    """Methods and paths in order, by step."""
    transport: MeasuredTransport
    cpu_seconds: float
    """Of the exporter, the ledger included, the sandbox not."""
    simulated_seconds: float
    waited_seconds: float
    on_site: tuple[int, int, int]
    """Issues, links and files the site has at the end."""


def main() -> None:
    """Measure at zero latency, then let the model tell how long it would take."""
    print(
        f"{TICKETS} tickets, {BLOCKING_LINKS + RELATING_LINKS} links, {ATTACHMENTS} attachments, "
        "documented rate limits on"
    )
    for batch_size, goal in ((1, GOAL_SINGLE), (50, GOAL_BULK)):
        _print_run(export(batch_size=batch_size), batch_size=batch_size, goal=goal)
    _print_model()
    _print_requests()


def latency_seconds(request: httpx.Request) -> float:
    """Return what the model says of a request."""
    name = f"{request.method} {request.url.path}"
    if name.endswith("/issue/bulk"):
        elements = request.read().count(b'"summary":')
        return LATENCY_SECONDS[name] + SECONDS_PER_BULK_ELEMENT * elements
    is_read = request.method == "GET" or name.endswith(("/bulkfetch", "/search/jql"))
    return LATENCY_SECONDS.get(name, READ_SECONDS if is_read else OTHER_WRITE_SECONDS)


def export(
    *, batch_size: int, create_delay_seconds: float = 0.0, has_latency: bool = False
) -> Measured:
    """Export everything once, into a site of its own."""
    clock = SimulatedTime()
    with tempfile.TemporaryDirectory() as name, _site(Path(name), clock) as sandbox:
        transport = MeasuredTransport(SandboxTransport(sandbox), clock, has_latency)
        store = open_store(f"sqlite:///{name}/store.sqlite", lock_path=Path(name) / "store.lock")
        with store:
            rendered = _fill(store)
            tools = _tools(store, clock, transport)
            order = ExportOrder(
                session_key=SESSION_KEY,
                project_key="SBX",
                rendered=rendered,
                is_sandbox=True,
                holder="benchmark",
                settle_horizon_seconds=0.0,
                create_delay_seconds=create_delay_seconds,
                batch_size=batch_size,
            )
            requests, cpu_seconds = _run_steps(tools, order, transport)
        return Measured(
            requests=requests,
            transport=transport,
            cpu_seconds=cpu_seconds,
            simulated_seconds=clock.seconds,
            waited_seconds=clock.waited_seconds,
            on_site=_counts_on(sandbox),
        )


def _run_steps(
    tools: ExportTools, order: ExportOrder, transport: MeasuredTransport
) -> tuple[Mapping[str, list[str]], float]:
    """Return the requests of each step, and the CPU seconds of all that is not the site."""
    began = time.process_time()
    requests = {}
    for step in (create_issues, attach_files, link_issues):
        before = len(transport.sent)
        step(tools, order)
        requests[step.__name__] = transport.sent[before:]
    return requests, time.process_time() - began - transport.site_cpu_seconds


def _counts_on(sandbox: FaultySandbox) -> tuple[int, int, int]:
    with sandbox.state.reading() as rows:
        issues, links, files = (
            int(rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - ours
            for table in ("issue", "issue_link", "attachment")
        )
    return issues, links, files


def creation_requests(sent: list[str]) -> tuple[int, int]:
    """Count creations, and the reading back that directly follows each; the last sweep is none."""
    creations = sum(name.endswith(CREATIONS) for name in sent)
    marker_reads = sum(
        before.endswith(CREATIONS) and name.endswith("/bulkfetch")
        for before, name in pairwise(sent)
    )
    return creations, marker_reads


def _print_run(run: Measured, *, batch_size: int, goal: float) -> None:
    sent = run.requests["create_issues"]
    creations, marker_reads = creation_requests(sent)
    issues, links, files = run.on_site
    per_issue = (creations + marker_reads) / issues
    transport = run.transport
    print(f"batch {batch_size}: {issues} issues, {links} links, {files} files on the site")
    print(
        f"  requests for creation per issue      {per_issue:.3f}  (goal <= {goal}): "
        f"{creations} creations, {marker_reads} marker reads"
    )
    print(f"  gate, preflight, sweeps              {len(sent) - creations - marker_reads} requests")
    print(f"  attachments, with their own gate     {len(run.requests['attach_files'])} requests")
    print(f"  links, with their own gate           {len(run.requests['link_issues'])} requests")
    print(f"  answers 429                          {transport.statuses[429]}  (goal 0)")
    print(f"  CPU of exporter and ledger           {run.cpu_seconds:.2f} s per {issues} tickets")
    print(f"  CPU of the site, not counted above   {transport.site_cpu_seconds:.2f} s")
    seconds, cpu_seconds, name = transport.longest_gap
    print(
        f"  longest time between two requests    {seconds:.3f} s, of it CPU {cpu_seconds:.3f} s, "
        f"pacing apart; before {name}"
    )
    print(f"  pacing waited                        {run.waited_seconds:.1f} s at zero latency")


def _print_model() -> None:
    print(
        f"model, not measured: a creation takes {SECONDS_PER_ISSUE:g} s, a bulk "
        f"{LATENCY_SECONDS['POST /rest/api/3/issue/bulk']:g} s and {SECONDS_PER_BULK_ELEMENT:g} s "
        f"per issue, a link {LATENCY_SECONDS['POST /rest/api/3/issueLink']:g} s, other writes "
        f"{OTHER_WRITE_SECONDS:g} s, reads {READ_SECONDS:g} s; no CPU, no disk"
    )
    for title, batch_size, delay in (
        (f"fixed delay {FIXED_DELAY_SECONDS:g} s, one by one", 1, FIXED_DELAY_SECONDS),
        ("server's pace, one by one", 1, 0.0),
        ("server's pace, bulks of 50", 50, 0.0),
    ):
        run = export(batch_size=batch_size, create_delay_seconds=delay, has_latency=True)
        print(
            f"  {title:<34}   {run.simulated_seconds:6.0f} s = {run.simulated_seconds / 60:.1f} min"
            f", of it waited {run.waited_seconds:.0f} s"
        )


def _print_requests() -> None:
    """Print what is sent for the specification at hand, and once a cell of it changed."""
    with tempfile.TemporaryDirectory() as name:
        home, sheets = Path(name, "home"), Path(name, "sheets")
        home.mkdir()
        multiply(specification_path(), 1, sheets)
        pipeline = open_pipeline(load_settings(home))
        with pipeline.store:
            for what, goal in REQUESTS_GOALS.items():
                if what == ONE_CELL:
                    change_a_note(sheets)
                for step in STEPS.values():
                    step(pipeline, sheets)
                noted = len(_requests_at(pipeline))
                update = UpdateChoice() if what == ONE_CELL else None
                exporting.plan(open_session(pipeline, KEY), update=update)
                planned = len(_requests_at(pipeline)) - noted
                _export_as_a_run(pipeline, what, update)
                sent = _requests_at(pipeline)[noted + planned :]
                tickets = len(open_session(pipeline, KEY).tickets)
                total = planned + len(sent)
                print(
                    f"{tickets} tickets, {what}: {total} requests, {planned} of them for the plan "
                    f"(goal <= {goal}: {'met' if total <= goal else 'missed'})"
                )
                for request, count in Counter(sent).most_common():
                    print(f"  {count:>4} {request}")


def _export_as_a_run(pipeline: Pipeline, run_id: str, update: UpdateChoice | None) -> None:
    """Do what the steps of a run do, one after the other, with the session as it is then."""

    def opened() -> OpenSession:
        return open_session(pipeline, KEY)

    def pass_on(_: UploadSession) -> None:
        return

    exporting.create_issues(
        opened(), run_id=run_id, by="benchmark", on_started=lambda _: None, pass_on=pass_on
    )
    if update is not None:
        exporting.update_issues(
            opened(), run_id=run_id, by="benchmark", choice=update, pass_on=pass_on
        )
    exporting.attach_files(opened(), run_id=run_id, pass_on=pass_on)
    exporting.link_issues(opened(), run_id=run_id, pass_on=pass_on)
    exporting.comparison_of_run(opened(), run_id=run_id)


def _requests_at(pipeline: Pipeline) -> Sequence[str]:
    """Return what the embedded sandbox was asked, without ids."""
    path = pipeline.settings.sandbox_path
    if not path.exists():
        return ()
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT method, path FROM journal_request ORDER BY sequence")
        return [f"{method} {re.sub('/([A-Z]+-)?[0-9]{2,}', '/N', at)}" for method, at in rows]


@contextmanager
def _site(folder: Path, clock: SimulatedTime) -> Iterator[FaultySandbox]:
    path = folder / "sandbox.sqlite"
    with FaultySandbox(path, clock=clock.now, limit_seconds=clock.monotonic) as sandbox:
        yield sandbox


def _tools(store: Store, clock: SimulatedTime, transport: MeasuredTransport) -> ExportTools:
    pace = PacingClock(monotonic=clock.monotonic, sleep=clock.sleep, random=lambda: 0.5)
    client = JiraClient(
        SANDBOX_BASE_URL,
        auth=("owner@sandbox.example", "any"),
        transport=transport,
        pacing=Pacing(pace),
    )
    return ExportTools(
        tracker=client,
        store=store,
        sessions=store.sessions,
        clock=clock,
        sleep=clock.sleep,
        monotonic=clock.monotonic,
        is_cancelled=lambda: False,
        send_all=clock.send_all,
    )


def drafts() -> tuple[TicketDraft, ...]:
    """Return the tickets: each of the first half needs an earlier one, some relate to another."""
    return tuple(
        a_draft(
            number,
            ticket_id=f"t{number:03}",
            title=f"Create content type {number}",
            depends_on=(f"t{number // 2:03}",) if 1 < number <= BLOCKING_LINKS + 1 else (),
            relates_to=(f"t{number - 1:03}",) if number > TICKETS - RELATING_LINKS else (),
            labels=("drupal",),
        )
        for number in range(1, TICKETS + 1)
    )


def _fill(store: Store) -> tuple[RenderedTicket, ...]:
    """Put a session into the store that is validated and ready."""
    upload = an_upload(SESSION_KEY)
    store.sessions.register(upload, at=START, actor="benchmark")
    store.tickets.save_generated(SESSION_KEY, drafts(), at=START)
    store.sessions.mark_generated(SESSION_KEY, from_sha256=upload.content_sha256, at=START)
    rendered = tuple(_render(ticket) for ticket in store.tickets.list_all(SESSION_KEY))
    results = tuple(_passed(one) for one in rendered)
    store.validations.record(Validation(session_key=SESSION_KEY, at=START, results=results))
    hashes = {one.ticket.ticket_id: one.hashes for one in rendered}
    store.tickets.mark_ready(SESSION_KEY, hashes, by="benchmark", at=START)
    return tuple(_render(ticket) for ticket in store.tickets.list_all(SESSION_KEY))


def _render(ticket: Ticket) -> RenderedTicket:
    text = f"{ticket.title}: what the sheets say of it, in full, once more. " * 2
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    is_long = ticket.number % (TICKETS // ATTACHMENTS) == 0 and (
        ticket.number <= ATTACHMENTS * (TICKETS // ATTACHMENTS)
    )
    full_text = text * 100
    file = (hashed_file_name("full text.md", full_text), full_text)
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        kept_text=canonical_json(
            {"type": "doc", "version": 1, "content": [paragraph] * PARAGRAPHS}
        ),
        attachment=file if is_long else None,
        rendered_hash=canonical_hash([ticket.title, is_long]),
    )


def _passed(rendered: RenderedTicket) -> TicketValidation:
    return TicketValidation(
        ticket_id=rendered.ticket.ticket_id,
        title=rendered.summary,
        is_passed=True,
        rendered_hash=rendered.rendered_hash,
        adf_size_bytes=100,
        character_reduction=0,
        error_message="",
    )


if __name__ == "__main__":
    main()
