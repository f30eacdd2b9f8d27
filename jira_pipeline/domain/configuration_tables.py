"""The tables of a ticket, computed from its rows: exact by construction.

Belongs here: which rows make which table, folding of blank and constant columns, collapsing of
rows. Does not: how a table looks in ADF, HTML or Markdown (`stages/ticket_rendering`).
"""

from dataclasses import dataclass
from enum import StrEnum


class TablePurpose(StrEnum):
    """What a table is for; a body that is too large gives up tables by it."""

    SETTINGS = "settings"
    """Of the heads."""
    MEMBERS = "members"
    """The rows to build, leave, hold or remove."""
    PROSE = "prose"
    """Long columns of the table before it, keyed by machine name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One line of a table."""

    cells: tuple[str, ...]
    """Literal text, one for each column."""
    lines: tuple[int, ...]
    """Lines in the source file it comes from; several when rows were collapsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationTable:
    """One table of a ticket."""

    title: str
    """Such as `Fields to build (41)`."""
    file: str
    purpose: TablePurpose
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    same_for_all: tuple[tuple[str, str], ...] = ()
    """Columns with one value throughout, as (column, value)."""
    is_transposed: bool = False
    """Show one column a line: the settings of a single head."""
