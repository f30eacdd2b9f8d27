"""What a document of ours may be, by one JSON Schema, and where and why one is not.

Belongs here: the schema of what we send, and `schema_of`, which writes such schemas so that each
node is judged by its type alone: a fault has one place, and time grows with the document; saying
each fault with its JSON path and advice. Does not: the size of a body (`nodes`), what others may
send to the sandbox (`jira/sandbox/document_text`).

Source: narrower than Atlassian's `full.json`, which tests hold it against; Jira refuses an empty
text, code with other marks than a link, and headings and quotes in lists.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final, TypeAlias

import jsonschema_rs

from jira_pipeline.jira.adf.link_addresses import is_safe_href
from jira_pipeline.model.ticket_validations import BrokenRule

Schema: TypeAlias = dict[str, Any]

MAX_LIST_DEPTH: Final = 40
"""Common JSON encoders refuse lists that are nested deeper; each is four levels of JSON."""

INLINE: Final = ("text", "hardBreak", "inlineCard")
IN_ITEM: Final = ("paragraph", "bulletList", "orderedList", "taskList", "codeBlock")
IN_QUOTE: Final = ("paragraph", "bulletList", "orderedList", "codeBlock")
IN_PANEL: Final = (*IN_ITEM, "heading", "rule")
IN_NESTED_EXPAND: Final = (*IN_PANEL, "panel", "blockquote")
IN_CELL: Final = (*IN_NESTED_EXPAND, "nestedExpand")
IN_EXPAND: Final = (*IN_CELL, "table")
IN_DOCUMENT: Final = (*IN_NESTED_EXPAND, "table", "expand")


def schema_of(nodes: Mapping[str, Schema], *, root: str, marks: Schema) -> Schema:
    """Write the schema of documents whose nodes are of some types."""
    by_type = [
        {"if": {"properties": {"type": {"const": name}}}, "then": node}
        for name, node in nodes.items()
    ]
    node = {"type": "object", "required": ["type"], "allOf": by_type}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **child_of([root]),
        "$defs": {"node": node, "marks": marks},
    }


def child_of(types: Iterable[str]) -> Schema:
    """Write the schema of a node of one of some types."""
    return {"$ref": "#/$defs/node", "properties": {"type": {"enum": list(types)}}}


def _node(
    types: Iterable[str] = (), *, least: int | None = None, required: str = "", **members: Schema
) -> Schema:
    """Write the schema of a node; without `least` it may lack its content."""
    properties: Schema = {"type": {}, **members}
    if types:
        properties["content"] = {"type": "array", "items": child_of(types), "minItems": least or 0}
    needed = [*required.split(), *(["content"] if least is not None else [])]
    return {"required": needed, "additionalProperties": False, "properties": properties}


def _attrs(required: str = "", **members: Schema) -> Schema:
    return {
        "type": "object",
        "required": required.split(),
        "additionalProperties": False,
        "properties": members,
    }


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


_STRING: Final[Schema] = {"type": "string", "format": "sendable"}
_FILLED: Final[Schema] = {**_STRING, "minLength": 1}
_LINK: Final[Schema] = {"type": "string", "format": "safe-link"}
_SPANS: Final = _attrs(colspan=_whole(1, 1_000), rowspan=_whole(1, 65_534))
_TITLE: Final = _attrs("title", title=_STRING)
_MARKS: Final[Mapping[str, Schema]] = {
    **dict.fromkeys(("strong", "em", "underline", "strike", "code"), _node()),
    "subsup": _node(required="attrs", attrs=_attrs("type", type={"enum": ["sub", "sup"]})),
    "link": _node(required="attrs", attrs=_attrs("href", href=_LINK, title=_STRING)),
}

DOCUMENT_SCHEMA: Final = schema_of(
    {
        "doc": _node(IN_DOCUMENT, least=0, required="version", version={"const": 1}),
        "paragraph": _node(INLINE),
        "heading": _node(INLINE, required="attrs", attrs=_attrs("level", level=_whole(1, 6))),
        "bulletList": _node(["listItem"], least=1),
        "orderedList": _node(["listItem"], least=1, attrs=_attrs(order=_whole(0, 2**31 - 1))),
        "listItem": _node(IN_ITEM, least=1),
        "taskList": _node(
            ["taskItem", "taskList"],
            least=1,
            required="attrs",
            attrs=_attrs("localId", localId=_FILLED),
        ),
        "taskItem": _node(
            INLINE,
            required="attrs",
            attrs=_attrs("localId state", localId=_FILLED, state={"enum": ["TODO", "DONE"]}),
        ),
        "codeBlock": _node(["text"], attrs=_attrs(language=_STRING)),
        "blockquote": _node(IN_QUOTE, least=1),
        "panel": _node(
            IN_PANEL,
            least=1,
            required="attrs",
            attrs=_attrs(
                "panelType",
                panelType={"enum": ["info", "note", "tip", "warning", "error", "success"]},
            ),
        ),
        "expand": _node(IN_EXPAND, least=1, attrs=_TITLE),
        "nestedExpand": _node(IN_NESTED_EXPAND, least=1, required="attrs", attrs=_TITLE),
        "rule": _node(),
        "table": _node(["tableRow"], least=1),
        "tableRow": _node(["tableCell", "tableHeader"], least=1),
        "tableCell": _node(IN_CELL, least=1, attrs=_SPANS),
        "tableHeader": _node(IN_CELL, least=1, attrs=_SPANS),
        "text": _node(required="text", text=_FILLED, marks={"$ref": "#/$defs/marks"}),
        "hardBreak": _node(),
        "inlineCard": _node(required="attrs", attrs=_attrs("url", url=_LINK)),
    },
    root="doc",
    marks={
        "type": "array",
        "items": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": list(_MARKS)}},
            "allOf": [
                {"if": {"properties": {"type": {"const": name}}}, "then": mark}
                for name, mark in _MARKS.items()
            ],
        },
        "allOf": [
            {
                "contains": {"properties": {"type": {"const": name}}},
                "minContains": 0,
                "maxContains": 1,
            }
            for name in _MARKS
        ],
        "if": {"contains": {"properties": {"type": {"const": "code"}}}},
        "then": {"items": {"properties": {"type": {"enum": ["code", "link"]}}}},
    },
)

MAX_JSON_DEPTH: Final = 4 * MAX_LIST_DEPTH + 60
"""Objects and arrays within each other: lists of that depth in a table in an expand, and more."""
MAX_VIOLATIONS: Final = 1_000
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_ADVICE: Final = {
    "additionalProperties": "Delete it.",
    "enum": "Use one of these, or move it out.",
    "format": "Use an http, https or mailto address without a user name, or take the link away.",
    "maxContains": "Delete one of the marks of the same type.",
    "minItems": "Add what belongs in it, or delete the node.",
    "minLength": "Fill it, or delete the node.",
    "required": "Add it.",
}
"""What to do about a fault by the keyword of the schema that names it."""


def is_sendable_text(text: str) -> bool:
    """Tell whether a text is made of whole characters: half a surrogate pair has no UTF-8."""
    return text.isascii() or _HALF_CHARACTER.search(text) is None


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(
        DOCUMENT_SCHEMA,
        formats={"safe-link": is_safe_href, "sendable": is_sendable_text},
        validate_formats=True,
    )


def validate_adf(document: object) -> list[BrokenRule]:
    """Find what is wrong with a document, in its order; none = it is valid.

    Of very many faults the first 1,000 are reported.
    """
    # Where something is, is looked up only once something is there: that look costs thrice as much.
    unsendable = None if _is_sendable(document) else _unsendable_place(document)
    if unsendable is not None:
        path, message = unsendable
        return [_violation(path, "not_json", message, "Delete it.")]
    broken_rules: list[BrokenRule] = []
    for error in islice(_validator().iter_errors(document), MAX_VIOLATIONS):
        path = error.instance_path
        rule = str(error.schema_path[-1])
        advice = _ADVICE.get(rule, "Change it, or delete the node.")
        broken_rules.append(_violation(path, rule, f"{error.message}.", advice))
    return broken_rules


def _is_sendable(document: object) -> bool:
    """Tell whether no value within a document is against sending it."""
    depth = 0
    values: list[object] = [document]
    while values:
        inner: list[object] = []
        for value in values:
            if _unsendable_because(value, depth):
                return False
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        values = inner
        depth += 1
    return True


def _unsendable_place(document: object) -> tuple[Sequence[str | int], str] | None:
    """Find the first value in a document that is against sending it, and say why."""
    pending: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())]
    while pending:
        value, path = pending.pop()
        reason = _unsendable_because(value, len(path))
        if reason:
            return path, reason
        if isinstance(value, dict):
            pending.extend((value[key], (*path, key)) for key in reversed(value))
        elif isinstance(value, list):
            pending.extend((value[i], (*path, i)) for i in range(len(value) - 1, -1, -1))
    return None


def _unsendable_because(value: object, depth: int) -> str:
    """Say what is against sending a value at a depth of a document; empty where nothing is."""
    if isinstance(value, str):
        if not is_sendable_text(value):
            return "It holds half a character, which cannot be sent."
    elif isinstance(value, dict | list):
        if depth >= MAX_JSON_DEPTH:
            return f"It is nested more than {MAX_JSON_DEPTH} levels deep."
        if isinstance(value, dict):
            for name in value:
                if not isinstance(name, str) or not is_sendable_text(name):
                    return "It has a name that is no text."
    return ""


def _violation(path: Sequence[str | int], rule: str, message: str, advice: str) -> BrokenRule:
    return BrokenRule(path=_path_text(path), rule=rule, message=message, suggested_fix=advice)


def _path_text(path: Sequence[str | int]) -> str:
    """Write where a fault is: `$.content[2].text`."""
    text = "$"
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text
