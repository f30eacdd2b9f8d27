"""What a display shows of each item."""

from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.shows import (
    COLUMN,
    COUNTERPART,
    FormatWithoutFields,
    ShowsFact,
    parts_in_row,
    parts_to_show,
    shows_of,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import WRITTEN_BY_SHEETS, compared, display, display_row
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


@each(
    ("cell", "fact", "known"),
    [
        ("Table", FormatWithoutFields("Table"), "Table, of which fields: ?"),
        ("Table: name, age", CellWords("Table: name, age"), "Table: name, age"),
        ("the view mode Teaser", CellWords("the view mode Teaser"), "the view mode Teaser"),
        ("-", BlankCell(), ""),
    ],
)
def test_the_fields_of_a_format_alone_are_open(cell: str, fact: ShowsFact, known: str) -> None:
    row = display_row(display(shows=cell))

    assert shows_of(row) == fact
    assert parts_in_row(row) == known


@each(
    ("row", "is_more_known"),
    [
        (display(), False),
        (display(plugin="Tide wall"), False),
        (display(plugin="Data export"), True),
    ],
)
def test_the_parts_of_what_it_shows_are_open_by_its_kind(row: Row, *, is_more_known: bool) -> None:
    parts = parts_to_show(display_row(row))

    assert parts.endswith("?")
    assert (parts != "?") is is_more_known


def test_without_a_path_the_format_is_open_too() -> None:
    parts = parts_to_show(display_row(display(plugin="Data export")))

    assert "by its path" not in parts


def test_the_path_of_an_export_says_its_format() -> None:
    parts = parts_to_show(display_row(display(plugin="Data export", place="/boats.csv")))

    assert parts.startswith("CSV by its path; ")


@each(
    ("row", "verdict"),
    [
        (display(shows="list of fields: Name"), Verdict.MET),
        (display(shows="list of fields: Age") | WRITTEN_BY_SHEETS, Verdict.DIFFERS),
        (display(shows="a nice list"), Verdict.NOT_COMPARABLE),
    ],
)
def test_it_is_compared_in_a_row_that_sheets_wrote(row: Row, verdict: Verdict) -> None:
    on_site = SiteCell(text="list of fields: Name", yaml="")

    assert compared(row, COUNTERPART, COLUMN.name, on_site) is verdict
