"""How single CSV files are read up to their limits; what is said of odd ones is in `odd_sheets`."""

import csv

import pytest

from jira_pipeline.model.entities import READ_CHARACTERS_MAX
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import delimiter_of
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline_tests.sheets.made_readings import read_files

FILE = "Roles.csv"
HEADER = "Name,Machine name,Notes\n"


def cells_of(reading: FolderReading) -> list[tuple[str, ...]]:
    (table,) = reading.tables
    return [row.cells for row in table.rows]


def only(reading: FolderReading, code: str) -> Finding:
    (finding,) = [finding for finding in reading.findings if finding.code == code]
    return finding


def test_a_line_of_a_million_columns_is_refused_and_the_next_line_survives() -> None:
    content = (HEADER + "," * 1_000_000 + "end\nGrizzly,grizzly,\n").encode()

    reading = read_files({FILE: content})

    finding = only(reading, "too_many_columns")
    assert (finding.severity, finding.line) == (Severity.ERROR, 2)
    assert cells_of(reading)[-1] == ("Grizzly", "grizzly", "")


def test_blank_cells_beyond_the_last_column_that_is_read_count_for_nothing() -> None:
    """A sheet of 16,384 blank columns was refused as CSV, and read as a workbook."""
    blank = "," * 16_000
    content = f'Name,Machine name,Notes{blank}\nGrizzly,grizzly,"big, brown"{blank}\n'.encode()

    reading = read_files({FILE: content})

    assert [finding.code for finding in reading.findings] == ["status_column_missing"]
    assert cells_of(reading) == [("Grizzly", "grizzly", "big, brown")]


def test_a_cell_beyond_the_limit_names_the_limit() -> None:
    limits = ReadingLimits(cell_max_characters=12)

    reading = read_files(
        {FILE: (HEADER + "Grizzly,grizzly,a longer story\n").encode()}, limits=limits
    )

    finding = only(reading, "cell_too_long")
    assert (finding.severity, finding.column) == (Severity.ERROR, "Notes")
    assert "14 characters; the limit is 12" in finding.message


@pytest.mark.parametrize("length", [READ_CHARACTERS_MAX + 1, csv.field_size_limit() + 1])
def test_a_cell_too_long_for_english_is_kept_and_cited(length: int) -> None:
    """One that is too long for the csv module, too, in the middle of a file."""
    long = ("Grizzly", "grizzly", "z" * length)
    limits = ReadingLimits(cell_max_characters=length)
    content = f'{HEADER}Polar,polar,"a\nb"\n{",".join(long)}\nPanda,panda,"c, d"\n'

    reading = read_files({FILE: content.encode()}, limits=limits)

    finding = only(reading, "cell_not_read")
    assert (finding.severity, finding.column, finding.line) == (Severity.WARNING, "Notes", 4)
    assert cells_of(reading)[1:] == [long, ("Panda", "panda", "c, d")]


def test_rows_beyond_the_limit_are_not_read() -> None:
    limits = ReadingLimits(rows_max_count=2)

    reading = read_files({FILE: (HEADER + "a,a,\n" * 3).encode()}, limits=limits)

    assert len(cells_of(reading)) == 1
    assert only(reading, "too_many_rows").line == 3


def test_a_flood_of_one_remark_ends_with_its_count() -> None:
    reading = read_files({FILE: (HEADER + "a,a\n" * 500).encode()})

    short = [finding for finding in reading.findings if finding.code == "row_short"]
    assert len(short) == 201
    assert ["500 findings of this kind" in finding.message for finding in short].count(True) == 1


def test_a_long_value_is_cut_in_the_finding() -> None:
    reading = read_files({FILE: (HEADER + "Grizzly,grizzly,brown," + "x" * 500).encode()})

    (finding,) = [finding for finding in reading.findings if finding.code == "row_long"]
    assert finding.value == "x" * 200


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Roles; as agreed\nName,Rights\nKeeper,opens\n", ","),
        ("Roles; as agreed\n\nName;Rights\nKeeper;opens\n", ";"),
        ("Roles, as agreed\nName\tRights\nKeeper\topens\n", "\t"),
        ("Name,Rights\nKeeper,opens; closes; counts\nGuest,looks; leaves\n", ","),
        ("Name;Rights\n", ";"),
        ("Name,Rights\nKeeper\n", ","),
        ("Keepers\n", ","),
        ("", ","),
    ],
)
def test_a_title_above_the_header_does_not_say_how_cells_are_separated(
    text: str, delimiter: str
) -> None:
    """A comma export below a line with a semicolon was read as one column."""
    assert delimiter_of(text, Citations("Roles.csv")) == (delimiter, 0)
