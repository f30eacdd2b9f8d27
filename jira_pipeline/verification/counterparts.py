"""Which column of which sheet a configuration can judge, and how: `counterparts.toml` as values.

Belongs here: the table, and what it says in docs/site.md. Does not: comparing (`compared_cells`),
where a configuration keeps a setting (`drupal/configuration`), spellings of names (`drupal.toml`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, cast

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.toml_tables import toml_tables


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


@cache
def counterparts() -> Mapping[EntityKind, Mapping[str, Counterpart]]:
    """Return kinds of sheets and their columns; what is not in it is never compared."""
    return {
        EntityKind(kind): {
            column: Counterpart(**{**said, "how": Comparison[said["how"]]})
            for column, said in columns.items()
        }
        for kind, columns in _table()["counterparts"].items()
    }


@cache
def _table() -> dict[str, Any]:
    return toml_tables(__package__, "counterparts.toml")


UNKNOWN_COLUMN = "no column with a counterpart in a configuration"
NOT_APPLICABLE = "not applicable"
"""Of a cell that holds a dash: it asks for nothing."""
NO_KIND = "configurations contain nothing of this kind"
"""Of migrations, custom sheets and packages."""


def never() -> Mapping[str, str]:
    """Return columns without a counterpart, and why."""
    return cast("dict[str, str]", _table()["never"])
