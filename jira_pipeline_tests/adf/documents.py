"""Documents that hold every node and mark of the official schema, and edits of them."""

import copy
import json
import random
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

_ODD_VALUES: list[Any] = [
    None, True, False, 0, 1, 2.5, -1, 7, 101, "", "x", "javascript:x", "#12345g", "#123456",
    "#123456\n", "info", "center", "wide", "TODO", "sub", "paragraph", "heading", "text", "strong",
    "code", "listItem", "tableRow", "media", "percentage", "pixel", [], ["x"], {}, {"type": "rule"},
    {"type": "strong"}, {"type": "code"}, _TEXT, _PARAGRAPH, _LIST, _MEDIA, _LINK, {"localId": ""},
]  # fmt: skip
_NAMES = ["type", "attrs", "marks", "content", "text", "version", "localId", "level", "x", "width"]


def document_of(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """Make a document of copies, so that edits touch nothing else."""
    return {"version": 1, "type": "doc", "content": json.loads(json.dumps(blocks))}


def mutated(blocks: list[dict[str, Any]], *, seed: int, edit_count: int) -> dict[str, Any]:
    """Edit a document of some of the blocks at random places; the seed says how."""
    chooser = random.Random(seed)  # noqa: S311 - edits to reproduce, not secrets
    chosen = chooser.sample(blocks, chooser.randint(1, 3))
    document = document_of(chosen)
    for _ in range(edit_count):
        _edit(document, chooser)
    return document


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


def _edit(document: dict[str, Any], chooser: random.Random) -> None:
    places = _places(document)
    if not places:
        return
    parent, key = chooser.choice(places)
    other_parent, other_key = chooser.choice(places)
    other = copy.deepcopy(other_parent[other_key])
    new = chooser.choice([copy.deepcopy(chooser.choice(_ODD_VALUES)), other])
    match chooser.randint(0, 3):
        case 0:
            del parent[key]
        case 1 | 2:
            parent[key] = new
        case _ if isinstance(parent, list):
            parent.insert(key, new)
        case _:
            parent[chooser.choice(_NAMES)] = new


_NEED_CONTENT = frozenset(
    {"bulletList", "orderedList", "listItem", "taskList", "blockquote", "panel", "expand",
     "nestedExpand", "table", "tableRow", "tableCell", "tableHeader", "mediaGroup"}
)  # fmt: skip
_NEEDED_ATTRS = {
    "heading": "level", "panel": "panelType", "taskItem": "state", "status": "color",
    "mention": "id", "emoji": "shortName", "date": "timestamp",
}  # fmt: skip


def single_faults(block: dict[str, Any]) -> list[tuple[str, dict[str, Any], str]]:
    """Spoil a document of one block at one place each: what was done, the document, the place."""
    faults: list[tuple[str, dict[str, Any], str]] = []
    for route in _routes(document_of([block])):
        for name, spoil in _SPOILS.items():
            document = document_of([block])
            node, path = _follow(document, route)
            suffix = spoil(node)
            if suffix == ".marks[0].type" and block["type"] == "codeBlock":
                suffix = ".marks[0]"  # no type would do: code takes no marks at all
            if suffix is not None:
                faults.append((name, document, path + suffix))
    return faults


def _routes(document: dict[str, Any]) -> list[tuple[int, ...]]:
    routes: list[tuple[int, ...]] = []
    pending: list[tuple[dict[str, Any], tuple[int, ...]]] = [(document, ())]
    while pending:
        node, route = pending.pop()
        routes.append(route)
        pending.extend((c, (*route, i)) for i, c in enumerate(node.get("content", [])))
    return routes


def _follow(document: dict[str, Any], route: tuple[int, ...]) -> tuple[dict[str, Any], str]:
    node = document
    for index in route:
        node = node["content"][index]
    return node, "$" + "".join(f".content[{index}]" for index in route)


def _spoil_type(node: dict[str, Any]) -> str | None:
    node["type"] = "bogus"
    return ".type"


def _add_member(node: dict[str, Any]) -> str | None:
    node["bogus"] = 1
    return ".bogus"


def _add_attribute(node: dict[str, Any]) -> str | None:
    if "attrs" not in node:
        return None
    node["attrs"]["bogus"] = 1
    return ".attrs.bogus"


def _remove_attribute(node: dict[str, Any]) -> str | None:
    needed = _NEEDED_ATTRS.get(node["type"])
    if needed is None:
        return None
    del node["attrs"][needed]
    return f".attrs.{needed}"


def _empty_text(node: dict[str, Any]) -> str | None:
    if node["type"] != "text":
        return None
    node["text"] = ""
    return ".text"


def _add_forbidden_mark(node: dict[str, Any]) -> str | None:
    if node["type"] != "text":
        return None
    node.setdefault("marks", []).append({"type": "breakout", "attrs": {"mode": "wide"}})
    return f".marks[{len(node['marks']) - 1}]"


def _add_unknown_mark(node: dict[str, Any]) -> str | None:
    if node["type"] != "text":
        return None
    node.setdefault("marks", []).insert(0, {"type": "bogus"})
    return ".marks[0].type"


def _add_misplaced(node: dict[str, Any]) -> str | None:
    if "content" not in node or node["type"] == "mediaSingle":
        return None
    node["content"].append({"type": "doc", "version": 1, "content": []})
    return f".content[{len(node['content']) - 1}]"


def _empty_content(node: dict[str, Any]) -> str | None:
    if node["type"] not in _NEED_CONTENT:
        return None
    node["content"] = []
    return ".content"


_SPOILS = {
    spoil.__name__.strip("_"): spoil
    for spoil in (
        _spoil_type, _add_member, _add_attribute, _remove_attribute, _empty_text,
        _add_forbidden_mark, _add_unknown_mark, _add_misplaced, _empty_content,
    )
}  # fmt: skip
