"""Graph algorithms: against brute force, on shapes that hurt, and the order they promise."""

from itertools import pairwise, product
from typing import ClassVar

import pytest
from hypothesis import given, strategies as st
from typing_extensions import override

from jira_pipeline.model.dependencies import (
    BrokenCycles,
    Edge,
    break_cycles,
    build_order,
    components_of,
    implied_edges,
)

NODES = ("a", "b", "c", "d", "e", "f", "g")
PAIRS = [pair for pair in product(NODES, NODES) if pair[0] != pair[1]]


def edge(dependent: str, dependency: str, *, is_required: bool = False) -> Edge:
    return Edge(dependent=dependent, dependency=dependency, is_required=is_required)


def reachable(nodes: tuple[str, ...], pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    closure = set(pairs)
    for middle, start, end in product(nodes, nodes, nodes):
        if (start, middle) in closure and (middle, end) in closure:
            closure.add((start, end))
    return closure


def pairs_of(edges: tuple[Edge, ...]) -> set[tuple[str, str]]:
    return {(e.dependent, e.dependency) for e in edges}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[tuple[str, ...], tuple[Edge, ...]]:
    order = tuple(draw(st.permutations(NODES)))
    pairs = draw(st.lists(st.sampled_from(PAIRS), unique=True, max_size=20))
    required = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    return order, tuple(
        edge(*pair, is_required=flag) for pair, flag in zip(pairs, required, strict=True)
    )


@given(graphs())
def test_components_are_what_reaches_one_another_after_what_they_lead_to(
    graph: tuple[tuple[str, ...], tuple[Edge, ...]],
) -> None:
    order, edges = graph
    successors = {node: [e.dependency for e in edges if e.dependent == node] for node in order}
    closure = reachable(order, pairs_of(edges))

    components = components_of(order, successors)

    together = {pair for component in components for pair in product(component, component)}
    mutual = {(x, y) for x, y in closure if (y, x) in closure} | {(x, x) for x in order}
    place_of = {node: place for place, part in enumerate(components) for node in part}
    assert mutual == together
    assert sorted(order) == sorted(node for component in components for node in component)
    assert all(place_of[e.dependency] <= place_of[e.dependent] for e in edges)


@given(graphs())
def test_broken_cycles_keep_what_can_be_kept_in_an_order_that_respects_it(
    graph: tuple[tuple[str, ...], tuple[Edge, ...]],
) -> None:
    """Outside a cycle every edge is kept, and a required one where required ones make none."""
    order, edges = graph
    required = reachable(order, pairs_of(tuple(e for e in edges if e.is_required)))
    closure = reachable(order, pairs_of(edges))

    broken = break_cycles(order, edges)
    placed = build_order(order, broken.acyclic)

    assert sorted(order) == sorted(placed)
    assert all(placed.index(e.dependency) < placed.index(e.dependent) for e in broken.acyclic)
    parts = (*broken.acyclic, *broken.deferred, *broken.deferred_required)
    assert sorted(map(repr, edges)) == sorted(map(repr, parts))
    assert all((e.dependency, e.dependent) in required for e in broken.deferred_required)
    assert bool(broken.deferred_required) == any((node, node) in required for node in order)
    assert {e for e in edges if (e.dependency, e.dependent) not in closure} <= {*broken.acyclic}


@given(graphs())
def test_reduction_keeps_what_is_reached_and_nothing_that_is_implied(
    graph: tuple[tuple[str, ...], tuple[Edge, ...]],
) -> None:
    order, edges = graph
    kept = break_cycles(order, edges).acyclic
    placed = build_order(order, kept)
    everything = pairs_of(kept)

    linked = everything - implied_edges(placed, kept)

    full = reachable(order, everything)
    assert full == reachable(order, linked)
    assert all(reachable(order, linked - {pair}) != full for pair in linked)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_the_edges_changes_nothing(
    graph: tuple[tuple[str, ...], tuple[Edge, ...]], random: object
) -> None:
    order, edges = graph
    shuffled = list(edges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

    first, second = break_cycles(order, edges), break_cycles(order, tuple(shuffled))

    assert {*first.acyclic} == {*second.acyclic}
    assert build_order(order, first.acyclic) == build_order(order, second.acyclic)


def test_optional_edges_against_the_order_are_dropped_inside_a_component() -> None:
    order = ("list", "program", "college")
    with_order = edge("program", "list", is_required=True)
    against = edge("list", "program")
    outside = edge("list", "college")

    broken = break_cycles(order, (with_order, against, outside))

    expected = BrokenCycles(
        acyclic=(with_order, outside), deferred=(against,), deferred_required=()
    )
    assert expected == broken


def test_a_required_edge_against_the_order_wins_over_optional_ones_along_it() -> None:
    order = ("a", "b", "c")
    required = edge("a", "c", is_required=True)
    optional = (edge("b", "a"), edge("c", "b"))

    broken = break_cycles(order, (required, *optional))

    assert (required,) == tuple(e for e in broken.acyclic if e.is_required)
    assert build_order(order, broken.acyclic).index("c") < build_order(order, broken.acyclic).index(
        "a"
    )


def test_of_a_ring_of_required_edges_the_one_against_the_order_is_dropped() -> None:
    order = ("a", "b", "c")
    ring = tuple(edge(x, y, is_required=True) for x, y in (("b", "a"), ("c", "b"), ("a", "c")))

    broken = break_cycles(order, ring)

    assert (ring[2],) == broken.deferred_required
    assert ring[:2] == broken.acyclic


def test_independent_nodes_keep_their_order_and_dependents_wait() -> None:
    order = ("a", "b", "c", "d")

    placed = build_order(order, (edge("a", "c"),))

    assert placed == ("b", "c", "a", "d")


def test_a_cycle_and_an_edge_to_a_stranger_have_no_build_order() -> None:
    with pytest.raises(ValueError, match="cycle"):
        build_order(("a", "b"), (edge("a", "b"), edge("b", "a")))
    with pytest.raises(ValueError, match="a -> z"):
        build_order(("a", "b"), (edge("a", "z"),))


def test_depth_is_no_limit() -> None:
    """A recursive search fails at a depth of 1,000."""
    nodes = tuple(str(number) for number in range(5_000))
    chain = tuple(edge(later, earlier) for later, earlier in pairwise(nodes))
    ring = (*chain, edge(nodes[-1], nodes[0]))

    placed = build_order(nodes, break_cycles(nodes, chain).acyclic)
    broken = break_cycles(nodes, ring)

    assert nodes[::-1] == placed
    assert frozenset() == implied_edges(placed, chain)
    assert len(components_of(nodes, {e.dependent: [e.dependency] for e in chain})) == 5_000
    assert chain == broken.deferred


class CountedName(str):
    """A name that counts how often it is hashed."""

    __slots__ = ()
    hashed: ClassVar[int] = 0

    @override
    def __hash__(self) -> int:
        CountedName.hashed += 1
        return super().__hash__()


def hashes_to_break_a_ring(length: int) -> int:
    nodes = tuple(CountedName(number) for number in range(length))
    ring = tuple(edge(node, nodes[place - 1]) for place, node in enumerate(nodes))
    before = CountedName.hashed
    break_cycles(nodes, ring)
    return CountedName.hashed - before


def test_a_ring_twice_as_long_takes_twice_the_work() -> None:
    """A component as a key was hashed, node by node, for each of its edges."""
    short = hashes_to_break_a_ring(200)

    long = hashes_to_break_a_ring(400)

    assert long < 2.5 * short
