"""Tickets of views say what is certain of the view, and have a form for the rest."""

import pytest

from jira_pipeline.domain.entities import EntityKind
from jira_pipeline.domain.view_displays import stated_path
from jira_pipeline_tests.stages.made_specifications import Row, specification_of
from jira_pipeline_tests.writers.claims.claimed import (
    questions_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.writers.sites import FOLDERS, site


def view(name: str, machine_name: str, x: str = "a", **cells: str) -> Row:
    """Make a view that lists content."""
    known = {"Base table": "Content", "Status": "Enabled"}
    return {
        "View name": name,
        "Machine name": machine_name,
        "X": x,
        **known,
        **{key.replace("_", " "): cell for key, cell in cells.items()},
    }


def display(
    view_name: str, machine_name: str, plugin: str = "Page", x: str = "a", **more: str
) -> Row:
    """Make a display; `more` are further columns."""
    row = {"View": view_name, "Title": plugin, "Machine name": machine_name, "X": x}
    return {**row, "Display plugin": plugin, **more}


def test_a_page_of_which_only_the_path_is_known_has_a_story_a_form_and_checks_to_try() -> None:
    ticket = ticket_of(
        specification_of(
            views=[view("News", "news")],
            displays=[
                display("News", "default", "Master"),
                display("News", "page_1", Notes="Path: /news"),
            ],
        ),
        "Configure view: News",
    )

    assert sentences([ticket.claims.story]) == [
        "The site needs the view “News” with a page at /news."
    ]
    assert sentences(ticket.claims.analysis) == []
    (row,) = ticket.claims.form
    assert {column: cell.text for column, cell in row.cells.items()} == {
        "Lists": "content, types: ?",
        "Shows": "?",
        "Path or place": "/news",
        "Filters": "?",
        "Sort": "?",
        "Items per page": "?",
        "Access": "?",
        "When empty": "?",
    }
    assert sentences(ticket.claims.verification) == [
        "Structure > Views lists “News” (news) as enabled; beside the default one it has exactly the display page_1.",
        "/news opens page_1.",
    ]


def test_a_view_of_core_that_no_row_changes_is_not_built() -> None:
    rows = [
        display("Archive", "block_1", "Block"),
        display("Archive", "page_1", Notes="Path: /archive"),
    ]

    ticket = ticket_of(
        specification_of(views=[view("Archive", "archive", Status="Disabled")], displays=rows),
        "Configure view: Archive",
    )

    assert sentences(ticket.claims.analysis) == [
        (
            "Core’s Node module installs this view with these displays and leaves it disabled; no row "
            "changes it. Do not build it anew."
        )
    ]
    assert ticket.claims.form == ()
    assert questions_of(ticket) == []
    assert ticket.estimated_hours == ""


def test_of_a_view_that_a_module_ships_only_what_is_added_has_a_form() -> None:
    rows = [
        display("People", "page_1", Notes="Path: /admin/people/list", Access="Role: Editor"),
        display("People", "data_export_1", "data_export", Notes="Path: /people.csv"),
    ]

    ticket = ticket_of(
        specification_of(
            views=[view("People", "user_admin_people", Base_table="Users")], displays=rows
        ),
        "Configure view: People",
    )

    assert sentences(ticket.claims.analysis) == [
        (
            "Core’s User module installs this view with the display page_1: change that view, do not "
            "build it anew."
        ),
        "data_export_1 is added to it.",
        "page_1 is set as its row says; what the row leaves out stays as installed.",
        "data_export_1 needs the Views Data Export module: enable it first.",
    ]
    (row,) = ticket.claims.form
    assert row.display.machine_name == "data_export_1"
    assert row.cells["When empty"].text == "–"
    assert "Access of page_1 are those of its row." in sentences(ticket.claims.verification)


def test_a_view_called_as_one_of_core_with_another_base_table_replaces_it() -> None:
    ticket = ticket_of(
        specification_of(
            views=[view("Content", "content", Base_table="Content revisions")],
            displays=[display("Content", "page_1")],
        ),
        "Configure view: Content",
    )

    assert sentences(ticket.claims.analysis) == [
        (
            "Core’s Node module installs a view content too, which lists content; this one lists "
            "revisions of content. The base table of a view cannot be changed: delete the installed "
            "view before this one is built."
        ),
        "A view of revisions lists every revision of an item unless it is filtered to one.",
    ]


def test_columns_of_the_displays_fill_the_form_in_and_the_shared_display_passes_its_own_on() -> (
    None
):
    rows = [
        display("News", "default", "Master", Sort="Date", Filters="Content type (= Article)"),
        display("News", "block_1", "Block", Access="Everybody", Pager="3"),
    ]

    ticket = ticket_of(
        specification_of(views=[view("News", "news")], displays=rows), "Configure view: News"
    )

    (row,) = ticket.claims.form
    known = {c: cell.text for c, cell in row.cells.items() if not cell.is_open}
    assert known == {
        "Lists": "content, types: Article",
        "Filters": "Content type (= Article)",
        "Sort": "Date",
        "Items per page": "3",
        "Access": "Everybody",
    }


def test_an_update_asks_for_new_displays_only_and_leaves_the_others() -> None:
    rows = [
        display("News", "page_1", x="x", Notes="Path: /news"),
        display("News", "block_1", "Block"),
        display("News", "block_2", "Block", x="d"),
        display("News", "block_3", "Block", x="w"),
    ]

    ticket = ticket_of(
        specification_of(views=[view("News", "news", "x")], displays=rows), "Update view: News"
    )

    assert sentences([ticket.claims.story]) == ["The view “News” needs a block."]
    assert sentences(ticket.claims.analysis) == [
        "page_1 is there already and stays as it is.",
        "Delete the display block_2, if it is there.",
    ]
    assert [row.display.machine_name for row in ticket.claims.form] == ["block_1"]
    assert sentences(ticket.claims.verification) == [
        (
            "Structure > Views lists “News” (news) as enabled; beside the default one it has exactly the displays page_1 and "
            "block_1."
        ),
        "Structure > Block layout > Place block offers the block of block_1.",
    ]


def test_the_path_of_a_disabled_view_is_set_and_does_not_open() -> None:
    ticket = ticket_of(
        specification_of(
            views=[view("News", "news", Status="Disabled")],
            displays=[display("News", "page_1", Notes="Path: /news")],
        ),
        "Configure view: News",
    )

    assert sentences(ticket.claims.verification) == [
        "Structure > Views lists “News” (news) as disabled; beside the default one it has exactly the display page_1.",
        "The path of page_1 is /news.",
    ]


def test_a_path_with_a_placeholder_is_tried_with_a_value() -> None:
    ticket = ticket_of(
        specification_of(
            views=[view("News", "news")],
            displays=[display("News", "page_1", Notes="Path: /node/%node/news/%year")],
        ),
        "Configure view: News",
    )

    assert sentences(ticket.claims.verification)[1] == (
        "/node/%node/news/%year opens page_1, with the ID of a content item in the place of %node "
        "and a value in the place of %year."
    )


@pytest.mark.parametrize("name", FOLDERS)
def test_every_path_of_a_check_is_in_a_row_and_every_open_form_is_asked_for(name: str) -> None:
    specification, groups = site(name)
    displays = specification.by_kind[EntityKind.VIEW_DISPLAY]
    paths = {stated_path(row) for row in (*displays, *specification.by_kind[EntityKind.VIEW])}

    for title in (group.title for group in groups if group.heads[0].kind is EntityKind.VIEW):
        ticket = ticket_of(specification, title)
        values = {
            path
            for claim in ticket.claims.verification
            if claim.kind.startswith(("verification.view_opens", "verification.view_returns"))
            for path in claim.values
        }
        assert values <= paths
        assert bool(ticket.claims.form) == any(
            question.startswith(("Please fill in", "Which displays"))
            for question in questions_of(ticket)
        )


def test_a_path_that_two_views_have_is_asked_about_and_not_tried() -> None:
    names = ("News", "Archive")
    ticket = ticket_of(
        specification_of(
            views=[view(name, name.casefold()) for name in names],
            displays=[display(name, "page_1", Notes="Path: /news") for name in names],
        ),
        "Configure view: News",
    )

    assert "which keeps it?" in questions_of(ticket)[0]
    assert not any("/news" in check for check in sentences(ticket.claims.verification))


def test_a_note_may_ask_for_other_rows_than_those_of_the_base_table() -> None:
    cells = [
        ticket_of(
            specification_of(
                views=[view("Mine", "mine", **{"Base table": "Users"})],
                displays=[display("Mine", "block_1", "Block", Notes=note)],
            ),
            "Configure view: Mine",
        )
        .claims.form[0]
        .cells["Lists"]
        for note in ("", "Shows the ten newest nodes.")
    ]

    assert [(cell.text, cell.is_open) for cell in cells] == [
        ("user accounts", False),
        ("user accounts, by the base table: ?", True),
    ]


def test_a_view_without_a_display_to_build_is_asked_about_and_not_checked() -> None:
    ticket = ticket_of(
        specification_of(views=[view("News", "news")], displays=[display("News", "page_1", x="w")]),
        "Configure view: News",
    )

    assert questions_of(ticket) == [
        "No display of “News” is to be built: is the view to be built at all?"
    ]
    assert sentences(ticket.claims.verification) == []


def test_a_machine_name_that_drupal_refuses_is_asked_about_and_not_claimed() -> None:
    ticket = ticket_of(
        specification_of(
            views=[view("News", "news")],
            displays=[display("News", "by year", "Block")],
        ),
        "Configure view: News",
    )

    assert any("refuses the machine name" in question for question in questions_of(ticket))
    assert sentences(ticket.claims.verification) == [
        "Structure > Views lists “News” (news) as enabled."
    ]
