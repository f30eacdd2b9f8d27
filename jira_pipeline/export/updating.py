"""Issues that say again what their tickets say: summary and description are replaced.

Belongs here: which issue is updated, the order of reading, intent, write and reading back, how
a doubt about an update ends. Does not: what differs (`later_changes`), whether anybody changed a
text (`issue_texts`), issues of new tickets (`creation`), their files and links (`attachments`,
`links`).

Nobody's words are overwritten: an issue whose text anybody changed since our last write stays as it
is, and so does one that is gone, or not the one we made. Jira knows no condition on a write, so the
text is read right before it and again after it; where somebody wrote in between, people are told.

An update may be sent again where the text is what it was right before it, past the horizon: till
then Jira may still be working on it, and would overwrite what somebody writes meanwhile.
Source: docs/export.md, rule 15.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import assert_never

from jira_pipeline.errors import RateLimitedError
from jira_pipeline.export.commenting import Commenting, WantedComment, comment_on_change
from jira_pipeline.export.descriptions import with_attached_body
from jira_pipeline.export.doubts import Doubts
from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    is_worth_waiting,
    marker_in,
)
from jira_pipeline.export.issue_texts import (
    UPDATE_PROPERTY,
    changes_since,
    is_as_before,
    is_unchanged,
    is_written,
    text_hash_of,
    update_mark,
    wanted_hash_of,
)
from jira_pipeline.export.later_changes import LINKS, OF_PEOPLE, LaterChange
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.links import link_identity, links_of
from jira_pipeline.export.manual_fixes import Fallback, is_for_people, record_fix
from jira_pipeline.export.receipts import if_shown
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.kernel.export_ledger import LedgerEntry, LedgerEvent, SentContent, WrittenText
from jira_pipeline.kernel.manual_fixes import FixType
from jira_pipeline.kernel.sessions import CREATION_PERCENTAGE_MAX, SessionStage, SessionStatus
from jira_pipeline.kernel.ticket_links import as_cards
from jira_pipeline.ports.issue_tracker import Created, IssueText, NothingDone, Unknown

ROUNDS = 2
"""How often one execution sends an update that was not done."""
CHANGED_THERE = "somebody changed its summary or description"
CHANGED_SINCE = f"its update got no answer, and then {CHANGED_THERE}"
OF_OTHERS = frozenset({CHANGED_THERE, CHANGED_SINCE})
"""What is left for these reasons gets a comment."""
NOT_OURS = "it does not carry the identity we gave it"
NOT_SHOWN = "Jira does not show it: deleted, or hidden from us"
NOT_DONE = "it was sent twice and changed nothing"
PASSED_OVER = "it is passed over, as asked"
BY_HAND = "what is left of it is for people"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What one execution of the updating did; numbers of tickets."""

    target_id: str
    updated: tuple[int, ...]
    left: Mapping[int, str]
    """Issues that stay as they are, and why."""
    commented: tuple[int, ...]
    """Those of them, and of tickets that are gone, that got a comment."""


def update_issues(
    tools: ExportTools, order: ExportOrder, *, changes: Callable[[], Sequence[LaterChange]]
) -> UpdateReport:
    """Update the issues that no longer say what their tickets say, where nobody changed them.

    `changes` are asked for under the lease, once earlier updates have a known outcome.

    Raises:
        GateError: A person must act first; the rule says which.
        LeaseBusyError: Another process exports to this target.
        CancelledError: The export was cancelled.
        UpstreamError: Jira cannot be asked or asks to wait.
    """
    with opened_for_export(tools, order, writes=lambda _run: ["updates"]) as run:
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
        updating = _Updating(run)
        updating.settle()
        return updating.update(changes())


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUpdate:
    """One issue that no longer says what its ticket says."""

    number: int
    """Of the ticket."""
    jira_key: str
    objection: str
    """Why it would stay as it is; empty: it would be updated."""

    def to_json(self) -> dict[str, object]:
        """Return the shape of `update` in `export --plan --json`."""
        return {"number": self.number, "jira_key": self.jira_key, "objection": self.objection}


def planned_updates(run: ExportRun, changes: Sequence[LaterChange]) -> tuple[PlannedUpdate, ...]:
    """Say what an update would do with each of these issues; only reads are sent.

    Raises:
        UpstreamError: Jira cannot be asked.
    """
    updating = _Updating(run)
    return tuple(
        PlannedUpdate(
            number=change.number,
            jira_key=change.jira_key,
            objection=updating.objection_to(change),
        )
        for change in changes
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    """One issue, and an update of it that was or is about to be sent."""

    receipt: LedgerEntry
    """Of the issue."""
    intent: LedgerEntry
    written: WrittenText

    @property
    def mark(self) -> Mapping[str, object]:
        """The property that comes with it."""
        return update_mark(self.written, sequence=self.intent.sequence)


class _Updating:
    """One execution of the updating."""

    def __init__(self, run: ExportRun) -> None:
        """Send nothing yet."""
        self._run = run
        self._doubts = Doubts(run)
        self._rendered = {r.ticket.ticket_id: r for r in run.order.in_build_order}
        self._updated: set[str] = set()
        self._left: dict[str, str] = {}
        """Why, by ticket id."""

    def settle(self) -> None:
        """Find out what became of updates without a certain outcome, past the horizon at last.

        Raises:
            CancelledError: The export was cancelled meanwhile.
            UpstreamError: Jira cannot be asked.
        """
        for update in self._open():
            self._doubts.note_earlier(update.receipt.identity)
            self._close(update)
        if left := self._open():
            self._doubts.wait(update.receipt.identity for update in left)
            for update in left:
                self._close(update, is_over=True)

    def objection_to(self, change: LaterChange) -> str:
        """Say why an issue would not be updated as it is now; empty where it would."""
        if change.number in self._run.order.leaves:
            return PASSED_OVER
        if not self._is_wanted(change):
            return BY_HAND
        receipt = self._receipt(change)
        return self._objection(receipt, self._read(receipt)) or ""

    def update(self, changes: Sequence[LaterChange]) -> UpdateReport:
        """Update every issue that may be, once; what was lost goes a second time.

        Raises:
            CancelledError: The export was cancelled; what was done stays recorded.
            UpstreamError: Jira cannot be asked or asks to wait.
        """
        changes = [one for one in changes if one.number not in self._run.order.leaves]
        settled = frozenset(self._updated)
        self._updated.clear()  # its ticket may have changed again
        wanted = [change for change in changes if self._is_wanted(change)]
        for _round in range(ROUNDS):
            for change in wanted:
                if change.ticket_id not in self._updated | self._left.keys():
                    self._update(change, number=wanted.index(change) + 1, total=len(wanted))
            self.settle()
        for change in wanted:
            if change.ticket_id not in self._updated | self._left.keys():
                self._leave(self._receipt(change), why=NOT_DONE)
        commented = Commenting(self._run).comment(self._wanted_comments(changes))
        numbers = {name: rendered.ticket.number for name, rendered in self._rendered.items()}
        return UpdateReport(
            target_id=self._run.target.target_id,
            updated=tuple(
                sorted(numbers[name] for name in settled | self._updated if name in numbers)
            ),
            left={numbers[name]: why for name, why in self._left.items() if name in numbers},
            commented=tuple(
                change.number
                for change in changes
                if change.ticket_id in {one.receipt.ticket_id for one in commented}
            ),
        )

    def _wanted_comments(self, changes: Sequence[LaterChange]) -> list[WantedComment]:
        """Return what people are to read about: on issues they edited, and that vanished."""
        receipts = {receipt.ticket_id: receipt for receipt in self._run.page.issue_receipts()}
        return [
            comment_on_change(change, receipts[change.ticket_id])
            for change in changes
            if change.ticket_id in receipts
            and (change.is_vanished or self._left.get(change.ticket_id) in OF_OTHERS)
        ]

    def _is_wanted(self, change: LaterChange) -> bool:
        """Tell whether an update brings the issue nearer to its ticket, as it was approved.

        A ticket that was edited since waits for the next export.
        """
        rendered = self._rendered.get(change.ticket_id)
        return (
            rendered is not None
            and change.is_text
            and rendered.rendered_hash == change.becomes.rendered_hash
            and self._run.issue_receipt(rendered) is not None
        )

    def _update(self, change: LaterChange, *, number: int, total: int) -> None:
        """Read an issue, and update it if that may be; wait where Jira asks to."""
        run, receipt = self._run, self._receipt(change)
        run.raise_if_cancelled()
        run.tools.sessions.set_progress(
            run.order.session_key,
            percentage=CREATION_PERCENTAGE_MAX,
            text=f"Updating issue {number} of {total}: {change.title}",
            at=run.tools.clock.now(),
        )
        throttled = 0
        while (error := self._send(change, receipt)) is not None:
            throttled += 1
            if not is_worth_waiting(error, throttled=throttled):
                raise error
            run.wait_until(run.tools.monotonic() + error.wait_seconds)

    def _send(self, change: LaterChange, receipt: LedgerEntry) -> RateLimitedError | None:
        """Send an update once; return how long Jira asks to wait before it is sent at all."""
        rendered = self._rendered[change.ticket_id]
        is_attached = change.becomes.is_body_attached
        sent = with_attached_body(rendered) if is_attached else rendered
        description = sent.document_naming(as_cards(self._run.address_of))
        wanted_hash = wanted_hash_of(sent.summary, description)
        update = self._run.commit_freshly(
            lambda: self._intended(change, receipt, wanted_hash=wanted_hash)
        )
        if update is None:
            return None
        answer = self._run.tools.tracker.write_text(
            update.receipt.remote_id or "",
            summary=sent.summary,
            description=description,
            properties={UPDATE_PROPERTY: update.mark},
        )
        match answer:
            case Created():
                self._close(update, is_answered=True)
            case NothingDone(reason=reason, error=error):
                self._write(receipt, LedgerEvent.UPDATE_REFUSED, detail=reason)
                if isinstance(error, RateLimitedError):
                    return error
                if not is_for_people(error):
                    raise error
                self._left[receipt.ticket_id] = reason
            case Unknown(reason=reason):
                self._write(receipt, LedgerEvent.UPDATE_UNKNOWN, detail=reason)
                self._doubts.note(receipt.identity)
            case _:
                assert_never(answer)
        return None

    def _intended(
        self, change: LaterChange, receipt: LedgerEntry, *, wanted_hash: str
    ) -> _Update | None:
        """Read an issue and commit the intent to update it; None where it stays as it is."""
        text = self._read(receipt)
        objection = self._objection(receipt, text)
        if text is None or objection is not None:
            self._leave(receipt, why=objection or NOT_SHOWN)
            return None
        written = WrittenText(
            wanted_hash=wanted_hash,
            before_hash=text_hash_of(text),
            last_change=text.changes[-1].change_id if text.changes else "",
        )
        followed = frozenset[str]() if self._has_lost_links(receipt) else frozenset({LINKS})
        before = self._run.page.content(receipt.identity)
        sent = _content_after(change, before, written=written, left=OF_PEOPLE - followed)
        intent = self._write(receipt, LedgerEvent.UPDATE_INTENT, sent=sent)
        return _Update(receipt=receipt, intent=intent, written=written)

    def _has_lost_links(self, receipt: LedgerEntry) -> bool:
        """Tell whether the issue has links of ours that nothing asks for any more."""
        return any(
            receipt.identity in identity.split("/") and identity not in self._wanted_links
            for identity in self._run.page.existing_links()
        )

    @cached_property
    def _wanted_links(self) -> frozenset[str]:
        return frozenset(link_identity(self._run, link) for link in links_of(self._run.order))

    def _objection(self, receipt: LedgerEntry, text: IssueText | None) -> str | None:
        """Say why an issue is not updated; None where nothing is against it."""
        if text is None:
            return NOT_SHOWN
        marker = marker_in(text.properties)
        if marker is None or marker.identity != receipt.identity:
            return NOT_OURS
        number = self._rendered[receipt.ticket_id].ticket.number
        is_ours = is_unchanged(text, self._run.page.last_text(receipt))
        return None if is_ours or number in self._run.order.overwrites else CHANGED_THERE

    def _close(self, update: _Update, *, is_answered: bool = False, is_over: bool = False) -> None:
        """Commit the outcome of an update if it shows; once the horizon is over, in any case."""
        text, written = self._read(update.receipt), update.written
        if text is not None and is_written(
            text, written, mark=update.mark, is_answered=is_answered
        ):
            self._record(update, text)
        elif text is not None and is_as_before(text, written) and (is_over or is_answered):
            self._write(
                update.receipt, LedgerEvent.UPDATE_REFUSED, detail="settled: it was not written"
            )
        elif is_over:
            why = NOT_SHOWN if text is None else CHANGED_SINCE
            self._write(update.receipt, LedgerEvent.UPDATE_GIVEN_UP, detail=why)
            self._left[update.receipt.ticket_id] = why

    def _record(self, update: _Update, text: IssueText) -> None:
        """Write the receipt of an update; tell people where somebody wrote at the same time.

        What Jira gives back counts as ours only where the history shows nobody else.
        """
        sent, receipt = update.intent.sent, update.receipt
        assert sent is not None  # noqa: S101 - an intent of an update has it
        since = changes_since(text, update.written.last_change)
        own = self._run.account.account_id
        is_alone = len(since) <= 1 and all(change.author_id == own for change in since)
        after_hash = text_hash_of(text) if is_alone else ""
        if not is_alone:
            self._name_clash(update, key=text.key)
        self._write(
            receipt,
            LedgerEvent.UPDATED,
            sent=replace(sent, text=replace(update.written, after_hash=after_hash)),
        )
        self._updated.add(receipt.ticket_id)

    def _name_clash(self, update: _Update, *, key: str) -> None:
        rendered = self._rendered.get(update.receipt.ticket_id)
        if rendered is None:
            return
        clash = Fallback(
            fix_type=FixType.EDITED_MEANWHILE,
            subject=f"update {update.intent.sequence}",
            title=f"Compare the text of {rendered.ticket.title}",
            original_value=rendered.summary,
            recommended_action=(
                f"Somebody changed the summary or description of {key} in the same moment as this "
                "program. Its history in Jira shows both; put back what was lost."
            ),
        )
        record_fix(self._run, rendered.ticket, clash, key=key)

    def _leave(self, receipt: LedgerEntry, *, why: str) -> None:
        """Leave an issue as it is, and keep why: once, however often somebody looks."""
        self._left[receipt.ticket_id] = why
        if self._run.page.objection_to_updating(receipt) != why:
            self._write(receipt, LedgerEvent.UPDATE_LEFT, detail=why)

    def _open(self) -> list[_Update]:
        """Return the updates without a certain outcome."""
        page = self._run.page
        return [
            _Update(receipt=receipt, intent=intent, written=intent.sent.text)
            for receipt in page.issue_receipts()
            if (intent := page.open_update(receipt)) is not None
            and intent.sent is not None
            and intent.sent.text is not None
        ]

    def _receipt(self, change: LaterChange) -> LedgerEntry:
        receipt = self._run.issue_receipt(self._rendered[change.ticket_id])
        assert receipt is not None  # noqa: S101 - else it was not wanted
        return receipt

    def _read(self, receipt: LedgerEntry) -> IssueText | None:
        """Read text, history and markers of an issue; None where Jira does not show it."""
        issue_id, tracker = receipt.remote_id or "", self._run.tools.tracker
        names = (MARKER_PROPERTY, UPDATE_PROPERTY)
        return if_shown(self._run, lambda: tracker.issue_text(issue_id, properties=names))

    def _write(
        self,
        receipt: LedgerEntry,
        event: LedgerEvent,
        *,
        detail: str = "",
        sent: SentContent | None = None,
    ) -> LedgerEntry:
        return self._run.page.write(
            WriteSubject.of(receipt),
            event,
            remote_id=receipt.remote_id,
            remote_key=receipt.remote_key,
            detail=detail,
            sent=sent,
        )


def _content_after(
    change: LaterChange, before: SentContent | None, *, written: WrittenText, left: frozenset[str]
) -> SentContent:
    """Return what an issue says after an update: some parts stay as they are."""
    then = {} if before is None else before.content or {}
    now = change.becomes.content or {}
    kept = tuple(sorted(left & set(change.parts) & then.keys()))
    content = {**now, **{name: then[name] for name in kept}}
    return replace(change.becomes, content=content, left=kept, text=written)
