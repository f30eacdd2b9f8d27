"""Second step of an export: attaches the full texts that did not fit into issue bodies.

Belongs here: uploading each file once. Does not: deciding what is attached (the renderer). A
failed attachment never fails the export; it becomes a manual fix.

Uploads are not idempotent: the file name carries a hash of the content, and what is in doubt is
compared by name and size before it is sent again. Source: docs/export.md, rule 9.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from jira_pipeline.export.detaching import Detaching, follows, obsolete_files
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.ledger_page import WriteSubject, file_identity
from jira_pipeline.export.lookups import (
    FILES_FIELD,
    PROBE_FIELDS,
    batches,
    check_receipts,
    is_sent_by_us,
    read_issues,
)
from jira_pipeline.export.repeated_writes import (
    Fallback,
    FixesOnRecord,
    is_for_people,
    write_together,
)
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.export.unconfirmed import UnconfirmedWrites, record_missing_write
from jira_pipeline.model.errors import AccessError, RefusedError, UpstreamError
from jira_pipeline.model.exports import (
    Exists,
    InDoubt,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    NotSent,
    Origin,
)
from jira_pipeline.model.issue_tracker import (
    AttachmentRules,
    FoundIssue,
    IssueAttachment,
    NothingDone,
    Unknown,
    WriteAnswer,
)
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.sessions import SessionStage, SessionStatus

ATTACH_PERMISSION = "CREATE_ATTACHMENTS"
FILES_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentReport:
    """What one execution of the attaching did."""

    attached: int
    failed: int
    """Files that are not attached; they are left to a person as manual fixes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFile:
    """The full text of a ticket, for its issue."""

    rendered: RenderedTicket
    subject: WriteSubject
    """What the ledger calls it."""
    file_name: str
    content: bytes


def attach_files(tools: ExportTools, order: ExportOrder) -> AttachmentReport:
    """Attach every full text to its issue once; what Jira refuses becomes a manual fix."""

    def is_due(run: ExportRun) -> bool:
        return bool(pending_files(run) or obsolete_files(run))

    with opened_for_export(tools, order, is_due=is_due) as run:
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
        shown = check_receipts(run, pending_files(run), fields=(*PROBE_FIELDS, FILES_FIELD))
        return _Attaching(run).attach(shown)


def ticket_files(run: ExportRun) -> list[TicketFile]:
    """Return the file of each ticket that has one, whether it is to be attached or not."""
    files = []
    for rendered in run.order.in_build_order:
        if rendered.attachment is not None:
            name = hashed_file_name(*rendered.attachment)
            ticket_id = rendered.ticket.ticket_id
            subject = WriteSubject(
                ticket_id=ticket_id,
                subject=LedgerSubject.ATTACHMENT,
                identity=file_identity(run.identity(ticket_id), name),
            )
            content = rendered.attachment[1].encode("utf-8")
            files.append(
                TicketFile(rendered=rendered, subject=subject, file_name=name, content=content)
            )
    return files


def wanted_files(run: ExportRun, *, planned: Collection[int] = ()) -> list[TicketFile]:
    """Return the files to attach: of tickets whose issues say what the tickets say now.

    `planned` are the numbers of tickets whose issues the export is about to create or to update.
    """
    wanted = []
    for file in ticket_files(run):
        is_content_unknown = run.page.content(run.identity(file.rendered.ticket.ticket_id)) is None
        # defence: file-of-text
        if is_content_unknown or follows(run, file.rendered, planned) or _is_first(run, file):
            wanted.append(file)
    return wanted


def _is_first(run: ExportRun, file: TicketFile) -> bool:
    """Tell whether an adopted issue gets its first file of ours, which takes nobody's place."""
    if not run.is_adopted(file.rendered):
        return False
    issue = run.identity(file.rendered.ticket.ticket_id)
    sent = run.page.sent(LedgerSubject.ATTACHMENT, on=issue)
    return all(identity == file.subject.identity for identity in sent)


def pending_files(run: ExportRun, *, planned: Collection[int] = ()) -> list[RenderedTicket]:
    """Return the tickets whose wanted files are neither attached nor left to people."""
    fixes = FixesOnRecord(run, FixType.ATTACHMENT_UPLOAD)
    return [
        file.rendered
        for file in wanted_files(run, planned=planned)
        if run.page.receipt(file.subject.identity) is None
        and not fixes.has(file.rendered.ticket, file.file_name)
    ]


@dataclass(slots=True)
class _Batch:
    """Files that are sent together, until nothing of them is left to send."""

    unsent: list[TicketFile]
    limited: list[TicketFile] = field(default_factory=list)
    """Files that were answered by a limit of requests: the gateway may have let them through, so
    that Jira is asked for them before they are sent again."""


class _Attaching:
    def __init__(self, run: ExportRun) -> None:
        """Sort the files to attach from those that are left to people.

        An issue that says an older text keeps the file of that text. Where it has no file yet,
        because an export stopped before, people are told: nobody attaches the older file any more.
        """
        self._run = run
        self._fixes = FixesOnRecord(run, FixType.ATTACHMENT_UPLOAD)
        self._unconfirmed = UnconfirmedWrites(run)
        self._absent: set[str] = set()
        """Identities of files that were missing before this execution sent anything: later, they are
        ours."""
        self._files: list[TicketFile] = []
        self._outdated: list[TicketFile] = []
        # The identity of a file is that of its issue and its name: issue/name.
        sent_files = run.page.sent(LedgerSubject.ATTACHMENT)
        issues_with_file = {identity.rpartition("/")[0] for identity in sent_files}
        wanted = {file.subject.identity for file in wanted_files(run)}
        for file in ticket_files(run):
            identity = file.subject.identity
            if run.issue_receipt(file.rendered) is None:
                continue
            if identity in wanted:
                self._files.append(file)
            elif identity.rpartition("/")[0] not in issues_with_file:
                self._outdated.append(file)

    def attach(self, shown: Mapping[str, FoundIssue]) -> AttachmentReport:
        """Attach the files that are missing; one that was lost is sent again in the second round.

        `shown` are issues as they were just read, with their files.
        """
        before = sum(isinstance(self._state(file), Exists) for file in self._files)
        for file in self._outdated:
            self._record_failure(file, "the ticket was changed before its file was attached")
        self._record_present(shown)  # defence: present-files
        for _round in range(2):
            sendable = []
            for file in self._files:
                state = self._state(file)
                if isinstance(state, InDoubt):
                    self._unconfirmed.note_left(file.subject.identity)
                # defence: file-in-doubt
                if not isinstance(state, NotSent) or self._is_left_to_people(file):
                    continue
                skip_reason = self._skip_reason(file)
                if skip_reason is None:
                    sendable.append(file)
                else:
                    self._record_failure(file, skip_reason)
            for files in batches(sendable, size=FILES_AT_ONCE):
                self._send(files)
            self._settle_unconfirmed()
        Detaching(self._run, obsolete_files(self._run)).carry_out()
        attached = sum(isinstance(self._state(file), Exists) for file in self._files)
        return AttachmentReport(
            attached=attached - before,
            failed=len(self._files) - attached + len(self._outdated),
        )

    def _record_present(self, shown: Mapping[str, FoundIssue]) -> None:
        """Write a receipt for each file that is on its issue already, by name and size.

        People attached it, or an execution that a restored ledger does not know. Issues that are not
        in `shown` are read.
        """
        missing = [file for file in self._files if not isinstance(self._state(file), Exists)]
        unread = [file for file in missing if self._run.issue_id(file.rendered) not in shown]
        attachments = self._fetch(unread)
        attachments |= {issue_id: issue.attachments for issue_id, issue in shown.items()}
        for file in missing:
            identity = file.subject.identity
            attachment = _same_file(file, attachments.get(self._run.issue_id(file.rendered), ()))
            if attachment is None:
                self._absent.add(identity)
                continue
            is_ours = identity in self._absent or self._is_made_earlier(file, attachment)
            origin = None if is_ours else Origin.FOUND  # defence: file-before-ours
            self._record_found(file, attachment, origin=origin)

    def _is_made_earlier(self, file: TicketFile, attachment: IssueAttachment) -> bool:
        """Tell whether an earlier execution attached a file, which the ledger may have forgotten.

        A file that people were asked to attach is theirs, even if they used our account.
        """
        state = self._state(file)
        if isinstance(state, InDoubt):
            return is_sent_by_us(
                self._run, state.intent, by=attachment.author_id, at=attachment.created_at
            )
        is_of_our_account = attachment.author_id in self._run.own_accounts
        return is_of_our_account and not self._is_left_to_people(file)

    def _skip_reason(self, file: TicketFile) -> str | None:
        """Say why a file would be refused, without sending it; None where nothing is known."""
        if ATTACH_PERMISSION in self._run.withheld:
            return f"the account lacks the permission {ATTACH_PERMISSION}"
        rules = self._rules
        size_bytes = len(file.content)
        if rules is not None and not rules.is_enabled:
            return "attachments are switched off on the site"
        if rules is not None and rules.refuses(size_bytes):
            return f"it has {size_bytes} bytes; the site's limit is {rules.size_max_bytes}"
        return None

    @cached_property
    def _rules(self) -> AttachmentRules | None:
        """The rules of the site for files, asked for once; None: Jira refuses to say."""
        try:
            return self._run.tools.tracker.attachment_rules()
        except (RefusedError, AccessError) as error:
            if not is_for_people(error):
                raise
            return None

    def _send(self, files: Sequence[TicketFile]) -> None:
        """Send some files, each until Jira says what became of it; what it refuses is left to people.

        `write_together` takes what to send, sends it and hands back each answer; where Jira limits
        requests, it waits and begins again.
        """
        batch = _Batch(unsent=[*files])
        write_together(
            self._run,
            intend=partial(self._intend, batch),
            send=self._attach,
            record=partial(self._record_answer, batch),
        )

    def _intend(self, batch: _Batch) -> Sequence[TicketFile]:
        """Write the intents of the files that are to be sent now, and return these."""
        if batch.limited:
            self._record_present({})
            for file in batch.limited:
                if not isinstance(self._state(file), Exists):
                    batch.unsent.append(file)
            batch.limited.clear()
        for file in batch.unsent:
            self._run.page.write(file.subject, LedgerEvent.INTENT)
        return tuple(batch.unsent)

    def _attach(self, file: TicketFile) -> WriteAnswer:
        """Send one file; what turns away the file alone is no lost access.

        A gateway that looks into files may answer as if we might do nothing at all. Where Jira still
        knows us, its answer is about the file.
        """
        tracker = self._run.tools.tracker
        issue_id = self._run.issue_id(file.rendered)
        answer = tracker.attach(issue_id, file_name=file.file_name, content=file.content)
        match answer:
            case NothingDone(error=AccessError() as error) if not is_for_people(error):
                try:
                    tracker.whoami()
                except UpstreamError:
                    return answer
                return NothingDone(error=RefusedError(error.message))
            case _:
                return answer

    def _record_answer(self, batch: _Batch, file: TicketFile, answer: WriteAnswer) -> None:
        """Write what Jira answered to a file, and take it out of its batch unless it is sent again."""
        self._run.page.write_answer(file.subject, answer)
        if isinstance(answer, NothingDone) and is_for_people(answer.error):
            self._record_failure(file, answer.reason)
        elif isinstance(answer, Unknown):
            self._unconfirmed.note_sent(file.subject.identity)
        # Only a file of which the ledger says that nothing was done stays, to be sent again.
        if not isinstance(self._state(file), NotSent) or self._is_left_to_people(file):
            batch.unsent.remove(file)
        if isinstance(answer, Unknown) and answer.limit is not None:
            batch.limited.append(file)

    def _settle_unconfirmed(self) -> None:
        """Find out past the horizon whether files without a known outcome are on their issues."""
        doubts = [file for file in self._files if isinstance(self._state(file), InDoubt)]
        if doubts:
            self._record_present({})  # most were attached, and only the answer was lost
            doubts = [file for file in doubts if isinstance(self._state(file), InDoubt)]
        if not doubts:
            return
        self._unconfirmed.wait(file.subject.identity for file in doubts)  # defence: file-horizon
        attachments = self._fetch(doubts)
        for file in doubts:
            shown = attachments.get(self._run.issue_id(file.rendered))
            if shown is None:
                self._record_failure(file, "its issue cannot be seen")
                continue
            attachment = _same_file(file, shown)
            if attachment is not None:
                self._record_found(file, attachment)
                continue
            report = partial(self._record_lost, file)
            record_missing_write(self._run.page, file.subject, report=report)

    def _record_lost(self, file: TicketFile, reason: str) -> None:
        """Leave a file to a person that was sent and is nowhere, with what was answered last."""
        answers = [
            entry.detail
            for entry in self._run.page.entries_of(file.subject.identity)
            if entry.event is LedgerEvent.UNKNOWN
        ]
        answered = f"; {answers[-1].rstrip('.')}" if answers else ""
        self._record_failure(file, f"{reason}{answered}")

    def _record_found(
        self, file: TicketFile, attachment: IssueAttachment, *, origin: Origin | None = None
    ) -> None:
        """Write a receipt for a file that is on its issue; `origin` says whether we attached it."""
        self._run.page.write(
            file.subject,
            LedgerEvent.RECEIPT,
            remote_id=attachment.attachment_id,
            detail="settled: found by name and size",
            origin=origin,
        )

    def _fetch(self, files: Sequence[TicketFile]) -> dict[str, tuple[IssueAttachment, ...]]:
        """Read what is attached to the issues of these files, by issue id."""
        issues = read_issues(
            self._run,
            [self._run.issue_id(file.rendered) for file in files],
            fields=(FILES_FIELD,),
            waiting="nothing is attached",
        )
        return {issue_id: issue.attachments for issue_id, issue in issues.items()}

    def _record_failure(self, file: TicketFile, reason: str) -> None:
        """Leave a file to a person, as a manual fix with the reason."""
        ticket = file.rendered.ticket
        key = self._run.issue_key(file.rendered)
        missing = Fallback(
            fix_type=FixType.ATTACHMENT_UPLOAD,
            subject=file.file_name,
            title=f"Attach the full text to {ticket.title}",
            original_value=file.file_name,
            recommended_action=(
                f"Attach {file.file_name} to {key or 'the issue'} by hand ({reason}); ticket "
                f"{ticket.number} shows its text."
            ),
        )
        self._fixes.leave(ticket, missing, key=key)

    def _is_left_to_people(self, file: TicketFile) -> bool:
        return self._fixes.has(file.rendered.ticket, file.file_name)

    def _state(self, file: TicketFile) -> LedgerState:
        return self._run.page.state(file.subject.identity)


def _same_file(
    file: TicketFile, attachments: tuple[IssueAttachment, ...]
) -> IssueAttachment | None:
    """Return the attachment with the name and the size of a file; None where there is none."""
    size_bytes = len(file.content)
    for attachment in attachments:
        # defence: file-by-name-and-size
        if attachment.file_name == file.file_name and attachment.size_bytes == size_bytes:
            return attachment
    return None
