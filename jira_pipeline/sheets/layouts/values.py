"""What a value of a layout takes from the cells around a row: copies, each with its source.

Belongs here: which cell a value means, which part of it is taken, words in place of others. Does not:
names that are looked up elsewhere (`lookups`), which rows there are (`regions`).
"""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
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
    ListedPart,
    ListItem,
    MarkedCell,
    MarkedCellColour,
    MarkHeader,
    MarkHeaderColour,
    MissingPart,
    PairValue,
    SheetTitle,
    Value,
)
from jira_pipeline.sheets.layouts.listed_lines import end_of_name, listed_lines
from jira_pipeline.sheets.layouts.row_rules import HeaderColumns, column_at
from jira_pipeline.sheets.layouts.texts import label_key, normal, normals

STRUCK = "struck"
"""In place of the fill of a header that is struck through."""


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
    pairs: Mapping[str, Sequence[Cell]]
    """What is beside each label; of a form, beside each row with it."""
    above: Mapping[int, Cell]
    """The last cell with a text in each column, of this row or above."""
    dittos: Mapping[int, AbstractSet[str]]
    """By column, the texts that mean the cell above, as `normal` reduces them."""
    marked_column: int | None = None
    """Of a matrix: the column of the mark that the thing is made of."""
    mark_headers: Sequence[Cell] = ()
    """What that column is called, from the first header row to the last."""
    header_row: int | None = None
    """Of a matrix: the first row of its header."""
    first_marked_column: int = 0
    """Of a matrix: the first column with marks."""
    marks_in_row: AbstractSet[str] = frozenset()
    """Of a matrix: all marks of the row, as `normal` reduces them."""
    item: Piece | None = None
    """Of `per: item`: the name of the list."""
    names: Mapping[str, Piece] = field(default_factory=dict)
    """The names that the thing is made of, by the list that each is of."""
    term: Piece | None = None
    """Of a list of words: the term that the thing is made of."""
    rows_of_labels: Sequence[int] = ()
    """Of a form: the rows of the thing, which a column named by its letter takes all cells of."""


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
    if value.term is not None:
        yield from _term_taken(value, context)
        return
    if value.per_name and value.key_of_list in context.names:
        yield from _part_of_name(value, context.names[value.key_of_list])
        return
    for cell in _cells_of(value, context):
        yield from _pieces_of_cell(value, cell, context)


def _pieces_of_cell(value: Value, cell: Cell, context: RowContext) -> Iterator[Piece]:
    """Yield what a value takes of one of its cells."""
    if isinstance(value.source, BelowHeader) and _explains_other_mark(cell.text, context):
        return
    text = cell.text or value.otherwise or ""
    span: Span | None = None
    if isinstance(value.source, ListItem) and context.item is not None:
        text = context.item.text
        span = context.item.span
    if text and (value.contains or value.after or value.before):
        part = _part_of(text, value)
        if part is None:
            return
        # A word in place of another is not in the cell: then the whole name is what is read.
        start = cell.text.find(text, span.start if span else 0)
        if start >= 0:
            span = Span(start + part.start, start + part.end)
        text = text[part.start : part.end]
    if value.listed is not None:
        yield from _listed_pieces(text, value, cell, offset=span.start if span else 0)
    else:
        yield from _named_pieces(text, value, cell, span)


def _listed_pieces(text: str, value: Value, cell: Cell, *, offset: int) -> Iterator[Piece]:
    """Yield each line of a list that is a thing, whole; or those that are none."""
    for line in listed_lines(text, value.split or "\n"):
        if value.listed is ListedPart.UNMARKED:
            is_taken = not line.is_marked
        else:
            is_taken = line.is_marked or not value.only_marked
        if is_taken:
            span = Span(offset + line.start, offset + line.end)
            yield Piece(text=line.text, value=value, cell=cell, span=span)


def _part_of_name(value: Value, name: Piece) -> Iterator[Piece]:
    """Yield what a value takes of the name that a thing is made of: all of it, or a part."""
    if value.listed not in {ListedPart.NAME, ListedPart.NOTE} or name.span is None:
        yield name
        return
    name_end = end_of_name(name.text)
    line_start = name.cell.text.find(name.text, name.span.start)
    cut = name.span.end if name_end == len(name.text) else line_start + name_end
    if value.listed is ListedPart.NAME:
        text = name.text[:name_end].strip()
        yield Piece(text=text, value=value, cell=name.cell, span=Span(name.span.start, cut))
    elif note := name.text[name_end:].removeprefix(":").strip():
        yield Piece(text=note, value=value, cell=name.cell, span=Span(cut, name.span.end))


def _term_taken(value: Value, context: RowContext) -> Iterator[Piece]:
    """Yield the term that a thing is made of, where a value takes it; what is beside it is part of it."""
    if context.term is not None and context.term.value is value:
        yield context.term


def _explains_other_mark(text: str, context: RowContext) -> bool:
    """Tell whether a cell beside marks says what one of them means that is not the mark of the thing.

    `(x) = own pages only` is about the roles with `(x)` in that row, and about none with `x`.
    """
    before, equals, _ = text.partition("=")
    if context.marked_column is None or not equals:
        return False
    explained_mark = normal(before)
    mark = normal(context.grid[context.row, context.marked_column].text)
    return explained_mark in context.marks_in_row and explained_mark != mark


def _part_of(text: str, value: Value) -> Span | None:
    """Return which characters of a text a value takes; None where it has not what the value names."""
    if value.contains is not None:
        start = text.find(value.contains)
        return None if start < 0 else Span(start, start + len(value.contains))
    whole = Span(0, len(text))
    start = 0
    if value.after is not None:
        after_at = text.find(value.after)
        if after_at < 0:
            return whole if value.lacking is MissingPart.WHOLE else None
        start = after_at + len(value.after)
    end = len(text)
    if value.before is not None:
        before_at = text.find(value.before, start)
        if before_at < 0 and value.lacking is MissingPart.NOTHING:
            return None
        end = end if before_at < 0 else before_at
    return Span(start, end)


def _named_pieces(text: str, value: Value, cell: Cell, span: Span | None) -> Iterator[Piece]:
    """Yield a text, or each name of a list in it, as the words of the value say."""
    if not value.words and not value.split:
        plain = text.strip()
        if plain:
            yield Piece(text=plain, value=value, cell=cell, span=span)
        return
    meanings = {normal(word): meaning for word, meaning in value.words.items()}
    start = span.start if span else 0
    end = start + len(text)
    is_list = bool(value.split) and normal(text) not in normals(value.whole)
    for name in text.split(value.split) if is_list else [text]:
        plain = name.strip()
        name_span = span
        if value.split and is_list:
            # What is between two things that a row belongs to is read with the first of them.
            between = len(value.split) if value.per_name else 0
            name_span = Span(start, min(start + len(name) + between, end))
            start += len(name) + len(value.split)
        if value.only_words and normal(plain) not in meanings:
            continue
        meaning = meanings.get(normal(plain), plain)
        # A word that means nothing is read all the same.
        if meaning or (plain and normal(plain) in meanings):
            yield Piece(text=meaning, value=value, cell=cell, span=name_span)


def _cells_of(value: Value, context: RowContext) -> Sequence[Cell]:
    """Return the cells that a value is taken from: one, but for those of a form."""
    source = value.source
    if isinstance(source, PairValue):
        return context.pairs.get(label_key(source.label), ())
    if isinstance(source, BelowHeader) and context.rows_of_labels:
        column = column_at(source.header, context.columns)
        return [context.grid[row, column] for row in context.rows_of_labels]
    return (_cell_of(value, context),)


def _cell_of(value: Value, context: RowContext) -> Cell:
    """Return the cell that a value is taken from."""
    source = value.source
    match source:
        case BelowHeader() | CommentOf() | ColourOf():
            return _cell_below(source, value, context)
        case MarkedCell() | MarkedCellColour() | MarkHeader() | MarkHeaderColour():
            return _cell_of_mark(source, value, context)
        case HeadingPart():
            return context.named_parts.get(source.name, NO_CELL)
        case PairValue():
            return next(iter(context.pairs.get(label_key(source.label), ())), NO_CELL)
        case ListItem():
            return NO_CELL if context.item is None else context.item.cell
        case AtAddress():
            text = context.grid.cells.get(source.place, "")
            return Cell(text, source.place, context.grid.title)
        case SheetTitle():
            return Cell(context.grid.worksheet_title, None)
        case Constant():
            return Cell(source.text, None)
        case Joined():
            return NO_CELL
        case _:
            assert_never(source)


def _cell_of_mark(
    source: MarkedCell | MarkedCellColour | MarkHeader | MarkHeaderColour,
    value: Value,
    context: RowContext,
) -> Cell:
    """Return the marked cell of a matrix or the header above it, or the fill of either."""
    if isinstance(source, MarkHeader | MarkHeaderColour):
        cell = _header_of_mark(source.row_number, value, context)
    elif context.marked_column is None:
        cell = NO_CELL
    else:
        cell = context.grid[context.row, context.marked_column]
    if isinstance(source, MarkHeader | MarkedCell) or cell.place is None:
        return cell
    fill = context.grid.colours.get(cell.place, "")
    is_struck = isinstance(source, MarkHeaderColour) and cell.place in context.grid.struck
    return replace(cell, text=STRUCK if is_struck else fill)


def _header_of_mark(row_number: int, value: Value, context: RowContext) -> Cell:
    """Return a cell above the marked one of a matrix: of its header rows, or of a line above these."""
    column = context.marked_column
    if column is None or row_number > len(context.mark_headers):
        return NO_CELL
    if row_number > 0:
        return context.mark_headers[row_number - 1]
    row = (context.header_row or 0) - 1 + row_number
    if row < 0:
        return NO_CELL
    cell = context.grid[context.grid.merged_first((row, column))]
    while not cell.text and value.fill is Fill.LEFT and column > context.first_marked_column:
        column -= 1
        cell = context.grid[context.grid.merged_first((row, column))]
    return cell


def _cell_below(
    source: BelowHeader | CommentOf | ColourOf, value: Value, context: RowContext
) -> Cell:
    """Return the cell below a header; its comment or fill where that is meant."""
    grid = context.grid
    column = column_at(source.header, context.columns)
    cell = grid[context.row, column]
    place = cell.place
    if isinstance(source, CommentOf):
        return replace(cell, text=grid.comments.get(place, "") if place else "")
    if isinstance(source, ColourOf):
        return replace(cell, text=grid.colours.get(place, "") if place else "")
    if normal(cell.text) in context.dittos.get(column, ()):
        return context.above.get(column, NO_CELL)
    if cell.text and not value.counts_as_blank(cell.text):
        return cell
    if value.fill is Fill.MERGED:
        return grid[grid.merged_first((context.row, column))]
    if value.fill is Fill.ABOVE:
        return context.above.get(column, NO_CELL)
    return replace(cell, text="") if value.blank else cell
