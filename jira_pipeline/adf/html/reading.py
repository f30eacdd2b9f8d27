"""Looking at elements: text, classes, numbers, neighbours.

Belongs here: questions about a node of the parsed page that several families ask, each bounded in
what it visits. Does not: what the answers mean.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, TypeAlias

from selectolax.lexbor import LexborNode

Attributes: TypeAlias = Mapping[str, str | None]
"""Attributes of an element by lower-case name; `None` = written without a value."""

_EXCERPT_LENGTH = 60
_EXCERPT_NODES = 40
_MAX_NUMBERS = 20_000
_MAX_SIBLINGS = 500
# Looked at to find one: each of many elements may ask for the same.

_WHOLE_NUMBER: Final = re.compile(r"\s*([+-]?[0-9]{1,9})")
_UNSEEN: Final = frozenset({"script", "style", "template"})


def text_of(element: LexborNode) -> str:
    """Collect the text below an element on one line."""
    return " ".join("".join(texts_in(element)).split())


def raw_text_of(element: LexborNode) -> str:
    """Collect the text below an element as it is."""
    return "".join(texts_in(element))


def texts_in(element: LexborNode) -> Iterator[str]:
    """Visit the texts below an element that are not those of scripts and styles."""
    for node in element.traverse(include_text=True):
        if node.is_text_node:
            parent = node.parent
            if parent is None or parent.tag not in _UNSEEN:
                yield node.text_content or ""


def excerpt_of(element: LexborNode) -> str:
    """Quote the beginning of the text of an element, or its alternative text."""
    parts: list[str] = []
    length = 0
    for number, node in enumerate(element.traverse(include_text=True)):
        if number > _EXCERPT_NODES or length > _EXCERPT_LENGTH:
            break
        if node.is_text_node:
            text = (node.text_content or "")[:_EXCERPT_LENGTH]
            parts.append(text)
            length += len(text)
    return "".join(parts) or element.attributes.get("alt") or ""


def whole_number(value: str | None, *, default: int) -> int:
    """Read the digits at the start of an attribute as HTML does."""
    match = _WHOLE_NUMBER.match(value or "")
    return int(match.group(1)) if match else default


def classes_of(attributes: Attributes) -> frozenset[str]:
    """List the classes of an element in lower case."""
    return frozenset((attributes.get("class") or "").lower().split())


def children_of(element: LexborNode) -> Iterator[LexborNode]:
    """Visit the children of an element, texts and comments too."""
    child = element.first_child
    while child is not None:
        following = child.next
        yield child
        child = following


def first_child_named(element: LexborNode, *tags: str) -> LexborNode | None:
    """Find the first child with one of some names."""
    children = islice(children_of(element), _MAX_SIBLINGS)
    return next((child for child in children if child.tag in tags), None)


def first_element(node: LexborNode) -> LexborNode | None:
    """Find the first child that is neither white space nor a comment; `None` when it is text."""
    return _first_visible(node.first_child)


def next_element(node: LexborNode) -> LexborNode | None:
    """Find the next sibling that is neither white space nor a comment; `None` when it is text."""
    return _first_visible(node.next)


def _first_visible(node: LexborNode | None) -> LexborNode | None:
    for _ in range(_MAX_SIBLINGS):
        if node is None or node.is_element_node:
            return node
        if node.is_text_node and (node.text_content or "").strip():
            return None
        node = node.next
    return None


def short_text_of(element: LexborNode, max_nodes: int = _EXCERPT_NODES) -> str | None:
    """Collect the whole text of an element that has few nodes; `None` = it has more."""
    parts: list[str] = []
    for number, node in enumerate(element.traverse(include_text=True)):
        if number > max_nodes:
            return None
        if node.is_text_node:
            parts.append(node.text_content or "")
    return " ".join("".join(parts).split())


def says_only_numbers(element: LexborNode) -> bool:
    """Tell whether an element shows nothing but numbers, as those of lines do."""
    shown = short_text_of(element, _MAX_NUMBERS)
    return shown is not None and (not shown or shown.replace(" ", "").isdecimal())
