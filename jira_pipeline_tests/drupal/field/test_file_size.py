"""The maximum upload size of a field."""

from jira_pipeline.drupal.comparisons import PROSE, CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.file_size import (
    COLUMN,
    COUNTERPART,
    MaximumSize,
    NoSize,
    SizeFact,
    SizeWithoutUnit,
    bytes_in,
    check,
    file_size_of,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    compared,
    field,
    fields_of,
    row_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


@each(
    ("row", "fact"),
    [
        (field(type="File", size="7 MB"), MaximumSize(7, unit="M")),
        (field(type="Image", note="Max size 512 kb."), MaximumSize(512, unit="K")),
        (field(type="Image", note="Max size 2 bytes."), MaximumSize(2, unit="B")),
        (field(type="File", note="Max size 2097152."), MaximumSize(2097152, unit="B")),
        (field(type="File", size="2"), SizeWithoutUnit(2)),
        (field(type="File", note="Max file size: 2; Private."), SizeWithoutUnit(2)),
        (field(type="File", note="Max size 2.5 MB."), NoSize()),
        (field(type="File", note="Max size 2 pages."), NoSize()),
        (field(type="File", note="Max 2. Only drawings."), NoSize()),
        (field(type="File", note="As large as needed"), NoSize()),
        (field(type="Text (plain)", note="Max size 7 MB."), NoSize()),
        (field(type="Text (plain)", note="Max size 7."), NoSize()),
        (field(type="File"), NoSize()),
    ],
)
def test_a_size_is_stated_by_its_column_or_by_the_note(row: Row, fact: SizeFact) -> None:
    assert file_size_of(row_of(row)) == fact


def test_a_size_is_the_same_in_any_unit() -> None:
    assert bytes_in("Max size 2048 KB.") == bytes_in("Max 2 MB") == 2 * 1024**2
    assert bytes_in("Max size 2000 KB") < bytes_in("Max size 2m")
    assert bytes_in("Max size 2048.") == bytes_in("Max size 2 KB")
    assert bytes_in("Max size 2.") == 2
    assert bytes_in("As large as needed") == 0


def test_the_unit_of_a_small_number_alone_is_asked_for() -> None:
    (question,) = asked("bundles.size_unit", ticket_of(field(type="File", size="2")))

    assert question.startswith("How large may a file in “Hull” (`field_hull`) be: 2 MB or 2 KB?")


@each("size", ["2 MB", "2097152", ""])
def test_no_unit_is_asked_for_that_a_row_says(size: str) -> None:
    assert asked("bundles.size_unit", ticket_of(field(type="File", size=size))) == []


def test_a_field_refuses_a_larger_file() -> None:
    rows = [
        field(type="File", size="7mb"),
        field("field_mast", type="File"),
        field("field_keel", type="File", size="2"),
        field("field_rudder", type="File", size="2048"),
    ]

    assert sentences(check(fields_of(*rows))) == [
        "field_hull refuses a file of more than 7 MB; field_rudder refuses a file of more than 2048 bytes."
    ]


@each(
    ("size", "on_site", "result"),
    [
        ("Max size 2 MB.", "2048 KB", Met()),
        ("Max size 2 MB.", "3 MB", Differs()),
        ("Max size 2 MB.", "", Differs()),
        ("Max size 2 MB.", "2", Differs()),
        ("Max size 2 bytes.", "2", Met()),
        ("as drawn", "2 MB", NotComparable(PROSE)),
    ],
)
def test_sizes_are_compared_in_bytes(size: str, on_site: str, result: CellResult) -> None:
    row = field(type="File", size=size)

    assert compared(row, COUNTERPART, COLUMN.name, SiteCell(text=on_site, yaml="")) == result
