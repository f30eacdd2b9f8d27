"""The bodies of the example survive Markdown, as an editor of text would hand them back."""

import json

from jira_pipeline.adf import adf_to_markdown, markdown_to_adf
from jira_pipeline_tests.adf.markdown_forms import as_markdown_holds
from jira_pipeline_tests.examples.test_example_bodies import rendered_tickets


def test_every_body_of_the_example_comes_back_from_markdown():
    bodies = {
        title: json.loads(json.dumps(rendered.document))
        for title, rendered in rendered_tickets().items()
    }

    read = {title: markdown_to_adf(adf_to_markdown(body)) for title, body in bodies.items()}

    assert {title: as_markdown_holds(body) for title, body in bodies.items()} == read
    assert len(read) > 20


def test_every_body_that_was_read_once_comes_back_exactly():
    for rendered in rendered_tickets().values():
        once = markdown_to_adf(adf_to_markdown(rendered.document))

        assert once == markdown_to_adf(adf_to_markdown(once))
