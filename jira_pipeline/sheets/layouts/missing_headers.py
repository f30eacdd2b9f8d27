"""What shows that the row which is taken for a header is one of the rows below it.

Belongs here: telling it by the cells of the worksheet alone. Does not: tables without a header as a
layout has them (`table_headers`). It proposes, and a person says whether it is so.
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS, is_word_read
from jira_pipeline.sheets.layouts.table_headers import has_fill_of_header

_ROWS_LOOKED_AT = 30
_COLUMNS_ALIKE_MIN = 2
"""One word of a closed set may be a header all the same."""
_WORD_MIN_CHARACTERS = 2


def looks_like_row(grid: Grid, row: int) -> bool:
    """Tell whether columns of a row hold what the rows below it hold.

    That is a number above numbers; or, in two columns, a word of a closed set above others of it. What has a fill of its own, and what is repeated as a whole, is a header.
    """
    texts = grid.texts_by_row.get(row, {})
    below = [*_rows_below(grid, row)]
    has_own_fill = (
        bool(below) and _has_fill(grid, row) and not has_fill_of_header(grid, below[0], row)
    )
    is_repeated = any({**grid.texts_by_row[other]} == {**texts} for other in below)
    if has_own_fill or is_repeated:
        return False
    alike_count = 0
    for column, text in texts.items():
        column_below = [grid.texts_by_row[other].get(column, "") for other in below]
        filled_below = [*filter(None, column_below)]
        if filled_below and _begin_with_digits([text, *filled_below]):
            return True
        alike_count += _is_among(filled_below, text)
    return alike_count >= _COLUMNS_ALIKE_MIN


def _rows_below(grid: Grid, row: int) -> Iterator[int]:
    """Yield the rows with several cells right below a row, down to a blank one."""
    for other in range(row + 1, row + 1 + _ROWS_LOOKED_AT):
        columns = grid.rows.get(other, ())
        if not columns:
            return
        if len(columns) > 1:
            yield other


def _has_fill(grid: Grid, row: int) -> bool:
    return has_fill_of_header(grid, row, row)


def _is_among(below: Sequence[str], text: str) -> bool:
    """Tell whether a word is of a closed set as those below it are; a mark or letter may be a header, too."""
    if len(text) < _WORD_MIN_CHARACTERS or not below:
        return False
    for holds in HOLDS_OF_WORDS:
        words = [word for word in below if is_word_read(holds, word)]
        if is_word_read(holds, text) and len(words) * 2 > len(below):
            return True
    return False


def _begin_with_digits(texts: Sequence[str]) -> bool:
    return all(text[0].isdigit() for text in texts)
