"""Takes off issues what we put there: links nobody asks for any more, comments that are undone.

Belongs here: the order of looking, intent, deletion and looking again; which links fell away. Does
not: adding links (`links`) and comments (`commenting`).

A deletion is by id, so it can do no more than delete the same thing: it may be sent again. What is
not there counts as gone only where its issue was read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.adf.to_text import adf_to_text
from jira_pipeline.errors import RefusedError
from jira_pipeline.export.commenting import mark_of
from jira_pipeline.export.doubts import Doubts
from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.export.jira_names import LinkKind
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.links import LINK_PERMISSION, find_link_types
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.manual_fixes import Fallback, FixesOnRecord, is_for_people
from jira_pipeline.export.receipts import if_shown
from jira_pipeline.kernel.export_ledger import InDoubt, LedgerEvent, LedgerSubject
from jira_pipeline.kernel.manual_fixes import FixType
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.ports.issue_tracker import (
    Created,
    LinkEnd,
    LinkType,
    NothingDone,
    Unknown,
    WriteAnswer,
)

ROUNDS = 2
"""How often one execution sends a deletion that was not done."""
NOT_DELETED = "it was deleted twice and is still there"
Deletion = Callable[[], WriteAnswer]
Look = Callable[[Sequence[WriteSubject]], Mapping[str, Deletion | None]]
"""Returns what deletes each thing, by identity; None: it is not there; absent: nobody knows."""


def detach(
    run: ExportRun,
    wanted: Sequence[WriteSubject],
    look: Look,
    *,
    before_intent: Callable[[], object] = lambda: None,
) -> dict[str, str]:
    """Delete what is there, and look again; return why something stays, by identity.

    `before_intent` is called before an intent is committed.

    Raises:
        CancelledError: The export was cancelled; what is gone is recorded.
        UpstreamError: Jira cannot be asked.
    """
    stays: dict[str, str] = {}
    for number in range(ROUNDS + 1):
        left = [what for what in wanted if what.identity not in stays]
        seen = look(left) if left else {}
        for what in left:
            if what.identity not in seen:
                continue
            delete = seen[what.identity]
            if delete is None:
                run.page.write(what, LedgerEvent.DETACHED)
                stays[what.identity] = ""
            elif number == ROUNDS:
                stays[what.identity] = NOT_DELETED
            else:
                before_intent()
                if reason := _delete(run, what, delete):
                    stays[what.identity] = reason
    return {identity: why for identity, why in stays.items() if why}


def _delete(run: ExportRun, what: WriteSubject, delete: Deletion) -> str:
    """Commit the intent and send it once; return why people have to do it, or nothing."""
    run.raise_if_cancelled()
    run.commit_freshly(lambda: run.page.write(what, LedgerEvent.DETACH_INTENT))
    match delete():
        case Created() | Unknown() | NothingDone(error=RefusedError(status_code=404)):
            return ""
        case NothingDone(reason=reason, error=error):
            if not is_for_people(error):
                raise error
            return reason


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
    """Delete links of ours as part of an update, and leave to people what cannot be.

    Raises:
        CancelledError: The export was cancelled; what is gone is recorded.
        UpstreamError: Jira cannot be asked.
    """
    fixes = FixesOnRecord(run, FixType.DEPENDENCY_LINK)
    known = {
        link.subject.identity: link
        for link in links
        if not fixes.has(link.owner.ticket, _fix_subject(link))
    }
    if LINK_PERMISSION in run.withheld:
        why = f"our account lacks the permission {LINK_PERMISSION}"
        stays = dict.fromkeys(known, why)
    else:
        subjects = [link.subject for link in known.values()]
        look = partial(_look_at_links, run, known)
        stays = detach(run, subjects, look, before_intent=run.page.begin_update)
    for identity, why in stays.items():
        link = known[identity]
        key = run.issue_key(link.owner)
        fixes.leave(link.owner.ticket, _fallback(run, link, key=key, why=why), key=key)


def _look_at_links(
    run: ExportRun, known: Mapping[str, ObsoleteLink], wanted: Sequence[WriteSubject]
) -> dict[str, Deletion | None]:
    """Look at the outward issues; one that Jira does not show says nothing of its links."""
    types = find_link_types(run)
    links = [known[what.identity] for what in wanted]
    issues = read_issues(
        run,
        sorted({_issue_id(run, link.outward) for link in links} - {""}),
        fields=("issuelinks",),
        waiting="no link is deleted",
    )
    seen: dict[str, Deletion | None] = {}
    for link in links:
        issue, link_type = issues.get(_issue_id(run, link.outward)), types[link.kind]
        if issue is None or not isinstance(link_type, LinkType):
            continue
        ends = {LinkEnd.INWARD} if link.kind is LinkKind.BLOCKS else set(LinkEnd)
        found = next(
            (
                one
                for one in issue.links
                if one.link_type_id == link_type.link_type_id
                and one.other_issue_id == _issue_id(run, link.inward)
                and one.other_end in ends
            ),
            None,
        )
        delete = None if found is None else partial(run.tools.tracker.delete_link, found.link_id)
        seen[link.subject.identity] = delete
    return seen


def _issue_id(run: ExportRun, identity: str) -> str:
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


def detach_comments(
    run: ExportRun,
    comments: Iterable[WriteSubject],
    *,
    before_intent: Callable[[], object] = lambda: None,
) -> dict[str, str]:
    """Delete comments of ours; return why one stays, by identity.

    One that may still arrive is waited for first. `before_intent` is called before an intent is
    committed.

    Raises:
        CancelledError: The export was cancelled; what is gone is recorded.
        UpstreamError: Jira cannot be asked.
    """
    wanted = list(comments)
    doubts = Doubts(run)
    in_doubt = [w.identity for w in wanted if isinstance(run.page.state(w.identity), InDoubt)]
    for identity in in_doubt:
        doubts.note_earlier(identity)
    if in_doubt and None in _look_at_comments(run, wanted).values():
        doubts.wait(in_doubt)
    return detach(run, wanted, partial(_look_at_comments, run), before_intent=before_intent)


def _look_at_comments(run: ExportRun, wanted: Sequence[WriteSubject]) -> dict[str, Deletion | None]:
    """Look for comments by their last lines; one that somebody changed or copied is not ours."""
    tracker, own = run.tools.tracker, run.account.account_id
    shown = {}
    for identity in {what.identity.partition("/")[0] for what in wanted}:
        issue_id = _issue_id(run, identity)
        shown[identity] = issue_id, if_shown(run, partial(tracker.comments, issue_id))
    seen: dict[str, Deletion | None] = {}
    for what in wanted:
        issue_id, comments = shown[what.identity.partition("/")[0]]
        if comments is None:
            continue
        mark, receipt = mark_of(what.identity), run.page.receipt(what.identity)
        found = next(
            (
                one
                for one in comments
                if mark in adf_to_text(dict(one.document))
                and one.author_id in {own, None}
                and (receipt is None or receipt.remote_id == one.comment_id)
            ),
            None,
        )
        delete = (
            None if found is None else partial(tracker.delete_comment, issue_id, found.comment_id)
        )
        seen[what.identity] = delete
    return seen
