"""The plainest facts of a row: a cell says something in its own words, or is ticked, or is blank.

For rules whose column nobody reads further. Does not belong here: cells whose words mean something
(the rules).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import Entity


@dataclass(frozen=True, slots=True)
class CellWords:
    """What a cell says, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class BlankCell:
    """The cell says nothing, or its sheet has no such column."""


CellFact: TypeAlias = CellWords | BlankCell


def cell_fact(row: Entity, column: str) -> CellFact:
    """Read a cell in its own words."""
    return fact_of_text(row.cell(column))


def fact_of_text(text: str) -> CellFact:
    """Return the text of a cell as a fact; blank where it stands for nothing, such as `-`."""
    return BlankCell() if text in BLANK else CellWords(text)


class Flag(StrEnum):
    """What a cell of yes and no says."""

    YES = "yes"
    NO = "no"
    UNSAID = "unsaid"
    """It is blank, or says neither."""


def flag_fact(row: Entity, column: str) -> Flag:
    """Read a cell of yes and no."""
    match row.flag(column):
        case True:
            return Flag.YES
        case False:
            return Flag.NO
        case None:
            return Flag.UNSAID
