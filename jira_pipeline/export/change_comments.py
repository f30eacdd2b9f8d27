"""Comments that tell people in Jira what changed in the ticket of an issue.

Belongs here: the comment on a change, writing each once. Does not: which issues get one (`updating`),
what differs (`later_changes`).

Comments are not idempotent and have no marker of their own that a list of them shows, so the last
line of each names the change it is about. It is looked for before a comment is sent, whatever the
ledger says. Source: docs/export.md, rule 16.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.lookups import read_if_visible
from jira_pipeline.export.repeated_writes import ROUNDS, write_once
from jira_pipeline.export.unconfirmed import UnconfirmedWrites, record_missing_write
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.exports import (
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    NotSent,
)
from jira_pipeline.model.issue_tracker import IssueComment, Unknown
from jira_pipeline.model.tickets import ChangedCell, canonical_hash

CELLS_MAX = 50
"""How many changed cells a comment lists; the ticket shows all."""
TEXT_MAX_CHARACTERS = 300
MARK_CHARACTERS = 12
LINES_SHOWN = 20
LINES_KEPT = 200
LINE_CHARACTERS_KEPT = 2_000
"""How many lines of a text that is overwritten a plan shows, how many the audit trail keeps, and how
many characters of each."""
RULE = "---"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedComment:
    """What people are to read on the issue of a ticket."""

    receipt: LedgerEntry
    """Receipt of the issue."""
    identity: str
    """Its identity in the ledger, which begins with that of the issue."""
    content: tuple[adf.AdfNode, ...]

    @property
    def subject(self) -> WriteSubject:
        return WriteSubject(
            ticket_id=self.receipt.ticket_id, subject=LedgerSubject.COMMENT, identity=self.identity
        )

    @property
    def document(self) -> adf.AdfNode:
        """What people read, with the words by which it is found again."""
        last_line = adf.paragraph([adf.text(mark_of(self.identity), [{"type": "em"}])])
        return adf.doc([*self.content, last_line])


def comment_on_change(change: LaterChange, receipt: LedgerEntry) -> WantedComment:
    """Say what changed, cell by cell: once for what the ticket says now."""
    if change.is_vanished:
        words = f"The {change.source_word} no longer ask for this issue. Closing it is up to you."
        content: tuple[adf.AdfNode, ...] = (adf.paragraph(words),)
    else:
        begin = (
            f"The {change.source_word} changed since this issue was created. Somebody edited it "
            "here, so its text stays as it is. What changed:"
        )
        lines = [_cell_text(cell) for cell in change.cells[:CELLS_MAX]]
        more_count = len(change.cells) - CELLS_MAX
        if more_count > 0:
            lines.append(f"and {more_count} more cells")
        if change.differences:
            differences = ", ".join(change.differences)
            lines.append(f"With it: {differences}" if lines else differences)
        items = [adf.list_item(line) for line in lines]
        content = (adf.paragraph(begin), adf.bullet_list(items))
    identity = f"{receipt.identity}/comment/{change.content_hash}"
    return WantedComment(receipt=receipt, identity=identity, content=content)


def mark_of(identity: str) -> str:
    """Return the words by which a comment is found again, by its name in the ledger."""
    return f"jira-pipeline {canonical_hash(identity)[:MARK_CHARACTERS]}"


class Commenting:
    """The comments that one execution sends, each at most once."""

    def __init__(self, run: ExportRun) -> None:
        self._run = run
        self._unconfirmed = UnconfirmedWrites(run)

    def comment(self, wanted: Sequence[WantedComment]) -> tuple[WantedComment, ...]:
        """Send every comment that is not there yet; return those that this execution added."""
        missing = [comment for comment in wanted if not isinstance(self._state(comment), Exists)]
        for comment in missing:
            if isinstance(self._state(comment), InDoubt):
                self._unconfirmed.note_left(comment.subject.identity)
        for _round in range(ROUNDS):
            for comment in missing:
                if isinstance(self._state(comment), NotSent):
                    self._send(comment)
            self._settle(
                [comment for comment in missing if isinstance(self._state(comment), InDoubt)]
            )
        return tuple(comment for comment in missing if isinstance(self._state(comment), Exists))

    def _send(self, comment: WantedComment) -> None:
        """Send a comment once, unless it is there; what Jira refuses stays unsaid."""
        run = self._run
        page = self._run.page
        issue_id = comment.receipt.remote_id or ""

        def intend() -> LedgerEntry | None:
            if self._record_if_found(comment):  # defence: comment-may-be-there
                return None
            return page.write(comment.subject, LedgerEvent.INTENT)

        answer = write_once(
            run,
            intend=intend,
            send=lambda _: run.tools.tracker.add_comment(issue_id, comment.document),
            record=lambda _, answer: page.write_answer(comment.subject, answer),
        )
        if isinstance(answer, Unknown):
            self._unconfirmed.note_sent(comment.subject.identity)

    def _settle(self, doubts: Sequence[WantedComment]) -> None:
        """Look for unconfirmed comments, at once and past the horizon.

        One that is found nowhere may be sent once more.
        """
        unsettled = [comment for comment in doubts if not self._record_if_found(comment)]
        if not unsettled:
            return
        # defence: comment-horizon
        self._unconfirmed.wait(comment.subject.identity for comment in unsettled)
        for comment in unsettled:
            if not self._record_if_found(comment):  # what it was about is listed as to be done
                record_missing_write(self._run.page, comment.subject, report=lambda _why: None)

    def _record_if_found(self, comment: WantedComment) -> bool:
        """Read the comments of an issue, record those of ours, and tell whether this one is there.

        Receipts are written for earlier comments, too, whose answers were lost. The receipt of one
        that people edited has no version, so that an undo knows that people touched it.
        """
        page = self._run.page
        texts = self._texts_of_ours(comment)
        sent = page.sent(LedgerSubject.COMMENT, on=comment.receipt.identity)
        for identity in {comment.identity, *sent}:
            mark = mark_of(identity)
            marked = [shown for shown, text in texts if mark in text]
            if marked and not isinstance(page.state(identity), Exists):
                page.write(
                    replace(comment.subject, identity=identity),
                    LedgerEvent.RECEIPT,
                    remote_id=marked[0].comment_id,
                    remote_key=None if marked[0].is_edited else marked[0].version,
                    detail="found by its last line",
                )
        return isinstance(self._state(comment), Exists)

    def _texts_of_ours(self, comment: WantedComment) -> list[tuple[IssueComment, str]]:
        """Read the comments on an issue that an account of ours wrote, not what somebody pasted."""
        issue_id = comment.receipt.remote_id or ""
        shown = read_if_visible(self._run, lambda: self._run.tools.tracker.comments(issue_id)) or ()
        state = self._state(comment)
        # An intent of an older version names no account: whoever wrote it is believed.
        is_author_unknown = isinstance(state, InDoubt) and state.intent.account_id is None
        texts = []
        for found_comment in shown:
            # defence: pasted-comment, comment-of-our-accounts
            if is_author_unknown or found_comment.author_id in self._run.own_accounts:
                texts.append((found_comment, adf_to_text(dict(found_comment.document))))
        return texts

    def _state(self, comment: WantedComment) -> LedgerState:
        return self._run.page.state(comment.subject.identity)


def _cell_text(cell: ChangedCell) -> str:
    name = " ".join(filter(None, (cell.thing, cell.column)))
    return f"{name}: {_quoted(cell.before)} → {_quoted(cell.after)} ({cell.place})"


def _quoted(value: str | None) -> str:
    """Quote a cell, shortened; none is a row that is not there."""
    if value is None:
        return "(no row)"
    is_short = len(value) <= TEXT_MAX_CHARACTERS
    return f"“{value}”" if is_short else f"“{value[:TEXT_MAX_CHARACTERS]} …”"
