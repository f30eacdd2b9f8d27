"""Markdown made by hypothesis: lines of marks, markers and HTML that no author would write."""

from hypothesis import strategies as st

from jira_pipeline_tests.jira.adf.html_soup import SENDABLE

_MARKERS = (
    "> ", ">", "- ", "* ", "+ ", "1. ", "10) ", "  ", "    ", "\t", "# ", "###### ", "---", "***",
    "===", "```", "~~~", "```php", "| ", "|---|---|", "|:-:|", "[a]: ", "<!-- ", "-->", "<div>",
    "</div>", "<pre>", "</pre>", "<table><tr><td>", "<details><summary>", "</summary>",
)  # fmt: skip
BOXES = ("- [ ] ", "- [x] ", "* [X] ", "1. [ ] ", "[ ] ", "> [!NOTE]", "> [!tip]\n> ", "[!WARNING]")
_INLINES = (
    "*", "**", "***", "_", "__", "`", "``", "~~", "~", "[", "]", "](", ")", "[a]", "[a][]",
    "](https://example.org/x)", "](javascript:x)", "](<", '"x"', "<b>", "</b>", "<i>", "<br>",
    "<a href='https://example.org/y'>", "</a>", "<https://example.org/>", "<a@example.org>", "|",
    "\\", "\\*", "\\|", "&amp;", "&lt;b&gt;", "&#0;", "&nbsp;", "&copy", "<script>leak()</script>",
    "<style>leak{}</style>", "<code>", "</code>", "<sub>", "</sub>", "<u>", "</u>", "<?x?>",
)  # fmt: skip
_TEXTS = st.one_of(
    st.sampled_from(["a", "b c", "Ω", "1", ".", " ", "  ", "\u00a0", "field_image", "\U0001f600"]),
    st.text(SENDABLE, max_size=6),
)


def _documents(markers: tuple[str, ...], inlines: tuple[str, ...]) -> st.SearchStrategy[str]:
    line = st.builds(
        lambda starts, parts: "".join(starts) + "".join(parts),
        st.lists(st.sampled_from(markers), max_size=3),
        st.lists(st.one_of(st.sampled_from(inlines), _TEXTS), max_size=6),
    )
    return st.lists(st.one_of(line, st.just("")), max_size=10).map("\n".join)


MARKDOWN = _documents((*_MARKERS, *BOXES), (*_INLINES, "![", "<img src=x>"))
PLAIN_MARKDOWN = _documents(_MARKERS, _INLINES)
"""Markdown without boxes, alerts and images, which plain readers show otherwise."""
