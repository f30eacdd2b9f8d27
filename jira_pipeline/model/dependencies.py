"""Graph algorithms over names: components, cycles, their breaking, build order, transitive reduction.

Belongs here: pure functions over nodes and edges, all iterative, so that depth is no limit. Does
not: which entity depends on which (`tickets/grouping/rules`), or links in Jira (`export/links`).
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from jira_pipeline.model.grouped import group_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One node waits for another."""

    dependent: str
    dependency: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCycles:
    """The edges of a graph after some were dropped, so that no cycle remains."""

    acyclic: tuple[Edge, ...]
    """Edges that remain, in the order given."""
    deferred: tuple[Edge, ...]
    """Optional edges that were dropped, in the order given."""
    deferred_required: tuple[Edge, ...]
    """Required edges that were dropped because they are cyclic among themselves."""


def find_waiting_cycle(
    waits_for: Mapping[str, Sequence[str]], waiting: str, other: str
) -> Sequence[str]:
    """Return the cycle that there would be if the node `waiting` waited for `other`, too.

    The cycle begins with `waiting`, and each node waits for the next; empty where there would be
    none. `waits_for` has for each node those it waits for now.
    """
    graph = {**waits_for, waiting: (*waits_for.get(waiting, ()), other)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # The error lists dependencies first, with the first node again at the end.
        cycle = error.args[1][:0:-1]
        begin = cycle.index(waiting)
        return (*cycle[begin:], *cycle[:begin])
    return ()


def components_of(
    nodes: Sequence[str], successors: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    """Return the strongly connected components of a graph, each after those it leads to.

    Source: M. Sharir, A strong-connectivity algorithm, 1981: the node that is finished last in one
    direction begins the search in the other.
    """
    predecessors: dict[str, list[str]] = {}
    for node in nodes:
        for successor in successors.get(node, ()):
            predecessors.setdefault(successor, []).append(node)
    visited: set[str] = set()
    in_finishing_order: list[str] = []
    for node in nodes:
        in_finishing_order += _visit(node, successors, visited)
    visited_backwards: set[str] = set()
    components: list[tuple[str, ...]] = []
    for node in reversed(in_finishing_order):
        component = tuple(_visit(node, predecessors, visited_backwards))
        if component:
            components.append(component)
    return tuple(reversed(components))


def _visit(root: str, neighbours: Mapping[str, Sequence[str]], visited: set[str]) -> list[str]:
    """Visit all nodes that are reached from a node, depth first, and add them to `visited`.

    Return those that were not visited before, in the order in which they are finished: each after
    the nodes that are reached through it.
    """
    finished: list[str] = []
    path = [] if root in visited else [(root, iter(neighbours.get(root, ())))]
    visited.add(root)
    while path:
        node, remaining = path[-1]
        new = next((neighbour for neighbour in remaining if neighbour not in visited), None)
        if new is None:
            finished.append(node)
            path.pop()
        else:
            visited.add(new)
            path.append((new, iter(neighbours.get(new, ()))))
    return finished


@dataclass(frozen=True, slots=True, kw_only=True)
class _CyclePart:
    """Nodes that all wait for each other."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    """Those from one of the nodes to another, in the order given."""


def break_cycles(order: Sequence[str], edges: Sequence[Edge]) -> BrokenCycles:
    """Drop edges until no cycle is left: optional ones first, required ones only among themselves.

    Inside a component the nodes are put in the order their required edges force, and in `order`
    where these leave a choice; the optional edges that run against it are dropped. Where required
    edges alone are cyclic, the lowest-ranked one is dropped: of those that run against `order`,
    the one whose dependency comes last in it.
    """
    rank_of = {node: rank for rank, node in enumerate(order)}
    dropped: set[Edge] = set()
    for part in _cyclic_parts(order, edges):
        required = [edge for edge in part.edges if edge.is_required]
        dropped |= _cyclic_required(part.nodes, required, rank_of)
        still_required = [edge for edge in required if edge not in dropped]
        forced_order = build_order(part.nodes, still_required)
        place_of = {node: place for place, node in enumerate(forced_order)}
        for edge in part.edges:
            is_against_order = place_of[edge.dependent] < place_of[edge.dependency]
            if is_against_order and not edge.is_required:
                dropped.add(edge)
    dropped_in_order = [edge for edge in edges if edge in dropped]
    return BrokenCycles(
        acyclic=tuple(edge for edge in edges if edge not in dropped),
        deferred=tuple(edge for edge in dropped_in_order if not edge.is_required),
        deferred_required=tuple(edge for edge in dropped_in_order if edge.is_required),
    )


def build_order(order: Sequence[str], edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return the nodes so that dependencies come first and the rest keeps `order`.

    Of the nodes whose dependencies are placed, the earliest in `order` is placed next.

    Raises:
        ValueError: The edges have a cycle, or name a node that is not in `order`.
    """
    rank_of = {node: rank for rank, node in enumerate(order)}
    sorter = TopologicalSorter[str](dict.fromkeys(order, ()))
    for edge in edges:
        if edge.dependent not in rank_of or edge.dependency not in rank_of:
            raise ValueError(
                f"{edge.dependent} -> {edge.dependency}: not both are nodes of the graph"
            )
        sorter.add(edge.dependent, edge.dependency)
    sorter.prepare()  # a `CycleError` is a `ValueError`
    free: list[int] = []
    placed: list[str] = []
    while sorter.is_active():
        for node in sorter.get_ready():
            heapq.heappush(free, rank_of[node])
        placed.append(order[heapq.heappop(free)])
        sorter.done(placed[-1])
    return tuple(placed)


def implied_edges(order: Sequence[str], edges: Sequence[Edge]) -> frozenset[tuple[str, str]]:
    """Return the (dependent, dependency) pairs that other edges imply (transitive reduction).

    `order` has dependencies first, as `build_order` returns. What a node reaches is one integer
    used as a set of bits: 8,400 nodes need 9 MB and a few milliseconds.
    """
    place_of = {node: place for place, node in enumerate(order)}
    waiting = group_by(edges, lambda edge: edge.dependent)
    reached: list[int] = []  # by place: a bit for each node that is reached, itself not
    implied: set[tuple[str, str]] = set()
    for node in order:
        covered = 0
        places = {place_of[edge.dependency] for edge in waiting.get(node, ())}
        for place in sorted(places, reverse=True):
            if covered >> place & 1:
                implied.add((node, order[place]))
            else:
                covered |= reached[place] | 1 << place
        reached.append(covered)
    return frozenset(implied)


def _cyclic_parts(order: Sequence[str], edges: Sequence[Edge]) -> list[_CyclePart]:
    """Return each component of several nodes, in `order`, with the edges inside it."""
    successors: dict[str, list[str]] = {}
    for edge in edges:
        successors.setdefault(edge.dependent, []).append(edge.dependency)
    cyclic = [nodes for nodes in components_of(order, successors) if len(nodes) > 1]
    number_of: dict[str, int] = {}
    for number, nodes in enumerate(cyclic):
        number_of.update(dict.fromkeys(nodes, number))
    # By number: hashing a component reads all of its nodes, for each of its edges.
    edges_inside: list[list[Edge]] = [[] for _ in cyclic]
    for edge in edges:
        number = number_of.get(edge.dependent, -1)
        if number == number_of.get(edge.dependency):
            edges_inside[number].append(edge)
    rank_of = {node: rank for rank, node in enumerate(order)}
    parts: list[_CyclePart] = []
    for nodes, inside in zip(cyclic, edges_inside, strict=True):
        nodes_in_order = tuple(sorted(nodes, key=rank_of.__getitem__))
        parts.append(_CyclePart(nodes=nodes_in_order, edges=tuple(inside)))
    return parts


def _cyclic_required(
    order: Sequence[str], edges: Sequence[Edge], rank_of: Mapping[str, int]
) -> set[Edge]:
    """Return the required edges to drop so that the rest has no cycle.

    Of each component one edge is dropped, until none is cyclic.
    """
    dropped: set[Edge] = set()
    cyclic_parts = _cyclic_parts(order, edges)
    while cyclic_parts:
        part = cyclic_parts.pop()
        lowest = max(
            (edge for edge in part.edges if rank_of[edge.dependent] < rank_of[edge.dependency]),
            key=lambda edge: (rank_of[edge.dependency], rank_of[edge.dependent]),
        )
        dropped.add(lowest)
        remaining = [edge for edge in part.edges if edge != lowest]
        cyclic_parts += _cyclic_parts(part.nodes, remaining)
    return dropped
