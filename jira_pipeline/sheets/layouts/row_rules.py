"""Which rows a rule of a layout names.

Belongs here: one question, whether a row is meant; where a column is that a header names. Does not:
what is done with such rows (`regions`).
"""

from collections.abc import Mapping, Sequence

from jira_pipeline.sheets.layouts.grid import Grid, column_of_letters
from jira_pipeline.sheets.layouts.layout import LETTER, RowRule
from jira_pipeline.sheets.layouts.texts import normal, normals

HeaderColumns = Mapping[str, int]
"""Where the columns of a table are, by their headers as `normal` reduces them."""


class LayoutMisfitError(Exception):
    """A layout names what the worksheet does not have: somebody has to look at it again."""


def is_letter(header: str) -> bool:
    """Tell whether a column is named by its letter, for want of a header."""
    return header.startswith(LETTER)


def column_at(header: str, columns: HeaderColumns) -> int:
    """Return where the column of a header is.

    Raises:
        LayoutMisfitError: The table has no such header.
    """
    if is_letter(header):
        return column_of_letters(header.removeprefix(LETTER))
    if normal(header) not in columns:
        raise LayoutMisfitError(f"there is no header “{header}”; there are {', '.join(columns)}")
    return columns[normal(header)]


def is_meant(
    rule: RowRule, grid: Grid, row: int, columns: HeaderColumns, filled: Sequence[int]
) -> bool:
    """Tell whether a row is one that a rule names; `filled` are its columns that hold something."""
    if rule.column is not None:
        column = column_at(rule.column, columns)
    else:
        column = filled[0] if filled else 0
    text = grid[row, column].text
    plain = normal(text)
    if rule.alone is not None and rule.alone != (len(filled) == 1):
        return False
    if rule.blank is not None and rule.blank == bool(text):
        return False
    if rule.struck is not None and rule.struck != _is_struck(grid, row, filled):
        return False
    if rule.texts and plain not in normals(rule.texts):
        return False
    if rule.other_than and plain in normals(rule.other_than):
        return False
    if rule.starts and not plain.startswith(tuple(normals(rule.starts))):
        return False
    if rule.ends_with and not plain.endswith(tuple(normals(rule.ends_with))):
        return False
    return rule.template is None or rule.template.parts_in(text) is not None


def _is_struck(grid: Grid, row: int, filled: Sequence[int]) -> bool:
    return bool(filled) and all(grid[row, column].place in grid.struck for column in filled)
