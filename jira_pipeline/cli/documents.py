"""A document on the terminal: headings, paragraphs, lists, tables and code, every cell whole.

Belongs here: how blocks of the Atlassian Document Format are laid out in a terminal. Does not: the
document itself (`jira/adf`), tables of commands (`console`).

Markdown renderers of terminals cut cells to the width of their column; a table here folds them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from jira_pipeline.cli.console import literal
from jira_pipeline.jira.adf import AdfNode, adf_to_text
from jira_pipeline.jira.adf.to_text import inline_text

_INDENT = 2
_BULLET = "•"
_STYLES = {
    "strong": "bold",
    "em": "italic",
    "underline": "underline",
    "strike": "strike",
    "code": "cyan",
    "link": "blue",
}
_HEADING_STYLES = {1: "bold underline", 2: "bold", 3: "bold"}
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
_GROUPS = frozenset({"doc", "listItem", "layoutSection", "layoutColumn"})
_PARAGRAPHS = frozenset({"paragraph", "taskItem", "decisionItem", "caption"})


def rendered_document(document: AdfNode) -> Group:
    """Lay a whole document out; nothing of it is cut."""
    return Group(*_spaced(_content_of(document)))


def _spaced(blocks: Sequence[AdfNode]) -> Iterator[RenderableType]:
    """Lay blocks out with an empty line between them, except below a heading."""
    for position, block in enumerate(blocks):
        if position and blocks[position - 1]["type"] != "heading":
            yield Text()
        yield _block(block)


def _block(node: AdfNode) -> RenderableType:  # noqa: C901, PLR0911 - a case for each type
    node_type, content = node["type"], _content_of(node)
    if node_type in _LISTS:
        return _list(node)
    if node_type in _GROUPS:
        return Group(*_spaced(content))
    if node_type in _PARAGRAPHS:
        return _inline(content)
    match node_type:
        case "heading":
            heading = _inline(content)
            heading.stylize(_HEADING_STYLES.get(node["attrs"]["level"], "italic"))
            return heading
        case "table":
            return _table(node)
        case "codeBlock":
            return Padding(_inline(content), (0, 0, 0, _INDENT * 2))
        case "panel":
            return Panel(Group(*_spaced(content)), title=_attrs_of(node).get("panelType"))
        case "blockquote":
            return Padding(Group(*_spaced(content)), (0, 0, 0, _INDENT * 2))
        case "expand" | "nestedExpand":
            title = literal(_attrs_of(node).get("title", ""), style="bold")
            return Group(title, *_spaced(content))
        case "rule":
            return Rule(style="dim")
        case _:  # it has no layout of its own
            return literal(inline_text(node) or adf_to_text(node))


def _list(node: AdfNode) -> RenderableType:
    """Lay a list out as a grid, so that items of several lines stay aligned."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    number = int(_attrs_of(node).get("order", 1))
    for position, item in enumerate(_content_of(node)):
        grid.add_row(Text(_marker_of(node, item, number + position)), _item(item))
    return Padding(grid, (0, 0, 0, _INDENT))


def _marker_of(node: AdfNode, item: AdfNode, number: int) -> str:
    if node["type"] == "orderedList":
        return f"{number}."
    if item["type"] == "taskItem":
        return "[x]" if _attrs_of(item).get("state") == "DONE" else "[ ]"
    return _BULLET


def _item(item: AdfNode) -> RenderableType:
    """Lay an item out without empty lines between its blocks."""
    if item["type"] == "listItem":
        return Group(*(_block(block) for block in _content_of(item)))
    return _block(item)


def _table(node: AdfNode) -> RenderableType:
    rows = [_content_of(row) for row in _content_of(node)]
    is_headed = bool(rows) and all(cell["type"] == "tableHeader" for cell in rows[0])
    heads = rows[0] if is_headed else ()
    headers = [literal(adf_to_text(cell), style="bold") for cell in heads]
    width = max((sum(_span_of(cell) for cell in row) for row in rows), default=0)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=is_headed, show_lines=False)
    for position in range(width):
        header = headers[position] if position < len(headers) else Text()
        table.add_column(header, overflow="fold")
    for row in rows[1:] if is_headed else rows:
        table.add_row(*_padded(row))
    return table


def _padded(row: Sequence[AdfNode]) -> Iterator[RenderableType]:
    """Lay the cells of a row out; one that spans columns leaves the others empty."""
    for cell in row:
        yield Group(*(_block(block) for block in _content_of(cell)))
        yield from (Text() for _ in range(_span_of(cell) - 1))


def _span_of(cell: AdfNode) -> int:
    return int(_attrs_of(cell).get("colspan", 1))


def _inline(nodes: Sequence[AdfNode]) -> Text:
    """Show nodes with their marks; the address of a link is written out after it."""
    text = Text()
    for node in nodes:
        shown, marks = inline_text(node), node.get("marks") or ()
        styles = (_STYLES[mark["type"]] for mark in marks if mark["type"] in _STYLES)
        text.append_text(literal(shown, style=" ".join(styles)))
        for mark in marks:
            href = mark["attrs"]["href"] if mark["type"] == "link" else shown
            if href != shown:
                text.append_text(literal(f" <{href}>", style="dim"))
    return text


def _content_of(node: AdfNode) -> Sequence[AdfNode]:
    return node.get("content") or ()


def _attrs_of(node: AdfNode) -> Mapping[str, Any]:
    return node.get("attrs") or {}
