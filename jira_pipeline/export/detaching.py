"""Deletes the links and files of ours that no ticket asks for any more.

Belongs here: which these are, what deletes one and tells whether it is gone. Does not: making links
(`links`) or attaching files (`attachments`), when a deletion is sent again or left to people
(`repeated_writes`).

A deletion names the id of a receipt. Sent twice it still deletes only that thing, so it may be sent
again; what people made again has another id and stays. An issue that Jira does not show says nothing
about its links and files. Source: docs/export.md, rule 9.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from typing_extensions import override

from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import LinkKind
from jira_pipeline.export.ledger_page import WriteSubject, file_identity
from jira_pipeline.export.links import LINK_PERMISSION, LinkName, words_of
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.repeated_writes import Fallback, ReadBack, RepeatedWrites, gone_or_hidden
from jira_pipeline.model.exports import Exists, LedgerEntry, LedgerSubject, Origin
from jira_pipeline.model.issue_tracker import FoundIssue, WriteAnswer
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name

NO_ID = "it is not clear which of several is ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obsolete:
    """A link or file of ours that no ticket asks for any more."""

    subject: WriteSubject
    owner: RenderedTicket
    """The ticket that no longer asks for it."""
    issue_id: str
    """Id of the issue that shows it."""
    remote_id: str
    """Id of the link or file; empty: not known."""
    shown_as: str
    """The id of the issue at the other end of a link, or the name of a file; compared beside the id."""
    name: str
    """What people read: “is blocked by UHR-4”, or the name of the file."""

    @property
    def is_link(self) -> bool:
        """It is a link, else a file."""
        return self.subject.subject is LedgerSubject.LINK


def obsolete_links(run: ExportRun, *, planned: Collection[int] = ()) -> list[Obsolete]:
    """Return the links we made that no ticket asks for any more.

    Skipped tickets ask for links as others do. A link stays where an issue says something else than
    its ticket, because somebody edited it: people decide about that issue. `planned` are the numbers
    of tickets whose issues an update is about to bring up to date.
    """
    tickets = _tickets_by_identity(run)
    wanted_names = _names_of_wanted_links(run, tickets)
    obsolete = []
    for receipt in run.page.receipts_of(LedgerSubject.LINK):
        link = LinkName.parse(receipt.identity)
        # The blocked ticket asks for its link; a relation either of the two may ask for.
        asking_ends = link.ends[:1] if link.kind is LinkKind.BLOCKS else link.ends
        owners = [tickets[end] for end in asking_ends if end in tickets]
        # defence: found-link-stays
        if receipt.identity in wanted_names or receipt.origin is Origin.FOUND or not owners:
            continue
        if all(follows(run, owner, planned) for owner in owners):  # defence: links-of-other-text
            obsolete.append(_obsolete_link(run, receipt, owners[0]))
    return obsolete


def _tickets_by_identity(run: ExportRun) -> Mapping[str, RenderedTicket]:
    return {run.identity(rendered.ticket.ticket_id): rendered for rendered in run.order.rendered}


def _names_of_wanted_links(run: ExportRun, tickets: Mapping[str, RenderedTicket]) -> set[str]:
    """Return the identities in the ledger of all links that tickets ask for."""
    names = set()
    for identity, rendered in tickets.items():
        others_by_kind = {
            LinkKind.BLOCKS: rendered.ticket.depends_on,
            LinkKind.RELATES: rendered.ticket.relates_to,
        }
        for kind, others in others_by_kind.items():
            for other in map(run.identity, others):
                names.add(f"{kind.value}/{other}/{identity}")
                # Who blocks whom has a direction.
                if kind is LinkKind.RELATES:  # defence: direction-of-link
                    names.add(f"{kind.value}/{identity}/{other}")
    return names


def links_at(run: ExportRun, issue: LedgerEntry) -> list[Obsolete]:
    """Return the links we made to and from an issue that stops being a ticket's."""
    tickets = _tickets_by_identity(run)
    obsolete = []
    for receipt in run.page.receipts_of(LedgerSubject.LINK):
        ends = LinkName.parse(receipt.identity).ends
        owners = [tickets[end] for end in ends if end in tickets]
        # defence: link-of-people-stays
        if issue.identity in ends and owners and receipt.origin is not Origin.FOUND:
            obsolete.append(_obsolete_link(run, receipt, owners[0]))
    return obsolete


def _obsolete_link(run: ExportRun, receipt: LedgerEntry, owner: RenderedTicket) -> Obsolete:
    """Return a link of ours to delete, as its outward issue shows it."""
    link = LinkName.parse(receipt.identity)
    inward = run.page.receipt(link.inward)
    outward = run.page.receipt(link.outward)
    other_id = None
    other_name = None
    if inward is not None:
        other_id = inward.remote_id
        other_name = inward.remote_key
    if not other_name:
        other_name = "the other issue"
    issue_id = outward.remote_id if outward is not None else None
    subject = WriteSubject(
        ticket_id=owner.ticket.ticket_id, subject=LedgerSubject.LINK, identity=receipt.identity
    )
    return Obsolete(
        subject=subject,
        owner=owner,
        issue_id=issue_id or "",
        remote_id=receipt.remote_id or "",
        shown_as=other_id or "",
        name=f"{words_of(link.kind)} {other_name}",
    )


def obsolete_files(run: ExportRun, *, planned: Collection[int] = ()) -> list[Obsolete]:
    """Return the old files on issues that were updated, once their new files are attached.

    `planned` are the numbers of tickets whose issues an update is about to bring up to date, new
    file included.
    """
    obsolete = []
    for rendered in run.order.in_build_order:
        identity = run.identity(rendered.ticket.ticket_id)
        receipt = run.issue_receipt(rendered)
        is_planned = rendered.ticket.number in planned
        sent = run.page.content(identity)
        was_updated = sent is not None and sent.text is not None  # else no file was left behind
        # As long as the issue says an older text, the old file belongs to it.
        # defence: old-file-of-other-text
        if receipt is None or not (is_planned or (was_updated and follows(run, rendered))):
            continue
        file = rendered.attachment
        current = None if file is None else file_identity(identity, hashed_file_name(*file))
        is_attached = current is None or isinstance(run.page.state(current), Exists)
        if not (is_planned or is_attached):  # defence: old-file-until-new
            continue
        for old in run.page.receipts_of(LedgerSubject.ATTACHMENT, on=identity):
            # defence: found-file-stays
            if old.identity == current or old.remote_id is None or old.origin is not None:
                continue
            file_name = old.identity.rpartition("/")[2]
            obsolete.append(
                Obsolete(
                    subject=WriteSubject.of(old),
                    owner=rendered,
                    issue_id=receipt.remote_id or "",
                    remote_id=old.remote_id,
                    shown_as=file_name,
                    name=file_name,
                )
            )
    return obsolete


def follows(run: ExportRun, rendered: RenderedTicket, planned: Collection[int] = ()) -> bool:
    """Tell whether an issue says what its ticket says, or the update of a `planned` ticket is to do it."""
    if rendered.ticket.number in planned:
        return True
    content = run.page.content(run.identity(rendered.ticket.ticket_id))
    return content is not None and content.rendered_hash == rendered.rendered_hash


class Detaching(RepeatedWrites[Obsolete]):
    """Deletes obsolete links and files; an export carries it out, a plan counts what is pending."""

    fix_types = (FixType.DEPENDENCY_LINK, FixType.ATTACHMENT_UPLOAD)
    is_deleting = True
    parallel_count = 4
    lost_reason = "it was deleted twice but still exists"

    @override
    def subject(self, obsolete: Obsolete) -> WriteSubject:
        return obsolete.subject

    @override
    def ticket(self, obsolete: Obsolete) -> RenderedTicket:
        return obsolete.owner

    @override
    def skip_reason(self, obsolete: Obsolete) -> str | None:
        lacking = self.missing_permission(LINK_PERMISSION) if obsolete.is_link else None
        return lacking or (None if obsolete.remote_id else NO_ID)  # defence: no-id-no-deletion

    @override
    def send(self, things: Sequence[Obsolete]) -> WriteAnswer:
        [obsolete] = things
        tracker = self._run.tools.tracker
        delete = tracker.delete_link if obsolete.is_link else tracker.delete_attachment
        return gone_or_hidden(delete(obsolete.remote_id))

    @override
    def read_back(self, things: Sequence[Obsolete]) -> ReadBack:
        """Look which links and files are gone; one without an id cannot be looked for."""
        issues = read_issues(
            self._run,
            sorted({obsolete.issue_id for obsolete in things} - {""}),
            fields=("attachment", "issuelinks"),
            waiting="nothing is deleted",
        )
        seen = {}
        for_people = {}
        for obsolete in things:
            identity = obsolete.subject.identity
            issue = issues.get(obsolete.issue_id)
            # defence: link-still-there
            is_shown = issue is not None and _has(issue, obsolete)
            if issue is None:  # defence: hidden-issue-of-link
                reason = "Jira does not show the issue"
                for_people[identity] = self.fallback(obsolete, reason=reason)
            elif obsolete.remote_id and not is_shown:
                seen[identity] = "it no longer exists"
        return ReadBack(seen=seen, for_people=for_people)

    @override
    def fallback(self, obsolete: Obsolete, *, reason: str) -> Fallback:
        title = obsolete.owner.ticket.title
        issue = self._run.issue_key(obsolete.owner) or "the issue"
        name = obsolete.name
        if obsolete.is_link:
            action = f"Delete the link “{name}” from {issue} ({reason})."
            return Fallback(
                fix_type=FixType.DEPENDENCY_LINK,
                subject=f"delete {obsolete.subject.identity}",
                title=f"Delete a link of {title}",
                original_value=name,
                recommended_action=action,
            )
        action = f"Delete {name} from {issue}: it is out of date ({reason})."
        return Fallback(
            fix_type=FixType.ATTACHMENT_UPLOAD,
            subject=f"{name} outdated",
            title=f"Delete an old file of {title}",
            original_value=name,
            recommended_action=action,
        )


def _has(issue: FoundIssue, obsolete: Obsolete) -> bool:
    """Tell whether an issue shows a link or file, by its id and what else is known of it.

    The id alone does not tell: a site that was restored from a backup gives ids again.
    """
    if obsolete.is_link:
        return any(
            # defence: link-id-given-again
            link.link_id == obsolete.remote_id and link.other_issue_id == obsolete.shown_as
            for link in issue.links
        )
    return any(
        file.attachment_id == obsolete.remote_id and file.file_name == obsolete.shown_as
        for file in issue.attachments
    )
