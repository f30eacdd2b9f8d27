"""The data of a session's pictures: a shape for each ticket, the course of its review, its build order.

The build order puts tickets into waves: a ticket is in the first wave after all that it waits for. It
is drawn as columns of boxes with lines between them. Coordinates are SVG units, from the top left.

Belongs here: the state of a ticket in a picture, its wave, where boxes and lines are. Does not: colours
and markup (`model/look/templates/pictures.html`), adding hours up (`review/hours`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import mean

from jira_pipeline.export.export_run import creation_order
from jira_pipeline.model.differences import ComparedIssue
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.tickets import ListedTicket, SentBack, Skipped, TicketState
from jira_pipeline.review.hours import CriticalPath, HourSum, critical_path, hours_of
from jira_pipeline.review.marks import ReadyMark
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ticket_selection import find_startable_ids


@dataclass(frozen=True, slots=True)
class ShownState:
    """How a picture shows a state: by a colour of this key, a sign, and a path of 16 by 16 units."""

    key: str
    mark: str
    label: str
    path: str


_DISC = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1z"
_DOT = "M8 3.5a4.5 4.5 0 1 0 0 9A4.5 4.5 0 1 0 8 3.5z"
STATES = (
    ShownState("waiting", "○", "to review", "M3.5 3.5h9v9h-9z"),
    ShownState("changed", "◆", "changed", "M8 0l8 8-8 8-8-8z"),
    ShownState("sent_back", "▲", SentBack.state.label, "M8 1l8 14H0z"),
    ShownState("ready", "✓", "approved", "M1 1h14v14H1z"),
    ShownState("left_out", "–", Skipped.state.label, "M2 7h12v2.5H2z"),
    ShownState("issue", "●", "has an issue", f"{_DOT}M8 6a2 2 0 1 1 0 4A2 2 0 1 1 8 6z"),
    ShownState("to_do", "○", "to do", _DOT),
    ShownState("doing", "◐", "doing", f"{_DISC}M8 2.5a5.5 5.5 0 1 1 0 11z"),
    ShownState("done", "✓", "done", _DISC),
    ShownState("doubt", "!", "issue status unknown", "M6 1h4v9H6zM6 12h4v3.5H6z"),
)
"""Squares are in the review, circles in Jira; what is done fills its place, what waits is small.

None is hollow: that would look like a box to tick."""
_STATES = {state.key: state for state in STATES}
_STATE_BY_STAGE = {
    IssueStage.TO_DO: "to_do",
    IssueStage.DOING: "doing",
    IssueStage.DONE: "done",
    None: "issue",
}


COURSE_WIDTH = 400
COURSE_HEIGHT = 110
ACTS_DRAWN_MIN = 3
"""With fewer approvals there is no course to draw."""
WEEK_DAYS = 6
"""Up to so many days away, the name of a weekday means one day only."""
AHEAD_MAX = timedelta(days=365)
"""An end that is further away is not shown: no pace holds so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCourse:
    """How many tickets waited for approval since they were written, and when none will."""

    total: int
    left: int
    """How many tickets still wait."""
    path: str
    """The SVG path of the line, within `COURSE_WIDTH` and `COURSE_HEIGHT`."""
    now: tuple[float, float]
    """Where the line ends: across and down."""
    began: str
    """When the review began, for people."""
    done: str | None
    """When the last ticket was, or at this pace will be, approved; None where that is too far away."""


def course_of(
    decided: Sequence[datetime], *, total: int, written_at: datetime | None, now: datetime
) -> ReviewCourse | None:
    """Return the course of a review; `decided` has the times of approvals, the earliest first.

    None where there are too few.
    """
    if len({*decided}) < ACTS_DRAWN_MIN:
        return None
    left = total - len(decided)
    began = min(written_at or decided[0], decided[0])
    # A review that is over ended with its last approval.
    seen_at = now if left else decided[-1]
    ahead = (seen_at - decided[0]) * (left / len(decided))
    done_at = seen_at
    done_on = None
    if ahead <= AHEAD_MAX:
        done_at = seen_at + ahead
        done_on = _day(done_at, seen=now)

    def at(time: datetime, waiting: int) -> tuple[float, float]:
        """Return the point of a time and a number of waiting tickets."""
        across = COURSE_WIDTH * ((time - began) / (done_at - began))
        down = COURSE_HEIGHT * (1 - waiting / total)
        return round(across), round(down, 1)

    waiting_at = [(began, total)]
    for count, time in enumerate(decided, start=1):
        waiting_at.append((time, total - count))
    waiting_at.append((seen_at, left))
    # Only the last point of each pixel counts, so that ten thousand tickets make no longer path.
    steps = dict(at(time, waiting) for time, waiting in waiting_at)
    lines = [f"H{across}V{down}" for across, down in steps.items()]
    return ReviewCourse(
        total=total,
        left=left,
        path="M0 0" + "".join(lines),
        now=at(seen_at, left),
        began=_day(began, seen=now),
        done=done_on,
    )


def _day(time: datetime, *, seen: datetime) -> str:
    """Return a time as people say it: the hour today, the weekday within a week, else the date."""
    if time.date() == seen.date():
        return f"{time:%H:%M}"
    if abs((time - seen).days) < WEEK_DAYS:
        return f"{time:%A}"
    return f"{time.day} {time:%B}" + (f" {time.year}" if time.year != seen.year else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveTicket:
    """A ticket in a wave of the build order."""

    ticket: ListedTicket
    name: str
    """The key of its issue, or else its number."""
    state: ShownState
    waits_for: tuple[ListedTicket, ...]
    """The tickets of earlier waves that it waits for."""


BOX_WIDTH = 152
BOX_HEIGHT = 40
LANE_HEIGHT = 10
GAP = 10
COLUMN_GAP = 24
SWEEPS = 6
"""How often boxes are moved nearer to those that they wait for, or that wait for them."""
DRAWN_MAX = 200
"""The most boxes; for more tickets, a box stands for all tickets of one kind in one wave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A ticket of the build order, or all of a kind in one wave."""

    tickets: Sequence[WaveTicket]
    called: str
    """The number of its ticket, or how many tickets it stands for."""
    name: str
    under: str
    """The second line of text."""
    x: float
    y: float
    waits_for: Sequence[int]
    """The numbers of other boxes, which are those of their first tickets."""
    is_critical: bool
    """Whether it is on the critical path."""

    @property
    def number(self) -> int:
        return self.tickets[0].ticket.number

    @property
    def state(self) -> ShownState:
        """The state of its ticket; of several tickets the state that is least far."""
        return min((ticket.state for ticket in self.tickets), key=STATES.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """The build order as boxes in columns, one for each wave, and the lines between them."""

    boxes: Sequence[Box]
    lines: Sequence[tuple[int, int, bool, str]]
    """Lines: number of the first box and of the one that waits for it, critical or not, SVG path."""
    wave_count: int
    height: float
    unconnected: Sequence[WaveTicket]
    """Tickets without any dependency, which are in no column."""


def build_order_of(
    waves: Sequence[Sequence[WaveTicket]], chain: Sequence[ListedTicket]
) -> BuildOrder:
    """Lay waves out as columns, with lines that go between boxes and never behind one.

    `chain` is the critical path.
    """
    unconnected = _unconnected(waves)
    connected = [[ticket for ticket in wave if ticket not in unconnected] for wave in waves]
    is_by_kind = sum(map(len, connected)) > DRAWN_MAX

    def box_key(ticket: WaveTicket) -> str:
        return ticket.ticket.kind if is_by_kind else ticket.name

    columns = [list(group_by(wave, box_key).values()) for wave in connected]
    # A box has the number of its first ticket.
    box_of: dict[int, int] = {}
    for column in columns:
        for tickets in column:
            number = tickets[0].ticket.number
            box_of |= {ticket.ticket.number: number for ticket in tickets}
    edges = set[Edge]()
    for wave in connected:
        for ticket in wave:
            box = box_of[ticket.ticket.number]
            edges.update((box_of[awaited.number], box) for awaited in ticket.waits_for)
    critical_edges = {
        (box_of[earlier.number], box_of[later.number]) for earlier, later in pairwise(chain)
    }
    critical_numbers = {number for edge in critical_edges for number in edge}
    numbers = [[tickets[0].ticket.number for tickets in column] for column in columns]
    places, routes = _lay_out(numbers, edges)

    boxes = []
    for position, column in enumerate(columns):
        for tickets in column:
            first = tickets[0].ticket
            called = str(first.number)
            name = first.short_title
            under = first.kind
            if is_by_kind:
                done_count = sum(ticket.state.key in {"ready", "done"} for ticket in tickets)
                called = str(len(tickets))
                name = first.kind
                under = f"{done_count} of {len(tickets)} ✓"
            boxes.append(
                Box(
                    tickets=tickets,
                    called=called,
                    name=name,
                    under=under,
                    x=position * (BOX_WIDTH + COLUMN_GAP),
                    y=places[first.number],
                    waits_for=sorted(before for before, after in edges if after == first.number),
                    is_critical=first.number in critical_numbers,
                )
            )
    return BuildOrder(
        boxes=boxes,
        lines=[(*edge, edge in critical_edges, routes[edge]) for edge in sorted(edges)],
        wave_count=len(waves),
        height=max((box.y for box in boxes), default=0) + BOX_HEIGHT,
        unconnected=unconnected,
    )


def _unconnected(waves: Sequence[Sequence[WaveTicket]]) -> Sequence[WaveTicket]:
    """Return the tickets without any dependency, all of which are in the first wave."""
    if not waves:
        return []
    awaited = set[int]()
    for wave in waves:
        for ticket in wave:
            awaited.update(other.number for other in ticket.waits_for)
    return [ticket for ticket in waves[0] if ticket.ticket.number not in awaited]


Edge = tuple[int, int]
"""Numbers of a box and of one that waits for it."""
Lane = tuple[int, int]
"""The place of a line from a box in a column that it passes: number of the box, and column.

With the box's own column it is the place of the box itself.
"""


def _lay_out(
    columns: Sequence[Sequence[int]], edges: Collection[Edge]
) -> tuple[Mapping[int, float], Mapping[Edge, str]]:
    """Return the top of each box, by its number, and the SVG path of each edge.

    A line over several columns has a lane between the boxes of each; lines from one box share it.
    """
    column_of: dict[int, int] = {}
    for position, column in enumerate(columns):
        column_of |= dict.fromkeys(column, position)
    lanes: list[list[Lane]] = []
    for position, column in enumerate(columns):
        lanes.append([(number, position) for number in column])
    neighbours: dict[Lane, set[Lane]] = {}
    for start, end in sorted(edges):
        line = [(start, position) for position in range(column_of[start], column_of[end])]
        line.append((end, column_of[end]))
        for lane in line[1:-1]:
            if lane not in lanes[lane[1]]:
                lanes[lane[1]].append(lane)
        for lane, following in pairwise(line):
            neighbours.setdefault(lane, set()).add(following)
            neighbours.setdefault(following, set()).add(lane)

    middles = _middles(lanes, neighbours, column_of)
    tops = {
        number: middles[number, position] - BOX_HEIGHT / 2 for number, position in column_of.items()
    }
    routes = {
        (start, end): _route(start, end, middles=middles, column_of=column_of)
        for start, end in edges
    }
    return tops, routes


def _middles(
    lanes: list[list[Lane]],
    neighbours: Mapping[Lane, Collection[Lane]],
    column_of: Mapping[int, int],
) -> Mapping[Lane, float]:
    """Return how far down the middle of each lane is, near the lanes that it is joined to.

    The columns of `lanes` are sorted by that in place.
    """
    height = {}
    for column in lanes:
        for lane in column:
            number, position = lane
            height[lane] = BOX_HEIGHT if position == column_of[number] else LANE_HEIGHT
    middles: dict[Lane, float] = {}

    def wanted(lane: Lane) -> float:
        """Return the mean of a lane's neighbours, as far as they have a place already."""
        near = [middles[other] for other in neighbours.get(lane, ()) if other in middles]
        return mean(near) if near else middles.get(lane, 0.0)

    def height_of(column: Iterable[Lane]) -> float:
        return sum(height[lane] + GAP for lane in column)

    whole = max(map(height_of, lanes), default=0.0)
    for sweep in range(SWEEPS):
        # To the right and back by turns, so that neighbours on both sides pull.
        for column in lanes if sweep % 2 == 0 else reversed(lanes):
            column.sort(key=wanted)
            rest = height_of(column)
            top = 0.0
            for lane in column:
                top = max(top, min(wanted(lane) - height[lane] / 2, whole - rest))
                middles[lane] = top + height[lane] / 2
                top += height[lane] + GAP
                rest -= height[lane] + GAP
    return middles


def _route(
    start: int, end: int, *, middles: Mapping[Lane, float], column_of: Mapping[int, int]
) -> str:
    """Return the SVG path of a line: a curve over each gap, and straight along its lanes."""
    down = middles[start, column_of[start]]
    path = f"M{column_of[start] * (BOX_WIDTH + COLUMN_GAP) + BOX_WIDTH} {down:.0f}"
    for position in range(column_of[start] + 1, column_of[end] + 1):
        is_end = position == column_of[end]
        across = position * (BOX_WIDTH + COLUMN_GAP)
        next_down = middles[end, position] if is_end else middles.get((start, position), 0.0)
        half = across - COLUMN_GAP / 2
        path += f"C{half:.0f} {down:.0f} {half:.0f} {next_down:.0f} {across} {next_down:.0f}"
        if not is_end:
            path += f"H{across + BOX_WIDTH}"
        down = next_down
    return path


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
