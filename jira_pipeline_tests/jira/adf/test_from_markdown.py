"""Markdown becomes the document that its HTML would become."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from jira_pipeline.jira.adf import (
    AdfLimitError,
    adf_to_html,
    adf_to_markdown,
    adf_to_text,
    html_to_adf,
    markdown_to_adf,
    nodes as n,
    validate_adf,
)
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.tables import each

_TASKS_HTML = (
    "<ul><li><input type=checkbox>a<li><input type=checkbox checked><b>b</b>"
    "<ul><li><input type=checkbox checked>c</ul><li><input type=checkbox></ul>"
)
SAME_AS_HTML = {
    "heading": ("# a *b*\n\nc\n=", "<h1>a <em>b</em></h1><h1>c</h1>"),
    "marks": ("**a** ~~b~~ `c` <u>d</u>", "<b>a</b> <s>b</s> <code>c</code> <u>d</u>"),
    "words in angle brackets": (
        "a <front> b\n\n<none>\n\n- List<String>",
        "<p>a &lt;front&gt; b</p><p>&lt;none&gt;</p><ul><li>List&lt;String&gt;</li></ul>",
    ),
    "definitions of links that nobody uses": (
        "[TODO]: größe\n\n- [x]: done\n\n> [a]:\n> b",
        "<p>[TODO]: größe</p><ul><li>[x]: done</ul><blockquote>[a]: b</blockquote>",
    ),
    "link": ('[a](https://b.example "c")', '<a href="https://b.example" title="c">a</a>'),
    "reference": ("[a]\n\n[A]: https://b.example", '<a href="https://b.example">a</a>'),
    "address": ("<https://b.example>", '<a href="https://b.example">https://b.example</a>'),
    "image": ("![a](https://b.example/c.png)", '<img alt=a src="https://b.example/c.png">'),
    "list": ("2. a\n   - b\n3. c", "<ol start=2><li>a<ul><li>b</ul><li>c</ol>"),
    "code": ("```php x\n$a;\n```", '<pre><code class="language-php">$a;</code></pre>'),
    "indented code": ("    a", "<pre>a</pre>"),
    "quote": ("> a\n> - b", "<blockquote><p>a<ul><li>b</ul></blockquote>"),
    "rule": ("a\n\n***\n\nb", "<p>a<hr><p>b"),
    "break": ("a  \nb\\\nc\nd", "a<br>b<br>c d"),
    "table": (
        "| a | b |\n|---|:-:|\n| c | d\\|e<br>f |",
        "<table><tr><th>a<th>b<tr><td>c<td>d|e<br>f</table>",
    ),
    "tasks": ("- [ ] a\n- [x] **b**\n  - [X] c\n- [ ]", _TASKS_HTML),
    "no tasks": ("- \\[ ] a\n- [x](y)\n- [ x] b", "<ul><li>[ ] a<li>x<li>[ x] b</ul>"),
    "panel": (
        "> [!Warning]\n> a\n>\n> - b",
        "<div data-panel-type=warning><p>a<ul><li>b</ul></div>",
    ),
    "panel in a quote": (
        "> a\n>\n> > [!TIP]\n> > b",
        "<blockquote>a<div data-panel-type=success>b</div></blockquote>",
    ),
    "no panel": (
        "> \\[!NOTE]\n\n> [!NOTES]",
        "<blockquote>[!NOTE]</blockquote><blockquote>[!NOTES]</blockquote>",
    ),
    "block of HTML": (
        "<details><summary>a</summary>\n\n**b**\n\n</details>",
        "<details><summary>a</summary><p><b>b</b></details>",
    ),
    "scripts and styles": (
        "a <script>leak()</script>\n\n<style>\nleak{}\n</style>\n\nb",
        "<p>a<p>b",
    ),
    "table whose head has no word": (
        "|   |   |\n| --- | --- |\n| a | b |",
        "<table><tr><td>a<td>b</table>",
    ),
    "nothing": (" \n", ""),
}


@each(("markdown", "html"), SAME_AS_HTML.values(), ids=SAME_AS_HTML.keys())
def test_markdown_becomes_what_its_html_becomes(markdown, html):
    assert html_to_adf(html) == markdown_to_adf(markdown)


def test_a_table_of_nothing_but_an_empty_head_stays_a_table():
    document = markdown_to_adf("|   |\n| --- |")

    assert n.doc([n.table([n.table_row([n.table_header([n.paragraph()])])])]) == document


@each(
    "markdown",
    [
        "[a](javascript:alert`1`)",
        "[a](data:text/html,b)",
        "<javascript:alert(1)>",
        '<a href="javascript:alert(1)" onclick="alert(1)">a</a>',
        "![a](javascript:alert`1`)",
        "[a]\n\n[a]: vbscript:b",
    ],
)
def test_an_unsafe_link_leaves_its_text(markdown):
    document = markdown_to_adf(markdown)

    assert "link" not in str(document)
    assert adf_to_text(document) in {"a", "javascript:alert(1)"}


def test_lists_of_tasks_stay_nested():
    document = markdown_to_adf("- [ ] a\n  - [x] b\n- [ ] c\n")

    inner = n.task_list([n.task_item("b", is_done=True)])
    assert n.doc([n.task_list([n.task_item("a"), inner, n.task_item("c")])]) == document
    assert markdown_to_adf(adf_to_markdown(document)) == document
    assert html_to_adf(adf_to_html(document)) == document


def test_cells_beyond_the_head_of_a_table_are_kept():
    document = markdown_to_adf("> | a | b |\n> |---|---|\n> | 1 | `2|3` |\n> | 4 |\n")

    rows = [("1", "`2", "3`"), ("4", "", "")]
    head = n.table_row([n.table_header("a"), n.table_header("b"), n.table_header()])
    body = [n.table_row(map(n.table_cell, row)) for row in rows]
    assert n.doc([n.table([head, *body])]) == document


@each("character", ["\x00", "\x08", "&#x1b;", "\ud800"])
@each("place", ["a{}b", "`a{}b`", "    a{}b", "| a{}b |\n|---|"])
def test_characters_no_text_may_hold_are_replaced(place, character):
    [line] = adf_to_text(markdown_to_adf(place.format(character))).splitlines()

    assert line in {"a\ufffdb", f"a{character}b"}
    assert character == "&#x1b;" or line == "a\ufffdb"


TOO_MUCH = {
    "bytes": ("ä" * 1_000_000 + "a", "2,000,001 bytes; at most 2,000,000"),
    "quotes": ("> " * 100_000 + "a", "level"),
    "lists": ("- " * 1_000 + "a", "level"),
    "numbers": ("1. " * 1_000 + "a", "level"),
    "lists in quotes": ("> - " * 1_000 + "a", "level"),
    "lines in quotes": ("> " * 90 + "a\n" + "b\n" * 20_000, "lines in quotes"),
    "one long link": (f"[a]: https://b.example/{'x' * 100_000}\n\n" + "[a] " * 200, "links"),
}


@each(("markdown", "words"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_what_is_too_much_is_refused_before_any_is_lost(markdown, words):
    with pytest.raises(AdfLimitError, match=words):
        markdown_to_adf(markdown)


def test_lists_as_deep_as_adf_takes_them_keep_their_text():
    markdown = "".join(f"{'  ' * depth}- {depth}\n" for depth in range(49))

    document = markdown_to_adf(markdown)

    assert adf_to_text(document).split() == [str(depth) for depth in range(49)]
    assert validate_adf(document) == []


def test_much_prose_keeps_its_text():
    markdown = "word " * 190_000 + "end"

    assert adf_to_text(markdown_to_adf(markdown)) == markdown


MADE_TO_BE_SLOW = (
    "[", "![", "*[", "[a](", "*a **a ", "_a_ ", "<a ", "<!--", "&a", "[\n", '[a]: b "c\n',
    "- a\n", "> a\n", "-|-\n", "[![a](b)](", "`", "\\",
)  # fmt: skip
SMALL = 2_000 if IS_LONG else 500


@each("unit", MADE_TO_BE_SLOW if IS_LONG else MADE_TO_BE_SLOW[::2])
def test_four_times_as_much_takes_no_more_than_about_four_times_the_steps(unit):
    """Quadratic work would be 16 times."""
    small, large = (unit * (length // len(unit)) for length in (SMALL, 4 * SMALL))
    lines_to_convert(unit)  # whatever is made at a first call

    assert lines_to_convert(large) < 5 * lines_to_convert(small)


def lines_to_convert(markdown: str) -> int:
    """Count the lines of Python that a conversion runs."""
    count = 0

    def counting(_frame: FrameType, event: str, _value: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return counting

    before = sys.gettrace()
    sys.settrace(counting)
    try:
        markdown_to_adf(markdown)
    finally:
        sys.settrace(before)
    return count
