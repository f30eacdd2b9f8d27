"""A document as text, HTML and Markdown shows what Jira would show."""

import copy
import json
import re

from hypothesis import example, given, settings, strategies as st
from markdown_it import MarkdownIt

from jira_pipeline.jira.adf import (
    adf_to_html,
    adf_to_markdown,
    adf_to_text,
    html_to_adf,
    nodes as n,
)
from jira_pipeline_tests.jira.adf.html_soup import HTML, shown_text
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.tables import each

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_TASK_BOX = re.compile(r"^(.*- )\[[ x]\](?= |$)", re.MULTILINE)  # this reader knows no tasks
_ALERT = re.compile(r"^((?:.*> )?)\[![A-Z]+\]$", re.MULTILINE)  # and no alerts
_PIECES = st.sampled_from(
    [*"*_`~#>|[]()<>\\!&+-=:.1a \t\n$^{}\"'@/", "**", "~~", "```", "---", "1.", "- ", "&lt;", "<b>",
     "</b>", "](", "![", "http://a.b", "field_x", "é", "[ ]", "[x]: y", "<!--", "-->", "\u00a0"]
)  # fmt: skip
LITERAL = st.lists(_PIECES, max_size=14).map("".join)


def _bare(text):
    return "".join(text.split())


def _shown_text(html):
    return shown_text(html).replace("•", "")


def _read(markdown):
    return _shown_text(_MARKDOWN.render(_ALERT.sub(r"\1", _TASK_BOX.sub(r"\1", markdown))))


SHOWN = {
    "paragraphs": ("<p>a<p>b", "a\nb"),
    "break": ("a<br>b", "a\nb"),
    "table": ("<table><tr><th>a<th>b<tr><td>c<p>d<td>e</table>f", "a\tb\nc\nd\te\nf"),
    "list": ("<ul><li>a<ul><li>b</ul></ul>", "a\nb"),
    "code": ("<pre>a\n b</pre>", "a\n b"),
    "expand": ("<details><summary>a</summary>b</details>", "a\nb"),
}


@each(("html", "text"), SHOWN.values(), ids=SHOWN.keys())
def test_text_has_a_line_for_each_block(html, text):
    assert adf_to_text(html_to_adf(html)) == text


INLINE = [
    {"type": "status", "attrs": {"text": "OPEN", "color": "red"}},
    {"type": "date", "attrs": {"timestamp": "86400000"}},
    {"type": "mention", "attrs": {"id": "5", "text": "@a"}},
    {"type": "mention", "attrs": {"id": "6"}},
    {"type": "emoji", "attrs": {"shortName": ":b:"}},
    {"type": "inlineExtension", "attrs": {"text": "c"}},
    {"type": "inlineCard", "attrs": {"data": {"url": "https://d.example"}}},
]


@each("write", [adf_to_text, adf_to_markdown, lambda d: _shown_text(adf_to_html(d))])
def test_inline_nodes_show_their_words(write):
    shown = write(n.doc([n.paragraph(INLINE)]))

    assert shown.strip() == "OPEN1970-01-02@a@6:b:chttps://d.example"


def _table(*cells):
    row = {"type": "tableRow", "content": [{"type": "tableCell", "content": c} for c in cells]}
    return {"type": "table", "content": [row]}


NESTED_TABLE = {
    "type": "extension",
    "attrs": {
        "extensionType": "com.atlassian.confluence.migration",
        "extensionKey": "nested-table",
        "parameters": {"adf": json.dumps(n.doc([_table([n.paragraph("b")], [n.paragraph("c")])]))},
    },
}
SYNC_BLOCK = {"type": "syncBlock", "attrs": {"resourceId": "page/7/block", "localId": "1"}}


@each(
    "write",
    [adf_to_text, lambda d: _read(adf_to_markdown(d)), lambda d: _shown_text(adf_to_html(d))],
)
def test_what_is_kept_in_attributes_is_shown_where_it_is(write):
    cells = _table([n.paragraph("a"), NESTED_TABLE], [n.paragraph("d")])

    assert _bare(write(n.doc([cells, SYNC_BLOCK, n.paragraph("e")]))) == "abcdpage/7/blocke"


@each(
    "write",
    [adf_to_text, lambda d: _read(adf_to_markdown(d)), lambda d: _shown_text(adf_to_html(d))],
)
def test_whatever_jira_can_hold_keeps_its_text_in_its_order(official_documents, write):
    for document in official_documents:
        numbered, count = _with_numbered_texts(document)

        assert re.findall(r"t\d+z", write(numbered)) == [f"t{i}z" for i in range(count)]


def _with_numbered_texts(document):
    numbered = copy.deepcopy(document)
    pending, count = [numbered], 0
    while pending:
        node = pending.pop()
        if isinstance(node, dict) and "type" in node:
            if node["type"] == "text":
                node["text"] = f"t{count}z"
                count += 1
            pending.extend(reversed(node.get("content") or []))
    return numbered, count


@each("depth", [60, 197, 5_000])
def test_a_document_of_any_depth_can_be_written(depth):
    innermost = n.paragraph("a")
    for _ in range(depth):
        innermost = n.blockquote([innermost])

    assert adf_to_markdown(n.doc([innermost])).strip(" >\n") == "a"


PAGES = {
    "heading": "<h2>a</h2>",
    "marks": "<p><em><strong>a</strong></em><u>b</u><s>c</s><code>d</code><sub>e</sub></p>",
    "list": '<ol start="3"><li><p>a</p><ul><li><p>b</p></li></ul></li></ol>',
    "code": '<pre><code class="language-php">&lt;?php\n</code></pre>',
    "rule": "<hr>",
    "quote": "<blockquote><p>a</p></blockquote>",
    "expand": "<details><summary>a</summary><p>b</p></details>",
    "panel": '<div class="adf-panel adf-panel-note" data-panel-type="note"><p>a</p></div>',
    "tasks": '<ul class="adf-task-list checklist"><li><input type="checkbox" disabled checked> a</li></ul>',
    "table": '<table class="adf-table"><tbody><tr><th colspan="2"><p>a</p></th></tr></tbody></table>',
    "link": '<p><a href="https://a.example/?b&amp;c" title="&quot;" rel="noopener noreferrer">a</a></p>',
}


@each("html", PAGES.values(), ids=PAGES.keys())
def test_a_preview_is_semantic_html(html):
    document = html_to_adf(html)

    assert adf_to_html(document) == html.replace("\n</code>", "</code>")
    assert html_to_adf(adf_to_html(document)) == document


def test_a_preview_of_a_foreign_document_is_safe():
    hostile = '"><script>alert(1)</script>'
    document = n.doc(
        [
            n.paragraph([n.text("x", [n.link("javascript:alert(1)"), {"type": hostile}])]),
            n.paragraph([n.text(hostile), {"type": "status", "attrs": {"text": hostile, "color": hostile}}]),
            {"type": "panel", "attrs": {"panelType": hostile}, "content": []},
            {"type": "codeBlock", "attrs": {"language": hostile}, "content": []},
            {"type": "expand", "attrs": {"title": hostile}, "content": []},
            {"type": hostile, "content": []},
            n.paragraph([n.text("y", [{"type": "textColor", "attrs": {"color": "red;}" + hostile}}])]),
            n.paragraph([{"type": "mention", "attrs": {"id": hostile}}]),
            {"type": "extension", "attrs": {"text": hostile}},
        ]
    )  # fmt: skip

    html = adf_to_html(document)

    assert "<script" not in html
    assert "javascript:" not in html


MARKDOWN = {
    "heading": ("<h2>a</h2><p>b", "## a\n\nb\n"),
    "marks": ("<b>a</b> <i>b</i> <s>c</s> <code>d</code>", "**a** _b_ ~~c~~ `d`\n"),
    "marks around what is left out": ("<b>…, 9, 13 …</b> a", "**…, 9, 13 …** a\n"),
    "marks in a word": ("a<b>b</b>c", "a<strong>b</strong>c\n"),
    "machine names stay readable": ("field_image_2 is <b>x</b>", "field_image_2 is **x**\n"),
    "list": ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c\n"),
    "numbers": ("<ol start=9><li>a<li>b</ol>", "9. a\n10. b\n"),
    "tasks": ("<ul><li><input type=checkbox checked>a</ul>", "- [x] a\n"),
    "table": (
        "<table><tr><th>a<th>b|c<tr><td>d<br>e<td><code>f|g</code></table>",
        "| a | b\\|c |\n| --- | --- |\n| d<br>e | `f\\|g` |\n",
    ),
    "code": ("<pre><code class=language-md>```\nx</code></pre>", "````md\n```\nx\n````\n"),
    "quote": ("<blockquote>a<p>b</blockquote>", "> a\n>\n> b\n"),
    "panel": (
        "<div data-panel-type=warning><p>a<ul><li>b</ul></div>",
        "> [!WARNING]\n> a\n>\n> - b\n",
    ),
    "lists in quotes": (
        "<ul><li>a</ul><blockquote><ul><li>b</ul></blockquote><blockquote>c</blockquote>",
        "- a\n\n> - b\n\n> c\n",
    ),
    "literal": ("*a* # b<br># c<br>1. d", "\\*a\\* # b\\\n\\# c\\\n1\\. d\n"),
    "nothing": ("", ""),
}


@each(("html", "markdown"), MARKDOWN.values(), ids=MARKDOWN.keys())
def test_markdown_is_what_a_person_would_write(html, markdown):
    assert adf_to_markdown(html_to_adf(html)) == markdown


@settings(max_examples=examples(600), deadline=None)
@given(LITERAL, LITERAL)
@example("- ", "-")
@example("a\n===", "| --- |")
@example("", "\n\xa0")
@example("\xa0\n", "\xa0\nb\n\u2003")
def test_literal_text_reads_the_same_through_markdown(first, second):
    document = n.doc(
        [
            n.paragraph(first),
            n.paragraph(
                [*n.text_with_breaks("x" + first, [n.STRONG]), *n.text_with_breaks(second)]
            ),
            n.bullet_list([n.list_item(second)]),
            n.table([n.table_row([n.table_header(first)]), n.table_row([n.table_cell(second)])]),
            n.heading(2, second),
            n.blockquote(second),
        ]
    )

    assert _shown_text(_MARKDOWN.render(adf_to_markdown(document))) == _bare(adf_to_text(document))


@settings(max_examples=examples(400), deadline=None)
@given(HTML)
@example("<ol><li>a<ol><li></li><li>b</ol></ol>")
def test_any_document_reads_the_same_through_markdown(html):
    document = html_to_adf(html)

    assert _read(adf_to_markdown(document)) == _bare(adf_to_text(document)).replace("•", "")
