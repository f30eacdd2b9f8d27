"""Puts created issues under their parents and into their sprints.

Belongs here: what sends a parent or a sprint, and tells whether it is there. Does not: when it is
sent again or left to people (`repeated_writes`), which sprint a name means (`sprints`).

Once an issue was in its place people may move it, and no resume moves it back.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from jira_pipeline.domain.export_ledger import LedgerSubject
from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.ports.issue_tracker import Sprint, WriteAnswer
from jira_pipeline.stages.jira_export.book import (
    ExportBook,
    WriteSubject,
    issue_id_of,
    open_book,
)
from jira_pipeline.stages.jira_export.fields import (
    DroppableField,
    hidden_parent_fallback,
    parent_fallback,
    sprint_fallback,
)
from jira_pipeline.stages.jira_export.left_to_people import Fallback, LeftToPeople
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.people import Unresolved
from jira_pipeline.stages.jira_export.reading import read_issues
from jira_pipeline.stages.jira_export.repeated_writes import (
    ReadBack,
    RepeatableWrites,
    RepeatedWrites,
)
from jira_pipeline.stages.jira_export.sprints import (
    ProjectSprints,
    choose_sprint,
    find_sprints,
)

MOVE_SIZE = 50
SCHEDULE_PERMISSION = "SCHEDULE_ISSUES"


def place_issues(tools: ExportTools, order: ExportOrder, *, opened: OpenTarget) -> None:
    """Check and set parents, then move issues into their sprints, after all were created.

    Raises:
        CancelledError: The export was cancelled.
        UpstreamError: Jira is out of reach, asks to wait, or forgot who we are.
    """
    book = open_book(tools, opened)
    left = LeftToPeople(tools, opened, FixType.SPRINT_NOT_FOUND, FixType.FIELD_REJECTED)
    parents, sprints = _Parents(tools, opened, book), _Sprints(tools, opened, book)
    kinds: tuple[tuple[RepeatableWrites[RenderedTicket], list[RenderedTicket]], ...] = (
        (parents, [r for r in order.in_build_order if r.ticket.parent]),
        (sprints, [r for r in order.in_build_order if r.ticket.sprint]),
    )
    for kind, tickets in kinds:
        RepeatedWrites(
            tools=tools, opened=opened, book=book, left=left, kind=kind, items=tickets
        ).run()


def place_identities(opened: OpenTarget, order: ExportOrder) -> Iterator[str]:
    """Yield the names of all parents and sprints of an order in the ledger."""
    for rendered in order.in_build_order:
        if rendered.ticket.parent:
            yield _subject(opened, rendered, LedgerSubject.PARENT).identity
        if rendered.ticket.sprint:
            yield _subject(opened, rendered, LedgerSubject.SPRINT).identity


class _Parents:
    """Issues under their parents: a creation carries the parent, and Jira may drop it."""

    is_looked_up_first = True
    is_answer_proof = False
    lost_reason = "Jira took it and dropped it without a word"

    def __init__(self, tools: ExportTools, opened: OpenTarget, book: ExportBook) -> None:
        self._tools = tools
        self._opened = opened
        self._book = book

    def subject(self, item: RenderedTicket) -> WriteSubject:
        return _subject(self._opened, item, LedgerSubject.PARENT)

    def ticket(self, item: RenderedTicket) -> RenderedTicket:
        return item

    def hindrance(self, item: RenderedTicket) -> str | None:
        del item
        return None

    def requests(self, items: Sequence[RenderedTicket]) -> Iterator[Sequence[RenderedTicket]]:
        return ([item] for item in items)

    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        [item] = items
        issue_id = issue_id_of(self._book, self._opened, item)
        return self._tools.tracker.set_parent(issue_id, item.ticket.parent or "")

    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        """Read the parents; an issue that is not shown is for somebody who sees it."""
        ids = {issue_id_of(self._book, self._opened, item): item for item in items}
        found = read_issues(
            self._tools,
            self._opened,
            list(ids),
            fields=(DroppableField.PARENT.value,),
            waiting="whether they are under their parents is not known",
        )
        parents = {issue_id: issue.parent_key for issue_id, issue in found.items()}
        return ReadBack(
            seen={
                self.subject(item).identity: f"read back: {parents[issue_id]}"
                for issue_id, item in ids.items()
                if parents.get(issue_id) is not None
            },
            for_people={
                self.subject(item).identity: hidden_parent_fallback(item.ticket)
                for issue_id, item in ids.items()
                if issue_id not in found
            },
        )

    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        return parent_fallback(item.ticket, reason=reason)


class _Sprints:
    """Issues in their sprints: the answer to the move is the proof, none is read back."""

    is_looked_up_first = False
    is_answer_proof = True
    lost_reason = "whether it was moved could not be found out"

    def __init__(self, tools: ExportTools, opened: OpenTarget, book: ExportBook) -> None:
        self._tools = tools
        self._opened = opened
        self._book = book

    def subject(self, item: RenderedTicket) -> WriteSubject:
        return _subject(self._opened, item, LedgerSubject.SPRINT)

    def ticket(self, item: RenderedTicket) -> RenderedTicket:
        return item

    def hindrance(self, item: RenderedTicket) -> str | None:
        if SCHEDULE_PERMISSION in self._opened.withheld:
            return f"our account lacks the permission {SCHEDULE_PERMISSION}"
        sprint = self._sprint(item)
        return sprint.reason if isinstance(sprint, Unresolved) else None

    def requests(self, items: Sequence[RenderedTicket]) -> Iterator[Sequence[RenderedTicket]]:
        """Yield the issues of one sprint, as many as Jira moves at once."""
        by_name: dict[str, list[RenderedTicket]] = defaultdict(list)
        for item in items:
            by_name[item.ticket.sprint or ""].append(item)
        for tickets in by_name.values():
            for first in range(0, len(tickets), MOVE_SIZE):
                yield tickets[first : first + MOVE_SIZE]

    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        sprint = self._sprint(items[0])
        assert isinstance(sprint, Sprint)  # noqa: S101 - `hindrance` left the others to people
        issue_ids = [issue_id_of(self._book, self._opened, item) for item in items]
        return self._tools.tracker.move_to_sprint(sprint.sprint_id, issue_ids)

    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        """Read nothing: which sprint an issue is in is in a field of another name on each site."""
        del items
        return ReadBack(seen={})

    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        return sprint_fallback(item.ticket, reason=reason)

    @cached_property
    def _known(self) -> ProjectSprints:
        """Asked for once, and only where an issue is to be moved."""
        return find_sprints(self._tools.tracker, self._opened.target.project_key)

    def _sprint(self, item: RenderedTicket) -> Sprint | Unresolved:
        return choose_sprint(item.ticket.sprint or "", self._known)


def _subject(opened: OpenTarget, rendered: RenderedTicket, subject: LedgerSubject) -> WriteSubject:
    ticket_id = rendered.ticket.ticket_id
    return WriteSubject(
        ticket_id=ticket_id,
        subject=subject,
        identity=f"{subject.value}/{opened.identity(ticket_id)}",
    )
