"""The tables of a ticket, computed from its rows: exact by construction.

Belongs here: which rows make which table, folding of blank and constant columns, collapsing of
rows. Does not: how a table looks in ADF, HTML or Markdown (`stages/ticket_rendering`).
"""

from dataclasses import dataclass


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
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    same_for_all: tuple[tuple[str, str], ...] = ()
    """Columns with one value throughout, as (column, value)."""
    is_transposed: bool = False
    """Show one column a line: the settings of a single head."""
