"""Rows for spreadsheet programs; reading them back is tested in `sessions`."""

import csv
import io

from hypothesis import given, strategies as st

from jira_pipeline.review.cells import cell_filled_in, csv_text

FORMULA_STARTS = "=+-@\t\r"
_CELLS = st.text(alphabet=st.sampled_from(f"'{FORMULA_STARTS}a,;\"\n "), max_size=6)


@given(_CELLS)
def test_every_text_comes_back_and_none_begins_a_formula(text: str) -> None:
    written = csv_text(("first", "cell"), [{"first": "x", "cell": text}])

    ((_, cell),) = list(csv.reader(io.StringIO(written, newline="")))[1:]

    assert cell_filled_in(cell) == text
    assert not cell.startswith(tuple(FORMULA_STARTS))
