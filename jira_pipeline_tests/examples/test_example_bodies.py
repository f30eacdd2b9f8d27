"""The bodies of the example: which are too large for Jira, and that all survive Markdown."""

import json
from functools import cache

from jira_pipeline.jira.adf import adf_to_markdown, markdown_to_adf
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline_tests.jira.adf.markdown_forms import as_markdown_holds
from jira_pipeline_tests.review.documents.made_tickets import site_tickets


@cache
def rendered() -> dict[str, RenderedTicket]:
    """Render every ticket of the example, by title."""
    return {made.ticket.title: made.rendered() for made in site_tickets("uhrenmuseum")}


def test_bodies_that_are_too_large_move_to_attachments() -> None:
    attached = {title for title, ticket in rendered().items() if ticket.attachment is not None}

    assert attached == {
        "Configure content type: Clock",
        "Configure content type: Exhibition",
        "Update content type: Event",
    }


def test_every_body_of_the_example_comes_back_from_markdown() -> None:
    bodies = {title: json.loads(json.dumps(one.document)) for title, one in rendered().items()}

    read = {title: markdown_to_adf(adf_to_markdown(body)) for title, body in bodies.items()}

    assert {title: as_markdown_holds(body) for title, body in bodies.items()} == read
    assert len(read) > 20


def test_every_body_that_was_read_once_comes_back_exactly() -> None:
    for one in rendered().values():
        once = markdown_to_adf(adf_to_markdown(one.document))

        assert once == markdown_to_adf(adf_to_markdown(once))
