"""The columns in which a row says the settings of a display: other teams call them in many ways.

A view whose own row gives settings, in a specification without a sheet of displays, is its one
display; so a row here is that of a display or of a view.

Belongs here: which column holds a setting, and what it says. Does not: what a setting means (the
rules), the headers themselves (`display_settings` of `meaning/lexicon.toml`).
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from jira_pipeline.drupal.cell_facts import CellFact, fact_of_text
from jira_pipeline.drupal.meaning.notes import lexicon
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import Entity

PATH = "path"
FORMAT = "format"
LISTS = "lists"
FILTERS = "filters"
DISPLAYS = "displays"
"""Of a view without rows for its displays: which kinds of displays it has."""


@cache
def headers_by_setting(part: str = "columns") -> Mapping[str, Sequence[str]]:
    """Return the headers of each setting of displays, in lower case.

    `near` headers may be of anything in other sheets; in a sheet of views they are of that setting.
    """
    headers = lexicon()["display_settings"][part]
    return {setting: names.split("; ") for setting, names in headers.items()}


def is_display_setting(header: str, *, is_of_view: bool = False) -> bool:
    """Tell whether a header is one that other teams give a setting of displays."""
    names = {header.casefold()}
    headers_of_settings = [*headers_by_setting().values()]
    if is_of_view:
        names.update(_words_of(header))
        headers_of_settings += headers_by_setting("near").values()
    return any(not names.isdisjoint(headers) for headers in headers_of_settings)


def _words_of(header: str) -> list[str]:
    """Return what a header says in several words, in lower case: `Path / place`, `Where (region)`."""
    return [word.strip(" )") for word in re.split("[/(]", header.casefold())]


def setting_column(display: Entity, setting: str) -> str:
    """Return the filled column that says a setting of a display; empty where no column does."""
    columns_by_name = _filled_columns_by_name(display)
    headers = [
        *headers_by_setting()[setting],
        # A header that may be of anything counts last.
        *headers_by_setting("near").get(setting, ()),
    ]
    if setting == FORMAT:  # `As` goes before `Shows`, which is what it lists beside that
        headers.reverse()
    for header in headers:
        if header in columns_by_name:
            column = columns_by_name[header]
            # One column says how a display shows something, or what it lists, never both.
            if setting == LISTS and column == setting_column(display, FORMAT):
                return ""
            return column
    return ""


def _filled_columns_by_name(display: Entity) -> Mapping[str, str]:
    """Return the columns in which a row says something, by their names and the words of these.

    A whole name counts before a word of another; of two columns of one name the first one does.
    """
    filled_columns = [column for column, cell in display.cells.items() if cell]
    columns_by_name = {}
    for column in reversed(filled_columns):
        for word in _words_of(column):
            columns_by_name[word] = column
    for column in reversed(filled_columns):
        columns_by_name[column.casefold()] = column
    return columns_by_name


def setting_of(display: Entity, setting: str) -> str:
    """Return what a row says of a setting of a display; empty where no column says it."""
    return display.cells.get(setting_column(display, setting), "")


def setting_fact(display: Entity, setting: str) -> CellFact:
    """Read a setting of a display in the words of its row."""
    return fact_of_text(setting_of(display, setting))


def has_settings(row: Entity) -> bool:
    """Tell whether a row gives any setting of a display but its path."""
    return any(
        setting_of(row, setting) not in BLANK for setting in headers_by_setting() if setting != PATH
    )
