"""Texts that a spreadsheet program took for formulas, since they begin with an equals sign.

Belongs here: telling such a text from a formula. Does not: where cells and formulas are found
(`workbook_marks`), formulas without a result (`workbooks`).

A formula reckons with cells, numbers, texts in quotes, functions or names that the workbook defines.
A cell of words alone, none of them such a name, has nothing to reckon with and no result.
"""

import re
from collections.abc import Collection

_REFERENCE = r"\$?[A-Z]{1,3}\$?[0-9]{1,7}\b|\bR[0-9]*C[0-9]*\b"
_OPERAND = re.compile(rf"""["'\[{{(!#]|{_REFERENCE}""", re.IGNORECASE)
"""What only a formula has: a text in quotes, an array, a function, another worksheet, a cell."""
_WORD = re.compile(r"[^\W\d_][\w.]*")
_VALUES = frozenset({"true", "false"})
_FORMULA_START = re.compile(r"(?:of:|oooc:|msoxl:)?=?", re.IGNORECASE)
"""What OpenDocument writes before a formula."""


def text_taken_for_formula(formula: str, names: Collection[str]) -> str:
    """Return the text that somebody wrote, with its equals sign; empty where it is a formula.

    `names` are those that the workbook defines, in lower case.
    """
    start = _FORMULA_START.match(formula)
    written = formula if start is None else formula[start.end() :]
    words = {word.casefold() for word in _WORD.findall(written)}
    if not words or _OPERAND.search(written):
        return ""
    if not words.isdisjoint(names) or words <= _VALUES:
        return ""
    return f"={written}"
