"""The storage format of Confluence: XML inside HTML.

Belongs here: making it readable for an HTML parser, and what its macros, links, images and tasks
mean. Does not: pages as Confluence shows them (`panels`, `inlines`).

Source: Atlassian, "Confluence Storage Format", and the macros of the editor, read in 2026.
"""

import re
from html import escape
from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.code import add_code
from jira_pipeline.adf.html.elements import leave_out, open_expand, open_line, pass_through
from jira_pipeline.adf.html.images import add_image_link, add_media, media_file_of
from jira_pipeline.adf.html.inlines import EMOTICONS, add_mention, add_status
from jira_pipeline.adf.html.lists import open_item, open_task_list
from jira_pipeline.adf.html.panels import open_panel, panel_type_of
from jira_pipeline.adf.html.reading import (
    Attributes,
    children_of,
    first_child_named,
    raw_text_of,
    text_of,
)
from jira_pipeline.adf.html.walk import END_LINE, LEAVE_OUT, Close, HtmlWalk, Opening
from jira_pipeline.adf.links import safe_href
from jira_pipeline.adf.marks import NO_MARKS, MarkKey
from jira_pipeline.adf.nodes import emoji

_MARKERS: Final = ("<ac:", "<ri:")
_CDATA_START: Final = "<![CDATA["
_CDATA_END: Final = "]]>"
_EMPTY_ELEMENT: Final = re.compile(
    r"<((?:ac|ri):[a-z-]{1,40}|time)((?:\s+[^<>\s=\"'/]{1,60}\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*)\s*/>",
    re.IGNORECASE,
)
_PANEL_MACROS: Final = frozenset({"info", "note", "warning", "tip", "panel", "success", "error"})
_EXPAND_MACROS: Final = frozenset({"expand", "ui-expand"})
_CODE_NAMES: Final = {"noformat": None, "code": None}


def readable_storage(html: str) -> str:
    """Make the storage format readable for an HTML parser; other HTML stays as it is.

    CDATA becomes escaped text, and empty elements get the end that HTML needs.
    """
    if not any(marker in html for marker in _MARKERS):
        return html
    parts: list[str] = []
    position = 0
    while True:
        start = html.find(_CDATA_START, position)
        end = html.find(_CDATA_END, start) if start >= 0 else -1
        if end < 0:
            parts.append(html[position:])
            break
        parts.append(html[position:start])
        parts.append(escape(html[start + len(_CDATA_START) : end], quote=False))
        position = end + len(_CDATA_END)
    return _EMPTY_ELEMENT.sub(r"<\1\2></\1>", "".join(parts))


def open_macro(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin what a macro shows; one without content of its own is dropped."""
    name = (attributes.get("ac:name") or "").lower()
    parameters = {
        (child.attributes.get("ac:name") or "").lower(): text_of(child)
        for child in children_of(node)
        if child.tag == "ac:parameter"
    }
    if name == "status":
        label = parameters.get("title") or ""
        add_status(walk, label, parameters.get("colour") or parameters.get("color") or "")
        return LEAVE_OUT
    body = first_child_named(node, "ac:plain-text-body")
    if body is not None:
        _add_title(walk, parameters)
        language = parameters.get("language") or _CODE_NAMES.get(name, name)
        add_code(walk, raw_text_of(body), language)
        return LEAVE_OUT
    if name == "jira" and parameters.get("key"):
        walk.builder.add_text(parameters["key"], walk.marks.written)
        return LEAVE_OUT
    if first_child_named(node, "ac:rich-text-body") is None:
        walk.note("dropped", f"macro {name}", node)
        return LEAVE_OUT
    if name in _EXPAND_MACROS:
        return open_expand(walk, node, parameters.get("title") or "")
    if name in _PANEL_MACROS:
        panel_type = "success" if name == "tip" else panel_type_of(name)
        close = open_panel(walk, node, panel_type)
        _add_title(walk, parameters)
        return close
    walk.builder.end_line()
    return END_LINE


def _add_title(walk: HtmlWalk, parameters: dict[str, str]) -> None:
    title = parameters.get("title")
    if title:
        walk.builder.end_line()
        walk.builder.add_text(title, NO_MARKS.with_mark(MarkKey("strong")))
        walk.builder.end_line()


def open_storage_link(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a link to a person, a page or a file; only addresses can stay links."""
    del attributes
    body = first_child_named(node, "ac:plain-text-link-body", "ac:link-body")
    target = next((c for c in children_of(node) if (c.tag or "").startswith("ri:")), None)
    named = target.attributes if target is not None else {}
    account_id = named.get("ri:account-id")
    if account_id:
        add_mention(walk, account_id, text_of(body) if body is not None else "")
        return LEAVE_OUT
    href = safe_href(named.get("ri:value") or "", walk.options.links)
    if href is not None:
        walk.push_mark(MarkKey("link", href), node)
    title = (
        named.get("ri:content-title") or named.get("ri:filename") or named.get("ri:username") or ""
    )
    if href is None:
        walk.note(
            "link_dropped", f"{target.tag if target is not None else 'ac:link'} {title}", node
        )
    if body is None:
        walk.builder.add_text(href or title, walk.marks.written)
    return None


def open_storage_image(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show an image of Confluence: the file Jira holds under its name, else its address."""
    source = first_child_named(node, "ri:attachment", "ri:url")
    named = source.attributes if source is not None else {}
    address = named.get("ri:value") or named.get("ri:filename") or ""
    name = attributes.get("ac:alt") or named.get("ri:filename") or ""
    file = media_file_of(walk, address)
    if file is None:
        add_image_link(walk, node, address, name)
    else:
        shown = {"width": attributes.get("ac:width"), "height": attributes.get("ac:height")}
        add_media(walk, node, file, {**shown, "alt": attributes.get("ac:alt")})
    caption = first_child_named(node, "ac:caption")
    if caption is None:
        return LEAVE_OUT
    index = walk.builder.open_caption()
    return index if index is not None else END_LINE


def open_emoticon(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show an emoticon by its short name, or by the sign of its old name."""
    del node
    short_name = attributes.get("ac:emoji-shortname")
    fallback = attributes.get("ac:emoji-fallback")
    known = EMOTICONS.get((attributes.get("ac:name") or "").lower())
    if short_name:
        sign = fallback if fallback and not fallback.startswith(":") else None
        walk.builder.add_inline(emoji(short_name, sign))
    elif known is not None:
        walk.builder.add_inline(emoji(*known))
    else:
        walk.builder.add_text(f"({attributes.get('ac:name') or ''})", walk.marks.written)
    return LEAVE_OUT


def open_adf_node(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a node that Confluence keeps as ADF in its storage."""
    if attributes.get("type") != "panel":
        return open_line(walk, node, attributes)
    kinds = (
        text_of(child)
        for child in children_of(node)
        if child.tag == "ac:adf-attribute" and child.attributes.get("key") == "panel-type"
    )
    return open_panel(walk, node, panel_type_of(next(kinds, "note")))


def open_fallback(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show the fallback of a node only where the node itself is missing."""
    if node.parent is not None and first_child_named(node.parent, "ac:adf-node") is not None:
        return LEAVE_OUT
    return open_line(walk, node, attributes)


_LINES: Final = (
    "ac:rich-text-body", "ac:layout", "ac:layout-section", "ac:layout-cell", "ac:adf-extension",
    "ac:adf-content", "ac:caption",
)  # fmt: skip
_UNSEEN: Final = (
    "ac:parameter", "ac:task-id", "ac:task-status", "ac:task-uuid", "ac:adf-attribute",
    "ac:placeholder", "ri:user", "ri:page", "ri:attachment", "ri:url", "ri:blog-post", "ri:space",
    "ri:shortcut", "ri:content-entity",
)  # fmt: skip
CONFLUENCE: Final[dict[str, Opening]] = {
    **dict.fromkeys(_LINES, open_line),
    **dict.fromkeys(_UNSEEN, leave_out),
    **dict.fromkeys(("ac:structured-macro", "ac:macro"), open_macro),
    "ac:link": open_storage_link,
    "ac:image": open_storage_image,
    "ac:emoticon": open_emoticon,
    "ac:task-list": open_task_list,
    "ac:task": open_item,
    "ac:adf-node": open_adf_node,
    "ac:adf-fallback": open_fallback,
    "ac:inline-comment-marker": pass_through,
}
