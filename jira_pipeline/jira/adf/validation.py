"""Telling of a document where and why Jira would not take it.

Belongs here: asking the schema (`schema`), and saying each fault with its JSON path and advice. Does not: the size of a body (`nodes`).
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

import jsonschema_rs

from jira_pipeline.jira.adf.nodes import is_safe_href
from jira_pipeline.jira.adf.schema import DOCUMENT_SCHEMA, MAX_LIST_DEPTH
from jira_pipeline.model.validations import BrokenRule

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
    unsendable = _unsendable_place(document)
    if unsendable is not None:
        path, message = unsendable
        return [_violation(path, "not_json", message, "Delete it.")]
    found = []
    for error in islice(_validator().iter_errors(document), MAX_VIOLATIONS):
        path, rule = error.instance_path, str(error.schema_path[-1])
        advice = _ADVICE.get(rule, "Change it, or delete the node.")
        found.append(_violation(path, rule, f"{error.message}.", advice))
    return found


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


def _violation(path: Sequence[str | int], rule: str, message: str, advice: str) -> BrokenRule:
    return BrokenRule(
        path="$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path),
        rule=rule,
        message=message,
        suggested_fix=advice,
    )
