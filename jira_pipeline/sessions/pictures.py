"""What pictures of a session show: a shape for each ticket, the course of its review, its build order.

Belongs here: the state of a ticket in a picture, in which wave it is built, where lines go. Does not:
how it looks (`model/look/templates/pictures.html`), adding hours up (`review/hours`).
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
    """What a picture says of a ticket: by a colour, a sign and a shape of 16 by 16."""

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
_OF_STAGE = {
    IssueStage.TO_DO: "to_do",
    IssueStage.DOING: "doing",
    IssueStage.DONE: "done",
    None: "issue",
}


COURSE_WIDTH = 400
COURSE_HEIGHT = 110
ACTS_DRAWN_MIN = 3
"""Of fewer approvals there is no course."""
WEEK_DAYS = 6
"""Within them a weekday names one day."""
AHEAD_MAX = timedelta(days=365)
"""Beyond it a pace foretells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCourse:
    """How many tickets waited from the writing until now, and when none will, at this pace."""

    total: int
    left: int
    path: str
    """Of the line, within `COURSE_WIDTH` and `COURSE_HEIGHT`."""
    now: tuple[float, float]
    began: str
    done: str | None
    """When the last will be, or was, approved; None where that is too far ahead."""


def course_of(
    decided: Sequence[datetime], *, total: int, written_at: datetime | None, now: datetime
) -> ReviewCourse | None:
    """Return the course of a review by when tickets were approved, in order."""
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
        across = COURSE_WIDTH * ((time - began) / (done_at - began))
        down = COURSE_HEIGHT * (1 - waiting / total)
        return round(across), round(down, 1)

    waiting_at = [(began, total)]
    for count, time in enumerate(decided, start=1):
        waiting_at.append((time, total - count))
    waiting_at.append((seen_at, left))
    # One step for each pixel: of ten thousand tickets it is no longer.
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
    """Name a time as people would: by the hour today, by its weekday within a week, else by date."""
    if time.date() == seen.date():
        return f"{time:%H:%M}"
    if abs((time - seen).days) < WEEK_DAYS:
        return f"{time:%A}"
    return f"{time.day} {time:%B}" + (f" {time.year}" if time.year != seen.year else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveTicket:
    ticket: ListedTicket
    name: str
    """Key of its issue, else its number."""
    state: ShownState
    waits_for: tuple[ListedTicket, ...]
    """Of earlier waves."""


BOX_WIDTH = 152
BOX_HEIGHT = 40
LANE_HEIGHT = 10
GAP = 10
COLUMN_GAP = 24
SWEEPS = 6
"""Each puts the boxes of a column nearer to those they wait for, or that wait for them."""
DRAWN_MAX = 200
"""Boxes; of more tickets each box is what one wave has of a kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A ticket of the build order, or all of a kind in one wave."""

    tickets: Sequence[WaveTicket]
    called: str
    """Its number; of several how many they are."""
    name: str
    under: str
    x: float
    y: float
    waits_for: Sequence[int]
    """Numbers of the first tickets of other boxes."""
    is_critical: bool

    @property
    def number(self) -> int:
        return self.tickets[0].ticket.number

    @property
    def state(self) -> ShownState:
        """That of its tickets; of several the one that has come least far."""
        return min((ticket.state for ticket in self.tickets), key=STATES.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """The build order as boxes in columns, one for each wave, and the lines between them."""

    boxes: Sequence[Box]
    lines: Sequence[tuple[int, int, bool, str]]
    """From and to the box of a number, whether the critical path goes there, and its path."""
    wave_count: int
    height: float
    unconnected: Sequence[WaveTicket]
    """Tickets that wait for none, and none for them: they are in no column."""


def build_order_of(
    waves: Sequence[Sequence[WaveTicket]], chain: Sequence[ListedTicket]
) -> BuildOrder:
    """Lay out waves as columns whose lines go between boxes, never behind one."""
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
    places, routes = _laid_out(numbers, edges)

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
    """Return the tickets that wait for none, which all are in the first wave, and none for them."""
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
"""Number of a box, and the column in which a line from it goes by; its own column: the box."""


def _laid_out(
    columns: Sequence[Sequence[int]], edges: Collection[Edge]
) -> tuple[Mapping[int, float], Mapping[Edge, str]]:
    """Return where each box is from above, and the path of each edge.

    A line over several columns has a lane between the boxes of each; those from one box share it.
    """
    column_of: dict[int, int] = {}
    for position, column in enumerate(columns):
        column_of |= dict.fromkeys(column, position)
    lanes: list[list[Lane]] = []
    for position, column in enumerate(columns):
        lanes.append([(number, position) for number in column])
    neighbours: dict[Lane, set[Lane]] = {}
    for start, end in sorted(edges):
        way = [(start, position) for position in range(column_of[start], column_of[end])]
        way.append((end, column_of[end]))
        for lane in way[1:-1]:
            if lane not in lanes[lane[1]]:
                lanes[lane[1]].append(lane)
        for lane, following in pairwise(way):
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
    """Return the height at which the middle of each lane is, near those it is joined to.

    The columns of `lanes` are sorted by it, from above.
    """
    height = {}
    for column in lanes:
        for lane in column:
            number, position = lane
            height[lane] = BOX_HEIGHT if position == column_of[number] else LANE_HEIGHT
    middles: dict[Lane, float] = {}

    def wanted(lane: Lane) -> float:
        """Return the mean of its neighbours, as far as they have a place already."""
        near = [middles[other] for other in neighbours.get(lane, ()) if other in middles]
        return mean(near) if near else middles.get(lane, 0.0)

    def height_of(column: Iterable[Lane]) -> float:
        return sum(height[lane] + GAP for lane in column)

    whole = max(map(height_of, lanes), default=0.0)
    for sweep in range(SWEEPS):
        # To the right and back, so that both those before and those after pull.
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
    """Return the path of a line: a curve over each gap, straight on along its lanes."""
    y = middles[start, column_of[start]]
    path = f"M{column_of[start] * (BOX_WIDTH + COLUMN_GAP) + BOX_WIDTH} {y:.0f}"
    for position in range(column_of[start] + 1, column_of[end] + 1):
        is_end = position == column_of[end]
        x = position * (BOX_WIDTH + COLUMN_GAP)
        after = middles[end, position] if is_end else middles.get((start, position), 0.0)
        half = x - COLUMN_GAP / 2
        path += f"C{half:.0f} {y:.0f} {half:.0f} {after:.0f} {x} {after:.0f}"
        if not is_end:
            path += f"H{x + BOX_WIDTH}"
        y = after
    return path


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What pictures are made of, and each of them, made when somebody asks."""

    tickets: Sequence[ListedTicket]
    places: Mapping[str, TicketExport]
    marks: Mapping[str, ReadyMark]
    """The last ready mark of each ticket, whether it still holds or not."""
    progress: Mapping[str, ComparedIssue]
    """How far people were with issues at the last comparison, by ticket id."""
    written_at: datetime | None
    now: datetime

    @cached_property
    def states(self) -> Mapping[str, ShownState]:
        """What is shown of each ticket, by id."""
        return {ticket.ticket_id: _STATES[self._state_of(ticket)] for ticket in self.tickets}

    def _state_of(self, ticket: ListedTicket) -> str:
        """Return the key of what is shown of a ticket."""
        place = self.places[ticket.ticket_id]
        if place.state is TicketState.IN_DOUBT:
            return "doubt"
        if place.jira_key:
            issue = self.progress.get(ticket.ticket_id)
            return _OF_STAGE[None if issue is None else issue.stage]
        if isinstance(ticket.exclusion, SentBack):
            return "sent_back"
        if ticket.exclusion:
            return "left_out"
        if ticket.is_ready:
            return "ready"
        return "changed" if ticket.ticket_id in self.marks else "waiting"

    @cached_property
    def kinds(self) -> Mapping[str, Sequence[ListedTicket]]:
        """The tickets of each kind, of which there are most first."""
        by_kind = group_by(self.tickets, lambda ticket: ticket.kind)
        return dict(sorted(by_kind.items(), key=lambda kind: -len(kind[1])))

    def count(self, tickets: Iterable[ListedTicket]) -> Sequence[tuple[ShownState, int]]:
        """Count tickets by state, in the order of the states."""
        counts = Counter(self.states[ticket.ticket_id] for ticket in tickets)
        return [(state, counts[state]) for state in STATES if counts[state]]

    @property
    def is_in_jira(self) -> bool:
        """Whether it is known of an issue how far people are."""
        return any(state.key in _OF_STAGE.values() for state in self.states.values())

    @property
    def course(self) -> ReviewCourse | None:
        """How many tickets waited, by the approvals that hold; None where these are one or two."""
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
        """In which wave each ticket is built: the first after all that it waits for.

        Within a wave, whose tickets can be built beside each other, they come by group. Skipped
        ones are in none.
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
