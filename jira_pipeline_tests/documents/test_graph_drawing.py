"""The drawing: every ticket with a line once, layers along the dependencies, nothing unescaped."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.documents.graph_drawing import (
    BOX_WIDTH_MAX,
    BOX_WIDTH_MIN,
    GraphNode,
    Lane,
    draw_graph,
    ids_around,
)
from jira_pipeline.documents.graph_folding import folded
from jira_pipeline_tests.tables import each


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


def lines(svg: str, css_class: str) -> set[tuple[str, str]]:
    """What lines of one kind join; several may share a part of their way."""
    paths = LexborHTMLParser(svg).css(f"svg path.{css_class}")
    return {
        (path.attributes["data-from"] or "", target)
        for path in paths
        for target in (path.attributes["data-to"] or "").split()
    }


def areas(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of every box."""
    rects = [rect.attributes for rect in LexborHTMLParser(svg).css("svg a rect")]
    sizes = [[float(rect[name] or "") for name in ("x", "y", "width", "height")] for rect in rects]
    return [(x, y, x + width, y + height) for x, y, width, height in sizes]


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
    assert all(drawn[later][0] >= drawn[earlier][0] + BOX_WIDTH_MIN for later, earlier in edges)
    assert lines(svg, "dep") == {(earlier, later) for later, earlier in edges}
    assert draw_graph(nodes) == svg
    order = {n.node_id: place for place, n in enumerate(nodes)}
    assert all((drawn[a][0] < drawn[b][0]) == (order[a] < order[b]) for a, b in relations)
    refuse_what_lies_upon_a_box(svg)


def refuse_what_lies_upon_a_box(svg: str) -> None:
    """Boxes lie within the drawing and apart, and no line runs behind one.

    `45 → …` could not be followed: it went on behind the boxes of other columns.
    """
    found = sorted(areas(svg))
    size = re.search(r'width="(\d+)" height="(\d+)"', svg)
    width, height = (int(size[1]), int(size[2])) if size else (0, 0)
    assert all(left >= 0 and top >= 0 for left, top, _, _ in found)
    assert all(right <= width and bottom <= height for _, _, right, bottom in found)
    assert all(b[0] != a[0] or b[1] >= a[3] for a, b in itertools.pairwise(found))
    bends = re.findall(r'd="M(\S+) \S+C\S+ \S+ \S+ \S+ (\S+) (\S+?)(?:H(\S+?))?" data', svg)
    for start, end, _, _ in bends:
        assert not any(float(start) < right and left < float(end) for left, _, right, _ in found)
    for left, right, y in ((float(x), float(end), float(y)) for _, x, y, end in bends if end):
        assert not any(
            x < right and left < end and top < y < bottom for x, top, end, bottom in found
        )


@each(
    "nodes",
    [[], [node("a")], [node("a"), node("b")], [node("a", "gone", relates_to=["lost"])]],
    ids=["none", "one", "two apart", "only unknown others"],
)
def test_nothing_is_drawn_where_nothing_is_connected(nodes: list[GraphNode]) -> None:
    assert draw_graph(nodes) == ""


def test_a_relation_named_on_both_sides_is_one_line() -> None:
    """Jira has one link for both; two lines lay upon each other, so that it looked solid."""
    svg = draw_graph([node("a", relates_to=["b"]), node("b", relates_to=["a"])])

    assert lines(svg, "rel") == {("a", "b")}


def test_a_ticket_that_names_itself_has_no_line_to_itself() -> None:
    svg = draw_graph([node("a", "a", relates_to=["a"]), node("b", "a")])

    assert lines(svg, "dep") == {("a", "b")}
    assert lines(svg, "rel") == set()


@each(
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


def test_a_long_label_is_cut_after_four_lines_and_escaped() -> None:
    """In a graph of real titles every third label was cut."""
    svg = draw_graph([node("a", label="&" * 400), node("b", "a")])

    *shown, other = (text.text() for text in LexborHTMLParser(svg).css("svg text"))
    assert (len(shown), {*shown[0]}, shown[-1], other) == (4, {"&"}, "…", "b")


def test_a_label_of_several_lines_is_whole() -> None:
    label = "27 Configuration of the archive (paragraph type) of the house"
    svg = draw_graph([node("a", label=label), node("b", "a")])

    shown = [text.text() for text in LexborHTMLParser(svg).css("a[data-node=a] text")]
    assert " ".join(shown) == label


def test_boxes_become_narrower_where_there_are_many_steps() -> None:
    def width_of(count: int) -> tuple[float, float]:
        names = [f"n{number}" for number in range(count)]
        chained = [node(name, *names[: names.index(name)][-1:]) for name in names]
        found = areas(draw_graph(chained))
        return found[0][2] - found[0][0], found[-1][2]

    assert width_of(2)[0] == BOX_WIDTH_MAX
    assert width_of(8)[1] <= 1_216
    assert width_of(30)[0] == BOX_WIDTH_MIN


def test_rows_are_groups_with_heads_that_open_and_close_them() -> None:
    nodes = [replace(node("a"), lane="Media"), replace(node("b", "a"), lane="Content")]
    heads = [
        Lane(name="Content", label="Content: 1 ticket", href="?open=Content"),
        Lane(name="Media", label="Media: 1 ticket"),
    ]

    svg = draw_graph(nodes, lanes=heads)

    places = boxes(svg)
    assert places["b"][1] < places["a"][1]
    head = LexborHTMLParser(svg).css("svg a[data-lane]")
    assert [one.attributes["href"] for one in head] == ["?open=Content"]


def test_the_chain_is_marked_with_the_lines_between_its_tickets() -> None:
    nodes = [node("a"), node("b", "a"), node("c", "a", relates_to=["b"]), node("d", "b")]

    svg = draw_graph(nodes, chain=["a", "b", "d"])

    assert lines(svg, "chain") == {("a", "b"), ("b", "d")}
    assert len(LexborHTMLParser(svg).css("g.chain")) == 3


def test_the_tickets_around_one_are_those_on_its_paths() -> None:
    waits = {"a": (), "b": ("a",), "c": ("b",), "d": ("a",), "e": ("c", "gone")}
    tickets = [_Waiting(name, others) for name, others in waits.items()]

    found = {name: "".join(sorted(ids_around(tickets, name))) for name in "abd"}

    assert found == {"a": "abcde", "b": "abce", "d": "ad"}


def test_lines_and_boxes_name_what_they_join() -> None:
    tree = LexborHTMLParser(draw_graph([node("a"), node("b", "a", relates_to=["c"]), node("c")]))

    joined = {(p.attributes["data-from"], p.attributes["data-to"]) for p in tree.css("svg path")}
    assert joined == {("a", "b"), ("b", "c")}
    assert [a.attributes["data-node"] for a in tree.css("svg a")] == ["a", "b", "c"]


def folded_of(nodes: Sequence[GraphNode], *opened: str) -> list[GraphNode]:
    """The boxes of a graph with these rows, parts and tickets open."""
    return folded(nodes, opened=opened, address_of=lambda one: f"?open={one}")[0]


def hundreds() -> list[GraphNode]:
    """A row of 300 tickets, of which 290 wait for the same, and one of another group."""
    many = [node(f"n{number}", *(["media"] if number > 9 else [])) for number in range(300)]
    nodes = [node("media"), *many, node("last", "n0", "n1")]
    rows = ["Media", *["Content"] * 300, "Views"]
    return [
        replace(one, lane=row, number=number, mark="○")
        for number, (one, row) in enumerate(zip(nodes, rows, strict=True), start=1)
    ]


def test_a_closed_row_has_a_box_for_each_step_with_how_many_tickets_it_stands_for() -> None:
    boxes_ = {one.node_id: one for one in folded_of(hundreds())}

    assert {name: one.ticket_count for name, one in boxes_.items()} == {
        "media": 1,
        "n0": 10,
        "n10": 290,
        "last": 1,
    }
    assert (boxes_["n10"].depends_on, boxes_["n10"].href) == (("media",), "?open=Content/1")
    assert boxes_["n10"].label == "290 tickets: ○\N{NO-BREAK SPACE}290"
    assert boxes_["last"].depends_on == ("n0",)


def test_in_an_open_row_only_tickets_that_wait_alike_share_a_box() -> None:
    boxes_ = {one.node_id: one.ticket_count for one in folded_of(hundreds(), "Content")}

    assert boxes_ == {"media": 1, "n0": 1, "n1": 1, "n2": 8, "n10": 290, "last": 1}


@each(
    ("opened", "count"),
    [(("Content/1",), 4), (("Content", "12"), 295), (("Content/1", "12"), 293)],
    ids=["a part of a row", "those that wait alike", "both"],
)
def test_what_shares_a_box_is_opened_one_after_the_other(
    opened: tuple[str, ...], count: int
) -> None:
    assert len(folded_of(hundreds(), *opened)) == count


@given(ordered_nodes(), st.sets(st.sampled_from(["", "/0", "/1", "1", "3"])))
def test_whatever_is_open_every_line_is_there_and_goes_from_left_to_right(
    nodes: list[GraphNode], opened: set[str]
) -> None:
    numbered = [replace(one, number=number) for number, one in enumerate(nodes, start=1)]
    boxes_, box_of = folded(numbered, opened=opened, address_of=str)

    wanted = {
        (box_of[other], box_of[one.node_id])
        for one in nodes
        for other in one.depends_on
        if other in box_of and box_of[other] != box_of[one.node_id]
    }
    columns = {one.node_id: one.column or 0 for one in boxes_}
    assert wanted == {(other, one.node_id) for one in boxes_ for other in one.depends_on}
    assert all(columns[first] < columns[later] for first, later in wanted)
    assert sum(one.ticket_count for one in boxes_) == len(nodes)
