"""Second step of an export: attaches the full texts that did not fit into issue bodies.

Belongs here: uploading each file once. Does not: deciding what is attached (the renderer). A
failed attachment never fails the export; it becomes a manual fix.

Uploads are not idempotent: the file name carries a hash of the content, and what is in doubt is
compared by name and size before it is sent again. Source: docs/export.md, rule 9.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from typing_extensions import override

from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.ledger_page import WriteSubject, file_identity
from jira_pipeline.export.links import Detaching, follows, obsolete_files
from jira_pipeline.export.lookups import (
    FILES_FIELD,
    PROBE_FIELDS,
    check_receipts,
    is_sent_by_us,
    read_issues,
)
from jira_pipeline.export.repeated_writes import (
    Fallback,
    FixesOnRecord,
    ReadBack,
    RepeatedWrites,
    is_for_people,
)
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.model.errors import AccessError, RefusedError
from jira_pipeline.model.exports import Exists, FixType, InDoubt, LedgerSubject
from jira_pipeline.model.issue_tracker import (
    AttachmentRules,
    FoundIssue,
    IssueAttachment,
    WriteAnswer,
)
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.sessions import SessionStage, SessionStatus

ATTACH_PERMISSION = "CREATE_ATTACHMENTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentReport:
    """What one execution of the attaching did."""

    attached: int
    failed: int
    """Left to a person as manual fixes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFile:
    """The full text of a ticket, for its issue."""

    rendered: RenderedTicket
    subject: WriteSubject
    """Its name in the ledger."""
    file_name: str
    content: bytes


def attach_files(tools: ExportTools, order: ExportOrder) -> AttachmentReport:
    """Attach every full text to its issue once; what Jira refuses becomes a manual fix."""

    def is_due(run: ExportRun) -> bool:
        return bool(pending_files(run) or obsolete_files(run))

    with opened_for_export(tools, order, is_due=is_due) as run:
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
        shown = check_receipts(run, pending_files(run), fields=(*PROBE_FIELDS, FILES_FIELD))
        return Attaching(run, shown).attach()


def ticket_files(run: ExportRun) -> list[TicketFile]:
    """Return the files of all tickets that have one, whether they are wanted or not."""
    files = []
    for rendered in run.order.in_build_order:
        if rendered.attachment is not None:
            name, ticket_id = hashed_file_name(*rendered.attachment), rendered.ticket.ticket_id
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
    """Return the files of tickets whose issues are made of what they say now, or are to be.

    `planned` are numbers of tickets whose issues are yet to be created or to follow them.
    """
    return [
        file
        for file in ticket_files(run)
        if run.page.content(run.identity(file.rendered.ticket.ticket_id)) is None
        or follows(run, file.rendered, planned)
        or _is_first(run, file)
    ]


def _is_first(run: ExportRun, file: TicketFile) -> bool:
    """Tell whether an adopted issue gets its first file of ours, which takes nobody's place."""
    issue, own = run.identity(file.rendered.ticket.ticket_id), {file.subject.identity}
    return run.is_adopted(file.rendered) and own.issuperset(
        run.page.sent(LedgerSubject.ATTACHMENT, on=issue)
    )


def pending_files(run: ExportRun, *, planned: Collection[int] = ()) -> list[RenderedTicket]:
    """Return the tickets of those of them that are neither attached nor left to people."""
    fixes = FixesOnRecord(run, FixType.ATTACHMENT_UPLOAD)
    return [
        file.rendered
        for file in wanted_files(run, planned=planned)
        if run.page.receipt(file.subject.identity) is None
        and not fixes.has(file.rendered.ticket, file.file_name)
    ]


class Attaching(RepeatedWrites[TicketFile]):
    """The files of issues made of what the tickets say now; those of others are left to people.

    An issue that was made of something else keeps its file: people change both. One that has no
    file yet, since the export stopped before, names a file that nobody attaches any more.
    """

    fix_types = (FixType.ATTACHMENT_UPLOAD,)
    is_looked_up = False
    is_answer_proof = True
    is_same_twice = False
    at_once = 4

    def __init__(self, run: ExportRun, shown: Mapping[str, FoundIssue]) -> None:
        """Take issues as they were just read, with their files."""
        with_file = {i.rpartition("/")[0] for i in run.page.sent(LedgerSubject.ATTACHMENT)}
        wanted = {file.subject.identity for file in wanted_files(run)}
        there = [file for file in ticket_files(run) if run.issue_receipt(file.rendered) is not None]
        super().__init__(run, [file for file in there if file.subject.identity in wanted])
        self._shown = shown
        self._outdated = [
            file
            for file in there
            if file.subject.identity not in wanted
            and file.subject.identity.rpartition("/")[0] not in with_file
        ]

    def attach(self) -> AttachmentReport:
        """Upload what is missing."""
        before = self.done_count
        for file in self._outdated:
            self._leave(file, "the ticket was changed before its file was attached")
        self.bring_about()
        Detaching(self._run, obsolete_files(self._run)).bring_about()
        return AttachmentReport(
            attached=self.done_count - before,
            failed=len(self._items) - self.done_count + len(self._outdated),
        )

    @override
    def subject(self, item: TicketFile) -> WriteSubject:
        return item.subject

    @override
    def ticket(self, item: TicketFile) -> RenderedTicket:
        return item.rendered

    @override
    def look(self) -> None:
        """Look for what is left to people as well: they may have attached it."""
        self._look_at([file for file in self._items if not isinstance(self._state(file), Exists)])
        self._shown = {}

    @override
    def skip_reason(self, item: TicketFile) -> str | None:
        if lacking := self.lacking(ATTACH_PERMISSION):
            return lacking
        rules, size_bytes = self._rules, len(item.content)
        if rules is not None and not rules.is_enabled:
            return "attachments are switched off on the site"
        if rules is not None and rules.refuses(size_bytes):
            return f"it has {size_bytes} bytes; the site's limit is {rules.size_max_bytes}"
        return None

    @cached_property
    def _rules(self) -> AttachmentRules | None:
        """Ask once, before the first file; None where Jira refuses to say: sending shows it then."""
        try:
            return self._run.tools.tracker.attachment_rules()
        except (RefusedError, AccessError) as error:
            if not is_for_people(error):
                raise
            return None

    @override
    def send(self, items: Sequence[TicketFile]) -> WriteAnswer:
        [file] = items
        return self._run.tools.tracker.attach(
            self._run.issue_id(file.rendered), file_name=file.file_name, content=file.content
        )

    @override
    def read_back(self, items: Sequence[TicketFile]) -> ReadBack:
        """Compare the files of these issues by name and size: a restored ledger does not know them."""
        ids = [self._run.issue_id(file.rendered) for file in items]
        read = read_issues(
            self._run,
            [issue_id for issue_id in ids if issue_id not in self._shown],
            fields=(FILES_FIELD,),
            waiting="nothing is attached",
        )
        issues = {**self._shown, **read}
        seen: dict[str, str] = {}
        not_ours: set[str] = set()
        for_people: dict[str, Fallback] = {}
        for issue_id, file in zip(ids, items, strict=True):
            identity, issue = file.subject.identity, issues.get(issue_id)
            if issue is None and isinstance(self._state(file), InDoubt):
                for_people[identity] = self.fallback(file, reason="its issue cannot be seen")
            wanted, shown = (file.file_name, len(file.content)), issue.attachments if issue else ()
            found = next((one for one in shown if (one.file_name, one.size_bytes) == wanted), None)
            if found is not None:
                seen[identity] = found.attachment_id
                if identity not in self._absent and not self._is_made_earlier(file, found):
                    not_ours.add(identity)
        return ReadBack(
            seen=dict.fromkeys(seen, "settled: found by name and size"),
            not_ours=frozenset(not_ours),
            ids=seen,
            for_people=for_people,
        )

    def _is_made_earlier(self, file: TicketFile, found: IssueAttachment) -> bool:
        """Tell whether an earlier execution attached a file, which the ledger may have forgotten.

        What people were asked to attach is theirs, whoever they are to Jira.
        """
        state = self._state(file)
        if isinstance(state, InDoubt):
            return is_sent_by_us(self._run, state.intent, by=found.author_id, at=found.created_at)
        is_asked_for = self._fixes.has(file.rendered.ticket, file.file_name)
        return found.author_id in self._run.own_accounts and not is_asked_for

    @override
    def fallback(self, item: TicketFile, *, reason: str) -> Fallback:
        ticket, key = item.rendered.ticket, self._run.issue_key(item.rendered)
        return Fallback(
            fix_type=FixType.ATTACHMENT_UPLOAD,
            subject=item.file_name,
            title=f"Attach the full text to {ticket.title}",
            original_value=item.file_name,
            recommended_action=(
                f"Attach {item.file_name} to {key or 'the issue'} by hand ({reason}); ticket "
                f"{ticket.number} shows its text."
            ),
        )
