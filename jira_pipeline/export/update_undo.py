"""Takes an update back: issues say again what they said before it, and its comments go.

Belongs here: which issues that is, the order of it, the plan. Does not: writing a text
(`text_writes`), deleting the issues of an export (`undo`), links and files: they are what the
tickets want, before and after.

It is an update whose texts are the former ones, and as careful: what somebody changed since stays.
A text that a person wrote, and had overwritten, is theirs again. One update is taken back once:
whoever takes it back again finds nothing to do. It has a beginning and an end in the ledger, as the
undo of an export: nothing is created or updated in between, and whoever undoes next carries on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.export.attachments import NAMED
from jira_pipeline.export.detaching import detach_comments
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.manual_fixes import Fallback, FixesOnRecord
from jira_pipeline.export.plan import ExportPlan, planned_target
from jira_pipeline.export.target import lease_fault, opened_where_exported, seen_where_exported
from jira_pipeline.export.text_writes import NOT_DONE, ROUNDS, NewText, TextWrites
from jira_pipeline.export.undo import (
    ENDING_PERMISSIONS,
    NOT_ITS_TURN,
    KeptIssue,
    nothing_to_end,
    open_undo,
)
from jira_pipeline.kernel.export_ledger import (
    FormerText,
    LedgerEntry,
    NotSent,
    SentContent,
    Undoable,
)
from jira_pipeline.kernel.manual_fixes import FixType
from jira_pipeline.kernel.ticket_places import issue_url_of
from jira_pipeline.kernel.work_records import time_json

PERMISSIONS = ("BROWSE_PROJECTS", "EDIT_ISSUES")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenBack:
    """An issue that says again, or would, what it said before an update."""

    number: int | None
    """Of its ticket; None where the ticket is not in the session any more."""
    title: str
    key: str
    url: str
    missing_file: str
    """A file of ours that this text names and the update deleted; empty: none."""

    @property
    def about_file(self) -> str:
        """Say what is wrong with the text; empty: nothing is."""
        return f"its text names {self.missing_file}, which is deleted" if self.missing_file else ""

    def to_json(self) -> dict[str, object]:
        """Return the shape that plan and report of `undo --update --json` share."""
        return {
            "number": self.number,
            "title": self.title,
            "jira_key": self.key,
            "jira_url": self.url,
            "missing_file": self.missing_file or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateUndoReport:
    """What taking an update back did, and what it left."""

    target_id: str
    written_back: tuple[WrittenBack, ...]
    kept: tuple[KeptIssue, ...]
    comments: int
    """How many are gone."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `undo --update --json` promises."""
        return {
            "written_back": [issue.to_json() for issue in self.written_back],
            "kept": [issue.to_json() for issue in self.kept],
            "comments": self.comments,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateUndoPlan:
    """What taking the last update back would do now."""

    plan: ExportPlan
    write_back: tuple[WrittenBack, ...]
    kept: tuple[KeptIssue, ...]
    comments: int
    """How many would go."""
    begun: LedgerEntry | None
    """The beginning of an undo that has not ended: this one would carry it on."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `undo --update --plan --json` promises."""
        return self.plan.to_json() | {
            "write_back": [issue.number for issue in self.write_back],
            "issues": [issue.to_json() for issue in self.write_back],
            "kept": [issue.to_json() for issue in self.kept],
            "comments": self.comments,
            "begun_at": time_json(self.begun.at if self.begun else None),
        }


def undo_update(
    tools: ExportTools, order: ExportOrder, *, by: str, keeps_rest: bool = False
) -> UpdateUndoReport:
    """Have the issues of the last update say again what they said before, where nobody changed them.

    One that did not end is carried on. With `keeps_rest` it only ends: what is there stays.

    Raises:
        GateError: There was no update, there is no undo of it to end, or an undo of the export has
            not ended.
        LeaseBusyError: Another process writes to this target.
        CancelledError: It was cancelled; what was done is recorded.
        UpstreamError: Jira cannot be asked or asks to wait.
    """
    permissions = ENDING_PERMISSIONS if keeps_rest else PERMISSIONS
    with opened_where_exported(tools, order, permissions=permissions) as run:
        if _open_undo(run) is None and keeps_rest:
            raise nothing_to_end(order.session_key, where=run.target.name)

        def begin() -> None:
            run.page.begin_undoing_update(by=by)

        writes = TextWrites(run, before_intent=begin)
        writes.settle()  # an update that was stopped may have been done
        kept: dict[str, KeptIssue] = {}
        for _round in range(0 if keeps_rest else ROUNDS):
            for receipt, undoable in _undoable(run):
                is_known = receipt.ticket_id in writes.failed or receipt.identity in kept
                if is_known:
                    continue
                against = writes.write(receipt, _former(undoable), objection=writes.objection)
                if against is not None:
                    kept[receipt.identity] = _kept(run, receipt, against)
            writes.settle()
        for receipt, _ in _undoable(run):
            why = writes.failed.get(receipt.ticket_id, NOT_ITS_TURN if keeps_rest else NOT_DONE)
            kept.setdefault(receipt.identity, _kept(run, receipt, why))
        comments = () if keeps_rest else run.page.update_comments()
        stays = detach_comments(run, comments, before_intent=begin)
        receipts = {receipt.identity: receipt for receipt in run.page.issue_receipts()}
        for identity, why in stays.items():
            issue = identity.partition("/")[0]
            kept.setdefault(issue, _kept(run, receipts[issue], f"its comment stays: {why}"))
        _name_missing_files(run)
        run.page.end_undoing_update(by=by)
        return UpdateUndoReport(
            target_id=run.target.target_id,
            written_back=tuple(
                _written_back(run, receipt, found[1])
                for receipt in receipts.values()
                if receipt.ticket_id in writes.written and receipt.identity not in kept
                if (found := run.page.written_back(receipt)) is not None
            ),
            kept=tuple(kept.values()),
            comments=sum(isinstance(run.page.state(one.identity), NotSent) for one in comments),
        )


def plan_undoing_update(tools: ExportTools, order: ExportOrder) -> UpdateUndoPlan:
    """Tell what taking the last update back would do; only reads are sent.

    Raises:
        GateError: There was no update, or an undo of the export has not ended.
        AccessError: The account lacks a permission.
        UpstreamError: Jira cannot be asked.
    """
    run = seen_where_exported(tools, order, permissions=PERMISSIONS)
    begun = _open_undo(run)
    writes = TextWrites(run)
    written: list[WrittenBack] = []
    kept: list[KeptIssue] = []
    for receipt, undoable in _undoable(run):
        against = writes.objection(receipt, writes.read(receipt))
        if against is None:
            written.append(_written_back(run, receipt, undoable.former))
        else:
            kept.append(_kept(run, receipt, against))
    return UpdateUndoPlan(
        plan=ExportPlan(
            target=planned_target(run),
            create=(),
            link=0,
            skip=tuple(sorted(issue.number for issue in kept if issue.number is not None)),
            remove=(),
            blocked=lease_fault(tools, order, run.target),
        ),
        write_back=tuple(written),
        kept=tuple(kept),
        comments=len(run.page.update_comments()),
        begun=begun,
    )


def _open_undo(run: ExportRun) -> LedgerEntry | None:
    """Return the beginning of an undo to carry on with.

    Raises:
        GateError: There was no update, or an undo of the export has not ended.
    """
    begun = open_undo(run, is_of_update=True)
    if not run.page.has_updates():
        key = run.order.session_key
        raise GateError(
            f"There is no update to take back: the issues of session {key} in {run.target.name} "
            "were never updated.",
            rule=GateRule.NOTHING_TO_CANCEL,
            recovery_actions=GateRule.NOTHING_TO_CANCEL.meaning.actions_on(session_key=key),
        )
    return begun


def _undoable(run: ExportRun) -> Sequence[tuple[LedgerEntry, Undoable]]:
    """Return the issues of the last update that it was not taken back of, the newest first."""
    return [
        (receipt, undoable)
        for receipt in reversed(run.page.issue_receipts())
        if (undoable := run.page.undoable_update(receipt)) is not None
    ]


def _former(undoable: Undoable) -> NewText:
    """Return what an issue said before; the ledger then says so, too."""
    sent = undoable.updated.sent
    assert sent is not None  # noqa: S101 - an update has it
    unknown = SentContent(
        rendered_hash="", revision=sent.revision, content_sha256=sent.content_sha256
    )
    return NewText(
        summary=undoable.former.summary,
        description=undoable.former.description,
        sent=undoable.before or unknown,
        undoes=undoable.updated.sequence,
        is_ours=undoable.former.is_ours,
    )


def _name_missing_files(run: ExportRun) -> None:
    """Tell people which former texts name a file that is not there any more.

    It cannot be made again exactly: it was written from answers, links and titles of then. Once the
    issue says what its ticket says, its file is there, and the attaching ends the fix.
    """
    fixes = FixesOnRecord(run, FixType.ATTACHMENT_UPLOAD)
    tickets = {rendered.ticket.ticket_id: rendered.ticket for rendered in run.order.rendered}
    for receipt in run.page.issue_receipts():
        found, ticket = run.page.written_back(receipt), tickets.get(receipt.ticket_id)
        if found is None or ticket is None:
            continue
        undoing, former = found
        name, subject = run.page.missing_file(receipt, former), f"{undoing.sequence} {NAMED}"
        if name and not fixes.has(ticket, subject):
            key = receipt.remote_key or "the issue"
            missing = Fallback(
                fix_type=FixType.ATTACHMENT_UPLOAD,
                subject=subject,
                title=f"The text of {ticket.title} names a file that is deleted",
                original_value=name,
                recommended_action=(
                    f"The text of {key} names {name}, which an update deleted. Update the issue "
                    "again, or upload the former files and export: that attaches it again."
                ),
            )
            fixes.leave(ticket, missing, key=receipt.remote_key)


def _written_back(run: ExportRun, receipt: LedgerEntry, former: FormerText) -> WrittenBack:
    rendered = next(
        (r for r in run.order.rendered if r.ticket.ticket_id == receipt.ticket_id), None
    )
    key = _key_of(receipt)
    return WrittenBack(
        number=None if rendered is None else rendered.ticket.number,
        title="" if rendered is None else rendered.ticket.title,
        key=key,
        url=issue_url_of(run.target, key),
        missing_file=run.page.missing_file(receipt, former),
    )


def _kept(run: ExportRun, receipt: LedgerEntry, why: str) -> KeptIssue:
    numbers = {r.ticket.ticket_id: r.ticket.number for r in run.order.rendered}
    key = _key_of(receipt)
    return KeptIssue(
        number=numbers.get(receipt.ticket_id),
        key=key,
        url=issue_url_of(run.target, key),
        reasons=(why,),
    )


def _key_of(receipt: LedgerEntry) -> str:
    return receipt.remote_key or receipt.remote_id or receipt.identity
