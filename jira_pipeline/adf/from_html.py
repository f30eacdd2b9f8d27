"""HTML to Atlassian Document Format.

Belongs here: the functions to call, what they promise, and which module of `html` knows what an
element means. Does not: the walk over the page and those meanings (`html`), where a block is
allowed (`building`), which marks go together (`marks`), which links are safe (`links`).
"""

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.adf.changes import Change
from jira_pipeline.adf.html.code import CODE, is_pasted_code, open_pasted_code
from jira_pipeline.adf.html.confluence import CONFLUENCE, readable_storage
from jira_pipeline.adf.html.elements import ELEMENTS, choose_heading_role, leave_out, open_line
from jira_pipeline.adf.html.images import IMAGE_NODE_TYPES, IMAGES
from jira_pipeline.adf.html.inlines import (
    INLINE_ATTRIBUTES,
    INLINE_CLASSES,
    INLINE_NODE_TYPES,
    INLINES,
)
from jira_pipeline.adf.html.lists import LIST_ATTRIBUTES, LIST_CLASSES, LISTS, open_task_list
from jira_pipeline.adf.html.panels import PANEL_ATTRIBUTES, PANEL_CLASSES, PANEL_NODE_TYPES
from jira_pipeline.adf.html.reading import Attributes
from jira_pipeline.adf.html.tables import TABLE_CLASSES, TABLES
from jira_pipeline.adf.html.walk import (
    Chooser,
    HtmlOptions,
    HtmlWalk,
    MediaFile,
    Opening,
    Vocabulary,
    gather,
)
from jira_pipeline.adf.html.word_lists import WORD_CLASSES, choose_word_item
from jira_pipeline.adf.html_limits import require_html_limits
from jira_pipeline.adf.links import DEFAULT_LINK_POLICY, LinkPolicy
from jira_pipeline.adf.nodes import AdfNode

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
NO_MEDIA: Final[Mapping[str, MediaFile]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A converted document and what could not be kept as it was, in document order."""

    document: AdfNode
    changes: tuple[Change, ...]


def html_to_adf(
    html: str,
    *,
    links: LinkPolicy = DEFAULT_LINK_POLICY,
    media: Mapping[str, MediaFile] = NO_MEDIA,
    has_inline_cards: bool = False,
    profile: Literal["jira", "full"] = "jira",
) -> AdfNode:
    """Convert HTML, however malformed, into a document that is valid for Jira.

    Args:
        html: a page or a piece of one, as Jira, Confluence (also its storage format), Word, Google
            Docs, a browser or a person writes it.
        links: which links stay; the text of the others does.
        media: files Jira holds, by the address or the file name of the image to show with them.
        has_inline_cards: whether a link shown by its own address becomes a card.
        profile: `full` keeps background colours, which Jira does not take.

    Raises:
        AdfLimitError: the HTML is too large, too deep, or made to be slow.
    """
    return convert_html(
        html, links=links, media=media, has_inline_cards=has_inline_cards, profile=profile
    ).document


def html_to_blocks(html: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> list[AdfNode]:
    """Convert HTML into blocks for the content of a document; text without HTML is a paragraph.

    Raises:
        AdfLimitError: the HTML is too large, too deep, or made to be slow.
    """
    blocks: list[AdfNode] = convert_html(html, links=links).document["content"]
    return blocks


def convert_html(
    html: str,
    *,
    links: LinkPolicy = DEFAULT_LINK_POLICY,
    media: Mapping[str, MediaFile] = NO_MEDIA,
    has_inline_cards: bool = False,
    profile: Literal["jira", "full"] = "jira",
) -> Conversion:
    """Convert HTML like `html_to_adf` and report what was lifted, demoted, flattened or dropped.

    Raises:
        AdfLimitError: the HTML is too large, too deep, or made to be slow.
    """
    if not html.isascii():
        html = _LONE_SURROGATE.sub("\ufffd", html)
    html = readable_storage(html)
    require_html_limits(html)
    options = HtmlOptions(
        links=links, media=media, has_inline_cards=has_inline_cards, profile=profile
    )
    walk = HtmlWalk(options, VOCABULARY)
    body = LexborHTMLParser(html).body
    with paused_collector():
        if body is not None:
            walk.run(body)
        document = {"version": 1, "type": "doc", "content": walk.builder.finish()}
    return Conversion(document=document, changes=walk.builder.changes)


@contextmanager
def paused_collector() -> Iterator[None]:
    """Keep the collector of reference cycles from running; it goes on afterwards if it ran before.

    A document is a tree: the collector finds nothing in it, but looks through all of it again and
    again while it grows. Measured with 1 MB of HTML (75,000 nodes): 154 ms without it, 356 ms with
    it. Threads that convert at the same time leave it running, whichever ends last.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _choose_task_list(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_task_list if tag in {"div", "section"} else None


def _choose_line(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_line if tag == "span" else None


_NODE_TYPES: Final[Mapping[str, Chooser]] = {
    **IMAGE_NODE_TYPES,
    **INLINE_NODE_TYPES,
    **PANEL_NODE_TYPES,
    "actionList": _choose_task_list,
    "taskList": _choose_task_list,
    "mediaSingle": _choose_line,
}


def _choose_by_node_type(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Ask the type of node that Jira's and Confluence's editor writes to what it copies."""
    written = attributes.get("data-node-type") or attributes.get("data-prosemirror-node-name")
    chooser = _NODE_TYPES.get(written or "")
    return chooser(node, tag, attributes) if chooser is not None else None


def _choose_shown_code(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Know the code of a page of Jira, which is no `pre`."""
    del node, tag, attributes
    return open_pasted_code


def _choose_painted_box(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Leave out the picture of a checkbox that Google Docs puts beside a task."""
    del node
    is_box = tag == "img" and "checkbox" in (attributes.get("aria-roledescription") or "")
    return leave_out if is_box else None


def _choose_by_style(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Know the paragraphs of Word's lists, and code as editors copy it."""
    if tag not in {"p", "div"}:
        return None
    if is_pasted_code(attributes):
        return open_pasted_code
    return choose_word_item(node, tag, attributes)


VOCABULARY: Final = Vocabulary(
    tags=gather(ELEMENTS, LISTS, TABLES, CODE, IMAGES, INLINES, CONFLUENCE),
    attributes={
        "data-node-type": _choose_by_node_type,
        "data-prosemirror-node-name": _choose_by_node_type,
        "data-ds--code--code-block": _choose_shown_code,
        "aria-roledescription": _choose_painted_box,
        "role": choose_heading_role,
        **INLINE_ATTRIBUTES,
        **LIST_ATTRIBUTES,
        **PANEL_ATTRIBUTES,
        "style": _choose_by_style,
    },
    classes={**LIST_CLASSES, **INLINE_CLASSES, **PANEL_CLASSES, **TABLE_CLASSES, **WORD_CLASSES},
)
