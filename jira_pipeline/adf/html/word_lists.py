"""Paragraphs that pose as list items: Word and Outlook.

Belongs here: the list, level and marker that Word writes into a paragraph. Does not: nesting
(`lists`).
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.elements import open_line
from jira_pipeline.adf.html.reading import Attributes, children_of, next_element, raw_text_of
from jira_pipeline.adf.html.styles import declarations_of
from jira_pipeline.adf.html.walk import Chooser, Close, FlatLists, HtmlWalk, Opening

_LIST_STYLE: Final = re.compile(r"mso-list:\s*(l\d+)\s+level(\d)\s+(lfo\d+)", re.IGNORECASE)
_LIST_CLASS: Final = re.compile(r"(?:^|\s)(?:x_)*MsoListParagraph(?:CxSp\w+)?(?:\s|$)")
_IGNORED: Final = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_BULLETS: Final = re.compile(
    r"[\s\u00a0]*([·•o§▪■●○◦‣–—*ØüÞv\uf0a7\uf0b7\uf0d8\uf0fc-])[\s\u00a0]*"
)
_NUMBER: Final = re.compile(r"[\s\u00a0]*\(?(\d{1,6}|[A-Za-z]{1,7})(?:\.\d{1,3})*[.):][\s\u00a0]*")
_POINTS: Final = re.compile(r"(-?\d{1,5}(?:\.\d{1,4})?)(pt|in|cm|px|mm)")
_POINTS_IN: Final = {"pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "px": 0.75}
_INDENT_POINTS = 36
# Word indents each level by half an inch.

_PROBE_LIMIT = 6
_PROBE_LENGTH = 40
_MAX_LEVEL = 9
_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordItem:
    """What a paragraph says about the list it is in."""

    family: str
    level: int


def _word_item(attributes: Attributes) -> WordItem | None:
    style = attributes.get("style") or ""
    match = _LIST_STYLE.search(style) if "mso-list" in style else None
    if match:
        return WordItem(family=match.group(3).lower(), level=int(match.group(2)))
    if _LIST_CLASS.search(attributes.get("class") or ""):
        declared = declarations_of(style)
        margin = declared.get("margin-left") or (declared.get("margin", "").split() or [""])[-1]
        match = _POINTS.fullmatch(margin)
        points = float(match.group(1)) * _POINTS_IN[match.group(2)] if match else 0.0
        return WordItem(family="", level=min(max(round(points / _INDENT_POINTS), 1), _MAX_LEVEL))
    return None


def open_word_item(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the list item that a paragraph imitates, without the marker written into it."""
    item = _word_item(attributes)
    marker = _marker_of(node)
    if item is None or marker is None:
        return open_line(walk, node, attributes)
    walk.builder.end_line()
    lists = walk.flat_lists_in(node.parent)
    lists.enter(
        walk,
        level=item.level,
        list_type="orderedList" if marker.number is not None else "bulletList",
        family=item.family,
        start=marker.number if marker.number is not None else 1,
    )
    marker.element.decompose()
    close = walk.open_block("listItem")
    return partial(_close_word_item, walk, node, lists, close)


def _close_word_item(walk: HtmlWalk, node: LexborNode, lists: FlatLists, close: Close) -> None:
    walk.end(close)
    following = next_element(node)
    is_item = (
        following is not None
        and following.tag in _PARAGRAPHS
        and _word_item(following.attributes) is not None
        and _marker_of(following) is not None
    )
    if not is_item:
        walk.leave_flat_lists(lists)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marker:
    """The bullet or number that Word writes as text."""

    element: LexborNode
    number: int | None
    """`None` = a bullet."""


def _marker_of(paragraph: LexborNode) -> _Marker | None:
    """Find the marker: what is marked as ignorable, else the first short text that looks like one."""
    current: LexborNode | None = paragraph
    for _ in range(_PROBE_LIMIT):
        current = _first_shown(current) if current is not None else None
        if current is None:
            return None
        if _IGNORED.search(current.attributes.get("style") or ""):
            return _read_marker(current) or _Marker(element=current, number=None)
        marker = _read_marker(current)
        if marker is not None:
            return marker
    return None


def _first_shown(node: LexborNode) -> LexborNode | None:
    """Find the first child that is text or an element with text."""
    for number, child in enumerate(children_of(node)):
        if number > _PROBE_LIMIT:
            return None
        if child.is_element_node or (child.is_text_node and (child.text_content or "").strip()):
            return child
    return None


def _read_marker(node: LexborNode) -> _Marker | None:
    if node.is_text_node and node.next is None:
        return None  # the whole text of a paragraph is no marker
    written = (
        raw_text_of(node)[:_PROBE_LENGTH] if node.first_child is None or _is_small(node) else ""
    )
    if _BULLETS.fullmatch(written):
        return _Marker(element=node, number=None)
    match = _NUMBER.fullmatch(written)
    return _Marker(element=node, number=_value_of(match.group(1))) if match else None


def _is_small(node: LexborNode) -> bool:
    """Tell whether an element holds so little that it may be a marker."""
    length = 0
    for number, part in enumerate(node.traverse(include_text=True)):
        length += len(part.text_content or "") if part.is_text_node else 0
        if number > _PROBE_LIMIT * 2 or length > _PROBE_LENGTH:
            return False
    return True


def _value_of(written: str) -> int:
    """Read `4`, `d` or `iv`; what is longer than a numeral counts from one."""
    if written.isdecimal():
        return int(written)
    letters = written.lower()
    if all(letter in _ROMAN for letter in letters) and letters not in {"c", "l"}:
        values = [_ROMAN[letter] for letter in letters]
        following = [*values[1:], 0]
        return sum(-a if a < b else a for a, b in zip(values, following, strict=True))
    return ord(letters) - ord("a") + 1 if len(letters) == 1 else 1


_PARAGRAPHS: Final = frozenset({"p", "div"})


def choose_word_item(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Take paragraphs that say which list they are in."""
    del node
    return open_word_item if tag in _PARAGRAPHS and _word_item(attributes) is not None else None


WORD_CLASSES: Final[dict[str, Chooser]] = {
    f"{prefix}MsoListParagraph{suffix}": choose_word_item
    for prefix in ("", "x_")
    for suffix in ("", "CxSpFirst", "CxSpMiddle", "CxSpLast")
}
