"""Takes off issues the links of ours that no ticket asks for any more.

Belongs here: which links fell away; the order of looking, intent, deletion and looking again. Does
not: adding links (`links`).

A deletion is by id, so it can do no more than delete the same link: it may be sent again. What is
not there counts as gone only where its issue was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.errors import RefusedError
from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import LinkKind
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.links import LINK_PERMISSION
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.manual_fixes import Fallback, FixesOnRecord, is_for_people
from jira_pipeline.kernel.export_ledger import LedgerEvent, LedgerSubject
from jira_pipeline.kernel.manual_fixes import FixType
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.ports.issue_tracker import Created, NothingDone, Unknown

ROUNDS = 2
"""How often one execution sends a deletion that was not done."""
NO_ID = "which link of the two is ours is not known"
NOT_DELETED = "it was deleted twice and is still there"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObsoleteLink:
    """A link of ours that no ticket asks for any more."""

    kind: LinkKind
    inward: str
    """Identity of the issue; of Blocks: the blocker."""
    outward: str
    owner: RenderedTicket
    """A ticket at its end: the one that no longer asks for it."""

    @property
    def subject(self) -> WriteSubject:
        """Its name in the ledger."""
        return WriteSubject(
            ticket_id=self.owner.ticket.ticket_id,
            subject=LedgerSubject.LINK,
            identity=f"{self.kind.value}/{self.inward}/{self.outward}",
        )


def obsolete_links(run: ExportRun) -> list[ObsoleteLink]:
    """Return the links in the ledger that no ticket asks for, where the issues follow their tickets.

    Skipped tickets ask as others do. What hangs on an issue that says something else than its
    ticket, as one that somebody edited, stays: people decide about that issue.
    """
    tickets = {run.identity(r.ticket.ticket_id): r for r in run.order.rendered}
    asked = {
        (kind, frozenset((identity, run.identity(other))))
        for identity, rendered in tickets.items()
        for kind, others in (
            (LinkKind.BLOCKS, rendered.ticket.depends_on),
            (LinkKind.RELATES, rendered.ticket.relates_to),
        )
        for other in others
    }
    found = []
    for name in run.page.existing_links():
        word, inward, outward = name.split("/")
        kind = LinkKind(word)
        ends = (outward,) if kind is LinkKind.BLOCKS else (outward, inward)
        owners = [end for end in ends if end in tickets]
        if (kind, frozenset((inward, outward))) in asked or not owners:
            continue
        if all(_follows(run, identity, tickets[identity]) for identity in owners):
            owner = tickets[owners[0]]
            found.append(ObsoleteLink(kind=kind, inward=inward, outward=outward, owner=owner))
    return found


def _follows(run: ExportRun, identity: str, rendered: RenderedTicket) -> bool:
    content = run.page.content(identity)
    return content is not None and content.rendered_hash == rendered.rendered_hash


def detach_links(run: ExportRun, links: Sequence[ObsoleteLink]) -> None:
    """Delete links of ours as part of an update, look again, and leave to people what cannot be.

    Raises:
        CancelledError: The export was cancelled; what is gone is recorded.
        UpstreamError: Jira cannot be asked.
    """
    fixes = FixesOnRecord(run, FixType.DEPENDENCY_LINK)
    left = {
        link.subject.identity: link
        for link in links
        if not fixes.has(link.owner.ticket, _fix_subject(link))
    }
    stays: dict[str, str] = {}
    if LINK_PERMISSION in run.withheld:
        stays = dict.fromkeys(left, f"our account lacks the permission {LINK_PERMISSION}")
    stays |= {identity: NO_ID for identity in left if not _id_of(run, identity)}
    for number in range(ROUNDS + 1):
        wanted = [link for identity, link in left.items() if identity not in stays]
        for identity, link_id in _link_ids(run, wanted).items() if wanted else ():
            if link_id is None:
                run.page.write(left.pop(identity).subject, LedgerEvent.DETACHED)
            elif number == ROUNDS:
                stays[identity] = NOT_DELETED
            elif reason := _delete(run, left[identity], link_id):
                stays[identity] = reason
    for identity, why in stays.items():
        link = left[identity]
        key = run.issue_key(link.owner)
        fixes.leave(link.owner.ticket, _fallback(run, link, key=key, why=why), key=key)


def _link_ids(run: ExportRun, links: Sequence[ObsoleteLink]) -> dict[str, str | None]:
    """Look at the outward issues; return the id of each link by identity, None: it is not there.

    It is by the id of its receipt: one that people made again is theirs. An issue that Jira does
    not show says nothing of its links.
    """
    issues = read_issues(
        run,
        sorted({_id_of(run, link.outward) for link in links} - {""}),
        fields=("issuelinks",),
        waiting="no link is deleted",
    )
    seen: dict[str, str | None] = {}
    for link in links:
        issue, link_id = issues.get(_id_of(run, link.outward)), _id_of(run, link.subject.identity)
        if issue is not None:
            is_there = link_id in {one.link_id for one in issue.links}
            seen[link.subject.identity] = link_id if is_there else None
    return seen


def _delete(run: ExportRun, link: ObsoleteLink, link_id: str) -> str:
    """Commit the intent and send it once; return why people have to do it, or nothing."""
    run.raise_if_cancelled()
    run.commit_freshly(lambda: run.page.write(link.subject, LedgerEvent.DETACH_INTENT))
    match run.tools.tracker.delete_link(link_id):
        case Created() | Unknown() | NothingDone(error=RefusedError(status_code=404)):
            return ""
        case NothingDone(reason=reason, error=error):
            if not is_for_people(error):
                raise error
            return reason


def _id_of(run: ExportRun, identity: str) -> str:
    receipt = run.page.receipt(identity)
    return (receipt and receipt.remote_id) or ""


def _fix_subject(link: ObsoleteLink) -> str:
    return f"delete {link.subject.identity}"


def _fallback(run: ExportRun, link: ObsoleteLink, *, key: str | None, why: str) -> Fallback:
    receipt = run.page.receipt(link.inward)
    other = (receipt and receipt.remote_key) or "the other issue"
    words = "is blocked by" if link.kind is LinkKind.BLOCKS else "relates to"
    return Fallback(
        fix_type=FixType.DEPENDENCY_LINK,
        subject=_fix_subject(link),
        title=f"Delete a link of {link.owner.ticket.title}",
        original_value=f"{words} {other}",
        recommended_action=f"Delete the link “{words} {other}” from {key or 'the issue'} ({why}).",
    )
