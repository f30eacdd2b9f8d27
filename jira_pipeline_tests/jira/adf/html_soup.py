"""HTML made by hypothesis, well-nested, and soup that no author would write; what a page shows."""

from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

UNSEEN = "script, style, template, iframe, noembed, noframes, title, frameset"


def shown_text(html: str) -> str:
    """Return what a browser shows of a page, without white space."""
    body = LexborHTMLParser(html).body
    if body is None:
        return ""  # a page of frames
    for element in body.css(UNSEEN):
        element.decompose()
    nodes = body.traverse(include_text=True)
    return "".join("".join(n.text_content or "" for n in nodes if n.is_text_node).split())


TAGS = (
    "p", "div", "h1", "h3", "h6", "ul", "ol", "li", "b", "strong", "em", "i", "u", "s", "del", "code",
    "sub", "sup", "pre", "blockquote", "table", "tr", "td", "th", "tbody", "thead", "span",
    "details", "section", "dl", "dt", "dd", "font", "center", "svg", "math", "button", "nobr", "figure",
    "label", "listing", "address", "menu",
)  # fmt: skip
OPENINGS = (
    '<a href="https://example.org/x">',
    '<a href="javascript:alert(1)">',
    '<ol start="4">',
    '<ol start="-3">',
    '<td colspan="3" rowspan="2">',
    '<th rowspan="70000">',
    '<ul class="checklist">',
    '<li class="checked">',
    '<li><input type="checkbox" checked>',
    '<div data-panel-type="note">',
    '<pre><code class="language-php">',
    "<br>", "<hr>", "<br/>", "<wbr>", "<!-- a comment -->", "<script>leak()</script>",
    "<style>leak{}</style>", "</p>", "</br>", "<input type=checkbox>", "<![CDATA[x]]>", "<?php ?>",
)  # fmt: skip
SENDABLE = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
"""Others are replaced, which tests of their own see."""
TEXTS = st.one_of(
    st.sampled_from(
        ["a", "Ω ", " b", " ", "\n", "  c  d ", "\n\n", "\u00a0", "&amp;", "&lt;b&gt;", "1. x", "# y",
         "_x_", "*z*", "\U0001f600", "&", "<", "&#8203;", "\t|"]
    ),
    st.text(SENDABLE, max_size=8),
)  # fmt: skip
_TAG = st.sampled_from(TAGS)


def _wrapped(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", _TAG, st.lists(children, max_size=4)
    )


NESTED = st.recursive(st.one_of(TEXTS, st.sampled_from(OPENINGS)), _wrapped, max_leaves=25)
SOUP = st.lists(
    st.one_of(
        TEXTS,
        _TAG.map(lambda tag: f"<{tag}>"),
        _TAG.map(lambda tag: f"</{tag}>"),
        st.sampled_from(OPENINGS),
    ),
    max_size=40,
).map("".join)
HTML = st.one_of(SOUP, NESTED, st.lists(NESTED, max_size=4).map("".join))
