"""Puts created issues into their sprints, and checks that they are under their parents.

Belongs here: what is done to an issue after it exists and may be done twice. Does not: which
sprint a name means (`sprints`), links and files (`links`, `attachments`).

Nothing here fails the export: what Jira refuses becomes a manual fix. A receipt is written once an
issue is in its place; from then on people may move it, and no resume moves it back.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from jira_pipeline.domain.export_ledger import (
    Exists,
    GivenUp,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
)
from jira_pipeline.domain.issue_tracker import Created, NothingDone, Unknown
from jira_pipeline.domain.manual_fixes import FixType
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.stages.jira_export.book import WriteSubject, open_book
from jira_pipeline.stages.jira_export.fields import (
    DroppableField,
    hidden_parent_fallback,
    parent_fallback,
    sprint_fallback,
)
from jira_pipeline.stages.jira_export.left_to_people import (
    Fallback,
    LeftToPeople,
    is_for_people,
)
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.people import Unresolved
from jira_pipeline.stages.jira_export.reading import read_issues
from jira_pipeline.stages.jira_export.sprints import choose_sprint, find_sprints
from jira_pipeline.stages.jira_export.waiting import raise_if_cancelled

MOVE_SIZE = 50
ROUNDS = 2
"""A lost answer is asked for once more before a person is."""
SCHEDULE_PERMISSION = "SCHEDULE_ISSUES"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ParentsRead:
    """The issues of which no parent was read."""

    without: tuple[RenderedTicket, ...]
    hidden: tuple[RenderedTicket, ...]
    """Jira does not show them: nobody here can tell."""


class Placing:
    """One execution of the placing on an opened target, after all issues were created."""

    def __init__(self, tools: ExportTools, order: ExportOrder, *, opened: OpenTarget) -> None:
        """Read the ledger; nothing is sent yet."""
        self._tools = tools
        self._order = order
        self._opened = opened
        self._book = open_book(tools, opened)
        self._left = LeftToPeople(tools, opened, FixType.SPRINT_NOT_FOUND, FixType.FIELD_REJECTED)

    def run(self) -> None:
        """Check parents, then move issues into their sprints.

        Raises:
            CancelledError: The export was cancelled.
            UpstreamError: Jira is out of reach, asks to wait, or forgot who we are.
        """
        self._check_parents()
        self._fill_sprints()

    def _check_parents(self) -> None:
        """Read every parent back; where one was dropped, set it, and read it once more."""
        seen = self._read_parents(self._pending(LedgerSubject.PARENT))
        for rendered in seen.without:
            raise_if_cancelled(self._tools)
            self._set_parent(rendered)
        again = self._read_parents(self._still_pending(seen.without, LedgerSubject.PARENT))
        for rendered in again.without:
            reason = "Jira took it and dropped it without a word"
            self._leave_to_people(rendered, parent_fallback(rendered.ticket, reason=reason))
        for rendered in (*seen.hidden, *again.hidden):
            self._leave_to_people(rendered, hidden_parent_fallback(rendered.ticket))

    def _set_parent(self, rendered: RenderedTicket) -> None:
        what = self._subject(rendered, LedgerSubject.PARENT)
        self._book.write(what, LedgerEvent.INTENT)
        answer = self._tools.tracker.set_parent(
            self._issue_id(rendered), rendered.ticket.parent or ""
        )
        match answer:
            case NothingDone(reason=reason):
                self._book.write(what, LedgerEvent.NOTHING_DONE, detail=reason)
                self._stop_unless_for_people(answer)
                self._leave_to_people(rendered, parent_fallback(rendered.ticket, reason=reason))
            case Unknown(reason=reason):
                self._book.write(what, LedgerEvent.UNKNOWN, detail=reason)
            case Created():
                pass
            case _:
                assert_never(answer)

    def _read_parents(self, tickets: Sequence[RenderedTicket]) -> _ParentsRead:
        """Write a receipt for every issue that is under a parent, and return the others."""
        found = read_issues(
            self._tools,
            self._opened,
            [self._issue_id(rendered) for rendered in tickets],
            fields=(DroppableField.PARENT.value,),
            waiting="whether they are under their parents is not known",
        )
        parents = {issue_id: issue.parent_key for issue_id, issue in found.items()}
        for rendered in tickets:
            parent_key = parents.get(self._issue_id(rendered))
            if parent_key is not None:
                what = self._subject(rendered, LedgerSubject.PARENT)
                self._book.write(what, LedgerEvent.RECEIPT, detail=f"read back: {parent_key}")
        left = [r for r in tickets if parents.get(self._issue_id(r)) is None]
        return _ParentsRead(
            without=tuple(r for r in left if self._issue_id(r) in parents),
            hidden=tuple(r for r in left if self._issue_id(r) not in parents),
        )

    def _fill_sprints(self) -> None:
        """Move every issue whose ticket names a sprint; sprints are asked for once."""
        for _round in range(ROUNDS):
            pending = self._pending(LedgerSubject.SPRINT)
            if not pending:
                return
            self._move(pending)
        for rendered in self._pending(LedgerSubject.SPRINT):
            reason = "whether it was moved could not be found out"
            self._leave_to_people(rendered, sprint_fallback(rendered.ticket, reason=reason))

    def _move(self, pending: Sequence[RenderedTicket]) -> None:
        if SCHEDULE_PERMISSION in self._opened.withheld:
            reason = f"our account lacks the permission {SCHEDULE_PERMISSION}"
            self._leave_sprint_to_people(pending, reason)
            return
        known = find_sprints(self._tools.tracker, self._opened.target.project_key)
        by_name: dict[str, list[RenderedTicket]] = defaultdict(list)
        for rendered in pending:
            by_name[rendered.ticket.sprint or ""].append(rendered)
        for name, tickets in by_name.items():
            sprint = choose_sprint(name, known)
            if isinstance(sprint, Unresolved):
                self._leave_sprint_to_people(tickets, sprint.reason)
                continue
            for first in range(0, len(tickets), MOVE_SIZE):
                self._move_batch(sprint.sprint_id, tickets[first : first + MOVE_SIZE])

    def _move_batch(self, sprint_id: str, tickets: Sequence[RenderedTicket]) -> None:
        raise_if_cancelled(self._tools)
        whats = [self._subject(rendered, LedgerSubject.SPRINT) for rendered in tickets]
        self._write_all(whats, LedgerEvent.INTENT)
        answer = self._tools.tracker.move_to_sprint(
            sprint_id, [self._issue_id(rendered) for rendered in tickets]
        )
        match answer:
            case Created():
                self._write_all(whats, LedgerEvent.RECEIPT, remote_id=sprint_id)
            case NothingDone(reason=reason):
                self._write_all(whats, LedgerEvent.NOTHING_DONE, detail=reason)
                self._stop_unless_for_people(answer)
                self._leave_sprint_to_people(tickets, reason)
            case Unknown(reason=reason):
                self._write_all(whats, LedgerEvent.UNKNOWN, detail=reason)
            case _:
                assert_never(answer)

    def _write_all(
        self,
        whats: Iterable[WriteSubject],
        event: LedgerEvent,
        *,
        remote_id: str | None = None,
        detail: str = "",
    ) -> None:
        for what in whats:
            self._book.write(what, event, remote_id=remote_id, detail=detail)

    def _stop_unless_for_people(self, answer: NothingDone) -> None:
        if not is_for_people(answer.error):
            raise answer.error

    def _leave_sprint_to_people(self, tickets: Iterable[RenderedTicket], reason: str) -> None:
        for rendered in tickets:
            self._leave_to_people(rendered, sprint_fallback(rendered.ticket, reason=reason))

    def _leave_to_people(self, rendered: RenderedTicket, fallback: Fallback) -> None:
        receipt = self._receipt(rendered)
        key = receipt.remote_key if receipt is not None else None
        self._left.leave(rendered.ticket, fallback, key=key)

    def _pending(self, subject: LedgerSubject) -> list[RenderedTicket]:
        """Return the tickets whose issue is not known to be in its place, nor left to people."""
        return self._still_pending(
            [r for r in self._order.in_build_order if _asked_place(r, subject)], subject
        )

    def _still_pending(
        self, tickets: Iterable[RenderedTicket], subject: LedgerSubject
    ) -> list[RenderedTicket]:
        return [
            rendered
            for rendered in tickets
            if self._receipt(rendered) is not None
            and not self._left.has(rendered.ticket, subject.value)
            and not isinstance(
                self._book.state(self._subject(rendered, subject).identity), Exists | GivenUp
            )
        ]

    def _receipt(self, rendered: RenderedTicket) -> LedgerEntry | None:
        return self._book.receipt(self._opened.identity(rendered.ticket.ticket_id))

    def _issue_id(self, rendered: RenderedTicket) -> str:
        receipt = self._receipt(rendered)
        if receipt is None or receipt.remote_id is None:
            raise ValueError(f"ticket {rendered.ticket.ticket_id} has no issue")
        return receipt.remote_id

    def _subject(self, rendered: RenderedTicket, subject: LedgerSubject) -> WriteSubject:
        ticket_id = rendered.ticket.ticket_id
        return WriteSubject(
            ticket_id=ticket_id,
            subject=subject,
            identity=f"{subject.value}/{self._opened.identity(ticket_id)}",
        )


def _asked_place(rendered: RenderedTicket, subject: LedgerSubject) -> str | None:
    ticket = rendered.ticket
    return ticket.parent if subject is LedgerSubject.PARENT else ticket.sprint
