"""HTML made by hypothesis: well-nested, and soup that no author would write."""

from hypothesis import strategies as st

TAGS = (
    "p", "div", "h1", "h3", "h6", "ul", "ol", "li", "b", "strong", "em", "i", "u", "s", "del", "code",
    "sub", "sup", "pre", "blockquote", "table", "tr", "td", "th", "tbody", "thead", "caption", "span",
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
TEXTS = st.one_of(
    st.sampled_from(
        ["a", "Ω ", " b", " ", "\n", "  c  d ", "\n\n", "\u00a0", "&amp;", "&lt;b&gt;", "1. x", "# y",
         "_x_", "*z*", "\U0001f600", "&", "<", "&#8203;", "\t|"]
    ),
    st.text(max_size=8),
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

_PROGRAMS = (
    '<p class=MsoListParagraph style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">·</span>',
    '<p class=MsoListParagraph style="mso-list:l0 level3 lfo1"><span style="mso-list:Ignore">2.</span>',
    '<p class="x_MsoListParagraph" style="margin-left:1in"><span>o </span>',
    "<o:p>&nbsp;</o:p>",
    '<b style="font-weight:normal" id="docs-internal-guid">',
    '<li aria-level="1">', '<li aria-level="3">', '<ul class="lst-kix_a-0">', '<ul class="lst-kix_a-2">',
    '<div class="ListContainerWrapper"><ul><li data-aria-level="2">',
    '<span style="color:red;background:yellow;font-weight:700;white-space:pre-wrap">',
    '<span style="color:color(x);vertical-align:super;text-decoration:underline">', "<mark>",
    '<font color="green">', '<div style="white-space:pre;font-family:monospace">',
    '<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[a<b]]></ac:plain-text-body>',
    '<ac:structured-macro ac:name="info">', "<ac:rich-text-body>", "</ac:rich-text-body>",
    '<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">t</ac:parameter>',
    '<ac:structured-macro ac:name="status"><ac:parameter ac:name="title">t</ac:parameter></ac:structured-macro>',
    "</ac:structured-macro>", '<ac:link><ri:user ri:account-id="1"/></ac:link>', "<ac:link>", "</ac:link>",
    "<ac:task-list>", "<ac:task>", "<ac:task-status>complete</ac:task-status>", "<ac:task-body>",
    '<ac:image><ri:attachment ri:filename="a.png"/></ac:image>', "<ac:image>", '<ac:emoticon ac:name="tick"/>',
    '<img src="a.png">', '<img src="https://a.example/x.png" alt="A">', "<figure>", "<figcaption>",
    '<div data-node-type="mediaSingle">', '<div data-node-type="media" data-id="1">',
    '<div data-panel-type="info">', '<div class="panel"><div class="panelContent">', '<div class="admonition tip">',
    '<div data-node-type="actionList" data-task-list-local-id="1">', '<div data-task-local-id="1" data-task-state="DONE">',
    '<div data-node-type="expand" data-title="t">', '<div class="expand-container"><div class="expand-control">',
    '<span data-mention-id="1">', '<span data-node-type="status">', '<span data-node-type="date" data-timestamp="1714521600000">',
    '<span data-emoji-short-name=":a:">', '<time datetime="2024-05-01">', '<time datetime="2024-02-31">',
    '<a href="https://a.example/x">https://a.example/x</a>', '<a data-inline-card href="https://a.example/">',
    '<td data-colwidth="10,20" colspan=2 style="background:#ddd">', "<col width=10>", '<td class="linenos">',
    "<td colspan=1000 rowspan=9>", "<caption>", "<summary>", '<pre class="brush: x">', "<dt>", "<dd>", "<textarea>",
)  # fmt: skip
PASTED = st.lists(
    st.one_of(
        TEXTS,
        st.sampled_from(_PROGRAMS),
        st.sampled_from(_PROGRAMS),
        _TAG.map(lambda tag: f"<{tag}>"),
        _TAG.map(lambda tag: f"</{tag}>"),
        st.sampled_from(OPENINGS),
    ),
    max_size=30,
).map("".join)
"""What Word, Google Docs, Confluence and Jira write, mixed as nobody would."""
