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
from functools import cached_property, partial

from typing_extensions import override

from jira_pipeline.export.durations import seconds_left
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.jira_names import LINK_SETTINGS, LinkKind, Unresolved, choose_link_type
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.ledger_page import WriteSubject, file_identity
from jira_pipeline.export.lookups import check_receipts, is_sent_by_us, read_if_visible, read_issues
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
        inward = identity_of(self.inward.ticket.ticket_id)
        outward = identity_of(self.outward.ticket.ticket_id)
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

    def is_due(run: ExportRun) -> bool:
        return bool(Linking(run, links).pending())

    with opened_for_export(tools, order, is_due=is_due) as run:
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
        writes = Linking(run, links)
        ends = []
        for link in writes.pending():
            ends += [link.inward, link.outward]
        check_receipts(run, ends)
        _refuse_missing(run)
        linked_before = _linked_count(run, links)
        writes.carry_out()
        linked = _linked_count(run, links)

        comparison = file_comparison(run)
        _refuse_missing(run)
        run.show(SessionStage.COMPLETED, SessionStatus.COMPLETED)
        issue_count = len(order.in_build_order)
        run.show_progress(
            100.0,
            nothing_to_do(rendered.ticket for rendered in order.rendered) or "Export completed",
            TicketProgress(done=issue_count, total=issue_count, remaining_seconds=0.0),
        )
        return LinkReport(
            linked=linked - linked_before,
            failed=len(links) - linked,
            comparison=comparison,
        )


def settle_links(run: ExportRun) -> None:
    """Write receipts for links that earlier executions left in doubt, whoever asks for them now."""
    with_issue = {
        run.identity(rendered.ticket.ticket_id): rendered
        for rendered in run.order.rendered
        if run.issue_receipt(rendered) is not None
    }
    in_doubt = []
    for name in run.page.sent(LedgerSubject.LINK):
        link = _LinkName.parse(name)
        inward = with_issue.get(link.inward)
        outward = with_issue.get(link.outward)
        if inward is None or outward is None:
            continue
        if isinstance(run.page.state(name), InDoubt):
            in_doubt.append(TicketLink(kind=link.kind, inward=inward, outward=outward))
    Linking(run, in_doubt).record_done()


@dataclass(frozen=True, slots=True, kw_only=True)
class _LinkName:
    """What the name of a link in the ledger says (`TicketLink.name`)."""

    kind: LinkKind
    inward: str
    """Identity of the issue at this end."""
    outward: str

    @classmethod
    def parse(cls, name: str) -> "_LinkName":
        """Read `blocks/INWARD/OUTWARD`."""
        kind, inward, outward = name.split("/")
        return cls(kind=LinkKind(kind), inward=inward, outward=outward)

    @property
    def ends(self) -> tuple[str, str]:
        """The outward issue shows the link to its readers, so it is first."""
        return (self.outward, self.inward)


def _refuse_missing(run: ExportRun) -> None:
    """Stop where a ticket has no issue: creation did not end, or an answer named another issue."""
    order = run.order
    missing = [
        rendered.ticket.number
        for rendered in order.in_build_order
        if run.issue_receipt(rendered) is None
    ]
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
    def subject(self, link: TicketLink) -> WriteSubject:
        return WriteSubject(
            ticket_id=link.outward.ticket.ticket_id,
            subject=LedgerSubject.LINK,
            identity=link.name(self._run.identity),
        )

    @override
    def ticket(self, link: TicketLink) -> RenderedTicket:
        return link.outward

    @override
    def skip_reason(self, link: TicketLink) -> str | None:
        link_type = self._link_types[link.kind]
        if isinstance(link_type, Unresolved):
            return link_type.reason
        return self.missing_permission(LINK_PERMISSION)

    @override
    def send(self, links: Sequence[TicketLink]) -> WriteAnswer:
        [link] = links
        link_type = self._link_types[link.kind]
        assert isinstance(link_type, LinkType)  # noqa: S101 - else `skip_reason` says so
        return self._run.tools.tracker.create_link(
            link_type_id=link_type.link_type_id,
            inward_issue_id=self._run.issue_id(link.inward),  # defence: inward-blocks
            outward_issue_id=self._run.issue_id(link.outward),
        )

    @override
    def read_back(self, links: Sequence[TicketLink]) -> ReadBack:
        """Look at the outward issues; that Jira said yes is no proof."""
        # asked before the look: what people link between it and the request would count as ours
        link_types = self._link_types
        issues = read_issues(
            self._run,
            [self._run.issue_id(link.outward) for link in links],
            fields=("issuelinks",),
            waiting="it is not known whether the links exist",
        )
        link_ids: dict[str, str] = {}
        not_ours: set[str] = set()
        for link in links:
            identity = link.name(self._run.identity)
            issue = issues.get(self._run.issue_id(link.outward))
            link_id = self._seen_id(link, link_types[link.kind], issue)  # defence: link-read-back
            if link_id is None:
                self._absent.add(identity)
                continue
            link_ids[identity] = link_id
            # defence: link-before-ours
            if identity not in self._absent and not self._is_made_earlier(link, link_id):
                not_ours.add(identity)
        return ReadBack(
            seen=dict.fromkeys(link_ids, "read back from its issue"),
            not_ours=frozenset(not_ours),
            ids=link_ids,
        )

    def _is_made_earlier(self, link: TicketLink, link_id: str) -> bool:
        """Tell whether we made a link earlier, by its id or by the history of its outward issue."""
        if (LedgerSubject.LINK, link_id) in self._run.page.made_ids:
            return True
        state = self._run.page.state(link.name(self._run.identity))
        if not isinstance(state, InDoubt):
            return False
        history = partial(self._run.tools.tracker.issue_history, self._run.issue_id(link.outward))
        for change in read_if_visible(self._run, history) or ():
            # defence: link-since-intent
            if (
                change.field == LINK_FIELD
                and change.after == self._run.issue_key(link.inward)
                and is_sent_by_us(self._run, state.intent, by=change.author_id, at=change.at)
            ):
                return True
        return False

    @override
    def fallback(self, link: TicketLink, *, reason: str) -> Fallback:
        ticket = link.outward.ticket
        other = link.inward.ticket
        issue = self._run.issue_key(link.outward) or "the issue"
        other_issue = self._run.issue_key(link.inward) or other.title
        words = _words_of(link.kind)
        action = f"Add the link “{words} {other_issue}” to {issue} ({reason})."
        return Fallback(
            fix_type=FixType.DEPENDENCY_LINK,
            subject=link.fix_subject,
            title=f"Link {ticket.title}",
            original_value=f"{words} {other.title}",
            recommended_action=action,
        )

    @cached_property
    def _link_types(self) -> Mapping[LinkKind, LinkType | Unresolved]:
        return find_link_types(self._run)

    def _seen_id(
        self, link: TicketLink, link_type: LinkType | Unresolved, issue: FoundIssue | None
    ) -> str | None:
        """Return the id of a link as its outward issue shows it; None where it shows none."""
        if isinstance(link_type, Unresolved) or issue is None:
            return None
        other_issue_id = self._run.issue_id(link.inward)
        for shown in issue.links:
            # Who blocks whom has a direction; a relation is the same from either end.
            is_direction_right = link.kind is LinkKind.RELATES or shown.other_end is LinkEnd.INWARD
            is_of_type = shown.link_type_id == link_type.link_type_id
            if is_of_type and is_direction_right and shown.other_issue_id == other_issue_id:
                return shown.link_id
        return None

    @override
    def show_progress(self, links: Sequence[TicketLink]) -> None:
        [link] = links
        run = self._run
        place = self._writes.index(link)
        total = len(self._writes)
        ticket = link.outward.ticket
        issue_count = len(run.order.in_build_order)
        remaining_seconds = seconds_left(
            run.page.entries,
            links=run.page.link_intents,
            pace=run.order.pace,
            issue_count=0,
            link_count=total,
        )
        span = LAST_PERCENTAGE - CREATION_PERCENTAGE_MAX
        run.show_progress(
            CREATION_PERCENTAGE_MAX + span * place / total,
            f"Linking issue {place + 1} of {total}: {ticket.title}",
            TicketProgress(
                ticket_id=ticket.ticket_id,
                ticket_title=ticket.title,
                done=issue_count,
                total=issue_count,
                remaining_seconds=remaining_seconds,
            ),
        )


def _words_of(kind: LinkKind) -> str:
    """Say what an outward issue is to the inward one."""
    return "is blocked by" if kind is LinkKind.BLOCKS else "relates to"


def links_of(in_build_order: Sequence[RenderedTicket]) -> tuple[TicketLink, ...]:
    """Return every link once, in build order of the tickets that need them.

    Links to skipped tickets are left out: there is no issue at their other end.
    """
    by_id = {rendered.ticket.ticket_id: rendered for rendered in in_build_order}
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
                ends = sorted((rendered, by_id[other]), key=lambda end: end.ticket.number)
                links.append(TicketLink(kind=LinkKind.RELATES, inward=ends[0], outward=ends[1]))
    return tuple(links)


def find_link_types(run: ExportRun) -> Mapping[LinkKind, LinkType | Unresolved]:
    """Find the link type of each kind; nothing is guessed.

    Raises:
        ConfigurationError: One that people named is not there, or cannot be what they mean.
    """
    order = run.order
    link_types = run.tools.tracker.link_types()
    chosen: dict[LinkKind, LinkType | Unresolved] = {}
    for kind in LinkKind:
        name = order.names.link_types.get(kind)
        choice = choose_link_type(kind, link_types, name=name, is_sandbox=order.is_sandbox)
        if isinstance(choice, Unresolved) and name is not None:
            raise ConfigurationError(
                f"{LINK_SETTINGS[kind]}: {choice.reason}.", recovery_actions=(LINK_TYPE_ACTION,)
            )
        chosen[kind] = choice
    return chosen


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
    tickets = _tickets_by_identity(run)
    wanted_names = _names_of_wanted_links(run, tickets)
    obsolete = []
    for receipt in run.page.receipts_of(LedgerSubject.LINK):
        link = _LinkName.parse(receipt.identity)
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
    """Return the names in the ledger of all links that tickets ask for."""
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
        ends = _LinkName.parse(receipt.identity).ends
        owners = [tickets[end] for end in ends if end in tickets]
        # defence: link-of-people-stays
        if issue.identity in ends and owners and receipt.origin is not Origin.FOUND:
            obsolete.append(_obsolete_link(run, receipt, owners[0]))
    return obsolete


def _obsolete_link(run: ExportRun, receipt: LedgerEntry, owner: RenderedTicket) -> Obsolete:
    """Return a link of ours, of which the outward issue is shown and the inward one is named."""
    link = _LinkName.parse(receipt.identity)
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
        name=f"{_words_of(link.kind)} {other_name}",
    )


def obsolete_files(run: ExportRun, *, planned: Collection[int] = ()) -> list[Obsolete]:
    """Return the files that updates left behind, where what they say now is attached, or `planned`."""
    obsolete = []
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
        """Look at the issues; what has no id cannot be looked for."""
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
            is_shown = any(_has(issue, obsolete) for issue in issues.values())
            if obsolete.issue_id not in issues:  # defence: hidden-issue-of-link
                reason = "Jira does not show the issue"
                for_people[identity] = self.fallback(obsolete, reason=reason)
            elif obsolete.remote_id and not is_shown:  # defence: link-still-there
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
    """Tell whether an issue has a link or file; an id alone may be one that a restored site gave again."""
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
