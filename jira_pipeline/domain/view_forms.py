"""The form of a view: what has to be known of each display before anybody can build it.

Belongs here: its columns, and whether a text still holds an empty one. Does not: what rows say of
a display (`view_displays`), filling it in (`writers/claims`).
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape

DISPLAY, PATH = "Display", "Path or place"
FORM_COLUMNS = (
    "Lists",
    "Shows",
    PATH,
    "Filters",
    "Sort",
    "Items per page",
    "Access",
    "When empty",
)
OPEN = "?"
"""What a cell ends with that somebody has to fill in."""
NOT_APPLICABLE = "–"
_TABLE = re.compile(r"<table\b[^>]*>(.*?)</table>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def is_waiting_for_answers(analysis_html: str) -> bool:
    """Tell whether a text holds a form of which nothing but paths and places is filled in."""
    return any(
        all(
            cell in {"", NOT_APPLICABLE} or cell.endswith(OPEN)
            for row in rows
            for column, cell in zip(columns, row, strict=False)
            if column not in {DISPLAY, PATH}
        )
        for columns, *rows in _forms_in(analysis_html)
    )


def _forms_in(analysis_html: str) -> Iterator[Sequence[Sequence[str]]]:
    for table in _TABLE.findall(analysis_html):
        rows = [list(map(_plain, _CELL.findall(row))) for row in _ROW.findall(table)]
        if rows[1:] and rows[0] == [DISPLAY, *FORM_COLUMNS]:
            yield rows


def _plain(cell: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", cell)).split())
