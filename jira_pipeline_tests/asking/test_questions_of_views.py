"""Questions of views: what the form lacks, and what rows contradict or leave open."""

from copy import deepcopy

from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import Specification
from jira_pipeline.writing.claims.ticket import claimed_ticket
from jira_pipeline.writing.group_facts import FactsReader
from jira_pipeline_tests.sheets.made_specifications import display, specification_of, view
from jira_pipeline_tests.writing.claims.claimed import questions_of, ticket_of
from jira_pipeline_tests.writing.sites import briefs_of


def test_two_pages_at_one_path_ask_which_keeps_it_and_pages_of_disabled_views_do_not() -> None:
    specification = specification_of(
        views=[
            view("News", "news"),
            view("Press", "press"),
            view("Old", "old", Status="Disabled"),
        ],
        displays=[
            display(name, "page_1", Notes="Path: /news") for name in ("News", "Press", "Old")
        ],
    )

    asked = [question for question in _asked_of_news(specification) if "/news" in question]

    assert asked == ["`/news` is the path of `page_1` and of `page_1` of “Press”: which keeps it?"]


def test_a_display_has_its_path_alone_where_its_group_was_read_from_a_copy() -> None:
    """Between assets groups are kept as files: their rows are equal to those of the sheets."""
    specification = specification_of(
        views=[view("News", "news")], displays=[display("News", "page_1", Notes="Path: /news")]
    )
    groups = deepcopy(group_entities(specification).groups)
    (brief,) = (b for b in briefs_of(specification, groups) if b.group.key == "view:news")

    asked = questions_of(claimed_ticket(FactsReader().facts_of(brief)))

    assert not any("which keeps it" in question for question in asked)


def test_a_placeholder_is_asked_for_where_neither_its_name_nor_a_filter_says_what_it_is() -> None:
    rows = [
        display("News", "page_1", Notes="Path: /news/%topic"),
        display("News", "page_2", Notes="Path: /node/%node/news"),
        display("News", "page_3", Notes="Path: /by/%author", Filters="Author ID"),
    ]

    asked = _asked_of_news(specification_of(views=[view("News", "news")], displays=rows))

    assert asked[1:] == [
        (
            "What does `%topic` in the path `/news/%topic` of `page_1` stand for: the ID or the name of "
            "what?"
        )
    ]


def test_what_is_marked_as_changed_and_says_nothing_is_asked_for() -> None:
    rows = [
        display("News", "page_1", x="c", Notes="Path: /news"),
        display("News", "block_1", "Block", x="c", Notes="Three instead of five"),
    ]

    ticket = ticket_of(
        specification_of(views=[view("News", "news", "x")], displays=rows), "Update view: News"
    )

    assert questions_of(ticket) == ["What changes in `page_1` of “News”? It is marked as changed."]


def test_a_display_that_the_module_brings_and_no_row_has_is_asked_about() -> None:
    ticket = ticket_of(
        specification_of(
            views=[view("Term", "taxonomy_term")],
            displays=[display("Term", "page_1", Notes="Path: /taxonomy/term/%")],
        ),
        "Configure view: Term",
    )

    assert questions_of(ticket) == [
        (
            "The Taxonomy module installs the view `taxonomy_term` with `feed_1`, which no row has: is "
            "that to be deleted?"
        )
    ]


def _asked_of_news(specification: Specification) -> list[str]:
    return questions_of(ticket_of(specification, "Configure view: News"))
