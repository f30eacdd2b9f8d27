"""The maximum length of a text."""

from jira_pipeline.drupal.comparisons import PROSE, CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.maximum_length import (
    COLUMN,
    COUNTERPART,
    LengthFact,
    MaximumLength,
    NoLength,
    check,
    maximum_length_of,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import compared, field, fields_of, row_of, sentences
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


@each(
    ("row", "fact"),
    [
        (field(length="80"), MaximumLength("80")),
        (field(note="Max length 512."), MaximumLength("512")),
        (field(note="At most. 60 characters at most."), MaximumLength("60")),
        (field(note="As long as needed"), NoLength()),
        (field(note="Max length 2026-12-01."), NoLength()),  # a program made a date of it
        (field(length="-"), NoLength()),
        (field(), NoLength()),
    ],
)
def test_a_length_is_stated_by_its_column_or_by_the_note(row: Row, fact: LengthFact) -> None:
    assert maximum_length_of(row_of(row)) == fact


def test_fields_of_one_length_are_claimed_together() -> None:
    rows = [field(length="80"), field("field_mast", note="Max length 80."), field("field_keel")]

    assert sentences(check(fields_of(*rows))) == [
        "field_hull and field_mast take no more than 80 characters."
    ]


def test_a_length_that_somebody_has_to_confirm_is_not_claimed() -> None:
    assert sentences(check(fields_of(field(note="Max length 80, TBC.")))) == []


@each(
    ("length", "on_site", "result"),
    [
        ("80", "80", Met()),
        ("80", "255", Differs()),
        ("80", "", Differs()),
    ],
)
def test_a_stated_length_is_that_of_the_storage(
    length: str, on_site: str, result: CellResult
) -> None:
    row = field(length=f"Max length {length}.")

    assert compared(row, COUNTERPART, COLUMN.name, SiteCell(text=on_site, yaml="")) == result


def test_words_in_place_of_a_length_are_not_compared() -> None:
    row = field(length="as drawn")

    on_site = SiteCell(text="80", yaml="")

    assert compared(row, COUNTERPART, COLUMN.name, on_site) == NotComparable(PROSE)


@each(
    ("row", "on_site", "result"),
    [
        (field(), "80", Differs()),
        (field(), "255", NotComparable(PROSE)),
        (field(), "", NotComparable(PROSE)),
        (field(type="Text (plain, long)"), "80", NotComparable(PROSE)),
        (field(note="Max length 80."), "80", NotComparable(PROSE)),  # compared as part of the note
    ],
)
def test_a_text_without_a_stated_length_should_have_the_usual_one(
    row: Row, on_site: str, result: CellResult
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(row, COUNTERPART, COLUMN.name, site_cell) == result
