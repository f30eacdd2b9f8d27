"""The plain text of a document, for comparing, searching and measuring.

Belongs here: what a person would read, block by block. Does not: markup of any kind (`to_html`,
`to_markdown`).
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jira_pipeline.jira.adf.nodes import AdfNode

_LINE_BLOCKS: Final = frozenset(
    {
        "paragraph", "heading", "codeBlock", "rule", "taskItem", "decisionItem", "caption",
        "tableRow", "expand", "nestedExpand", "blockCard", "embedCard", "media", "extension",
        "bodiedExtension", "syncBlock",
    }
)  # fmt: skip
_TITLED: Final = frozenset({"expand", "nestedExpand", "bodiedExtension"})
_CELLS: Final = frozenset({"tableCell", "tableHeader"})
_SHOWN_ATTRS: Final = ("text", "shortName", "title", "alt", "url")
"""What a node without text shows, the first that it has: a lozenge, an emoji, a file, a card."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def adf_to_text(document: AdfNode) -> str:
    """Write the text of a document: a line for each block, cells of a row parted by tabs."""
    writer = _TextWriter()
    pending: list[tuple[AdfNode, bool]] = [(document, False)]
    while pending:
        node, is_end = pending.pop()
        if is_end:
            writer.leave(node["type"])
            continue
        writer.enter(node)
        pending.append((node, True))
        pending.extend((child, False) for child in reversed(children_of(node)))
    return writer.text()


def children_of(node: AdfNode) -> list[AdfNode]:
    """List the nodes in a node; what is no node shows nothing.

    A table in a table is a document that an extension has as a text.
    Source: Atlassian's `adf-utils`, `node-nesting`, 2026-11.
    """
    content = node.get("content") or _nested_document(node).get("content")
    return [n for n in content if isinstance(n, dict) and "type" in n] if content else []


def _nested_document(node: AdfNode) -> AdfNode:
    attrs = node.get("attrs") or {}
    parameters = attrs.get("parameters") if attrs.get("extensionKey") == "nested-table" else None
    written = parameters.get("adf") if isinstance(parameters, dict) else None
    try:
        document = json.loads(str(written))
    except (ValueError, RecursionError):  # what no program wrote shows nothing
        return {}
    return document if isinstance(document, dict) else {}


def inline_text(node: AdfNode) -> str:
    """Write what a node shows by itself, known or not: its text, else the words of its attributes."""
    node_type = node["type"]
    if node_type == "text":
        return str(node["text"])
    if node_type == "hardBreak":
        return "\n"
    attrs: dict[str, Any] = node.get("attrs") or {}
    if node_type == "date":
        return date_text(str(attrs.get("timestamp", "")))
    if node_type == "mention" and not attrs.get("text"):
        return f"@{attrs.get('id', '')}"
    if node_type == "syncBlock":  # its text is in another document
        return str(attrs.get("resourceId") or "")
    data = attrs["data"] if isinstance(attrs.get("data"), dict) else {}
    shown = [attrs.get(name) for name in _SHOWN_ATTRS] + [data.get("url"), data.get("name")]
    return next((str(value) for value in shown if value), "")


def date_text(timestamp: str) -> str:
    """Write milliseconds since 1970 as a day in UTC; what is no such number stays as it is."""
    try:
        return (_EPOCH + timedelta(milliseconds=int(timestamp))).date().isoformat()
    except (ValueError, OverflowError):
        return timestamp


class _TextWriter:
    """The lines written so far."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._is_line_open = False
        self._cells_in_row = 0

    def enter(self, node: AdfNode) -> None:
        node_type = node["type"]
        if node_type in _CELLS:
            if self._cells_in_row:
                self._parts.append("\t")
            self._cells_in_row += 1
            self._is_line_open = False
        elif node_type == "tableRow":
            self._cells_in_row = 0
        else:
            self._write(inline_text(node))
            if node_type in _TITLED:
                self._end_line()

    def leave(self, node_type: str) -> None:
        if node_type in _CELLS:
            if self._parts and self._parts[-1] == "\n":
                self._parts.pop()
            self._is_line_open = True
        elif node_type in _LINE_BLOCKS:
            self._end_line()

    def text(self) -> str:
        return "".join(self._parts).strip("\n")

    def _write(self, value: str) -> None:
        if value:
            self._parts.append(value)
            self._is_line_open = True

    def _end_line(self) -> None:
        if self._is_line_open:
            self._parts.append("\n")
            self._is_line_open = False
