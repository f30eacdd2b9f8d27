"""Which rows a rule of a layout names, and which of several rules counts for a row.

Belongs here: whether a row is meant, and how closely; where a column is that a header names. Does
not: what is done with such rows (`regions`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from jira_pipeline.sheets.layouts.grid import Cell, Grid, column_of_letters
from jira_pipeline.sheets.layouts.layout import LETTER, RowRule
from jira_pipeline.sheets.layouts.texts import normal, normals

HeaderColumns = Mapping[str, int]
"""Where the columns of a table are, by their headers as `normal` reduces them."""
Rule = TypeVar("Rule", bound=RowRule)


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
    """Tell whether a row is one that a rule means; `filled` are its columns that hold something."""
    if not _is_named(rule, grid, row, columns, filled):
        return False
    return not rule.cells or _says_no_more(rule, grid, row, filled)


def _is_named(
    rule: RowRule, grid: Grid, row: int, columns: HeaderColumns, filled: Sequence[int]
) -> bool:
    """Tell whether a row is one that a rule names, whatever else it says now."""
    text = _compared_text(rule, grid, row, columns, filled)
    plain = normal(text)
    if not _is_row_named(rule, grid, row, filled):
        return False
    if rule.paragraph is not None and rule.paragraph != _begins_paragraph(grid, row):
        return False
    if rule.blank is not None and rule.blank == bool(text):
        return False
    if rule.fill is not None and rule.fill != _fill_of(rule, grid, row, columns, filled):
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


def _is_row_named(rule: RowRule, grid: Grid, row: int, filled: Sequence[int]) -> bool:
    """Tell whether a row is one by what is in it and above it, whatever its cells say."""
    if rule.alone is not None and rule.alone != (len(filled) == 1):
        return False
    if rule.filled is not None and rule.filled != len(filled):
        return False
    columns_above = grid.rows.get(row - 1, ())
    if rule.after_alone is not None and rule.after_alone != (len(columns_above) == 1):
        return False
    if rule.after_blank is not None and rule.after_blank == bool(columns_above):
        return False
    return rule.struck is None or rule.struck == _is_struck(grid, row, filled)


def _says_no_more(rule: RowRule, grid: Grid, row: int, filled: Sequence[int]) -> bool:
    """Tell whether a row says nothing but what the rule knows of such rows; numbers are counted anew."""
    known_texts = normals(rule.cells)
    texts = (grid[row, column].text for column in filled)
    return all(text.isdecimal() or normal(text) in known_texts for text in texts)


def outgrown_rule(
    rules: Iterable[Rule], grid: Grid, row: int, columns: HeaderColumns, filled: Sequence[int]
) -> Rule | None:
    """Return the first rule that named a row and no longer does, as it says more now."""
    for rule in rules:
        if not rule.cells or not filled or not _is_named(rule, grid, row, columns, filled):
            continue
        if not _says_no_more(rule, grid, row, filled):
            return rule
    return None


def _fill_of(
    rule: RowRule, grid: Grid, row: int, columns: HeaderColumns, filled: Sequence[int]
) -> str | None:
    place = _compared_cell(rule, grid, row, columns, filled).place
    return None if place is None else grid.colours.get(place)


def _compared_text(
    rule: RowRule, grid: Grid, row: int, columns: HeaderColumns, filled: Sequence[int]
) -> str:
    return _compared_cell(rule, grid, row, columns, filled).text


def _compared_cell(
    rule: RowRule, grid: Grid, row: int, columns: HeaderColumns, filled: Sequence[int]
) -> Cell:
    if rule.column is not None:
        column = column_at(rule.column, columns)
    else:
        column = filled[0] if filled else 0
    return grid[row, column]


class RuleText(IntEnum):
    """What of the text of a row a rule names."""

    NOTHING = 0
    """Such as of all rows with one filled cell."""
    PART = 1
    WHOLE = 2


@dataclass(frozen=True, slots=True, order=True)
class RuleRank:
    """Which of several rules counts for a row: the one that names more of its text."""

    text: RuleText
    part_length: int


def closest_rule(
    rules: Iterable[Rule], grid: Grid, row: int, columns: HeaderColumns, filled: Sequence[int]
) -> Rule | None:
    """Return the rule that counts for a row, of those that name it; None where none does.

    What somebody said of a row by its text goes before what was said of many rows, in whatever order
    it was said; of rules that name as much of it, the first counts.
    """
    closest: Rule | None = None
    highest: RuleRank | None = None
    for rule in rules:
        if is_meant(rule, grid, row, columns, filled):
            rank = _rank(rule, _compared_text(rule, grid, row, columns, filled))
            if highest is None or rank > highest:
                closest = rule
                highest = rank
    return closest


def _rank(rule: RowRule, text: str) -> RuleRank:
    """Return the rank of a rule for a row with this text, which it means."""
    if rule.texts:
        return RuleRank(RuleText.WHOLE, 0)
    longest = max(map(len, _parts_named(rule, normal(text))), default=0)
    return RuleRank(RuleText.PART if longest else RuleText.NOTHING, longest)


def _parts_named(rule: RowRule, plain: str) -> Iterator[str]:
    """Yield the parts of a text that a rule names."""
    yield from filter(plain.startswith, normals(rule.starts))
    yield from filter(plain.endswith, normals(rule.ends_with))
    if rule.template is not None:
        yield "".join(rule.template.texts)


def _begins_paragraph(grid: Grid, row: int) -> bool:
    """Tell whether a row is the first of several between blank ones."""
    return not grid.rows.get(row - 1) and bool(grid.rows.get(row + 1))


def _is_struck(grid: Grid, row: int, filled: Sequence[int]) -> bool:
    return bool(filled) and all(grid[row, column].place in grid.struck for column in filled)
