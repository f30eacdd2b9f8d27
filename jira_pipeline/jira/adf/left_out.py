"""What of typed HTML or Markdown its document would not hold.

Belongs here: what a conversion leaves out, named so that whoever typed it finds it again: comments,
scripts and other elements that show nothing, elements that HTML does not know, attributes with words,
addresses that are not linked to. Looks (color, size, class) say nothing and are no loss. Does not:
the conversion itself (`from_html`, `from_markdown`).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.jira.adf.from_html import ELEMENTS, HIDDEN, TAG, children_of
from jira_pipeline.jira.adf.link_addresses import DEFAULT_LINK_POLICY, LinkPolicy, safe_href

_QUOTE_CHARACTERS: Final = 60
_VALUED: Final = frozenset({"title", "alt", "href", "src", "value", "placeholder", "label"})
"""Attributes that say nothing where they are empty."""
_LOOKS: Final = frozenset(
    [
        "align",
        "bgcolor",
        "border",
        "cellpadding",
        "cellspacing",
        "charset",
        "checked",
        "class",
        "clear",
        "color",
        "cols",
        "colspan",
        "compact",
        "contenteditable",
        "decoding",
        "dir",
        "disabled",
        "draggable",
        "enctype",
        "face",
        "fetchpriority",
        "for",
        "frame",
        "headers",
        "height",
        "hidden",
        "hreflang",
        "hspace",
        "id",
        "lang",
        "language",
        "loading",
        "method",
        "name",
        "noshade",
        "nowrap",
        "open",
        "readonly",
        "rel",
        "required",
        "reversed",
        "role",
        "rows",
        "rowspan",
        "rules",
        "scope",
        "size",
        "sizes",
        "span",
        "spellcheck",
        "start",
        "style",
        "tabindex",
        "target",
        "translate",
        "type",
        "valign",
        "viewport",
        "vspace",
        "width",
        "wrap",
        "xmlns",
    ]
)
"""Attributes that say how something looks or behaves, or that are read."""
_PROBE: Final = "The-end-of-what-was-typed"
_PROGRAMS: Final = ("data-", "xmlns:")
"""What attributes begin with that programs keep for themselves."""
_PLAIN: Final = frozenset({"pre", "summary"})
"""Elements of which only the text is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that was typed and that a document would not hold."""

    what: str
    """For people: `the comment`, `the attribute title`."""
    quote: str
    """It as it was typed, or as the parser read it, on one line; long ones without their end."""

    @classmethod
    def of(cls, what: str, text: str) -> Self:
        """Name something that is left out, with as many of its words as people read."""
        quote = " ".join(text.split())
        if len(quote) > _QUOTE_CHARACTERS:
            quote = f"{quote[:_QUOTE_CHARACTERS].rstrip()}…"
        return cls(what=what, quote=quote)

    def place_in(self, typed: str) -> str:
        """Return `line 3` of what was typed; empty where the words are not there as they are quoted."""
        words = map(re.escape, self.quote.removesuffix("…").split())
        quoted = re.search(r"\s+".join(words), typed, re.IGNORECASE)
        if quoted is None:
            return ""
        return f"line {typed.count(chr(10), 0, quoted.start()) + 1}"


def left_out_of_html(html: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> list[LeftOut]:
    """Return what `html_to_blocks` leaves out of HTML that it takes."""
    tree = LexborHTMLParser(html)
    left_out = [*_unread_tags(html, tree)]
    root = tree.root
    if root is None:
        return left_out
    # A comment may stand before and after the page.
    first: LexborNode | None = root
    while first is not None and first.prev is not None:
        first = first.prev
    while first is not None:
        left_out += _left_out_of_node(first, links, is_plain=False)
        first = first.next
    if not left_out and _PROBE not in (LexborHTMLParser(html + _PROBE).html or ""):
        # A quotation mark that is not closed swallows the rest, whatever is in it.
        left_out.append(LeftOut.of("the tag without an end", html[html.rfind("<") :]))
    return left_out


def _unread_tags(html: str, tree: LexborHTMLParser) -> Iterator[LeftOut]:
    """Yield what the parser drops before there is an element.

    That is the end of an element nobody knows, one with words, a tag without an end, and a tag where
    it is not allowed, such as a cell outside of a table.
    """
    element_counts = Counter[str]()
    if tree.root is not None:
        element_counts.update(node.tag or "" for node in tree.root.traverse())
    del element_counts["head"]  # a page has one of its own, whatever is typed
    for tag in TAG.finditer(html):
        if tag["opaque"]:
            continue
        name = tag["name"].lower()
        if not tag[0].endswith(">"):
            yield LeftOut.of("the tag without “>”", tag[0])
        elif tag["end"] and (name not in ELEMENTS or (tag["rest"] or "").strip(" \t\n/")):
            yield LeftOut.of("the tag", tag[0])
        elif tag["rest"]:
            element_counts[name] -= 1
            if element_counts[name] < 0:
                yield LeftOut.of("the tag", tag[0])


def _left_out_of_node(node: LexborNode, links: LinkPolicy, *, is_plain: bool) -> Iterator[LeftOut]:
    """Yield what is left out of a node and of all within it."""
    pending = [(node, is_plain)]
    while pending:
        current, is_text_alone = pending.pop()
        tag = current.tag
        if tag is None:
            yield LeftOut.of("the instruction", current.html or "")
            continue
        if tag == "-comment":
            yield LeftOut.of("the comment", current.html or "")
            continue
        if tag.startswith("-"):  # text, and the type of a document
            continue
        if tag == "frameset":
            yield LeftOut.of("the frames", "<frameset>")
            continue
        if tag in HIDDEN:
            yield LeftOut.of(f"the element {tag}", current.html or "")
            continue
        if tag not in ELEMENTS:
            yield LeftOut.of("the tag", f"<{tag}>")
        yield from _attributes(current, links, is_plain=is_text_alone)
        is_inner_plain = is_text_alone or tag in _PLAIN
        pending += [(child, is_inner_plain) for child in reversed([*children_of(current)])]


def _attributes(node: LexborNode, links: LinkPolicy, *, is_plain: bool) -> Iterator[LeftOut]:
    """Yield the attributes of an element that say something and are not read."""
    tag = node.tag or ""
    read = _names_read(node, links, is_plain=is_plain)
    for name, value in node.attributes.items():
        if name in _LOOKS or name in read or name.startswith(_PROGRAMS):
            continue
        if tag == "time" and name == "datetime" and value == (node.text_content or ""):
            continue  # a date of a document, which shows what it says
        if name == "href" and tag == "a" and not is_plain:
            yield LeftOut.of("the address", value or "")
        elif (value or "").strip() or name not in _VALUED:
            yield LeftOut.of(f"the attribute {name} of {tag}", value or name)


def _names_read(node: LexborNode, links: LinkPolicy, *, is_plain: bool) -> frozenset[str]:
    """Return the attributes whose words are in the document."""
    tag = node.tag or ""
    if is_plain:
        return frozenset()
    if tag == "a":
        written = node.attributes.get("href") or ""
        is_link = safe_href(written, links) is not None
        return frozenset({"href", "title"}) if is_link else frozenset()
    if tag == "img":
        written = node.attributes.get("src") or ""
        if safe_href(written, links) is None:
            return frozenset({"alt"})
        return frozenset({"alt"}) if _is_in_link(node) else frozenset({"alt", "src", "title"})
    return frozenset()


def _is_in_link(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.tag != "a":
        parent = parent.parent
    return parent is not None
