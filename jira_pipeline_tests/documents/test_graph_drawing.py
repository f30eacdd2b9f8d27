"""The drawing: every ticket with a line once, layers along the dependencies, nothing unescaped."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.documents.graph_drawing import (
    BOX_HEIGHT,
    BOX_WIDTH,
    LABEL_CHARACTERS,
    GraphNode,
    draw_graph,
    ids_around,
)
from jira_pipeline_tests.documents.made_tickets import site_tickets


@dataclass(frozen=True)
class _Waiting:
    ticket_id: str
    depends_on: tuple[str, ...]


HOSTILE = """"><script>alert(1)</script><img src=x onerror='alert(2)'> & ü"""


def node(
    node_id: str, *depends_on: str, relates_to: Sequence[str] = (), label: str = ""
) -> GraphNode:
    """Make a node."""
    return GraphNode(
        node_id=node_id,
        label=label or node_id,
        tooltip=f"tooltip of {label or node_id}",
        href=f"#ticket-{node_id}",
        css_class="Content create",
        depends_on=depends_on,
        relates_to=tuple(relates_to),
    )


def boxes(svg: str) -> dict[str, tuple[int, int]]:
    """The corner of every box by its tooltip; a box that is drawn twice fails."""
    found = {}
    for group in LexborHTMLParser(svg).css("svg a g"):
        title, rect = group.css_first("title"), group.css_first("rect")
        assert title is not None
        assert rect is not None
        name = title.text().removeprefix("tooltip of ")
        assert name not in found
        found[name] = (int(rect.attributes["x"] or ""), int(rect.attributes["y"] or ""))
    return found


def lines(svg: str, css_class: str) -> list[str]:
    """The paths of one kind of line."""
    return re.findall(rf'<path class="{css_class}" d="([^"]+)"', svg)


@st.composite
def ordered_nodes(draw: st.DrawFn) -> list[GraphNode]:
    """Nodes that depend on earlier ones only, and on some that are not there."""
    names = [f"n{number}" for number in range(draw(st.integers(0, 12)))]
    nodes = []
    for place, name in enumerate(names):
        earlier = st.sampled_from([*names[:place], "gone"])
        depends_on = draw(st.lists(earlier, max_size=3, unique=True))
        relates_to = draw(st.lists(st.sampled_from([*names, "lost"]), max_size=2, unique=True))
        nodes.append(node(name, *depends_on, relates_to=[r for r in relates_to if r != name]))
    return nodes


@given(ordered_nodes())
def test_any_order_of_building_is_drawn_from_left_to_right(nodes: list[GraphNode]) -> None:
    svg = draw_graph(nodes)

    known = {n.node_id for n in nodes}
    edges = [(n.node_id, d) for n in nodes for d in n.depends_on if d in known]
    relations = [(n.node_id, r) for n in nodes for r in n.relates_to if r in known]
    drawn = boxes(svg)
    assert set(drawn) == {name for edge in (*edges, *relations) for name in edge}
    assert all(drawn[later][0] >= drawn[earlier][0] + BOX_WIDTH for later, earlier in edges)
    assert len(set(drawn.values())) == len(drawn)
    assert len(lines(svg, "dep")) == len(edges)
    assert draw_graph(nodes) == svg


@given(ordered_nodes())
def test_what_is_built_first_is_on_the_left_of_dashed_lines_too(
    nodes: list[GraphNode],
) -> None:
    """`Remove obsolete views`, the last ticket of all, was in the first column."""
    drawn = boxes(draw_graph(nodes))

    order = {n.node_id: place for place, n in enumerate(nodes)}
    pairs = [(n.node_id, r) for n in nodes for r in n.relates_to if r in order]
    assert all((drawn[a][0] < drawn[b][0]) == (order[a] < order[b]) for a, b in pairs)


@given(ordered_nodes())
def test_boxes_lie_within_the_drawing_and_apart(nodes: list[GraphNode]) -> None:
    svg = draw_graph(nodes)

    places = sorted(boxes(svg).values())
    size = re.search(r'width="(\d+)" height="(\d+)"', svg)
    width, height = (int(size[1]), int(size[2])) if size else (0, 0)
    assert all(0 <= x <= width - BOX_WIDTH and 0 <= y <= height - BOX_HEIGHT for x, y in places)
    assert all(b[0] != a[0] or b[1] - a[1] >= BOX_HEIGHT for a, b in itertools.pairwise(places))


@pytest.mark.parametrize(
    "nodes",
    [[], [node("a")], [node("a"), node("b")], [node("a", "gone", relates_to=["lost"])]],
    ids=["none", "one", "two apart", "only unknown others"],
)
def test_nothing_is_drawn_where_nothing_is_connected(nodes: list[GraphNode]) -> None:
    assert draw_graph(nodes) == ""


def test_unknown_others_are_ignored_beside_known_ones() -> None:
    svg = draw_graph([node("a"), node("b", "a", "gone", relates_to=["lost"])])

    assert set(boxes(svg)) == {"a", "b"}
    assert len(lines(svg, "dep")) == 1
    assert lines(svg, "rel") == []


def test_a_relation_named_on_both_sides_is_one_line() -> None:
    """Jira has one link for both; two lines lay upon each other, so that it looked solid."""
    svg = draw_graph([node("a", relates_to=["b"]), node("b", relates_to=["a"])])

    assert len(lines(svg, "rel")) == 1


def test_a_ticket_that_names_itself_has_no_line_to_itself() -> None:
    svg = draw_graph([node("a", "a", relates_to=["a"]), node("b", "a")])

    assert len(lines(svg, "dep")) == 1
    assert lines(svg, "rel") == []


@pytest.mark.parametrize(
    "nodes",
    [
        [node("a", "b"), node("b", "a")],
        [node("a", "b"), node("b", "c"), node("c", "a")],
        [node("b", "a"), node("a")],
    ],
    ids=["two", "three", "wrong order"],
)
def test_nodes_in_no_order_of_building_are_still_all_drawn(nodes: list[GraphNode]) -> None:
    drawn = boxes(draw_graph(nodes))

    assert set(drawn) == {n.node_id for n in nodes}
    assert len(set(drawn.values())) == len(nodes)


def test_labels_tooltips_and_addresses_are_escaped() -> None:
    hostile = GraphNode(
        node_id="a",
        label=HOSTILE[:25],
        tooltip=HOSTILE,
        href=f"#{HOSTILE}",
        css_class=HOSTILE,
        depends_on=(),
    )

    svg = draw_graph([hostile, node("b", "a")])

    tree = LexborHTMLParser(svg)
    anchor, text = tree.css("svg a")[0], tree.css("svg text")[0]
    assert tree.css("script, img") == []
    assert anchor.attributes["href"] == f"#{HOSTILE}"
    assert {name for n in tree.css("*") for name in n.attributes if name.startswith("on")} == set()
    assert text.text() == HOSTILE[:25]


def test_a_long_label_has_two_lines_before_it_is_cut_and_escaped() -> None:
    """In a graph of real titles every third label was cut."""
    svg = draw_graph([node("a", label="&" * 70), node("b", "a")])

    first, second, other = (text.text() for text in LexborHTMLParser(svg).css("svg text"))
    assert (first, second, other) == ("&" * LABEL_CHARACTERS, "…", "b")


def test_a_label_of_two_lines_is_whole() -> None:
    label = "27 Configuration of the archive (paragraph type)"
    svg = draw_graph([node("a", label=label), node("b", "a")])

    shown = [text.text() for text in LexborHTMLParser(svg).css("a[data-node=a] text")]
    assert " ".join(shown) == label


def test_the_tickets_around_one_are_those_on_its_paths() -> None:
    waits = {"a": (), "b": ("a",), "c": ("b",), "d": ("a",), "e": ("c", "gone")}
    tickets = [_Waiting(name, others) for name, others in waits.items()]

    found = {name: "".join(sorted(ids_around(tickets, name))) for name in "abd"}

    assert found == {"a": "abcde", "b": "abce", "d": "ad"}


def test_lines_and_boxes_name_what_they_join() -> None:
    tree = LexborHTMLParser(draw_graph([node("a"), node("b", "a", relates_to=["c"]), node("c")]))

    joined = {(p.attributes["data-from"], p.attributes["data-to"]) for p in tree.css("svg path")}
    assert joined == {("a", "b"), ("c", "b")}
    assert [a.attributes["data-node"] for a in tree.css("svg a")] == ["a", "b", "c"]


@pytest.mark.parametrize("site", ["uhrenmuseum", "uwec"])
def test_a_whole_site_is_drawn_with_all_its_links(site: str) -> None:
    made = site_tickets(site)
    nodes = [
        node(m.ticket.ticket_id, *m.ticket.depends_on, relates_to=m.ticket.relates_to) for m in made
    ]

    svg = draw_graph(nodes)

    connected = {n.node_id for n in nodes if n.depends_on or n.relates_to}
    connected |= {other for n in nodes for other in (*n.depends_on, *n.relates_to)}
    assert set(boxes(svg)) == connected
    assert len(lines(svg, "dep")) == sum(len(n.depends_on) for n in nodes)
