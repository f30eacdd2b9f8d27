"""What a page offers about the rows of a worksheet: its cells by what becomes of them, and odd rows.

Belongs here: rows to show, rows with one cell, lines that begin blocks, fills, blank owners. Does not:
headers (`header_offers`), what a choice makes of a layout (`choices_applied`).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.columns import label_column_of, owner_column_of
from jira_pipeline.sheets.layouts.areas import may_begin_area
from jira_pipeline.sheets.layouts.bar_offers import BARS_MIN, BarOffer, bar_offer, bar_rows
from jira_pipeline.sheets.layouts.block_offers import BlockOffer, block_offer
from jira_pipeline.sheets.layouts.coverage import CellFate, Unsettled, fate_of
from jira_pipeline.sheets.layouts.form_offers import FormOffer, form_offer
from jira_pipeline.sheets.layouts.further_tables import TableTitle, title_above
from jira_pipeline.sheets.layouts.grid import Grid, Place, column_letters
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.header_offers import HeaderReading
from jira_pipeline.sheets.layouts.layout import Per, Region, RowRule
from jira_pipeline.sheets.layouts.line_choices import LABEL_CELLS_COUNT, LinePart, columns_of_line
from jira_pipeline.sheets.layouts.line_offers import LineOffer, line_offers
from jira_pipeline.sheets.layouts.mark_grid_offers import MarkGridOffer, mark_grid_offer
from jira_pipeline.sheets.layouts.missing_headers import looks_like_row
from jira_pipeline.sheets.layouts.record_drafts import (
    BUNDLE,
    draft_of,
    kind_of_columns,
    note_column,
)
from jira_pipeline.sheets.layouts.row_rules import closest_rule
from jira_pipeline.sheets.layouts.several_owners import SeveralOffer, several_offers
from jira_pipeline.sheets.layouts.table_headers import (
    COLUMNS_MIN,
    TITLE_CELLS_MAX,
    has_fill_of_header,
    letters_name,
)
from jira_pipeline.sheets.layouts.term_offers import ListsOffer, lists_offers
from jira_pipeline.sheets.layouts.texts import label_key, normal, normals
from jira_pipeline.sheets.layouts.worksheet_groups import WorksheetGroup

ROWS_SHOWN_MAX = 15
UNREAD_ROWS_SHOWN_MAX = 60
ROWS_OF_PAGE_MAX = 40
"""Rows that are shown at once where somebody asks for those from a row on."""
COLUMNS_SHOWN_MAX = 30


@dataclass(frozen=True, slots=True)
class RowOffer:
    """A row that somebody looks at, to say what such rows are."""

    worksheet: str
    number: int
    text: str
    """Of its first filled cell."""
    is_lone: bool
    """It has no other filled cell."""
    is_label: bool
    """It has a value beside it, and may be above the table."""
    lines: tuple[LineOffer, ...]
    """How such a line may say something of the rows below it."""
    is_of_rule: bool
    """Somebody said that such rows are left out or quoted."""
    elsewhere: tuple["OtherRows", ...]
    """Rows of other worksheets that say the same, and that nothing reads."""
    title: TableTitle | None
    """The line right above it, where it may be the header of a further table."""
    bar: BarOffer | None
    """How such a line of several cells may say something of the rows below it."""
    may_begin_area: bool
    """Something is above it, and no earlier row says the same."""
    rows_alike: tuple[int, ...]
    """Numbers of further rows of its worksheet whose first cell says the same."""
    other_lone_texts: tuple[str, ...]
    """Of a row with one filled cell: what the other rows with one filled cell say."""


@dataclass(frozen=True, slots=True)
class RemarkCellOffer:
    """Cells below a header that are in brackets as a whole: a remark more likely than a name."""

    header: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherRows:
    """Rows of another worksheet that are of the same sort as some rows, and that nothing reads."""

    worksheet: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row with one filled cell."""

    worksheet: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class FurtherHeader:
    """A row that looks like the header of a further table."""

    worksheet: str
    number: int
    texts: tuple[str, ...]
    title: TableTitle | None


@dataclass(frozen=True, slots=True)
class RemarksAside:
    """Cells of a column without a header, in rows of things of a table, that nothing reads."""

    header: str
    """What layouts call the column: `$G`."""
    letters: str
    kind: str
    column: str
    """Where such texts belong: the notes of the things of their rows."""
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowsAbove:
    """Rows above a table that are none of it, such as a legend with columns of its own."""

    worksheet: str
    number: int
    """The row that the table begins with: the line above its header, or the header."""
    texts: tuple[str, ...]
    """What each of them begins with."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    text: str
    fate: CellFate
    column: int


@dataclass(frozen=True, slots=True)
class ShownRow:
    worksheet: str
    number: int
    cells: tuple[ShownCell, ...]

    def text_in(self, column: int) -> ShownCell | None:
        return next((cell for cell in self.cells if cell.column == column), None)


class RowReading:
    """What a layout makes of the rows of some worksheets that look alike."""

    def __init__(
        self,
        tables: Sequence[HeaderReading],
        others: Sequence[WorksheetGroup] = (),
        *,
        worksheet: str = "",
        first_row: int = 0,
    ) -> None:
        """Take the tables of the worksheets, the first of which lines and fills are offered for.

        `others` are the other worksheets, where the same rows may be. Where somebody asks for the
        rows of a `worksheet` from the number `first_row` on, these are shown.
        """
        self._worksheet = worksheet
        self._first_row = first_row
        self._others = others
        headers = tables[0]
        self._headers = headers
        self._tables = tables
        self.group = headers.group
        self.region = headers.region
        self._checked = headers.checked

    @cached_property
    def owner_blank_count(self) -> int:
        """Rows of which nothing says what they belong to, though other rows of them say it."""
        titles = set(self.group.titles)
        count = 0
        named = set[str]()
        for row in self._checked.applied.rows:
            owner = owner_column_of(row.kind) if row.worksheet in titles else None
            if owner is None:
                continue
            values = row.record.columns.get(owner.name, ())
            if row.cells.get(owner.name):
                named.add(row.kind)
            elif row.kind in named and any(value.column for value in values):
                count += 1  # what no cell of the row could say is said elsewhere
        return count

    @cached_property
    def owner_blank_elsewhere(self) -> list[str]:
        """Other worksheets with such rows: one of those that look alike."""
        titles: list[str] = []
        for group in self._others:
            codes = {finding.code for finding in group.unsettled}
            if Unsettled.OWNER_BLANK in codes:
                titles.append(group.title)
        return titles

    @cached_property
    def lines(self) -> list[LineOffer]:
        """How lines of the worksheets may say something of rows that nothing names the owner of."""
        if not any(map(_may_have_lines, self._regions)):
            return []
        if self.are_lines_titles:
            titles = [title for grid in self.group.grids for title in self._title_of(grid)]
            return line_offers(titles, parts=self.line_parts)
        texts: dict[str, None] = {}
        for grid in self.group.grids:
            for row, columns in grid.rows.items():
                fate = self._fate_of(grid, row, columns[0])
                if len(columns) == 1 and fate is not CellFate.LEFT_OUT:
                    texts[grid[row, columns[0]].text] = None
        return line_offers([*texts], parts=self.line_parts)

    @cached_property
    def are_lines_titles(self) -> bool:
        """The worksheets are called like what they describe, and begin each with a line that may be, too."""
        if self.region is None or self.region.begins or self.region.records[0].per is not Per.BLOCK:
            return False
        return all(any(self._title_of(grid)) for grid in self.group.grids)

    def _title_of(self, grid: Grid) -> Iterator[str]:
        """Yield the first line of a worksheet, where it has a single text and is above the header."""
        header = header_of_region(self.region, grid) if self.region else None
        row = next(iter(grid.rows), None)
        if header is not None and row is not None and row < header.row and len(grid.rows[row]) == 1:
            yield grid[row, grid.rows[row][0]].text

    @cached_property
    def line_parts(self) -> tuple[LinePart, ...]:
        """What a line can say of the rows of the tables."""
        parts: dict[LinePart, None] = {}
        for region in self._regions:
            kind = region.records[0].into
            has_owner = len(region.records) == 1 and owner_column_of(kind) is not None
            parts |= dict.fromkeys(columns_of_line(kind, has_owner=has_owner))
        return tuple(parts)

    def blocks(self, worksheets: Sequence[Grid]) -> BlockOffer | None:
        """Return how lines may be about the rows below them; None where a header says it.

        `worksheets` are all of the workbook.
        """
        is_said = self.region is not None and not lacks_owner(self.region)
        if len(self._tables) > 1 or is_said or self.group.is_left_out:
            return None
        return block_offer(self.group.grids, self.region, worksheets)

    @cached_property
    def is_header_a_row(self) -> bool:
        """What is shown as the header looks like one of the rows below it."""
        row = self._headers.names_row
        is_said = self.region is not None and (self.region.is_without_header or self.region.marks)
        if row is None or is_said or self._headers.has_known_headers:
            return False
        return looks_like_row(self.group.grids[0], row)

    @property
    def form(self) -> FormOffer | None:
        """Return blocks with labels on the left; None where something is said of them already."""
        if len(self._tables) > 1 or self.group.is_left_out:
            return None
        return form_offer(self.group.grids, self.region)

    @property
    def mark_grid(self) -> MarkGridOffer | None:
        """Return the columns that hold nothing but marks; None where something is said of them already."""
        is_matrix = any(region.marks is not None for region in self._regions)
        if is_matrix or self.group.is_left_out:
            return None
        offer = mark_grid_offer(self.group.grids)
        headers = [header for table in self._tables for header in table.headers]
        meaningful = {header.name for header in headers if header.meanings}
        is_list = offer is not None and not meaningful.isdisjoint(offer.names)
        return None if is_list else offer

    @property
    def lists_of_words(self) -> list[ListsOffer]:
        """Return the ways to read worksheets that are called like lists of words, until one is said."""
        is_said = any(table.lists_words for table in self._tables)
        may_be_lists = len(self._tables) == 1 and not is_said and not self.group.is_left_out
        return lists_offers(self.group.grids) if may_be_lists else []

    def several(self, worksheets: Sequence[Grid]) -> list[SeveralOffer]:
        """Return cells that name several things that their row belongs to.

        `worksheets` are all of the workbook.
        """
        offers: dict[SeveralOffer, None] = {}
        for region in self._regions:
            offers |= dict.fromkeys(several_offers(region, self.group.grids, worksheets))
        return [*offers]

    @property
    def _regions(self) -> list[Region]:
        return [table.region for table in self._tables if table.region is not None]

    @cached_property
    def shown_rows(self) -> list[ShownRow]:
        """The first rows of the first worksheet, and further ones in which something is not read.

        Where somebody asks for the rows from one on, those of one page.
        """
        if self._first_row:
            return [self._shown_row(self.paged_grid, row) for row in self._rows_of_page]
        return [*self._shown_rows()]

    @cached_property
    def paged_grid(self) -> Grid:
        """The worksheet whose rows are shown page by page."""
        grids = self.group.grids
        return next((grid for grid in grids if grid.title == self._worksheet), grids[0])

    @cached_property
    def _rows_of_page(self) -> Sequence[int]:
        """The rows that are shown in their order, without a gap."""
        rows = [*self.paged_grid.rows]
        if not self._first_row:
            return rows[:ROWS_SHOWN_MAX]
        start = bisect_left(rows, self._first_row - 1)
        return rows[start : start + ROWS_OF_PAGE_MAX]

    @cached_property
    def rows_before(self) -> range | None:
        """The numbers of the rows of the page before; None where there is none."""
        if not self._first_row:
            return None
        rows = [*self.paged_grid.rows]
        end = bisect_left(rows, self._first_row - 1)
        start = max(0, end - ROWS_OF_PAGE_MAX)
        return range(rows[start] + 1, rows[end - 1] + 2) if end else None

    @cached_property
    def rows_after(self) -> range | None:
        """The numbers of the rows of the next page; None where there is none."""
        rows = [*self.paged_grid.rows]
        if not self._rows_of_page:
            return None
        start = bisect_right(rows, self._rows_of_page[-1])
        after = rows[start : start + ROWS_OF_PAGE_MAX]
        return range(after[0] + 1, after[-1] + 2) if after else None

    def _shown_row(self, grid: Grid, row: int) -> ShownRow:
        texts = grid.texts_by_row[row]
        cells: list[ShownCell] = []
        for column in grid.rows[row]:
            if column < COLUMNS_SHOWN_MAX:
                cells.append(ShownCell(texts[column], self._fate_of(grid, row, column), column))
        return ShownRow(grid.title, row + 1, tuple(cells))

    @cached_property
    def shown_columns(self) -> range:
        """Columns of them; an area may begin anywhere."""
        columns = [cell.column for row in self.shown_rows for cell in row.cells]
        return range(min(columns, default=0), max(columns, default=-1) + 1)

    def _shown_rows(self) -> Iterator[ShownRow]:
        unread_rows: set[int] = set()
        for grid in self.group.grids:
            for at, (row, columns) in enumerate(grid.rows.items()):
                fates: dict[int, CellFate] = {}
                for column in columns:
                    if column < COLUMNS_SHOWN_MAX:
                        fates[column] = self._fate_of(grid, row, column)
                is_first = grid is self.group.grids[0] and at < ROWS_SHOWN_MAX
                is_unread = CellFate.NOT_READ in fates.values()
                # Of worksheets that look alike, the same row is shown once.
                is_new = is_unread and self.region is not None and row not in unread_rows
                # What begins below a blank row may be something else, of which a person says so.
                begins = row - 1 not in grid.rows and at < UNREAD_ROWS_SHOWN_MAX
                if is_first or begins or (is_new and len(unread_rows) < UNREAD_ROWS_SHOWN_MAX):
                    yield self._shown_row(grid, row)
                    if is_unread:
                        unread_rows.add(row)

    def _fate_of(self, grid: Grid, row: int, column: int) -> CellFate:
        return fate_of(Place(row, column), self._checked.applied.uses[grid.title])

    def row_offer(self, worksheet: str, number: int) -> RowOffer | None:
        """Return a row to say something of; None where there is no such row."""
        row = number - 1
        grid = next((grid for grid in self.group.grids if grid.title == worksheet), None)
        columns = None if grid is None else grid.rows.get(row)
        if grid is None or not columns:
            return None
        text = grid[row, columns[0]].text
        is_lone = len(columns) == 1
        lines = line_offers([text], parts=self.line_parts)
        elsewhere = self._elsewhere(text, is_lone=is_lone)
        return RowOffer(
            worksheet=worksheet,
            number=number,
            text=text,
            is_lone=is_lone,
            is_label=len(columns) == LABEL_CELLS_COUNT,
            lines=tuple(lines),
            is_of_rule=self._is_of_rule(grid, row, columns),
            elsewhere=tuple(elsewhere),
            title=title_above(grid, row),
            bar=None if self._headers.is_matrix else bar_offer(grid, row, self.line_parts),
            may_begin_area=may_begin_area(grid, row),
            rows_alike=tuple(_rows_alike(grid, row)),
            other_lone_texts=tuple(
                lone.text for lone in self.lone_rows if lone != TextRow(worksheet, number, text)
            ),
        )

    @cached_property
    def proposed_bar(self) -> RowOffer | None:
        """Return the first of several lines of two or three cells, told by a fill that no other rows have."""
        is_said = self.region is None or self.region.headings or self.region.begins
        if is_said or not lacks_owner_or_name(self.region):
            return None
        for grid in self.group.grids:
            rows = bar_rows(grid, self._headers.names_row)
            if len(rows) >= BARS_MIN:
                return self.row_offer(grid.title, rows[0] + 1)
        return None

    def _is_of_rule(self, grid: Grid, row: int, columns: Sequence[int]) -> bool:
        sheet = self.group.sheet
        rules: list[RowRule] = [*sheet.leave] if sheet else []
        for region in self._regions:
            rules += [*region.skip, *region.remarks]
        outside = [rule for rule in rules if rule.column is None]
        return closest_rule(outside, grid, row, {}, columns) is not None

    @cached_property
    def in_brackets(self) -> list[RemarkCellOffer]:
        """Cells that are in brackets as a whole below a header that names the things of its rows."""
        offers: list[RemarkCellOffer] = []
        for table in self._tables:
            for header in table.headers if not table.is_matrix else ():
                names = {name for kind, name in header.meanings if name == label_column_of(kind)}
                texts = [
                    row.cells.get(name, "")
                    for grid in self.group.grids
                    for row in table.rows_of(grid)
                    for name in names
                ]
                bracketed = [text for text in texts if _is_in_brackets(text)]
                if bracketed:
                    offers.append(RemarkCellOffer(header.name, tuple(dict.fromkeys(bracketed))))
        return offers

    @cached_property
    def lone_elsewhere(self) -> list[OtherRows]:
        """Rows with one filled cell in other worksheets, where none of these is a thing."""
        return [*self._elsewhere("", is_lone=True)]

    def _elsewhere(self, text: str, *, is_lone: bool) -> Iterator[OtherRows]:
        """Yield rows like one in other worksheets: with its text, or with one cell where none is given.

        Where one of them is read, they are of another sort there, such as terms.
        """
        for group in self._others:
            for grid in group.grids if group.sheet and not group.sheet.ignore else ():
                fates: dict[int, CellFate] = {}
                for row, columns in grid.rows.items():
                    is_alike = not text or normal(grid[row, columns[0]].text) == normal(text)
                    if is_alike and (len(columns) == 1) == is_lone:
                        fates[row] = self._fate_of(grid, row, columns[0])
                unread = [row + 1 for row, fate in fates.items() if fate is CellFate.NOT_READ]
                if unread and CellFate.READ not in fates.values():
                    yield OtherRows(grid.title, tuple(unread))

    @cached_property
    def aside(self) -> list[RemarksAside]:
        """Remarks in the rows of things, in columns that no header is above."""
        offers: list[RemarksAside] = []
        for table in self._tables:
            if table.region is None or table.region.turned:
                continue
            kind = kind_of_columns(draft_of(table.region.records[-1]))
            texts_by_column: dict[int, list[str]] = defaultdict(list)
            for grid in self.group.grids:
                for place, text in self._cells_aside(table, table.region, grid):
                    texts_by_column[place.column].append(text)
            for column, texts in sorted(texts_by_column.items()):
                letters = column_letters(column)
                note = note_column(kind)
                offers.append(RemarksAside(letters_name(column), letters, kind, note, tuple(texts)))
        return offers

    def _cells_aside(
        self, table: HeaderReading, region: Region, grid: Grid
    ) -> Iterator[tuple[Place, str]]:
        """Yield the cells that nothing reads below no header, in rows of which something is read."""
        header = header_of_region(region, grid)
        if header is None:
            return
        named_columns = {column.column for column in header.columns}
        rows_of_things = {row.place.row for row in table.rows_of(grid)}
        for row, texts in grid.texts_by_row.items():
            fates = {column: self._fate_of(grid, row, column) for column in texts}
            # Of a matrix, a thing may be a column; then a row is one of it where its cells are read.
            is_read = len(self._tables) == 1 and CellFate.READ in fates.values()
            if row in header.span.rows or not (is_read or row in rows_of_things):
                continue
            for column, fate in fates.items():
                if fate is CellFate.NOT_READ and column not in named_columns:
                    yield Place(row, column), texts[column]

    @cached_property
    def above(self) -> list[RowsAbove]:
        """Rows of several texts above a table that nothing reads."""
        offers: list[RowsAbove] = []
        for grid in self.group.grids if self.region else ():
            header = header_of_region(self.region, grid) if self.region else None
            if header is None:
                continue
            title = title_above(grid, header.row)
            begin = header.row if title is None else title.row
            texts: list[str] = []
            widest = 0
            for row, columns in grid.rows.items():
                fate = self._fate_of(grid, row, columns[0])
                if row < begin and len(columns) >= COLUMNS_MIN and fate is CellFate.NOT_READ:
                    texts.append(grid[row, columns[0]].text)
                    widest = max(widest, len(columns))
            # One such row is a title with a sentence beside it.
            is_title = len(texts) == 1 and widest <= TITLE_CELLS_MAX
            if texts and not is_title and may_begin_area(grid, begin):
                offers.append(RowsAbove(grid.title, begin + 1, tuple(texts)))
        return offers

    @cached_property
    def further(self) -> list[FurtherHeader]:
        """Rows that look like the header above, and that nobody said to be one."""
        further: list[FurtherHeader] = []
        if self.region is None or self._headers.is_matrix:
            return further
        for grid in self.group.grids:
            header = header_of_region(self.region, grid)
            if header is None:
                continue
            names = normals(header.names)
            structure = self._checked.applied.uses[grid.title].structure
            for row, texts in grid.texts_by_row.items():
                may_be_header = row > header.span.names_row and len(texts) >= COLUMNS_MIN
                is_said = Place(row, min(texts)) in structure
                if is_said or not may_be_header:
                    continue
                is_same = all(normal(text) in names for text in texts.values())
                if is_same or has_fill_of_header(grid, row, header.span.names_row):
                    title = title_above(grid, row)
                    further.append(FurtherHeader(grid.title, row + 1, tuple(texts.values()), title))
        return further

    @cached_property
    def lone_rows(self) -> list[TextRow]:
        """Rows with one filled cell that are a thing, or that nothing reads."""
        lone_rows: list[TextRow] = []
        for grid in self.group.grids:
            labels = {label_key(label) for label in (self.region.pairs if self.region else ())}
            things = {row.place.row for table in self._tables for row in table.rows_of(grid)}
            for row, columns in grid.rows.items():
                text = grid[row, columns[0]].text
                if len(columns) != 1 or label_key(text) in labels:
                    continue
                if row in things or self._fate_of(grid, row, columns[0]) is CellFate.NOT_READ:
                    lone_rows.append(TextRow(grid.title, row + 1, text))
        return lone_rows


def _rows_alike(grid: Grid, row: int) -> Iterator[int]:
    """Yield the numbers of the other rows of a worksheet whose first cell says what that of a row does."""
    text = normal(grid[row, grid.rows[row][0]].text)
    for other, columns in grid.rows.items():
        if other != row and normal(grid[other, columns[0]].text) == text:
            yield other + 1


def _is_in_brackets(text: str) -> bool:
    return text.startswith("(") and text.endswith(")")


def _may_have_lines(region: Region) -> bool:
    """Tell whether lines may name what rows belong to; of a matrix only where its rows have an owner."""
    if region.marks is None:
        return lacks_owner(region)
    outer = region.records[0]
    inner = region.records[min(1, len(region.records) - 1)]
    owner = owner_column_of(inner.into)
    is_of_rows = outer.per is Per.ROW and owner is not None and owner.names == outer.into
    return is_of_rows and lacks_owner(region)


def lacks_owner_or_name(region: Region | None) -> bool:
    """Tell whether a line could still name what the rows of a table belong to, or what it lists."""
    if region is None or region.marks is not None:
        return False
    return lacks_owner(region) or region.records[0].per is Per.BLOCK


def lacks_owner(region: Region) -> bool:
    """Tell whether no header and no line names what the rows of a table belong to."""
    for record in region.records:
        owner = owner_column_of(record.into)
        if owner is not None:
            values = record.columns.get(owner.name, ())
            return not any(value.column or value.heading for value in values)
    first = region.records[0]
    return first.into == BUNDLE and "Type" not in first.columns
