"""Documents that hold every node and mark of the official schema, and edits of them."""

import json
from typing import Any

_TEXT = {"type": "text", "text": "text"}
_PARAGRAPH = {"type": "paragraph", "content": [_TEXT]}
_MEDIA = {"type": "media", "attrs": {"type": "file", "id": "m", "collection": "c"}}
_EXTERNAL = {"type": "media", "attrs": {"type": "external", "url": "https://example.org/i.png"}}
_LINK = {"type": "link", "attrs": {"href": "https://example.org/"}}
_LIST = {"type": "bulletList", "content": [{"type": "listItem", "content": [_PARAGRAPH]}]}
_TASKS = {
    "type": "taskList",
    "attrs": {"localId": "l"},
    "content": [
        {"type": "taskItem", "attrs": {"localId": "i", "state": "TODO"}, "content": [_TEXT]},
        {
            "type": "taskList",
            "attrs": {"localId": "k"},
            "content": [{"type": "taskItem", "attrs": {"localId": "j", "state": "DONE"}}],
        },
    ],
}
_EXTENSION = {"type": "extension", "attrs": {"extensionKey": "k", "extensionType": "t"}}
_SYNC = {"resourceId": "r", "localId": "l"}

JIRA_BLOCKS: list[dict[str, Any]] = [
    _PARAGRAPH,
    {
        "type": "paragraph",
        "content": [
            {"type": "text", "text": "a", "marks": [{"type": "strong"}, {"type": "em"}, _LINK]},
            {"type": "text", "text": "b", "marks": [{"type": "code"}, _LINK]},
            {"type": "text", "text": "c", "marks": [{"type": "subsup", "attrs": {"type": "sub"}}]},
            {
                "type": "text",
                "text": "d",
                "marks": [{"type": "textColor", "attrs": {"color": "#00ff00"}}],
            },
            {"type": "hardBreak"},
            {"type": "mention", "attrs": {"id": "5", "text": "@x"}},
            {"type": "emoji", "attrs": {"shortName": ":x:"}},
            {"type": "date", "attrs": {"timestamp": "1700000000000"}},
            {"type": "status", "attrs": {"text": "open", "color": "blue"}},
            {"type": "inlineCard", "attrs": {"url": "https://example.org/"}},
        ],
    },
    {"type": "heading", "attrs": {"level": 2}, "content": [_TEXT]},
    {"type": "rule"},
    {
        "type": "orderedList",
        "attrs": {"order": 3},
        "content": [{"type": "listItem", "content": [_PARAGRAPH, _LIST, {"type": "codeBlock"}]}],
    },
    _LIST,
    _TASKS,
    {"type": "codeBlock", "attrs": {"language": "php"}, "content": [_TEXT]},
    {"type": "blockquote", "content": [_PARAGRAPH, _LIST]},
    {"type": "panel", "attrs": {"panelType": "info"}, "content": [_PARAGRAPH, {"type": "rule"}]},
    {
        "type": "expand",
        "attrs": {"title": "t"},
        "content": [
            _PARAGRAPH,
            {"type": "nestedExpand", "attrs": {"title": "n"}, "content": [_PARAGRAPH]},
        ],
    },
    {
        "type": "table",
        "content": [
            {
                "type": "tableRow",
                "content": [
                    {"type": "tableHeader", "attrs": {"colspan": 2}, "content": [_PARAGRAPH]},
                    {"type": "tableCell", "attrs": {"colwidth": [1, 2]}, "content": [_LIST]},
                ],
            }
        ],
    },
    {"type": "mediaGroup", "content": [_MEDIA]},
    {
        "type": "mediaSingle",
        "attrs": {"layout": "center"},
        "content": [_EXTERNAL, {"type": "caption", "content": [_TEXT]}],
    },
]
"""Blocks valid in both profiles."""

FULL_BLOCKS: list[dict[str, Any]] = [
    *JIRA_BLOCKS,
    {
        "type": "paragraph",
        "marks": [
            {"type": "alignment", "attrs": {"align": "end"}},
            {"type": "fontSize", "attrs": {"fontSize": "small"}},
        ],
        "content": [
            {
                "type": "text",
                "text": "x",
                "marks": [
                    {"type": "backgroundColor", "attrs": {"color": "#123456"}},
                    {
                        "type": "annotation",
                        "attrs": {"id": "1", "annotationType": "inlineComment"},
                    },
                ],
            },
            {
                "type": "inlineExtension",
                "attrs": {"extensionKey": "k", "extensionType": "t"},
                "marks": [{"type": "fragment", "attrs": {"localId": "f"}}],
            },
            {"type": "placeholder", "attrs": {"text": "p"}},
            {
                "type": "mediaInline",
                "attrs": {"id": "i", "collection": "c"},
                "marks": [{"type": "border", "attrs": {"size": 2, "color": "#12345678"}}],
            },
        ],
    },
    {
        "type": "heading",
        "attrs": {"level": 1},
        "marks": [{"type": "indentation", "attrs": {"level": 3}}],
    },
    {
        "type": "layoutSection",
        "content": [
            {"type": "layoutColumn", "attrs": {"width": 50}, "content": [_PARAGRAPH, _EXTENSION]},
            {"type": "layoutColumn", "attrs": {"width": 50}, "content": [_TASKS]},
        ],
    },
    {
        "type": "decisionList",
        "attrs": {"localId": "d"},
        "content": [
            {"type": "decisionItem", "attrs": {"localId": "e", "state": "S"}, "content": [_TEXT]}
        ],
    },
    {
        "type": "taskList",
        "attrs": {"localId": "b"},
        "content": [
            {
                "type": "blockTaskItem",
                "attrs": {"localId": "c", "state": "TODO"},
                "content": [_PARAGRAPH, _EXTENSION, {"anything": True}],
            }
        ],
    },
    {"type": "blockCard", "attrs": {"url": "https://example.org/"}},
    {
        "type": "blockCard",
        "attrs": {"datasource": {"id": "i", "parameters": {}, "views": [{"type": "table"}]}},
    },
    {"type": "embedCard", "attrs": {"url": "u", "layout": "wide", "width": 50}},
    {
        **_EXTENSION,
        "marks": [{"type": "dataConsumer", "attrs": {"sources": ["s"]}}],
    },
    {
        "type": "bodiedExtension",
        "attrs": {"extensionKey": "k", "extensionType": "t", "layout": "default"},
        "content": [
            _PARAGRAPH,
            {"type": "table", "content": [{"type": "tableRow", "content": []}]},
        ],
    },
    {
        "type": "syncBlock",
        "attrs": _SYNC,
        "marks": [{"type": "breakout", "attrs": {"mode": "wide"}}],
    },
    {
        "type": "bodiedSyncBlock",
        "attrs": _SYNC,
        "content": [
            {"type": "paragraph", "marks": ["anything"], "content": [_TEXT]},
            {"type": "mediaSingle", "attrs": {"layout": "wide"}, "more": 1, "content": "any"},
            {"type": "layoutSection", "content": []},
        ],
    },
    {
        "type": "mediaSingle",
        "attrs": {"layout": "center", "width": 300, "widthType": "pixel"},
        "marks": [_LINK],
        "content": [_MEDIA],
        "unknown": None,
    },
    {
        "type": "codeBlock",
        "attrs": {"wrap": True},
        "marks": [{"type": "breakout", "attrs": {"mode": "full-width", "width": 900}}],
    },
]
"""Blocks valid for the official schema, every node and mark among them."""


def document_of(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """Make a document of copies, so that edits touch nothing else."""
    return {"version": 1, "type": "doc", "content": json.loads(json.dumps(blocks))}


def _places(document: dict[str, Any]) -> list[tuple[Any, Any]]:
    places: list[tuple[Any, Any]] = []
    pending: list[Any] = [document]
    while pending:
        value = pending.pop()
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            places.append((value, key))
            if isinstance(value[key], dict | list):
                pending.append(value[key])
    return places


def _empty_text(node: dict[str, Any]) -> str | None:
    if node["type"] != "text":
        return None
    node["text"] = ""
    return ".text"
