"""What is left of a document once it was Markdown: the form that a round trip gives back."""

import copy
from typing import Any


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
