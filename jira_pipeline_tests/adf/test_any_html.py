"""Whatever the HTML: the document is valid for Jira and holds the text of the page."""

from hypothesis import HealthCheck, example, given, settings
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.adf import (
    adf_to_html,
    adf_to_markdown,
    adf_to_text,
    compact_json,
    html_to_adf,
    validate_adf,
)
from jira_pipeline_tests.adf.html_soup import HTML

_UNSEEN = "script, style, template, iframe, noembed, noframes, object, embed"
_thorough = settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _page_text(html: str) -> str:
    body = LexborHTMLParser(html).body
    assert body is not None
    for element in body.css(_UNSEEN):
        element.decompose()
    nodes = body.traverse(include_text=True)
    return "".join("".join(n.text_content or "" for n in nodes if n.is_text_node).split())


def _bare(text: str) -> str:
    return "".join(text.split())


@_thorough
@given(HTML)
def test_any_html_becomes_a_document_valid_for_jira(html):
    document = html_to_adf(html)

    assert validate_adf(document, "jira") == []


@_thorough
@given(HTML)
def test_any_html_becomes_a_document_valid_for_the_official_schema(official_schema, html):
    document = html_to_adf(html)

    assert official_schema.is_valid(document)


@_thorough
@given(HTML)
@example("<ul><li>a<table><tr><td>b<td>c</table>d<li>e</ul>")
@example("<details><details><table><td>x</table>y")
def test_the_text_of_any_html_survives_in_its_order(html):
    document = html_to_adf(html)

    assert _page_text(html) == _bare(adf_to_text(document))


@_thorough
@given(HTML)
def test_a_preview_of_any_document_reads_back_with_the_same_text(html):
    document = html_to_adf(html)

    preview = adf_to_html(document)

    assert _bare(adf_to_text(document)) == _page_text(preview)


@_thorough
@given(HTML)
def test_conversion_gives_the_same_bytes_each_time(html):
    assert compact_json(html_to_adf(html)) == compact_json(html_to_adf(html))


@_thorough
@given(HTML)
def test_markdown_of_any_document_is_written_without_an_error(html):
    markdown = adf_to_markdown(html_to_adf(html))

    assert markdown == "" or markdown.endswith("\n")
