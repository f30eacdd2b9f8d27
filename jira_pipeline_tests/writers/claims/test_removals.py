"""Tickets of removals say what goes, what still refers to it, and what stays."""

from jira_pipeline_tests.stages.made_specifications import bundle, field, specification_of
from jira_pipeline_tests.writers.claims.claimed import questions_of, sentences, ticket_of
from jira_pipeline_tests.writers.claims.test_views import display, view


def test_a_type_that_goes_names_the_fields_that_still_refer_to_it() -> None:
    specification = specification_of(
        bundles=[
            bundle("Event", "event", x="d"),
            bundle("Tags", "tags", "Vocabulary", x="d"),
            bundle("News", "news", x="x"),
        ],
        fields=[
            field("Event (Content type)", "field_date", "d"),
            field("News (Content type)", "field_date", "x"),
            field("News (Content type)", "field_event", "x", ref="Event (Content type)"),
            field("News (Content type)", "field_body"),
        ],
    )

    ticket = ticket_of(specification, "Remove obsolete content structures")

    assert sentences([ticket.claims.story]) == [
        "The site no longer needs the content type “Event” and the vocabulary “Tags”."
    ]
    assert sentences(ticket.claims.analysis) == [
        "Drupal deletes no content types that have items: delete or move these first.",
        "With the vocabulary Drupal deletes its terms.",
        "field_date is on other types too: they keep it.",
        (
            "The field field_event of News (Content type) refers to Event (Content type): take that "
            "out of its targets first (its ticket: ticket 1)."
        ),
    ]
    assert sentences(ticket.claims.verification) == [
        "Structure > Content types does not list “Event” (event).",
        "Structure > Taxonomy does not list “Tags” (tags).",
        "The field field_event of News (Content type) does not offer Event (Content type).",
    ]
    assert questions_of(ticket) == ["What becomes of existing items of “Event”?"]


def test_a_path_that_another_view_has_too_stays() -> None:
    specification = specification_of(
        views=[view("Old news", "old_news", "d"), view("News", "news")],
        displays=[
            display("Old news", "page_1", x="d", Notes="Path: /news"),
            display("Old news", "page_2", x="d", Notes="Path: /old"),
            display("Old news", "block_1", "Block", "d"),
            display("News", "page_1", Notes="Path: /news"),
        ],
    )

    ticket = ticket_of(specification, "Remove obsolete views")

    assert sentences(ticket.claims.analysis) == [
        "/news stays: page_1 of “News” has it too.",
        "With a view Drupal deletes the blocks of it that are placed.",
    ]
    assert sentences(ticket.claims.verification) == [
        "Structure > Views does not list “Old news” (old_news).",
        "/old does not show “Old news”.",
        "Structure > Block layout has no block of the view.",
    ]
