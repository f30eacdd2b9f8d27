"""Workbooks of the older format are read as they are, whatever they claim and whatever is beside them."""

import struct

from jira_pipeline_tests.sheets.made_older_workbooks import (
    label,
    older_workbook,
    record,
    shared_text,
    texts,
    workbook_stream,
)
from jira_pipeline_tests.sheets.made_readings import read_files

HEADER = ("Style name", "Machine name", "Notes")
HEAD = b"".join(label(0, column, text) for column, text in enumerate(HEADER))
ROLE = label(1, 0, "Editor") + label(1, 1, "editor")


def rows_of(stream: bytes) -> list[tuple[str, ...]]:
    reading = read_files({"Spec.xls": older_workbook(stream)})
    return [row.cells for table in reading.tables for row in table.rows]


def test_a_text_of_several_parts_is_read_by_its_number() -> None:
    long_text = "long " * 3_000
    shared = texts("first", long_text, "of all", "x" * 7_999)
    cells = ROLE + shared_text(1, 2, 2)

    assert rows_of(workbook_stream(HEAD + cells, shared=shared)) == [("Editor", "editor", "of all")]


def test_a_size_that_a_worksheet_only_claims_takes_no_memory() -> None:
    """The library reserved memory for it, and ended the process."""
    claimed = record(0x0200, struct.pack("<IIHHH", 0, 0xFFFF_FFF0, 0, 0xFFF0, 0))

    assert rows_of(workbook_stream(claimed + HEAD + ROLE)) == [("Editor", "editor", "")]


def test_a_workbook_with_a_password_is_said_to_have_one() -> None:
    locked = record(0x002F, struct.pack("<HHH", 1, 1, 1)) + texts("a")[:6]
    reading = read_files({"Spec.xls": older_workbook(workbook_stream(HEAD, shared=locked))})

    assert ["password" in finding.message for finding in reading.findings] == [True]
