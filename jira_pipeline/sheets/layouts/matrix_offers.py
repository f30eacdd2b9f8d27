"""What a page offers about a matrix: what it was said to be, what it may list, lines beside its header.

Belongs here: the sides and columns as they are said, names that no table lists, lines that say more of
each column. Does not: what a layout becomes by it (`matrix_choices`), marks (`mark_offers`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from jira_pipeline.drupal.column_words import label_of
from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import STATUS_COLUMN, Column
from jira_pipeline.sheets.layouts.drafts import REMARKS
from jira_pipeline.sheets.layouts.grid import Grid, Place, column_letters
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.layout import Marks, MatrixSide, Per, Region
from jira_pipeline.sheets.layouts.mark_choices import LINE_BREAK, names_of_marks, steps_of_marks
from jira_pipeline.sheets.layouts.matrices import KINDS_OF_SIDES
from jira_pipeline.sheets.layouts.matrix_choices import (
    LINES_ABOVE_MAX,
    LINES_BELOW_MAX,
    line_number,
    lists_columns,
    lists_rows,
    texts_of_line,
)
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS, CheckedLayout, closed_set_of
from jira_pipeline.sheets.layouts.split_offers import BRACKETS, text_in_brackets
from jira_pipeline.sheets.layouts.table_headers import NamedColumn, TableHeader
from jira_pipeline.sheets.layouts.texts import normal, normals
from jira_pipeline.sheets.layouts.values import STRUCK
from jira_pipeline.sheets.reading.labels import bundle_type_of

_USUAL = (MACHINE_NAME_COLUMN, "Type", STATUS_COLUMN, "Description", "Remarks")
_NO_NAME_FIRST = ("Type", STATUS_COLUMN)
"""Columns whose words are proposed before others, which may say them, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingOffer:
    """Names of rows or columns that no table lists: the matrix may list them itself."""

    side: Literal["rows", "across"]
    kind: str
    names: tuple[str, ...]
    listed_count: int
    """How many of them another table lists."""
    bundle_type: str
    """Of types: the kind that a line says of all of them."""
    is_proposed: bool
    """No table lists any of them, and the matrix lists their fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLineOffer:
    """A line above or below the header of a matrix, with what it says of each column."""

    row: int
    """The first is 1."""
    texts: tuple[str, ...]
    column: str
    """What it is said to say; blank where nobody has said it."""
    proposed: str
    """What its words tell that it says."""
    is_left_out: bool
    """It was said to say nothing of the site."""
    choices: Sequence[tuple[str, str]]
    """What it may say, each column with its label, the usual ones first."""

    @property
    def is_proposed(self) -> bool:
        """It stands as chosen in a form, and nobody said it."""
        return bool(self.proposed) and not self.column and not self.is_left_out


@dataclass(frozen=True, slots=True)
class FilledColumnOffer:
    """Columns of a matrix whose headers have a fill that others have not, or are struck through."""

    colour: str
    headers: tuple[str, ...]


class MatrixReading:
    """A matrix as a layout declares it, in the first of some worksheets that look alike."""

    def __init__(
        self, region: Region, marks: Marks, header: TableHeader, checked: CheckedLayout, grid: Grid
    ) -> None:
        self._region = region
        self._marks = marks
        self._header = header
        self._checked = checked
        self._grid = grid

    @property
    def rows(self) -> MatrixSide | None:
        return self._marks.rows

    @property
    def across(self) -> MatrixSide | None:
        return self._marks.across

    @property
    def names_in(self) -> int:
        """In which row the columns have their names, as a choice says it: 0 is that of the headers."""
        return self._region.row_of_names - self._region.header_rows

    @cached_property
    def marked(self) -> list[NamedColumn]:
        """The columns with marks."""
        names = normals(self._marks.headers)
        return [column for column in self._header.columns if normal(column.name) in names]

    @property
    def marks_in(self) -> str:
        """The columns with marks, as a choice says them: `C:N`."""
        columns = [column.column for column in self.marked]
        if not columns:
            return ""
        return f"{column_letters(min(columns))}:{column_letters(max(columns))}"

    @cached_property
    def listings(self) -> list[ListingOffer]:
        """What the matrix names and does not list, where other tables do not list all of it."""
        sides: tuple[tuple[Literal["rows", "across"], MatrixSide | None], ...] = (
            ("across", self._marks.across),
            ("rows", self._marks.rows),
        )
        offers: list[ListingOffer] = []
        for side, of_side in sides:
            kind = None if of_side is None else KINDS_OF_SIDES.get(of_side)
            if kind is None or self._makes(kind, side):
                continue
            names = self._names_of_columns() if side == "across" else self._names_of_rows()
            listed = self._names_listed(kind)
            listed_count = sum(normal(name) in listed for name in names)
            if listed_count < len(names):
                bundle_type = self._type_of_all() if kind == BUNDLE and side == "across" else ""
                offers.append(
                    ListingOffer(
                        side=side,
                        kind=kind,
                        names=tuple(names),
                        listed_count=listed_count,
                        bundle_type=bundle_type,
                        is_proposed=not listed_count and self._has_fields,
                    )
                )
        return offers

    @property
    def _has_fields(self) -> bool:
        return MatrixSide.FIELDS in {self._marks.rows, self._marks.across}

    def _makes(self, kind: str, side: Literal["rows", "across"]) -> bool:
        """Tell whether the matrix makes things of a side, from its marks or because somebody said so."""
        of_marks = {Per.MARK, Per.TERM}
        if any(record.into == kind and record.per in of_marks for record in self._region.records):
            return True
        return lists_columns(self._region) if side == "across" else lists_rows(self._region, kind)

    def _names_of_columns(self) -> list[str]:
        row = self._header.span.names_row + self.names_in
        texts = self._grid.texts_by_row.get(row, {})
        return [texts[column.column] for column in self.marked if column.column in texts]

    def _names_of_rows(self) -> list[str]:
        marked = normals(self._marks.headers)
        unmarked = [column for column in self._header.columns if normal(column.name) not in marked]
        names: list[str] = []
        for row, texts in self._grid.texts_by_row.items():
            is_below = row >= self._header.span.rows.stop
            if is_below and unmarked and unmarked[0].column in texts and len(texts) > 1:
                names.append(texts[unmarked[0].column])
        return [*dict.fromkeys(names)]

    def _names_listed(self, kind: str) -> set[str]:
        """Return the names of a kind that tables list, as they are compared."""
        label = label_column_of(kind) or ""
        return {
            normal(row.cells.get(name, ""))
            for row in self._checked.applied.rows
            if row.kind == kind and row.record.per is not Per.MARK
            for name in (label, MACHINE_NAME_COLUMN)
        }

    def _type_of_all(self) -> str:
        """Return the kind of types that a line says of all columns, or the fields say."""
        for record in self._region.records:
            for value in record.columns.get("Bundle type", ()):
                if value.text:
                    return value.text
        for row in self._rows_beside():
            types = {bundle_type_of(text) for text in self._texts_of(row)}
            if len(types) == 1 and None not in types:
                return str(types.pop())
        return ""

    @cached_property
    def filled_columns(self) -> list[FilledColumnOffer]:
        """Headers that look otherwise than most of them, while nobody has said what that means."""
        looks: dict[str, list[str]] = {}
        for column in self.marked:
            place = Place(self._header.span.names_row, column.column)
            look = STRUCK if place in self._grid.struck else self._grid.colours.get(place, "")
            looks.setdefault(look, []).append(column.name)
        words: set[str] = set()
        for value in self._region.all_values:
            if value.header_colour is not None:
                words |= value.words.keys()
        offers: list[FilledColumnOffer] = []
        for look, names in looks.items():
            is_seldom = len(names) * 2 < len(self.marked)
            if look and look not in words and is_seldom:
                offers.append(FilledColumnOffer(look, tuple(names)))
        return offers

    @cached_property
    def step_with_roles(self) -> str:
        """A mark that says who may take the step that it names; blank where most say it not, or it is said."""
        steps = steps_of_marks(self._region)
        if not steps or any(step.before for step in steps):
            return ""
        opening, closing = BRACKETS[0]
        marks = [*self._marks_in_cells()]
        with_roles = [mark for mark in marks if text_in_brackets(mark, opening, closing)]
        return with_roles[0] if len(with_roles) * 2 > len(marks) else ""

    @cached_property
    def name_with_lines(self) -> str:
        """A mark of which the first line is a name; blank where most have one line, or it is said."""
        names = names_of_marks(self._region)
        if not names or any(name.before for name in names):
            return ""
        marks = [*self._marks_in_cells()]
        with_lines = [mark for mark in marks if LINE_BREAK in mark.strip()]
        return with_lines[0] if len(with_lines) * 2 > len(marks) else ""

    def _marks_in_cells(self) -> Iterator[str]:
        none = normals(self._marks.none)
        for row, texts in self._grid.texts_by_row.items():
            for column in self.marked if row >= self._header.span.rows.stop else ():
                text = texts.get(column.column, "")
                if len(text) > 1 and normal(text) not in none:
                    yield text

    @property
    def proposals(self) -> list[str]:
        """What is proposed, and not said yet: each row or side that stands as chosen in a form."""
        proposals = [f"row {line.row}" for line in self.lines if line.is_proposed]
        for listing in self.listings:
            if listing.is_proposed:
                proposals.append("its columns" if listing.side == "across" else "its rows")
        return proposals

    # ------------------------------------------------------------ lines beside the header

    @cached_property
    def lines(self) -> list[ColumnLineOffer]:
        """Lines beside the header that name nothing of their own, each with what it may say."""
        kind = KINDS_OF_SIDES.get(self._marks.across) if self._marks.across else None
        if kind is None:
            return []
        offers: list[ColumnLineOffer] = []
        for row in self._rows_beside():
            texts = self._texts_of(row)
            column = self._column_of_line(row)
            is_declared = row in self._header.span.rows_below
            proposed = "" if is_declared else _proposed_column(kind, texts)
            is_left_out = is_declared and not column
            if self._is_of_lists and column == REMARKS:
                # Until somebody says what such a line says, it is quoted.
                proposed = _proposed_column(kind, texts)
                column = "" if proposed == MACHINE_NAME_COLUMN else column
            offers.append(
                ColumnLineOffer(
                    row=row + 1,
                    texts=tuple(texts),
                    column=column,
                    proposed=proposed,
                    is_left_out=is_left_out,
                    choices=_columns_offered(kind),
                )
            )
        return offers

    @property
    def _is_of_lists(self) -> bool:
        """Its columns are lists of words: below the header are their words, unless somebody says else."""
        return any(record.per is Per.TERM for record in self._region.records)

    def _texts_of(self, row: int) -> list[str]:
        return [*texts_of_line(self._header, self._marks, self._grid, row)]

    def _rows_beside(self) -> Iterator[int]:
        """Yield the rows next to the header that say something above or below marked columns alone.

        Of those above, a title has its text left of these; of those below, a thing has a name there.
        """
        span = self._header.span
        names_row = span.names_row + self.names_in
        for row in range(max(0, span.first - LINES_ABOVE_MAX), span.names_row):
            if row != names_row and self._is_of_columns(row):
                yield row
        for row in range(span.names_row + 1, span.names_row + 1 + LINES_BELOW_MAX):
            is_declared = row in span.rows_below
            if not is_declared and (self._is_of_lists or not self._is_of_columns(row)):
                return
            if row != names_row and self._texts_of(row):
                yield row

    def _is_of_columns(self, row: int) -> bool:
        filled = {*self._grid.rows.get(row, ())}
        marked = {column.column for column in self.marked}
        return bool(filled & marked) and min(filled) >= min(marked)

    def _column_of_line(self, row: int) -> str:
        number = line_number(self._header.span, row)
        for record in self._region.records:
            if record.per not in {Per.COLUMN, Per.MARK, Per.TERM}:
                continue
            for name, values in record.columns.items():
                if name != STATUS_COLUMN and any(value.header == number for value in values):
                    return name
        return STATUS_COLUMN if self._says_status(number) else ""

    def _says_status(self, number: int | None) -> bool:
        return any(
            value.header == number
            for record in self._region.records
            for value in record.columns.get(STATUS_COLUMN, ())
        )


def matrix_reading(
    region: Region | None, checked: CheckedLayout, grids: Sequence[Grid]
) -> MatrixReading | None:
    """Return a matrix that is declared; None of other tables, and where its header is not found."""
    if region is None or region.marks is None or region.marks.across is None:
        return None
    header = header_of_region(region, grids[0])
    if header is None:
        return None
    return MatrixReading(region, region.marks, header, checked, grids[0])


def _columns_offered(kind: str) -> Sequence[tuple[str, str]]:
    names = {column.name for column in columns_of(kind)}
    usual = [name for name in _USUAL if name in names]
    others = [column.name for column in columns_of(kind) if column.name not in usual]
    return [(name, label_of(kind, name)) for name in (*usual, *others)]


def _proposed_column(kind: str, texts: Sequence[str]) -> str:
    """Return the column whose few words most of some texts are; blank where there is none."""
    of_kind = {column.name: column for column in columns_of(kind)}
    of_words = [name for name, column in of_kind.items() if column.holds in HOLDS_OF_WORDS]
    for name in (*_NO_NAME_FIRST, *of_words, MACHINE_NAME_COLUMN):
        if name in of_kind and _most_are_of(of_kind[name], texts):
            return name
    return ""


def _most_are_of(column: Column, texts: Sequence[str]) -> bool:
    closed_set = closed_set_of(column.holds)
    reads = [] if closed_set is None else [text for text in texts if closed_set.reads(text)]
    return len(reads) * 2 > len(texts)
