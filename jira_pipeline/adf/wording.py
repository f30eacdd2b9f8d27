"""How the place of a fault and the text around it are written.

Belongs here: JSON paths, context, advice about nodes in wrong places. Does not: finding faults
(`judging`, `validation`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_CONTEXT_LENGTH = 80
_CONTEXT_NODES = 60
_CONTEXT_LEVELS = 10
# Text further away explains nothing, and a thousand faults would each cost a walk to find it.


class Step(NamedTuple):
    """One step of the way down to a node; the way is read backwards."""

    parent: "Step | None"
    segment: str | int
    node: object


def path_of(step: Step, where: Iterable[str | int]) -> str:
    """Write the JSON path of a place in a node."""
    segments: list[str | int] = [*where][::-1]
    current: Step | None = step
    while current is not None and current.parent is not None:
        segments.append(current.segment)
        current = current.parent
    return "$" + _sendable("".join(_written(segment) for segment in reversed(segments)))


def _written(segment: Any) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    name = str(segment)
    if name.isidentifier():
        return f".{name}"
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _sendable(text: str) -> str:
    """Write halves of characters as escapes, so that what is told can be stored and sent."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def context_of(step: Step) -> str:
    """Find some text in the node, else in the nearest node around it that has any."""
    current: Step | None = step
    for _ in range(_CONTEXT_LEVELS):
        if current is None:
            break
        found = _text_in(current.node)
        if found:
            return _sendable(found)
        current = current.parent
    return ""


def _text_in(node: object) -> str:
    parts: list[str] = []
    length = 0
    pending = [node]
    for _ in range(_CONTEXT_NODES):
        if not pending or length >= _CONTEXT_LENGTH:
            break
        current = pending.pop()
        if not isinstance(current, dict):
            continue
        value = current.get("text")
        if isinstance(value, str) and value.strip():
            parts.append(value[:_CONTEXT_LENGTH])
            length += len(value)
        content = current.get("content")
        if isinstance(content, list):
            pending.extend(reversed(content[:_CONTEXT_NODES]))
    return " ".join(" ".join(parts).split())[:_CONTEXT_LENGTH]


def place_name(step: Step) -> str:
    """Name the place of a node for a message."""
    parent = step.parent.node if step.parent is not None else None
    if not isinstance(parent, dict):
        return "at the top"
    return f"at this place of {parent.get('type')}"


def advice_for_misplaced(node_type: str, table: Mapping[str, object]) -> str:
    """Say what to do about a node that may not stand where it does."""
    if node_type == "heading" and "paragraph" in table:
        return "Use a paragraph of strong text, or move the heading out."
    if node_type in {"blockquote", "panel", "table", "rule"} and "paragraph" in table:
        return f"Move the {node_type} out, or use paragraphs."
    return f"Delete it, move it out, or use one of {', '.join(sorted(table))}."
