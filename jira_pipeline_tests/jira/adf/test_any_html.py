"""Whatever the HTML: the document is valid for Jira and holds the text of the page."""

import jsonschema_rs
from hypothesis import HealthCheck, example, given, settings

from jira_pipeline.jira.adf import adf_to_html, adf_to_text, html_to_adf, validate_adf
from jira_pipeline_tests.jira.adf.html_soup import HTML, shown_text
from jira_pipeline_tests.long_form import examples


@settings(
    max_examples=examples(2_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(HTML)
@example("<ul><li>a<table><tr><td>b<td>c</table>d<li>e</ul>")
@example("<details><details><table><td>x</table>y")
@example("<ul><li>a</li>b<li>c<ul><li>d</ul></ul>")
@example("<svg><input type=checkbox>a</svg>")
@example("<table><caption>a</caption><td>b</table>")
@example("<table><td><details><summary>a</summary><table><td>b</table>c</details>")
def test_any_html_becomes_a_valid_document_with_the_text_of_the_page(
    official_schema: jsonschema_rs.Draft4Validator, html: str
) -> None:
    document = html_to_adf(html)

    assert validate_adf(document) == []
    assert official_schema.is_valid(document)
    assert "".join(adf_to_text(document).split()) == shown_text(html)
    assert html_to_adf(adf_to_html(document)) == html_to_adf(adf_to_html(html_to_adf(html)))
