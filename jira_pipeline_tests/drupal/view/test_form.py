"""The form of a view."""

from dataclasses import replace

from jira_pipeline.drupal.view.form import (
    FormRow,
    displays_of_form,
    facts,
    form_of,
    open_columns_in_words,
)
from jira_pipeline.model.entities import Status
from jira_pipeline.model.forms_in_text import NOT_APPLICABLE, is_about_form
from jira_pipeline_tests.drupal.made_rows import asked, field, ticket_of
from jira_pipeline_tests.drupal.made_views import display, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

CONTENT = view(label="Content", name="content")
WHOLE = {
    "lists": "Boats",
    "shows": "Table: name",
    "place": "/boats",
    "filters": "None",
    "sort": "None",
    "pager": "10",
    "access": "Everybody",
    "empty": "No boats.",
}


def form(*displays: Row, head: Row | None = None) -> tuple[FormRow, ...]:
    return form_of(view_of(*displays, head=head).ticket.group)


# The fact.


def test_the_form_has_a_row_for_each_display_to_build() -> None:
    displays = [display("default", "Default"), display(), display("block_1", "Block", x="x")]

    assert [row.display.machine_name for row in form(*displays)] == ["page_1"]


def test_the_display_that_others_inherit_from_has_a_row_where_it_is_the_only_one() -> None:
    assert [row.display.machine_name for row in form(display("default", "Default"))] == ["default"]


def test_a_view_without_rows_for_displays_is_its_own_row() -> None:
    assert [row.display.machine_name for row in form()] == ["boats"]


@each(
    ("head", "displays"),
    [
        (CONTENT, [display()]),  # as the module brings it
        (view(x="c"), [display(x="x")]),
        (view(), [display(**WHOLE)]),  # sheets say all
        (view() | {"Colour": "blue"}, [display()]),  # a header that nobody knows may say it
    ],
)
def test_there_is_no_form_where_nothing_is_to_be_asked(head: Row, displays: list[Row]) -> None:
    assert form(*displays, head=head) == ()


def test_a_display_that_a_module_brings_has_no_row() -> None:
    rows = form(display(), display("block_1", "Block"), head=CONTENT)

    assert [row.display.machine_name for row in rows] == ["block_1"]


def test_cells_of_the_sheets_are_filled_in_and_inherited() -> None:
    default = display("default", "Default", sort="title (asc)", place="/inherited-by-nobody")
    (row,) = form(default, display(plugin="Page", filters="type (= Boat)"))

    assert row.cells == {
        "Lists": "content, types: Boat",
        "Shows": "?",
        "Path or place": "?",
        "Filters": "type (= Boat)",
        "Sort": "title (asc)",
        "Items per page": "?",
        "Access": "?",
        "When empty": "?",
    }


def test_another_display_or_one_that_goes_is_not_inherited_from() -> None:
    goes = display("default", "Default", x="d", sort="title (asc)")
    (first, _) = form(goes, display("page_1"), display("page_2", sort="title (asc)"))

    assert first.cells["Sort"] == "?"


def test_a_path_gets_its_slash_and_a_place_stays_as_it_is() -> None:
    (page, block) = form(display(place="boats"), display("block_1", "Block", place="sidebar"))

    assert page.cells["Path or place"] == "/boats"
    assert block.cells["Path or place"] == "sidebar"


def test_a_format_alone_leaves_the_fields_open() -> None:
    (row,) = form(display(shows="Table", filters="Table"))

    assert row.cells["Shows"] == "Table, of which fields: ?"
    assert row.cells["Filters"] == "Table"


def test_a_sentence_beside_the_rows_may_say_all() -> None:
    group = view_of(display()).ticket.group

    assert form_of(group) != ()
    assert form_of(replace(group, captions=group.members)) == ()


def test_a_view_that_goes_has_no_form() -> None:
    group = view_of(display()).ticket.group
    gone = replace(group.heads[0], status=Status.WAITING)

    assert form_of(replace(group, heads=(gone,))) == ()


def test_a_place_is_asked_for_in_the_words_of_the_kind() -> None:
    (block, feed) = form(display("block_1", "Block"), display("attachment_1", "Attachment"))

    assert block.cells["Path or place"] == "placed in ?"
    assert feed.cells["Path or place"] == "attached to ?"


def test_no_place_is_asked_for_in_a_disabled_view() -> None:
    (block,) = form(display("block_1", "Block"), head=view(status="Disabled"))

    assert block.cells["Path or place"] == "nowhere while the view is disabled"


def test_what_a_row_gives_is_shown_though_its_kind_mostly_has_nothing_for_it() -> None:
    """Nine readings found a dash in the form and a pager in the row."""
    (said, blank) = form(
        display("entity_reference_1", "Entity Reference", pager="10 (mini pager)"),
        display("entity_reference_2", "Entity Reference"),
    )

    assert said.cells["Items per page"] == "10 (mini pager)"
    assert blank.cells["Items per page"] == NOT_APPLICABLE


def test_a_kind_has_nothing_for_some_columns() -> None:
    (export,) = form(display("csv", "Data export"))

    assert NOT_APPLICABLE in export.cells.values()
    assert export.cells["Shows"].endswith(": ?")


def test_a_new_display_of_a_view_on_the_site_inherits_what_no_cell_says() -> None:
    (row,) = form(display(), head=view(x="c"))

    assert row.cells["Sort"] == "as in the default display: ?"
    assert row.cells["Shows"] == "?"


def test_the_default_display_inherits_nothing() -> None:
    (row,) = form(display("default", "Default"), head=view(x="c"))

    assert row.cells["Sort"] == "?"


# The question.


def test_the_open_cells_are_asked_for_where_displays_differ_apart() -> None:
    rows = form(display("page_1", place="/boats"), display("page_2"))

    assert open_columns_in_words(rows) == (
        "Lists, Shows, Filters, Sort, Items per page, Access and When empty; "
        "Path or place of `page_2`"
    )
    assert open_columns_in_words(rows[::-1]) == open_columns_in_words(rows)


def test_columns_that_no_two_displays_have_open_are_named_of_each() -> None:
    rows = form(
        display("page_1", **WHOLE | {"sort": ""}), display("page_2", **WHOLE | {"pager": ""})
    )

    assert open_columns_in_words(rows) == "Sort of `page_1`; Items per page of `page_2`"


def test_only_displays_with_open_cells_are_asked_about() -> None:
    ticket = view_of(display(**WHOLE), display("page_2")).ticket

    (question,) = [q for q in ticket.left_open if q.kind == "views.form"]

    assert question.subjects == ("page_2",)
    assert not question.question.endswith(" The notes may say some of it.")


def test_the_form_is_asked_for_in_one_question() -> None:
    (question,) = asked("views.form", view_of(display(note="Only fast ones.")).ticket)

    assert question.startswith("Please fill in the cells marked “?” in the form for “Boats”: Lists")
    assert question.endswith(" The notes may say some of it.")
    assert is_about_form(question)


def test_without_rows_for_displays_these_are_asked_for_too() -> None:
    (question,) = asked("views.displays", view_of().ticket)

    assert question.startswith("Which displays does “Boats” have, and of each: ")
    assert asked("views.form", view_of().ticket) == []


def test_nothing_is_asked_where_the_form_is_full() -> None:
    assert asked("views.form", view_of(display(**WHOLE)).ticket) == []


def test_a_row_of_the_form_is_a_fact_of_its_display() -> None:
    (stated,) = facts(view_of(display()))

    assert isinstance(stated.fact, FormRow)
    assert stated.rows == (stated.fact.display,)


def test_a_ticket_of_another_kind_has_no_form() -> None:
    assert displays_of_form(ticket_of(field()).group_rows) == []
