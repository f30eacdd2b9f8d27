"""A canonical row while it is made: pieces of cells by column.

Belongs here: the row from the worksheet to its final texts. Does not: what makes one (`regions`),
what is looked up (`lookups`), rows that are one thing (`joining`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jira_pipeline.sheets.layouts.grid import Cell, CellSource, Place
from jira_pipeline.sheets.layouts.layout import HELPER, Record
from jira_pipeline.sheets.layouts.row_rules import HeaderColumns
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import Piece


@dataclass(slots=True, kw_only=True, eq=False)
class DraftRow:
    """What a record makes of a row, block, mark or item."""

    record: Record
    sheet: str
    """Of a custom sheet or helper: its name."""
    worksheet: str
    place: Place
    """Its first cell, for messages."""
    line: int
    """The line that people find it in."""
    header_line: int
    header_columns: HeaderColumns
    """Where the headers of its table are."""
    pieces: dict[str, list[Piece]]
    """What its canonical cells are made of, by column."""
    texts: dict[str, str] = field(default_factory=dict)
    """Its canonical cells."""
    remarks: list[Cell] = field(default_factory=list)
    """Sentences about it."""

    @property
    def kind(self) -> str:
        return self.record.into

    @property
    def is_helper(self) -> bool:
        return self.record.into == HELPER

    def all_pieces(self) -> Iterator[Piece]:
        """Yield every piece, with those it is made of."""
        for pieces in self.pieces.values():
            for piece in pieces:
                yield from piece.all_pieces

    def cells_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return some of its cells as they are compared."""
        return tuple(normal(self.texts.get(name, "")) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence that is quoted with all things of a kind in its worksheet."""

    kind: str
    cell: Cell
    line: int


def text_of(pieces: Sequence[Piece]) -> str:
    """Return the canonical cell of some pieces: those with a text, each in a line of its own."""
    return "\n".join(piece.value.worded(piece.text) for piece in pieces if piece.text)


def sources_of(pieces: Sequence[Piece]) -> tuple[CellSource, ...]:
    """Return the cells that pieces were copied from, once each."""
    sources = (
        CellSource(piece.cell.worksheet, piece.cell.place)
        for whole in pieces
        for piece in whole.all_pieces
        if piece.cell.place is not None
    )
    return tuple(dict.fromkeys(sources))
