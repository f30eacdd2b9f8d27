"""Which issues an undo may delete, and what it would do.

Belongs here: reading an issue, judging whether it may go, the plan. Does not: deleting (`undo`).

It goes only if it is the one the ledger knows, carries the identity the ledger gave it, and nobody
worked with it. What Jira does not show is kept: it may be hidden; only where we were about to
delete it before is it taken for gone.

Comments, worklogs and subtasks are never ours. Of the changes, only those that an export makes
itself count as ours, and only from our account: with the same account a person may have worked.
"""

from dataclasses import dataclass

from jira_pipeline.domain.export_ledger import Exists, GivenUp, InDoubt, LedgerEntry
from jira_pipeline.domain.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.errors import LeaseBusyError, PipelineError, RefusedError, UnavailableError
from jira_pipeline.ports.issue_tracker import IssueTraces
from jira_pipeline.stages.jira_export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    issue_url_of,
    marker_in,
)
from jira_pipeline.stages.jira_export.plan import ExportPlan, planned_target
from jira_pipeline.stages.jira_export.target import held_lease, seen_where_exported

FIELDS_WE_CHANGE = frozenset(
    {"attachment", "issueparentassociation", "link", "parent", "rank", "sprint"}
)
"""Names of fields, in lower case, under which a changelog lists what an export does."""
NOT_FOUND = 404
UNDO_PERMISSIONS = ("BROWSE_PROJECTS", "DELETE_ISSUES")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraces:
    """What an export left on one issue, by the ledger."""

    account_id: str
    issue_ids: frozenset[str]
    """Of all issues of the session on this target, removed ones included."""
    attachment_ids: frozenset[str]
    file_names: frozenset[str]
    """Of the files of this issue, those in doubt included."""


def reasons_to_keep(traces: IssueTraces, own: OwnTraces) -> tuple[str, ...]:
    """Say what people did with an issue; nothing where nobody did."""
    foreign_links = [link for link in traces.links if link.other_issue_id not in own.issue_ids]
    foreign_files = [
        file
        for file in traces.attachments
        if file.attachment_id not in own.attachment_ids
        and not (file.author_id == own.account_id and file.file_name in own.file_names)
    ]
    counts = {
        "comment": len(traces.comments),
        "worklog": len(traces.worklogs),
        "subtask": len(traces.subtask_ids),
        "link to an issue that is not of this export": len(foreign_links),
        "attachment that is not of this export": len(foreign_files),
    }
    changed = {
        change.field
        for change in traces.changes
        if change.author_id != own.account_id or change.field.casefold() not in FIELDS_WE_CHANGE
    }
    return (
        *(f"it has {_counted(count, noun)}" for noun, count in counts.items() if count),
        *(f"its field {name} was changed" for name in sorted(changed)),
    )


def _counted(count: int, noun: str) -> str:
    first, _, rest = noun.partition(" ")
    return f"{count} {first}{'s' if count > 1 else ''}{' ' + rest if rest else ''}"


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
    """It is ours, and nobody worked with it."""


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
    """Judges the issues of a session on its target."""

    def __init__(self, run: ExportRun) -> None:
        """Judge nothing yet."""
        self._run = run
        self._by_id = {r.ticket.ticket_id: r for r in run.order.rendered}

    def receipts(self) -> tuple[LedgerEntry, ...]:
        """Return the receipts of all issues that exist, the newest first."""
        return self._run.page.issue_receipts()[::-1]

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
            if self._run.page.open_removal(receipt.identity) is not None:
                return Gone()
            return Kept(self.kept(receipt, ("Jira does not show it: deleted, or hidden from us",)))
        marker = marker_in(traces.properties)
        if marker is None or marker.identity != receipt.identity:
            return Kept(self.kept(receipt, ("it does not carry the identity we gave it",)))
        reasons = reasons_to_keep(traces, self._own_traces(receipt))
        return Kept(self.kept(receipt, reasons, key=traces.key)) if reasons else Removable()

    def kept(
        self, receipt: LedgerEntry, reasons: tuple[str, ...], *, key: str | None = None
    ) -> KeptIssue:
        """Say that an issue stays, and why."""
        name = key or receipt.remote_key or receipt.remote_id or receipt.identity
        return KeptIssue(
            number=self.number_of(receipt),
            key=name,
            url=issue_url_of(self._run.target, name),
            reasons=reasons,
        )

    def tickets_without_issue(self) -> list[RenderedTicket]:
        """Return the tickets without a receipt of which something was sent."""
        return [
            rendered
            for rendered in self._run.order.in_build_order
            if not isinstance(self._run.issue_state(rendered), Exists)
        ]

    def tickets_in_doubt(self) -> tuple[int, ...]:
        """Return the numbers of tickets that may have an issue nobody can see yet."""
        return tuple(
            rendered.ticket.number
            for rendered in self.tickets_without_issue()
            if isinstance(self._run.issue_state(rendered), InDoubt | GivenUp)
        )

    def _read(self, receipt: LedgerEntry) -> IssueTraces | None:
        """Read an issue; None where Jira, which still knows us, does not show it."""
        assert receipt.remote_id is not None  # noqa: S101 - a receipt of an issue has one
        try:
            return self._run.tools.tracker.issue_traces(
                receipt.remote_id, properties=(MARKER_PROPERTY,)
            )
        except RefusedError as error:
            if error.status_code != NOT_FOUND:
                raise
        # without an account everything seems gone
        if self._run.tools.tracker.whoami().account_id != self._run.account.account_id:
            raise UnavailableError("Jira does not know us any more; nothing is deleted.")
        return None

    def _own_traces(self, receipt: LedgerEntry) -> OwnTraces:
        files = self._run.page.receipts_of_files(receipt.identity)
        names = [name for name, _ in files]
        rendered = self._by_id.get(receipt.ticket_id)
        if rendered is not None and rendered.attachment is not None:
            # what an export would attach: a restored ledger may not know of it
            names.append(hashed_file_name(*rendered.attachment))
        return OwnTraces(
            account_id=self._run.account.account_id,
            issue_ids=self._run.page.issue_ids() | self._run.page.removed_ids,
            attachment_ids=frozenset(file_id for _, file_id in files if file_id is not None),
            file_names=frozenset(names),
        )


def plan_undo(tools: ExportTools, order: ExportOrder) -> UndoPlan:
    """Tell what an undo would do; only reads are sent.

    Raises:
        GateError: The session was never exported to this site.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    run = seen_where_exported(tools, order, permissions=UNDO_PERMISSIONS)
    choice = UndoChoice(run)
    remove: list[int] = []
    kept: list[KeptIssue] = []
    for receipt in choice.receipts():
        verdict = choice.verdict_on(receipt)
        if isinstance(verdict, Kept):
            kept.append(verdict.issue)
        else:
            remove.append(choice.number_of(receipt) or 0)
    blocked: PipelineError | None = None
    try:
        with held_lease(tools, order, run.target):
            pass
    except LeaseBusyError as error:  # another process is at work on this target
        blocked = error
    return UndoPlan(
        plan=ExportPlan(
            target=planned_target(run),
            create=(),
            link=0,
            skip=tuple(sorted(issue.number for issue in kept if issue.number is not None)),
            remove=tuple(remove),
            blocked=blocked,
        ),
        kept=tuple(kept),
    )
