"""Which column has a counterpart in the configuration of a site, and how the two are compared.

Belongs here: the table `counterparts.toml` as values, as docs/site.md prints it; a filled cell with
its counterpart. Does not: comparing (`compared_cells`), what the names in a cell mean (`names`),
where a configuration keeps a setting (`drupal/configuration`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, cast

from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.model.toml_tables import toml_tables

UNKNOWN_COLUMN = "no column with a counterpart in a configuration"
NO_KIND = "configurations contain nothing of this kind"
"""Of migrations, custom sheets and packages."""
NO_COUNTERPART = "the export has no such setting"
UNREAD = "its file is not in the export, or cannot be read"
WHOLE_NOTE = ""
"""Column of a note that is compared as a whole, not by one of its shapes."""


class Comparison(StrEnum):
    """How the cells of a column are compared; the value is what people read."""

    KEY = "used to find the row"
    WORDING = "as text, ignoring tags, entities, quotation mark styles and spaces"
    FLAG = "as yes or no, in any spelling; enabled means yes"
    COUNT = "as a number; `*`, Unlimited and -1 are the same"
    NAME = "by machine name, in any known spelling"
    NAMES = "as a set of machine names, after resolving the names in the cell to rows"
    ONE_OF = "the site must have every state that it names"
    BREAKPOINTS = "as a set of breakpoints with their multipliers"
    ADDRESS = "as text, ignoring leading and trailing slashes; `-` means none"
    GROUP = "as text, with the label of any enclosing group"
    SHAPES = (
        "by `Options:`, `Default:`, `Max length`, `Allowed types:`, `Max size` and what `sheets` writes "
        "of how targets, options and defaults are chosen; a maximum length that no row of the field "
        "states is 255"
    )
    EFFECTS = "effects with the sizes, quality and file type that the cell names"
    PATH = "`Path:`, and whether it is `Disabled.`"
    WRITTEN = "as text, in the form that `sheets` writes; other words are not compared"
    MODULES = (
        "the site must need every module that it names, in the form that `sheets` writes, and may need "
        "more; other words are not compared"
    )
    PERMISSIONS = (
        "permissions, if the cell holds nothing else or they follow `Permissions:`, both ways; what "
        "`Changed:` adds or removes; a number differs only from another "
        "number; every permission differs from whatever else a cell says, a blank one included"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """How a column is compared."""

    how: Comparison
    where: str
    """What of the configuration it is compared with, for people."""
    is_wording: bool = False
    """Nothing but what people read depends on it."""
    form: str = ""
    """How `sheets` writes it; where blank, the forms of the other columns of the row tell."""
    reads_blank: bool = False
    """A blank cell asks for what is usual: what is not, differs."""
    beside: str = ""
    """The column beside whose place on the site it is compared, if not its own."""
    pointing: Sequence[str] = ()
    """Columns whose references say what it names, where its own does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCell:
    """A filled cell of a row, with what it is compared with."""

    row: Entity
    column: str
    text: str
    counterpart: Counterpart


@cache
def counterparts() -> Mapping[EntityKind, Mapping[str, Counterpart]]:
    """Return the compared columns of each kind of sheet; a column that is not there never is."""
    table: dict[EntityKind, dict[str, Counterpart]] = {}
    for kind, columns in _table()["counterparts"].items():
        table[EntityKind(kind)] = {name: _counterpart(**column) for name, column in columns.items()}
    return table


def _counterpart(*, how: str, **properties: Any) -> Counterpart:
    return Counterpart(how=Comparison[how], **properties)


def columns_never_compared() -> Mapping[str, str]:
    """Return columns without a counterpart, and why they have none."""
    return cast("dict[str, str]", _table()["never"])


@cache
def _table() -> dict[str, Any]:
    return toml_tables(__package__, "counterparts.toml")
