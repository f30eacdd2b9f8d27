"""The plain text of a document, for comparing, searching and measuring.

Belongs here: what a person would read, block by block. Does not: markup of any kind (`to_html`,
`to_markdown`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jira_pipeline.adf.nodes import AdfNode

_LINE_BLOCKS: Final = frozenset(
    {
        "paragraph", "heading", "codeBlock", "rule", "taskItem", "decisionItem", "caption",
        "tableRow", "expand", "nestedExpand", "blockCard", "embedCard", "media",
    }
)  # fmt: skip
_CELLS: Final = frozenset({"tableCell", "tableHeader"})
_SHOWN_ATTRS: Final = {
    "emoji": ("text", "shortName"),
    **dict.fromkeys(("media", "mediaInline"), ("alt", "url")),
    **dict.fromkeys(("inlineCard", "blockCard", "embedCard"), ("url",)),
    **dict.fromkeys(("mention", "status", "placeholder"), ("text",)),
}
_QUOTED_NODES = 50
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
        pending.extend((child, False) for child in reversed(node.get("content") or ()))
    return writer.text()


def inline_text(node: AdfNode) -> str:
    """Write what a node without content shows."""
    node_type = node["type"]
    if node_type == "text":
        return str(node["text"])
    if node_type == "hardBreak":
        return "\n"
    attrs: dict[str, Any] = node.get("attrs") or {}
    if node_type == "date":
        return date_text(str(attrs.get("timestamp", "")))
    for name in _SHOWN_ATTRS.get(node_type, ()):
        if attrs.get(name):
            return str(attrs[name])
    return ""


def first_text(content: Sequence[AdfNode], max_length: int) -> str:
    """Write the beginning of the text of some blocks, for quoting it."""
    parts: list[str] = []
    length = 0
    pending = list(content[:_QUOTED_NODES])[::-1]
    for _ in range(_QUOTED_NODES):
        if not pending or length >= max_length:
            break
        node = pending.pop()
        shown = inline_text(node)[:max_length]
        if shown:
            parts.append(shown)
            length += len(shown)
        pending.extend(reversed((node.get("content") or ())[:_QUOTED_NODES]))
    return " ".join(parts)[:max_length]


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
        elif node_type in {"expand", "nestedExpand"}:
            self._write((node.get("attrs") or {}).get("title") or "")
            self._end_line()
        elif node_type == "tableRow":
            self._cells_in_row = 0
        else:
            self._write(inline_text(node))

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
