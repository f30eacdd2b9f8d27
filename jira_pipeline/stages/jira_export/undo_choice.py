"""Which issues an undo may delete, and what it would do.

Belongs here: reading an issue, judging whether it may go, the plan. Does not: deleting (`undo`),
what counts as a touch (`touches`).

It goes only if it is the one the ledger knows, carries the identity the ledger gave it, and was
not touched. What Jira does not show is kept: it may be hidden; only where we were about to delete
it before is it taken for gone.
"""

from dataclasses import dataclass

from jira_pipeline.domain.export_ledger import Exists, GivenUp, InDoubt, LedgerEntry
from jira_pipeline.domain.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.errors import LeaseBusyError, PipelineError, RefusedError, UnavailableError
from jira_pipeline.ports.issue_tracker import IssueTraces
from jira_pipeline.stages.jira_export.book import ExportBook, open_book
from jira_pipeline.stages.jira_export.held_lease import held_lease
from jira_pipeline.stages.jira_export.order import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportTools,
    OpenTarget,
    issue_url_of,
    marker_in,
)
from jira_pipeline.stages.jira_export.plan import ExportPlan, planned_target
from jira_pipeline.stages.jira_export.standing import (
    find_standing_target,
    look_at_target,
)
from jira_pipeline.stages.jira_export.touches import OwnTraces, touches_of

NOT_FOUND = 404
UNDO_PERMISSIONS = ("BROWSE_PROJECTS", "DELETE_ISSUES")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptIssue:
    """An issue an undo leaves where it is."""

    number: int | None
    """Of its ticket; None where the ticket is not in the session any more."""
    key: str
    url: str
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the shape of `kept` in `undo --json`."""
        return {
            "number": self.number,
            "jira_key": self.key,
            "jira_url": self.url,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Removable:
    """It is ours, and nobody touched it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """We were about to delete it, and it is not there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """It stays, and why."""

    issue: KeptIssue


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    """What an undo would do now."""

    plan: ExportPlan
    kept: tuple[KeptIssue, ...]

    def to_json(self) -> dict[str, object]:
        """Return the shape `undo --plan --json` promises."""
        return self.plan.to_json() | {"kept": [issue.to_json() for issue in self.kept]}


class UndoChoice:
    """Judges the issues of a session on an opened target."""

    def __init__(
        self, tools: ExportTools, order: ExportOrder, *, opened: OpenTarget, book: ExportBook
    ) -> None:
        """Keep what is judged."""
        self._tools = tools
        self._order = order
        self._opened = opened
        self._book = book
        self._by_id = {r.ticket.ticket_id: r for r in order.rendered}

    def receipts(self) -> tuple[LedgerEntry, ...]:
        """Return the receipts of all issues that exist, the newest first."""
        return self._book.issue_receipts()[::-1]

    def number_of(self, receipt: LedgerEntry) -> int | None:
        """Return the number of an issue's ticket."""
        rendered = self._by_id.get(receipt.ticket_id)
        return None if rendered is None else rendered.ticket.number

    def verdict_on(self, receipt: LedgerEntry) -> Removable | Gone | Kept:
        """Read an issue and say whether it may go.

        Raises:
            UpstreamError: Jira cannot be asked.
        """
        traces = self._read(receipt)
        if traces is None:
            if self._book.open_removal(receipt.identity) is not None:
                return Gone()
            return Kept(self.kept(receipt, ("Jira does not show it: deleted, or hidden from us",)))
        marker = marker_in(traces.properties)
        if marker is None or marker.identity != receipt.identity:
            return Kept(self.kept(receipt, ("it does not carry the identity we gave it",)))
        reasons = touches_of(traces, self._own_traces(receipt))
        return Kept(self.kept(receipt, reasons, key=traces.key)) if reasons else Removable()

    def kept(
        self, receipt: LedgerEntry, reasons: tuple[str, ...], *, key: str | None = None
    ) -> KeptIssue:
        """Say that an issue stays, and why."""
        name = key or receipt.remote_key or receipt.remote_id or receipt.identity
        return KeptIssue(
            number=self.number_of(receipt),
            key=name,
            url=issue_url_of(self._opened.target, name),
            reasons=reasons,
        )

    def is_sighted(self) -> bool:
        """Tell whether Jira still knows us: without an account everything seems gone."""
        return self._tools.tracker.whoami().account_id == self._opened.account.account_id

    def tickets_without_issue(self) -> list[RenderedTicket]:
        """Return the tickets without a receipt of which something was sent."""
        return [
            rendered
            for rendered in self._order.in_build_order
            if not isinstance(self._book.state(self._identity(rendered)), Exists)
        ]

    def tickets_in_doubt(self) -> tuple[int, ...]:
        """Return the numbers of tickets that may have an issue nobody can see yet."""
        return tuple(
            rendered.ticket.number
            for rendered in self.tickets_without_issue()
            if isinstance(self._book.state(self._identity(rendered)), InDoubt | GivenUp)
        )

    def _identity(self, rendered: RenderedTicket) -> str:
        return self._opened.identity(rendered.ticket.ticket_id)

    def _read(self, receipt: LedgerEntry) -> IssueTraces | None:
        """Read an issue; None where Jira, which still knows us, does not show it."""
        assert receipt.remote_id is not None  # noqa: S101 - a receipt of an issue has one
        try:
            return self._tools.tracker.issue_traces(
                receipt.remote_id, properties=(MARKER_PROPERTY,)
            )
        except RefusedError as error:
            if error.status_code != NOT_FOUND:
                raise
        if not self.is_sighted():
            raise UnavailableError("Jira does not know us any more; nothing is deleted.")
        return None

    def _own_traces(self, receipt: LedgerEntry) -> OwnTraces:
        files = self._book.receipts_of_files(receipt.identity)
        own_ids = (entry.remote_id for entry in self._book.issue_receipts())
        return OwnTraces(
            account_id=self._opened.account.account_id,
            issue_ids=frozenset(i for i in own_ids if i is not None) | self._book.removed_ids,
            attachment_ids=frozenset(file_id for _, file_id in files if file_id is not None),
            file_names=frozenset([*(name for name, _ in files), *self._full_texts_of(receipt)]),
        )

    def _full_texts_of(self, receipt: LedgerEntry) -> list[str]:
        """Return the file name an export would attach: a restored ledger may not know of it."""
        rendered = self._by_id.get(receipt.ticket_id)
        if rendered is None or rendered.attachment is None:
            return []
        return [hashed_file_name(*rendered.attachment)]


def plan_undo(tools: ExportTools, order: ExportOrder) -> UndoPlan:
    """Tell what an undo would do; only reads are sent.

    Raises:
        GateError: The session was never exported to this site.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    target = find_standing_target(tools, order)
    opened = look_at_target(tools, order, target=target, permissions=UNDO_PERMISSIONS)
    choice = UndoChoice(tools, order, opened=opened, book=open_book(tools, opened))
    remove: list[int] = []
    kept: list[KeptIssue] = []
    for receipt in choice.receipts():
        verdict = choice.verdict_on(receipt)
        if isinstance(verdict, Kept):
            kept.append(verdict.issue)
        else:
            remove.append(choice.number_of(receipt) or 0)
    return UndoPlan(
        plan=ExportPlan(
            target=planned_target(opened),
            create=(),
            link=0,
            skip=tuple(sorted(issue.number for issue in kept if issue.number is not None)),
            remove=tuple(remove),
            blocked=_blocked(tools, order, opened=opened),
        ),
        kept=tuple(kept),
    )


def _blocked(tools: ExportTools, order: ExportOrder, *, opened: OpenTarget) -> PipelineError | None:
    """Return why an undo would not start: another process is at work on this target."""
    try:
        with held_lease(tools, order, opened.target):
            return None
    except LeaseBusyError as error:
        return error
