"""Comparing one cell of a sheet with the place of a site's configuration that it describes.

Belongs here: both sides, what a comparison comes to, and comparisons that several rules make. Does
not: what one column means (the rules), which thing of the site a row is (`verification/site_lookup`), what
a name in a cell may stand for (`verification/names`), reading a configuration (`site`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from jira_pipeline.drupal.meaning.modules_and_types import folded
from jira_pipeline.drupal.site.site_cells import SiteCell, plain
from jira_pipeline.model.blank_cells import is_blank_cell
from jira_pipeline.model.entities import Entity

NOT_APPLICABLE = "not applicable"
NO_COUNTERPART = "the export has no such setting"
UNKNOWN_SPELLING = "an unknown spelling"
PROSE = "prose"
_ID = re.compile(r"[a-z][a-z0-9_]*")


class Comparison(StrEnum):
    """How the cells of a column are compared; the value is what people read."""

    KEY = "used to find the row"
    WORDING = "as text; tags, entities, styles of quotation marks and spaces do not count"
    FLAG = "as yes or no, in any spelling; enabled means yes"
    COUNT = "as a number; `*`, Unlimited and -1 are the same"
    NAME = "by machine name, in any known spelling"
    NAMES = "as a set of machine names, after the names in the cell are resolved to rows"
    ONE_OF = "by machine name; the site must have every state that the cell names"
    BREAKPOINTS = "as a set of breakpoints with their multipliers"
    ADDRESS = "as text, without slashes at its ends; `-` means that there is none"
    GROUP = "as text, with the labels of the groups around it"
    SHAPES = (
        "by what it says in the forms `Options:`, `Default:`, `Max length`, `Allowed types:` and "
        "`Max size`, and in those in which `sheets` writes how targets, options and defaults are "
        "chosen; where no row of a field states a maximum length, it is 255"
    )
    EFFECTS = "by the effects, with the sizes, quality and file type that the cell names"
    PATH = "by its `Path:`, and by whether it says `Disabled.`"
    WRITTEN = "as text, if it has the form that `sheets` writes; other words are not compared"
    MODULES = (
        "by modules; the site must need every module that the cell names in the form that `sheets` "
        "writes, and may need more; other words are not compared"
    )
    PERMISSIONS = (
        "by permissions: if it holds nothing else, or if they follow `Permissions:`, the site must "
        "have exactly these; after `Changed:`, what is added must be there and what is removed must "
        "not; a number of permissions differs only from another number; a role that may do "
        "everything differs from whatever else a cell says, and from a blank cell"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """What of a configuration a column is compared with, and how."""

    how: Comparison
    where: str
    """What of the configuration it is compared with, for people."""
    is_wording: bool = False
    """Nothing but what people read depends on it."""
    form: str = ""
    """How `sheets` writes it; where blank, the forms of the other columns of the row tell."""
    reads_blank: bool = False
    """A blank cell asks for what is usual: what is not, differs."""
    site_column: str = ""
    """The column with whose place on the site it is compared, if not its own."""
    pointing: Sequence[str] = ()
    """Columns whose references say what it names, where its own does not."""
    in_note: Callable[[str], object] | None = None
    """Reads the same from a note that says it in a known form; false where a note does not."""
    compare: "Compare | None" = None
    """Compares one cell; None: as all columns of its `how` are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCell:
    """A cell of a row, with what it is compared with; the other side is a `SiteCell`."""

    row: Entity
    column: str
    text: str
    counterpart: Counterpart


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
Candidates: TypeAlias = Mapping[str, str]
"""Machine names that one name in a cell may mean, each with its key: labels may be shared."""


class KnownNames(Protocol):
    """What names in cells mean, by the rows of a specification and by one site."""

    @property
    def permissions_known(self) -> frozenset[str]:
        """Every permission that some role of the site has."""
        ...

    @property
    def lengths_stated(self) -> frozenset[tuple[object, str]]:
        """Storages, as type and machine name, of which some row says how long a text may be."""
        ...

    def values_spelled(self, row: Entity, column: str, text: str) -> frozenset[str]:
        """Return the machine names that a spelling stands for; none of one that nobody knows."""
        ...

    def candidates_in(self, row: Entity, column: str) -> tuple[Candidates, ...] | NotComparable:
        """Return what each name in a cell may mean, or why nobody knows of one."""
        ...

    def is_going(self, candidates: Candidates) -> bool:
        """Tell whether all that a name may mean is on hold, or should be gone."""
        ...


Compare: TypeAlias = Callable[[SheetCell, SiteCell, KnownNames], CellResult]
"""Compares a cell that says something, or that `reads_blank`, with the site's."""


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


def compare_plugin_names(cell: SheetCell, site_cell: SiteCell, names: KnownNames) -> CellResult:
    """Compare the name of one plugin, such as a field type or a widget, in any known spelling."""
    names_on_site = {folded(name) for name in (site_cell.text, *site_cell.values)}
    if folded(cell.text) in names_on_site:
        # What stands for a thing that the site lacks is met by that id alone, not by its name.
        is_gone = bool(site_cell.dangling) and cell.text not in site_cell.dangling
        return Differs() if is_gone else Met()
    machine_names = names.values_spelled(cell.row, cell.column, cell.text)
    # Two ids that nobody lists can still be told apart.
    are_both_ids = is_plugin_id(cell.text) and site_cell.text in site_cell.values
    if not machine_names and not are_both_ids:
        return unknown_spelling(cell.text)
    return Differs() if machine_names.isdisjoint(site_cell.values) else Met()


def unknown_spelling(text: str) -> NotComparable:
    """Say that nobody knows a spelling, or that the cell says nothing."""
    if is_blank_cell(text):
        return NotComparable(NOT_APPLICABLE)
    return NotComparable(f"{UNKNOWN_SPELLING}: {text}")


def is_plugin_id(text: str) -> bool:
    """Tell whether a text may be the id of a plugin: labels begin with a capital."""
    return _ID.fullmatch(text) is not None
