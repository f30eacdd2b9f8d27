"""What documents in the Atlassian Document Format are made of: nodes and marks.

Belongs here: one small function for each node, which makes it right by construction (no empty
text, local ids present). Does not: which addresses a link may point to (`link_addresses`), measuring
(`sizes`), reading HTML (`from_html`), judging foreign documents (`schema`).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

AdfNode: TypeAlias = dict[str, Any]
"""One node: JSON as Jira takes it."""

AdfMark: TypeAlias = dict[str, Any]
"""One mark on a text node."""


STRONG: AdfMark = {"type": "strong"}
EM: AdfMark = {"type": "em"}
UNDERLINE: AdfMark = {"type": "underline"}
STRIKE: AdfMark = {"type": "strike"}
CODE: AdfMark = {"type": "code"}
SUB: AdfMark = {"type": "subsup", "attrs": {"type": "sub"}}
SUP: AdfMark = {"type": "subsup", "attrs": {"type": "sup"}}


def link(href: str, *, title: str | None = None) -> AdfMark:
    """Make the mark that points text at an address."""
    return {"type": "link", "attrs": {"href": href, **({"title": title} if title else {})}}


def doc(content: Iterable[AdfNode]) -> AdfNode:
    """Make a whole document; equal local ids of tasks are distinguished by their order."""
    blocks = list(content)
    distinguish_local_ids(blocks)
    return {"version": 1, "type": "doc", "content": blocks}


def text(value: str, marks: Sequence[AdfMark] = ()) -> AdfNode:
    """Make a text node.

    Raises:
        ValueError: the text is empty; one empty text node makes Jira refuse the whole document.
    """
    if not value:
        raise ValueError("An ADF text node may not be empty; leave it out instead.")
    return {"type": "text", "text": value, **({"marks": list(marks)} if marks else {})}


def text_with_breaks(value: str, marks: Sequence[AdfMark] = ()) -> list[AdfNode]:
    """Show literal text with each newline as a hard break; empty text gives no node."""
    nodes: list[AdfNode] = []
    for number, line in enumerate(value.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if number:
            nodes.append(hard_break())
        if line:
            nodes.append(text(line, marks))
    return nodes


def hard_break() -> AdfNode:
    """Make a line break inside a block."""
    return {"type": "hardBreak"}


def paragraph(content: str | Iterable[AdfNode] = ()) -> AdfNode:
    """Make a paragraph of inline nodes, or of literal text with its newlines shown."""
    return {"type": "paragraph", "content": _inline(content)}


def heading(level: int, content: str | Iterable[AdfNode]) -> AdfNode:
    """Make a heading of level 1 to 6."""
    if not 1 <= level <= 6:  # noqa: PLR2004 - the levels HTML and ADF know
        raise ValueError(f"A heading has a level from 1 to 6, not {level}.")
    return {"type": "heading", "attrs": {"level": level}, "content": _inline(content)}


def bullet_list(items: Iterable[AdfNode]) -> AdfNode:
    return {"type": "bulletList", "content": _at_least_one(items, "bulletList")}


def ordered_list(items: Iterable[AdfNode], *, start: int = 1) -> AdfNode:
    """Make a numbered list from list items, counted from `start` (0 or more)."""
    attrs = {"order": max(start, 0)} if start != 1 else {}
    return _node("orderedList", _at_least_one(items, "orderedList"), attrs)


def list_item(content: str | Iterable[AdfNode]) -> AdfNode:
    """Make a list item of blocks, or of literal text; an empty one holds an empty paragraph."""
    return {"type": "listItem", "content": _blocks(content)}


def table(rows: Iterable[AdfNode]) -> AdfNode:
    return {"type": "table", "content": _at_least_one(rows, "table")}


def table_row(cells: Iterable[AdfNode]) -> AdfNode:
    return {"type": "tableRow", "content": _at_least_one(cells, "tableRow")}


def table_header(content: str | Iterable[AdfNode] = (), **spans: int) -> AdfNode:
    """Make a header cell, as `table_cell`."""
    return {**table_cell(content, **spans), "type": "tableHeader"}


def table_cell(
    content: str | Iterable[AdfNode] = (), *, colspan: int = 1, rowspan: int = 1
) -> AdfNode:
    """Make a cell of blocks, or of literal text with its newlines shown; markup stays text."""
    spans = {"colspan": colspan, "rowspan": rowspan}
    attrs = {name: span for name, span in spans.items() if span != 1}
    return _node("tableCell", _blocks(content), attrs)


def code_block(code: str, *, language: str | None = None) -> AdfNode:
    """Make a block of code; newlines stay as they are."""
    attrs = {"language": language} if language else {}
    return _node("codeBlock", [text(code)] if code else [], attrs)


def rule() -> AdfNode:
    return {"type": "rule"}


def blockquote(content: str | Iterable[AdfNode]) -> AdfNode:
    """Make a quote of paragraphs, lists and code blocks."""
    return {"type": "blockquote", "content": _blocks(content)}


def panel(
    panel_type: Literal["info", "note", "warning", "success", "error"],
    content: str | Iterable[AdfNode],
) -> AdfNode:
    """Make a coloured box."""
    return {"type": "panel", "attrs": {"panelType": panel_type}, "content": _blocks(content)}


def expand(title: str, content: str | Iterable[AdfNode]) -> AdfNode:
    """Make a section that is closed until somebody opens it."""
    return {"type": "expand", "attrs": {"title": title}, "content": _blocks(content)}


def task_list(items: Iterable[AdfNode]) -> AdfNode:
    content = _at_least_one(items, "taskList")
    return {"type": "taskList", "attrs": {"localId": _local_id(content)}, "content": content}


def task_item(content: str | Iterable[AdfNode], *, is_done: bool = False) -> AdfNode:
    """Make one task of inline nodes, or of literal text."""
    inline = _inline(content)
    attrs = {"localId": _local_id(inline), "state": "DONE" if is_done else "TODO"}
    return {"type": "taskItem", "attrs": attrs, "content": inline}


def distinguish_local_ids(blocks: Iterable[AdfNode]) -> None:
    """Give the second and later task with an equal local id one of its own, in place."""
    seen: dict[str, int] = {}
    stack = list(blocks)[::-1]
    while stack:
        node = stack.pop()
        if node["type"] in {"taskList", "taskItem"}:
            attrs = node["attrs"]
            local_id = attrs["localId"]
            count = seen[local_id] = seen.get(local_id, 0) + 1
            if count > 1:
                attrs["localId"] = short_digest(f"{local_id}#{count}")
        content = node.get("content")
        if content:
            stack.extend(reversed(content))


def _node(node_type: str, content: list[AdfNode], attrs: dict[str, Any]) -> AdfNode:
    return {"type": node_type, **({"attrs": attrs} if attrs else {}), "content": content}


def _local_id(content: Sequence[AdfNode]) -> str:
    return short_digest(json.dumps(content, sort_keys=True, separators=(",", ":")))


def short_digest(value: str) -> str:
    """Return a name for a text: kept in documents, and in what is remembered of them."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _inline(content: str | Iterable[AdfNode]) -> list[AdfNode]:
    return text_with_breaks(content) if isinstance(content, str) else list(content)


def _blocks(content: str | Iterable[AdfNode]) -> list[AdfNode]:
    if isinstance(content, str):
        return [paragraph(content)]
    return list(content) or [paragraph()]


def _at_least_one(content: Iterable[AdfNode], node_type: str) -> list[AdfNode]:
    nodes = list(content)
    if not nodes:
        raise ValueError(f"An ADF {node_type} may not be empty; leave it out instead.")
    return nodes
