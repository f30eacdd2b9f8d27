"""What became of each cell of a worksheet: read, structure, or left out with a reason.

Belongs here: noting it. Does not: what is said of the others (`coverage`).
"""

from collections import defaultdict
from dataclasses import dataclass, field

from jira_pipeline.sheets.layouts.grid import Cell, Place, Span
from jira_pipeline.sheets.layouts.layout import RowRule


@dataclass(slots=True)
class CellUse:
    """The cells of one worksheet, by what became of them."""

    read: dict[Place, list[Span]] = field(default_factory=lambda: defaultdict(list))
    """Which characters are in a canonical cell, or decided about one."""
    columns_read: dict[int, frozenset[int]] = field(default_factory=dict)
    """By row, the columns whose cells are in canonical cells as they stand."""
    structure: set[Place] = field(default_factory=set)
    """Headers, labels and titles that the layout names."""
    lines: set[Place] = field(default_factory=set)
    """Those of them that are between the rows of a table and say something of the rows below."""
    left_out: dict[Place, str] = field(default_factory=dict)
    """Why a cell is not read."""
    below_unused: set[Place] = field(default_factory=set)
    """Those of them that are below a header which is left out as a whole."""
    changed_rows: dict[Place, RowRule] = field(default_factory=dict)
    """Rows that say more than the rule that named them knows, by their first cell."""
    is_ignored: bool = False
    """The worksheet as a whole is no part of the specification."""
    below_new_headers: set[Place] = field(default_factory=set)
    """Cells that are read once somebody says which new header is one that is not there any more."""
    comments: set[Place] = field(default_factory=set)
    """Cells whose comments are read."""
    colours: set[Place] = field(default_factory=set)
    """Cells whose fills are read."""

    def note_read(self, cell: Cell, span: Span | None = None) -> None:
        """Note that a cell, or a part of it, is read."""
        if cell.place is not None and cell.text:
            self.read[cell.place].append(span or Span(0, len(cell.text)))

    def note_columns_read(self, row: int, columns: frozenset[int]) -> None:
        """Note that cells of a row are read, as they stand."""
        before = self.columns_read.get(row)
        self.columns_read[row] = columns if before is None else before | columns

    def is_read(self, place: Place) -> bool:
        """Tell whether a cell, or a part of it, is read."""
        return place in self.read or self.is_read_whole(place)

    def is_read_whole(self, place: Place) -> bool:
        """Tell whether a cell is in a canonical one as it stands."""
        return place.column in self.columns_read.get(place.row, ())

    def note_below_unused(self, cell: Cell, reason: str) -> None:
        """Note that a cell is not read, as its header is left out as a whole."""
        self.note_left_out(cell, reason)
        if cell.place is not None:
            self.below_unused.add(cell.place)

    def note_changed_row(self, first: Cell, rule: RowRule) -> None:
        if first.place is not None:
            self.changed_rows[first.place] = rule

    def is_settled(self, place: Place | None) -> bool:
        """Tell whether a cell is read, structure or left out."""
        if place is None:
            return False
        return self.is_read(place) or place in self.structure or place in self.left_out

    def note_structure(self, cell: Cell) -> None:
        if cell.place is not None and cell.text:
            self.structure.add(cell.place)

    def note_below_new_header(self, cell: Cell) -> None:
        if cell.place is not None and cell.text:
            self.below_new_headers.add(cell.place)

    def note_left_out(self, cell: Cell, reason: str) -> None:
        """Note why a cell is not read, unless something else was noted of it."""
        if cell.place is None or not cell.text:
            return
        if not self.is_read(cell.place) and cell.place not in self.structure:
            self.left_out.setdefault(cell.place, reason)
