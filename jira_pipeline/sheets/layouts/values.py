"""What a value of a layout takes from the cells around a row: copies, each with its source.

Belongs here: which cell a value means, which part of it is taken, words in place of others. Does not:
names that are looked up elsewhere (`lookups`), which rows there are (`regions`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from jira_pipeline.sheets.layouts.grid import NO_CELL, Cell, Grid, Span
from jira_pipeline.sheets.layouts.layout import (
    AtAddress,
    BelowHeader,
    ColourOf,
    CommentOf,
    Constant,
    Fill,
    HeadingPart,
    Joined,
    ListItem,
    MarkedCell,
    MarkHeader,
    PairValue,
    SheetTitle,
    Value,
)
from jira_pipeline.sheets.layouts.row_rules import HeaderColumns, column_at
from jira_pipeline.sheets.layouts.texts import normal

GROUP = " / "
"""Between the headers of several header rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A text that a value took of a cell."""

    text: str
    value: Value
    cell: Cell
    span: Span | None = None
    """Which characters of the cell it is; None for all of them."""
    from_pieces: Sequence["Piece"] = ()
    """What it is joined of, or was looked up."""

    @property
    def all_pieces(self) -> Iterator["Piece"]:
        """Itself, and what it is made of."""
        yield self
        for piece in self.from_pieces:
            yield from piece.all_pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class RowContext:
    """What a value of a row may be taken from."""

    grid: Grid
    row: int
    columns: HeaderColumns
    named_parts: Mapping[str, Cell]
    """Of the beginning of the block, and of the headings above the row."""
    pairs: Mapping[str, Cell]
    above: Mapping[int, Cell]
    """The last cell with a text in each column, of this row or above."""
    mark_headers: Mapping[int, str] = field(default_factory=dict)
    """Of a matrix: its headers as the layout has them, by column."""
    marked_column: int | None = None
    item: Piece | None = None


def pieces_of(value: Value, context: RowContext) -> Iterator[Piece]:
    """Yield what a value takes: nothing, a text, or the names of a list."""
    if isinstance(value.source, Joined):
        parts = [piece for part in value.source.parts for piece in pieces_of(part, context)]
        text = value.source.between.join(
            piece.value.worded(piece.text) for piece in parts if piece.text
        )
        if text:
            yield Piece(text=text, value=value, cell=NO_CELL, from_pieces=parts)
        return
    cell = _cell_of(value, context)
    text = cell.text
    start = 0
    if isinstance(value.source, ListItem) and context.item is not None:
        text = context.item.text
        start = context.item.span.start if context.item.span else 0
    span = None if text == cell.text else Span(start, start + len(text))
    if text and (value.contains or value.after or value.before):
        part = _part_of(text, value)
        if part is None:
            return
        span = Span(start + part.start, start + part.end)
        text = text[part.start : part.end]
    yield from _named_pieces(text, value, cell, span)


def _part_of(text: str, value: Value) -> Span | None:
    """Return which characters of a text a value takes; None where it has not what the value names."""
    if value.contains is not None:
        start = text.find(value.contains)
        return None if start < 0 else Span(start, start + len(value.contains))
    start = 0
    if value.after is not None:
        found = text.find(value.after)
        if found < 0:
            return None
        start = found + len(value.after)
    end = len(text)
    if value.before is not None:
        found = text.find(value.before, start)
        end = end if found < 0 else found
    return Span(start, end)


def _named_pieces(text: str, value: Value, cell: Cell, span: Span | None) -> Iterator[Piece]:
    """Yield a text, or each name of a list in it, as the words of the value say."""
    meanings = {normal(word): meaning for word, meaning in value.words.items()}
    start = span.start if span else 0
    for name in text.split(value.split) if value.split else [text]:
        plain = name.strip()
        name_span = span
        if value.split:
            name_span = Span(start, start + len(name))
            start += len(name) + len(value.split)
        meaning = meanings.get(normal(plain), plain)
        # A word that means nothing is read all the same.
        if meaning or (plain and normal(plain) in meanings):
            yield Piece(text=meaning, value=value, cell=cell, span=name_span)


def _cell_of(value: Value, context: RowContext) -> Cell:
    """Return the cell that a value is taken from."""
    grid, source = context.grid, value.source
    match source:
        case Constant():
            return Cell(source.text, None)
        case SheetTitle():
            return Cell(grid.title, None)
        case AtAddress():
            return Cell(grid.cells.get(source.place, ""), source.place, grid.title)
        case HeadingPart():
            return context.named_parts.get(source.name, NO_CELL)
        case PairValue():
            return context.pairs.get(label_key(source.label), NO_CELL)
        case MarkedCell():
            if context.marked_column is None:
                return NO_CELL
            return grid[context.row, context.marked_column]
        case MarkHeader():
            return _mark_header(source, context)
        case ListItem():
            return NO_CELL if context.item is None else context.item.cell
        case CommentOf():
            cell = grid[context.row, column_at(source.header, context.columns)]
            return replace(cell, text=grid.comments.get(cell.place, "") if cell.place else "")
        case ColourOf():
            cell = grid[context.row, column_at(source.header, context.columns)]
            return replace(cell, text=grid.colours.get(cell.place, "") if cell.place else "")
        case BelowHeader():
            return _cell_below(source, value.fill, context)
        case Joined():
            return NO_CELL
        case _:
            assert_never(source)


def _mark_header(source: MarkHeader, context: RowContext) -> Cell:
    if context.marked_column is None:
        return NO_CELL
    headers = context.mark_headers[context.marked_column].split(GROUP)
    if source.row_number > len(headers):
        return NO_CELL
    return Cell(headers[source.row_number - 1], None)


def _cell_below(source: BelowHeader, fill: Fill | None, context: RowContext) -> Cell:
    column = column_at(source.header, context.columns)
    cell = context.grid[context.row, column]
    if cell.text:
        return cell
    if fill is Fill.MERGED:
        return context.grid[context.grid.merged_first((context.row, column))]
    if fill is Fill.ABOVE:
        return context.above.get(column, NO_CELL)
    return cell


def label_key(label: str) -> str:
    """Reduce a label to what is compared: `Machine name:` is `machine name`."""
    return normal(label).rstrip(":").rstrip()
