"""Rows for spreadsheet programs and back."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_pipeline.errors import InputError
from jira_pipeline.stages.review.cells import CELL_MAX_CHARACTERS, csv_rows, csv_text
from jira_pipeline.stages.review.editing import PART_MAX_BYTES

FORMULA_STARTS = "=+-@\t\r"
_CELLS = st.text(alphabet=st.sampled_from(f"'{FORMULA_STARTS}a,;\"\n "), max_size=6)


@given(_CELLS)
def test_every_text_comes_back_and_none_begins_a_formula(text: str) -> None:
    written = csv_text(("first", "cell"), [{"first": "x", "cell": text}])

    ((_, row),) = csv_rows(written.encode(), name="f.csv", needed=("cell",))

    assert row["cell"] == text
    cell = written.split("\r\n", 1)[1].removeprefix("x,").removeprefix('"')
    assert cell[0] not in FORMULA_STARTS or not text


def test_the_largest_part_of_a_ticket_comes_back() -> None:
    """The `csv` module refuses cells of more than 131,072 characters unless it is told."""
    text = "ä" * PART_MAX_BYTES
    written = csv_text(("cell",), [{"cell": text}])

    ((_, row),) = csv_rows(written.encode(), name="f.csv", needed=("cell",))

    assert row["cell"] == text
    assert csv.field_size_limit() < CELL_MAX_CHARACTERS


@pytest.mark.parametrize("content", [b"a\rb,c\n", b'"' + b"x" * 410_000 + b'",cell\n1,2\n'])
def test_a_first_line_that_is_no_csv_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(InputError, match=r"f\.csv cannot be used"):
        csv_rows(content, name="f.csv", needed=("cell",))
