"""Limits that notes state: of which fields they are certain."""

from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Differs,
    Met,
    NotComparable,
    SheetCell,
)
from jira_pipeline.drupal.field.file_size import COLUMN, COUNTERPART, bytes_in
from jira_pipeline.drupal.field.noted_limits import compare_limit, fields_with_certain_notes
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import field, fields_of, row_of
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

LIST = {"type": "List (text)", "widget": "Select list"}


@each(
    ("row", "is_certain"),
    [
        (field(), True),
        (field(note="Max length 80."), True),
        (field(note="Max length 80, TBC."), False),
        (field(type="Markup"), False),
        (field(widget="-- Disabled --"), False),
    ],
)
def test_a_note_is_certain_where_it_leaves_nothing_open(row: Row, *, is_certain: bool) -> None:
    certain = fields_with_certain_notes(fields_of(row))

    assert [field.machine_name for field in certain] == ["field_hull"] * is_certain


def test_a_note_is_doubted_where_fields_of_one_storage_differ_in_it() -> None:
    here = field("field_rig", note="Options: Sloop, Ketch.", **LIST)
    there = field("field_rig", note="Options: Sloop, Yawl.", bundle="Sail (Content type)", **LIST)

    fields = fields_of(here, there, others=[bundle("Sail", "sail")])

    assert fields_with_certain_notes(fields) == ()


@each(
    ("size", "result"),
    [
        ("Max size 2 MB.", Met()),
        ("Max size 3 MB.", Differs()),
        ("As large as needed.", NotComparable(PROSE)),
    ],
)
def test_a_limit_is_read_on_both_sides_in_one_way(size: str, result: CellResult) -> None:
    cell = SheetCell(row=row_of(field()), column=COLUMN.name, text=size, counterpart=COUNTERPART)

    assert compare_limit(cell, SiteCell(text="2048 KB", yaml=""), bytes_in) == result
