"""Links the issues of a session: Blocks for dependencies, Relates for the deferred ones.

Belongs here: sending each link, reading it back. Does not: which tickets depend on which
(`entity_grouping`, review). A failed link never fails the export; it becomes a manual fix (S0-18).

A link sent twice is one link in Jira, so it may be sent again without looking. Its receipt is
written when it was read back: from then on people may remove it, and no resume adds it again.
Source: docs/export.md, rule 9; the inward issue of Blocks is the blocker.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.export_ledger import (
    Exists,
    GivenUp,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
)
from jira_pipeline.domain.issue_tracker import (
    Created,
    FoundIssue,
    LinkEnd,
    LinkType,
    NothingDone,
    Unknown,
)
from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import CREATION_PERCENTAGE_MAX, TicketProgress
from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.stages.jira_export.book import WriteSubject, open_book
from jira_pipeline.stages.jira_export.gate import find_link_types
from jira_pipeline.stages.jira_export.jira_names import LinkKind
from jira_pipeline.stages.jira_export.left_to_people import (
    Fallback,
    LeftToPeople,
    is_for_people,
)
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.people import Unresolved
from jira_pipeline.stages.jira_export.reading import FETCH_SIZE, read_issues
from jira_pipeline.stages.jira_export.waiting import raise_if_cancelled

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


class Linking:
    """One execution of the linking on an opened target."""

    def __init__(self, tools: ExportTools, order: ExportOrder, *, opened: OpenTarget) -> None:
        """Read the ledger; nothing is sent yet."""
        self._tools = tools
        self._order = order
        self._opened = opened
        self._book = open_book(tools, opened)
        self._links = links_of(order)
        self._link_types: Mapping[LinkKind, LinkType | Unresolved] = {}
        self._left = LeftToPeople(tools, opened, FixType.DEPENDENCY_LINK)

    def run(self) -> LinkReport:
        """Send what is missing, read it back, send what is not there once more.

        Raises:
            GateError: Not every issue exists (S0-18).
            ConfigurationError: The link type that people named is not there.
            UpstreamError: Jira is out of reach or asks to wait.
        """
        self._check_all_exist()
        before = self._linked_count()
        pending = self._pending()
        if pending:
            self._link_types = find_link_types(self._tools, self._order)
        for _round in range(2):
            for link in pending:
                self._send(link)
            for first in range(0, len(pending), FETCH_SIZE):
                self._read_back(pending[first : first + FETCH_SIZE])
            pending = self._pending()
        for link in pending:
            self._record_failure(link, "it was sent twice and is not there")
        linked = self._linked_count()
        return LinkReport(
            target_id=self._opened.target.target_id,
            total=len(self._links),
            linked=linked - before,
            failed=len(self._links) - linked,
            missing_issues=self._missing_issues(),
        )

    def _check_all_exist(self) -> None:
        missing = [r.ticket.number for r in self._order.in_build_order if self._issue(r) is None]
        if missing:
            raise GateError(
                f"{len(missing)} tickets of session {self._order.session_key} have no issue in "
                f"{self._opened.target.name} yet; the first is number {missing[0]}.",
                rule=GateRule.ISSUES_MISSING,
                recovery_actions=(f"Run `jira-pipeline resume {self._order.session_key}`.",),
            )

    def _pending(self) -> list[TicketLink]:
        """Return the links that were not read back yet and are not left to people."""
        return [
            link
            for link in self._links
            if not isinstance(self._book.state(self._subject(link).identity), Exists | GivenUp)
            and not self._left.has(link.outward.ticket, _fix_subject(link))
        ]

    def _send(self, link: TicketLink) -> None:
        raise_if_cancelled(self._tools)
        self._tell_progress(link)
        link_type = self._link_types[link.kind]
        if isinstance(link_type, Unresolved):
            self._record_failure(link, link_type.reason)
            return
        if LINK_PERMISSION in self._opened.withheld:
            self._record_failure(link, f"our account lacks the permission {LINK_PERMISSION}")
            return
        self._book.write(self._subject(link), LedgerEvent.INTENT)
        answer = self._tools.tracker.create_link(
            link_type_id=link_type.link_type_id,
            inward_issue_id=self._issue_id(link.inward),
            outward_issue_id=self._issue_id(link.outward),
        )
        self._record_answer(link, answer)

    def _record_answer(self, link: TicketLink, answer: Created | NothingDone | Unknown) -> None:
        """Write what is certain; a good answer is believed when it was read back."""
        match answer:
            case NothingDone(reason=reason, error=error):
                self._book.write(self._subject(link), LedgerEvent.NOTHING_DONE, detail=reason)
                if not is_for_people(error):
                    raise error
                self._record_failure(link, reason)
            case Unknown(reason=reason):
                self._book.write(self._subject(link), LedgerEvent.UNKNOWN, detail=reason)
            case Created():
                pass

    def _read_back(self, links: Sequence[TicketLink]) -> None:
        """Write a receipt for every link that is seen on its outward issue.

        Each is committed by itself; some hundreds at once would keep Jira waiting for seconds.
        """
        found = self._fetch([self._issue_id(link.outward) for link in links])
        for link in links:
            if self._is_seen(link, found):
                self._book.write(
                    self._subject(link), LedgerEvent.RECEIPT, detail="read back from its issue"
                )

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

    def _fetch(self, issue_ids: Sequence[str]) -> dict[str, FoundIssue]:
        """Read the links of issues, by issue id.

        Raises:
            UnavailableError: Jira could not read all of them just now.
        """
        return read_issues(
            self._tools,
            self._opened,
            issue_ids,
            fields=("issuelinks",),
            waiting="whether the links are there is not known",
        )

    def _missing_issues(self) -> tuple[str, ...]:
        """Compare our receipts with what Jira shows; nothing is created again."""
        receipts = self._book.issue_receipts()
        found = self._fetch([r.remote_id for r in receipts if r.remote_id is not None])
        return tuple(
            receipt.remote_key or "" for receipt in receipts if receipt.remote_id not in found
        )

    def _record_failure(self, link: TicketLink, reason: str) -> None:
        ticket, other = link.outward.ticket, link.inward.ticket
        issue, other_issue = self._issue(link.outward), self._issue(link.inward)
        key = issue.remote_key if issue is not None else None
        other_key = other_issue.remote_key if other_issue is not None else None
        words = "is blocked by" if link.kind is LinkKind.BLOCKS else "relates to"
        missing = Fallback(
            fix_type=FixType.DEPENDENCY_LINK,
            subject=_fix_subject(link),
            title=f"Link {ticket.title}",
            original_value=f"{words} {other.title}",
            recommended_action=(
                f"Add the link “{words} {other_key or other.title}” to "
                f"{key or 'the issue'} ({reason})."
            ),
        )
        self._left.leave(ticket, missing, key=key)

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

    def _issue(self, rendered: RenderedTicket) -> LedgerEntry | None:
        return self._book.receipt(self._opened.identity(rendered.ticket.ticket_id))

    def _issue_id(self, rendered: RenderedTicket) -> str:
        """Return the id of an issue that exists, as `_check_all_exist` made sure."""
        receipt = self._issue(rendered)
        if receipt is None or receipt.remote_id is None:
            raise ValueError(f"ticket {rendered.ticket.ticket_id} has no issue")
        return receipt.remote_id

    def _subject(self, link: TicketLink) -> WriteSubject:
        return WriteSubject(
            ticket_id=link.outward.ticket.ticket_id,
            subject=LedgerSubject.LINK,
            identity=link_identity(self._opened, link),
        )

    def _linked_count(self) -> int:
        return sum(
            isinstance(self._book.state(self._subject(link).identity), Exists)
            for link in self._links
        )


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


def _fix_subject(link: TicketLink) -> str:
    return f"{link.kind.value} {link.inward.ticket.ticket_id}"
