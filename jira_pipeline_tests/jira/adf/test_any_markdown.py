"""Whatever the Markdown: the document is valid for Jira and holds the text of its page.

The Markdown is made by Hypothesis: lines of marks, markers and HTML that no author would write.
"""

import re

from hypothesis import HealthCheck, assume, example, given, settings, strategies as st
from markdown_it import MarkdownIt

from jira_pipeline.jira.adf import adf_to_text, markdown_to_adf, validate_adf
from jira_pipeline_tests.jira.adf.html_soup import SENDABLE, shown_text
from jira_pipeline_tests.long_form import examples

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


_thorough = settings(
    max_examples=examples(2_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_PLAIN_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
vars(_PLAIN_READER)["validateLink"] = lambda _: True  # unsafe links keep their text with us
_BOX_OR_IMAGE = re.compile(r"\[[ xX]\]|\[!|!\[|<img", re.IGNORECASE)


@_thorough
@given(MARKDOWN)
def test_any_markdown_becomes_a_document_valid_for_jira_and_the_schema(official_schema, markdown):
    document = markdown_to_adf(markdown)

    assert validate_adf(document) == []
    assert official_schema.is_valid(document)


@_thorough
@given(PLAIN_MARKDOWN)
@example("- a\n  > b\n\n  | c |\n  |---|\n  | d |\n- # e")
@example("|:-:|\n|:-:|\n| | > ")
@example("> > a\n\n1. <table><tr><td>b\n\n   c")
def test_the_text_of_any_markdown_survives_in_its_order(markdown):
    assume(not _BOX_OR_IMAGE.search(markdown))

    page = shown_text(_PLAIN_READER.render(markdown))
    shown = "".join(adf_to_text(markdown_to_adf(markdown)).split())

    left = iter(shown)
    assert all(character in left for character in page)
    # cells beyond a head, and what defines a link that nobody uses, are more
    assert len(page) == len(shown) or re.search(r"\||\]:", markdown)
