"""The dependency graph as an SVG drawing: along every line, what is built first is on the left.

Belongs here: layers, order within a layer, coordinates. Does not: which edges there are
(`grouping`), the page around it (`export/pages`).
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

BOX_WIDTH = 216
BOX_HEIGHT = 26
LINE_HEIGHT = 15
COLUMN_GAP = 90
ROW_GAP = 8
MARGIN = 12
LABEL_CHARACTERS = 30
"""In one line of a box; a longer label gets a second one."""
SWEEPS = 6
# More sweeps did not change the drawing of data with 84 nodes.


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """One box: a ticket."""

    node_id: str
    label: str
    tooltip: str
    href: str
    css_class: str
    depends_on: tuple[str, ...]
    """Solid lines; the other must be in the graph."""
    relates_to: tuple[str, ...] = ()
    """Dashed lines."""


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


def draw_graph(nodes: Sequence[GraphNode]) -> str:
    """Draw nodes that have a line; return an empty string when none has.

    The nodes must come in an order in which what is depended on is first. Boxes carry their node
    as `data-node`, lines what they join as `data-from` and `data-to`.
    """
    by_id = {node.node_id: node for node in nodes}
    blocking = [
        (node, other) for node in nodes for other in node.depends_on if other != node.node_id
    ]
    relating = {
        frozenset((node.node_id, other)): (node, other)
        for node in nodes
        for other in node.relates_to
        if other != node.node_id
    }.values()
    edges = [(node, other) for node, other in (*blocking, *relating) if other in by_id]
    connected = {name for node, other in edges for name in (node.node_id, other)}
    drawn = [node for node in nodes if node.node_id in connected]
    if not drawn:
        return ""
    line_count = max(len(_lines_of(node.label)) for node in drawn)
    box_height = BOX_HEIGHT + (line_count - 1) * LINE_HEIGHT
    places = _places(drawn, box_height=box_height)
    width = max(x for x, _ in places.values()) + BOX_WIDTH + MARGIN
    height = max(y for _, y in places.values()) + box_height + MARGIN
    lines = [_line(places, node, other, "dep", box_height) for node, other in blocking]
    dashed = [_line(places, node, other, "rel", box_height) for node, other in relating]
    boxes = [_box(node, places[node.node_id], box_height) for node in drawn]
    return (
        f'<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="group" aria-label="Dependency graph">{"".join((*lines, *dashed, *boxes))}</svg>'
    )


def _places(nodes: Sequence[GraphNode], *, box_height: int) -> dict[str, tuple[int, int]]:
    """Give every node the upper left corner of its box."""
    layers = _layers(nodes)
    columns: list[list[str]] = [[] for _ in range(max(layers.values()) + 1)]
    for node in nodes:
        columns[layers[node.node_id]].append(node.node_id)
    neighbours: dict[str, list[str]] = {node.node_id: [] for node in nodes}
    for node in nodes:
        for other in node.depends_on:
            if other in neighbours:
                neighbours[node.node_id].append(other)
                neighbours[other].append(node.node_id)
    for sweep in range(SWEEPS):
        ordered = columns if sweep % 2 == 0 else columns[::-1]
        for column in ordered:
            # Position of a node within its column, from 0 to 1.
            ranks = {
                node_id: (row + 0.5) / len(column)
                for column in columns
                for row, node_id in enumerate(column)
            }
            column.sort(key=lambda n, r=ranks: (_barycentre(n, neighbours, r), n))  # type: ignore[misc]
    tallest = max(len(column) for column in columns)
    row_height = box_height + ROW_GAP
    return {
        node_id: (
            MARGIN + index * (BOX_WIDTH + COLUMN_GAP),
            MARGIN + row * row_height + (tallest - len(column)) * row_height // 2,
        )
        for index, column in enumerate(columns)
        for row, node_id in enumerate(column)
    }


def _layers(nodes: Sequence[GraphNode]) -> dict[str, int]:
    """Layer of a node: one more than the deepest that is built before it and has a line to it."""
    related: dict[str, set[str]] = {node.node_id: set(node.relates_to) for node in nodes}
    for node in nodes:
        for other in node.relates_to:
            related.setdefault(other, set()).add(node.node_id)
    layers: dict[str, int] = {}
    for node in nodes:
        joined = (*node.depends_on, *related[node.node_id])
        depths = [layers[other] for other in joined if other in layers]
        layers[node.node_id] = 1 + max(depths, default=-1)
    return layers


def _barycentre(
    node_id: str, neighbours: Mapping[str, Sequence[str]], ranks: Mapping[str, float]
) -> float:
    around = [ranks[other] for other in neighbours[node_id]]
    return sum(around) / len(around) if around else ranks[node_id]


def _line(
    places: Mapping[str, tuple[int, int]],
    node: GraphNode,
    other: str,
    css_class: str,
    box_height: int,
) -> str:
    if other not in places:
        return ""
    (from_x, from_y), (to_x, to_y) = places[other], places[node.node_id]
    start_x, start_y = from_x + BOX_WIDTH, from_y + box_height // 2
    end_x, end_y = to_x, to_y + box_height // 2
    bend = max(40, abs(end_x - start_x) // 2)
    path = f"M{start_x} {start_y}C{start_x + bend} {start_y} {end_x - bend} {end_y} {end_x} {end_y}"
    return (
        f'<path class="{css_class}" d="{path}" data-from="{escape(other)}" '
        f'data-to="{escape(node.node_id)}"/>'
    )


def _box(node: GraphNode, place: tuple[int, int], box_height: int) -> str:
    x, y = place
    lines = _lines_of(node.label)
    top = y + (box_height - (len(lines) - 1) * LINE_HEIGHT) // 2 + 4
    texts = "".join(
        f'<text x="{x + 8}" y="{top + number * LINE_HEIGHT}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<a href="{escape(node.href)}" data-node="{escape(node.node_id)}">'
        f'<g class="{escape(node.css_class)}">'
        f"<title>{escape(node.tooltip)}</title>"
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{box_height}" rx="5"/>'
        f"{texts}</g></a>"
    )


def _lines_of(label: str) -> list[str]:
    """Return a label in at most two lines; what has no room in them is in the tooltip."""
    lines = textwrap.wrap(label, LABEL_CHARACTERS, max_lines=2, placeholder=" …")
    return lines or [label]
