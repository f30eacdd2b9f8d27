"""Which column of which sheet a configuration can judge, and how: `counterparts.toml` as values.

Belongs here: the table, and what it says in docs/site.md. Does not: comparing (`compared_cells`),
where a configuration keeps a setting (`drupal_config`), spellings of names (`drupal.toml`).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, cast

from jira_pipeline.model.entities import EntityKind


class Comparison(StrEnum):
    """How the cells of a column are compared; the value is what people read."""

    KEY = "the row is found by it"
    WORDING = "as text, without tags, entities, kinds of quotation marks and spaces"
    FLAG = "as yes or no, in every spelling of them; enabled is yes"
    COUNT = "as a number; `*`, Unlimited and -1 are one"
    NAME = "by machine name, in every spelling known for it"
    NAMES = "as a set of machine names; the names in the cell are resolved among the rows first"
    ONE_OF = "the state it names is one of those the site has"
    BREAKPOINTS = "as a set of breakpoints with their multipliers"
    ADDRESS = "as text, without slashes at its ends; `-` is none"
    GROUP = "as text, with the label of any group around the field"
    SHAPES = "`Options:` and `Max length` only"
    EFFECTS = "effects with their sizes, quality and file type, as far as the cell names them"
    PATH = "`Path:` only"
    PERMISSIONS = (
        "permissions where the cell holds nothing else; of a number only another one differs"
    )
    PERMISSION_LIST = "`Permissions:`, and what came and went by `Changed:`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """How a column is compared."""

    how: Comparison
    where: str
    """What of the configuration it is compared with, for people."""
    is_wording: bool = False
    """Nothing but what people read depends on it."""
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
    folder = resources.files("jira_pipeline.sources.verification")
    return tomllib.loads(folder.joinpath("counterparts.toml").read_text("utf-8"))


UNKNOWN_COLUMN = "no column that a configuration has a counterpart for"
NOT_APPLICABLE = "not applicable"
"""Of a cell that holds a dash: it asks for nothing."""
NO_KIND = "a configuration holds nothing of this kind"
"""Of migrations, custom sheets and packages."""


def reason_against(column: str) -> str:
    """Say why a column is not compared."""
    return never().get(column, UNKNOWN_COLUMN)


def never() -> Mapping[str, str]:
    """Return columns without a counterpart, and why."""
    return cast("dict[str, str]", _table()["never"])
