"""Links the issues of a session: Blocks for dependencies, Relates for the deferred ones.

Belongs here: which links there are, what sends one and reads it back. Does not: when it is sent
again or left to people (`repeated_writes`), which tickets depend on which (`entity_grouping`).

A link sent twice is one link in Jira, so it may be sent again without looking.
Source: docs/export.md, rule 9; the inward issue of Blocks is the blocker.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.export_ledger import Exists, LedgerSubject
from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import CREATION_PERCENTAGE_MAX, TicketProgress
from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.ports.issue_tracker import FoundIssue, LinkEnd, LinkType, WriteAnswer
from jira_pipeline.stages.jira_export.book import (
    ExportBook,
    WriteSubject,
    issue_id_of,
    open_book,
)
from jira_pipeline.stages.jira_export.gate import find_link_types
from jira_pipeline.stages.jira_export.jira_names import LinkKind
from jira_pipeline.stages.jira_export.left_to_people import Fallback, LeftToPeople
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.people import Unresolved
from jira_pipeline.stages.jira_export.reading import read_issues
from jira_pipeline.stages.jira_export.repeated_writes import ReadBack, RepeatedWrites

LINK_PERMISSION = "LINK_ISSUES"
FIRST_PERCENTAGE = CREATION_PERCENTAGE_MAX
LAST_PERCENTAGE = 99.0
"""Source: requirements S0-10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLink:
    """One link between two tickets."""

    kind: LinkKind
    inward: RenderedTicket
    """Of Blocks: the blocker."""
    outward: RenderedTicket
    """Of Blocks: the blocked one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """What one execution of the linking did."""

    target_id: str
    total: int
    linked: int
    failed: int
    """Left to a person as manual fixes."""
    missing_issues: tuple[str, ...]
    """Keys of issues we created that Jira does not show any more; they are not created again."""


def links_of(order: ExportOrder) -> tuple[TicketLink, ...]:
    """Return every link once, in build order of the tickets that need them.

    Links to skipped tickets are left out: there is no issue at their other end.
    """
    return tuple(_blocks_of(order)) + tuple(_relates_of(order))


def link_identity(opened: OpenTarget, link: TicketLink) -> str:
    """Name a link in the ledger."""
    inward = opened.identity(link.inward.ticket.ticket_id)
    outward = opened.identity(link.outward.ticket.ticket_id)
    return f"{link.kind.value}/{inward}/{outward}"


def link_identities(opened: OpenTarget, order: ExportOrder) -> Iterator[str]:
    """Yield the names of all links of an order in the ledger."""
    return (link_identity(opened, link) for link in links_of(order))


class Linking:
    """One execution of the linking on an opened target."""

    def __init__(self, tools: ExportTools, order: ExportOrder, *, opened: OpenTarget) -> None:
        """Read the ledger; nothing is sent yet."""
        self._tools = tools
        self._order = order
        self._opened = opened
        self._book = open_book(tools, opened)
        self._links = links_of(order)

    def run(self) -> LinkReport:
        """Send what is missing, read it back, send what is not there once more.

        Raises:
            GateError: Not every issue exists (S0-18).
            ConfigurationError: The link type that people named is not there.
            UpstreamError: Jira is out of reach or asks to wait.
        """
        self._check_all_exist()
        before = self._linked_count()
        RepeatedWrites(
            tools=self._tools,
            opened=self._opened,
            book=self._book,
            left=LeftToPeople(self._tools, self._opened, FixType.DEPENDENCY_LINK),
            kind=_Links(self._tools, self._order, opened=self._opened, book=self._book),
            items=self._links,
        ).run()
        linked = self._linked_count()
        return LinkReport(
            target_id=self._opened.target.target_id,
            total=len(self._links),
            linked=linked - before,
            failed=len(self._links) - linked,
            missing_issues=self._missing_issues(),
        )

    def _check_all_exist(self) -> None:
        missing = [
            r.ticket.number
            for r in self._order.in_build_order
            if self._book.receipt(self._opened.identity(r.ticket.ticket_id)) is None
        ]
        if missing:
            raise GateError(
                f"{len(missing)} tickets of session {self._order.session_key} have no issue in "
                f"{self._opened.target.name} yet; the first is number {missing[0]}.",
                rule=GateRule.ISSUES_MISSING,
                recovery_actions=(
                    Action.of(ActionKind.RESUME, "Run {}.", session_key=self._order.session_key),
                ),
            )

    def _missing_issues(self) -> tuple[str, ...]:
        """Compare our receipts with what Jira shows; nothing is created again."""
        receipts = self._book.issue_receipts()
        found = read_issues(
            self._tools,
            self._opened,
            [r.remote_id for r in receipts if r.remote_id is not None],
            fields=("issuelinks",),
            waiting="whether the issues are there is not known",
        )
        return tuple(
            receipt.remote_key or "" for receipt in receipts if receipt.remote_id not in found
        )

    def _linked_count(self) -> int:
        return sum(
            isinstance(self._book.state(link_identity(self._opened, link)), Exists)
            for link in self._links
        )


class _Links:
    """Links between issues that exist, as repeatable writes."""

    is_looked_up_first = False
    is_answer_proof = False
    lost_reason = "it was sent twice and is not there"

    def __init__(
        self, tools: ExportTools, order: ExportOrder, *, opened: OpenTarget, book: ExportBook
    ) -> None:
        self._tools = tools
        self._order = order
        self._opened = opened
        self._book = book
        self._links = links_of(order)

    def subject(self, item: TicketLink) -> WriteSubject:
        return WriteSubject(
            ticket_id=item.outward.ticket.ticket_id,
            subject=LedgerSubject.LINK,
            identity=link_identity(self._opened, item),
        )

    def ticket(self, item: TicketLink) -> RenderedTicket:
        return item.outward

    def hindrance(self, item: TicketLink) -> str | None:
        link_type = self._link_types[item.kind]
        if isinstance(link_type, Unresolved):
            return link_type.reason
        if LINK_PERMISSION in self._opened.withheld:
            return f"our account lacks the permission {LINK_PERMISSION}"
        return None

    def requests(self, items: Sequence[TicketLink]) -> Iterator[Sequence[TicketLink]]:
        """Yield one link after the other: Jira has no bulk of them."""
        return ([item] for item in items)

    def send(self, items: Sequence[TicketLink]) -> WriteAnswer:
        [link] = items
        self._tell_progress(link)
        link_type = self._link_types[link.kind]
        assert isinstance(link_type, LinkType)  # noqa: S101 - else `hindrance` said so
        return self._tools.tracker.create_link(
            link_type_id=link_type.link_type_id,
            inward_issue_id=self._issue_id(link.inward),
            outward_issue_id=self._issue_id(link.outward),
        )

    def read_back(self, items: Sequence[TicketLink]) -> ReadBack:
        """Look at the outward issues; that Jira said yes is no proof."""
        found = read_issues(
            self._tools,
            self._opened,
            [self._issue_id(link.outward) for link in items],
            fields=("issuelinks",),
            waiting="whether the links are there is not known",
        )
        seen = [link_identity(self._opened, link) for link in items if self._is_seen(link, found)]
        return ReadBack(seen=dict.fromkeys(seen, "read back from its issue"))

    def fallback(self, item: TicketLink, *, reason: str) -> Fallback:
        ticket, other = item.outward.ticket, item.inward.ticket
        key, other_key = self._key(item.outward), self._key(item.inward)
        words = "is blocked by" if item.kind is LinkKind.BLOCKS else "relates to"
        return Fallback(
            fix_type=FixType.DEPENDENCY_LINK,
            subject=f"{item.kind.value} {other.ticket_id}",
            title=f"Link {ticket.title}",
            original_value=f"{words} {other.title}",
            recommended_action=(
                f"Add the link “{words} {other_key or other.title}” to "
                f"{key or 'the issue'} ({reason})."
            ),
        )

    @cached_property
    def _link_types(self) -> Mapping[LinkKind, LinkType | Unresolved]:
        return find_link_types(self._tools, self._order)

    def _is_seen(self, link: TicketLink, found: dict[str, FoundIssue]) -> bool:
        link_type = self._link_types[link.kind]
        issue = found.get(self._issue_id(link.outward))
        if isinstance(link_type, Unresolved) or issue is None:
            return False
        ends = {LinkEnd.INWARD} if link.kind is LinkKind.BLOCKS else set(LinkEnd)
        return any(
            seen.link_type_id == link_type.link_type_id
            and seen.other_issue_id == self._issue_id(link.inward)
            and seen.other_end in ends
            for seen in issue.links
        )

    def _tell_progress(self, link: TicketLink) -> None:
        number, total = self._links.index(link) + 1, len(self._links)
        span = LAST_PERCENTAGE - FIRST_PERCENTAGE
        ticket, issues = link.outward.ticket, len(self._order.in_build_order)
        self._tools.sessions.set_progress(
            self._order.session_key,
            percentage=FIRST_PERCENTAGE + span * (number - 1) / total,
            text=f"Linking issue {number} of {total}: {ticket.title}",
            at=self._tools.clock.now(),
            details=TicketProgress(
                ticket_id=ticket.ticket_id,
                ticket_title=ticket.title,
                done=issues,
                failed=0,
                total=issues,
                remaining_seconds=round(
                    (total - number + 1) * self._order.pace.seconds_per_link, 1
                ),
            ),
        )

    def _key(self, rendered: RenderedTicket) -> str | None:
        issue = self._book.receipt(self._opened.identity(rendered.ticket.ticket_id))
        return issue.remote_key if issue is not None else None

    def _issue_id(self, rendered: RenderedTicket) -> str:
        return issue_id_of(self._book, self._opened, rendered)


def _blocks_of(order: ExportOrder) -> Iterator[TicketLink]:
    by_id = {r.ticket.ticket_id: r for r in order.in_build_order}
    for rendered in order.in_build_order:
        for dependency in dict.fromkeys(rendered.ticket.depends_on):
            if dependency in by_id:
                yield TicketLink(kind=LinkKind.BLOCKS, inward=by_id[dependency], outward=rendered)


def _relates_of(order: ExportOrder) -> Iterator[TicketLink]:
    by_id = {r.ticket.ticket_id: r for r in order.in_build_order}
    seen: set[frozenset[str]] = set()
    for rendered in order.in_build_order:
        for other in rendered.ticket.relates_to:
            pair = frozenset((rendered.ticket.ticket_id, other))
            if other in by_id and pair not in seen:
                seen.add(pair)
                first, second = sorted((rendered, by_id[other]), key=lambda r: r.ticket.number)
                yield TicketLink(kind=LinkKind.RELATES, inward=first, outward=second)
