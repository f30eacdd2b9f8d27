"""What single pieces of HTML become."""

from html.entities import html5

import pytest

from jira_pipeline.jira.adf import (
    AdfLimitError,
    LinkPolicy,
    adf_to_text,
    html_to_adf,
    html_to_blocks,
    validate_adf,
)
from jira_pipeline.jira.adf.from_html import MAX_BYTES
from jira_pipeline.jira.adf.nodes import (
    CODE,
    EM,
    STRIKE,
    STRONG,
    SUB,
    SUP,
    UNDERLINE,
    blockquote,
    bullet_list,
    code_block,
    doc,
    expand,
    hard_break,
    heading,
    link,
    list_item,
    ordered_list,
    panel,
    paragraph,
    rule,
    table,
    table_cell,
    table_header,
    table_row,
    task_item,
    task_list,
    text,
)
from jira_pipeline_tests.tables import each

BLOCKS = {
    "paragraph": ("<p>a</p>b", [paragraph("a"), paragraph("b")]),
    "plain text": ("a &lt;b&gt;", [paragraph("a <b>")]),
    "break": ("a<br>b<br>", [paragraph("a\nb")]),
    "heading": ("<h3>a</h3>", [heading(3, "a")]),
    "nested list": (
        "<ul><li>a<ol start=4><li>b</ol></ul>",
        [bullet_list([list_item([paragraph("a"), ordered_list([list_item("b")], start=4)])])],
    ),
    "list in a list without an item": (
        "<ul><li>a</li><ul><li>b</ul></ul>",
        [bullet_list([list_item([paragraph("a"), bullet_list([list_item("b")])])])],
    ),
    "item without a list": ("<li>a", [bullet_list([list_item("a")])]),
    "code block": (
        '<pre><code class="language-php">a\n  b\n</code></pre>',
        [code_block("a\n  b", language="php")],
    ),
    "quote": ("<blockquote>a<p>b</blockquote>", [blockquote([paragraph("a"), paragraph("b")])]),
    "lone rule": ("<hr>", [rule()]),
    "table": (
        "<table><thead><tr><th>a<th>b</thead><tr><td colspan=2 rowspan=9>c</table>",
        [table([table_row([table_header("a"), table_header("b")]),
                table_row([table_cell("c", colspan=2)])])],
    ),
    "tasks": (
        "<ul><li><input type=checkbox checked> a<li><input type=checkbox>b</ul>",
        [task_list([task_item("a", is_done=True), task_item("b")])],
    ),
    "checklist by class": (
        '<ul class="checklist"><li>a<li><input type=checkbox checked>b</ul>',
        [task_list([task_item("a"), task_item("b", is_done=True)])],
    ),
    "tasks and items in one list": (
        "<ul><li>a<li><input type=checkbox>b<li>c</ul>",
        [bullet_list([list_item("a")]), task_list([task_item("b")]), bullet_list([list_item("c")])],
    ),
    "details": (
        "<details><summary>a <b>b</b></summary>c<details>d</details></details>",
        [expand("a b", [paragraph("c"), {**expand("", "d"), "type": "nestedExpand"}])],
    ),
    "details that show only their title": ("<details><summary>a</summary></details>", [expand("a", "")]),
    "panel": ('<div data-panel-type="warning">a</div>', [panel("warning", "a")]),
    "scripts and styles": ("a<script>b</script><style>c</style><!--d-->", [paragraph("a")]),
    "mark across blocks": (
        "<b><p>a<p>b</b>", [paragraph([text("a", [STRONG])]), paragraph([text("b", [STRONG])])]
    ),
    "lone surrogates and NUL": ("a\udce4\x00b", [paragraph("a\ufffd\ufffdb")]),
    "unsafe link": ('<a href="javascript:alert(1)">a</a>', [paragraph("a")]),
    "unknown elements": ("<x-y>a<z>b</z></x-y>", [paragraph("ab")]),
    "nothing": ("<p> </p><ul></ul><h1></h1><b></b><table></table><pre></pre><p><br></p>", []),
}  # fmt: skip


@each(("html", "blocks"), BLOCKS.values(), ids=BLOCKS.keys())
def test_an_element_becomes_its_block(html, blocks):
    assert doc(blocks) == html_to_adf(html)
    assert validate_adf(html_to_adf(html)) == []


MARKS = {
    "strong": ("<strong>a</strong>", [STRONG]),
    "b": ("<b>a</b>", [STRONG]),
    "em in strong": ("<b><i>a</i></b>", [EM, STRONG]),
    "strong in em": ("<em><b>a</b></em>", [EM, STRONG]),
    "twice": ("<b><strong>a</strong></b>", [STRONG]),
    "underline": ("<u>a</u>", [UNDERLINE]),
    "s": ("<s>a</s>", [STRIKE]),
    "del": ("<del>a</del>", [STRIKE]),
    "sub": ("<sub>a</sub>", [SUB]),
    "sup in sub": ("<sub><sup>a</sup></sub>", [SUP]),
    "code": ("<code>a</code>", [CODE]),
    "code excludes": ("<b><i><code><u>a</u></code></i></b>", [CODE]),
    "link": ('<a href="https://a.example/" title="t">a</a>', [link("https://a.example/", title="t")]),
    "code and link": ('<a href="mailto:x@a.example"><code>a</code></a>', [link("mailto:x@a.example"), CODE]),
    "no link": ('<a name="x">a</a>', []),
}  # fmt: skip


@each(("html", "marks"), MARKS.values(), ids=MARKS.keys())
def test_an_element_becomes_its_mark(html, marks):
    assert [paragraph([text("a", marks)])] == html_to_blocks(html)


SPACES = {
    "between words": ("a \n\t b", [text("a b")]),
    "across marks": ("a <b> b</b> ", [text("a "), text("b", [STRONG])]),
    "only in a mark": ("a<b> </b>b", [text("a"), text(" ", [STRONG]), text("b")]),
    "around a break": ("a <br> b", [text("a"), hard_break(), text("b")]),
    "non-breaking": ("a&nbsp;&nbsp;b", [text("a\u00a0\u00a0b")]),
    "before a comment": ("a <!-- --> b", [text("a b")]),
}


@each(("html", "content"), SPACES.values(), ids=SPACES.keys())
def test_white_space_is_as_a_browser_shows_it(html, content):
    assert [paragraph(content)] == html_to_blocks(html)


LIFTED = {
    "heading in an item": (
        "<ul><li>a<h2>b</h2>c</ul>",
        [bullet_list([list_item([paragraph("a"), paragraph([text("b", [STRONG])]), paragraph("c")])])],
    ),
    "quote in an item": (
        "<ul><li>a<blockquote>b</blockquote></ul>",
        [bullet_list([list_item([paragraph("a"), paragraph("b")])])],
    ),
    "quote in a quote": (
        "<blockquote>a<blockquote>b</blockquote>c</blockquote>",
        [blockquote([paragraph("a"), paragraph("b"), paragraph("c")])],
    ),
    "rule in a numbered list": (
        "<ol><li>a<li>b<hr>c<li>d</ol>",
        [
            ordered_list([list_item("a"), list_item("b")]),
            rule(),
            ordered_list([list_item("c"), list_item("d")], start=3),
        ],
    ),
    "table in an item": (
        "<ul><li>a<table><tr><td>b</table><li>c</ul>",
        [
            bullet_list([list_item("a")]),
            table([table_row([table_cell("b")])]),
            bullet_list([list_item("c")]),
        ],
    ),
    "table in a cell": (
        "<table><tr><td>a<td>b<table><tr><td>c</table><td>d</table>",
        [
            table(
                [table_row([
                    table_cell("a"), table_cell([paragraph("b"), paragraph("c")]), table_cell("d")
                ])]
            ),
        ],
    ),
    "list in a task": (
        "<ul><li><input type=checkbox>a<ul><li>b</ul></ul>",
        [task_list([task_item("a")]), bullet_list([list_item("b")])],
    ),
    "expand in an expand in an expand": (
        "<details>a<details>b<details><summary>c</summary>d",
        [expand("", [paragraph("a"), {**expand("", [
            paragraph("b"), paragraph([text("c", [STRONG])]), paragraph("d")
        ]), "type": "nestedExpand"}])],
    ),
}  # fmt: skip


@each(("html", "blocks"), LIFTED.values(), ids=LIFTED.keys())
def test_what_adf_cannot_nest_keeps_its_text_and_order(html, blocks):
    document = html_to_adf(html)

    assert doc(blocks) == document
    assert validate_adf(document) == []


def test_relative_links_are_kept_when_asked_for():
    policy = LinkPolicy(is_relative_allowed=True)

    assert [paragraph([text("a", [link("/x#y")])])] == html_to_blocks(
        '<a href="/x#y">a</a>', links=policy
    )
    assert [paragraph("a")] == html_to_blocks('<a href="//x/y">a</a>', links=policy)


def test_equal_tasks_get_local_ids_of_their_own():
    item = "<li><input type=checkbox>a"

    [tasks] = html_to_blocks(f"<ul>{item}{item}{item}</ul>")

    assert len({task["attrs"]["localId"] for task in tasks["content"]}) == 3


def test_lists_of_any_depth_keep_their_text():
    document = html_to_adf("<ul><li>x" * 65)

    assert adf_to_text(document).count("x") == 65
    assert validate_adf(document) == []


REFUSED = {
    "a byte too many": ("x" * (MAX_BYTES + 1), "2,000,001 bytes; at most 2,000,000"),
    "lists": ("<ul><li>x" * 200, "levels of nesting"),
    "marks": ("<b>" * 200 + "x", "levels of nesting"),
    "quotes": ("<blockquote>x" * 200, "levels of nesting"),
    "tables in lists": ("<ul><li>x<table><td>" * 100, "levels of nesting"),
    "boxes": ("<div>" * 100_000, "steps"),
    "boxes, ends of others": ("<div></x>" * 100_000, "steps"),
    "boxes, ends in quotes": ('<div title="</div>">' * 40_000, "steps"),
    "boxes, ends out of reach": ("<div><table><td></div></table>" * 30_000, "steps"),
    "boxes, ends in comments": ("<div><!-- </div> -->" * 40_000, "steps"),
    "boxes after a comment": ('<!-- <p a=" -->' + "<div>" * 100_000, "steps"),
    "boxes that seem to end themselves": ("<svg></svg>" + "<div/>" * 100_000, "steps"),
    "drawings, ends in sections": ("<svg><![CDATA[</svg>]]>" * 40_000, "steps"),
    "marks left open": ("".join(f"<p><b id={i}>x</p>" for i in range(50_000)), "steps"),
    "attributes": ("<p a" + "=x a".join(map(str, range(100_000))) + "=x>x", "attributes"),
    "attributes after a quote": ('<p x="<" ' + " ".join(f"a{i}" for i in range(99_999)), "attributes"),
}  # fmt: skip


@each(("html", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_too_large_too_deep_or_slow_is_refused_with_the_limit(html, message):
    """The parser's time grows with the square of such shapes."""
    with pytest.raises(AdfLimitError, match=message):
        html_to_adf(html)


MANY = 20_000
LARGE = {
    "items without an end": "<ul>" + "<li>x" * MANY + "</ul>",
    "paragraphs": "<p>x</p>" * MANY,
    "breaks": "x<br>" * MANY,
    "marks side by side": "<b>x</b>" * MANY,
    "lists side by side": "<ul><li>x</ul>" * MANY,
    "unfinished markup": "<" * MANY + " " + "x" * MANY,
    "an image in the address": f'<img alt="{"x" * MANY}" src="data:image/png;base64,{"A b" * MANY}">',
}


@each("html", LARGE.values(), ids=LARGE.keys())
def test_what_is_only_large_is_converted(html):
    assert adf_to_text(html_to_adf(html)).count("x") == html.count("x")


def test_every_named_character_reference_reaches_the_document():
    names = [name for name in html5 if name.endswith(";")]

    text = adf_to_text(html_to_adf("".join(f"<p>[&{name}]</p>" for name in names)))

    assert len(names) == 2_125
    assert "".join(text.split()) == "".join("".join(f"[{html5[name]}]" for name in names).split())
