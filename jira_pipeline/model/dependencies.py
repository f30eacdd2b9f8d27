"""Graph algorithms over names: components, cycle breaking, build order, transitive reduction.

Belongs here: pure functions over nodes and edges, all iterative, so that depth is no limit. Does
not: which entity depends on which (`tickets/grouping/rules`), or links in Jira (`export/links`).
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One node waits for another."""

    dependent: str
    dependency: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCycles:
    """What is left of a graph when no cycle remains."""

    kept: tuple[Edge, ...]
    """In the order given; without a cycle."""
    deferred: tuple[Edge, ...]
    """Optional edges that were dropped, in the order given."""
    deferred_required: tuple[Edge, ...]
    """Required edges that were dropped because they are cyclic among themselves."""


def components_of(
    nodes: Sequence[str], successors: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    """Return the strongly connected components, a component after those it leads to.

    Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972; without recursion.
    """
    search = _ComponentSearch(successors)
    for node in nodes:
        if node not in search.index_of:
            search.explore(node)
    return tuple(search.components)


def break_cycles(order: Sequence[str], edges: Sequence[Edge]) -> BrokenCycles:
    """Drop edges until no cycle is left: optional ones first, required ones only among themselves.

    Inside a component the nodes are put in the order their required edges force, and in `order`
    where these leave a choice; the optional edges that run against it are dropped. Where required
    edges alone are cyclic, the lowest-ranked one is dropped: of those that run against `order`,
    the one whose dependency comes last in it.
    """
    rank_of = {node: rank for rank, node in enumerate(order)}
    dropped: set[Edge] = set()
    for component, inner in _cyclic_parts(order, edges):
        required = [edge for edge in inner if edge.is_required]
        dropped |= _cyclic_required(component, required, rank_of)
        forced = _topological(component, _pairs(e for e in required if e not in dropped))
        place_of = {node: place for place, node in enumerate(forced)}
        dropped.update(
            edge
            for edge in inner
            if not edge.is_required and place_of[edge.dependent] < place_of[edge.dependency]
        )
    return BrokenCycles(
        kept=tuple(e for e in edges if e not in dropped),
        deferred=tuple(e for e in edges if e in dropped and not e.is_required),
        deferred_required=tuple(e for e in edges if e in dropped and e.is_required),
    )


def build_order(order: Sequence[str], edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return the nodes so that dependencies come first and the rest keeps `order`.

    Of the nodes whose dependencies are placed, the earliest in `order` is placed next.

    Raises:
        ValueError: The edges have a cycle, or name a node that is not in `order`.
    """
    return _topological(order, _pairs(edges))


def path_between(
    start: str, end: str, successors: Mapping[str, Sequence[str]]
) -> tuple[str, ...] | None:
    """Return a path from one node to another, both ends included, or None where there is none."""
    came_from: dict[str, str | None] = {start: None}
    waiting = [start]
    while waiting:
        current = waiting.pop()
        if current == end:
            path = [end]
            while (step := came_from[path[-1]]) is not None:
                path.append(step)
            return tuple(reversed(path))
        for following in successors.get(current, ()):
            if following not in came_from:
                came_from[following] = current
                waiting.append(following)
    return None


def implied_edges(order: Sequence[str], edges: Sequence[Edge]) -> frozenset[tuple[str, str]]:
    """Return the (dependent, dependency) pairs that other edges imply (transitive reduction).

    `order` has dependencies first, as `build_order` returns. What a node reaches is one integer
    used as a set of bits: 8,400 nodes need 9 MB and a few milliseconds.
    """
    place_of = {node: place for place, node in enumerate(order)}
    dependencies: dict[str, set[int]] = {}
    for edge in edges:
        dependencies.setdefault(edge.dependent, set()).add(place_of[edge.dependency])
    reached: list[int] = []
    implied: set[tuple[str, str]] = set()
    for node in order:
        covered = 0
        for place in sorted(dependencies.get(node, ()), reverse=True):
            if covered >> place & 1:
                implied.add((node, order[place]))
            else:
                covered |= reached[place] | 1 << place
        reached.append(covered)
    return frozenset(implied)


class _ComponentSearch:
    """One run of Tarjan's algorithm; the stack of calls is a list."""

    def __init__(self, successors: Mapping[str, Sequence[str]]) -> None:
        self.index_of: dict[str, int] = {}
        self.components: list[tuple[str, ...]] = []
        self._successors = successors
        self._low: dict[str, int] = {}
        self._open: list[str] = []
        self._is_open: set[str] = set()

    def explore(self, root: str) -> None:
        """Visit everything that is reached from a node."""
        self._enter(root)
        path = [(root, iter(self._successors.get(root, ())))]
        while path:
            node, remaining = path[-1]
            for successor in remaining:
                if successor not in self.index_of:
                    self._enter(successor)
                    path.append((successor, iter(self._successors.get(successor, ()))))
                    break
                if successor in self._is_open:
                    self._low[node] = min(self._low[node], self.index_of[successor])
            else:
                path.pop()
                self._leave(node, parent=path[-1][0] if path else None)

    def _enter(self, node: str) -> None:
        self.index_of[node] = self._low[node] = len(self.index_of)
        self._open.append(node)
        self._is_open.add(node)

    def _leave(self, node: str, *, parent: str | None) -> None:
        if parent is not None:
            self._low[parent] = min(self._low[parent], self._low[node])
        if self._low[node] != self.index_of[node]:
            return
        component: list[str] = []
        while not component or component[-1] != node:
            component.append(self._open.pop())
            self._is_open.remove(component[-1])
        self.components.append(tuple(reversed(component)))


def _pairs(edges: Iterable[Edge]) -> list[tuple[str, str]]:
    return [(edge.dependent, edge.dependency) for edge in edges]


def _cyclic_parts(
    order: Sequence[str], edges: Sequence[Edge]
) -> list[tuple[tuple[str, ...], list[Edge]]]:
    """Return each component of several nodes, in `order`, with the edges inside it."""
    successors: dict[str, list[str]] = {}
    for edge in edges:
        successors.setdefault(edge.dependent, []).append(edge.dependency)
    rank_of = {node: rank for rank, node in enumerate(order)}
    parts: dict[int, list[str]] = {}
    part_of: dict[str, int] = {}
    for number, component in enumerate(components_of(order, successors)):
        if len(component) > 1:
            parts[number] = sorted(component, key=rank_of.__getitem__)
            part_of.update(dict.fromkeys(component, number))
    inner: dict[int, list[Edge]] = {number: [] for number in parts}
    for edge in edges:
        part = part_of.get(edge.dependent)
        if part is not None and part == part_of.get(edge.dependency):
            inner[part].append(edge)
    return [(tuple(nodes), inner[number]) for number, nodes in parts.items()]


def _cyclic_required(
    order: Sequence[str], edges: Sequence[Edge], rank_of: Mapping[str, int]
) -> set[Edge]:
    """Return the required edges to drop so that the rest has no cycle: one a component a round."""
    dropped: set[Edge] = set()
    waiting = _cyclic_parts(order, edges)
    while waiting:
        nodes, inner = waiting.pop()
        lowest = max(
            (edge for edge in inner if rank_of[edge.dependent] < rank_of[edge.dependency]),
            key=lambda edge: (rank_of[edge.dependency], rank_of[edge.dependent]),
        )
        dropped.add(lowest)
        waiting += _cyclic_parts(nodes, [edge for edge in inner if edge != lowest])
    return dropped


def _topological(order: Sequence[str], pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    rank_of = {node: rank for rank, node in enumerate(order)}
    dependents: dict[str, list[str]] = {node: [] for node in order}
    open_count = dict.fromkeys(order, 0)
    for dependent, dependency in set(pairs):
        if dependent not in rank_of or dependency not in rank_of:
            raise ValueError(f"{dependent} -> {dependency}: not both are nodes of the graph")
        dependents[dependency].append(dependent)
        open_count[dependent] += 1
    free = [rank for rank, node in enumerate(order) if not open_count[node]]
    placed: list[str] = []
    while free:
        node = order[heapq.heappop(free)]
        placed.append(node)
        for dependent in dependents[node]:
            open_count[dependent] -= 1
            if not open_count[dependent]:
                heapq.heappush(free, rank_of[dependent])
    if len(placed) != len(order):
        raise ValueError("the edges have a cycle")
    return tuple(placed)
