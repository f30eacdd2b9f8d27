"""A site, a store and tickets with nothing but a title: the export's parts one by one.

Belongs here: builders for tests of single parts of the export. Does not: whole exports
(`crash/export_world`), schedules (`faults`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    Marker,
    begin_run,
)
from jira_pipeline.export.lookups import ProbeResult
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, Target
from jira_pipeline.model.issue_tracker import Created, FoundIssue
from jira_pipeline.model.manual_fixes import ManualFix
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts import stored_values
from jira_pipeline_tests.contracts.stored_values import START, a_prose, an_entry
from jira_pipeline_tests.crash.by_hand import SITE_URL
from jira_pipeline_tests.crash.export_world import (
    ACCOUNT,
    Answering,
    BentTransport,
    PatientTime,
    SteadyClock,
)
from jira_pipeline_tests.crash.sessions import PROJECT_KEY, SESSION_KEY, document, entries_of

INTENT, RECEIPT = LedgerEvent.INTENT, LedgerEvent.RECEIPT
UNKNOWN, ABSENT = LedgerEvent.UNKNOWN, LedgerEvent.ABSENT


def a_ticket(of: int, **changes: Any) -> RenderedTicket:
    """Return a rendered ticket that nothing is known of."""
    ticket = stored_values.a_ticket(of, replace(a_prose(), questions=()), **changes)
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        kept_text=canonical_json(document(ticket.title)),
        attachment=None,
        rendered_hash="",
    )


FORGOTTEN = 1_000_000
"""A sequence that no ledger of these tests reaches."""


@dataclass
class SmallSite:
    """One project on a site of its own, seen by one session."""

    sandbox: JiraSandbox
    store: Store
    tickets: tuple[RenderedTicket, ...] = tuple(a_ticket(of) for of in range(1, 6))
    time: PatientTime = field(default_factory=PatientTime)
    answering: Answering = lambda request, site: site.handle_request(request)
    requests: list[httpx.Request] = field(default_factory=list)
    horizon_seconds: float = 0.0
    batch_size: int = 1

    def __post_init__(self) -> None:
        """Log in and look at the project."""
        pacing = PacingClock(
            monotonic=self.time.monotonic, sleep=self.time.sleep, random=lambda: 0.0
        )
        self.client = JiraClient(
            SITE_URL,
            auth=ACCOUNT,
            transport=BentTransport(SandboxTransport(self.sandbox), self._answer),
            pacing=Pacing(pacing),
        )
        project = self.client.project(PROJECT_KEY)
        self.issue_type_id = self.client.issue_types(project.project_id)[0].issue_type_id
        site = self.client.site()
        target = Target(
            target_id=f"{site.site_id}/{project.project_id}",
            site_id=site.site_id,
            base_url=site.base_url,
            project_id=project.project_id,
            project_key=project.key,
            is_sandbox=True,
        )
        self.store.ledger.record_target(target, at=START)
        self.target = target
        self.account = self.client.whoami()
        self.requests.clear()

    def _answer(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        self.requests.append(request)
        return self.answering(request, site)

    @property
    def tools(self) -> ExportTools:
        return ExportTools(
            tracker=self.client,
            store=self.store,
            sessions=self.store.sessions,
            clock=SteadyClock(),
            sleep=self.time.sleep,
            monotonic=self.time.monotonic,
            is_cancelled=lambda: False,
        )

    @property
    def order(self) -> ExportOrder:
        return ExportOrder(
            session_key=SESSION_KEY,
            project_key=PROJECT_KEY,
            rendered=self.tickets,
            is_sandbox=True,
            holder="a test",
            settle_horizon_seconds=self.horizon_seconds,
            batch_size=self.batch_size,
        )

    @property
    def run(self) -> ExportRun:
        return begin_run(self.tools, self.order, self.target, account=self.account)

    def identity(self, of: int) -> str:
        return self.run.identity(f"t{of:02}")

    def write(self, of: int, *events: LedgerEvent, **changes: Any) -> LedgerEntry:
        """Write entries about the issue of a ticket; return the last."""
        run = self.run
        what = run.issue_subject(a_ticket(of))
        return [run.page.write(what, event, **changes) for event in events][-1]

    def sequence_of(self, of: int) -> int:
        """Return that of the last intent of a ticket's issue, or one that a restored ledger forgot."""
        known = self.run.page.entries_of(self.identity(of))
        return max((e.sequence for e in known if e.event is INTENT), default=FORGOTTEN)

    def create(self, of: int, *, is_marked: bool = True, **marker: Any) -> Created:
        """Create the issue of a ticket on the site; the ledger does not hear of it."""
        own = Marker(
            identity=self.identity(of),
            installation_id=self.store.ledger.installation_id(),
            session_key=SESSION_KEY,
            sequence=self.sequence_of(of),
        )
        properties = {MARKER_PROPERTY: replace(own, **marker).to_property()}
        return self.create_by_hand(
            title=f"Create content type {of}",
            labels=[self.order.session_label],
            properties=properties if is_marked else {},
        )

    def create_by_hand(
        self, *, title: str = "By hand", labels: Any = (), properties: Mapping[str, Any] = {}
    ) -> Created:
        """Create an issue as somebody else does."""
        fields = {
            "project": {"key": PROJECT_KEY},
            "issuetype": {"id": self.issue_type_id},
            "summary": title,
            "labels": list(labels),
            "description": document("x"),
        }
        created = self.client.create_issue(fields, properties)
        assert isinstance(created, Created)
        self.requests.clear()
        return created

    def export(self, of: int) -> Created:
        self.write(of, INTENT, low_bound=0)
        created = self.create(of)
        self.receive(of, created)
        return created

    def receive(self, of: int, issue: Created) -> None:
        self.write(of, RECEIPT, remote_id=issue.remote_id, remote_key=issue.remote_key)

    def receipt(self, of: int) -> tuple[str, str | None]:
        """Return the id and the key of a ticket's issue, by the ledger."""
        found = self.run.page.receipt(self.identity(of))
        assert found is not None
        assert found.remote_id is not None
        return found.remote_id, found.remote_key

    def delete(self, issue: Created) -> None:
        """Delete an issue as somebody else does."""
        self.change("DELETE FROM issue WHERE id = ?", int(issue.remote_id))

    def write_elsewhere(self, **changes: Any) -> None:
        """Write the receipt of another session for the same project."""
        target_id = self.target.target_id
        entry = an_entry(RECEIPT, target_id=target_id, **{"session_key": "another", **changes})
        self.store.ledger.append(entry)

    def fixes(self) -> tuple[ManualFix, ...]:
        return self.store.manual_fixes.list_all(SESSION_KEY)

    def change(self, statement: str, *values: object) -> None:
        with self.sandbox.state.writing() as rows:
            rows.execute(statement, values)

    def go_on_at(self, number: int) -> None:
        self.change("UPDATE project SET last_number = ?", number - 1)

    def events(self, of: int) -> list[LedgerEvent]:
        """Return what the ledger says of the issue of a ticket, in order."""
        return [e.event for e in entries_of(self.store) if e.identity == self.identity(of)]

    def read_keys(self) -> list[list[str]]:
        fetches = [r for r in self.requests if r.url.path.endswith("/bulkfetch")]
        return [json.loads(request.content)["issueIdsOrKeys"] for request in fetches]


def failing(keys: set[str], *, times: int = 99) -> Answering:
    """Say of some keys that they could not be read just now, in the first so many readings."""
    left = [times]

    def answer(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        if not request.url.path.endswith("/bulkfetch") or not left[0]:
            return response
        left[0] -= 1
        body = json.loads(response.read())
        body["issues"] = [i for i in body["issues"] if not keys & {i["id"], i["key"]}]
        body["issueErrors"] = [{"id": key, "errorMessage": "Later."} for key in sorted(keys)]
        return httpx.Response(200, json=body)

    return answer


NOTHING = ProbeResult(
    issues=(),
    is_conclusive=True,
    is_calibrated=True,
    is_proven=True,
    is_traced=True,
    highest_number=0,
)
"""A seen after which what was not seen is not there."""


def saw(*issues: FoundIssue, **changes: bool) -> ProbeResult:
    return replace(NOTHING, issues=issues, **changes)  # type: ignore[arg-type] # names of its fields
