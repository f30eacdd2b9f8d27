"""The measure of the benchmark notices each loss, and forgives what no ADF can hold."""

from benchmarks.adf_measure import judge, shown_by_html
from jira_pipeline.adf import nodes as n
from jira_pipeline_tests.tables import each

_ITEM = n.bullet_list([n.list_item("a")])

EXACT = {
    "marks": ("<b>a</b>", [n.paragraph([n.text("a", [n.STRONG])])]),
    "code excludes others": ("<b><code>a</code></b>", [n.paragraph([n.text("a", [n.CODE])])]),
    "linked code": (
        "<a href=x><code>a</code></a>",
        [n.paragraph([n.text("a", [n.link("x"), n.CODE])])],
    ),
    "white space": ("<p> a\n b</p>", [n.paragraph("ab")]),
    "script": ("a<script>b</script><style>c</style><!-- d -->", [n.paragraph("a")]),
    "image as nothing": ("a<img alt=b src=c>", [n.paragraph("a")]),
    "image as text": ("a<img alt=b src=c>", [n.paragraph("ab")]),
    "image as a link": ("<img alt=b src=c>", [n.paragraph([n.text("b", [n.link("c")])])]),
    "image as its address": ("<img src=c>", [n.paragraph("c")]),
    "code block": ("<pre><code><b>a</b></code></pre>", [n.code_block("a")]),
    "nested list": ("<ul><li>a</ul>", [_ITEM]),
    "cells": (
        "<table><tr><th>a<td>b</table>",
        [n.table([n.table_row([n.table_header("a"), n.table_cell("b")])])],
    ),
    "card": ("<a href=x>x</a>", [n.paragraph([n.inline_card("x")])]),
}  # fmt: skip
INEXACT = {
    "text lost": ("ab", [n.paragraph("a")]),
    "text moved": ("ab", [n.paragraph("ba")]),
    "text added": ("a<script>b</script>", [n.paragraph("ab")]),
    "mark lost": ("<del>a</del>", [n.paragraph("a")]),
    "mark added": ("a", [n.paragraph([n.text("a", [n.EM])])]),
    "link lost": ("<a href=x>a</a>", [n.paragraph("a")]),
    "heading lost": ("<h2>a</h2>", [n.paragraph("a")]),
    "level changed": ("<h2>a</h2>", [n.heading(3, "a")]),
    "rule lost": ("a<hr>", [n.paragraph("a")]),
    "list flattened": ("<ul><li><ul><li>a</ul></ul>", [_ITEM]),
    "list lost": ("<ul><li>a</ul>", [n.paragraph("a")]),
    "quote lost": ("<blockquote>a</blockquote>", [n.paragraph("a")]),
    "quote in a quote lost": ("<blockquote><blockquote>a</blockquote></blockquote>",
                              [n.blockquote("a")]),
    "header cell lost": ("<table><th>a</table>", [n.table([n.table_row([n.table_cell("a")])])]),
    "code block lost": ("<pre>a</pre>", [n.paragraph([n.text("a", [n.CODE])])]),
}  # fmt: skip


@each(("html", "blocks"), EXACT.values(), ids=EXACT.keys())
def test_a_document_that_shows_what_the_page_shows_is_exact(html, blocks):
    outcome = judge(shown_by_html(html), n.doc(blocks), is_valid=True)

    assert outcome.is_exact


@each(("html", "blocks"), INEXACT.values(), ids=INEXACT.keys())
def test_a_loss_is_noticed(html, blocks):
    outcome = judge(shown_by_html(html), n.doc(blocks), is_valid=True)

    assert not outcome.is_exact


def test_no_document_is_never_exact():
    outcome = judge(shown_by_html(""), None, is_valid=False)

    assert not outcome.is_text_exact
    assert not outcome.is_exact


def test_an_invalid_document_is_not_exact_however_it_looks():
    outcome = judge(shown_by_html("a"), n.doc([n.paragraph("a")]), is_valid=False)

    assert outcome.is_structure_exact
    assert not outcome.is_exact


@each(
    ("html", "reason"),
    [
        ("<ul><li><blockquote>a</blockquote></ul>", "a quote in a list item"),
        ("<blockquote><blockquote>a</blockquote></blockquote>", "a quote in a quote"),
        ("<blockquote><h1>a</h1></blockquote>", "a heading in a quote or a list item"),
        ("<ol><li><h1>a</h1></ol>", "a heading in a quote or a list item"),
        ("<ol><li><hr></ol>", "a rule in a list item"),
        ("<ol><li><table><td>a</table></ol>", "a table in a quote or a list item"),
        ("<table><td><table><td>a</table></table>", "a table in a table"),
    ],
)
def test_what_no_adf_can_hold_is_known_from_the_page_alone(html, reason):
    assert shown_by_html(html).unholdable == {reason}


def test_links_and_languages_are_counted_beside_the_measure():
    html = '<a href=x>a</a> <a href=y>b</a><pre><code class="language-php">c</code></pre>'
    blocks = [n.paragraph([n.text("a", [n.link("x")])]), n.code_block("c", language="php")]

    outcome = judge(shown_by_html(html), n.doc(blocks), is_valid=True)

    assert (outcome.link_count, outcome.kept_link_count) == (2, 1)
    assert (outcome.language_count, outcome.kept_language_count) == (1, 1)
