"""A document as semantic HTML, much as Jira shows it.

Belongs here: the elements for nodes and marks; everything foreign is escaped and links are
checked again, so that any document is safe to show. Does not: pages or style sheets around it.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, TypeGuard

from jira_pipeline.jira.adf.link_addresses import DEFAULT_LINK_POLICY, LinkPolicy, safe_href
from jira_pipeline.jira.adf.nodes import AdfMark, AdfNode
from jira_pipeline.jira.adf.to_text import children_of, inline_text

_BOX = '<input type="checkbox" disabled{checked}>'
_ELEMENTS: Final = {
    "doc": ("", ""),
    "paragraph": ("<p>", "</p>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "bulletList": ("<ul>", "</ul>"),
    "orderedList": ("<ol{start}>", "</ol>"),
    "listItem": ("<li>", "</li>"),
    "taskList": ('<ul class="adf-task-list checklist">', "</ul>"),
    **dict.fromkeys(("taskItem", "blockTaskItem"), (f"<li>{_BOX} ", "</li>")),
    "table": ('<table class="adf-table"><tbody>', "</tbody></table>"),
    "tableRow": ("<tr>", "</tr>"),
    "tableHeader": ("<th{spans}>", "</th>"),
    "tableCell": ("<td{spans}>", "</td>"),
    "heading": ("<h{level}>", "</h{level}>"),
    "codeBlock": ("<pre><code{language}>", "</code></pre>"),
    "panel": ('<div class="adf-panel adf-panel-{panel}" data-panel-type="{panel}">', "</div>"),
    **dict.fromkeys(
        ("expand", "nestedExpand"), ("<details><summary>{title}</summary>", "</details>")
    ),
    "caption": ("<figcaption>", "</figcaption>"),
    "mediaSingle": ("<figure>", "</figure>"),
    "rule": ("<hr>", ""),
    "hardBreak": ("<br>", ""),
    "status": ('<span class="adf-status adf-status-{color}">{shown}</span>', ""),
    "date": ('<time datetime="{shown}">{shown}</time>', ""),
    "mention": ('<span class="adf-mention">{shown}</span>', ""),
}
"""What comes before and after the content of a node, with what its attributes say (`_parts_of`)."""
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
        pending += [after, _unseen_end(content), *reversed(content)]
    return "".join(parts)


def _unseen_end(content: Sequence[AdfNode]) -> str:
    """Repeat what a browser does not show at the end of a block: a break, the last line of code."""
    if not content:
        return ""
    if content[-1]["type"] == "hardBreak":
        return "<br>"
    return "\n" if content[-1].get("text", "").endswith("\n") else ""


def _element(node: AdfNode, links: LinkPolicy) -> tuple[str, str]:
    """Write what comes before and after the content of a node."""
    element = _ELEMENTS.get(node["type"])
    if element is not None:
        before, after = element
        parts = _parts_of(node) if "{" in before else {}
        return before.format_map(parts), after.format_map(parts)
    attrs: dict[str, Any] = node.get("attrs") or {}
    shown = escape(inline_text(node))
    match node["type"]:
        case "text":
            return _marked(shown, node.get("marks") or (), links), ""
        case "inlineCard" | "blockCard" | "embedCard":
            return _linked(shown, str(attrs.get("url") or ""), "", links), ""
        case "media" | "mediaInline" if attrs.get("url"):  # of no file of Jira
            return _linked(shown, str(attrs["url"]), "", links), ""
        case "media" | "mediaInline":  # a file of Jira: its content is not here
            named = f'<span class="adf-media">{shown}</span>'
            return _marked(named, node.get("marks") or (), links), ""
        case _:
            return shown, ""


def _parts_of(node: AdfNode) -> Mapping[str, str]:
    """Return what elements say of a node, by the names they have for it."""
    attrs: dict[str, Any] = node.get("attrs") or {}
    start = ""
    order = attrs.get("order", 1)
    if _is_number(order) and order != 1:
        start = f' start="{int(order)}"'
    checked = ""
    if attrs.get("state") == "DONE":
        checked = " checked"
    language_class = ""
    language = str(attrs.get("language") or "")
    if language:
        language_class = f' class="language-{escape(language)}"'
    panel = str(attrs.get("panelType") or "")
    if panel not in _PANEL_TYPES:
        panel = "info"
    color = str(attrs.get("color") or "")
    if color not in _STATUS_COLORS:
        color = "neutral"
    return {
        "level": str(_heading_level(attrs.get("level"))),
        "start": start,
        "spans": _span_attributes(attrs),
        "checked": checked,
        "language": language_class,
        "panel": panel,
        "color": color,
        "title": escape(str(attrs.get("title") or "")),
        "shown": escape(inline_text(node)),
    }


def _heading_level(level: object) -> int:
    """Return the level of a heading as HTML has it; the deepest where there is none."""
    if not isinstance(level, int | float):
        return 6
    return min(max(int(level), 1), 6)


def _span_attributes(attrs: Mapping[str, Any]) -> str:
    """Write the attributes of a cell that covers several columns or rows."""
    text = ""
    for side in ("colspan", "rowspan"):
        span = attrs.get(side)
        if _is_number(span) and span > 1:
            text += f' {side}="{int(span)}"'
    return text


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
            href = str(attrs.get("href", ""))
            title = str(attrs.get("title") or "")
            content = _linked(content, href, title, links)
    return content


def _linked(content: str, href: str, title: str, links: LinkPolicy) -> str:
    safe = safe_href(href, links)
    if safe is None:
        return content
    shown_title = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(safe)}"{shown_title} rel="noopener noreferrer">{content}</a>'


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
