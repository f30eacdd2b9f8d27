"""Last step of an export: links the issues, Blocks for dependencies, Relates for deferred ones.

Belongs here: which links there are, what sends one and reads it back. Does not: deleting links
(`detaching`), when a link is sent again or left to people (`repeated_writes`), who depends on whom
(`tickets/grouping/rules`).

A link sent twice is one link in Jira, so it may be sent again without looking. A link that is there
before anything is sent is somebody else's and stays, unless an earlier execution of ours may have
made it. Source: docs/export.md, rule 9; the inward issue of Blocks is the blocker.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from typing_extensions import override

from jira_pipeline.export.durations import seconds_left
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.jira_names import LINK_SETTINGS, LinkKind, Unresolved, choose_link_type
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.ledger_page import WriteSubject
from jira_pipeline.export.lookups import check_receipts, is_sent_by_us, read_if_visible, read_issues
from jira_pipeline.export.repeated_writes import Fallback, ReadBack, RepeatedWrites
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.differences import FiledComparison
from jira_pipeline.model.errors import ConfigurationError, GateError, GateRule
from jira_pipeline.model.exports import Exists, InDoubt, LedgerSubject
from jira_pipeline.model.issue_tracker import FoundIssue, LinkEnd, LinkType, WriteAnswer
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import RenderedTicket
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
"""What the history of an issue calls a link, on every site."""
LAST_PERCENTAGE = 99.0
"""Progress once all links were sent, before they are read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLink:
    """One link between two tickets."""

    kind: LinkKind
    inward: RenderedTicket
    """The blocker, in a link of the kind Blocks."""
    outward: RenderedTicket
    """The blocked ticket, in a link of the kind Blocks."""

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
    """Links that do not exist; they are left to a person as manual fixes."""
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
    """Write receipts for links that earlier executions left without a known outcome, if they exist.

    Whether a ticket still asks for such a link does not matter: later it may have to be deleted.
    """
    with_issue = {
        run.identity(rendered.ticket.ticket_id): rendered
        for rendered in run.order.rendered
        if run.issue_receipt(rendered) is not None
    }
    in_doubt = []
    for name in run.page.sent(LedgerSubject.LINK):
        link = LinkName.parse(name)
        inward = with_issue.get(link.inward)
        outward = with_issue.get(link.outward)
        if inward is None or outward is None:
            continue
        if isinstance(run.page.state(name), InDoubt):
            in_doubt.append(TicketLink(kind=link.kind, inward=inward, outward=outward))
    Linking(run, in_doubt).record_done()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkName:
    """The parts of the identity that a link has in the ledger (`TicketLink.name`)."""

    kind: LinkKind
    inward: str
    """Identity of the inward issue."""
    outward: str
    """Identity of the outward issue."""

    @classmethod
    def parse(cls, name: str) -> "LinkName":
        """Read `blocks/INWARD/OUTWARD`."""
        kind, inward, outward = name.split("/")
        return cls(kind=LinkKind(kind), inward=inward, outward=outward)

    @property
    def ends(self) -> tuple[str, str]:
        """The identities of both issues; the outward one first, because we read links from it."""
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
    """Creates links between issues that exist; an export carries it out, a plan counts what is pending."""

    fix_types = (FixType.DEPENDENCY_LINK,)
    is_looked_up = False
    parallel_count = 8
    """A link takes Jira 0.3 s, so that 78 of them took half of the seconds of an export of 84."""
    lost_reason = "it was sent twice but does not exist"

    def __init__(self, run: ExportRun, links: Sequence[TicketLink]) -> None:
        super().__init__(run, links)
        self._absent: set[str] = set()
        """Identities of links that did not exist before this execution sent anything: later, they are
        ours."""

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
        """Look for the links at the outward issues: that Jira accepted a link is no proof."""
        # Asked first, to keep the time short between this look and our request: a link that people
        # make in between would count as ours.
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
        """Tell whether an earlier execution made a link that is there before we send anything.

        The ledger knows its id, or a request of ours had no known outcome and the history of the
        outward issue shows a link of ours since then.
        """
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
        words = words_of(link.kind)
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


def words_of(kind: LinkKind) -> str:
    """Say how Jira describes the inward issue on the outward one."""
    return "is blocked by" if kind is LinkKind.BLOCKS else "relates to"


def links_of(in_build_order: Sequence[RenderedTicket]) -> tuple[TicketLink, ...]:
    """Return every link that tickets ask for once, in build order.

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
    """Find Jira's link type for each kind of link; nothing is guessed.

    Raises:
        ConfigurationError: A link type that people named does not exist, or does not fit.
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
