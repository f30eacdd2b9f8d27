"""What people read on an issue that an update leaves as it is: one comment for each change.

Belongs here: the words of a comment, sending each once. Does not: which issues are left
(`updating`), what differs (`later_changes`).

Comments are not idempotent and have no marker of their own that a list of them shows, so the last
line of each names the change it is about. It is looked for before a comment is sent, whatever the
ledger says. Source: docs/export.md, rule 16.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from jira_pipeline.adf import nodes as adf
from jira_pipeline.adf.to_text import adf_to_text
from jira_pipeline.errors import RateLimitedError
from jira_pipeline.export.doubts import RESEND_SPENT, Doubts, settle_absent
from jira_pipeline.export.export_run import ExportRun, is_worth_waiting
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.manual_fixes import is_for_people
from jira_pipeline.export.receipts import if_shown
from jira_pipeline.kernel.export_ledger import (
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    NotSent,
)
from jira_pipeline.kernel.tickets import ChangedCell, canonical_hash
from jira_pipeline.ports.issue_tracker import Created, NothingDone, Unknown

ROUNDS = 2
"""A doubt may allow one resend."""
CELLS_MAX = 50
"""So many cells a comment lists; the ticket shows all."""
TEXT_MAX_CHARACTERS = 300
MARK_CHARACTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedComment:
    """One change that people are to read about on the issue."""

    change: LaterChange
    receipt: LedgerEntry
    """Of the issue."""

    @property
    def subject(self) -> WriteSubject:
        """Its name in the ledger: once for what the ticket says now."""
        return WriteSubject(
            ticket_id=self.change.ticket_id,
            subject=LedgerSubject.COMMENT,
            identity=f"{self.receipt.identity}/comment/{self.change.content_hash}",
        )

    @property
    def mark(self) -> str:
        """The words by which it is found again."""
        return f"jira-pipeline {canonical_hash(self.subject.identity)[:MARK_CHARACTERS]}"

    @property
    def document(self) -> adf.AdfNode:
        """What people read: what changed, cell by cell."""
        change = self.change
        if change.is_vanished:
            words = (
                f"The {change.source_word} no longer ask for this issue. Closing it is up to you."
            )
            return adf.doc([adf.paragraph(words), self._last_line])
        begin = (
            f"The {change.source_word} changed since this issue was created. Somebody edited it "
            "here, so its text stays as it is. What changed:"
        )
        items = [*map(_in_words, change.cells[:CELLS_MAX]), *change.differences]
        if (more := len(change.cells) - CELLS_MAX) > 0:
            items.append(f"and {more} more cells")
        listed = adf.bullet_list([adf.list_item(item) for item in items])
        return adf.doc([adf.paragraph(begin), listed, self._last_line])

    @property
    def _last_line(self) -> adf.AdfNode:
        return adf.paragraph([adf.text(self.mark, [{"type": "em"}])])


class Commenting:
    """One execution of the commenting."""

    def __init__(self, run: ExportRun) -> None:
        """Send nothing yet."""
        self._run = run
        self._doubts = Doubts(run)

    def comment(self, wanted: Sequence[WantedComment]) -> tuple[WantedComment, ...]:
        """Send every comment that is not there yet; return those that this execution added.

        Raises:
            CancelledError: The export was cancelled.
            UpstreamError: Jira cannot be asked or asks to wait.
        """
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
        """Send a comment once, and commit what its answer makes certain; wait where Jira asks to."""
        run, throttled = self._run, 0
        while True:
            run.raise_if_cancelled()
            run.commit_freshly(lambda: run.page.write(one.subject, LedgerEvent.INTENT))
            answer = run.tools.tracker.add_comment(one.receipt.remote_id or "", one.document)
            match answer:
                case Created(remote_id=remote_id):
                    run.page.write(one.subject, LedgerEvent.RECEIPT, remote_id=remote_id)
                case NothingDone(reason=reason, error=error):
                    run.page.write(one.subject, LedgerEvent.NOTHING_DONE, detail=reason)
                    if isinstance(error, RateLimitedError):
                        throttled += 1
                        if not is_worth_waiting(error, throttled=throttled):
                            raise error
                        run.wait_until(run.tools.monotonic() + error.wait_seconds)
                        continue
                    if not is_for_people(error):
                        raise error
                    run.page.write(one.subject, LedgerEvent.GIVEN_UP, detail=reason)
                case Unknown(reason=reason):
                    run.page.write(one.subject, LedgerEvent.UNKNOWN, detail=reason)
                    self._doubts.note(one.subject.identity)
                case _:
                    assert_never(answer)
            return

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
        """Tell whether a comment is on its issue, and write its receipt; one that is gone has none."""
        issue_id, tracker = one.receipt.remote_id or "", self._run.tools.tracker
        comments = if_shown(self._run, lambda: tracker.comments(issue_id)) or ()
        for comment in comments:
            if one.mark in adf_to_text(dict(comment.document)):
                self._run.page.write(
                    one.subject,
                    LedgerEvent.RECEIPT,
                    remote_id=comment.comment_id,
                    detail="found by its last line",
                )
                return True
        return False

    def _state(self, one: WantedComment) -> LedgerState:
        return self._run.page.state(one.subject.identity)


def _in_words(cell: ChangedCell) -> str:
    """Say where a cell is, what it said and what it says now."""
    return f"{cell.place} {cell.column}: {_quoted(cell.before)} → {_quoted(cell.after)}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "(no row)"
    is_short = len(value) <= TEXT_MAX_CHARACTERS
    return f"“{value}”" if is_short else f"“{value[:TEXT_MAX_CHARACTERS]} …”"
