"""What a page offers about a worksheet that may be lists of words: each way to read it, as a picture.

Belongs here: whether a title or a header says so, and what each way would give. Does not: the regions
(`term_shapes`), what the words of a list are below (`term_reading`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import apply_layout
from jira_pipeline.sheets.layouts.grid import Grid, RowCells
from jira_pipeline.sheets.layouts.header_rows import HeaderSpan
from jira_pipeline.sheets.layouts.layout import Layout, Region, SheetLayout
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE, note_column
from jira_pipeline.sheets.layouts.table_headers import (
    COLUMNS_MIN,
    ROWS_LOOKED_AT,
    TableHeader,
    header_in,
)
from jira_pipeline.sheets.layouts.table_shapes import Shape, region_of_shape
from jira_pipeline.sheets.layouts.term_shapes import (
    TERMS_BY_LINE,
    has_column_of_lists,
    paragraphs_of,
)
from jira_pipeline.sheets.reading.translations import plain_letters

HEADERS_LOOKED_AT = 6
CELLS_OF_A_NAME_MAX = 2
"""The name of a list, and a remark beside it."""
_WORDS_OF_LISTS = frozenset(
    {"term", "terms", "vocabulary", "vocabularies", "vocabs", "taxonomy", "taxonomies", "tags"}
    | {"word", "words", "wordlist", "wordlists", "keywords"}
)
"""A title or header with one of these names lists of words."""
_WAYS = (Shape.TERMS_BELOW, Shape.TERMS, Shape.TERMS_BESIDE)


@dataclass(frozen=True, slots=True)
class OfferedList:
    """A list of words, as one way to read a worksheet gives it."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListsOffer:
    """A way to read a worksheet as lists of words, and what it would give."""

    worksheet: str
    shape: Shape
    header_row: int | None
    """The first is 1; None where the lists have no header."""
    lists: tuple[OfferedList, ...]
    is_of_first_rows: bool
    """The worksheet has more rows than are looked at."""


def lists_offers(grids: Sequence[Grid]) -> list[ListsOffer]:
    """Return the ways to read a worksheet that is called like lists of words; none of another."""
    whole = grids[0]
    rows = {row: texts for row, texts in whole.texts_by_row.items() if row < ROWS_LOOKED_AT}
    is_cut = len(rows) < len(whole.rows)
    grid = replace(whole, cells=RowCells(rows)) if is_cut else whole
    header = _first_header(grid)
    headers = () if header is None else header.names[:HEADERS_LOOKED_AT]
    if not any(map(_names_lists, (grid.title, *headers))):
        return []
    return [*_offers(grid, header, is_of_first_rows=is_cut)]


def _names_lists(text: str) -> bool:
    words = {plain_letters(word) for word in text.replace("_", " ").replace("/", " ").split()}
    return not words.isdisjoint(_WORDS_OF_LISTS)


def _first_header(grid: Grid) -> TableHeader | None:
    """Return the first row with several cells as a header."""
    row = next((row for row, columns in grid.rows.items() if len(columns) >= COLUMNS_MIN), None)
    return None if row is None else header_in(grid, HeaderSpan(row))


def _offers(
    grid: Grid, header: TableHeader | None, *, is_of_first_rows: bool
) -> Iterator[ListsOffer]:
    """Yield each way that gives a list of several words, the most likely first."""
    ways = [*_WAYS]
    if header is not None and has_column_of_lists(header):
        ways.reverse()
    for shape in ways:
        needs_header = shape is not Shape.TERMS_BELOW
        is_possible = header is not None if needs_header else _are_below_names(grid)
        if not is_possible:
            continue
        try:
            region = region_of_shape(shape, [grid], header)
        except WrongUseError:
            continue
        lists = tuple(_lists_of(region, grid))
        if any(len(offered.words) > 1 for offered in lists):
            row = header.span.names_row + 1 if header is not None and needs_header else None
            yield ListsOffer(grid.title, shape, row, lists, is_of_first_rows)


def _are_below_names(grid: Grid) -> bool:
    """Tell whether each paragraph begins with a name, and perhaps a remark beside it."""
    return all(len(grid.rows[rows[0]]) <= CELLS_OF_A_NAME_MAX for rows in paragraphs_of(grid))


def _lists_of(region: Region, grid: Grid) -> Iterator[OfferedList]:
    """Yield the lists that a region gives in a worksheet."""
    sheet = SheetLayout(worksheets=(grid.title,), regions=(region,))
    applied = apply_layout(Layout(sheets=(sheet,)), [grid])
    before_terms = TERMS_BY_LINE.removesuffix("{}")
    for row in applied.rows:
        notes = row.cells.get(note_column(BUNDLE), "")
        _, _, words = notes.partition(before_terms)
        if words:
            yield OfferedList(row.cells.get("Name", ""), tuple(words.split("\n")))
