"""A document as semantic HTML, much as Jira shows it.

Belongs here: the elements for nodes and marks; everything foreign is escaped and links are
checked again, so that any document is safe to show. Does not: pages or style sheets around it.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Any, Final, TypeGuard

from jira_pipeline.jira.adf.nodes import (
    DEFAULT_LINK_POLICY,
    AdfMark,
    AdfNode,
    LinkPolicy,
    safe_href,
)
from jira_pipeline.jira.adf.to_text import children_of, inline_text

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


def adf_to_html(document: AdfNode, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> str:
    """Write a document as HTML that is safe to put into a page as it is.

    Of links that `nodes` refuses, the text stays.
    Panels are `div.adf-panel`, lozenges `span.adf-status`, expands `details`, tasks a list with
    disabled checkboxes, files of Jira `.adf-media` with their name. What is not known is shown by
    its text. `html_to_adf` reads back whatever `schema` holds.
    """
    parts: list[str] = []
    pending: list[AdfNode | str] = [document]
    while pending:
        current = pending.pop()
        if isinstance(current, str):
            parts.append(current)
            continue
        before, after = _element(current, links)
        content = children_of(current)
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


def _element(node: AdfNode, links: LinkPolicy) -> tuple[str, str]:  # noqa: C901, PLR0911, PLR0912 - a case for each type
    """Write what comes before and after the content of a node."""
    node_type = node["type"]
    simple = _SIMPLE.get(node_type)
    if simple is not None:
        return (f"<{simple}>", f"</{simple}>") if simple else ("", "")
    attrs: dict[str, Any] = node.get("attrs") or {}
    match node_type:
        case "text":
            return _marked(escape(node["text"]), node.get("marks") or (), links), ""
        case "hardBreak":
            return "<br>", ""
        case "heading":
            level = attrs.get("level")
            level = min(max(int(level), 1), 6) if isinstance(level, int | float) else 6
            return f"<h{level}>", f"</h{level}>"
        case "tableHeader":
            return f"<th{_spans(attrs)}>", "</th>"
        case "tableCell":
            return f"<td{_spans(attrs)}>", "</td>"
        case "table":
            return '<table class="adf-table"><tbody>', "</tbody></table>"
        case "orderedList":
            order = attrs.get("order", 1)
            start = f' start="{int(order)}"' if _is_number(order) and order != 1 else ""
            return f"<ol{start}>", "</ol>"
        case "taskList":
            return '<ul class="adf-task-list checklist">', "</ul>"
        case "taskItem" | "blockTaskItem":
            checked = " checked" if attrs.get("state") == "DONE" else ""
            return f'<li><input type="checkbox" disabled{checked}> ', "</li>"
        case "codeBlock":
            language = escape(str(attrs.get("language") or ""))
            open_code = f'<code class="language-{language}">' if language else "<code>"
            return f"<pre>{open_code}", "</code></pre>"
        case "panel":
            panel = attrs.get("panelType")
            kind = panel if panel in _PANEL_TYPES else "info"
            return f'<div class="adf-panel adf-panel-{kind}" data-panel-type="{kind}">', "</div>"
        case "expand" | "nestedExpand":
            title = escape(str(attrs.get("title") or ""))
            return f"<details><summary>{title}</summary>", "</details>"
        case "rule":
            return "<hr>", ""
        case _:
            return _inline_element(node, attrs, links)


def _inline_element(node: AdfNode, attrs: dict[str, Any], links: LinkPolicy) -> tuple[str, str]:
    """Write what is shown as a text, and is no mere text."""
    shown = escape(inline_text(node))
    match node["type"]:
        case "status":
            color = attrs.get("color")
            kind = color if color in _STATUS_COLORS else "neutral"
            return f'<span class="adf-status adf-status-{kind}">{shown}</span>', ""
        case "date":
            return f'<time datetime="{shown}">{shown}</time>', ""
        case "mention":
            return f'<span class="adf-mention">{shown}</span>', ""
        case "inlineCard" | "blockCard" | "embedCard":
            return _linked(shown, str(attrs.get("url") or ""), "", links), ""
        case "media" | "mediaInline" if attrs.get("url"):  # of no file of Jira
            return _linked(shown, str(attrs["url"]), "", links), ""
        case "media" | "mediaInline":  # a file of Jira: its content is not here
            named = f'<span class="adf-media">{shown}</span>'
            return _marked(named, node.get("marks") or (), links), ""
        case _:
            return shown, ""


def _marked(content: str, marks: tuple[AdfMark, ...] | list[AdfMark], links: LinkPolicy) -> str:
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
            href, title = str(attrs.get("href", "")), str(attrs.get("title") or "")
            content = _linked(content, href, title, links)
    return content


def _linked(content: str, href: str, title: str, links: LinkPolicy) -> str:
    safe = safe_href(href, links)
    if safe is None:
        return content
    shown_title = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(safe)}"{shown_title} rel="noopener noreferrer">{content}</a>'


def _spans(attrs: dict[str, Any]) -> str:
    spans = {name: attrs.get(name) for name in ("colspan", "rowspan")}
    wider = {name: span for name, span in spans.items() if _is_number(span) and span > 1}
    return "".join(f' {name}="{int(span)}"' for name, span in wider.items())


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
