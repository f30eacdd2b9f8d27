"""Telling of a document where and why Jira would not take it.

Belongs here: asking the schema (`schema`), and saying each fault with its JSON path, the text
around it and advice. Does not: the size of a body (`nodes`).
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

import jsonschema_rs

from jira_pipeline.jira.adf.nodes import AdfLimitError, is_safe_href
from jira_pipeline.jira.adf.schema import DOCUMENT_SCHEMA, MAX_LIST_DEPTH
from jira_pipeline.model.validations import BrokenRule

MAX_JSON_DEPTH: Final = 4 * MAX_LIST_DEPTH + 60
"""Objects and arrays within each other: lists of that depth in a table in an expand, and more."""
MAX_VALUES: Final = 2_000_000
MAX_VIOLATIONS: Final = 1_000
_CONTEXT_LENGTH = 80
_CONTEXT_NODES = 60
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_ADVICE: Final = {
    "additionalProperties": "Delete it.",
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
    try:
        if not _is_too_deep(document) and _validator().is_valid(document):
            return []
    except ValueError:  # half a character, or a name that is no text
        pass
    unsendable = _unsendable_place(document)
    if unsendable is not None:
        path, message = unsendable
        return [_violation(document, path, "not_json", message, "Delete it.")]
    found = []
    for error in islice(_validator().iter_errors(document), MAX_VIOLATIONS):
        path, rule = error.instance_path, str(error.schema_path[-1])
        advice = _ADVICE.get(rule, "Change it, or delete the node.")
        message = f"{error.message}."
        kind = error.kind
        if isinstance(kind, jsonschema_rs.ValidationErrorKind.Enum) and path[-1:] == ["type"]:
            message, advice = _misplaced(document, path, kind.options)
        found.append(_violation(document, path, rule, message, advice))
    return found


def _is_too_deep(document: object) -> bool:
    """Tell whether objects and arrays are nested deeper than the schema is asked about."""
    level: list[Any] = [document] if isinstance(document, dict | list) else []
    count = 0
    for _ in range(MAX_JSON_DEPTH):
        level = [
            value
            for outer in level
            for value in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(value, dict | list)
        ]
        count += len(level)
        if count > MAX_VALUES:  # one that holds itself twice grows with each level
            raise AdfLimitError(what="The document", actual=count, limit=MAX_VALUES, unit="nodes")
        if not level:
            return False
    return True


def _unsendable_place(document: object) -> tuple[Sequence[str | int], str] | None:
    """Find what is nested too deep, or is no text that can be sent."""
    pending: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())]
    while pending:
        value, path = pending.pop()
        if isinstance(value, str) and not is_sendable_text(value):
            return path, "It holds half a character, which cannot be sent."
        if isinstance(value, dict | list) and len(path) >= MAX_JSON_DEPTH:
            return path, f"It is nested more than {MAX_JSON_DEPTH} levels deep."
        if isinstance(value, dict):
            if not all(isinstance(key, str) and is_sendable_text(key) for key in value):
                return path, "It has a name that is no text."
            pending.extend((value[key], (*path, key)) for key in reversed(value))
        elif isinstance(value, list):
            pending.extend((value[i], (*path, i)) for i in range(len(value) - 1, -1, -1))
    return None


def _misplaced(
    document: object, path: Sequence[str | int], allowed: Sequence[object]
) -> tuple[str, str]:
    nodes = _nodes_on(document, path)
    inner, outer = nodes[-1].get("type"), nodes[-2].get("type") if len(nodes) > 1 else "a document"
    place = "marks of " if "marks" in path[-3:] else ""
    message = f"{inner!r} is not allowed in {place}{outer}."
    if inner == "heading" and "paragraph" in allowed:
        return message, "Use a paragraph of strong text, or move the heading out."
    return message, f"Move it out, or use one of {', '.join(map(str, allowed))}."


def _nodes_on(document: object, path: Sequence[str | int]) -> list[dict[str, Any]]:
    """List the objects with a type on the way to a place, from the outside in."""
    value: Any = document
    nodes = []
    for step in [*path, None]:
        if isinstance(value, dict) and "type" in value:
            nodes.append(value)
        value = value[step] if step is not None else None
    return nodes


def _violation(
    document: object, path: Sequence[str | int], rule: str, message: str, advice: str
) -> BrokenRule:
    texts = (_node_text(node) for node in reversed(_nodes_on(document, path)))
    context = next((text for text in texts if text), "")[:_CONTEXT_LENGTH]
    return BrokenRule(
        path="$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path),
        rule=rule,
        message=message,
        context_text=_HALF_CHARACTER.sub("\ufffd", context),
        suggested_fix=advice,
    )


def _node_text(node: object) -> str:
    """Write the text in and below a node, as far as it is shown beside a fault."""
    pending, words = [node], ""
    for _ in range(_CONTEXT_NODES):
        if not pending or len(words) >= _CONTEXT_LENGTH:
            break
        value = pending.pop()
        if isinstance(value, dict):
            own = value.get("text")
            words += f" {own}" if isinstance(own, str) else ""
            content = value.get("content")
            pending.extend(reversed(content) if isinstance(content, list) else ())
    return " ".join(words.split())
