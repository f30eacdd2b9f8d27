"""Documents: which of them Jira takes.

Belongs here: what Jira refuses of a document for certain: types it does not know, an empty text,
blocks in lines, headings and quotes in lists, other marks beside code. It refuses nothing of the
official schema, which is looser than that of our bodies (`jira_pipeline.jira.adf.schema`). Does
not: rendering for people (`pages`), the document language itself (`jira_pipeline.jira.adf`).
"""

from typing import Final

import jsonschema_rs

from jira_pipeline.jira.adf.schema import child_of, schema_of

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
    {
        **{
            name: {"properties": {"content": {"type": "array", "items": child_of(inner)}}}
            for name, inner in _CHILDREN.items()
        },
        "text": _TEXT,
    },
    root="doc",
    marks={},
)
_VALIDATOR: Final = jsonschema_rs.validator_for(_SCHEMA)


def is_document(value: object) -> bool:
    return bool(_VALIDATOR.is_valid(value))
