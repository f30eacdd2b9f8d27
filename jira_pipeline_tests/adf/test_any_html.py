"""Whatever the HTML: the document is valid for Jira and holds the text of the page."""

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given, settings
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.adf import (
    MediaFile,
    adf_to_html,
    adf_to_markdown,
    adf_to_text,
    compact_json,
    convert_html,
    html_to_adf,
    validate_adf,
)
from jira_pipeline_tests.adf.example_counts import example_count
from jira_pipeline_tests.adf.html5lib_inputs import InputsUnavailableError, html5lib_inputs
from jira_pipeline_tests.adf.html_soup import HTML, PASTED
from jira_pipeline_tests.long_form import examples

_UNSEEN = (
    "script, style, template, iframe, noembed, noframes, object, embed, applet, title, frameset"
)
_thorough = settings(
    max_examples=example_count(),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_quick = settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_MEDIA = {"a.png": MediaFile(media_id="m1", collection="c")}


def _page_text(html: str) -> str:
    body = LexborHTMLParser(html).body
    if body is None:
        return ""  # a page of frames
    for element in body.css(_UNSEEN):
        element.decompose()
    nodes = body.traverse(include_text=True)
    return "".join("".join(n.text_content or "" for n in nodes if n.is_text_node).split())


def _bare(text: str) -> str:
    return "".join(text.split())


@_thorough
@given(HTML)
@example("<ul><li>a<table><tr><td>b<td>c</table>d<li>e</ul>")
@example("<details><details><table><td>x</table>y")
@example("<ul><li>a</li>b<li>c<ul><li>d</ul></ul>")
def test_any_html_becomes_a_valid_document_with_the_text_of_the_page(
    official_schema: jsonschema_rs.Draft4Validator, html: str
) -> None:
    document = html_to_adf(html)

    assert validate_adf(document, "jira") == []
    assert official_schema.is_valid(document)
    assert _page_text(html) == _bare(adf_to_text(document))


@_thorough
@given(PASTED)
@example('<figure><img src="a.png"><figcaption>a<p>b<table><td>c')
@example('<ac:task-list><div data-node-type="actionList" data-task-list-local-id="1"><li>')
@example('<li aria-level="1">a<li aria-level="3"><li aria-level="2">b<p>')
def test_what_programs_write_becomes_a_valid_document_however_it_is_mixed(
    official_schema: jsonschema_rs.Draft4Validator, html: str
) -> None:
    for_jira = convert_html(html, media=_MEDIA, has_inline_cards=True).document
    full = convert_html(html, media=_MEDIA, profile="full").document

    assert validate_adf(for_jira, "jira") == []
    assert official_schema.is_valid(for_jira)
    assert validate_adf(full, "full") == []
    assert official_schema.is_valid(full)


def test_the_inputs_of_html5lib_become_valid_documents_with_the_text_of_the_page(
    official_schema: jsonschema_rs.Draft4Validator,
) -> None:
    try:
        inputs = html5lib_inputs()
    except InputsUnavailableError as reason:
        pytest.skip(str(reason))

    documents = [html_to_adf(html) for html in inputs]

    assert len(inputs) >= 1_700
    assert [i for i, d in zip(inputs, documents, strict=True) if validate_adf(d)] == []
    assert all(official_schema.is_valid(d) for d in documents)
    assert [
        i for i, d in zip(inputs, documents, strict=True) if _page_text(i) != _bare(adf_to_text(d))
    ] == []


@_quick
@given(HTML)
def test_any_page_gives_the_same_bytes_markdown_and_a_preview_with_its_text(html):
    document = html_to_adf(html)

    markdown = adf_to_markdown(document)

    assert _bare(adf_to_text(document)) == _page_text(adf_to_html(document))
    assert markdown == "" or markdown.endswith("\n")
    assert compact_json(document) == compact_json(html_to_adf(html))


@_quick
@given(PASTED)
def test_signs_and_images_have_markdown_and_a_preview_that_reads_back_as_valid(html):
    document = convert_html(html, media=_MEDIA, profile="full").document

    markdown = adf_to_markdown(document)

    assert validate_adf(html_to_adf(adf_to_html(document))) == []
    assert markdown == "" or markdown.endswith("\n")
