"""Text and documents: as the v2 API and searches see one, made of a text, as Jira keeps one.

Belongs here: what Jira refuses of a document for certain: types it does not know, an empty text,
blocks in lines, headings and quotes in lists, other marks beside code. It refuses nothing of the
official schema, which is looser than that of our bodies (`jira_pipeline.jira.adf.schema`). Does
not: rendering for people (`pages`), the document language itself (`jira_pipeline.jira.adf`).
"""

import json
import uuid
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

import jsonschema_rs

from jira_pipeline.jira.adf.schema import child_of, schema_of
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

WITH_LOCAL_ID = frozenset({"paragraph", "heading", "table", "tableRow", "tableCell", "tableHeader"})
"""Blocks that get an id when they are stored."""

_INLINE: Final = (
    "text", "hardBreak", "mention", "emoji", "date", "status", "placeholder", "inlineCard",
    "mediaInline", "inlineExtension",
)  # fmt: skip
_IN_LIST: Final = (
    "paragraph", "bulletList", "orderedList", "taskList", "codeBlock", "mediaSingle", "extension"
)  # fmt: skip
_IN_QUOTE: Final = (*_IN_LIST, "mediaGroup")
_NOT_IN_CELLS: Final = (*_IN_QUOTE, "heading", "rule", "decisionList", "blockCard", "panel")
_BLOCKS: Final = (
    *_NOT_IN_CELLS, "blockquote", "embedCard", "nestedExpand", "table", "expand",
    "bodiedExtension", "layoutSection", "syncBlock", "bodiedSyncBlock",
)  # fmt: skip
_CHILDREN: Final = {
    "doc": _BLOCKS,
    **dict.fromkeys(("paragraph", "heading", "caption", "taskItem", "decisionItem"), _INLINE),
    **dict.fromkeys(("bulletList", "orderedList"), ("listItem",)),
    "listItem": _IN_LIST,
    "taskList": ("taskItem", "taskList", "blockTaskItem"),
    "decisionList": ("decisionItem",),
    "codeBlock": ("text",),
    "blockquote": _IN_QUOTE,
    "panel": _NOT_IN_CELLS,
    **dict.fromkeys(("expand", "nestedExpand", "layoutColumn", "bodiedExtension"), _BLOCKS),
    "bodiedSyncBlock": _BLOCKS,
    "layoutSection": ("layoutColumn",),
    "table": ("tableRow",),
    "tableRow": ("tableCell", "tableHeader"),
    **dict.fromkeys(("tableCell", "tableHeader"), _BLOCKS),
    "mediaGroup": ("media",),
}
"""What is in what; of a type that is not named anything may be."""


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


def add_text_functions(connection: Rows) -> None:
    """Teach a connection the functions that conditions on texts use."""
    connection.create_function("folded", 1, str.casefold, deterministic=True)
    connection.create_function("document_text", 1, text_of_document, deterministic=True)


def _of_node(name: str) -> dict[str, Any]:
    content: dict[str, Any] = {"type": "array"}
    return {"properties": {"content": content | {"items": child_of(_CHILDREN[name])}}}


_CODE: Final = {"contains": {"properties": {"type": {"const": "code"}}}}
_BESIDE_CODE: Final = {"properties": {"type": {"enum": ["code", "link", "annotation"]}}}
_TEXT: Final = {
    "required": ["text"],
    "properties": {
        "text": {"type": "string", "minLength": 1},
        "marks": {"type": "array", "if": _CODE, "then": {"items": _BESIDE_CODE}},
    },
}
_SCHEMA: Final = schema_of(
    {**{name: _of_node(name) for name in _CHILDREN}, "text": _TEXT}, root="doc", marks={}
)
_VALIDATOR: Final = jsonschema_rs.validator_for(_SCHEMA)


def is_document(value: object) -> bool:
    return bool(_VALIDATOR.is_valid(value))
