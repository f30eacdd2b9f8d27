"""Comments on issues: each is there once.

Belongs here: sending comments, the words of one on a change. Does not: which issues an update
leaves (`updating`), what differs (`later_changes`).

Comments are not idempotent and have no marker of their own that a list of them shows, so the last
line of each names the change it is about. It is looked for before a comment is sent, whatever the
ledger says. Source: docs/export.md, rule 16.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jira_pipeline.export.doubts import RESEND_SPENT, Doubts, settle_absent
from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.receipts import if_shown
from jira_pipeline.export.write_once import write_once
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.export_ledger import (
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    NotSent,
)
from jira_pipeline.model.issue_tracker import Unknown
from jira_pipeline.model.tickets import ChangedCell, canonical_hash

ROUNDS = 2
"""A doubt may allow one resend, and what was refused goes once more, for nothing was done."""
CELLS_MAX = 50
"""So many cells a comment lists; the ticket shows all."""
TEXT_MAX_CHARACTERS = 300
MARK_CHARACTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedComment:
    """What people are to read on the issue of a ticket."""

    receipt: LedgerEntry
    """Of the issue."""
    identity: str
    """Its name in the ledger, which begins with that of the issue."""
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
        items = [*map(_cell_text, change.cells[:CELLS_MAX])]
        if (more := len(change.cells) - CELLS_MAX) > 0:
            items.append(f"and {more} more cells")
        if change.differences:
            items.append(f"{'With it: ' if items else ''}{', '.join(change.differences)}")
        content = (adf.paragraph(begin), adf.bullet_list([adf.list_item(one) for one in items]))
    identity = f"{receipt.identity}/comment/{change.content_hash}"
    return WantedComment(receipt=receipt, identity=identity, content=content)


def mark_of(identity: str) -> str:
    """Return the words by which a comment is found again, by its name in the ledger."""
    return f"jira-pipeline {canonical_hash(identity)[:MARK_CHARACTERS]}"


class Commenting:
    def __init__(self, run: ExportRun) -> None:
        self._run = run
        self._doubts = Doubts(run)

    def comment(self, wanted: Sequence[WantedComment]) -> tuple[WantedComment, ...]:
        """Send every comment that is not there yet; return those that this execution added."""
        missing = [one for one in wanted if not isinstance(self._state(one), Exists)]
        for one in missing:
            if isinstance(self._state(one), InDoubt):
                self._doubts.note_earlier(one.subject.identity)
        for _round in range(ROUNDS):
            for one in missing:
                if isinstance(self._state(one), NotSent) and not self._is_found(one):
                    self._send(one)
            self._settle([one for one in missing if isinstance(self._state(one), InDoubt)])
        return tuple(one for one in missing if isinstance(self._state(one), Exists))

    def _send(self, one: WantedComment) -> None:
        """Send a comment once; what Jira refuses stays unsaid."""
        run, page = self._run, self._run.page
        answer = write_once(
            run,
            intend=lambda: page.write(one.subject, LedgerEvent.INTENT),
            send=lambda _: run.tools.tracker.add_comment(one.receipt.remote_id or "", one.document),
            record=lambda _, answer: page.write_answer(one.subject, answer),
        )
        if isinstance(answer, Unknown):
            self._doubts.note(one.subject.identity)

    def _settle(self, doubts: Sequence[WantedComment]) -> None:
        """Look for comments in doubt, past the horizon; what is nowhere may go once more."""
        left = [one for one in doubts if not self._is_found(one)]
        if not left:
            return
        self._doubts.wait(one.subject.identity for one in left)
        for one in left:
            state = self._state(one)
            if self._is_found(one) or not isinstance(state, InDoubt):
                continue
            settle_absent(
                self._run.page,
                one.subject,
                objection=RESEND_SPENT if state.is_resend_spent else None,
                report=lambda _why: None,  # what it was about is listed as to be done
            )

    def _is_found(self, one: WantedComment) -> bool:
        """Tell whether a comment is on its issue; one that is gone has none.

        A receipt is written for whatever of ours is there without one, such as a comment that
        another one took the place of before its own answer came. Ours is what an account of ours
        wrote, not what somebody pasted; one that was edited has no version, so it counts as touched.
        """
        page, issue_id = self._run.page, one.receipt.remote_id or ""
        shown = if_shown(self._run, lambda: self._run.tools.tracker.comments(issue_id)) or ()
        state = self._state(one)
        is_of_before = isinstance(state, InDoubt) and state.intent.account_id is None
        own = [c for c in shown if is_of_before or c.author_id in self._run.own_accounts]
        texts = [(comment, adf_to_text(dict(comment.document))) for comment in own]
        for identity in {one.identity, *page.sent(LedgerSubject.COMMENT, on=one.receipt.identity)}:
            mark = mark_of(identity)
            found = next((comment for comment, text in texts if mark in text), None)
            if found is not None and not isinstance(page.state(identity), Exists):
                page.write(
                    replace(one.subject, identity=identity),
                    LedgerEvent.RECEIPT,
                    remote_id=found.comment_id,
                    remote_key=None if found.is_edited else found.version,
                    detail="found by its last line",
                )
        return isinstance(self._state(one), Exists)

    def _state(self, one: WantedComment) -> LedgerState:
        return self._run.page.state(one.subject.identity)


def _cell_text(cell: ChangedCell) -> str:
    named = " ".join(filter(None, (cell.thing, cell.column)))
    return f"{named}: {_quoted(cell.before)} → {_quoted(cell.after)} ({cell.place})"


def _quoted(value: str | None) -> str:
    """Quote a cell, shortened; none is a row that is not there."""
    if value is None:
        return "(no row)"
    is_short = len(value) <= TEXT_MAX_CHARACTERS
    return f"“{value}”" if is_short else f"“{value[:TEXT_MAX_CHARACTERS]} …”"
