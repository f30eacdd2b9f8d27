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
TITLED: Final = frozenset({"expand", "nestedExpand", "bodiedExtension"})
_CELLS: Final = frozenset({"tableCell", "tableHeader"})
_SHOWN_ATTRS: Final = ("text", "shortName", "title", "alt", "url")
"""What a node without text shows, the first that it has: a lozenge, an emoji, a file, a card."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def adf_to_text(document: AdfNode) -> str:
    """Write the text of a document: a line for each block, cells of a row parted by tabs."""
    parts: list[str] = []
    is_line_open = False
    cells_in_row = 0
    pending: list[tuple[AdfNode, bool]] = [(document, False)]
    while pending:
        node, is_end = pending.pop()
        if node["type"] in _CELLS:
            if is_end and parts and parts[-1] == "\n":
                parts.pop()  # of its last block: the row goes on
            elif not is_end:
                parts += ["\t"] if cells_in_row else []
                cells_in_row += 1
            is_line_open = is_end
        elif node["type"] == "tableRow" and not is_end:
            cells_in_row = 0
        elif shown := "" if is_end else inline_text(node):
            parts.append(shown)
            is_line_open = True
        if is_line_open and node["type"] in (_LINE_BLOCKS if is_end else TITLED):
            parts.append("\n")
            is_line_open = False
        if not is_end:
            pending.append((node, True))
            pending.extend((child, False) for child in reversed(children_of(node)))
    return "".join(parts).strip("\n")


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
        timestamp = str(attrs.get("timestamp", ""))
        try:
            return (_EPOCH + timedelta(milliseconds=int(timestamp))).date().isoformat()
        except (ValueError, OverflowError):
            return timestamp
    if node_type == "mention" and not attrs.get("text"):
        return f"@{attrs.get('id', '')}"
    if node_type == "syncBlock":  # its text is in another document
        return str(attrs.get("resourceId") or "")
    card: dict[str, Any] = attrs["data"] if isinstance(attrs.get("data"), dict) else {}
    shown = [attrs.get(name) for name in _SHOWN_ATTRS] + [card.get("url"), card.get("name")]
    return next((str(value) for value in shown if value), "")
