"""What a row says in columns that nobody knows: under headers that are no column of its sheet.

Belongs here: whether such cells may hold what a rule misses. Does not: which headers are known
(`sheets`), quoting such cells in a question (`row_questions`).
"""

import re

from jira_pipeline.drupal.meaning.notes import LEFT_OPEN
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.sheet_names import part_name

_WORD = re.compile(r"[^\W\d_]{3}")
_ABOUT_FIELDS = re.compile(r"(?i)field|element|contains|content|consists")
_SEVERAL_THINGS = re.compile(r"[\w)] ?[,;·/\n|] ?\w|\d ?(?:[-–—]|to) ?\d")
"""A list in a cell, or a range."""


def unexplained_texts(row: Entity) -> str:
    """Return what a row says in unknown columns, one text a line."""
    return "\n".join(row.cell(header) for header in row.unexplained)


def wordy_headers(row: Entity) -> list[str]:
    """Return the unknown headers under which a row says something in words."""
    return [header for header in row.unexplained if _WORD.search(row.cell(header))]


def may_list_more(row: Entity) -> bool:
    """Tell whether a row may say what it consists of under a header that nobody knows.

    So may the table that it was made of, which is about something else.
    """
    if row.source.file.endswith(part_name("", str(row.bundle_type))):
        return True
    for header in row.unexplained:
        cell = row.cell(header)
        is_about_more = _ABOUT_FIELDS.search(header) or _SEVERAL_THINGS.search(cell)
        if is_about_more and not LEFT_OPEN.search(cell):
            return True
    return False


def may_have_unread_fields(head: Entity) -> bool:
    """Tell whether fields of a type may be said where nothing was read.

    Where people declared what worksheets mean, other parts of these may say more.
    """
    return head.is_declared or may_list_more(head)
