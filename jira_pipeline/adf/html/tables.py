"""Tables, rows and cells.

Belongs here: header cells, spans, widths and backgrounds as HTML and its editors write them. Does
not: spans that do not fit (`table_grids`), where a table may be (`building`).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.reading import Attributes, children_of, says_only_numbers, whole_number
from jira_pipeline.adf.html.styles import declarations_of
from jira_pipeline.adf.html.walk import LEAVE_OUT, Chooser, Close, HtmlWalk, Opening

_MAX_SPAN = 1000
# Source: HTML Living Standard, colspan is clamped to 1000.
_MAX_COLUMNS = 1000
_MAX_WIDTH_PIXELS = 10_000
_LENGTH: Final = re.compile(
    r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*(px|pt|in|cm|mm|em|rem)?\s*", re.IGNORECASE
)
_PIXELS: Final = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54, "em": 16.0, "rem": 16.0,
}  # fmt: skip
# Source: CSS Values and Units, absolute lengths; an em is that of a browser's usual font.

_LINE_NUMBER_CLASSES: Final = (
    "linenos", "gutter", "rouge-gutter", "hljs-ln-numbers", "blob-num", "line-numbers-rows",
    "ak-renderer-table-number-column",
)  # fmt: skip


def open_table(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a table; the widths of its columns go to its cells when it ends."""
    attrs: dict[str, object] = {}
    if attributes and attributes.get("data-number-column") == "true":
        attrs["isNumberColumnEnabled"] = True
    close = walk.open_block("table", attrs)
    widths = _column_widths(node)
    if any(widths):
        walk.builder.set_column_widths(widths)
    return close


def open_row(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a table row."""
    del node, attributes
    return walk.open_block("tableRow") if walk.builder.is_inside("table") else None


def open_header_cell(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a header cell."""
    del node
    return _open_cell(walk, "tableHeader", attributes)


def open_cell(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a cell."""
    del node
    return _open_cell(walk, "tableCell", attributes)


def _open_cell(walk: HtmlWalk, node_type: str, attributes: Attributes) -> Close:
    if not walk.builder.is_inside("tableRow"):
        return None
    if not attributes:
        return walk.open_block(node_type)
    attrs: dict[str, Any] = {}
    for name in ("colspan", "rowspan"):
        span = whole_number(attributes.get(name), default=1)
        if span > 1:
            attrs[name] = min(span, _MAX_SPAN)
    written = attributes.get("data-colwidth") or attributes.get("colwidth") or ""
    widths = [_pixels(part) for part in written.split(",")[:_MAX_SPAN]]
    widths = widths if all(widths) else []
    if widths and len(widths) == attrs.get("colspan", 1):
        attrs["colwidth"] = widths
    background = _background(walk, attributes)
    if background is not None:
        attrs["background"] = background
    return walk.open_block(node_type, attrs)


def _background(walk: HtmlWalk, attributes: Attributes) -> str | None:
    declared = declarations_of(attributes.get("style") or "")
    for written in (
        attributes.get("data-cell-background"),
        declared.get("background-color"),
        declared.get("background"),
        attributes.get("bgcolor"),
        attributes.get("data-highlight-colour"),
    ):
        color = walk.read_color(written) if written else None
        if color is not None:
            return color if color != "#ffffff" else None
    return None


def _column_widths(table: LexborNode) -> list[int]:
    """Read the widths of columns; they are before the rows."""
    widths: list[int] = []
    for column in _columns_of(table):
        attributes = column.attributes
        declared = declarations_of(attributes.get("style") or "")
        width = _pixels(declared.get("width") or attributes.get("width") or "")
        count = min(max(whole_number(attributes.get("span"), default=1), 1), _MAX_COLUMNS)
        widths.extend([width] * count)
        if len(widths) > _MAX_COLUMNS:
            return []
    return widths


def _columns_of(table: LexborNode) -> Iterator[LexborNode]:
    for child in children_of(table):
        if child.tag == "colgroup":
            columns = [column for column in children_of(child) if column.tag == "col"]
            yield from columns or [child]
        elif child.tag in {"thead", "tbody", "tfoot", "tr"}:
            return


def _pixels(written: str) -> int:
    """Read a width in pixels; 0 = none, or one that depends on something else."""
    match = _LENGTH.fullmatch(written)
    if not match:
        return 0
    width = round(float(match.group(1)) * _PIXELS[(match.group(2) or "").lower()])
    return width if 0 < width <= _MAX_WIDTH_PIXELS else 0


def drop_line_numbers(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Leave out the cell that numbers the lines beside it."""
    del attributes
    walk.note("dropped", "line numbers", node)
    return LEAVE_OUT


def _choose_line_numbers(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del attributes
    return drop_line_numbers if tag in {"td", "th"} and says_only_numbers(node) else None


TABLES: Final[dict[str, Opening]] = {
    "table": open_table,
    "tr": open_row,
    "th": open_header_cell,
    "td": open_cell,
}
TABLE_CLASSES: Final[dict[str, Chooser]] = dict.fromkeys(_LINE_NUMBER_CLASSES, _choose_line_numbers)
