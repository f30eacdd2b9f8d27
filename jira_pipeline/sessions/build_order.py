"""The build order of tickets as a drawing: waves from left to right, and lines between them.

Belongs here: where each box is and which way each line takes. Does not: which wave a ticket is in
(`model/dependencies`), how it looks (`model/look/templates/pictures.html`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.sessions.shown_states import STATES, ShownState


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
    numbers_apart = {ticket.ticket.number for ticket in unconnected}
    connected = []
    for wave in waves:
        connected.append([ticket for ticket in wave if ticket.ticket.number not in numbers_apart])
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
    places, routes = _lay_out(list(map(_first_numbers, columns)), edges)

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


def _first_numbers(column: Sequence[Sequence[WaveTicket]]) -> list[int]:
    """Return the number of the first ticket of each box of a column."""
    return [tickets[0].ticket.number for tickets in column]


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
