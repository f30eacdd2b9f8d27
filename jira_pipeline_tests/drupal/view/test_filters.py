"""The filters of a display."""

from jira_pipeline.drupal.cell_facts import BlankCell
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.filters import (
    COLUMN,
    COUNTERPART,
    AllFilters,
    Filters,
    NamedFilters,
    conditions_of,
    facts,
    filters_of,
    kinds_filtered,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_views import compared, display, display_row, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BY_ID = display(filters="tid (= ID 4)")


@each(
    ("cell", "kinds"),
    [
        ("type (= Boat)", "Boat"),
        ("status (= 1); content type (in Boat, Ship)", "Boat, Ship"),
        ("Vocabulary (= Ports)", "Ports"),
        ("prototype (= Boat)", ""),
        ("type", ""),
        ("", ""),
    ],
)
def test_a_filter_by_type_names_the_types(cell: str, kinds: str) -> None:
    assert kinds_filtered(display_row(display(filters=cell))) == kinds


def test_the_first_display_that_filters_by_type_counts() -> None:
    without = display_row(display(filters="status (= 1)"))
    boats = display_row(display(filters="type (= Boat)"))
    ships = display_row(display(filters="type (= Ship)"))

    assert kinds_filtered(without, boats, ships) == "Boat"


@each(
    ("cell", "ids"),
    [
        ("tid (= ID 4, 5 of ports)", ("ID 4, 5 of ports",)),
        ("tid (= ID 4); nid (= ID 7); uid (= ID 4)", ("ID 4", "ID 7")),
        ("type (= Boat)", ()),
    ],
)
def test_passages_that_name_items_by_ids_are_found_once(cell: str, ids: tuple[str, ...]) -> None:
    fact = filters_of(display_row(display(filters=cell)))

    assert fact == Filters(text=cell, kinds="Boat" if not ids else "", ids=ids)


def test_the_filters_of_each_display_are_facts() -> None:
    assert said_by(facts(view_of(display(filters="status (= 1)"), display("page_2")))) == [
        (Filters(text="status (= 1)", kinds="", ids=()), "page_1"),
        (BlankCell(), "page_2"),
    ]


@each(
    ("cell", "conditions"),
    [
        ("None", AllFilters(())),
        ("type (in boat); contextual nid", AllFilters(("type (in boat)", "contextual nid"))),
        ("Only boats", NamedFilters()),
        ("", NamedFilters()),
    ],
)
def test_all_filters_are_known_as_sheets_writes_them(
    cell: str, conditions: AllFilters | NamedFilters
) -> None:
    assert conditions_of(display_row(display(filters=cell))) == conditions


def test_which_items_are_meant_is_asked() -> None:
    (question,) = asked("views.ids", view_of(BY_ID).ticket)

    assert question.startswith("Which items are meant by ID 4, by which `page_1` filters?")


@each(
    "row",
    [
        display(filters="type (= Boat)"),
        BY_ID | {"X": "x"},
        display("default", "Default", filters="tid (= ID 4)"),
    ],
)
def test_nothing_is_asked_of_other_filters_and_displays(row: Row) -> None:
    assert asked("views.ids", view_of(row, head=view(x="c")).ticket) == []


@each(
    ("cell", "verdict"),
    [
        ("type (= Boat)", Verdict.MET),
        ("type (= Ship)", Verdict.DIFFERS),
        ("None", Verdict.DIFFERS),
        ("Only boats", Verdict.NOT_COMPARABLE),
    ],
)
def test_filters_are_compared_as_sheets_writes_them(cell: str, verdict: Verdict) -> None:
    on_site = SiteCell(text="type (= Boat)", yaml="")

    assert compared(display(filters=cell), COUNTERPART, COLUMN.name, on_site) is verdict
