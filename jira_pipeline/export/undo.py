"""Takes an export back: deletes the issues of a session that nobody worked with.

Belongs here: which issues may be deleted, the order of intent, deletion and outcome, the plan of
it. Does not: settling what is unconfirmed (`settle`), the lease and what we may do (`target`).

An undo has a beginning and an end in the ledger: nothing is created on its target in between, and
whoever takes an undo up carries on where the last one stopped. A person may end it as it is, too.

What people marked ready stays so where nothing changed since; no export starts by itself after an
undo. Every issue is read right before it is deleted. It goes only if it is the one the ledger
knows, made by an account of ours, carries the identity the ledger gave it, and nobody worked with
it (`ledger_comparison`). It is gone where Jira answers so and then does not show it. What Jira does
not show otherwise is kept: it may be hidden, also where we were about to delete it.

A deletion may be sent again: it can do no more than delete the same issue. What has no certain
outcome is looked at again by the next undo, and no export starts before.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    marker_in,
)
from jira_pipeline.export.issue_texts import is_unchanged
from jira_pipeline.export.ledger_comparison import OwnTraces, fields_written, reasons_to_keep
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.links import links_of
from jira_pipeline.export.lookups import (
    child_issues,
    probe,
    read_if_visible,
    read_issues,
    verify_receipts,
)
from jira_pipeline.export.plan import ExportPlan, planned_target
from jira_pipeline.export.repeated_writes import end_fixes, gone_or_hidden, write_once
from jira_pipeline.export.target import lease_fault, opened_where_exported, seen_where_exported
from jira_pipeline.export.text_writes import NOT_OURS, NOT_SHOWN, last_text
from jira_pipeline.export.unconfirmed import (
    lowest_possible_number,
    record_found_issues,
    unclaimed_issues,
)
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import GateError, GateRule, InDoubtError
from jira_pipeline.model.exports import (
    REMOVING,
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    LeftToPerson,
    is_handmade,
)
from jira_pipeline.model.issue_tracker import NothingDone, Unknown
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.rendered_tickets import hashed_file_name, without_documents
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.target_shares import issue_url_of

UNDO_PERMISSIONS = ("BROWSE_PROJECTS", "DELETE_ISSUES")
ENDING_PERMISSIONS = ("BROWSE_PROJECTS",)
THE_UNDO = WriteSubject(ticket_id="", subject=LedgerSubject.UNDO, identity="undo")
NOT_ITS_TURN = "the undo ended before its turn"
NOT_AGREED = "the plan that was agreed to does not name it"
UNCONFIRMED = (
    "Jira does not show it and never answered that it is deleted: it may be hidden, so it counts "
    "until somebody decides"
)
NOT_DELETED = "Jira answered that it is deleted, and still shows it"
ROUNDS_MAX = 3
"""How often one undo sends a deletion whose answer does not say what happened."""
BELOW_NAMED = 3
"""How many issues below an epic a reason names."""
CHILDREN_UNSURE = "Jira does not show all of the project, so issues may be below it"


@json_fields("number jira_key=key")
@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedIssue:
    """An issue that is gone by an undo."""

    number: int | None
    """Of its ticket; None where the ticket is not in the session any more."""
    key: str


@json_fields("number jira_key=key jira_url=url reasons")
@dataclass(frozen=True, slots=True, kw_only=True)
class KeptIssue:
    """An issue an undo leaves where it is."""

    number: int | None
    """Of its ticket; None where the ticket is not in the session any more."""
    key: str
    url: str
    reasons: tuple[str, ...]


@json_fields("removed kept in_doubt is_conclusive")
@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReport:
    """What one undo did, and what it left."""

    removed: tuple[RemovedIssue, ...]
    kept: tuple[KeptIssue, ...]
    in_doubt: tuple[int, ...]
    """Numbers of tickets that may have an issue nobody can see yet."""
    is_conclusive: bool
    """Jira showed everything when issues without a receipt were looked for."""
    deleted_keys: tuple[str, ...] = ()
    """Keys of all issues that were deleted since the undo began, by earlier executions as well."""


@json_fields("**plan kept begun_at=begun.at warning")
@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    plan: ExportPlan
    kept: tuple[KeptIssue, ...]
    begun: LedgerEntry | None
    """The beginning of an undo that has not ended: this one would carry it on."""
    warning: str = ""
    """Whose issues these may be, where they were created from another store than this."""
    issue_ids: tuple[str, ...] = ()
    """Ids of the issues that would be deleted, sorted: what somebody agrees to by this plan."""


@dataclass(frozen=True, slots=True)
class Removable:
    """It is ours, and nobody worked with it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Jira does not show it, and we were about to delete it: whether we did, an undo finds out."""


def undo_export(
    tools: ExportTools,
    order: ExportOrder,
    *,
    by: str,
    keeps_rest: bool = False,
    agreed_issue_ids: frozenset[str] | None = None,
    on_begun: Callable[[], object] = lambda: None,
) -> UndoReport:
    """Delete the session's issues that nobody worked with, and put the session back to the review.

    An earlier undo that did not end is carried on. With `keeps_rest` it is only ended: no further
    issue is deleted, but what became of deletions under way is found out. With `agreed_issue_ids` no
    other issue is deleted, and no undo begins where others would be. `on_begun` is called once the
    ledger has the beginning.

    Raises:
        GateError: It was never exported to this target, there is no undo to end, or other issues
            would be deleted than somebody agreed to.
        LeaseBusyError: Another process writes to this target.
        CancelledError: The undo was cancelled; what is gone is recorded.
        InDoubtError: Whether some issues are gone is not known yet.
        UpstreamError: Jira cannot be asked.
    """
    permissions = ENDING_PERMISSIONS if keeps_rest else UNDO_PERMISSIONS
    with opened_where_exported(tools, order, permissions=permissions) as run:
        begun = run.page.open_undo()
        if begun is None:
            if keeps_rest:
                raise nothing_to_end(order.session_key, where=run.target.name)
            if agreed_issue_ids is not None:
                _refuse_other_issues(run, agreed_issue_ids)
            begun = run.page.write(THE_UNDO, LedgerEvent.UNDO_BEGUN, detail=by)
        on_begun()
        run.show(SessionStage.REVIEW, SessionStatus.RUNNING)
        tickets = tools.store.tickets
        # Only people decide that something is exported again: automatic approvals end here.
        approved_by_nobody = [
            ticket.ticket_id
            for ticket in tickets.list_all(order.session_key)
            if ticket.ready_by == AUTO_APPROVAL
        ]
        tickets.unmark_ready(order.session_key, approved_by_nobody, by=by, at=tools.clock.now())
        undoing = _Undoing(run, by=by, keeps_rest=keeps_rest, agreed_issue_ids=agreed_issue_ids)
        report = undoing.undo()
        since = [entry for entry in run.page.entries if entry.sequence > begun.sequence]
        deleted = [entry.remote_key for entry in since if entry.event is LedgerEvent.REMOVED]
        run.page.write(THE_UNDO, LedgerEvent.UNDO_ENDED, detail=by)
        run.show(SessionStage.REVIEW, SessionStatus.IDLE, is_undone=True)
        run.show_progress(100.0, f"Undone: {len(deleted)} deleted, {len(report.kept)} left")
        return replace(report, deleted_keys=tuple(filter(None, deleted)))


def nothing_to_end(session_key: str, *, where: str) -> GateError:
    """Return the error that there is no undo to end: none began, or it has ended."""
    return GateError(
        f"There is no undo to end: session {session_key} has none open in {where}.",
        rule=GateRule.NOTHING_TO_CANCEL,
        session_key=session_key,
    )


def plan_undo(tools: ExportTools, order: ExportOrder) -> UndoPlan:
    """Tell what an undo would do; only reads are sent."""
    run = seen_where_exported(tools, order, permissions=UNDO_PERMISSIONS)
    judged = _judge_issues(run)
    begun = run.page.open_undo()
    blocked = lease_fault(tools, order, run.target)
    plan = ExportPlan(
        target=planned_target(run),
        create=(),
        link=0,
        skip=judged.numbers_left,
        remove=judged.removable_numbers,
        blocked=blocked,
    )
    warning = _warning_of_copies(judged.places, here=tools.store.place)
    return UndoPlan(
        plan=plan,
        kept=judged.issues_left,
        begun=begun,
        warning=warning,
        issue_ids=judged.issue_ids,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _JudgedIssues:
    """Which issues of a session an undo would delete now, and which it would leave."""

    issue_ids: tuple[str, ...]
    """Of those that it would delete, sorted."""
    removable_numbers: tuple[int, ...]
    issues_left: tuple[KeptIssue, ...]
    places: Mapping[str, int]
    """How many of those that it would delete were created from each place of the store."""

    @property
    def numbers_left(self) -> tuple[int, ...]:
        numbers = [issue.number for issue in self.issues_left if issue.number is not None]
        return tuple(sorted(numbers))


def _judge_issues(run: ExportRun) -> _JudgedIssues:
    """Read every issue of a session, and say what an undo would do with it."""
    choice = _Choice(run)
    removable_numbers: list[int] = []
    issues_left: list[KeptIssue] = []
    for receipt in choice.receipts():
        match choice.verdict_on(receipt):
            case Removable():
                removable_numbers.append(choice.number_of(receipt) or 0)
            case KeptIssue() as issue:
                issues_left.append(issue)
            case Gone():
                pass  # an undo finds out
    issue_ids = sorted(choice.going)
    return _JudgedIssues(
        issue_ids=tuple(issue_ids),
        removable_numbers=tuple(removable_numbers),
        issues_left=tuple(issues_left),
        places=choice.places,
    )


def _refuse_other_issues(run: ExportRun, agreed_issue_ids: frozenset[str]) -> None:
    """Stop an undo before it begins, if it would delete other issues than somebody agreed to.

    Raises:
        GateError: Issues came, went, or were worked with in between.
    """
    if frozenset(_judge_issues(run).issue_ids) == agreed_issue_ids:
        return
    key = run.order.session_key
    raise GateError(
        f"An undo of session {key} would not delete the issues that were agreed to; none was deleted.",
        rule=GateRule.DECISION_CHANGED,
        session_key=key,
        recovery_actions=(
            Action.of(
                ActionKind.UNDO,
                "Look at the plan as it is now, and agree to that: {}.",
                session_key=key,
            ),
        ),
    )


def _warning_of_copies(places: Mapping[str, int], *, here: str) -> str:
    """Warn of issues that were created from another place of the store; empty: none were.

    `places` counts the issues to delete by the place of the store that created them.
    """
    others = {place: count for place, count in places.items() if place not in {"", here}}
    if not others:
        return ""
    counts = " and ".join(f"{count} at {place}" for place, count in sorted(others.items()))
    return (
        f"These issues were created when this store was somewhere else: {counts}; it is at {here} "
        "now. If it was moved, go on. If this is a copy and the original is still in use, do not: "
        "this deletes the issues of the original."
    )


class _Undoing:
    """One execution of an undo: what it deleted, and what it left and why."""

    def __init__(
        self,
        run: ExportRun,
        *,
        by: str,
        keeps_rest: bool,
        agreed_issue_ids: frozenset[str] | None,
    ) -> None:
        self._run = run
        self._by = by
        self._keeps_rest = keeps_rest
        self._agreed_issue_ids = agreed_issue_ids
        self._choice = _Choice(run)
        vanished = without_documents(self._choice.vanished_tickets, {})
        self._tickets = (*run.order.with_epics, *vanished)  # defence: undo-of-skipped
        """All tickets, skipped and withdrawn ones as well: their issues may have been lost before."""
        self._removed: list[RemovedIssue] = []
        self._kept: dict[str, KeptIssue] = {}
        """What is left, by the identity of the issue, or by its key where no ticket may claim it."""
        self._since = run.tools.monotonic()
        """When the last deletion without a known outcome was sent; the horizon counts from then."""
        self._is_conclusive = True

    def undo(self) -> UndoReport:
        """Delete what may go, newest first, and settle what has no certain outcome."""
        run = self._run
        # Reads who made them, which is not known where an older version sent them.
        verify_receipts(run, self._choice.receipts())
        # An earlier process may have been killed between the answer to a deletion and this look.
        self._confirm()  # defence: earlier-deletions
        if self._keeps_rest:
            self._settle()
            for receipt in self._choice.receipts():
                self._kept.setdefault(receipt.identity, self._choice.kept(receipt, (NOT_ITS_TURN,)))
            return self._end()

        # Issues without a receipt: their creation had no known outcome, or the ledger was restored.
        missing = [
            rendered
            for rendered in self._tickets
            if not isinstance(run.issue_state(rendered), Exists)
        ]
        if missing:
            seen = probe(run, lowest_possible_number(run, missing))
            record_found_issues(run, seen, self._tickets)
            for key, reason in unclaimed_issues(run, seen.issues).items():
                url = issue_url_of(run.target, key)
                self._kept[key] = KeptIssue(number=None, key=key, url=url, reasons=(reason,))
            self._is_conclusive = seen.is_conclusive

        receipts = self._choice.receipts()
        for number, receipt in enumerate(receipts):
            if run.tools.is_cancelled():
                self._confirm()  # records what is gone by now, before the undo is cancelled
            run.raise_if_cancelled()
            text = f"Removing issue {number + 1} of {len(receipts)}: {_name_of(receipt)}"
            run.show_progress(100.0 * number / len(receipts), text)
            self._take(receipt)
        self._settle()
        return self._end()

    def _end(self) -> UndoReport:
        """End the manual fixes about issues that are gone, and return what was done."""
        existing = {receipt.ticket_id for receipt in self._choice.receipts()}

        def is_over(fix: ManualFix) -> bool:
            # An issue that was found nowhere may exist all the same: somebody still has to look.
            is_about_doubt = fix.fix_type is FixType.ORPHAN_ISSUE and fix.jira_key is None
            return fix.ticket_id not in existing and not is_about_doubt

        end_fixes(self._run, is_over=is_over, state=FixState.OBSOLETE, by=self._by)
        return UndoReport(
            removed=tuple(self._removed),
            kept=tuple(self._kept.values()),
            in_doubt=self._numbers_in_doubt(),
            is_conclusive=self._is_conclusive,
        )

    def _numbers_in_doubt(self) -> tuple[int, ...]:
        """Return the numbers of tickets that may have an issue nobody can see yet."""
        return tuple(
            rendered.ticket.number
            for rendered in self._tickets
            if isinstance(self._run.issue_state(rendered), InDoubt | LeftToPerson)
        )

    def _take(self, receipt: LedgerEntry) -> None:
        """Delete an issue if it may go, and record the answer; else note why it is left."""
        tracker = self._run.tools.tracker
        page = self._run.page
        answer = write_once(
            self._run,
            intend=lambda: self._intend(receipt),
            send=lambda going: gone_or_hidden(tracker.delete_issue(going.remote_id or "")),
            record=lambda going, answer: page.write_answer(
                WriteSubject.of(going), answer, events=REMOVING, about=going
            ),
        )
        match answer:
            case NothingDone(reason=reason):
                self._leave(receipt, f"Jira refused to delete it: {reason}")
            case Unknown():
                self._since = self._run.tools.monotonic()
            case _:
                pass

    def _intend(self, receipt: LedgerEntry) -> LedgerEntry | None:
        """Judge an issue; commit the intent to delete it and return its receipt, or None: it is left.

        An issue that Jira does not show any more is recorded as such in the ledger.
        """
        match self._choice.verdict_on(receipt):
            case Removable() if self._keeps_rest:
                self._kept[receipt.identity] = self._choice.kept(receipt, (NOT_ITS_TURN,))
            case Removable() if not self._is_agreed(receipt):
                self._leave(receipt, NOT_AGREED)
            case Removable():
                self._run.page.write_of_issue(receipt, LedgerEvent.REMOVAL_INTENT)
                return receipt
            case Gone():
                # defence: unconfirmed-removal
                self._run.page.write_of_issue(receipt, LedgerEvent.REMOVAL_UNCONFIRMED)
                self._kept[receipt.identity] = self._choice.kept(receipt, (UNCONFIRMED,))
            case KeptIssue() as issue:
                self._kept[receipt.identity] = issue
        return None

    def _leave(self, receipt: LedgerEntry, why: str) -> None:
        """Note that an issue which might go stays, so that an epic above it stays, too."""
        self._kept[receipt.identity] = self._choice.kept(receipt, (why,))
        self._choice.going.discard(receipt.remote_id or "")

    def _is_agreed(self, receipt: LedgerEntry) -> bool:
        """Tell whether an issue may be deleted by what was agreed to: one found only now may not."""
        if self._agreed_issue_ids is None:
            return True
        return receipt.remote_id in self._agreed_issue_ids

    def _confirm(self) -> None:
        """Read the issues back that Jira said it deleted, and record which it does not show any more."""
        answered = {
            receipt.remote_id or "": receipt
            for receipt in self._choice.receipts()
            if self._is_answered(receipt)
        }
        waiting = "whether they are deleted is not known"
        shown = read_issues(self._run, list(answered), fields=("summary",), waiting=waiting)
        for issue_id, receipt in answered.items():
            if issue_id in shown:  # defence: deletion-read-back
                event = LedgerEvent.REMOVAL_REFUSED
                why = NOT_DELETED
                self._kept[receipt.identity] = self._choice.kept(receipt, (why,))
            else:
                event = LedgerEvent.REMOVED
                why = self._by
                self._kept.pop(receipt.identity, None)  # an earlier look may have found it in Jira
                number = self._choice.number_of(receipt)
                self._removed.append(RemovedIssue(number=number, key=_name_of(receipt)))
            self._run.page.write_of_issue(receipt, event, detail=why)

    def _settle(self) -> None:
        """Find out what became of deletions without a known outcome, and send them again if they may go.

        An issue that is not to be deleted any more, because somebody worked with it meanwhile, is
        recorded as left only past the horizon: until then the deletion may still be under way.

        Raises:
            InDoubtError: Whether some issues are gone is still not known.
        """
        self._confirm()
        for _round in range(ROUNDS_MAX):
            for receipt in self._doubts():
                self._take(receipt)
        left = self._doubts()
        if left:
            # defence: deletion-horizon
            self._run.wait_until(self._since + self._run.order.settle_horizon_seconds)
        for receipt in left:
            self._take(receipt)
            if self._is_open(receipt) and receipt.identity in self._kept:
                why = "settled: it still exists"
                self._run.page.write_of_issue(receipt, LedgerEvent.REMOVAL_REFUSED, detail=why)
        self._confirm()
        keys = ", ".join(_name_of(receipt) for receipt in self._doubts())
        if keys:
            raise InDoubtError(
                f"It is not yet known whether {keys} is deleted.",
                recovery_actions=(
                    Action.of(
                        ActionKind.UNDO,
                        "Try again later: {}.",
                        session_key=self._run.order.session_key,
                    ),
                ),
            )

    def _doubts(self) -> list[LedgerEntry]:
        """Return the receipts of issues whose deletion has no known outcome."""
        return [receipt for receipt in self._choice.receipts() if self._is_open(receipt)]

    def _is_open(self, receipt: LedgerEntry) -> bool:
        """Tell whether a deletion was sent and got no answer that says what happened."""
        is_open = self._run.page.open_removal(receipt.identity) is not None
        return is_open and not self._is_answered(receipt)

    def _is_answered(self, receipt: LedgerEntry) -> bool:
        last = self._run.page.open_removal(receipt.identity)
        return last is not None and last.event is LedgerEvent.REMOVAL_ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class _LinkAtIssue:
    """A link of ours as one of its issues shows it."""

    link_id: str
    """Empty where it is not known."""
    other_issue_id: str
    """Id of the issue at its other end; empty where there is none yet."""


class _Choice:
    """Judges which issues of a session on its target may be deleted."""

    def __init__(self, run: ExportRun) -> None:
        self._run = run
        self._by_id = {rendered.ticket.ticket_id: rendered for rendered in run.order.rendered}
        self.vanished_tickets = run.tools.store.tickets.list_vanished(run.order.session_key)
        self._of_tickets = {*self._by_id, *(ticket.ticket_id for ticket in self.vanished_tickets)}
        self.going: set[str] = set()
        """Ids of issues that may be deleted, as far as they were looked at."""
        self.places: Counter[str] = Counter()
        """How many issues that may be deleted were created from each place of the store."""

    def receipts(self) -> tuple[LedgerEntry, ...]:
        """Return the receipts of all issues that exist, the newest first, epics last."""
        receipts = self._run.page.issue_receipts()[::-1]
        return tuple(sorted(receipts, key=self._is_above))  # defence: epics-last

    def _is_above(self, receipt: LedgerEntry) -> bool:
        """Tell whether an issue may have others below it: it is an epic, or of a ticket that is gone."""
        return receipt.ticket_id not in self._of_tickets

    def number_of(self, receipt: LedgerEntry) -> int | None:
        rendered = self._by_id.get(receipt.ticket_id)
        return None if rendered is None else rendered.ticket.number

    def verdict_on(self, receipt: LedgerEntry) -> Removable | Gone | KeptIssue:
        """Read an issue as it is now, and say whether it may be deleted.

        The first reason that speaks against it counts. An issue that may go is noted in `going`,
        because an epic may go only if all issues below it do.
        """
        run = self._run
        issue_id = receipt.remote_id or ""
        tracker = self._run.tools.tracker
        last = last_text(run.page, receipt)
        text = None if last is None else read_if_visible(run, lambda: tracker.issue_text(issue_id))
        traces = read_if_visible(
            run, lambda: tracker.traces_of_one_moment(issue_id, properties=(MARKER_PROPERTY,))
        )
        if traces is None:
            # defence: hidden-is-not-deleted
            if run.page.open_removal(receipt.identity) is not None:
                return Gone()
            return self.kept(receipt, (NOT_SHOWN,))
        marker = marker_in(traces.properties)
        # The marker counts beside the ledger, which may have been restored and not know the adoption.
        # defence: made-by-people
        is_adopted = is_handmade(run.page.entries_of_issue(receipt)) or (
            marker and marker.is_adopted
        )
        if is_adopted:
            return self.kept(receipt, ("people made it, and it was adopted",), key=traces.key)
        # defence: unmarked-is-not-deleted
        if marker is None or marker.identity != receipt.identity:
            return self.kept(receipt, (NOT_OURS,))
        if not run.is_made_by_us(receipt.identity, traces.creator_id):
            return self.kept(receipt, ("somebody else created it",), key=traces.key)
        if text and text.updated != traces.updated:  # defence: changed-while-judged
            return self.kept(receipt, ("somebody has just changed it",), key=traces.key)
        is_text_ours = (
            text is not None
            and last is not None
            and not last.is_shared  # defence: undo-of-shared-text
            and is_unchanged(text, last)
        )
        reasons = reasons_to_keep(traces, self._own_traces(receipt, is_text_ours=is_text_ours))
        if self._is_above(receipt):
            reasons += self._below(traces.key)  # defence: issues-below-epic
        if reasons:
            return self.kept(receipt, reasons, key=traces.key)
        self.places[marker.place] += 1
        self.going.add(issue_id)
        return Removable()

    def _own_traces(self, receipt: LedgerEntry, *, is_text_ours: bool) -> OwnTraces:
        """Return what is on an issue by our doing, so that it is no trace of somebody's work.

        What an export would put there counts, too: a restored ledger may not know that it did.
        """
        page = self._run.page
        files = page.sent(LedgerSubject.ATTACHMENT, on=receipt.identity)
        file_names = {identity.rpartition("/")[2] for identity in files}
        rendered = self._by_id.get(receipt.ticket_id)
        if rendered is not None and rendered.attachment is not None:
            file_names.add(hashed_file_name(*rendered.attachment))
        attachment_ids = set()
        for file_receipt in map(page.receipt, files):
            if file_receipt is not None and file_receipt.origin is None:
                attachment_ids.add(file_receipt.remote_id or "")
        links = self._links[receipt.identity]
        fields = set(self._fields_written[receipt.identity])
        if links:
            fields.add("link")
        if file_names:
            fields.add("attachment")
        if self._is_above(receipt):
            fields.add("epic child")
        comments = page.receipts_of(LedgerSubject.COMMENT, on=receipt.identity)
        return OwnTraces(
            account_ids=self._run.own_accounts,
            fields=frozenset(fields),
            link_ids={link.link_id for link in links if link.link_id},
            linked_ids={link.other_issue_id for link in links if not link.link_id},
            attachment_ids=frozenset(attachment_ids),
            file_names=frozenset(file_names),
            comments={comment.remote_id or "": comment.remote_key or "" for comment in comments},
            is_text_ours=is_text_ours,
        )

    def _below(self, key: str) -> tuple[str, ...]:
        """Say which issues would lose their epic, because they are people's or are kept; empty: none."""
        children = child_issues(self._run, key)
        keys = [child.key for child in children.issues if child.issue_id not in self.going]
        if keys:
            return (f"it has issues below it: {first_named(keys, BELOW_NAMED)}",)
        return () if children.is_conclusive else (CHILDREN_UNSURE,)  # defence: unread-children

    @cached_property
    def _fields_written(self) -> Mapping[str, set[str]]:
        return fields_written(self._run.page)

    @cached_property
    def _links(self) -> Mapping[str, list["_LinkAtIssue"]]:
        """The links of ours on each issue, by its identity.

        A link that an export would make counts, too, unless it was sent and does not exist: a
        restored ledger may not know that it was made.
        """
        run = self._run
        page = self._run.page
        sent = page.sent(LedgerSubject.LINK)
        names = {name for name in sent if isinstance(page.state(name), Exists | InDoubt)}
        wanted = {link.name(run.identity) for link in links_of(run.order.in_build_order)}
        names |= wanted.difference(sent)
        links: dict[str, list[_LinkAtIssue]] = defaultdict(list)
        for name in names:
            link_id = self._remote_id(name)
            _, inward, outward = name.split("/")
            for end, other in ((inward, outward), (outward, inward)):
                links[end].append(
                    _LinkAtIssue(link_id=link_id, other_issue_id=self._remote_id(other))
                )
        return links

    def _remote_id(self, identity: str) -> str:
        """Return the id in Jira of what has a receipt; empty where it has none."""
        receipt = self._run.page.receipt(identity)
        return "" if receipt is None else receipt.remote_id or ""

    def kept(
        self, receipt: LedgerEntry, reasons: tuple[str, ...], *, key: str | None = None
    ) -> KeptIssue:
        """Return an issue as left, with the reasons; `key` is its key as Jira shows it."""
        name = key or _name_of(receipt)
        return KeptIssue(
            number=self.number_of(receipt),
            key=name,
            url=issue_url_of(self._run.target, name),
            reasons=reasons,
        )


def _name_of(receipt: LedgerEntry) -> str:
    return receipt.remote_key or receipt.remote_id or receipt.identity
