"""Files that people filled in are read whatever program saved them; no cell of ours is a formula."""

import csv
import io
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, strategies as st

from jira_pipeline.model.errors import InputError
from jira_pipeline.review.cells import (
    ColumnLook,
    csv_text,
    read_filled_table,
    text_of_filled_cell,
    workbook_content,
)
from jira_pipeline_tests.tables import each

FORMULA_STARTS = "=+-@\t\r"
_CELLS = st.text(alphabet=st.sampled_from(f"'{FORMULA_STARTS}a,;\"\n "), max_size=6)
LOOK = {"ticket": ColumnLook(width=7), "answer": ColumnLook(width=40)}
TEXTS = st.text(alphabet=st.sampled_from("'=+-@a,;\"\n "), max_size=6)


@given(_CELLS)
def test_every_text_comes_back_and_none_begins_a_formula(text: str) -> None:
    written = csv_text(("first", "cell"), [{"first": "x", "cell": text}])

    ((_, cell),) = list(csv.reader(io.StringIO(written, newline="")))[1:]

    assert text_of_filled_cell(cell) == text
    assert not cell.startswith(tuple(FORMULA_STARTS))


@given(TEXTS)
def test_a_workbook_says_what_was_written_into_it(text: str) -> None:
    content = workbook_content("Questions", LOOK, [{"ticket": 1, "answer": text}])

    ((_, row),) = read_filled_table(content, name="q.xlsx").rows

    assert row["answer"] == text.strip()


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
        (b"ticket,answer\n1,a\n", "it is not a readable zip"),
        (b"", "it is not a readable zip"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(InputError, match=r"f\.xlsx cannot be used") as caught:
        read_filled_table(content, name="f.xlsx")

    assert fault in caught.value.message
