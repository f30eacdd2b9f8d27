"""Which tickets of the dependency graph share a box, so that a picture has room for hundreds.

Belongs here: closing rows, tickets that wait alike, tickets without a line. Does not: where a box is
(`graph_drawing`), what opens it in a page (`web/pages/graph`).

What shares a box is in one row and one column, so that every line still goes from left to right.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace

from jira_pipeline.documents.graph_drawing import GraphNode, columns_of, edges_of

ALIKE_MIN = 3
"""So many tickets that wait for the same, and are waited for by the same, share a box."""
NAMED_IN_TOOLTIP = 12


def folded(
    nodes: Sequence[GraphNode],
    *,
    opened: Collection[str],
    address_of: Callable[[str], str],
) -> tuple[list[GraphNode], Mapping[str, str]]:
    """Return the boxes where only some rows are open, and the box of each node.

    `opened` has the names of rows, of their parts in one column, as `Content/2`, and the number of
    one ticket of each box whose tickets wait alike; `address_of` leads to the graph with one more.
    """
    columns = columns_of(nodes)
    boxes: dict[Hashable, list[GraphNode]] = defaultdict(list)
    lines = _lines_by_node(nodes)
    alike = Counter((node.lane, lines[node.node_id]) for node in nodes)
    for node in nodes:
        own, lane, column = lines[node.node_id], node.lane, columns[node.node_id]
        if _part_of(node, columns) not in opened and lane not in opened:
            boxes[lane, column].append(node)
        elif not own or alike[lane, own] >= ALIKE_MIN:
            boxes[lane, column, own].append(node)
        else:
            boxes[node.node_id].append(node)
    box_of: dict[str, str] = {}
    kept: list[list[GraphNode]] = []
    for members in boxes.values():
        is_opened = any(str(one.number) in opened for one in members)
        for group in [[one] for one in members] if is_opened else [members]:
            kept.append(group)
            box_of |= {one.node_id: group[0].node_id for one in group}
    order = {node.node_id: place for place, node in enumerate(nodes)}
    kept.sort(key=lambda group: (columns[group[0].node_id], order[group[0].node_id]))
    return [
        replace(
            group[0]
            if len(group) == 1
            else _together(group, address_of(_opener_of(group, columns, opened))),
            column=columns[group[0].node_id],
            depends_on=_boxes_of(group, box_of, [name for one in group for name in one.depends_on]),
            relates_to=_boxes_of(group, box_of, [name for one in group for name in one.relates_to]),
        )
        for group in kept
    ], box_of


def _lines_by_node(nodes: Sequence[GraphNode]) -> dict[str, frozenset[tuple[str, str, bool]]]:
    """Return what each is joined with, and how: equal where two wait alike."""
    lines: dict[str, set[tuple[str, str, bool]]] = {node.node_id: set() for node in nodes}
    for first, later, kind in edges_of(nodes):
        lines[first].add((later, kind, False))
        lines[later].add((first, kind, True))
    return {name: frozenset(joined) for name, joined in lines.items()}


def _boxes_of(
    group: Sequence[GraphNode], box_of: Mapping[str, str], names: Sequence[str]
) -> tuple[str, ...]:
    own = group[0].node_id
    found = dict.fromkeys(box_of[name] for name in names if name in box_of)
    return tuple(name for name in found if name != own)


def _part_of(node: GraphNode, columns: Mapping[str, int]) -> str:
    return f"{node.lane}/{columns[node.node_id]}"


def _opener_of(
    group: Sequence[GraphNode], columns: Mapping[str, int], opened: Collection[str]
) -> str:
    """Name what opens a box: its part of the row, else one of the tickets that wait alike."""
    part = _part_of(group[0], columns)
    return str(group[0].number) if group[0].lane in opened or part in opened else part


def _together(group: Sequence[GraphNode], address: str) -> GraphNode:
    first = group[0]
    states = Counter(node.mark for node in group)
    shown = " ".join(f"{mark}\N{NO-BREAK SPACE}{count}" for mark, count in states.items())
    names = [f"{node.number} {node.tooltip}" for node in group[:NAMED_IN_TOOLTIP]]
    more = [f"and {len(group) - len(names)} more"] if len(group) > len(names) else []
    classes = {node.css_class for node in group}
    return replace(
        first,
        label=f"{len(group)} tickets: {shown}",
        tooltip="\n".join([*names, *more]),
        href=address,
        css_class=classes.pop() if len(classes) == 1 else "several",
        mark="",
        ticket_count=len(group),
    )
