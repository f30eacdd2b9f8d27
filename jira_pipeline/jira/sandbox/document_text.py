"""Text and documents: as the v2 API and searches see one, made of a text, as Jira stores one.

Not here: rendering for people (`pages`), the document language itself (`jira_pipeline.jira.adf`).
"""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from itertools import count

from jira_pipeline.jira.adf.to_text import adf_to_text

WITH_LOCAL_ID = frozenset({"paragraph", "heading", "table", "tableRow", "tableCell", "tableHeader"})
"""Blocks that get an id when they are stored."""


def text_of_document(document: str | None) -> str:
    """Return the plain text of a stored document; blank when there is none."""
    return "" if document is None else adf_to_text(json.loads(document)).strip()


def document_of_text(text: str) -> dict[str, object]:
    """Make a document of a text: one paragraph per line that is not blank."""
    return {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": line}]}
            for line in text.splitlines()
            if line.strip()
        ],
    }


def rewritten(document: Mapping[str, object], *, seed: int) -> dict[str, object]:
    """Return a document as Jira stores it; the seed gives its local ids, which are new each time.

    Source: clients that compared what they had sent with what came back; nothing of it is stated.
    """
    numbers = count(1)

    def stored(node: Mapping[str, object]) -> dict[str, object]:
        copy = dict(node)
        children = node.get("content")
        if isinstance(children, list):
            copy["content"] = _joined([stored(child) for child in children])
        if node.get("type") in WITH_LOCAL_ID:
            attributes = node.get("attrs")
            own = dict(attributes) if isinstance(attributes, Mapping) else {}
            if node["type"] == "table":
                own.setdefault("layout", "default")
            copy["attrs"] = {**own, "localId": str(uuid.UUID(int=seed * 2**64 + next(numbers)))}
        return copy

    copy = stored(document)
    blocks = copy["content"]
    kept = [b for b in blocks if b["type"] != "paragraph" or b.get("content")]  # type: ignore[attr-defined] # a document has a list of nodes
    return {**copy, "content": kept}


def _joined(nodes: list[dict[str, object]]) -> list[dict[str, object]]:
    """Join texts that are next to each other and have the same marks."""
    joined: list[dict[str, object]] = []
    for node in nodes:
        before = joined[-1] if joined else {}
        is_text = node.get("type") == "text" == before.get("type")
        if is_text and node.get("marks") == before.get("marks"):
            joined[-1] = {**before, "text": f"{before['text']}{node['text']}"}
        else:
            joined.append(node)
    return joined


def add_text_functions(connection: sqlite3.Connection) -> None:
    """Teach a connection the functions that conditions on texts use."""
    connection.create_function("folded", 1, _folded, deterministic=True)
    connection.create_function("document_text", 1, text_of_document, deterministic=True)


def _folded(text: str) -> str:
    return text.casefold()
