"""Rows that add up the others of a table.

Belongs here: which cells make such a row, what is said of it. Does not: which rows a layout leaves out
(`layouts`), rows that a workbook marks as totals (`workbook_marks`).
"""

import re
from collections.abc import Sequence
from functools import cache

from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.translations import (
    TOTALS,
    once_each_text,
    plain_letters,
    words_for,
)

_DIGIT = re.compile(r"\d")
_TOTALS = frozenset({"total", "totals", "subtotal", "grandtotal", "sum", "count"})


def cite_totals(citations: Citations, **place: object) -> None:
    citations.inform(
        "totals_row",
        "The row adds up the columns of a table; it was not read as content.",
        "Nothing to do, unless it describes something.",
        **place,
    )


def is_total(cells: Sequence[str], *, has_number: bool = True) -> bool:
    """Tell whether cells are *Total* in any language, and numbers: `9 types`, too."""
    totals = _total_words()
    words = filter(None, map(_word_before_number, cells))
    if next(words, "") not in totals:
        return False  # nearly all rows
    is_number = not has_number or any(map(str.isdecimal, "".join(cells)))
    return is_number and totals.issuperset(words)


@cache
def _total_words() -> frozenset[str]:
    return _TOTALS | words_for(TOTALS, "total")


@once_each_text
def _word_before_number(cell: str) -> str:
    return plain_letters(_DIGIT.split(cell, 1)[0])
