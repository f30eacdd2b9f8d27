"""The elements that every page has: text, headings, quotes, rules, links, sections to open.

Belongs here: what each of them means by its name. Does not: lists, tables, code, images, and what
programs say by attributes (its neighbours).
"""

from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.colors import is_color_left_open
from jira_pipeline.adf.html.reading import (
    Attributes,
    excerpt_of,
    first_child_named,
    short_text_of,
    text_of,
    whole_number,
)
from jira_pipeline.adf.html.styles import USUAL_COLORS
from jira_pipeline.adf.html.walk import END_LINE, LEAVE_OUT, Close, HtmlWalk, Opening
from jira_pipeline.adf.links import safe_href
from jira_pipeline.adf.marks import MarkKey

_NEVER_SHOWN: Final = (
    "script", "style", "template", "head", "title", "noembed", "noframes", "meta", "link", "base",
    "param", "source", "track", "col", "colgroup", "-comment",
)  # fmt: skip
_LEFT_OUT: Final = ("iframe", "object", "embed", "applet")
_LINES: Final = (
    "p", "div", "section", "article", "aside", "header", "footer", "main", "nav", "address",
    "figure", "center", "form", "fieldset", "legend", "dl", "dd", "hgroup", "search", "dialog",
    "dir", "menuitem", "optgroup", "option", "caption", "summary", "body", "html", "select",
)  # fmt: skip
_MARKS: Final = {
    **dict.fromkeys(("b", "strong"), MarkKey("strong")),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), MarkKey("em")),
    **dict.fromkeys(("u", "ins"), MarkKey("underline")),
    **dict.fromkeys(("s", "strike", "del"), MarkKey("strike")),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), MarkKey("code")),
    "sub": MarkKey("subsup", "sub"),
    "sup": MarkKey("subsup", "sup"),
}
_STRONG: Final = MarkKey("strong")
_HIGHLIGHT_YELLOW: Final = "#ffff00"
# Source: HTML Living Standard, rendering of mark.


def leave_out(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Pass over an element that a page never shows."""
    del walk, node, attributes
    return LEAVE_OUT


def drop(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Pass over an element that shows something no document can hold, and note that."""
    address = attributes.get("src") or attributes.get("data") or ""
    walk.note("dropped", f"{node.tag} {address}".strip(), node)
    return LEAVE_OUT


def open_line(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a line of its own."""
    del node, attributes
    walk.builder.end_line()
    return END_LINE


def pass_through(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show only what is inside."""
    del walk, node, attributes
    return None


def _open_mark(key: MarkKey) -> Opening:
    def opening(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
        del attributes
        walk.push_mark(key, node)
        return None

    return opening


def open_term(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the term of a definition: a strong line above what explains it."""
    walk.push_mark(_STRONG, node)
    return open_line(walk, node, attributes)


def open_font(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Colour text the old way."""
    written = attributes.get("color") or ""
    color = walk.read_color(written)
    if color is None and not is_color_left_open(written):
        walk.note("color_dropped", f"textColor {written}", node)
    elif color is not None and color not in USUAL_COLORS:
        walk.push_mark(MarkKey("textColor", color), node)
    return None


def open_highlight(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin highlighted text; a style of its own, if any, says the colour."""
    if "background" not in (attributes.get("style") or ""):
        color = walk.read_color(attributes.get("data-color") or "") or _HIGHLIGHT_YELLOW
        if walk.options.profile == "full":
            walk.push_mark(MarkKey("backgroundColor", color), node)
        else:
            walk.note("color_dropped", f"backgroundColor {color}", node)
    return None


def open_break(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Break the line."""
    del node, attributes
    walk.builder.add_break()
    return None


def open_rule(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Draw a line across."""
    del node, attributes
    walk.builder.add_block({"type": "rule"})
    return None


def _open_heading_of(level: int) -> Opening:
    def opening(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
        del attributes
        return open_heading(walk, node, level)

    return opening


def open_heading(walk: HtmlWalk, node: LexborNode, level: int) -> Close:
    """Begin a heading; in a list, a quote or a task it becomes a strong paragraph."""
    builder = walk.builder
    if builder.can_open("heading") or builder.is_inside("heading"):
        return walk.open_block("heading", {"level": level})
    walk.note("demoted", "heading", node)
    builder.end_line()
    walk.push_mark(_STRONG, node)
    return END_LINE


def open_heading_role(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the heading that a line says it is by its role."""
    level = whole_number(attributes.get("aria-level"), default=2)
    return open_heading(walk, node, min(max(level, 1), 6))


def choose_heading_role(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Take a line for a heading where its role is one: Word Online writes them so."""
    del node
    is_heading = attributes.get("role") == "heading" and tag in {"p", "div"}
    return open_heading_role if is_heading else None


def open_quote(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a quote; where none is allowed, its paragraphs stay without it."""
    del attributes
    if walk.builder.can_open("blockquote"):
        return walk.open_block("blockquote")
    walk.note("demoted", "blockquote", node)
    walk.builder.end_line()
    return END_LINE


def open_link(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a link, if it is safe; otherwise its text stays alone."""
    href = attributes.get("href") or ""
    if not href and ("href" not in attributes or not walk.options.links.is_relative_allowed):
        return None
    safe = safe_href(href, walk.options.links) if href else ""  # the page itself
    if safe is None:
        if excerpt_of(node).strip():
            walk.note("link_dropped", f"a {href}", node)
        return None
    if safe and walk.options.has_inline_cards and short_text_of(node) == safe:
        walk.builder.add_inline({"type": "inlineCard", "attrs": {"url": safe}})
        return LEAVE_OUT
    walk.push_mark(MarkKey("link", safe, attributes.get("title") or ""), node)
    return None


def open_details(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin an expand titled by its summary; too deep, the title stays as a paragraph."""
    del attributes
    summary = first_child_named(node, "summary")
    if summary is None or not can_open_expand(walk):
        return open_expand(walk, node, "")
    close = open_expand(walk, node, text_of(summary))
    summary.decompose()
    return close


def can_open_expand(walk: HtmlWalk) -> bool:
    """Tell whether a section to open may be here."""
    return walk.builder.can_open("expand") or walk.builder.can_open("nestedExpand")


def open_expand(walk: HtmlWalk, node: LexborNode, title: str) -> Close:
    """Begin a section to open; where none is allowed, its content stays without it."""
    for node_type in ("expand", "nestedExpand"):
        if walk.builder.can_open(node_type):
            return walk.open_block(node_type, {"title": title})
    walk.note("demoted", "expand", node)
    walk.builder.end_line()
    return END_LINE


def open_title(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the title of a box: a strong line."""
    del attributes
    walk.builder.end_line()
    walk.push_mark(_STRONG, node)
    return END_LINE


def open_office_part(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Leave out the space that Word puts into every paragraph."""
    del walk, attributes
    return LEAVE_OUT if short_text_of(node) == "" else None


ELEMENTS: Final[dict[str, Opening]] = {
    **dict.fromkeys(_NEVER_SHOWN, leave_out),
    **dict.fromkeys(_LEFT_OUT, drop),
    **dict.fromkeys(_LINES, open_line),
    **{tag: _open_mark(key) for tag, key in _MARKS.items()},
    **{f"h{level}": _open_heading_of(level) for level in range(1, 7)},
    "dt": open_term,
    "font": open_font,
    "mark": open_highlight,
    "br": open_break,
    "hr": open_rule,
    "blockquote": open_quote,
    "a": open_link,
    "details": open_details,
    "o:p": open_office_part,
}
