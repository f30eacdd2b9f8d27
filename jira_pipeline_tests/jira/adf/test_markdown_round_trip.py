"""A document written as Markdown and read again is the same document.

What Markdown has no words for comes back in the nearest form (`as_markdown_holds`), or as said in
`docs/adf.md`: expands, spans and widths of cells, several blocks in one cell, colours, statuses,
dates, mentions and media.
"""

import copy
from typing import Any

from hypothesis import given, settings, strategies as st

from jira_pipeline.jira.adf import AdfNode, adf_to_markdown, markdown_to_adf, nodes as n
from jira_pipeline_tests.long_form import examples


def as_markdown_holds(document: dict[str, Any]) -> dict[str, Any]:
    """Rewrite what Markdown cannot say: spaces at the ends of marks, header cells below the head.

    A row is a head when all its cells are header cells and it is the first of its table.
    """
    rewritten = copy.deepcopy(document)
    pending = [rewritten]
    while pending:
        node = pending.pop()
        if node["type"] == "table":
            _rewrite_headers(node)
        content = node.get("content")
        if content and content[0]["type"] in {"text", "hardBreak"} and node["type"] != "codeBlock":
            node["content"] = _rewritten_line(content)
        else:
            pending.extend(content or ())
    return rewritten


def _rewrite_headers(table: dict[str, Any]) -> None:
    first = table["content"][0]["content"]
    has_head = all(cell["type"] == "tableHeader" for cell in first)
    for number, row in enumerate(table["content"]):
        for cell in row["content"]:
            cell["type"] = "tableHeader" if has_head and number == 0 else "tableCell"


def _rewritten_line(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put spaces at the ends of marked text outside, then join what has equal marks."""
    pieces: list[dict[str, Any]] = []
    for node in content:
        if node["type"] != "text" or not node.get("marks"):
            pieces.append(node)
            continue
        core = node["text"].strip(" ")
        lead, _, tail = node["text"].partition(core)
        pieces.extend({"type": "text", "text": space} for space in [lead] if space)
        pieces.append({**node, "text": core})
        pieces.extend({"type": "text", "text": space} for space in [tail] if space)
    joined: list[dict[str, Any]] = []
    for piece in pieces:
        last = joined[-1] if joined else {}
        is_same = last.get("marks") == piece.get("marks")
        if piece["type"] == last.get("type") == "text" and is_same:
            joined[-1] = {**last, "text": last["text"] + piece["text"]}
        else:
            joined.append(piece)
    return joined


_WORDS = st.sampled_from(
    ["a", "b c", "field_image_2", "*", "**", "_", "`", "``", "~~", "#", "1.", "10)", "-", "+", "=", "|",
     "[a]", "[ ]", "[!NOTE]", "](x)", "<b>", "</b>", "<!--", "-->", "&amp;", "&", "\\", "!", "![", ":",
     "---", "```", "http://example.org/", "é", "\U0001f600", "(", ")", ".", '"', "'", "@", "$x$", "…"]
)  # fmt: skip
TEXT = st.lists(_WORDS, min_size=1, max_size=4).map(" ".join)
_TIGHT = st.lists(_WORDS, min_size=1, max_size=3).map("".join)
_MARKS = st.sampled_from(
    [
        [], [n.STRONG], [n.EM], [n.STRIKE], [n.CODE], [n.UNDERLINE], [n.SUB], [n.SUP],
        [n.EM, n.STRONG], [n.link("https://example.org/a?b=c")],
        [n.link("https://example.org/"), n.STRONG], [n.link("https://example.org/"), n.CODE],
    ]
)  # fmt: skip
_PIECES = st.one_of(
    st.builds(n.text, st.one_of(TEXT, _TIGHT), _MARKS), st.just({"type": "hardBreak"})
)


def _line(pieces: list[AdfNode]) -> list[AdfNode]:
    """Make a line of which a reader keeps all: no break at its ends, text of equal marks joined."""
    while pieces and pieces[0]["type"] == "hardBreak":
        pieces = pieces[1:]
    while pieces and pieces[-1]["type"] == "hardBreak":
        pieces = pieces[:-1]
    paragraph = n.paragraph(pieces or [n.text("a")])
    held: list[AdfNode] = as_markdown_holds(paragraph)["content"]
    return held


_LINES = st.lists(_PIECES, min_size=1, max_size=5).map(_line)
_CODE = st.lists(
    st.sampled_from(["a", "```", "~~~", " b", "\t", "\n", "&lt;", "é"]), min_size=1
).map(lambda parts: "x" + "".join(parts) + "x")
_PARAGRAPHS = st.builds(n.paragraph, _LINES)
_CODE_BLOCKS = st.builds(
    lambda code, language: n.code_block(code, language=language),
    _CODE,
    st.sampled_from([None, "php", "c++", "objective-c"]),
)


def _list_of(content: st.SearchStrategy[list[AdfNode]]) -> st.SearchStrategy[AdfNode]:
    items = st.lists(st.builds(n.list_item, content), min_size=1, max_size=3)
    return st.one_of(
        st.builds(n.bullet_list, items),
        st.builds(
            lambda listed, start: n.ordered_list(listed, start=start),
            items,
            st.sampled_from([1, 7, 0]),
        ),
    )


def _items_with(children: st.SearchStrategy[AdfNode]) -> st.SearchStrategy[list[AdfNode]]:
    return st.builds(
        lambda first, others: [first, *others],
        _PARAGRAPHS,
        st.lists(st.one_of(_PARAGRAPHS, _CODE_BLOCKS, children), max_size=2),
    )


_LISTS = st.recursive(
    _list_of(_PARAGRAPHS.map(lambda block: [block])),
    lambda children: _list_of(_items_with(children)),
    max_leaves=4,
)
_TASKS = st.lists(
    st.builds(lambda line, is_done: n.task_item(line, is_done=is_done), _LINES, st.booleans()),
    min_size=1,
    max_size=3,
).map(n.task_list)
_CELL_LINES = st.builds(n.text, st.one_of(TEXT, _TIGHT), _MARKS).map(lambda node: _line([node]))


@st.composite
def _tables(draw: st.DrawFn) -> AdfNode:
    width = draw(st.integers(1, 3))
    cells = st.lists(_CELL_LINES.map(n.paragraph), min_size=width, max_size=width)
    rows = [
        n.table_row(n.table_cell([c]) for c in row) for row in draw(st.lists(cells, max_size=2))
    ]
    head = n.table_row(n.table_header([c]) for c in draw(cells))
    return n.table([head, *rows] if draw(st.booleans()) or not rows else rows)


_INNER = st.one_of(_PARAGRAPHS, _CODE_BLOCKS, _LISTS)
_BLOCKS = st.one_of(
    _PARAGRAPHS,
    st.builds(n.heading, st.integers(1, 6), _CELL_LINES),
    _CODE_BLOCKS,
    _LISTS,
    _TASKS,
    _tables(),
    st.just(n.rule()),
    st.builds(n.blockquote, st.lists(_INNER, min_size=1, max_size=3)),
    st.builds(
        n.panel,
        st.sampled_from(["info", "note", "warning", "success", "error"]),
        st.lists(st.one_of(_INNER, _TASKS), min_size=1, max_size=3),
    ),
)
DOCUMENTS = st.lists(_BLOCKS, min_size=1, max_size=5).map(n.doc)


@settings(max_examples=examples(500), deadline=None)
@given(DOCUMENTS)
def test_a_document_of_what_markdown_knows_comes_back_the_same(document):
    assert as_markdown_holds(document) == markdown_to_adf(adf_to_markdown(document))
