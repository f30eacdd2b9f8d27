"""Writing summary and description of issues, once, and nobody's words over.

Belongs here: the order of reading, intent, write and reading back, how a doubt about a write ends, and
why a text is not written. Does not: whose changes there are, what is written (`issue_texts`), which
issues are left (`updating`).

Jira knows no condition on a write, so the text is read right before it and again after it; where
somebody wrote in between, people are told. Eight are written at once: one request reads what the
writes before them left, and what they themselves find.

A write may be sent again where the text is what it was right before it, past the horizon: till then
Jira may still be working on it, and would overwrite what somebody writes meanwhile.
Source: docs/export.md, rule 15.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from jira_pipeline.export.export_run import MARKER_PROPERTY, UPDATE_PROPERTY, ExportRun, marker_in
from jira_pipeline.export.issue_texts import (
    BLOCKS_PROPERTY,
    MergedText,
    blocks_as_given,
    changes_since,
    is_as_before,
    is_unchanged,
    is_written,
    lines_taken_out,
    memory_of,
    merged_text,
    text_hash_of,
    wanted_hash_of,
)
from jira_pipeline.export.ledger_page import LedgerPage, WriteSubject
from jira_pipeline.export.lookups import batches, read_if_visible
from jira_pipeline.export.repeated_writes import (
    Fallback,
    is_for_people,
    record_fix,
    write_together,
)
from jira_pipeline.export.unconfirmed import UnconfirmedWrites
from jira_pipeline.jira.adf.sizes import compact_json_bytes
from jira_pipeline.model.errors import RateLimitedError
from jira_pipeline.model.exports import (
    UPDATING,
    LedgerEntry,
    LedgerEvent,
    Origin,
    SentContent,
    WrittenText,
    open_update_of,
)
from jira_pipeline.model.issue_tracker import (
    Created,
    IssueText,
    JsonObject,
    NothingDone,
    Unknown,
    WriteAnswer,
)
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.manual_fixes import FixType

Objection: TypeAlias = Callable[[LedgerEntry, IssueText | None], str | None]
"""Says what is against writing to an issue, with its text as read."""

CHANGED_THERE = "somebody changed its summary or description"
CHANGED_AFTER_LOOK = f"{CHANGED_THERE}, and the text is not the one chosen to be overwritten"
WRITTEN_BEFORE = "people wrote its text before it was adopted"
WRITTEN_UNKNOWN = (
    "this store does not know what wrote its text, as after an older backup was put back"
)
_LINES_NOTED = 6
_CHARACTERS_NOTED = 120
CHANGED_SINCE = f"its update got no response, and then {CHANGED_THERE}"
OVERWRITABLE = (CHANGED_THERE, CHANGED_AFTER_LOOK, WRITTEN_BEFORE, WRITTEN_UNKNOWN)
"""Reasons for which an issue is left, although people may decide to have it overwritten."""
NOT_OURS = "it does not carry the identity it was given"
NOT_SHOWN = "Jira does not show it: it was deleted or is hidden"
TOO_LONG = "what people wrote there and what the ticket says are together too long for Jira"
NOT_DONE = "it was sent twice but changed nothing"
TEXTS_AT_ONCE = 8
"""Few enough that each is written right after the read that all of them share."""
TEXT_PROPERTIES = (MARKER_PROPERTY, UPDATE_PROPERTY, BLOCKS_PROPERTY)


def unknown_text_reason(
    text: IssueText, *, summary: str, description: Mapping[str, object] | None
) -> str:
    """Say that this store does not know what wrote a text, and what of it the ticket lacks."""
    lines = lines_taken_out(
        text,
        summary=summary,
        description=description,
        most=_LINES_NOTED,
        characters_max=_CHARACTERS_NOTED,
    )
    if not lines:
        return WRITTEN_UNKNOWN
    return f"{WRITTEN_UNKNOWN}. Only the issue says {'; '.join(map(_quoted_line, lines))}"


def _quoted_line(line: str) -> str:
    """Quote a line; the last one may say how many more there are, which is no quotation."""
    return line if line.startswith("…") else f"“{line}”"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    summary: str
    description: JsonObject | None
    sent: SentContent
    """What the ledger says of it once it is there; without its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedText:
    """A text for an issue, which gets it if the issue as it is then allows that."""

    receipt: LedgerEntry
    """Receipt of the issue."""
    new: NewText


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """One issue, and a write that was or is about to be sent."""

    receipt: LedgerEntry
    """Receipt of the issue."""
    intent: LedgerEntry
    written: WrittenText
    text: MergedText | None = None
    """What is written; None: an earlier process sent it."""

    @property
    def issue_id(self) -> str:
        return self.receipt.remote_id or ""

    @property
    def mark(self) -> Mapping[str, object]:
        return {"sequence": self.intent.sequence, "text": self.written.wanted_hash}


class TextWrites:
    """The writes of summaries and descriptions that one execution sends or has to settle."""

    def __init__(self, run: ExportRun) -> None:
        self._run = run
        self._unconfirmed = UnconfirmedWrites(run)
        self.written: set[str] = set()
        """Ids of the tickets whose issues were written, those of earlier executions included."""
        self.failed: dict[str, str] = {}
        """Why an issue that was about to be written is not, by ticket id."""
        self.against: dict[str, str] = {}
        """Why nothing was sent to an issue, by ticket id."""
        self._answered: list[_Write] = []
        """Writes that Jira says are done, and whose issues are still to be read."""
        self._blocks_as_given: dict[str, JsonObject] = {}
        """What issues are still to remember of a text that Jira rewrote, by id of the issue."""

    def settle(self) -> None:
        """Find out what became of writes without a known outcome, waiting for the horizon if needed."""
        self._close_answered(self.read_all(write.receipt for write in self._answered))
        left_open = self._open()
        for write in left_open:
            self._unconfirmed.note_left(write.receipt.identity)
        texts = self.read_all(write.receipt for write in left_open)
        for write in left_open:
            self._close(write, texts[write.issue_id])
        self._send_memories()
        unsettled = self._open()
        if unsettled:
            self._unconfirmed.wait(write.receipt.identity for write in unsettled)
            texts = self.read_all(write.receipt for write in unsettled)
            for write in unsettled:
                self._close(write, texts[write.issue_id], is_over=True)

    def objection(self, receipt: LedgerEntry, text: IssueText | None) -> str | None:
        """Say why an issue is not written, with its text as read; None: nothing is against it."""
        if text is None:
            return NOT_SHOWN
        marker = marker_in(text.properties)
        if marker is None or marker.identity != receipt.identity:  # defence: text-of-other-issue
            return NOT_OURS
        if memory_of(text) is not None:
            return None  # the merged text keeps what people wrote
        last = last_text(self._run.page, receipt)
        if last is None and receipt.origin is Origin.ADOPTED:  # defence: adopted-text
            return WRITTEN_BEFORE
        # defence: shared-text
        is_ours = self._is_as_left(receipt, text) and not (last and last.is_shared)
        return None if is_ours else CHANGED_THERE  # defence: changed-text

    def _is_as_left(self, receipt: LedgerEntry, text: IssueText) -> bool:
        """Tell whether a text is as our last update left it, or as we created it without one.

        What a site adds while an issue is created shows in no history, so what was sent is compared,
        too, unless an older version sent it.
        """
        last = last_text(self._run.page, receipt)
        if last is not None:
            return is_unchanged(text, last)
        if text.changes or not self._run.is_made_by_us(receipt.identity, text.creator_id):
            return False
        sent = [entry.sent for entry in self._run.page.entries_of(receipt.identity) if entry.sent]
        sent_hashes = {content.created_hash for content in sent if content.created_hash}
        return not sent_hashes or wanted_hash_of(text.summary, text.description) in sent_hashes

    def objection_to_length(self, merged: MergedText) -> str | None:
        """Say that Jira would refuse both texts together; None: it takes them."""
        size_bytes = compact_json_bytes(dict(merged.description or {}))
        # defence: too-long-text
        return TOO_LONG if size_bytes > self._run.order.body_max_bytes else None

    def read(self, receipt: LedgerEntry) -> IssueText | None:
        """Read text, history and markers of an issue; None where Jira does not show it."""
        issue_id = receipt.remote_id or ""
        tracker = self._run.tools.tracker
        return read_if_visible(
            self._run, lambda: tracker.issue_text(issue_id, properties=TEXT_PROPERTIES)
        )

    def read_all(self, receipts: Iterable[LedgerEntry]) -> Mapping[str, IssueText | None]:
        """Read some issues, by id, as `read` does; those with long histories one by one."""
        receipts_by_id = {receipt.remote_id or "": receipt for receipt in receipts}
        texts: dict[str, IssueText | None] = {}
        if len(receipts_by_id) > 1:
            for issue_ids in batches(list(receipts_by_id)):
                texts |= self._run.tools.tracker.issue_texts(issue_ids, properties=TEXT_PROPERTIES)
        for issue_id, receipt in receipts_by_id.items():
            if issue_id not in texts:
                texts[issue_id] = self.read(receipt)
        return texts

    def write_all(self, wanted: Sequence[WantedText], *, objection: Objection) -> None:
        """Write at most `TEXTS_AT_ONCE` texts, each once, if its issue as it is now allows it.

        `against` says why one is not written. What became of the others shows in the next read of
        issues: that of the next writes, or of `settle`.
        """
        unsent = [*wanted]
        write_together(
            self._run,
            intend=partial(self._intend_all, unsent, objection),
            send=self._send,
            record=partial(self._record, unsent),
        )
        self._send_memories()  # of the writes before these: nothing goes between a read and a write

    def _intend_all(self, unsent: list[WantedText], objection: Objection) -> Sequence[_Write]:
        """Read the issues, and those just written; commit the intents to write that they allow."""
        answered = [write.receipt for write in self._answered]
        texts = self.read_all([*answered, *(text.receipt for text in unsent)])
        self._close_answered(texts)
        writes = []
        for wanted in [*unsent]:
            write = self._intend(wanted, texts[wanted.receipt.remote_id or ""], objection)
            if write is None:
                unsent.remove(wanted)
            else:
                writes.append(write)
        return writes

    def _intend(
        self, wanted: WantedText, text: IssueText | None, objection: Objection
    ) -> _Write | None:
        """Commit the intent to write to an issue that was just read, or note what is against that."""
        receipt = wanted.receipt
        unanswered = self._open_write(receipt)
        if unanswered is not None:
            # A gateway that asked to wait may have let the request through.
            self._close(unanswered, text)
            if receipt.ticket_id in self.written:
                return None
        against = objection(receipt, text)
        if text is None or against is not None:
            self.against[receipt.ticket_id] = against or NOT_SHOWN
            return None
        merged = merged_text(text, wanted.new.summary, wanted.new.description)
        if (too_long := self.objection_to_length(merged)) is not None:
            self.against[receipt.ticket_id] = too_long
            return None
        written = WrittenText(
            wanted_hash=wanted_hash_of(merged.summary, merged.description),
            before_hash=text_hash_of(text),
            last_change=text.changes[-1].change_id if text.changes else "",
            is_shared=bool(merged.kept_of_people),
        )
        sent = replace(wanted.new.sent, text=written)
        intent = self._run.page.write_of_issue(receipt, LedgerEvent.UPDATE_INTENT, sent=sent)
        return _Write(receipt=receipt, intent=intent, written=written, text=merged)

    def _send(self, write: _Write) -> WriteAnswer:
        assert write.text is not None  # noqa: S101 - it was intended just now
        return self._run.tools.tracker.write_text(
            write.issue_id,
            summary=write.text.summary,
            description=write.text.description,
            properties={UPDATE_PROPERTY: write.mark, BLOCKS_PROPERTY: write.text.blocks},
        )

    def _record(self, unsent: list[WantedText], write: _Write, answer: WriteAnswer) -> None:
        """Commit what an answer makes certain; only what a limit stopped stays to be sent."""
        receipt = write.receipt
        is_limited = False
        match answer:
            case Created():
                self._answered.append(write)
            case NothingDone(error=error):
                self._record_answer(receipt, answer)
                is_limited = isinstance(error, RateLimitedError)
                if is_for_people(error) and not is_limited:
                    self.failed[receipt.ticket_id] = answer.reason
            case Unknown(limit=limit):
                self._record_answer(receipt, answer)
                self._unconfirmed.note_sent(receipt.identity)
                is_limited = limit is not None
        if not is_limited:
            unsent[:] = [text for text in unsent if text.receipt.identity != receipt.identity]

    def _record_answer(self, receipt: LedgerEntry, answer: WriteAnswer) -> None:
        self._run.page.write_answer(
            WriteSubject.of(receipt), answer, events=UPDATING, about=receipt
        )

    def _close_answered(self, texts: Mapping[str, IssueText | None]) -> None:
        """Commit the outcome of the writes that Jira says are done, with their texts as just read."""
        while self._answered:
            write = self._answered.pop(0)
            self._close(write, texts[write.issue_id], is_answered=True)

    def _close(
        self,
        write: _Write,
        text: IssueText | None,
        *,
        is_answered: bool = False,
        is_over: bool = False,
    ) -> None:
        """Commit the outcome of a write if it shows; once the horizon is over, in any case."""
        written = write.written
        page = self._run.page
        if text is not None and is_written(text, written, mark=write.mark, is_answered=is_answered):
            self._record_written(write, text)
        # defence: update-horizon
        elif text is not None and is_as_before(text, written) and (is_over or is_answered):
            why = "settled: it was not written"
            page.write_of_issue(write.receipt, LedgerEvent.UPDATE_REFUSED, detail=why)
        elif is_over:
            why = NOT_SHOWN if text is None else CHANGED_SINCE
            page.write_of_issue(write.receipt, LedgerEvent.UPDATE_GIVEN_UP, detail=why)
            self.failed[write.receipt.ticket_id] = why

    def _record_written(self, write: _Write, text: IssueText) -> None:
        """Write the receipt; tell people where somebody wrote at the same time.

        What Jira gives back counts as ours only where the history shows nobody else.
        """
        sent = write.intent.sent
        receipt = write.receipt
        written = write.written
        assert sent is not None  # noqa: S101 - an intent of an update has it
        since = changes_since(text, written.last_change)
        our_accounts = self._run.own_accounts  # defence: updates-of-our-accounts
        is_alone = len(since) <= 1 and all(change.author_id in our_accounts for change in since)
        if not is_alone:
            action = (
                f"Somebody changed the summary or description of {text.key} at the same time as "
                "this program. Its history in Jira shows both; restore what was lost."
            )
            # defence: edited-meanwhile
            self._have_compared(write, FixType.EDITED_MEANWHILE, key=text.key, action=action)
        after_hash = text_hash_of(text) if is_alone else ""  # defence: edited-at-same-time
        if write.text is not None:
            self._name_what_is_below(write, write.text, key=text.key)  # defence: below-rewritten
            if is_alone:
                self._remember_as_given(receipt, write.text, text)
        left = replace(sent, text=replace(written, after_hash=after_hash))
        self._run.page.write_of_issue(receipt, LedgerEvent.UPDATED, sent=left)
        self.written.add(receipt.ticket_id)

    def _remember_as_given(self, receipt: LedgerEntry, sent: MergedText, given: IssueText) -> None:
        """Note what an issue is to remember of our blocks as Jira rewrote them."""
        blocks = blocks_as_given(sent, given)
        if blocks != sent.blocks:
            self._blocks_as_given[receipt.remote_id or ""] = blocks

    def _send_memories(self) -> None:
        """Have issues remember our blocks as Jira rewrote them.

        Where this is lost, what Jira rewrote counts as people's: it is kept, and ours put below.
        """
        blocks_of_issues = self._blocks_as_given
        tracker = self._run.tools.tracker

        def remember(issue_id: str) -> WriteAnswer:
            blocks = blocks_of_issues[issue_id]
            return tracker.mark_issue(issue_id, properties={BLOCKS_PROPERTY: blocks})

        for issue_ids in batches(list(blocks_of_issues), size=TEXTS_AT_ONCE):
            self._run.tools.send_all(remember, issue_ids)
        blocks_of_issues.clear()

    def _name_what_is_below(self, write: _Write, text: MergedText, *, key: str) -> None:
        """Ask a person to compare what people rewrote with what is put below it."""
        if not text.below:
            return
        quotations = "; ".join(f"“{words} …”" for words in text.below)
        action = (
            f"People rewrote {format_count(len(text.below), 'part')} of the description of {key}, "
            f"and the ticket says something else there now. It is below theirs: "
            f"{quotations}. Keep what is right."
        )
        self._have_compared(
            write, FixType.BOTH_TEXTS, key=key, action=action, value="; ".join(text.below)
        )

    def _have_compared(
        self, write: _Write, fix_type: FixType, *, key: str, action: str, value: str = ""
    ) -> None:
        """Ask a person to compare two texts of an issue, once for each update of it."""
        for rendered in self._run.order.rendered:
            if rendered.ticket.ticket_id == write.receipt.ticket_id:
                compare = Fallback(
                    fix_type=fix_type,
                    subject=f"update {write.intent.sequence}",
                    title=f"Compare the text of {rendered.ticket.title}",
                    original_value=value or rendered.summary,
                    recommended_action=action,
                )
                record_fix(self._run, rendered.ticket, compare, key=key)

    def _open(self) -> list[_Write]:
        writes = map(self._open_write, self._run.page.issue_receipts())
        return [write for write in writes if write is not None]

    def _open_write(self, receipt: LedgerEntry) -> _Write | None:
        """Return the write to an issue that has no certain outcome, or None."""
        intent = open_update_of(self._run.page.entries_of_issue(receipt))
        if intent is None or intent.sent is None or intent.sent.text is None:
            return None
        return _Write(receipt=receipt, intent=intent, written=intent.sent.text)


def last_text(page: LedgerPage, receipt: LedgerEntry) -> WrittenText | None:
    """Return what is known of the text that our last update gave an issue; None: there was none."""
    for entry in reversed(page.entries_of_issue(receipt)):
        if entry.event is LedgerEvent.UPDATED:
            return None if entry.sent is None else entry.sent.text
    return None
