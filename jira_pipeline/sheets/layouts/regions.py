"""A region of a layout in a worksheet: where its blocks begin, and what is made of their rows.

Belongs here: beginnings, headers, ends, what a row is (left out, remark, heading, header again, or
content). Does not: what a value takes of a row (`values`), other regions and worksheets (`applying`).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.model.blank_cells import is_dash
from jira_pipeline.sheets.layouts.drafts import DraftRow, PlainCells, Remark, text_of
from jira_pipeline.sheets.layouts.forms import (
    FormCell,
    cells_by_label,
    labelled_cells,
    things_of_labels,
)
from jira_pipeline.sheets.layouts.grid import NO_CELL, Cell, Grid, columns_of_stretch
from jira_pipeline.sheets.layouts.header_rows import HeaderRows, header_span
from jira_pipeline.sheets.layouts.layout import (
    ColourOf,
    CommentOf,
    Fill,
    Heading,
    HeadingPart,
    LeftOutRows,
    MarkedCellColour,
    MarkHeader,
    MarkHeaderColour,
    Marks,
    Per,
    Record,
    Region,
    RemarkRows,
    RowRule,
    Value,
)
from jira_pipeline.sheets.layouts.row_rules import (
    HeaderColumns,
    LayoutMisfitError,
    closest_rule,
    column_at,
    is_letter,
    is_meant,
    outgrown_rule,
)
from jira_pipeline.sheets.layouts.term_reading import TermReading, term_contexts
from jira_pipeline.sheets.layouts.texts import label_key, normal, normals
from jira_pipeline.sheets.layouts.use import CellUse
from jira_pipeline.sheets.layouts.values import Piece, RowContext, pieces_of

_BELOW_HEADER = "it says more of a column, and no thing of the site"
"""Why cells below a header are left out that no value takes."""


@dataclass(slots=True)
class RegionRows:
    """What a region makes of a worksheet."""

    drafts: list[DraftRow] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    misfit: str = ""
    """Why the rest of a block is not read."""
    absent_headers: Sequence[str] = ()
    """Headers that the layout names and the block does not have: it is read without them."""
    new_headers: Sequence[str] = ()
    """Headers of a block that lacks some, of which the layout says nothing."""


@dataclass(frozen=True, slots=True)
class _OpenHeading:
    """A heading that was read last, of which the row right below may say more."""

    rule: RowRule
    row: int


@dataclass(slots=True, kw_only=True)
class _Block:
    """One table of a region, from its first row to its last."""

    start: int
    columns: HeaderColumns
    """Headers that are absent are right of the worksheet, where all cells are blank."""
    absent_headers: Sequence[str]
    header_row: int | None
    body: list[int]
    """Rows below the header, up to the end."""
    named_parts: dict[str, Cell]
    """Of its beginning, and of the headings so far."""
    pairs: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    rows_of_pairs: set[int] = field(default_factory=set)
    labelled: Sequence[FormCell] = ()
    """Of a form: the cells beside its labels, from top to bottom."""
    above: dict[int, Cell] = field(default_factory=dict)
    """The last cell with a text in each column."""
    plain_columns: dict[int, Mapping[str, int]] = field(default_factory=dict)
    """By the `id` of a record, where the cells are that it takes as they stand."""
    open_heading: _OpenHeading | None = None
    dittos: dict[int, AbstractSet[str]] = field(default_factory=dict)
    """By column, the texts that mean the cell above."""
    open_terms: dict[str, TermReading] = field(default_factory=lambda: defaultdict(TermReading))
    """Of lists of words, by the name of each: the terms that a further one may be below."""
    drafts_by_row: dict[int, list[DraftRow]] = field(default_factory=dict)
    remark_rows: dict[int, RemarkRows] = field(default_factory=dict)


class RegionInSheet:
    """A region, and the worksheet that it is looked for in."""

    def __init__(
        self,
        region: Region,
        grid: Grid,
        use: CellUse,
        *,
        rows_of_others: AbstractSet[int] | None = None,
        headers_of_others: AbstractSet[int] = frozenset(),
    ) -> None:
        """Find where its blocks begin.

        Where `rows_of_others` are given, it may lack some of its headers, and begins in none of them.
        `headers_of_others` are headers below the lines that begin other regions, and none of its own.

        Raises:
            LayoutMisfitError: They begin nowhere, or more often than the layout says.
        """
        self.region = region
        self._use = use
        self._grid = grid.turned() if region.turned else grid
        self.within = _stretch(region, self._grid)
        self._filled = {
            row: [column for column in columns if column in self.within]
            for row, columns in self._grid.rows.items()
        }
        self._headers = HeaderRows(region, self._grid, self._filled)
        self._rows_of_others = rows_of_others
        self._headers_of_others = headers_of_others
        self.starts = self._find_starts()

    # ------------------------------------------------------------ where it is

    @cached_property
    def _fills_from_above(self) -> bool:
        is_filled = any(value.fill is Fill.ABOVE for value in self.region.all_values)
        return is_filled or bool(self.region.ditto)

    def _find_starts(self) -> list[int]:
        region = self.region
        if region.begins is not None:
            what = f"row that {_rule_shown(region.begins)}"
            starts = [row for row in self._filled if self._begins_block(region.begins, row)]
            if region.is_form and not region.begins.texts:
                starts = [row for row in starts if self._is_above_label(row)]
            elif region.begins.may_begin_anyhow and self._headers.needed:
                starts = self._above_headers(starts)
        elif self._headers.needed:
            what = f"row with the headers {', '.join(sorted(self._headers.needed))}"
            starts = [
                row
                for row in self._filled
                if row not in self._headers_of_others and self._headers.is_header(row)
            ]
            if not starts and self._rows_of_others is not None:
                closest = self._closest_header([*self._filled])
                starts = [] if closest is None else [closest]
        else:
            what = "row"
            starts = [*self._filled][:1]
        if not starts:
            raise LayoutMisfitError(f"there is no {what}")
        if len(starts) > 1 and not region.repeats:
            rows = ", ".join(str(row + 1) for row in starts[:10])
            raise LayoutMisfitError(f"rows {rows} are each a {what}")
        return starts

    @cached_property
    def _has_whole_header(self) -> bool:
        """Tell whether a row has all headers that are used: then one without some is no new name."""
        return any(
            self._headers.used <= self._headers.columns_at(row).keys() for row in self.starts
        )

    def _begins_block(self, begins: RowRule, row: int) -> bool:
        """Tell whether a row begins a block: nothing that says more of its text says otherwise."""
        if not self._is_meant(begins, row, {}):
            return False
        others = [rule for rule in (*self.region.skip, *self.region.remarks) if rule.column is None]
        rules = (begins, *others)
        return closest_rule(rules, self._grid, row, {}, self._filled[row]) is begins

    @property
    def header_rows(self) -> Iterator[int]:
        """Yield the header below each row that a block begins with."""
        headers = self._rows_of_headers
        for start in self.starts:
            following = bisect_right(headers, start)
            if following < len(headers):
                yield headers[following]

    def _above_headers(self, starts: Sequence[int]) -> list[int]:
        """Return the rows with a header below each: many texts look like a beginning, and are none."""
        headers = self._rows_of_headers
        begins = {bisect_left(headers, start): start for start in starts}
        return [start for at, start in begins.items() if at < len(headers)]

    def _is_above_label(self, row: int) -> bool:
        """Tell whether the next row of a form is one with a label: a line above other text is a title."""
        rows = self._row_numbers
        following = bisect_right(rows, row)
        if following == len(rows) or not self._filled[rows[following]]:
            return False
        first = next(self._cells(rows[following]))
        return label_key(first.text) in self._label_keys

    @cached_property
    def _rows_of_headers(self) -> list[int]:
        """The rows in which a header begins; none where no header is needed to find the region."""
        if not self._headers.needed:
            return []
        return [row for row in self._filled if self._headers.is_header(row)]

    def _closest_header(self, rows: Sequence[int]) -> int | None:
        """Return the row that is the header but for some of its names; None where none is."""
        others = self._rows_of_others or frozenset()
        return self._headers.closest_row(row for row in rows if row not in others)

    def shares_columns(self, other: "RegionInSheet") -> bool:
        """Tell whether the beginning of another region ends a block of this one."""
        if self.region.turned or other.region.turned:
            return True
        first = max(self.within.start, other.within.start)
        return first < min(self.within.stop, other.within.stop)

    def stretches(self, others: Sequence[int]) -> Iterator[range]:
        """Yield the rows of each block, which others that begin there end."""
        last = max(self._grid.rows, default=-1) + 1
        begins = sorted({*self.starts, *others, last})
        for start in self.starts:
            following = bisect_left(begins, start + 1)
            yield range(start, begins[following] if following < len(begins) else last)

    # ------------------------------------------------------------ what is made of it

    def rows_of_block(self, stretch: range) -> RegionRows:
        """Return what is made of one block, as far as it fits."""
        rows = RegionRows()
        try:
            block = self._block(stretch)
            if block.absent_headers and block.header_row is not None:
                rows.absent_headers = block.absent_headers
                rows.new_headers = self._headers.new_headers(block.header_row)
                self._note_below_new_headers(block.header_row, stretch)
            self._read_block(block, rows)
        except LayoutMisfitError as error:
            rows.misfit = str(error)
        return rows

    def _note_below_new_headers(self, header_row: int, stretch: range) -> None:
        """Note the cells that nobody has to be asked about apart from their new header."""
        new_columns = self._headers.new_columns(header_row)
        for row in range(header_row, stretch.stop):
            for column in new_columns:
                if column in self._filled.get(row, ()):
                    self._use.note_below_new_header(self._grid[row, column])

    def _read_block(self, block: _Block, rows: RegionRows) -> None:
        for record in self.region.records:
            if record.per in {Per.BLOCK, Per.LABEL}:
                rows.drafts += self._drafts(record, block.start, block)
            if record.per is Per.COLUMN and block.header_row is not None:
                names_row = header_span(self.region, block.header_row).names_row
                rows.drafts += self._drafts(record, names_row, block)
        self._take_heading_above(block)
        for row in block.body:
            if row not in block.rows_of_pairs:
                self._read_row(row, block, rows)
        self._close_heading(block, rows)
        # The rows that a remark is about may be below it.
        for row, remark in block.remark_rows.items():
            if remark.about is None:
                rows.remarks.append(
                    remark_of_row(row, self._grid, self._filled[row], self._use, self.region)
                )
            else:
                self._take_remark_about(row, remark.about, block)

    def _read_row(self, row: int, block: _Block, rows: RegionRows) -> None:
        """Read a row as what it is: left out, a remark, a heading, the header again, or content."""
        region = self.region
        rules = (*region.skip, *region.remarks, *region.headings)
        rule = closest_rule(rules, self._grid, row, block.columns, self._filled.get(row, ()))
        outgrown = outgrown_rule(rules, self._grid, row, block.columns, self._filled[row])
        if outgrown is not None:
            self._use.note_changed_row(next(self._cells(row)), outgrown)
        if rule is None and self._take_row_below_heading(row, block):
            return
        self._close_heading(block, rows)
        match rule:
            case LeftOutRows() as skip:
                for cell in self._cells(row):
                    self._use.note_left_out(cell, skip.reason)
            case RemarkRows() as remark:
                block.remark_rows[row] = remark
            case Heading() as heading:
                self._take_heading(heading, row, block)
            case _ if self._headers.is_repeated(row, block.columns):
                self._take_header_again(row)
            case _:
                block.drafts_by_row[row] = self._drafts_of_content(row, block)
                rows.drafts += block.drafts_by_row[row]

    def _take_heading_above(self, block: _Block) -> None:
        """Take the line right above a header that looks like those below it, and is no title of all.

        A line of one cell may be that title; one of several, or with their fill, is none.
        """
        row = None if block.header_row is None else block.header_row - 1
        if self.region.begins is not None or row is None or row not in self._filled:
            return
        rule = closest_rule(self.region.headings, self._grid, row, {}, self._filled[row])
        if rule is not None and (rule.further_parts or rule.fill):
            self._take_heading(rule, row, block)

    def _take_heading(self, heading: Heading, row: int, block: _Block) -> None:
        """Let a heading say something of the rows below it, in place of the ones that it ends.

        Those are headings that say the same of the rows, and those that are declared after it.
        """
        headings = self.region.headings
        for at, other in enumerate(headings):
            if other.part_names & heading.part_names or at > headings.index(heading):
                for name in other.part_names:
                    block.named_parts.pop(name, None)
        block.named_parts |= self._named_parts(heading, row, block.columns)
        block.above = {}
        block.open_heading = _OpenHeading(heading, row)

    def _take_row_below_heading(self, row: int, block: _Block) -> bool:
        """Take a row that says more of the heading right above; tell whether it is one."""
        heading = block.open_heading
        if heading is None or heading.rule.below is None or row != heading.row + 1:
            return False
        if len(self._filled[row]) != 1:
            return False
        block.named_parts[heading.rule.below] = next(self._cells(row))
        return True

    def _close_heading(self, block: _Block, rows: RegionRows) -> None:
        """Make what is made of a heading itself, once all is read that says more of it."""
        heading = block.open_heading
        block.open_heading = None
        if heading is None:
            return
        for record in self.region.records:
            if record.per is Per.HEADING and self._names_thing(heading.rule, record):
                rows.drafts += self._drafts(record, heading.row, block)

    def _names_thing(self, heading: RowRule, record: Record) -> bool:
        """Tell whether a heading names the things of a record, and not only what is around them."""
        needed = [value for name in record.needs for value in record.values.get(name, ())]
        return any(value.heading in heading.part_names for value in needed)

    def _take_remark_about(self, row: int, about: RowRule, block: _Block) -> None:
        """Give a remark to the things of the rows that it is about."""
        drafts = [
            draft
            for other, drafts in block.drafts_by_row.items()
            if self._is_meant(about, other, block.columns)
            for draft in drafts
            if not draft.is_helper
        ]
        cells = [*self._cells(row)]
        if not drafts:
            raise LayoutMisfitError(
                f"the remark “{cells[0].text}” is about no row that {_rule_shown(about)}"
            )
        for cell in cells:
            self._use.note_read(cell)
            for draft in drafts:
                draft.remarks.append(cell)

    def _block(self, stretch: range) -> _Block:
        rows = [*self._rows_in(stretch)]
        header_row = None
        if self._headers.needed:
            header_row = next((row for row in rows if self._headers.is_header(row)), None)
            if header_row is None:
                header_row = self._closest_header(rows)
            if header_row is None:
                headers = ", ".join(sorted(self._headers.needed))
                raise LayoutMisfitError(f"the block has no header row with {headers}")
        named_parts: dict[str, Cell] = {}
        if self.region.begins is not None and not self.region.begins_with_row:
            named_parts = self._named_parts(self.region.begins, stretch.start, {})
            rows = self._without_row_below_line(self.region.begins, rows, named_parts)
        columns: HeaderColumns = {}
        absent_headers: Sequence[str] = ()
        if header_row is not None:
            columns = self._headers.columns_at(header_row)
            absent_headers = sorted(self._headers.used - columns.keys())
            if absent_headers and self._has_whole_header:
                raise LayoutMisfitError(
                    "it is like the header and has not all of it; it may begin another table"
                )
            columns = self._with_blank_columns(columns, absent_headers)
            first = header_row + self.region.header_height
            self._take_structure(header_row)
            below = [row for row in rows if row >= first]
        elif self.region.begins is not None and not self.region.begins_with_row:
            below = rows[1:]
        else:
            below = rows
        block = _Block(
            start=stretch.start,
            columns=columns,
            absent_headers=absent_headers,
            header_row=header_row,
            body=[*self._up_to_end(below, columns)],
            named_parts=named_parts,
            dittos=self._dittos(columns),
        )
        if self.region.is_form:
            self._take_labelled(rows, block)
        else:
            self._take_pairs(rows, block)
        return block

    def _without_row_below_line(
        self, begins: RowRule, rows: list[int], named_parts: dict[str, Cell]
    ) -> list[int]:
        """Take the row that says more of the line above, if there is one; return the other rows."""
        row_below = rows[0] + 1
        if begins.below is None or len(self._filled.get(row_below, ())) != 1:
            return rows
        named_parts[begins.below] = next(self._cells(row_below))
        return [row for row in rows if row != row_below]

    def _dittos(self, columns: HeaderColumns) -> dict[int, AbstractSet[str]]:
        """Return the texts that mean the cell above, by the column that they are in."""
        return {
            column_at(header, columns): normals(texts)
            for header, texts in self.region.ditto.items()
            if is_letter(header) or normal(header) in columns
        }

    def _with_blank_columns(
        self, columns: HeaderColumns, absent_headers: Sequence[str]
    ) -> HeaderColumns:
        """Return where the columns are, those that are absent right of the worksheet."""
        if not absent_headers:
            return columns
        width = self._grid.width
        return {**columns, **{name: width + at for at, name in enumerate(absent_headers)}}

    def _rows_in(self, stretch: range) -> Iterator[int]:
        rows = self._row_numbers
        for at in range(bisect_left(rows, stretch.start), bisect_left(rows, stretch.stop)):
            yield rows[at]

    @cached_property
    def _row_numbers(self) -> list[int]:
        return [*self._filled]

    def _up_to_end(self, rows: Sequence[int], columns: HeaderColumns) -> Iterator[int]:
        ends = self.region.ends
        before: int | None = None
        for row in rows:
            if not self._filled[row]:
                continue
            if ends == "blank" and before is not None and row > before + 1:
                return
            if isinstance(ends, RowRule) and self._is_meant(ends, row, columns):
                return
            yield row
            before = row

    def _is_meant(self, rule: RowRule, row: int, columns: HeaderColumns) -> bool:
        return is_meant(rule, self._grid, row, columns, self._filled.get(row, ()))

    def _cells(self, row: int) -> Iterator[Cell]:
        for column in self._filled.get(row, ()):
            yield self._grid[row, column]

    def _take_structure(self, header_row: int) -> None:
        """Note the headers that the layout names; others are not read."""
        for cell in self._headers.named_cells(header_row):
            self._use.note_structure(cell)
        for row in header_span(self.region, header_row).rows_below:
            for cell in self._cells(row):
                if cell.place not in self._use.structure:
                    self._use.note_left_out(cell, _BELOW_HEADER)

    def _named_parts(self, rule: RowRule, row: int, columns: HeaderColumns) -> dict[str, Cell]:
        """Return the named parts of a heading; it is read once a record takes one of them."""
        if rule.column is not None:
            cell = self._grid[row, column_at(rule.column, columns)]
        else:
            cell = next(self._cells(row), NO_CELL)
        parts = rule.template.parts_in(cell.text) if rule.template else None
        if not parts:
            if rule.names_texts:
                self._use.note_structure(cell)
            return {}
        named = {name: replace(cell, text=text) for name, text in parts.items()}
        _, *further = self._cells(row)
        return named | dict(zip(rule.further_parts, further, strict=False))

    def _take_header_again(self, row: int) -> None:
        if self.region.begins is not None:
            # Without this, the rows of a block with an unknown beginning fall to the one above.
            raise LayoutMisfitError(
                f"row {row + 1} is the header again, below no row that begins a block"
            )
        self._take_structure(row)

    # ------------------------------------------------------------ labels with their values

    @cached_property
    def _label_keys(self) -> frozenset[str]:
        return frozenset(map(label_key, self.region.pairs))

    @cached_property
    def _reasons_by_label(self) -> Mapping[str, str]:
        """Why what is beside some labels is left out, by the label."""
        reasons: dict[str, str] = {}
        for name, reason in self.region.unused.items():
            if label_key(name) not in self.region.taken_labels:
                reasons[label_key(name)] = reason
        return reasons

    def _take_pairs(self, rows: Sequence[int], block: _Block) -> None:
        """Find the values of labels above the header, and in rows that begin with a label."""
        labels = self._label_keys
        unused = self._reasons_by_label
        if not labels:
            return
        body = {*block.body}
        pairs: dict[str, Sequence[Cell]] = {}
        for row in rows:
            is_above = block.header_row is None or row < block.header_row
            if not is_above and row not in body:
                continue
            keys = {column: label_key(self._grid[row, column].text) for column in self._filled[row]}
            if not keys:
                continue
            first = next(iter(keys.values()))
            if row in body and first not in labels and first not in unused:
                continue
            for column, key in keys.items():
                if key in pairs or (key not in labels and key not in unused):
                    continue
                value, value_row = self._pair_value(row, column, keys, labels)
                self._use.note_structure(self._grid[row, column])
                block.rows_of_pairs |= {row, value_row}
                pairs[key] = (value,)
                if key in unused:
                    self._use.note_left_out(value, unused[key])
        block.pairs = pairs

    def _take_labelled(self, rows: Sequence[int], block: _Block) -> None:
        """Find the cells beside the labels of a form; a label may be in several rows of a block."""
        reasons = self._reasons_by_label
        keys = self._label_keys | reasons.keys()
        labelled = [*labelled_cells(self._grid, rows, self._filled, keys)]
        for form_cell in labelled:
            self._use.note_structure(form_cell.label)
            if form_cell.key in reasons:
                self._use.note_left_out(form_cell.cell, reasons[form_cell.key])
        block.labelled = labelled
        block.rows_of_pairs = {form_cell.row for form_cell in labelled}
        block.pairs = cells_by_label(labelled)

    def _pair_value(
        self, row: int, column: int, keys: Mapping[int, str], labels: AbstractSet[str]
    ) -> tuple[Cell, int]:
        """Return the value of a label, and the row it is in."""
        if self.region.pairs_below:
            return self._grid[row + 1, column], row + 1
        right = next((at for at in keys if at > column and keys[at] not in labels), None)
        if right is None:
            return Cell("", None), row
        return self._grid[row, right], row

    # ------------------------------------------------------------ records

    def _drafts_of_content(self, row: int, block: _Block) -> list[DraftRow]:
        for header, reason in self.region.unused.items():
            if normal(header) in self.region.taken_headers:
                continue  # a label of the same name is left out
            column = block.columns.get(normal(header))
            if is_letter(header):
                column = column_at(header, {})
            if column is not None:
                self._use.note_below_unused(self._grid[row, column], reason)
        blank_columns = self._note_blank_texts(row, block)
        if self._fills_from_above:
            for column in self._filled[row]:
                if column not in blank_columns:
                    block.above[column] = self._grid[row, column]
        drafts: list[DraftRow] = []
        for record in self.region.records:
            if record.per not in {Per.BLOCK, Per.HEADING, Per.COLUMN, Per.LABEL}:
                drafts += self._drafts(record, row, block)
        return drafts

    def _note_blank_texts(self, row: int, block: _Block) -> set[int]:
        """Note cells as read that count as blank; return the columns of such cells."""
        columns: set[int] = set()
        for column, texts in block.dittos.items():
            cell = self._grid[row, column]
            if normal(cell.text) in texts:
                self._use.note_read(cell)
                columns.add(column)
        for value in self._values_with_blank_texts:
            column = column_at(value.column or "", block.columns)
            cell = self._grid[row, column]
            if cell.text and value.counts_as_blank(cell.text):
                self._use.note_read(cell)
                columns.add(column)
        return columns

    @cached_property
    def _values_with_blank_texts(self) -> list[Value]:
        return [value for value in self.region.all_values if value.blank and value.column]

    def _drafts(self, record: Record, row: int, block: _Block) -> Iterator[DraftRow]:
        """Yield what a record makes of a row: one, one for each mark or item, or none."""
        if not all(self._is_meant(rule, row, block.columns) for rule in record.when):
            return
        context = RowContext(
            grid=self._grid,
            row=row,
            columns=block.columns,
            named_parts=block.named_parts,
            pairs=block.pairs,
            above=block.above,
            dittos=block.dittos,
            rows_of_labels=[labelled.row for labelled in block.labelled],
        )
        contexts = self._contexts_of_labels if record.per is Per.LABEL else self._contexts
        for each in contexts(record, context, block):
            draft = self._draft(record, each, block)
            if draft is None:
                continue
            self._note_use(draft, each)
            if draft.plain.texts or any(piece.text for piece in draft.all_pieces()):
                yield draft  # else its words mean nothing, which the layout says

    def _contexts(self, record: Record, context: RowContext, block: _Block) -> Iterator[RowContext]:
        """Yield what each thing is taken from that a record makes of a row."""
        marks = self.region.marks
        if record.per is Per.COLUMN and marks is not None:
            for header in marks.headers:
                column = column_at(header, context.columns)
                yield self._context_of_column(context, column, marks, block)
        elif record.per is Per.MARK and marks is not None:
            yield from self._marked_contexts(record, marks, context, block)
        elif record.per is Per.TERM:
            yield from self._contexts_of_terms(record, context, block)
        elif record.per is Per.ITEM and record.items is not None:
            yield from self._contexts_of_items(record.items, context)
        else:
            contexts = [context]
            for names in record.lists_per_name:
                contexts = [
                    of_name for before in contexts for of_name in _contexts_of_names(names, before)
                ]
            yield from contexts

    def _contexts_of_items(self, items: Value, context: RowContext) -> Iterator[RowContext]:
        for piece in pieces_of(items, context):
            if piece.text:
                yield replace(context, item=piece)
            else:
                self._use.note_read(piece.cell, piece.span)  # a word that means nothing

    def _contexts_of_terms(
        self, record: Record, context: RowContext, block: _Block
    ) -> Iterator[RowContext]:
        """Yield one for each term in a row: of one list, or of that which its column is."""
        lists = [context]
        if self.region.marks is not None:
            lists = [*self._marked_contexts(record, self.region.marks, context, block)]
        naming = record.columns.get(label_column_of(record.into) or "", ())
        for of_list in lists:
            name = text_of([piece for value in naming for piece in pieces_of(value, of_list)])
            yield from term_contexts(record, of_list, block.open_terms[normal(name)])

    def _contexts_of_labels(
        self, record: Record, context: RowContext, block: _Block
    ) -> Iterator[RowContext]:
        """Yield what each thing is taken from that labels name inside of a block of a form."""
        for thing in things_of_labels(self.region, record, block.labelled):
            yield replace(
                context,
                row=thing.rows[0],
                pairs=thing.pairs,
                rows_of_labels=thing.rows,
            )

    def _marked_contexts(
        self, record: Record, marks: Marks, context: RowContext, block: _Block
    ) -> Iterator[RowContext]:
        """Yield one for each mark in a row of a matrix that a record is made of."""
        none = normals(marks.none)
        only = normals(record.marked)
        never = normals(record.not_marked)
        cells: dict[int, Cell] = {}
        for header in marks.headers:
            column = column_at(header, context.columns)
            cells[column] = self._grid[context.row, column]
        marks_in_row = {normal(cell.text) for cell in cells.values() if cell.text}
        of_row = replace(context, marks_in_row=marks_in_row)
        for column, cell in cells.items():
            mark = normal(cell.text)
            if mark in none:
                self._use.note_read(cell)
            elif cell.text:
                if mark not in never and (mark in only or not only):
                    yield self._context_of_column(of_row, column, marks, block)

    def _context_of_column(
        self, context: RowContext, column: int, marks: Marks, block: _Block
    ) -> RowContext:
        """Return what is taken of a column of a matrix; a block without a header does not name it."""
        header_row = block.header_row
        headers = () if header_row is None else self._headers.cells_above(header_row, column)
        return replace(
            context,
            marked_column=column,
            mark_headers=headers,
            header_row=header_row,
            first_marked_column=column_at(marks.headers[0], context.columns),
        )

    def _draft(self, record: Record, context: RowContext, block: _Block) -> DraftRow | None:
        """Return what is made of a context; None where a cell that it needs is blank, or all are."""
        plain = self._plain_cells(record, context.row, block)
        pieces: dict[str, list[Piece]] = {}
        for name, values in record.values.items():
            if name not in plain.columns:
                of_column = [*_pieces_of_column(values, context)]
                if of_column:
                    pieces[name] = of_column
        filled = plain.texts.keys() | pieces.keys()
        if not filled or not filled.issuperset(record.needs):
            return None
        if record.needs_any and filled.isdisjoint(record.needs_any):
            return None
        if self._names_nothing(record, context.row, plain, pieces):
            return None
        column = context.marked_column
        if column is None:
            column = min(block.columns.values(), default=0)
        place = self._grid[context.row, column].place
        assert place is not None  # noqa: S101 - a cell of a grid is somewhere
        header_line = 1 if block.header_row is None else block.header_row + 1
        return DraftRow(
            record=record,
            sheet=record.sheet or self.region.name,
            worksheet=self._grid.title,
            place=place,
            line=self._grid.line_of(place),
            header_line=self._grid.lines.get(header_line - 1, header_line),
            header_columns=block.columns,
            plain=plain,
            other_pieces=pieces,
            is_turned=self._grid.is_turned,
        )

    def _names_nothing(
        self, record: Record, row: int, plain: PlainCells, pieces: Mapping[str, Sequence[Piece]]
    ) -> bool:
        """Tell whether a row has dashes where its thing would be named, and note these as read."""
        dashes: set[str] = set()
        for name in (*record.needs, *record.needs_any):
            texts = [plain.texts.get(name, ""), *(piece.text for piece in pieces.get(name, ()))]
            if all(map(is_dash, texts)):
                dashes.add(name)
        is_nameless = bool(record.needs_any) and dashes.issuperset(record.needs_any)
        if dashes.isdisjoint(record.needs) and not is_nameless:
            return False
        for name in dashes:
            note_pieces_read(self._use, iter(pieces.get(name, ())))
            if name in plain.texts:
                self._use.note_read(self._grid[row, plain.columns[name]])
        return True

    def _plain_cells(self, record: Record, row: int, block: _Block) -> PlainCells:
        """Return the cells of a row that a record takes as they stand."""
        columns = block.plain_columns.get(id(record))
        if columns is None:
            columns = self._plain_columns(record, block)
            block.plain_columns[id(record)] = columns
        if not columns:
            return PlainCells(row, columns, {})
        texts = self._grid.texts_by_row.get(row, {})
        filled = {name: texts[column] for name, column in columns.items() if column in texts}
        return PlainCells(row, columns, filled)

    def _plain_columns(self, record: Record, block: _Block) -> Mapping[str, int]:
        """Return where the cells are that a record takes as they stand; merged and turned ones apart."""
        # What is beside a mark may be about another one, so it is looked at.
        # In a form, such a cell is one of several rows.
        is_looked_at = record.per in {Per.MARK, Per.TERM} or self.region.is_form
        if self._grid.is_turned or is_looked_at:
            return {}
        columns: dict[str, int] = {}
        for name in record.plain_columns:
            (value,) = record.values[name]
            if value.column is None:
                continue
            column = column_at(value.column, block.columns)
            may_be_merged = value.fill is Fill.MERGED and self._grid.merges
            if not may_be_merged and column not in block.dittos:
                columns[name] = column
        return columns

    def _note_use(self, draft: DraftRow, context: RowContext) -> None:
        """Note the cells that a draft was made of; those of a helper are read once they are looked up."""
        if draft.is_helper:
            return
        for rule in draft.record.when:
            if rule.column is not None and rule.compares_text:
                column = column_at(rule.column, context.columns)
                self._use.note_read(self._grid[context.row, column])
        if context.marked_column is not None and draft.record.per is Per.MARK:
            self._note_mark(self._grid[context.row, context.marked_column])
        note_pieces_read(self._use, draft.all_pieces())
        if draft.plain.texts:
            columns = frozenset(draft.plain.columns.values())
            self._use.note_columns_read(context.row, columns)

    def _note_mark(self, cell: Cell) -> None:
        """Note that a mark is read, where it says no more; else it is where a value takes its text."""
        marks = self.region.marks
        if marks is not None and normal(cell.text) in normals(marks.texts):
            self._use.note_read(cell)


def _contexts_of_names(names: Value, context: RowContext) -> Iterator[RowContext]:
    """Yield one for each name of a list in a cell that is a thing of its own."""
    pieces = [*pieces_of(names, context)]
    # One line of a list has a mark to take off, too.
    if len(pieces) > 1 or (pieces and names.listed is not None):
        for piece in pieces:
            yield replace(context, names={**context.names, names.key_of_list: piece})
    else:
        yield context


def _pieces_of_column(values: Sequence[Value], context: RowContext) -> Iterator[Piece]:
    """Yield what the values of a canonical column take; those after one that goes first say nothing."""
    is_said = False
    for value in values:
        pieces = [*pieces_of(value, context)]
        # What is not said is read all the same: another value said it.
        yield from (replace(piece, text="") for piece in pieces) if is_said else pieces
        is_said = is_said or (value.goes_first and any(piece.text for piece in pieces))


def remark_of_row(
    row: int, grid: Grid, filled: Sequence[int], use: CellUse, region: Region
) -> Remark:
    """Return all that a row says as one sentence about the things of a region, and note it as read."""
    cells = [grid[row, column] for column in filled]
    for cell in cells:
        use.note_read(cell)
    place = cells[0].place
    line = grid.line_of(place) if place else row + 1
    return Remark(kind=region.records[0].into, cells=tuple(cells), line=line)


def note_pieces_read(use: CellUse, pieces: Iterator[Piece]) -> None:
    """Note that the cells of pieces are read."""
    for piece in pieces:
        place = piece.cell.place
        if place is None:
            continue
        match piece.value.source:
            case CommentOf():
                use.comments.add(place)
            case ColourOf() | MarkHeaderColour() | MarkedCellColour():
                use.colours.add(place)
            case HeadingPart():
                use.structure.add(place)
                use.lines.add(place)
            case MarkHeader():
                use.structure.add(place)
            case _:
                use.note_read(piece.cell, piece.span)


def _stretch(region: Region, grid: Grid) -> range:
    """Return the columns that a region is in, as far as the worksheet reaches."""
    if region.columns is None:
        return range(grid.width)
    stretch = columns_of_stretch(region.columns)
    return range(stretch.start, min(stretch.stop, grid.width))


def _rule_shown(rule: RowRule) -> str:
    """Say which rows a rule names, in the words of the layout."""
    named = rule.model_dump(exclude_defaults=True, by_alias=True, exclude={"reason", "about"})
    return ", ".join(f"{key}: {value}" for key, value in named.items())
