"""The dependency graph as an SVG drawing: along every line, what is built first is on the left.

Belongs here: columns, order within a column, coordinates, the course of lines. Does not: which edges
there are (`grouping`), which tickets share a box (`graph_folding`), the page around it.

A row is a group of tickets, a column a step: what is in one waits for nothing in the same. A line
that passes columns has a place of its own in each, so that it runs behind no box; lines of one
ticket share it.
"""

import textwrap
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Protocol

WIDTH = 1_216
"""What a page has on a screen of 1,280: boxes become narrower where there are many columns."""
BOX_WIDTH_MIN, BOX_WIDTH_MAX = 100, 216
BOX_HEIGHT = 26
LINE_HEIGHT = 15
COLUMN_GAP, COLUMN_GAP_MIN = 40, 24
COLUMNS_APART = 8
"""With more of them the lines get less room than the words."""
ROW_GAP = 8
MARGIN = 12
LANE_HEAD = 26
LANE_GAP = 14
PASSAGE_HEIGHT = 5
"""Of the place a line has in a column that it passes."""
CHARACTER_WIDTH = 7.1
LABEL_LINES = 4
SWEEPS = 6
# More sweeps did not change the drawing of data with 84 nodes.


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """One box: a ticket, or several."""

    node_id: str
    label: str
    tooltip: str
    href: str
    css_class: str
    depends_on: tuple[str, ...]
    """Solid lines; the other must be in the graph."""
    relates_to: tuple[str, ...] = ()
    """Dashed lines."""
    number: int = 0
    mark: str = ""
    """A sign that says its state without a colour."""
    lane: str = ""
    """The row it is in."""
    column: int | None = None
    """None: found by its lines."""
    ticket_count: int = 1

    @property
    def name(self) -> str:
        """Name it in the drawing, where lines name hundreds: as short as can be."""
        return str(self.number or self.node_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The head of a row."""

    name: str
    label: str
    href: str = ""
    """What opens or closes it; empty where nothing does."""


class Waits(Protocol):
    """A ticket that waits for others."""

    @property
    def ticket_id(self) -> str:
        """Its id."""
        ...

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Ids of those it waits for."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class _Place:
    """What takes room in a column: a box, or a line that passes."""

    lane: int
    column: int
    height: int
    node: GraphNode | None = None
    label: Sequence[str] = ()
    left: list["_Place"] = field(default_factory=list)
    right: list["_Place"] = field(default_factory=list)
    order: float = 0.0
    top: float = 0.0

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """A part of a line, between two columns; it may be of several lines of one ticket."""

    css_class: str
    start: _Place
    end: _Place
    source: str
    targets: tuple[str, ...]


def ids_around(tickets: Iterable[Waits], ticket_id: str) -> set[str]:
    """Return the tickets on the paths through one: those it waits for, it, those that wait for it."""
    before = {ticket.ticket_id: set(ticket.depends_on) for ticket in tickets}
    after: dict[str, set[str]] = {name: set() for name in before}
    for name, others in before.items():
        for other in others & before.keys():
            after[other].add(name)
    found = {ticket_id}
    for steps in (before, after):
        reached, pending = {ticket_id}, [ticket_id]
        while pending:
            further = (steps.get(pending.pop(), set()) & before.keys()) - reached
            reached |= further
            pending += further
        found |= reached
    return found


def edges_of(nodes: Sequence[GraphNode]) -> list[tuple[str, str, str]]:
    """Return the lines: what is built first, what comes later, and the kind, `dep` or `rel`."""
    place_of = {node.node_id: place for place, node in enumerate(nodes)}
    blocking = [(other, node.node_id, "dep") for node in nodes for other in node.depends_on]
    relating = {
        frozenset(pair): (*sorted(pair, key=place_of.__getitem__), "rel")
        for node in nodes
        for other in node.relates_to
        if other in place_of
        for pair in [(other, node.node_id)]
    }
    every = [edge for edge in (*blocking, *relating.values()) if edge[0] != edge[1]]
    return [(a, b, kind) for a, b, kind in dict.fromkeys(every) if a in place_of and b in place_of]


def columns_of(nodes: Sequence[GraphNode]) -> dict[str, int]:
    """Return the column of each: one more than the last that is built before it and has a line to it.

    The nodes come in an order in which what is depended on is first.
    """
    before: dict[str, list[str]] = defaultdict(list)
    for first, later, _ in edges_of(nodes):
        before[later].append(first)
    columns: dict[str, int] = {}
    for node in nodes:
        known = [columns[other] for other in before[node.node_id] if other in columns]
        columns[node.node_id] = 1 + max(known, default=-1)
    return columns


def draw_graph(
    nodes: Sequence[GraphNode],
    *,
    lanes: Sequence[Lane] = (),
    chain: Sequence[str] = (),
    page_width: int = WIDTH,
) -> str:
    """Draw nodes that have a line, or stand for several tickets; an empty string where none does.

    The nodes must come in an order in which what is depended on is first; those of `chain` are
    marked, with the lines between neighbours. Boxes carry their node as `data-node`, lines what they
    join as `data-from` and `data-to`, the latter with several names where lines share their way.
    """
    edges = edges_of(nodes)
    connected = {name for first, later, _ in edges for name in (first, later)}
    drawn = [node for node in nodes if node.node_id in connected or node.ticket_count > 1]
    if not drawn:
        return ""
    given = columns_of(drawn)
    given |= {node.node_id: node.column for node in drawn if node.column is not None}
    squeezed = {column: place for place, column in enumerate(sorted({*given.values()}))}
    column_of = {name: squeezed[column] for name, column in given.items()}
    count = len(squeezed)
    gap = COLUMN_GAP if count <= COLUMNS_APART else COLUMN_GAP_MIN
    room = (page_width - 2 * MARGIN - (count - 1) * gap) // count
    box_width = max(BOX_WIDTH_MIN, min(BOX_WIDTH_MAX, room))
    lane_names = list(dict.fromkeys([*(lane.name for lane in lanes), *(n.lane for n in drawn)]))
    lane_names = [name for name in lane_names if any(node.lane == name for node in drawn)]
    boxes = {
        node.node_id: _box_of(node, lane_names.index(node.lane), column_of[node.node_id], box_width)
        for node in drawn
    }
    segments, passages = _routed(edges, boxes)
    columns: list[list[_Place]] = [[] for _ in range(count)]
    for place in (*boxes.values(), *passages):
        columns[place.column].append(place)
    _put_in_order(columns)
    heads = {lane.name: lane for lane in lanes}
    tops, height = _stacked(columns, lane_names, heads)
    left = [MARGIN + place * (box_width + gap) for place in range(count)]
    width = left[-1] + box_width + MARGIN
    steps = {*pairwise(chain)}
    names = {node.node_id: node.name for node in drawn}
    parts = [
        *_heads(lane_names, heads, tops, width),
        *(_line(each, left, box_width, steps, names) for each in segments),
        *(_box(each, left, box_width, chain) for each in boxes.values()),
    ]
    return (
        f'<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="group" aria-label="Dependency graph">{"".join(parts)}</svg>'
    )


def _box_of(node: GraphNode, lane: int, column: int, box_width: int) -> _Place:
    characters = int((box_width - 14) / CHARACTER_WIDTH)
    text = f"{node.mark} {node.label}" if node.mark else node.label
    label = textwrap.wrap(text, characters, max_lines=LABEL_LINES, placeholder=" …") or [text]
    height = BOX_HEIGHT + (len(label) - 1) * LINE_HEIGHT
    return _Place(lane=lane, column=column, height=height, node=node, label=label)


def _routed(
    edges: Iterable[tuple[str, str, str]], boxes: Mapping[str, _Place]
) -> tuple[list[_Segment], list[_Place]]:
    """Give every line its way from column to column, and a place in each that it passes."""
    of_source: dict[tuple[str, str], list[str]] = defaultdict(list)
    for first, later, kind in edges:
        of_source[first, kind].append(later)
    segments: list[_Segment] = []
    passages: list[_Place] = []
    for (source, kind), targets in of_source.items():
        here = boxes[source]
        for column in range(here.column + 1, 1 + max(boxes[name].column for name in targets)):
            beyond = tuple(name for name in targets if boxes[name].column > column)
            ends: list[tuple[_Place, tuple[str, ...]]] = [
                (boxes[name], (name,)) for name in targets if boxes[name].column == column
            ]
            if beyond:
                passage = _Place(lane=boxes[source].lane, column=column, height=PASSAGE_HEIGHT)
                passages.append(passage)
                ends.append((passage, beyond))
            for end, served in ends:
                here.right.append(end)
                end.left.append(here)
                segments.append(
                    _Segment(css_class=kind, start=here, end=end, source=source, targets=served)
                )
            if beyond:
                here = passage
        segments += [  # of tickets in no order of building
            _Segment(css_class=kind, start=boxes[source], end=boxes[n], source=source, targets=(n,))
            for n in targets
            if boxes[n].column <= boxes[source].column
        ]
    return segments, passages


def _put_in_order(columns: Sequence[list[_Place]]) -> None:
    """Order each column by where the lines of its places come from, row by row."""
    for column in columns:
        column.sort(key=lambda place: place.lane)
    for sweep in range(SWEEPS):
        for column in columns:
            for number, place in enumerate(column):
                place.order = (number + 0.5) / len(column)
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            wanted = {
                place: _mean([other.order for other in (*place.left, *place.right)], place.order)
                for place in column
            }
            column.sort(key=lambda place, wanted=wanted: (place.lane, wanted[place]))  # type: ignore[misc]
            for number, place in enumerate(column):
                place.order = (number + 0.5) / len(column)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _stacked(
    columns: Sequence[Sequence[_Place]], lane_names: Sequence[str], heads: Mapping[str, Lane]
) -> tuple[list[int], int]:
    """Give each place its height in the drawing; return where rows begin, and where all ends."""
    tops, top = [], MARGIN
    for lane, name in enumerate(lane_names):
        stacks = [[place for place in column if place.lane == lane] for column in columns]
        room = max(map(_height_of, stacks))
        tops.append(top)
        top += LANE_HEAD if name in heads else 0
        for stack in stacks:
            _move(stack, [place.top for place in stack], top, room, is_first=True)
        for sweep in range(SWEEPS):
            for stack in stacks if sweep % 2 == 0 else stacks[::-1]:
                towards = (
                    [other.middle for other in (*p.left, *p.right) if other.lane == lane]
                    for p in stack
                )
                wanted = [
                    _mean(middles, place.middle) - place.height / 2
                    for place, middles in zip(stack, towards, strict=True)
                ]
                _move(stack, wanted, top, room)
        top += room + LANE_GAP
    return tops, top - LANE_GAP + MARGIN


def _height_of(stack: Sequence[_Place]) -> int:
    return sum(place.height + ROW_GAP for place in stack) - ROW_GAP if stack else 0


def _move(
    stack: Sequence[_Place], wanted: Sequence[float], top: int, room: int, *, is_first: bool = False
) -> None:
    """Move places as near as can be to where they are wanted, in their order, none over another.

    Source: pool adjacent violators (Ayer and others, 1955): the least squares of all moves.
    """
    spare = room - _height_of(stack)
    offset, pools = 0.0, list[list[float]]()
    offsets = []
    for place, at in zip(stack, wanted, strict=True):
        offsets.append(offset)
        pools.append([top + spare / 2 if is_first else at - offset, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, weight = pools.pop()
            before = pools[-1]
            before[0] = (before[0] * before[1] + value * weight) / (before[1] + weight)
            before[1] += weight
        offset += place.height + ROW_GAP
    starts = (min(max(value, top), top + spare) for value, size in pools for _ in range(int(size)))
    for place, start, down in zip(stack, starts, offsets, strict=True):
        place.top = start + down


def _heads(
    names: Sequence[str], heads: Mapping[str, Lane], tops: Sequence[int], width: int
) -> Iterator[str]:
    for name, top in zip(names, tops, strict=True):
        if name not in heads:
            continue
        head = heads[name]
        text = f'<text x="{MARGIN}" y="{top + 14}">{escape(head.label)}</text>'
        yield f'<path class="lane" d="M0 {top - 5}H{width}"/>'
        if head.href:
            text = f'<a href="{escape(head.href)}" data-lane="{escape(name)}" data-opens="{escape(name)}">{text}</a>'
        yield f'<g class="lane">{text}</g>'


def _line(
    segment: _Segment,
    left: Sequence[int],
    box_width: int,
    steps: Collection[tuple[str, str]],
    names: Mapping[str, str],
) -> str:
    start, end = segment.start, segment.end
    start_x, end_x = left[start.column] + box_width, left[end.column]
    start_y, end_y = round(start.middle, 1), round(end.middle, 1)
    bend = max(12, abs(end_x - start_x) // 2)
    on_way = "" if end.node is not None else f"H{end_x + box_width}"
    is_step = segment.css_class == "dep" and any(
        (segment.source, target) in steps for target in segment.targets
    )
    targets = " ".join(names[target] for target in segment.targets)
    return (
        f'<path class="{segment.css_class}{" chain" if is_step else ""}" '
        f'd="M{start_x} {start_y:g}C{start_x + bend} {start_y:g} {end_x - bend} {end_y:g} '
        f'{end_x} {end_y:g}{on_way}" data-from="{escape(names[segment.source])}" '
        f'data-to="{escape(targets)}"/>'
    )


def _box(place: _Place, left: Sequence[int], box_width: int, chain: Collection[str]) -> str:
    node, x, y = place.node, left[place.column], round(place.top)
    assert node is not None  # noqa: S101 - of a box
    texts = "".join(
        f'<text x="{x + 7}" y="{y + 17 + number * LINE_HEIGHT}">{escape(line)}</text>'
        for number, line in enumerate(place.label)
    )
    size = f'width="{box_width}" height="{place.height}" rx="5"'
    behind = f'<rect x="{x + 4}" y="{y + 4}" {size}/>' if node.ticket_count > 1 else ""
    css_class = f"{node.css_class} chain" if node.node_id in chain else node.css_class
    opens = f' data-opens="{escape(node.name)}"' if node.ticket_count > 1 else ""
    return (
        f'<a href="{escape(node.href)}" data-node="{escape(node.name)}"{opens}>'
        f'<g class="{escape(css_class)}"><title>{escape(node.tooltip)}</title>'
        f'{behind}<rect x="{x}" y="{y}" {size}/>{texts}</g></a>'
    )
