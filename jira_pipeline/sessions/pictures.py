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
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.exports import ComparedIssue
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.target_shares import TicketExport
from jira_pipeline.model.tickets import ListedTicket, SentBack, Skipped, TicketState
from jira_pipeline.review.hours import CriticalPath, HourSum, critical_path, hours_of
from jira_pipeline.review.marks import ReadyMark
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.ticket_selection import startable


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
    seen_at = now if left else decided[-1]
    ahead = (seen_at - decided[0]) * (left / len(decided))
    is_foreseen = ahead <= AHEAD_MAX
    done_at = seen_at + ahead if is_foreseen else seen_at

    def at(time: datetime, waiting: int) -> tuple[float, float]:
        x = COURSE_WIDTH * ((time - began) / (done_at - began))
        return round(x), round(COURSE_HEIGHT * (1 - waiting / total), 1)

    waits = [(began, total)]
    waits += [(time, total - n) for n, time in enumerate(decided, start=1)]
    # One step for each pixel: of ten thousand tickets it is no longer.
    steps = dict(at(*each) for each in (*waits, (seen_at, left)))
    return ReviewCourse(
        total=total,
        left=left,
        path="M0 0" + "".join(f"H{x}V{y}" for x, y in steps.items()),
        now=at(seen_at, left),
        began=_day(began, seen=now),
        done=_day(done_at, seen=now) if is_foreseen else None,
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
        return min((one.state for one in self.tickets), key=STATES.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """The build order as boxes in columns, one for each wave, and the lines between them."""

    boxes: Sequence[Box]
    lines: Sequence[tuple[int, int, bool, str]]
    """From and to the box of a number, whether the critical path goes there, and its path."""
    wave_count: int
    height: float
    apart: Sequence[WaveTicket]
    """Tickets that wait for none, and none for them: they are in no column."""


def build_order_of(
    waves: Sequence[Sequence[WaveTicket]], chain: Sequence[ListedTicket]
) -> BuildOrder:
    """Lay out waves as columns whose lines go between boxes, never behind one."""
    awaited = {other.number for wave in waves for one in wave for other in one.waits_for}
    apart = [o for o in waves[0] if o.ticket.number not in awaited] if waves else []
    joined = [[one for one in wave if one not in apart] for wave in waves]
    is_by_kind = sum(map(len, joined)) > DRAWN_MAX
    columns = [
        list(grouped(w, lambda o: o.ticket.kind if is_by_kind else o.name).values()) for w in joined
    ]
    box_of = {o.ticket.number: box[0].ticket.number for c in columns for box in c for o in box}
    edges = {
        (box_of[other.number], box_of[one.ticket.number])
        for wave in joined
        for one in wave
        for other in one.waits_for
    }
    critical = {(box_of[a.number], box_of[b.number]) for a, b in pairwise(chain)}
    numbers = [[box[0].ticket.number for box in column] for column in columns]
    places, routes = _laid_out(numbers, edges)
    boxes = []
    for column, wave in enumerate(columns):
        for box in wave:
            ticket = box[0].ticket
            number = box[0].ticket.number
            called = str(ticket.number)
            name = ticket.short_title
            under = ticket.kind
            if is_by_kind:
                done = sum(one.state.key in {"ready", "done"} for one in box)
                called = str(len(box))
                name = ticket.kind
                under = f"{done} of {len(box)} ✓"
            boxes.append(
                Box(
                    tickets=box,
                    called=called,
                    name=name,
                    under=under,
                    x=column * (BOX_WIDTH + COLUMN_GAP),
                    y=places[number],
                    waits_for=sorted(before for before, after in edges if after == number),
                    is_critical=any(number in pair for pair in critical),
                )
            )
    return BuildOrder(
        boxes=boxes,
        lines=[(*edge, edge in critical, routes[edge]) for edge in sorted(edges)],
        wave_count=len(waves),
        height=max((box.y for box in boxes), default=0) + BOX_HEIGHT,
        apart=apart,
    )


Lane = tuple[int, int]
"""Number of a box, and the column in which a line from it goes by; its own column: the box."""


def _laid_out(
    columns: Sequence[Sequence[int]], edges: Collection[tuple[int, int]]
) -> tuple[Mapping[int, float], Mapping[tuple[int, int], str]]:
    """Return where each box is from above, and the path of each edge.

    A line over several columns has a lane between the boxes of each; those from one box share it.
    """
    column_of = {number: n for n, column in enumerate(columns) for number in column}
    lanes: list[list[Lane]] = [[(number, n) for number in c] for n, c in enumerate(columns)]
    steps = set[tuple[Lane, Lane]]()
    for start, end in sorted(edges):
        way = [
            *((start, n) for n in range(column_of[start], column_of[end])),
            (end, column_of[end]),
        ]
        steps |= {*pairwise(way)}
        for lane in way[1:-1]:
            if lane not in lanes[lane[1]]:
                lanes[lane[1]].append(lane)
    beside = grouped((*steps, *((b, a) for a, b in steps)), lambda step: step[0])
    height: dict[Lane, float] = {
        lane: BOX_HEIGHT if lane[1] == column_of[lane[0]] else LANE_HEIGHT
        for column in lanes
        for lane in column
    }
    middle: dict[Lane, float] = {}

    def wanted(lane: Lane) -> float:
        near = [middle[other] for _, other in beside.get(lane, ()) if other in middle]
        return mean(near) if near else middle.get(lane, 0.0)

    whole = max((sum(height[lane] + GAP for lane in column) for column in lanes), default=0.0)
    for sweep in range(SWEEPS):
        for column in lanes if sweep % 2 == 0 else reversed(lanes):
            column.sort(key=wanted)
            rest = sum(height[lane] + GAP for lane in column)
            top = 0.0
            for lane in column:
                top = max(top, min(wanted(lane) - height[lane] / 2, whole - rest))
                middle[lane] = top + height[lane] / 2
                top, rest = top + height[lane] + GAP, rest - height[lane] - GAP
    routes = {}
    for start, end in edges:
        y = middle[start, column_of[start]]
        path = f"M{column_of[start] * (BOX_WIDTH + COLUMN_GAP) + BOX_WIDTH} {y:.0f}"
        for n in range(column_of[start] + 1, column_of[end] + 1):
            x = n * (BOX_WIDTH + COLUMN_GAP)
            after = middle.get((start, n), 0.0)
            after = middle[end, n] if n == column_of[end] else after
            half = x - COLUMN_GAP / 2
            path += f"C{half:.0f} {y:.0f} {half:.0f} {after:.0f} {x} {after:.0f}"
            path, y = path + (f"H{x + BOX_WIDTH}" if n < column_of[end] else ""), after
        routes[start, end] = path
    return {number: middle[number, n] - BOX_HEIGHT / 2 for number, n in column_of.items()}, routes


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
        place = self.places[ticket.ticket_id]
        issue = self.progress.get(ticket.ticket_id)
        cases = (
            (place.state is TicketState.IN_DOUBT, "doubt"),
            (place.jira_key, _OF_STAGE[None if issue is None else issue.stage]),
            (isinstance(ticket.exclusion, SentBack), "sent_back"),
            (ticket.exclusion, "left_out"),
            (ticket.is_ready, "ready"),
            (ticket.ticket_id in self.marks, "changed"),
            (True, "waiting"),
        )
        return next(key for holds, key in cases if holds)

    @cached_property
    def kinds(self) -> Mapping[str, Sequence[ListedTicket]]:
        """The tickets of each kind, of which there are most first."""
        found = grouped(self.tickets, lambda ticket: ticket.kind)
        return dict(sorted(found.items(), key=lambda kind: -len(kind[1])))

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
        counted = [one for one in self.tickets if one.exclusion is None]
        ready = (one for one in counted if one.is_ready and one.ticket_id in self.marks)
        return course_of(
            sorted(self.marks[one.ticket_id].at for one in ready),
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
            wave = max((wave_of[one.ticket_id] + 1 for one in before), default=0)
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
            wave_tickets.sort(key=lambda one: groups.index(one.ticket.display_group))
        return waves

    @cached_property
    def critical_path(self) -> CriticalPath:
        return critical_path(self._in_order)

    @cached_property
    def startable(self) -> Mapping[bool, HourSum]:
        """The hours of tickets that can begin now, by whether they have open questions."""
        ids = startable(self.tickets, self.progress)
        tickets = [ticket for ticket in self.tickets if ticket.ticket_id in ids]
        return {
            asks: hours_of(each for each in tickets if bool(each.unanswered_count) is asks)
            for asks in (False, True)
        }

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
