"""What comparing one cell comes to: the site has what it asks for, differs, or cannot be compared.

Belongs here: the three results, comparing two lists, and what is said of a spelling that nobody
knows. Does not: the comparisons themselves (`compared_cells` and the modules it names).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.configuration.site import plain
from jira_pipeline.model.blank_cells import is_blank_cell

NOT_APPLICABLE = "not applicable"
UNKNOWN_SPELLING = "an unknown spelling"
PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Met:
    """The site has what the cell asks for."""


@dataclass(frozen=True, slots=True)
class Differs:
    """The site has something else; of a list, what only one side has, where that can be said."""

    only_on_site: tuple[str, ...] = ()
    only_in_sheet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Nobody can say whether the site has it: what is not known never differs."""

    reason: str


CellResult: TypeAlias = Met | Differs | NotComparable


def compare_lists(
    in_sheet: Iterable[str], on_site: Iterable[str], *, key: Callable[[str], str] = plain
) -> Met | Differs:
    """Compare two lists in any order; two names are the same where their `key` is."""
    sheet_names = {key(name): name for name in in_sheet}
    site_names = {key(name): name for name in on_site}
    only_on_site = tuple(site_names[k] for k in site_names if k not in sheet_names)
    only_in_sheet = tuple(sheet_names[k] for k in sheet_names if k not in site_names)
    if only_on_site or only_in_sheet:
        return Differs(only_on_site, only_in_sheet)
    return Met()


def unknown_spelling(text: str) -> NotComparable:
    if is_blank_cell(text):
        return NotComparable(NOT_APPLICABLE)
    return NotComparable(f"{UNKNOWN_SPELLING}: {text}")
