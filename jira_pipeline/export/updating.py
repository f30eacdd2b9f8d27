"""Issues that say again what their tickets say: summary and description are renewed, or commented on.

Belongs here: which issue is updated, what becomes of those that are left, the plan of it. Does not:
sending a text (`text_writes`), whether anybody changed one (`issue_texts`), comments
(`change_comments`), what differs (`later_changes`), issues of new tickets (`creation`), files and
links (`attachments`, `links`).

Nobody's words are overwritten: in an issue that remembers which blocks are ours, these are renewed
and the others stay. Where it does not remember, one whose text anybody changed since our last write
stays as it is, and so does one that is gone, or not the one we made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.export.adoption import as_marked
from jira_pipeline.export.change_comments import (
    LINE_CHARACTERS_KEPT,
    LINES_KEPT,
    LINES_SHOWN,
    RULE,
    TEXT_MAX_CHARACTERS,
    Commenting,
    WantedComment,
    comment_on_change,
)
from jira_pipeline.export.detaching import Detaching, obsolete_links
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.issue_texts import (
    TextShare,
    consent_to,
    description_markdown,
    lines_taken_out,
    merged_text,
)
from jira_pipeline.export.later_changes import LaterChange, NamedIssue
from jira_pipeline.export.links import settle_links
from jira_pipeline.export.lookups import batches
from jira_pipeline.export.lost_words import TICKET_LACKS, GivenKind, lacks_text
from jira_pipeline.export.repeated_writes import ROUNDS
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.export.text_writes import (
    CHANGED_AFTER_LOOK,
    CHANGED_SINCE,
    CHANGED_THERE,
    NOT_DONE,
    OVERWRITABLE,
    TEXTS_AT_ONCE,
    TOO_LONG,
    WRITTEN_UNKNOWN,
    NewText,
    TextWrites,
    WantedText,
    unknown_text_reason,
)
from jira_pipeline.export.unknown_writes import is_written_unknown, says_ticket
from jira_pipeline.model.audit_actions import LINES_TAKEN_OUT, AuditAction
from jira_pipeline.model.exports import Exists, LedgerEntry, LedgerEvent, objection_to_updating
from jira_pipeline.model.issue_tracker import IssueText
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.sessions import CREATION_PERCENTAGE_MAX, SessionStage, SessionStatus
from jira_pipeline.model.ticket_decisions import SentBack
from jira_pipeline.model.ticket_hashes import UNSENT
from jira_pipeline.model.ticket_links import as_cards
from jira_pipeline.model.tickets import ISSUE_FIELDS
from jira_pipeline.review.revisions import PART_TITLES, unified_lines

OF_OTHERS = frozenset({CHANGED_THERE, CHANGED_AFTER_LOOK, CHANGED_SINCE, TOO_LONG})
"""Reasons for which an issue is left and gets a comment that says what changed."""
PASSED_OVER = "it is left alone, as requested"
NOT_RESOLVED = "changes are requested of its ticket"
BY_HAND = "the rest must be done by hand"


def is_overwritable(objection: str | None) -> bool:
    """Tell whether people may have an issue overwritten that is left for this reason."""
    return objection in OVERWRITABLE or (objection or "").startswith(TICKET_LACKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """What one execution of the updating did; numbers of tickets."""

    updated: tuple[int, ...]
    left: Mapping[int, str]
    """Issues that stay as they are, and why."""
    commented: tuple[int, ...]
    """Tickets whose issues got a comment: left as they are, or the ticket is gone."""


def update_issues(
    tools: ExportTools, order: ExportOrder, *, changes: Callable[[], Sequence[LaterChange]]
) -> UpdateReport:
    """Update the issues that no longer say what their tickets say, beside what people wrote there.

    `changes` are asked for under the lease, once earlier updates have a known outcome.
    """
    with opened_for_export(tools, order) as run:
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
        return _Updating(run).update(changes)


@json_fields(
    "number title jira_key jira_url objection comment=gets_comment beside=kept_of_people consent worked_on lacks "
    "only_in_issue"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUpdate(NamedIssue):
    """One issue that no longer says what its ticket says."""

    jira_url: str
    objection: str
    """Why it would stay as it is; empty: it would be updated."""
    gets_comment: bool
    """It would get a comment that says what changed."""
    lost: tuple[str, ...] = ()
    """How what an update would write differs from what somebody edited: what overwriting loses."""
    kept_of_people: str = ""
    """What stays of people in an issue that is updated; empty: nothing."""
    shares: tuple[TextShare, ...] = ()
    """What such an issue says then, block by block."""
    worked_on: str = ""
    """Status and person of an issue that people began with: they should know of the change."""
    consent: str = ""
    """What overwriting that text is called; empty where nothing of it was edited."""
    lacks: tuple[str, ...] = ()
    """What people of ours gave and only the issue has; where it is a text, its lines."""
    only_in_issue: tuple[str, ...] = ()
    """Lines of its text that overwriting takes out; where many go, how many more at the end."""

    @property
    def is_edited(self) -> bool:
        """Words of people would go: it is left, or overwritten where that is wanted."""
        return is_overwritable(self.objection)


def planned_updates(run: ExportRun, changes: Sequence[LaterChange]) -> tuple[PlannedUpdate, ...]:
    """Say what an update would do with each of these issues; only reads are sent."""
    return _Updating(run).planned_all(changes)


def words_in(change: LaterChange, text: IssueText) -> tuple[str, ...]:
    """Return what the issue has from people of ours and its ticket lacks, in their words.

    Those of a part that is only in the file of the issue are not read.
    """
    markdown = description_markdown(text.description)
    words = list[str]()
    for lost in change.lacks:
        match lost.kind:
            case GivenKind.ANSWER:
                words.append(lost.words)
            case GivenKind.TITLE:
                words.append(replace(lost, text=text.summary).words)
            case GivenKind.NOTE | GivenKind.EDIT:
                words.append(replace(lost, text=section_of(markdown, lost.part)).words)
    return tuple(words)


def section_of(markdown: str, part: str) -> str:
    """Return what a description says below the heading of a part; empty where it has none."""
    lines = list[str]()
    is_in_part = False
    for line in markdown.splitlines():
        if line == RULE:  # what the program says of its sources follows
            is_in_part = False
        elif line.startswith("#"):
            is_in_part = line.lstrip("# ").strip() == PART_TITLES.get(part)
        elif is_in_part and line.strip():
            lines.append(line.strip())
    return " ".join(lines)


class _Updating:
    """One execution of an update, or the plan of one: which issues are written, left, commented on."""

    def __init__(self, run: ExportRun) -> None:
        self._run = run
        self._writes = TextWrites(run)
        self._rendered = {
            rendered.ticket.ticket_id: rendered for rendered in run.order.in_build_order
        }
        excluded = [rendered.ticket for rendered in run.order.rendered if rendered.is_excluded]
        self._sent_back = {
            ticket.ticket_id for ticket in excluded if isinstance(ticket.exclusion, SentBack)
        }
        self._left: dict[str, str] = {}
        """Why an issue is left as it is, by ticket id."""
        self._lacking: dict[str, str] = {}
        """Which words of people an update would lose, by ticket id; empty: none."""
        self._noted: dict[str, str] = {}
        """What results say of an issue whose text this store does not know, by ticket id."""

    def planned_all(self, changes: Sequence[LaterChange]) -> tuple[PlannedUpdate, ...]:
        """Return what an update would do with these issues, and what overwriting them would lose."""
        objections = {change.ticket_id: self._objection_at_home(change) for change in changes}
        texts = self._writes.read_all(
            self._receipt(change) for change in changes if not objections[change.ticket_id]
        )
        return tuple(
            self._planned(change, objections[change.ticket_id], texts) for change in changes
        )

    def _objection_at_home(self, change: LaterChange) -> str:
        """Say why an issue stays as it is, whatever its text is; empty: its text decides."""
        if change.number in self._run.order.update.leaves:
            return PASSED_OVER
        if change.ticket_id in self._sent_back:
            return NOT_RESOLVED
        if not self._is_wanted(change):
            return BY_HAND
        return ""

    def _planned(
        self, change: LaterChange, objection: str, texts: Mapping[str, IssueText | None]
    ) -> PlannedUpdate:
        """Return what an update would do with an issue; `texts` are those read, by id of the issue."""
        text: IssueText | None = None
        self._lacking[change.ticket_id] = lacks_text(change.lacks)
        if not objection:
            receipt = self._receipt(change)
            text = texts[receipt.remote_id or ""]
            if text is not None:
                text = as_marked(self._run, receipt, text)
            objection = self._objection(receipt, text) or ""
        lost = tuple[str, ...]()
        only_in_issue = tuple[str, ...]()
        consent = ""
        kept_of_people = ""
        shares = tuple[TextShare, ...]()
        if text is not None and not objection:
            new = self._new_text(change)
            merged = merged_text(text, new.summary, new.description)
            objection = self._writes.objection_to_length(merged) or ""
            kept_of_people = merged.kept_of_people
            shares = merged.shares
        lacks = tuple[str, ...]()
        if text is not None and change.lacks:
            lacks = words_in(change, text)
        if text is not None and is_overwritable(objection):
            consent = consent_to(change.number, text)
            new = self._new_text(change)
            lost = unified_lines(
                f"{text.summary}\n{description_markdown(text.description)}",
                f"{new.summary}\n{description_markdown(new.description)}",
            )
            only_in_issue = lines_taken_out(
                text,
                summary=new.summary,
                description=new.description,
                most=LINES_SHOWN,
                characters_max=TEXT_MAX_CHARACTERS,
            )
        return PlannedUpdate(
            number=change.number,
            title=change.title,
            jira_key=change.jira_key,
            jira_url=change.jira_url,
            objection=objection,
            gets_comment=self._gets_comment(change, objection),
            lost=lost,
            kept_of_people=kept_of_people,
            shares=shares,
            worked_on=text.progress.worked_on if text is not None and text.progress else "",
            consent=consent,
            lacks=lacks,
            only_in_issue=only_in_issue,
        )

    def _gets_comment(self, change: LaterChange, objection: str) -> bool:
        """Tell whether an issue would get a comment that says what changed, and has none yet."""
        if objection == PASSED_OVER or not (change.is_vanished or objection in OF_OTHERS):
            return False
        receipt = self._receipts().get(change.ticket_id)
        if receipt is None:
            return False
        comment = comment_on_change(change, receipt)
        return not isinstance(self._run.page.state(comment.subject.identity), Exists)

    def update(self, changed: Callable[[], Sequence[LaterChange]]) -> UpdateReport:
        """Update every issue that may be, and comment on those that are left; a lost write goes again.

        `changed` is called once earlier updates have a known outcome.
        """
        writes = self._writes
        writes.settle()
        leaves = self._run.order.update.leaves
        changes = [change for change in changed() if change.number not in leaves]
        settled = frozenset(writes.written)
        writes.written.clear()  # its ticket may have changed again
        wanted = [change for change in changes if self._is_wanted(change)]
        self._lacking = {change.ticket_id: lacks_text(change.lacks) for change in wanted}
        self._note_overwritten(wanted)
        for _round in range(ROUNDS):
            undecided = [change for change in wanted if self._is_undecided(change)]
            for batch in batches(undecided, size=TEXTS_AT_ONCE):
                number = wanted.index(batch[0]) + 1
                text = f"Updating issue {number} of {len(wanted)}: {batch[0].title}"
                self._run.show_progress(CREATION_PERCENTAGE_MAX, text)
                self._write(batch)
            writes.settle()
        for change in wanted:
            if self._is_undecided(change):
                self._leave(self._receipt(change), why=NOT_DONE)
        self._left |= writes.failed
        settle_links(self._run)
        Detaching(self._run, obsolete_links(self._run)).carry_out()
        comments = self._comment(changes)
        commented_ids = {comment.receipt.ticket_id for comment in comments}
        return UpdateReport(
            updated=tuple(sorted(self._numbers_of(settled | writes.written))),
            left={
                self._rendered[ticket_id].ticket.number: reason
                for ticket_id, reason in self._left.items()
                if ticket_id in self._rendered
            },
            commented=tuple(
                change.number for change in changes if change.ticket_id in commented_ids
            ),
        )

    def _write(self, changes: Sequence[LaterChange]) -> None:
        """Update some issues, or record why they stay as they are."""
        wanted = [
            WantedText(receipt=self._receipt(change), new=self._new_text(change))
            for change in changes
        ]
        self._writes.write_all(wanted, objection=self._objection)
        for text in wanted:
            reason = self._writes.against.get(text.receipt.ticket_id)
            if reason is not None:
                self._leave(text.receipt, why=reason)

    def _numbers_of(self, ticket_ids: Iterable[str]) -> list[int]:
        """Return the numbers of those of these tickets that are exported."""
        return [
            self._rendered[ticket_id].ticket.number
            for ticket_id in ticket_ids
            if ticket_id in self._rendered
        ]

    def _is_undecided(self, change: LaterChange) -> bool:
        """Tell whether it is not known yet what becomes of an issue."""
        decided = self._writes.written | self._writes.failed.keys() | self._left.keys()
        return change.ticket_id not in decided

    def _comment(self, changes: Sequence[LaterChange]) -> tuple[WantedComment, ...]:
        """Comment on issues that people edited or whose tickets are gone; return the new comments."""
        receipts = self._receipts()
        comments = []
        for change in changes:
            receipt = receipts.get(change.ticket_id)
            is_edited = self._left.get(change.ticket_id) in OF_OTHERS
            if receipt is not None and (change.is_vanished or is_edited):
                comments.append(comment_on_change(change, receipt))
        return Commenting(self._run).comment(comments)

    def _is_wanted(self, change: LaterChange) -> bool:
        """Tell whether an update brings the issue nearer to its ticket, as it was approved.

        A ticket that was edited since waits for the next export.
        """
        rendered = self._rendered.get(change.ticket_id)
        return (
            rendered is not None
            and change.is_text
            and rendered.rendered_hash == change.becomes.rendered_hash  # defence: edited-since
            and self._run.issue_receipt(rendered) is not None
        )

    def _new_text(self, change: LaterChange) -> NewText:
        """Return what an update would write to an issue, and what the ledger is to say of it."""
        rendered = self._rendered[change.ticket_id]
        sent_before = self._run.page.content(self._receipt(change).identity)
        parts_before = {} if sent_before is None else sent_before.content or {}
        content = dict(change.becomes.content or {})
        # Fields are not updated: of these the issue goes on to have what it was sent before.
        fields_left = tuple(sorted(set(ISSUE_FIELDS).intersection(change.parts)))
        for name in fields_left:
            content[name] = parts_before.get(name, UNSENT)
        sent = replace(change.becomes, content=content, left=fields_left)
        description = rendered.document_naming(as_cards(self._run.address_of))
        return NewText(summary=rendered.summary, description=description, sent=sent)

    def _receipts(self) -> dict[str, LedgerEntry]:
        return {receipt.ticket_id: receipt for receipt in self._run.page.issue_receipts()}

    def _objection(self, receipt: LedgerEntry, text: IssueText | None) -> str | None:
        """Say what is against writing to an issue; None where nothing is, or people agreed to it."""
        rendered = self._rendered[receipt.ticket_id]
        objection = self._writes.objection(receipt, text)
        # defence: unknown-write
        if (
            objection is None
            and text is not None
            and is_written_unknown(self._run.page, receipt, text.properties)
            and not says_ticket(self._run, rendered, text)
        ):
            objection = WRITTEN_UNKNOWN
            self._noted[receipt.ticket_id] = unknown_text_reason(
                text,
                summary=rendered.summary,
                description=rendered.document_naming(as_cards(self._run.address_of)),
            )
        objection = objection or self._lacking.get(receipt.ticket_id) or None
        if text is None or not is_overwritable(objection):
            return objection
        number = rendered.ticket.number
        # defence: overwrite-what-was-shown
        if consent_to(number, text) in self._run.order.update.overwrites:
            return None
        # Somebody agreed to overwrite another text than the one that is there now.
        return CHANGED_AFTER_LOOK if self._is_consent_given(number) else objection

    def _is_consent_given(self, number: int) -> bool:
        """Tell whether people want the issue of a ticket overwritten, whatever text they saw."""
        consents = self._run.order.update.overwrites
        return any(consent.startswith(f"{number}:") for consent in consents)

    def _note_overwritten(self, changes: Sequence[LaterChange]) -> None:
        """Write down which words somebody agreed to take out of issues, before they go."""
        order = self._run.order
        agreed = [change for change in changes if self._is_consent_given(change.number)]
        texts = self._writes.read_all(map(self._receipt, agreed))
        for change in agreed:
            text = texts[self._receipt(change).remote_id or ""]
            if text is None or consent_to(change.number, text) not in order.update.overwrites:
                continue
            new = self._new_text(change)
            lines = lines_taken_out(
                text,
                summary=new.summary,
                description=new.description,
                most=LINES_KEPT,
                characters_max=LINE_CHARACTERS_KEPT,
            )
            if not lines and not change.lacks:
                continue
            details = {
                "ticket_ids": [change.ticket_id],
                "issue": change.jira_key,
                "words": list(words_in(change, text)),
                LINES_TAKEN_OUT: list(lines),
            }
            self._run.tools.store.audit.append(
                at=self._run.tools.clock.now(),
                session_key=order.session_key,
                actor=order.started_by or order.holder,
                action=AuditAction.WORDS_OVERWRITTEN,
                details=details,
            )

    def _leave(self, receipt: LedgerEntry, *, why: str) -> None:
        """Leave an issue as it is; the ledger gets the reason, unless it has the same one already."""
        self._left[receipt.ticket_id] = why
        noted = self._noted.get(receipt.ticket_id, why) if why == WRITTEN_UNKNOWN else why
        if objection_to_updating(self._run.page.entries_of_issue(receipt)) != noted:
            self._run.page.write_of_issue(receipt, LedgerEvent.UPDATE_LEFT, detail=noted)

    def _receipt(self, change: LaterChange) -> LedgerEntry:
        receipt = self._run.issue_receipt(self._rendered[change.ticket_id])
        assert receipt is not None  # noqa: S101 - else it was not wanted
        return receipt
