"""Images: as files that Jira holds, else as links; figures and their captions.

Belongs here: finding the file of an image, whether it is alone, its size. Does not: small
pictures that are signs (`inlines`).
"""

import re
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.elements import open_line
from jira_pipeline.adf.html.reading import Attributes, next_element, whole_number
from jira_pipeline.adf.html.walk import (
    LEAVE_OUT,
    TEXT,
    Chooser,
    Close,
    HtmlWalk,
    MediaFile,
    Opening,
)
from jira_pipeline.adf.links import safe_href
from jira_pipeline.adf.marks import MarkKey
from jira_pipeline.adf.nodes import AdfNode

_INLINE: Final = frozenset(
    {"a", "b", "strong", "i", "em", "u", "s", "span", "font", "picture", "center", "ac:image"}
)
_BLOCKS: Final = frozenset(
    {
        "p", "div", "figure", "td", "th", "li", "body", "section", "article", "dd", "main", "h1",
        "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "hr",
        "details", "ac:structured-macro", "ac:task-list", "ac:layout-cell", "ac:rich-text-body",
    }
)  # fmt: skip
_BETWEEN: Final = frozenset({"br", "figcaption", "source", "-comment"})
_MAX_LOOKS = 20
_PIXELS: Final = re.compile(r"\s*\d{1,5}(px)?\s*")


def open_image(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show an image as the file Jira holds, or as a link named by its alternative text."""
    file = media_file_of(walk, attributes.get("src") or "", attributes.get("alt") or "")
    if file is not None:
        add_media(walk, node, file, attributes)
        return LEAVE_OUT
    add_image_link(walk, node, attributes.get("src") or "", attributes.get("alt") or "")
    return LEAVE_OUT


def media_file_of(walk: HtmlWalk, address: str, name: str = "") -> MediaFile | None:
    """Find the file Jira holds by the address of an image, or by its file name."""
    media = walk.options.media
    if not media:
        return None
    try:
        file_name = unquote(urlsplit(address).path.rpartition("/")[2])
    except ValueError:
        file_name = ""
    keys = (address, file_name, name)
    return next((media[key] for key in keys if key and key in media), None)


def add_media(walk: HtmlWalk, node: LexborNode, file: MediaFile, attributes: Attributes) -> None:
    """Show a file: as a block where an image is alone, else within the line."""
    attrs: dict[str, Any] = {"type": "file", "id": file.media_id, "collection": file.collection}
    if attributes.get("alt"):
        attrs["alt"] = attributes["alt"]
    for name, known in (("width", file.width), ("height", file.height)):
        size = known if known is not None else _size(attributes.get(name))
        if size:
            attrs[name] = size
    link = next((key for key in walk.marks.keys if key.type == "link"), None)
    node_marks = {"marks": [{"type": "link", "attrs": {"href": link.value}}]} if link else {}
    is_inline = attributes.get("data-node-type") == "mediaInline"
    if not is_inline and _is_alone(node) and walk.builder.can_open("mediaSingle"):
        media: AdfNode = {"type": "media", "attrs": attrs, **node_marks}
        walk.builder.add_block(
            {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]}
        )
    else:
        attrs["type"] = "image"
        walk.builder.add_inline({"type": "mediaInline", "attrs": attrs, **node_marks})


def add_image_link(walk: HtmlWalk, node: LexborNode, address: str, name: str) -> None:
    """Show an image as a link to it; without a safe address, as its name."""
    del node
    href = safe_href(address, walk.options.links)
    label = name or href or ""
    marks = walk.marks
    if href is not None and not marks.has("link"):
        marks = marks.with_mark(MarkKey("link", href))
    walk.builder.note("image_as_text", f"img {address}", label)
    walk.builder.add_text(label, marks.written)


def open_caption(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the caption of the image before it, or a line where no caption is allowed."""
    index = walk.builder.open_caption()
    return index if index is not None else open_line(walk, node, attributes)


def open_media_node(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show a file that Jira's own editor wrote, by its id."""
    media_id = attributes.get("data-id")
    if not media_id:
        return open_line(walk, node, attributes)
    file = MediaFile(
        media_id=media_id,
        collection=attributes.get("data-collection") or "",
        width=_size(attributes.get("data-width")),
        height=_size(attributes.get("data-height")),
    )
    shown = {**attributes, "alt": attributes.get("data-alt") or attributes.get("alt")}
    add_media(walk, node, file, shown)
    return LEAVE_OUT


def _size(written: str | None) -> int | None:
    if not written or not _PIXELS.fullmatch(written):
        return None
    return whole_number(written, default=0) or None


def _is_alone(node: LexborNode) -> bool:
    """Tell whether an image has its block for itself, but for a caption."""
    current: LexborNode | None = node
    for _ in range(_MAX_LOOKS):
        if current is None or not (_is_clear(current, "prev") and _is_clear(current, "next")):
            return False
        current = current.parent
        if current is None or current.tag in _BLOCKS or current.tag == "body":
            return True
        if current.tag not in _INLINE:
            return False
    return False


def _is_clear(node: LexborNode, side: str) -> bool:
    """Tell whether nothing is in the line on one side of a node."""
    sibling: LexborNode | None = getattr(node, side)
    for _ in range(_MAX_LOOKS):
        if sibling is None or sibling.tag in _BLOCKS:
            return True
        if sibling.tag == TEXT and (sibling.text_content or "").strip():
            return False
        if sibling.is_element_node and sibling.tag not in _BETWEEN:
            return False
        sibling = getattr(sibling, side)
    return False


IMAGES: Final[dict[str, Opening]] = {"img": open_image, "figcaption": open_caption}


def choose_media(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Know the nodes of files by the id they carry."""
    del node, tag
    return open_media_node if attributes.get("data-id") else None


IMAGE_NODE_TYPES: Final[dict[str, Chooser]] = {
    "media": choose_media,
    "mediaInline": choose_media,
}

__all__ = [
    "IMAGES", "IMAGE_NODE_TYPES", "add_image_link", "add_media", "media_file_of", "next_element",
    "open_image",
]  # fmt: skip
