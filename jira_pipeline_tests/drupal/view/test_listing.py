"""The list of views."""

from dataclasses import replace

from jira_pipeline.drupal.view.listing import ListedDisplays, are_displays_certain, check, facts
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline_tests.drupal.made_views import display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

LISTED = "Structure > Views lists “Boats” (boats)"
CONTENT = view(label="Content", name="content")
BLOCK = display("block_1", "Block")


def test_a_view_has_exactly_the_displays_of_its_rows() -> None:
    assert plain(check(view_of(display(), BLOCK))) == [
        f"{LISTED}; beside the default one it has exactly the displays page_1 and block_1."
    ]


@each(
    ("status", "words"),
    [("Enabled", " as enabled"), ("Disabled", " as disabled"), ("", "")],
)
def test_it_is_listed_as_enabled_or_disabled_where_the_row_says_it(status: str, words: str) -> None:
    assert plain(check(view_of(head=view(status=status)))) == [f"{LISTED}{words}."]


@each(
    ("head", "row", "are_certain"),
    [
        (view(), display(), True),
        (view(), display("default", "Default"), False),
        (view(), display("Page of boats"), False),  # a question asks for its name
        (CONTENT, display("page_1"), True),
        (CONTENT, display("page_2"), False),  # whether the one of the module stays is asked
    ],
)
def test_displays_are_certain_where_rows_name_all(
    head: Row, row: Row, *, are_certain: bool
) -> None:
    assert are_displays_certain(view_of(row, head=head)) is are_certain


def test_a_display_that_goes_is_named_where_the_others_are_not_certain() -> None:
    goes = display("feed_1", "Feed", x="d")

    assert plain(check(view_of(display("Page of boats"), goes))) == [
        f"{LISTED}.",
        "“Boats” does not have the display feed_1.",
    ]
    assert plain(check(view_of(display(), goes))) == [
        f"{LISTED}; beside the default one it has exactly the display page_1."
    ]


def test_a_view_of_a_module_is_listed_by_its_machine_name() -> None:
    (sentence,) = plain(check(view_of(display(), head=CONTENT)))

    assert sentence.startswith("Structure > Views lists content; beside the default one")


def test_nothing_is_listed_of_a_view_none_of_whose_displays_is_built() -> None:
    assert plain(check(view_of(display(x="d")))) == ["“Boats” does not have the display page_1."]


def test_displays_that_people_declared_may_be_some_of_more() -> None:
    ticket = view_of(display()).ticket
    (row,) = ticket.group.members
    declared = replace(row, is_declared=True)
    group = replace(ticket.group, members=(declared,))

    assert plain(check(TicketView(ticket=replace(ticket, group=group)))) == [
        f"{LISTED}; it has the display page_1."
    ]


@each(
    ("row", "listed"),
    [
        (display(), ListedDisplays.EXACTLY_THESE),
        (display("Page of boats"), ListedDisplays.UNCERTAIN),
        (display(x="w"), ListedDisplays.NONE_TO_BUILD),
    ],
)
def test_which_displays_a_view_will_have_is_a_fact(row: Row, listed: ListedDisplays) -> None:
    assert [stated.fact for stated in facts(view_of(row))] == [listed]
