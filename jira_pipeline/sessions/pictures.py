"""The pictures of one session, made of its tickets: each with its state, all of them by wave.

Belongs here: which state a ticket is in, gathering what pictures need. Does not: the shapes
(`shown_states`), the two drawings (`review_course`, `build_order`), how they look
(`model/look/templates/pictures.html`), adding hours up (`review/hours`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from jira_pipeline.export.export_run import creation_order
from jira_pipeline.model.differences import ComparedIssue
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.ticket_decisions import SentBack, TicketState
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.hours import CriticalPath, HourSum, critical_path, hours_of
from jira_pipeline.review.marks import ReadyMark
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ticket_selection import find_startable_ids
from jira_pipeline.sessions.build_order import BuildOrder, WaveTicket, build_order_of
from jira_pipeline.sessions.review_course import ReviewCourse, course_of
from jira_pipeline.sessions.shown_states import STATES, ShownState

_STATES = {state.key: state for state in STATES}
_STATE_BY_STAGE = {
    IssueStage.TO_DO: "to_do",
    IssueStage.DOING: "doing",
    IssueStage.DONE: "done",
    None: "issue",
}


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The facts of a session that pictures need, and each picture, made when it is asked for."""

    tickets: Sequence[ListedTicket]
    places: Mapping[str, TicketExport]
    marks: Mapping[str, ReadyMark]
    """The last ready mark of each ticket, whether it still holds or not."""
    progress: Mapping[str, ComparedIssue]
    """The issues as they were at the last comparison, by ticket id."""
    written_at: datetime | None
    """When the tickets were written; None where they were not."""
    now: datetime

    @cached_property
    def states(self) -> Mapping[str, ShownState]:
        """The state that is shown for each ticket, by id."""
        return {ticket.ticket_id: _STATES[self._state_of(ticket)] for ticket in self.tickets}

    def _state_of(self, ticket: ListedTicket) -> str:
        """Return the key of the state that is shown for a ticket."""
        place = self.places[ticket.ticket_id]
        if place.state is TicketState.IN_DOUBT:
            return "doubt"
        if place.jira_key:
            issue = self.progress.get(ticket.ticket_id)
            return _STATE_BY_STAGE[None if issue is None else issue.stage]
        if isinstance(ticket.exclusion, SentBack):
            return "sent_back"
        if ticket.exclusion:
            return "left_out"
        if ticket.is_ready:
            return "ready"
        return "changed" if ticket.ticket_id in self.marks else "waiting"

    @cached_property
    def kinds(self) -> Mapping[str, Sequence[ListedTicket]]:
        """The tickets by kind, the kind with most tickets first."""
        by_kind = group_by(self.tickets, lambda ticket: ticket.kind)
        return dict(sorted(by_kind.items(), key=lambda kind: -len(kind[1])))

    def count(self, tickets: Iterable[ListedTicket]) -> Sequence[tuple[ShownState, int]]:
        """Count tickets by state, in the order of the states."""
        counts = Counter(self.states[ticket.ticket_id] for ticket in tickets)
        return [(state, counts[state]) for state in STATES if counts[state]]

    @property
    def is_in_jira(self) -> bool:
        """Whether the state of at least one ticket is that of its issue."""
        return any(state.key in _STATE_BY_STAGE.values() for state in self.states.values())

    @property
    def course(self) -> ReviewCourse | None:
        """The course of the review, by the approvals that hold; None where these are too few."""
        counted = [ticket for ticket in self.tickets if ticket.exclusion is None]
        approved_at = []
        for ticket in counted:
            mark = self.marks.get(ticket.ticket_id)
            if ticket.is_ready and mark is not None:
                approved_at.append(mark.at)
        return course_of(
            sorted(approved_at),
            total=len(counted),
            written_at=self.written_at,
            now=self.now,
        )

    @cached_property
    def waves(self) -> Sequence[Sequence[WaveTicket]]:
        """The waves of the build order: a ticket is in the first one after all that it waits for.

        The tickets of a wave can be built at the same time; they are ordered by display group.
        Skipped tickets are in none.
        """
        wave_of: dict[str, int] = {}
        waves: list[list[WaveTicket]] = []
        for ticket in self._in_order:
            before = tuple(self._by_id[name] for name in ticket.depends_on if name in wave_of)
            wave = max((wave_of[awaited.ticket_id] + 1 for awaited in before), default=0)
            wave_of[ticket.ticket_id] = wave
            if wave == len(waves):
                waves.append([])
            waves[wave].append(
                WaveTicket(
                    ticket=ticket,
                    name=self.places[ticket.ticket_id].jira_key or str(ticket.number),
                    state=self.states[ticket.ticket_id],
                    waits_for=before,
                )
            )
        groups = list(DisplayGroup)
        for wave_tickets in waves:
            wave_tickets.sort(key=lambda shown: groups.index(shown.ticket.display_group))
        return waves

    @cached_property
    def critical_path(self) -> CriticalPath:
        return critical_path(self._in_order)

    @cached_property
    def startable(self) -> Mapping[bool, HourSum]:
        """The hours of tickets that can begin now, by whether they have open questions."""
        ids = find_startable_ids(self.tickets, self.progress)
        asking: list[ListedTicket] = []
        settled: list[ListedTicket] = []
        for ticket in self.tickets:
            if ticket.ticket_id in ids:
                (asking if ticket.unanswered_count else settled).append(ticket)
        return {False: hours_of(settled), True: hours_of(asking)}

    @cached_property
    def _by_id(self) -> Mapping[str, ListedTicket]:
        return {ticket.ticket_id: ticket for ticket in self.tickets}

    @property
    def _in_order(self) -> Iterable[ListedTicket]:
        return map(self._by_id.__getitem__, creation_order(self.tickets))

    @cached_property
    def build_order(self) -> BuildOrder:
        return build_order_of(self.waves, self.critical_path.tickets)


def pictures_of(session: OpenSession) -> Pictures:
    """Return the pictures of a session as it is now."""
    return Pictures(
        tickets=session.listed,
        places=session.places,
        marks=session.ready_marks,
        progress=session.progress,
        written_at=session.stored.generated_at,
        now=session.clock.now(),
    )
