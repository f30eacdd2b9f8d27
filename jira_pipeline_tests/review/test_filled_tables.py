"""Files that people filled in are read whatever program saved them."""

import csv
import io
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_pipeline.errors import InputError
from jira_pipeline.review.cells import ColumnLook, csv_text, workbook_content
from jira_pipeline.review.filled_tables import read_filled_table
from jira_pipeline_tests.tables import each

WORDS = "Nur für Gäste – „ja“, 5 €"
LOOK = {"ticket": ColumnLook(width=7), "answer": ColumnLook(width=40)}
TEXTS = st.text(alphabet=st.sampled_from("'=+-@a,;\"\n "), max_size=6)


def saved_as_csv(encoding: str, delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["ticket", "answer"], ["1", WORDS]])
    return text.getvalue().encode(encoding)


@each(
    ("encoding", "delimiter", "is_assumed"),
    [
        ("cp1252", ";", True),
        ("utf-8", ",", False),
        ("utf-8-sig", ";", False),
        ("utf-16", "\t", False),
    ],
    ids=["Excel on Windows", "LibreOffice", "CSV UTF-8", "Unicode text"],
)
def test_a_csv_file_is_read_in_the_encoding_it_has(
    encoding: str, delimiter: str, *, is_assumed: bool
) -> None:
    """The one that Excel saves by default was refused: `it is not UTF-8`."""
    filled = read_filled_table(saved_as_csv(encoding, delimiter), name="answers.csv")

    assert filled.rows == ((2, {"ticket": "1", "answer": WORDS}),)
    assert ("Windows-1252" in filled.remark) is is_assumed


@given(TEXTS)
def test_a_workbook_says_what_was_written_into_it(text: str) -> None:
    content = workbook_content("Questions", LOOK, [{"ticket": 1, "answer": text}])

    ((_, row),) = read_filled_table(content, name="q.xlsx").rows

    assert row["answer"] == text.strip()


@given(TEXTS)
def test_a_csv_file_and_a_workbook_are_read_alike(text: str) -> None:
    rows = [{"ticket": 1, "answer": text}]

    as_csv = read_filled_table(csv_text(LOOK.keys(), rows).encode(), name="f")  # type: ignore[arg-type] # keys are a sequence here
    as_workbook = read_filled_table(workbook_content("Questions", LOOK, rows), name="f")

    assert as_csv.rows == as_workbook.rows


def test_no_cell_of_a_workbook_is_a_formula_and_its_head_stays() -> None:
    rows = [{"ticket": 1, "answer": "=HYPERLINK(1)"}, {"ticket": 2, "answer": "@SUM(1)"}]
    columns = LOOK | {"question_id": ColumnLook(width=9, is_hidden=True)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "q.xlsx")
        file.write_bytes(
            workbook_content("Questions", columns, [row | {"question_id": "q1"} for row in rows])
        )
        (sheet,) = openpyxl.load_workbook(file).worksheets

    assert [cell.data_type for cell in sheet["B"]] == ["s", "s", "s"]
    assert sheet.freeze_panes == "A2"
    assert sheet["B2"].alignment.wrap_text
    assert sheet.column_dimensions["C"].hidden


@each(
    ("content", "fault"),
    [
        (b"PK\x03\x04no zip", "The workbook cannot be read"),
        (b'ticket,answer\n1,"open\n', "line 2: A quote opens a cell"),
        (b"ticket,answer\n1,a\0b\n", "line 2: The cell holds 1 NUL"),
        (b"", "The file holds no record"),
    ],
)
def test_what_is_damaged_is_refused_with_its_place(content: bytes, fault: str) -> None:
    with pytest.raises(InputError, match=r"f\.csv cannot be used") as caught:
        read_filled_table(content, name="f.csv")

    assert fault in caught.value.message
