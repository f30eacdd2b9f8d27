"""Rows that add up the others of a table.

Belongs here: which cells make such a row, what is said of it. Does not: which rows a layout leaves out
(`layouts`), rows that a workbook marks as totals (`workbook_marks`).
"""

import re
from collections.abc import Sequence

from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.translations import (
    TOTALS,
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
    words = filter(None, (plain_letters(_DIGIT.split(cell, 1)[0]) for cell in cells))
    totals = _TOTALS | words_for(TOTALS, "total")
    is_number = not has_number or any(map(str.isdecimal, "".join(cells)))
    return next(words, "") in totals and is_number and totals.issuperset(words)
