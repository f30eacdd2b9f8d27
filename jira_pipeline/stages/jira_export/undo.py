"""Takes an export back: deletes the issues of a session that nobody worked with.

Belongs here: the order of intent, deletion and outcome, what is left of the session. Does not:
which issues may go (`undo_choice`).

Ready marks go first, so that no export starts by itself after an undo. Every issue is read once
more right before it is deleted. A deletion may be sent again: it can do no more than delete the
same issue. What has no certain outcome is looked at again by the next undo, and no export starts
before.
"""

from dataclasses import dataclass
from typing import assert_never

from jira_pipeline.domain.export_ledger import LedgerEntry, LedgerEvent
from jira_pipeline.domain.manual_fixes import FixState, FixType
from jira_pipeline.domain.sessions import SessionStage, SessionStatus
from jira_pipeline.errors import (
    CancelledError,
    InDoubtError,
    RefusedError,
)
from jira_pipeline.ports.issue_tracker import Created, NothingDone, Unknown
from jira_pipeline.ports.tickets import TicketStore
from jira_pipeline.stages.jira_export.doubts import low_bound_of, record_finds
from jira_pipeline.stages.jira_export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.stages.jira_export.ledger_page import WriteSubject
from jira_pipeline.stages.jira_export.lookups import probe
from jira_pipeline.stages.jira_export.manual_fixes import is_for_people
from jira_pipeline.stages.jira_export.target import opened_where_exported
from jira_pipeline.stages.jira_export.undo_choice import (
    UNDO_PERMISSIONS,
    Gone,
    Kept,
    KeptIssue,
    Removable,
    UndoChoice,
)

ROUNDS_MAX = 3
"""How often one undo sends a deletion whose answer does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedIssue:
    """An issue that is gone by an undo."""

    number: int | None
    """Of its ticket; None where the ticket is not in the session any more."""
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReport:
    """What one undo did, and what it left."""

    target_id: str
    removed: tuple[RemovedIssue, ...]
    kept: tuple[KeptIssue, ...]
    in_doubt: tuple[int, ...]
    """Numbers of tickets that may have an issue nobody can see yet."""
    is_conclusive: bool
    """Jira showed everything when issues without a receipt were looked for."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `undo --json` promises."""
        return {
            "removed": [{"number": issue.number, "jira_key": issue.key} for issue in self.removed],
            "kept": [issue.to_json() for issue in self.kept],
            "in_doubt": list(self.in_doubt),
            "is_conclusive": self.is_conclusive,
        }


def undo_export(
    tools: ExportTools, order: ExportOrder, *, tickets: TicketStore, by: str
) -> UndoReport:
    """Delete the session's issues that nobody worked with, and put the session back to the review.

    Raises:
        GateError: It was never exported to this site.
        LeaseBusyError: Another process writes to this target.
        CancelledError: The undo was cancelled; what is gone is recorded.
        InDoubtError: Whether some issues are gone cannot be told yet.
        UpstreamError: Jira cannot be asked.
    """
    with opened_where_exported(tools, order, permissions=UNDO_PERMISSIONS) as run:
        now = tools.clock.now()
        run.show(SessionStage.REVIEW, SessionStatus.RUNNING)
        ids = [ticket.ticket_id for ticket in tickets.list_all(order.session_key)]
        tickets.unmark_ready(order.session_key, ids, by=by, at=now)
        report = _Undoing(run, by=by).undo()
        run.show(SessionStage.REVIEW, SessionStatus.IDLE, is_undone=True)
        tools.sessions.set_progress(
            order.session_key,
            percentage=100.0,
            text=f"Taken back: {len(report.removed)} deleted, {len(report.kept)} left",
            at=tools.clock.now(),
        )
        return report


class _Undoing:
    """One undo."""

    def __init__(self, run: ExportRun, *, by: str) -> None:
        """Send nothing yet."""
        self._run = run
        self._by = by
        self._choice = UndoChoice(run)
        self._removed: list[RemovedIssue] = []
        self._kept: dict[str, KeptIssue] = {}
        self._since = run.tools.monotonic()
        self._is_conclusive = True

    def undo(self) -> UndoReport:
        """Delete what may go, newest first, and settle what has no certain outcome."""
        run = self._run
        # issues without a receipt: open intents, a ledger restored from a backup
        missing = self._choice.tickets_without_issue()
        if missing:
            seen = probe(run, low_bound_of(run, missing))
            record_finds(run, seen, run.order.in_build_order)
            self._is_conclusive = seen.is_conclusive
        receipts = self._choice.receipts()
        for number, receipt in enumerate(receipts):
            if run.tools.is_cancelled():
                key = run.order.session_key
                raise CancelledError(
                    "The undo was cancelled; what was deleted is recorded.",
                    recovery_actions=(f"Run `jira-pipeline undo {key}` again.",),
                )
            run.tools.sessions.set_progress(
                run.order.session_key,
                percentage=100.0 * number / len(receipts),
                text=f"Removing issue {number + 1} of {len(receipts)}: {_name_of(receipt)}",
                at=run.tools.clock.now(),
            )
            self._take(receipt)
        self._settle()
        self._obsolete_fixes()
        return UndoReport(
            target_id=self._run.target.target_id,
            removed=tuple(self._removed),
            kept=tuple(self._kept.values()),
            in_doubt=self._choice.tickets_in_doubt(),
            is_conclusive=self._is_conclusive,
        )

    def _take(self, receipt: LedgerEntry) -> None:
        """Delete an issue if it may go now."""
        verdict = self._choice.verdict_on(receipt)
        match verdict:
            case Removable():
                self._delete(receipt)
            case Gone():
                self._record(receipt, LedgerEvent.REMOVED, detail=self._by)
            case Kept(issue=issue):
                self._kept[receipt.identity] = issue
            case _:
                assert_never(verdict)

    def _delete(self, receipt: LedgerEntry) -> None:
        """Commit the intent, send once, commit the outcome."""
        issue_id = _issue_id(receipt)
        self._record(receipt, LedgerEvent.REMOVAL_INTENT)
        answer = self._run.tools.tracker.delete_issue(issue_id)
        match answer:
            case Created():
                self._record(receipt, LedgerEvent.REMOVED, detail=self._by)
            case NothingDone(reason=reason, error=RefusedError(status_code=404)):
                self._record(receipt, LedgerEvent.REMOVAL_UNKNOWN, detail=reason)
            case NothingDone(reason=reason, error=error):
                self._record(receipt, LedgerEvent.REMOVAL_REFUSED, detail=reason)
                if not is_for_people(error):
                    raise error
                why = (f"Jira refused to delete it: {reason}",)
                self._kept[receipt.identity] = self._choice.kept(receipt, why)
            case Unknown(reason=reason):
                self._record(receipt, LedgerEvent.REMOVAL_UNKNOWN, detail=reason)
                self._since = self._run.tools.monotonic()
            case _:
                assert_never(answer)

    def _settle(self) -> None:
        """Look again at what has no certain outcome, and send it again where it still may go.

        An issue that somebody worked with meanwhile is given up only past the horizon: until then the
        deletion may still be under way.

        Raises:
            InDoubtError: Some outcome cannot be told yet.
        """
        for _round in range(ROUNDS_MAX):
            for receipt in self._doubts():
                self._take(receipt)
        left = self._doubts()
        if left:
            self._run.wait_until(self._since + self._run.order.settle_horizon_seconds)
        for receipt in left:
            self._take(receipt)
            if self._is_open(receipt) and receipt.identity in self._kept:
                self._record(
                    receipt, LedgerEvent.REMOVAL_REFUSED, detail="settled: it is still there"
                )
        keys = ", ".join(_name_of(receipt) for receipt in self._doubts())
        if keys:
            raise InDoubtError(
                f"Whether {keys} is deleted cannot be told yet.",
                recovery_actions=(
                    f"Run `jira-pipeline undo {self._run.order.session_key}` again later.",
                ),
            )

    def _doubts(self) -> list[LedgerEntry]:
        return [receipt for receipt in self._choice.receipts() if self._is_open(receipt)]

    def _is_open(self, receipt: LedgerEntry) -> bool:
        return self._run.page.open_removal(receipt.identity) is not None

    def _record(self, receipt: LedgerEntry, event: LedgerEvent, *, detail: str = "") -> None:
        what = WriteSubject(
            ticket_id=receipt.ticket_id, subject=receipt.subject, identity=receipt.identity
        )
        self._run.page.write(
            what,
            event,
            remote_id=receipt.remote_id,
            remote_key=receipt.remote_key,
            detail=detail,
        )
        if event is LedgerEvent.REMOVED:
            number = self._choice.number_of(receipt)
            self._removed.append(RemovedIssue(number=number, key=_name_of(receipt)))

    def _obsolete_fixes(self) -> None:
        """What was left to do on issues that are gone needs no doing; other issues stay listed."""
        existing = {receipt.ticket_id for receipt in self._choice.receipts()}
        target_id = self._run.target.target_id
        for fix in self._run.tools.fixes.list_all(self._run.order.session_key, target_id=target_id):
            is_another = fix.fix_type is FixType.ORPHAN_ISSUE
            if fix.ticket_id not in existing and not is_another:
                self._run.tools.fixes.set_state(
                    self._run.order.session_key,
                    fix.fix_id,
                    FixState.OBSOLETE,
                    by=self._by,
                    at=self._run.tools.clock.now(),
                )


def _issue_id(receipt: LedgerEntry) -> str:
    assert receipt.remote_id is not None  # noqa: S101 - a receipt of an issue has one
    return receipt.remote_id


def _name_of(receipt: LedgerEntry) -> str:
    return receipt.remote_key or _issue_id(receipt)
