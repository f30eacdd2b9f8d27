"""What is not published, in a list that visitors may open."""

from jira_pipeline.drupal.view.unpublished import Drafts, facts
from jira_pipeline_tests.drupal.made_roles import role
from jira_pipeline_tests.drupal.made_rows import asked
from jira_pipeline_tests.drupal.made_views import display, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

OPEN = display(place="/boats", filters="type (in boat)", access="Everybody")


@each(
    "cells",
    [
        {},
        {"filters": "None"},
        {"filters": "title (set by users); contextual uid (from current_user)"},
        {"access": "permission access content"},
        {"access": "roles anonymous, skipper"},
        {"plugin": "Block", "name": "block_1", "place": ""},
    ],
)
def test_visitors_see_drafts_where_no_filter_leaves_them_out(cells: dict[str, str]) -> None:
    row = OPEN | display(**cells) | {"Filters": cells.get("filters", OPEN["Filters"])}
    row |= {"Access": cells.get("access", "Everybody")}

    (question,) = asked("views.unpublished", view_of(row).ticket)

    assert question.startswith("Visitors may see")


@each(
    ("row", "fact"),
    [
        (OPEN | {"Filters": "status (= 1)"}, Drafts.LEFT_OUT),
        (OPEN | {"Filters": "any of: status (= 1) or uid (= 0)"}, Drafts.LEFT_OUT),
        (OPEN | {"Filters": "moderation_state (in plain-published)"}, Drafts.LEFT_OUT),
        (OPEN | {"Filters": "contextual nid"}, Drafts.LEFT_OUT),
        (OPEN | {"Filters": "Only boats"}, Drafts.WITHOUT),  # people name what matters to them
        (OPEN | {"Filters": ""}, Drafts.WITHOUT),
        (OPEN | {"Display plugin": "Entity Reference"}, Drafts.WITHOUT),
        (OPEN | {"Access": "permission edit boats"}, Drafts.NOT_FOR_VISITORS),
        (OPEN | {"Access": "roles skipper"}, Drafts.NOT_FOR_VISITORS),
        (OPEN | {"Access": "the crew"}, Drafts.NOT_FOR_VISITORS),
        (OPEN, Drafts.LISTED),
    ],
)
def test_a_filter_by_the_state_or_by_the_item_leaves_drafts_out(row: Row, fact: Drafts) -> None:
    assert [stated.fact for stated in facts(view_of(row))] == [fact]


@each("table", ["Users", "Files", "Index boats"])
def test_what_has_no_drafts_is_not_asked_about(table: str) -> None:
    assert asked("views.unpublished", view_of(OPEN, head=view(table=table)).ticket) == []


@each(
    ("note", "is_asked"),
    [
        ("2 permissions. Permissions: see boats, access content", True),
        ("1 permissions. Permissions: see boats", False),
    ],
)
def test_what_visitors_may_do_is_in_their_row(note: str, *, is_asked: bool) -> None:
    row = OPEN | {"Access": "permission access content"}
    ticket = view_of(row, roles=[role(note, "Anonymous")]).ticket

    assert bool(asked("views.unpublished", ticket)) is is_asked


@each("row", [OPEN | {"X": "x"}, OPEN | {"X": "d"}])
def test_a_display_that_is_there_or_goes_is_not_asked_about(row: Row) -> None:
    assert asked("views.unpublished", view_of(row, head=view(x="c")).ticket) == []
