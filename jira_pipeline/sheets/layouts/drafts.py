"""A canonical row while it is made: pieces of cells by column.

Belongs here: the row from the worksheet to its final texts. Does not: what makes one (`regions`),
what is looked up (`lookups`), rows that are one thing (`joining`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.model.source_tables import CopiedCell, CopiedRow
from jira_pipeline.sheets.layouts.grid import Cell, Place
from jira_pipeline.sheets.layouts.layout import HELPER, Record
from jira_pipeline.sheets.layouts.row_rules import HeaderColumns
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import Piece

REMARKS = "Remarks"
"""The column that quotes what a remark says of one row."""
TARGET = "Ref. bundle"
"""The column that names what a field refers to."""


@dataclass(frozen=True, slots=True)
class PlainCells:
    """Cells of one row that are canonical cells as they stand."""

    row: int
    columns: Mapping[str, int]
    """Where each is, by canonical column."""
    texts: Mapping[str, str]
    """Those that hold something."""


_NO_PLAIN_CELLS = PlainCells(0, {}, {})


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
    plain: PlainCells
    """Nearly all cells of most rows: pieces are made of them where somebody asks for these."""
    other_pieces: dict[str, list[Piece]]
    """What its other cells are made of, by column."""
    is_turned: bool = False
    """It is a column of its worksheet: the rows and columns of its table are exchanged."""
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

    @property
    def pieces(self) -> dict[str, list[Piece]]:
        """What its canonical cells are made of, by column; what is changed in it stays."""
        if self.plain.texts:
            self.other_pieces = {**self._pieces_of_plain_cells(), **self.other_pieces}
            self.plain = _NO_PLAIN_CELLS
        return self.other_pieces

    def _pieces_of_plain_cells(self) -> dict[str, list[Piece]]:
        pieces: dict[str, list[Piece]] = {}
        for column, text in self.plain.texts.items():
            place = Place(self.plain.row, self.plain.columns[column])
            (value,) = self.record.values[column]
            pieces[column] = [Piece(text=text, value=value, cell=Cell(text, place, self.worksheet))]
        return pieces

    def write_texts(self) -> None:
        """Write its canonical cells of what they are made of."""
        self.texts = dict(self.plain.texts)
        for column, pieces in self.other_pieces.items():
            self.texts[column] = text_of(pieces)

    @property
    def copied_from(self) -> CopiedRow:
        """The cells that its own were copied from, and remarks about it."""
        others = {column: sources_of(pieces) for column, pieces in self.other_pieces.items()}
        places = [remark.place for remark in self.remarks if remark.place is not None]
        if places:
            of_remarks = (
                CopiedCell(sheet=self.worksheet, row=place.row, column=place.column)
                for place in places
            )
            others[REMARKS] = (*others.get(REMARKS, ()), *of_remarks)
        columns = self.plain.columns
        if len(columns) != len(self.plain.texts):
            columns = {column: columns[column] for column in self.plain.texts}
        return CopiedRow(sheet=self.worksheet, row=self.plain.row, columns=columns, others=others)

    def all_pieces(self) -> Iterator[Piece]:
        """Yield every piece of its cells that are not plain, with those it is made of."""
        for pieces in self.other_pieces.values():
            for piece in pieces:
                yield from piece.all_pieces

    def cells_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return some of its cells as they are compared."""
        return tuple(normal(self.texts.get(name, "")) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A row that is quoted with all things of a kind in its worksheet."""

    kind: str
    cells: tuple[Cell, ...]
    line: int

    @property
    def text(self) -> str:
        return " | ".join(cell.text for cell in self.cells)


def text_of(pieces: Sequence[Piece]) -> str:
    """Return the canonical cell of some pieces: those with a text, each in a line of its own."""
    return "\n".join(piece.value.worded(piece.text) for piece in pieces if piece.text)


def sources_of(pieces: Sequence[Piece]) -> tuple[CopiedCell, ...]:
    """Return the cells that pieces were copied from, once each."""
    sources = (
        CopiedCell(sheet=piece.cell.worksheet, row=place.row, column=place.column)
        for whole in pieces
        for piece in whole.all_pieces
        if (place := piece.cell.place) is not None
    )
    return tuple(dict.fromkeys(sources))
