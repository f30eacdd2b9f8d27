"""HTML to Atlassian Document Format.

Belongs here: the functions to call, and what they promise. Does not: the walk over the page and
what elements mean (`html`), where a block may stand (`building`), which marks go together
(`marks`), which links are safe (`links`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.adf.changes import Change
from jira_pipeline.adf.collector import paused_collector
from jira_pipeline.adf.html.confluence import readable_storage
from jira_pipeline.adf.html.vocabulary import VOCABULARY
from jira_pipeline.adf.html.walk import HtmlOptions, HtmlWalk, MediaFile
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
    """Convert HTML like `html_to_adf` and tell what was lifted, demoted, flattened or dropped.

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
