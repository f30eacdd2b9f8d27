"""Last step of an export: links the issues, Blocks for dependencies, Relates for deferred ones.

Belongs here: which links there are, what sends one and reads it back; what is ours and no ticket
asks for any more, links and files of older texts, and what deletes it. Does not: when it is sent
again or left to people (`repeated_writes`), who depends on whom (`tickets/grouping/rules`).

A link sent twice is one link in Jira, so it may be sent again without looking. What is there before
anything is sent is somebody else's and stays, unless an earlier execution of ours may have made it.

A deletion is by the id of a receipt: it can do no more than delete the same thing, so it may be
sent again, and what people made again is theirs. An issue that Jira does not show says nothing of
it. Source: docs/export.md, rule 9; the inward issue of Blocks is the blocker.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from typing_extensions import override

from jira_pipeline.export.durations import seconds_left
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.jira_names import LINK_SETTINGS, LinkKind, Unresolved, choose_link_type
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.ledger_page import WriteSubject, file_identity
from jira_pipeline.export.lookups import check_receipts, read_if_visible, is_sent_by_us, read_issues
from jira_pipeline.export.repeated_writes import (
    Fallback,
    ReadBack,
    RepeatedWrites,
    gone_or_hidden,
)
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import ConfigurationError, GateError, GateRule
from jira_pipeline.model.exports import (
    Exists,
    FiledComparison,
    FixType,
    InDoubt,
    LedgerEntry,
    LedgerSubject,
    Origin,
)
from jira_pipeline.model.issue_tracker import FoundIssue, LinkEnd, LinkType, WriteAnswer
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.model.sessions import (
    CREATION_PERCENTAGE_MAX,
    SessionStage,
    SessionStatus,
    TicketProgress,
)
from jira_pipeline.model.tickets import nothing_to_do

LINK_TYPE_ACTION = Action.of(
    ActionKind.CHECK_PROJECT, "Correct the setting; {} shows how links would read."
)
LINK_PERMISSION = "LINK_ISSUES"
LINK_FIELD = "Link"
"""As the history of an issue names it on every site."""
LAST_PERCENTAGE = 99.0
"""Before what was linked is read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLink:
    """One link between two tickets."""

    kind: LinkKind
    inward: RenderedTicket
    """Of Blocks: the blocker."""
    outward: RenderedTicket
    """Of Blocks: the blocked one."""

    @property
    def fix_subject(self) -> str:
        """What a fix about it is about, beside its outward ticket."""
        return f"{self.kind.value} {self.inward.ticket.ticket_id}"

    def name(self, identity_of: Callable[[str], str]) -> str:
        """Name it in the ledger by the identities of its tickets."""
        inward, outward = (identity_of(r.ticket.ticket_id) for r in (self.inward, self.outward))
        return f"{self.kind.value}/{inward}/{outward}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """What one execution of the linking did."""

    linked: int
    failed: int
    """Left to a person as manual fixes."""
    comparison: FiledComparison
    """Whether Jira holds the issues, as read at the end."""


def link_issues(tools: ExportTools, order: ExportOrder) -> LinkReport:
    """Link the issues, read links and issues back, and complete the session."""
    links = links_of(order.in_build_order)
    with opened_for_export(
        tools, order, is_due=lambda run: bool(Linking(run, links).pending())
    ) as run:
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
        writes = Linking(run, links)
        missing = writes.pending()
        check_receipts(run, [end for link in missing for end in (link.inward, link.outward)])
        _refuse_missing(run)
        before = _linked_count(run, links)
        writes.bring_about()
        linked = _linked_count(run, links)

        comparison = file_comparison(run)
        _refuse_missing(run)
        run.show(SessionStage.COMPLETED, SessionStatus.COMPLETED)
        issue_count = len(order.in_build_order)
        run.show_progress(
            100.0,
            nothing_to_do(r.ticket for r in order.rendered) or "Export completed",
            TicketProgress(done=issue_count, total=issue_count, remaining_seconds=0.0),
        )
        return LinkReport(
            linked=linked - before,
            failed=len(links) - linked,
            comparison=comparison,
        )


def settle_links(run: ExportRun) -> None:
    """Write receipts for links that earlier executions left in doubt, whoever asks for them now."""
    tickets = {run.identity(r.ticket.ticket_id): r for r in run.order.rendered}
    there = {identity: r for identity, r in tickets.items() if run.issue_receipt(r) is not None}
    in_doubt = [
        TicketLink(kind=LinkKind(word), inward=there[inward], outward=there[outward])
        for name in run.page.sent(LedgerSubject.LINK)
        for word, inward, outward in [name.split("/")]
        if isinstance(run.page.state(name), InDoubt) and {inward, outward} <= there.keys()
    ]
    Linking(run, in_doubt).look()


def _refuse_missing(run: ExportRun) -> None:
    """Stop where a ticket has no issue: creation did not end, or an answer named another issue."""
    order = run.order
    missing = [r.ticket.number for r in order.in_build_order if run.issue_receipt(r) is None]
    if missing:  # defence: links-wait-for-issues
        raise GateError(
            f"{len(missing)} tickets of session {order.session_key} have no issue in "
            f"{run.target.name} yet; the first is number {missing[0]}.",
            rule=GateRule.ISSUES_MISSING,
            recovery_actions=(
                Action.of(ActionKind.RESUME, "Continue: {}.", session_key=order.session_key),
            ),
        )


def _linked_count(run: ExportRun, links: Sequence[TicketLink]) -> int:
    return sum(isinstance(run.page.state(link.name(run.identity)), Exists) for link in links)


class Linking(RepeatedWrites[TicketLink]):
    """The writes that bring links about between issues that exist; a plan counts the pending ones."""

    fix_types = (FixType.DEPENDENCY_LINK,)
    is_looked_up = False
    parallel_count = 8
    """A link takes Jira 0.3 s, so that 78 of them took half of the seconds of an export of 84."""
    lost_reason = "it was sent twice but does not exist"

    def __init__(self, run: ExportRun, links: Sequence[TicketLink]) -> None:
        super().__init__(run, links)
        self._absent: set[str] = set()
        """What was not there before this execution sent anything: what is there since is ours."""

    @override
    def subject(self, item: TicketLink) -> WriteSubject:
        return WriteSubject(
            ticket_id=item.outward.ticket.ticket_id,
            subject=LedgerSubject.LINK,
            identity=item.name(self._run.identity),
        )

    @override
    def ticket(self, item: TicketLink) -> RenderedTicket:
        return item.outward

    @override
    def skip_reason(self, item: TicketLink) -> str | None:
        link_type = self._link_types[item.kind]
        if isinstance(link_type, Unresolved):
            return link_type.reason
        return self.lacking(LINK_PERMISSION)

    @override
    def send(self, items: Sequence[TicketLink]) -> WriteAnswer:
        [link] = items
        link_type = self._link_types[link.kind]
        assert isinstance(link_type, LinkType)  # noqa: S101 - else `skip_reason` says so
        return self._run.tools.tracker.create_link(
            link_type_id=link_type.link_type_id,
            inward_issue_id=self._run.issue_id(link.inward),  # defence: inward-blocks
            outward_issue_id=self._run.issue_id(link.outward),
        )

    @override
    def read_back(self, items: Sequence[TicketLink]) -> ReadBack:
        """Look at the outward issues; that Jira said yes is no proof."""
        # asked before the look: what people link between it and the request would count as ours
        link_types = self._link_types
        found = read_issues(
            self._run,
            [self._run.issue_id(link.outward) for link in items],
            fields=("issuelinks",),
            waiting="it is not known whether the links exist",
        )
        seen: dict[str, str] = {}
        not_ours: set[str] = set()
        for link in items:
            identity = link.name(self._run.identity)
            link_id = self._seen_id(link, link_types[link.kind], found)  # defence: link-read-back
            if link_id is None:
                self._absent.add(identity)
                continue
            seen[identity] = link_id
            # defence: link-before-ours
            if identity not in self._absent and not self._is_made_earlier(link, link_id):
                not_ours.add(identity)
        return ReadBack(
            seen=dict.fromkeys(seen, "read back from its issue"),
            not_ours=frozenset(not_ours),
            ids=seen,
        )

    def _is_made_earlier(self, link: TicketLink, link_id: str) -> bool:
        """Tell whether we made a link earlier, by its id or by the history of its outward issue."""
        if (LedgerSubject.LINK, link_id) in self._run.page.made_ids:
            return True
        state = self._run.page.state(link.name(self._run.identity))
        if not isinstance(state, InDoubt):
            return False
        issue_id = self._run.issue_id(link.outward)
        tracker = self._run.tools.tracker
        return any(
            change.field == LINK_FIELD
            and change.after == self._run.issue_key(link.inward)
            # defence: link-since-intent
            and is_sent_by_us(self._run, state.intent, by=change.author_id, at=change.at)
            for change in read_if_visible(self._run, lambda: tracker.issue_history(issue_id)) or ()
        )

    @override
    def fallback(self, item: TicketLink, *, reason: str) -> Fallback:
        ticket = item.outward.ticket
        other = item.inward.ticket
        key = self._run.issue_key(item.outward)
        other_key = self._run.issue_key(item.inward)
        words = "is blocked by" if item.kind is LinkKind.BLOCKS else "relates to"
        return Fallback(
            fix_type=FixType.DEPENDENCY_LINK,
            subject=item.fix_subject,
            title=f"Link {ticket.title}",
            original_value=f"{words} {other.title}",
            recommended_action=(
                f"Add the link “{words} {other_key or other.title}” to "
                f"{key or 'the issue'} ({reason})."
            ),
        )

    @cached_property
    def _link_types(self) -> Mapping[LinkKind, LinkType | Unresolved]:
        return find_link_types(self._run)

    def _seen_id(
        self, link: TicketLink, link_type: LinkType | Unresolved, found: Mapping[str, FoundIssue]
    ) -> str | None:
        issue = found.get(self._run.issue_id(link.outward))
        if isinstance(link_type, Unresolved) or issue is None:
            return None
        ends = {LinkEnd.INWARD} if link.kind is LinkKind.BLOCKS else set(LinkEnd)
        return next(
            (
                seen.link_id
                for seen in issue.links
                if seen.link_type_id == link_type.link_type_id
                and seen.other_issue_id == self._run.issue_id(link.inward)
                and seen.other_end in ends
            ),
            None,
        )

    @override
    def show_progress(self, items: Sequence[TicketLink]) -> None:
        [link] = items
        run = self._run
        number = self._items.index(link) + 1
        total = len(self._items)
        span = LAST_PERCENTAGE - CREATION_PERCENTAGE_MAX
        ticket = link.outward.ticket
        issues = len(run.order.in_build_order)
        run.show_progress(
            CREATION_PERCENTAGE_MAX + span * (number - 1) / total,
            f"Linking issue {number} of {total}: {ticket.title}",
            TicketProgress(
                ticket_id=ticket.ticket_id,
                ticket_title=ticket.title,
                done=issues,
                total=issues,
                remaining_seconds=seconds_left(
                    run.page.entries,
                    links=run.page.link_intents,
                    pace=run.order.pace,
                    issue_count=0,
                    link_count=total,
                ),
            ),
        )


def links_of(in_build_order: Sequence[RenderedTicket]) -> tuple[TicketLink, ...]:
    """Return every link once, in build order of the tickets that need them.

    Links to skipped tickets are left out: there is no issue at their other end.
    """
    by_id = {r.ticket.ticket_id: r for r in in_build_order}
    links = [
        TicketLink(kind=LinkKind.BLOCKS, inward=by_id[dependency], outward=rendered)
        for rendered in in_build_order
        for dependency in dict.fromkeys(rendered.ticket.depends_on)
        if dependency in by_id
    ]
    seen: set[frozenset[str]] = set()
    for rendered in in_build_order:
        for other in rendered.ticket.relates_to:
            pair = frozenset((rendered.ticket.ticket_id, other))
            if other in by_id and pair not in seen:
                seen.add(pair)
                first, second = sorted((rendered, by_id[other]), key=lambda r: r.ticket.number)
                links.append(TicketLink(kind=LinkKind.RELATES, inward=first, outward=second))
    return tuple(links)


def find_link_types(run: ExportRun) -> Mapping[LinkKind, LinkType | Unresolved]:
    """Find the link type of each kind; nothing is guessed.

    Raises:
        ConfigurationError: One that people named is not there, or cannot be what they mean.
    """
    order = run.order
    link_types = run.tools.tracker.link_types()
    found: dict[LinkKind, LinkType | Unresolved] = {}
    for kind in LinkKind:
        asked = order.names.link_types.get(kind)
        choice = choose_link_type(kind, link_types, asked=asked, is_sandbox=order.is_sandbox)
        if isinstance(choice, Unresolved) and asked is not None:
            raise ConfigurationError(
                f"{LINK_SETTINGS[kind]}: {choice.reason}.", recovery_actions=(LINK_TYPE_ACTION,)
            )
        found[kind] = choice
    return found


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
        # defence: direction-of-link
        if outward == identity or kind is LinkKind.RELATES  # who blocks whom has a direction
    }
    found = []
    for receipt in run.page.receipts_of(LedgerSubject.LINK):
        word, inward, outward = receipt.identity.split("/")
        kind = LinkKind(word)
        ends = (outward,) if kind is LinkKind.BLOCKS else (outward, inward)
        owners = [tickets[end] for end in ends if end in tickets]
        # defence: found-link-stays
        if receipt.identity in wanted or receipt.origin is Origin.FOUND or not owners:
            continue
        if all(follows(run, owner, planned) for owner in owners):  # defence: links-of-other-text
            found.append(_link(run, receipt, owners[0]))
    return found


def links_at(run: ExportRun, issue: LedgerEntry) -> list[Obsolete]:
    """Return the links we made to and from an issue that stops being a ticket's."""
    tickets = {run.identity(r.ticket.ticket_id): r for r in run.order.rendered}
    found = []
    for receipt in run.page.receipts_of(LedgerSubject.LINK):
        ends = receipt.identity.split("/")[:0:-1]
        owners = [tickets[end] for end in ends if end in tickets]
        # defence: link-of-people-stays
        if issue.identity in ends and owners and receipt.origin is not Origin.FOUND:
            found.append(_link(run, receipt, owners[0]))
    return found


def _link(run: ExportRun, receipt: LedgerEntry, owner: RenderedTicket) -> Obsolete:
    word, inward, outward = receipt.identity.split("/")
    other = run.page.receipt(inward)
    shown = run.page.receipt(outward)
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
        identity = run.identity(rendered.ticket.ticket_id)
        receipt = run.issue_receipt(rendered)
        is_planned = rendered.ticket.number in planned
        sent = run.page.content(identity)
        was_updated = sent is not None and sent.text is not None  # else no file was left behind
        # defence: old-file-of-other-text
        if receipt is None or not (is_planned or (was_updated and follows(run, rendered))):
            continue
        file = rendered.attachment
        current = None if file is None else file_identity(identity, hashed_file_name(*file))
        is_there = current is None or isinstance(run.page.state(current), Exists)
        if not (is_planned or is_there):  # defence: old-file-until-new
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
            # defence: found-file-stays
            if old.identity != current and old.remote_id is not None and old.origin is None
        ]
    return found


def follows(run: ExportRun, rendered: RenderedTicket, planned: Collection[int] = ()) -> bool:
    """Tell whether an issue says what its ticket says, or is to; `planned` are numbers of tickets."""
    if rendered.ticket.number in planned:
        return True
    content = run.page.content(run.identity(rendered.ticket.ticket_id))
    return content is not None and content.rendered_hash == rendered.rendered_hash


class Detaching(RepeatedWrites[Obsolete]):
    """The writes that delete by id what fell away; a plan counts the pending ones."""

    fix_types = (FixType.DEPENDENCY_LINK, FixType.ATTACHMENT_UPLOAD)
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
        return lacking or (None if item.remote_id else NO_ID)  # defence: no-id-no-deletion

    @override
    def send(self, items: Sequence[Obsolete]) -> WriteAnswer:
        [item] = items
        tracker = self._run.tools.tracker
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
        # defence: link-id-given-again
        links = {(one.link_id, one.other_issue_id) for i in issues.values() for one in i.links}
        files = {(f.attachment_id, f.file_name) for i in issues.values() for f in i.attachments}
        return ReadBack(
            seen={
                item.subject.identity: "it no longer exists"
                for item in items
                if item.issue_id in issues  # defence: hidden-issue-of-link
                and item.remote_id
                # defence: link-still-there
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
        title = item.owner.ticket.title
        key = self._run.issue_key(item.owner) or "the issue"
        is_link = item.is_link
        name = item.name
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
