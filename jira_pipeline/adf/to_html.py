"""A document as semantic HTML, much as Jira shows it.

Belongs here: the elements for nodes and marks; everything foreign is escaped and links are
checked again, so that any document is safe to show. Does not: pages or style sheets around it.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

from jira_pipeline.adf.links import safe_href
from jira_pipeline.adf.nodes import AdfMark, AdfNode
from jira_pipeline.adf.to_text import inline_text

_SIMPLE: Final = {
    "doc": "", "paragraph": "p", "blockquote": "blockquote", "bulletList": "ul", "listItem": "li",
    "tableRow": "tr", "caption": "figcaption", "mediaSingle": "figure",
}  # fmt: skip
_MARK_ELEMENTS: Final = {
    "strong": "strong", "em": "em", "underline": "u", "strike": "s", "code": "code",
}  # fmt: skip
_COLOR_PROPERTIES: Final = {"textColor": "color", "backgroundColor": "background-color"}
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_PANEL_TYPES: Final = frozenset({"info", "note", "tip", "warning", "error", "success", "custom"})
_STATUS_COLORS: Final = frozenset({"neutral", "purple", "blue", "red", "yellow", "green"})


def adf_to_html(document: AdfNode) -> str:
    """Write a document as HTML that is safe to put into a page as it is.

    Panels are `div.adf-panel`, lozenges `span.adf-status`, expands `details`, tasks a list with
    disabled checkboxes, files of Jira `.adf-media` with their name. What is not known is shown by
    its text. `html_to_adf` reads all of it back.
    """
    parts: list[str] = []
    pending: list[AdfNode | str] = [document]
    while pending:
        current = pending.pop()
        if isinstance(current, str):
            parts.append(current)
            continue
        before, after = _element(current)
        content = current.get("content") or ()
        parts.append(before)
        pending.append(after)
        pending.append(_unseen_end(content))
        pending.extend(reversed(content))
    return "".join(parts)


def _unseen_end(content: Sequence[AdfNode]) -> str:
    """Repeat what a browser does not show at the end of a block: a break, the last line of code."""
    if not content:
        return ""
    if content[-1]["type"] == "hardBreak":
        return "<br>"
    return "\n" if content[-1].get("text", "").endswith("\n") else ""


def _element(node: AdfNode) -> tuple[str, str]:
    """Write what comes before and after the content of a node."""
    node_type = node["type"]
    simple = _SIMPLE.get(node_type)
    if simple is not None:
        return (f"<{simple}>", f"</{simple}>") if simple else ("", "")
    attrs: dict[str, Any] = node.get("attrs") or {}
    block = _BLOCKS.get(node_type)
    if block is not None:
        return block(attrs)
    inline = _INLINES.get(node_type)
    return (inline(node, attrs) if inline is not None else escape(inline_text(node))), ""


def _heading(attrs: dict[str, Any]) -> tuple[str, str]:
    level = attrs.get("level")
    level = min(max(int(level), 1), 6) if isinstance(level, int | float) else 6
    return f"<h{level}>", f"</h{level}>"


def _code_block(attrs: dict[str, Any]) -> tuple[str, str]:
    language = escape(str(attrs.get("language") or ""))
    open_code = f'<code class="language-{language}">' if language else "<code>"
    return f"<pre>{open_code}", "</code></pre>"


def _panel(attrs: dict[str, Any]) -> tuple[str, str]:
    panel = attrs.get("panelType")
    kind = panel if panel in _PANEL_TYPES else "info"
    return f'<div class="adf-panel adf-panel-{kind}" data-panel-type="{kind}">', "</div>"


def _expand(attrs: dict[str, Any]) -> tuple[str, str]:
    title = escape(str(attrs.get("title") or ""))
    return f"<details><summary>{title}</summary>", "</details>"


def _ordered_list(attrs: dict[str, Any]) -> tuple[str, str]:
    order = attrs.get("order", 1)
    start = f' start="{int(order)}"' if _is_number(order) and order != 1 else ""
    return f"<ol{start}>", "</ol>"


def _task_list(attrs: dict[str, Any]) -> tuple[str, str]:
    del attrs
    return '<ul class="adf-task-list checklist">', "</ul>"


def _task_item(attrs: dict[str, Any]) -> tuple[str, str]:
    checked = " checked" if attrs.get("state") == "DONE" else ""
    return f'<li><input type="checkbox" disabled{checked}> ', "</li>"


def _table(attrs: dict[str, Any]) -> tuple[str, str]:
    del attrs
    return '<table class="adf-table"><tbody>', "</tbody></table>"


def _header_cell(attrs: dict[str, Any]) -> tuple[str, str]:
    return f"<th{_spans(attrs)}{_cell_look(attrs)}>", "</th>"


def _cell(attrs: dict[str, Any]) -> tuple[str, str]:
    return f"<td{_spans(attrs)}{_cell_look(attrs)}>", "</td>"


_BLOCKS: Final[dict[str, Callable[[dict[str, Any]], tuple[str, str]]]] = {
    "heading": _heading,
    "codeBlock": _code_block,
    "panel": _panel,
    "expand": _expand,
    "nestedExpand": _expand,
    "orderedList": _ordered_list,
    "taskList": _task_list,
    "taskItem": _task_item,
    "table": _table,
    "tableHeader": _header_cell,
    "tableCell": _cell,
}


def _text(node: AdfNode, attrs: dict[str, Any]) -> str:
    del attrs
    return _marked(escape(node["text"]), node.get("marks") or ())


def _hard_break(node: AdfNode, attrs: dict[str, Any]) -> str:
    del node, attrs
    return "<br>"


def _rule(node: AdfNode, attrs: dict[str, Any]) -> str:
    del node, attrs
    return "<hr>"


def _status(node: AdfNode, attrs: dict[str, Any]) -> str:
    color = attrs.get("color")
    kind = color if color in _STATUS_COLORS else "neutral"
    label = escape(inline_text(node))
    return f'<span class="adf-status adf-status-{kind}">{label}</span>'


def _date(node: AdfNode, attrs: dict[str, Any]) -> str:
    del attrs
    day = escape(inline_text(node))
    return f'<time datetime="{day}">{day}</time>'


def _mention(node: AdfNode, attrs: dict[str, Any]) -> str:
    data = _data("mention-id", attrs.get("id"))
    return f'<span class="adf-mention"{data}>{escape(inline_text(node))}</span>'


def _emoji(node: AdfNode, attrs: dict[str, Any]) -> str:
    data = _data("emoji-short-name", attrs.get("shortName")) + _data("emoji-id", attrs.get("id"))
    return f'<span class="adf-emoji"{data}>{escape(inline_text(node))}</span>'


def _card(node: AdfNode, attrs: dict[str, Any]) -> str:
    url = str(attrs.get("url") or "")
    linked = _linked(escape(inline_text(node)), url, "")
    return linked.replace("<a ", '<a data-inline-card="" ', 1)


def _media(node: AdfNode, attrs: dict[str, Any]) -> str:
    """Name a file of Jira: its content is not here; the address of another image is linked to."""
    if attrs.get("url"):
        return _linked(escape(inline_text(node)), str(attrs["url"]), "")
    element = "div" if node["type"] == "media" else "span"
    data = _data("node-type", node["type"]) + "".join(
        _data(name, attrs.get(name)) for name in ("id", "collection", "width", "height", "alt")
    )
    shown = f'<{element} class="adf-media"{data}>{escape(inline_text(node))}</{element}>'
    return _marked(shown, node.get("marks") or ())


_INLINES: Final[dict[str, Callable[[AdfNode, dict[str, Any]], str]]] = {
    "text": _text,
    "hardBreak": _hard_break,
    "rule": _rule,
    "status": _status,
    "date": _date,
    "mention": _mention,
    "emoji": _emoji,
    **dict.fromkeys(("inlineCard", "blockCard", "embedCard"), _card),
    **dict.fromkeys(("media", "mediaInline"), _media),
}


def _marked(content: str, marks: tuple[AdfMark, ...] | list[AdfMark]) -> str:
    """Put the elements of the marks around escaped text, the first mark outermost."""
    for mark in reversed(marks):
        attrs = mark.get("attrs") or {}
        element = _MARK_ELEMENTS.get(mark["type"])
        if mark["type"] == "subsup":
            element = "sup" if attrs.get("type") == "sup" else "sub"
        if element is not None:
            content = f"<{element}>{content}</{element}>"
        elif mark["type"] in _COLOR_PROPERTIES and _COLOR.match(str(attrs.get("color"))):
            style = f"{_COLOR_PROPERTIES[mark['type']]}: {attrs['color']}"
            content = f'<span style="{style}">{content}</span>'
        elif mark["type"] == "link":
            content = _linked(content, str(attrs.get("href", "")), str(attrs.get("title") or ""))
    return content


def _linked(content: str, href: str, title: str) -> str:
    safe = safe_href(href)
    if safe is None:
        return content
    shown_title = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(safe)}"{shown_title} rel="noopener noreferrer">{content}</a>'


def _spans(attrs: dict[str, Any]) -> str:
    written = ""
    for name in ("colspan", "rowspan"):
        span = attrs.get(name, 1)
        if _is_number(span) and span > 1:
            written += f' {name}="{int(span)}"'
    return written


def _cell_look(attrs: dict[str, Any]) -> str:
    """Write the widths of the columns of a cell, and its background."""
    widths = attrs.get("colwidth")
    written = ""
    if isinstance(widths, list) and all(_is_number(width) for width in widths):
        written += _data("colwidth", ",".join(str(int(width)) for width in widths))
    background = attrs.get("background")
    if _COLOR.match(str(background)):
        written += f' style="background-color: {background}"'
    return written


def _data(name: str, value: object) -> str:
    return "" if value in (None, "") else f' data-{name}="{escape(str(value))}"'


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
