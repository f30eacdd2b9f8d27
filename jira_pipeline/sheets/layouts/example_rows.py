"""The example rows of our own blank workbook: known word for word, and left out.

Belongs here: finding them in a worksheet with known headers. Does not: what they say
(`example_rows.toml`), writing the workbook (`site_sheets`).

People fill in the workbook below its examples, and leave some of these in it.
"""

from collections.abc import Mapping
from functools import cache

from jira_pipeline.drupal.columns import columns_holding
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import LeftOutRows, Region
from jira_pipeline.sheets.layouts.texts import normal

_WORDS_MIN = 3
_CELLS_MIN = 8
EXAMPLE_ROW = "the example row of the blank workbook"
"""Why a row is left out that nobody wrote."""


def without_example_row(region: Region, grid: Grid, header_row: int) -> Region:
    """Return the region of a known sheet that leaves out its example row, where that is still there.

    It is named by a text that no other row has in its column; without one it stays a row as any, and
    so does one that people may have written themselves. A workbook of an earlier version lacks the
    columns that came since.
    """
    (record,) = region.records
    example = _examples().get(record.into, {})
    positions = {normal(text): at for at, text in grid.texts_by_row[header_row].items()}
    expected: dict[int, str] = {}
    headers: dict[int, str] = {}
    in_worksheet: dict[str, str] = {}
    for column, values in record.columns.items():
        header = values[0].column or ""
        at = positions.get(normal(header))
        if at is not None and example.get(column):
            expected[at] = example[column]
            headers[at] = header
            in_worksheet[column] = example[column]
    if not _is_unlike_others(in_worksheet):
        return region
    rows = [row for row, texts in grid.texts_by_row.items() if texts == expected]
    for at, text in expected.items():
        named = [row for row, texts in grid.texts_by_row.items() if texts.get(at) == text]
        if rows and named == rows:
            rule = LeftOutRows.model_validate(
                {"column": headers[at], "is": [text], "reason": EXAMPLE_ROW}
            )
            return region.model_copy(update={"skip": (*region.skip, rule)})
    return region


def _is_unlike_others(example: Mapping[str, str]) -> bool:
    """Tell whether nobody would write just this: a sentence, or many cells. A state Draft is no such row."""
    has_sentence = any(
        len(example.get(column, "").split()) >= _WORDS_MIN
        for column in columns_holding(Holds.PROSE)
    )
    return has_sentence or len(example) >= _CELLS_MIN


@cache
def _examples() -> Mapping[str, Mapping[str, str]]:
    """Return the cells of each example row, by the kind of its sheet and column."""
    return toml_tables("jira_pipeline.sheets", "example_rows.toml")
