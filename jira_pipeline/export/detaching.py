"""Takes off issues what is ours and no ticket asks for any more: links, files of older texts.

Belongs here: what fell away, what deletes it and looks whether it is gone. Does not: adding links
and files (`links`, `attachments`), when it is sent again or left to people (`repeated_writes`).

A deletion is by the id of a receipt: it can do no more than delete the same thing, so it may be
sent again, and what people made again is theirs. An issue that Jira does not show says nothing of
it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from typing_extensions import override

from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import LinkKind
from jira_pipeline.export.ledger_page import WriteSubject, file_identity
from jira_pipeline.export.links import LINK_PERMISSION
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.manual_fixes import Fallback, FixesOnRecord
from jira_pipeline.export.repeated_writes import ReadBack, RepeatableWrites, RepeatedWrites
from jira_pipeline.export.write_once import gone_or_hidden
from jira_pipeline.model.export_ledger import Exists, LedgerEntry, LedgerSubject, Origin
from jira_pipeline.model.exports import FixType
from jira_pipeline.model.issue_tracker import WriteAnswer
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name

NO_ID = "it is not clear which of several is ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obsolete:
    """Something of ours that no ticket asks for any more."""

    subject: WriteSubject
    owner: RenderedTicket
    """The ticket that no longer asks for it."""
    issue_id: str
    """Of the issue that shows it."""
    remote_id: str
    """Its own; empty: not known."""
    shown_as: str
    """What it is read by beside its id: of a link the issue at its other end, of a file the name."""
    name: str
    """For people: “is blocked by UHR-4”."""

    @property
    def is_link(self) -> bool:
        """It is a link, else a file."""
        return self.subject.subject is LedgerSubject.LINK


def obsolete_links(run: ExportRun, *, planned: Collection[int] = ()) -> list[Obsolete]:
    """Return the links we made that no ticket asks for, where the issues follow their tickets.

    Skipped tickets ask as others do. What hangs on an issue that says something else than its
    ticket, as one that somebody edited, stays: people decide about that issue. `planned` are numbers
    of tickets that their issues are yet to follow.
    """
    tickets = {run.identity(r.ticket.ticket_id): r for r in run.order.rendered}
    wanted = {
        f"{kind.value}/{inward}/{outward}"
        for identity, rendered in tickets.items()
        for kind, others in (
            (LinkKind.BLOCKS, rendered.ticket.depends_on),
            (LinkKind.RELATES, rendered.ticket.relates_to),
        )
        for other in map(run.identity, others)
        for inward, outward in ((other, identity), (identity, other))
        if outward == identity or kind is LinkKind.RELATES  # who blocks whom has a direction
    }
    found = []
    for receipt in run.page.receipts_of(LedgerSubject.LINK):
        word, inward, outward = receipt.identity.split("/")
        kind = LinkKind(word)
        ends = (outward,) if kind is LinkKind.BLOCKS else (outward, inward)
        owners = [tickets[end] for end in ends if end in tickets]
        if receipt.identity in wanted or receipt.origin is Origin.FOUND or not owners:
            continue
        if all(follows(run, owner, planned) for owner in owners):
            found.append(_link(run, receipt, owners[0]))
    return found


def links_at(run: ExportRun, issue: LedgerEntry) -> list[Obsolete]:
    """Return the links we made to and from an issue that stops being a ticket's."""
    tickets = {run.identity(r.ticket.ticket_id): r for r in run.order.rendered}
    found = []
    for receipt in run.page.receipts_of(LedgerSubject.LINK):
        ends = receipt.identity.split("/")[:0:-1]
        owners = [tickets[end] for end in ends if end in tickets]
        if issue.identity in ends and owners and receipt.origin is not Origin.FOUND:
            found.append(_link(run, receipt, owners[0]))
    return found


def _link(run: ExportRun, receipt: LedgerEntry, owner: RenderedTicket) -> Obsolete:
    word, inward, outward = receipt.identity.split("/")
    other, shown = run.page.receipt(inward), run.page.receipt(outward)
    words = "is blocked by" if word == LinkKind.BLOCKS else "relates to"
    return Obsolete(
        subject=WriteSubject(
            ticket_id=owner.ticket.ticket_id, subject=LedgerSubject.LINK, identity=receipt.identity
        ),
        owner=owner,
        issue_id=(shown and shown.remote_id) or "",
        remote_id=receipt.remote_id or "",
        shown_as=(other and other.remote_id) or "",
        name=f"{words} {(other and other.remote_key) or 'the other issue'}",
    )


def obsolete_files(run: ExportRun, *, planned: Collection[int] = ()) -> list[Obsolete]:
    """Return the files that updates left behind, where what they say now is attached, or `planned`."""
    found = []
    for rendered in run.order.in_build_order:
        identity, receipt = run.identity(rendered.ticket.ticket_id), run.issue_receipt(rendered)
        is_planned = rendered.ticket.number in planned
        sent = run.page.content(identity)
        was_updated = sent is not None and sent.text is not None  # else no file was left behind
        if receipt is None or not (is_planned or (was_updated and follows(run, rendered))):
            continue
        file = rendered.attachment
        current = None if file is None else file_identity(identity, hashed_file_name(*file))
        is_there = current is None or isinstance(run.page.state(current), Exists)
        if not (is_planned or is_there):
            continue
        found += [
            Obsolete(
                subject=WriteSubject.of(old),
                owner=rendered,
                issue_id=receipt.remote_id or "",
                remote_id=old.remote_id,
                shown_as=old.identity.rpartition("/")[2],
                name=old.identity.rpartition("/")[2],
            )
            for old in run.page.receipts_of(LedgerSubject.ATTACHMENT, on=identity)
            if old.identity != current and old.remote_id is not None and old.origin is None
        ]
    return found


def follows(run: ExportRun, rendered: RenderedTicket, planned: Collection[int] = ()) -> bool:
    """Tell whether an issue says what its ticket says, or is to; `planned` are numbers of tickets."""
    if rendered.ticket.number in planned:
        return True
    content = run.page.content(run.identity(rendered.ticket.ticket_id))
    return content is not None and content.rendered_hash == rendered.rendered_hash


def detaching(run: ExportRun, things: Sequence[Obsolete]) -> RepeatedWrites[Obsolete]:
    """Return the writes that delete what fell away; what of them is pending a plan counts."""
    fixes = FixesOnRecord(run, FixType.DEPENDENCY_LINK, FixType.ATTACHMENT_UPLOAD)
    return RepeatedWrites(run=run, fixes=fixes, kind=_Deletions(run), items=things)


class _Deletions(RepeatableWrites[Obsolete]):
    """Deletions by id, as repeatable writes."""

    is_deleting = True
    lost_reason = "it was deleted twice but still exists"

    @override
    def subject(self, item: Obsolete) -> WriteSubject:
        return item.subject

    @override
    def ticket(self, item: Obsolete) -> RenderedTicket:
        return item.owner

    @override
    def skip_reason(self, item: Obsolete) -> str | None:
        lacking = self.lacking(LINK_PERMISSION) if item.is_link else None
        return lacking or (None if item.remote_id else NO_ID)

    @override
    def send(self, items: Sequence[Obsolete]) -> WriteAnswer:
        [item], tracker = items, self._run.tools.tracker
        delete = tracker.delete_link if item.is_link else tracker.delete_attachment
        return gone_or_hidden(delete(item.remote_id))

    @override
    def read_back(self, items: Sequence[Obsolete]) -> ReadBack:
        """Look at the issues; what has no id cannot be looked for."""
        issues = read_issues(
            self._run,
            sorted({item.issue_id for item in items} - {""}),
            fields=("attachment", "issuelinks"),
            waiting="nothing is deleted",
        )
        # a restored site gives ids again
        links = {(one.link_id, one.other_issue_id) for i in issues.values() for one in i.links}
        files = {(f.attachment_id, f.file_name) for i in issues.values() for f in i.attachments}
        return ReadBack(
            seen={
                item.subject.identity: "it no longer exists"
                for item in items
                if item.issue_id in issues
                and item.remote_id
                and (item.remote_id, item.shown_as) not in (links if item.is_link else files)
            },
            for_people={
                item.subject.identity: self.fallback(item, reason="Jira does not show the issue")
                for item in items
                if item.issue_id not in issues
            },
        )

    @override
    def fallback(self, item: Obsolete, *, reason: str) -> Fallback:
        title, key = item.owner.ticket.title, self._run.issue_key(item.owner) or "the issue"
        is_link, name = item.is_link, item.name
        way = (
            f"the link “{name}” from {key}" if is_link else f"{name} from {key}: it is out of date"
        )
        return Fallback(
            fix_type=FixType.DEPENDENCY_LINK if is_link else FixType.ATTACHMENT_UPLOAD,
            subject=f"delete {item.subject.identity}" if is_link else f"{name} outdated",
            title=f"Delete {'a link' if is_link else 'an old file'} of {title}",
            original_value=name,
            recommended_action=f"Delete {way} ({reason}).",
        )
