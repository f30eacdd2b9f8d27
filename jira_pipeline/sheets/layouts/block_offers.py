"""What a page proposes where lines between the rows of a worksheet name, or group, the rows below.

Belongs here: such lines, told by the shape of the worksheet alone: rows with a single text between rows
with several. Does not: what a layout becomes by them (`block_choices`, `line_choices`), lines that
somebody looks at one at a time (`line_offers`). It proposes, and a person says whether it is so.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.model.entities import BundleType
from jira_pipeline.sheets.layouts.choices import BlockLines
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_rows import HeaderSpan
from jira_pipeline.sheets.layouts.layout import Region
from jira_pipeline.sheets.layouts.line_offers import lines_with_words_before, numbered_lines
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE, FIELD, columns_by_dictionary
from jira_pipeline.sheets.layouts.table_headers import (
    TableHeader,
    first_shown_row,
    has_fill_of_header,
    header_in,
)
from jira_pipeline.sheets.layouts.texts import normal, template_of
from jira_pipeline.sheets.reading.labels import bundle_type_of

LINES_MIN = 2
"""One line may be a remark; one that is called like a kind of types is not."""
TITLE_MAX_CHARACTERS = 80
"""Longer texts are sentences, not what a block is called."""
LINES_TRIED_MAX = 12
"""How a line may look that is compared with all others: those that most texts look like."""
ROWS_SHOWN_MAX = 9
_MARK_MAX_CHARACTERS = 3


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A line that is about the rows below it."""

    row: int
    text: str
    name: str
    """What of it names something."""
    description: str
    """The line right below, where there is one."""
    rows_count: int
    """Rows with several cells, down to the next such line."""


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A row of the worksheet as a picture shows it."""

    number: int
    texts: tuple[str, ...]
    is_header: bool = False
    line: BlockLine | None = None
    describes: BlockLine | None = None
    belongs_to: BlockLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockOffer:
    """How lines may be about the rows below them."""

    worksheet: str
    header: TableHeader
    line_of_names: str
    """How each of them looks, where it names something."""
    is_first: bool
    has_description: bool
    lines: tuple[BlockLine, ...]
    says: BlockLines
    """What they most likely are."""
    bundle_type: str
    """Of types: their kind, as somebody said it before or the worksheet is called."""
    names_header: str
    """The header of what the rows below are called; blank where that is known."""
    in_brackets: str
    """What some lines have in brackets at their end: `PHASE 2`."""
    rows: tuple[BlockRow, ...]

    @property
    def header_row(self) -> int:
        """The row with the headers; the first is 1."""
        return self.header.span.names_row + 1

    @property
    def is_header_repeated(self) -> bool:
        """Each block has the header below its line."""
        return self.lines[0].row < self.header.row

    @property
    def kinds(self) -> Mapping[str, str]:
        """The kind of types that each line is called like; blank where it is like none."""
        kinds: dict[str, str] = {}
        for line in self.lines:
            kind = bundle_type_of(line.text)
            kinds[line.text] = "" if kind is None else kind.value
        return kinds

    @property
    def has_rows_before(self) -> bool:
        """Rows with several cells are above the first line."""
        return any(row.number < self.lines[0].row + 1 and not row.is_header for row in self.rows)


def block_offer(
    grids: Sequence[Grid], region: Region | None, others: Sequence[Grid]
) -> BlockOffer | None:
    """Return how lines of worksheets that look alike may be about the rows below them.

    `others` are all worksheets, which may list what the lines name. None where there are no such lines,
    or where a header says what they would say.
    """
    if region is not None and (region.headings or region.begins or region.marks):
        return None
    for grid in grids:
        row = first_shown_row(grid)
        if row is None:
            continue
        header = header_in(grid, HeaderSpan(row))
        runs = [*_runs(grid, header)]
        if not runs or not _is_table(grid, runs):
            continue
        offer = _offer(grid, header, runs, [other for other in others if other not in grids])
        if offer is not None:
            if offer.is_header_repeated:
                # One rule says which lines begin a block: what a few have in brackets is of the name.
                offer = replace(offer, in_brackets="")
            declared_kind = _declared_kind(region)
            return replace(offer, bundle_type=declared_kind) if declared_kind else offer
    return None


def _declared_kind(region: Region | None) -> str:
    """Return the kind that somebody said all types of a table have; blank where nobody did."""
    for record in region.records if region is not None else ():
        values = record.columns.get("Type", ()) if record.into == BUNDLE else ()
        for value in values:
            if value.text:
                return value.text
    return ""


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows with a single text, one right below the other, with rows of several cells below them."""

    rows: tuple[int, ...]
    texts: tuple[str, ...]


def _runs(grid: Grid, header: TableHeader) -> Iterator[_Run]:
    """Yield lines with rows below them; above the header, too, where each block repeats it."""
    column = header.columns[0].column
    header_rows = _rows_of_header(grid, header)
    first_row = _first_row_of_lines(grid, header)
    rows: list[int] = []
    for row, columns in grid.rows.items():
        if row < first_row:
            continue
        is_lone = len(columns) == 1 and columns[0] == column
        if is_lone and rows and row > rows[-1] + 1:
            rows = []
        if is_lone:
            rows.append(row)
        elif rows:
            is_other_header = row not in header_rows and has_fill_of_header(
                grid, row, header.span.names_row
            )
            if len(columns) > 1 and not is_other_header:
                yield _Run(tuple(rows), tuple(grid[line, column].text for line in rows))
            rows = []


def _rows_of_header(grid: Grid, header: TableHeader) -> AbstractSet[int]:
    """Return the row of the headers, and those below it that say the same."""
    first = header.span.names_row
    header_texts = grid.texts_by_row[first]
    return {
        row for row, texts in grid.texts_by_row.items() if row >= first and texts == header_texts
    }


def _first_row_of_lines(grid: Grid, header: TableHeader) -> int:
    """Return where lines may begin: right above the header where it is above each block, else below it."""
    if len(_rows_of_header(grid, header)) == 1:
        return header.span.rows.stop
    row = header.span.first
    while grid.rows.get(row - 1) == (header.columns[0].column,):
        row -= 1
    return row


def _is_table(grid: Grid, runs: Sequence[_Run]) -> bool:
    """Tell whether most columns below some lines say something in words, and have no marks of a matrix."""
    first = runs[0].rows[0]
    lengths: dict[int, int] = {}
    for row, texts in grid.texts_by_row.items():
        if row <= first:
            continue
        # The first column names the rows, and has the lines.
        for column, text in islice(texts.items(), 1, None):
            lengths[column] = max(lengths.get(column, 0), len(text))
    in_words = [column for column, length in lengths.items() if length > _MARK_MAX_CHARACTERS]
    return len(in_words) * 2 >= len(lengths) > 0


def _offer(
    grid: Grid, header: TableHeader, runs: Sequence[_Run], others: Sequence[Grid]
) -> BlockOffer | None:
    numbered = _line_of(runs)
    is_first = numbered is None
    line = numbered or "{name}"
    matching = [_matching_row(run, line) for run in runs]
    rows = [row for row in matching if row is not None]
    if not is_first:  # a line with a number is one, also where no row is below it
        rows = [*_rows_like(grid, header, line)]
    are_kinds = all(bundle_type_of(grid[row, _first(header)].text) for row in rows)
    if not rows or (len(rows) < LINES_MIN and not are_kinds):
        return None
    rows_of_runs: set[int] = set()
    for run in runs:
        rows_of_runs.update(run.rows)
    described = [row for row in rows if {row, row + 1} <= rows_of_runs]
    has_description = len(described) * 2 > len(rows)
    lines = tuple(_lines(grid, header, rows, line, has_description=has_description))
    if any(len(title.text) > TITLE_MAX_CHARACTERS for title in lines):
        return None
    says = BlockLines.KINDS if are_kinds else _meaning_of_lines(lines, others)
    kind = FIELD if says is not BlockLines.KINDS else BUNDLE
    columns = columns_by_dictionary(kind, header.columns)
    if kind == FIELD and "Bundle" in columns:
        return None
    kind_of_title = bundle_type_of(grid.title)
    is_named = (label_column_of(kind) or "") in columns
    return BlockOffer(
        worksheet=grid.title,
        header=header,
        line_of_names=line,
        is_first=is_first and has_description,
        has_description=has_description,
        lines=lines,
        says=says,
        bundle_type=BundleType.CONTENT.value if kind_of_title is None else kind_of_title.value,
        names_header="" if is_named else header.names[0],
        in_brackets=_in_brackets(lines),
        rows=tuple(_picture(grid, header, lines)),
    )


def _first(header: TableHeader) -> int:
    return header.columns[0].column


def _line_of(runs: Sequence[_Run]) -> str | None:
    """Return how one line of nearly every run looks, and no other line; None where only places tell."""
    texts_counts: Counter[str] = Counter()
    for run in runs:
        for text in run.texts:
            texts_counts.update(numbered_lines(text))
            texts_counts.update(lines_with_words_before(text))
    # Where hardly two texts look alike, each is compared with a few lines, and not with all.
    likely = dict(texts_counts.most_common(LINES_TRIED_MAX))
    counts = {line: 0 for line in texts_counts if line in likely}
    for line in counts:
        template = template_of(line)
        for run in runs:
            matches = [text for text in run.texts if template.parts_in(text) is not None]
            counts[line] += len(matches) == 1
    most = max(counts.values(), default=0)
    if most < LINES_MIN or most * 5 < len(runs) * 4:
        return None
    return next(line for line, count in counts.items() if count == most)


def _matching_row(run: _Run, line: str) -> int | None:
    template = template_of(line)
    for row, text in zip(run.rows, run.texts, strict=True):
        if template.parts_in(text) is not None:
            return row
    return None


def _rows_like(grid: Grid, header: TableHeader, line: str) -> Iterator[int]:
    template = template_of(line)
    first_row = _first_row_of_lines(grid, header)
    for row, columns in grid.rows.items():
        is_lone = row >= first_row and columns == (_first(header),)
        if is_lone and template.parts_in(grid[row, columns[0]].text) is not None:
            yield row


def _lines(
    grid: Grid, header: TableHeader, rows: Sequence[int], line: str, *, has_description: bool
) -> Iterator[BlockLine]:
    template = template_of(line)
    column = _first(header)
    header_rows = _rows_of_header(grid, header)
    ends = [*rows[1:], max(grid.rows) + 1]
    for row, end in zip(rows, ends, strict=True):
        text = grid[row, column].text
        parts = template.parts_in(text) or {}
        description = ""
        if has_description and grid.rows.get(row + 1) == (column,):
            description = grid[row + 1, column].text
        rows_below = _rows_with_several(grid, range(row, end))
        rows_count = sum(below not in header_rows for below in rows_below)
        yield BlockLine(row, text, parts.get("name", text), description, rows_count)


def _rows_with_several(grid: Grid, rows: range) -> Iterator[int]:
    for row in rows:
        if len(grid.rows.get(row, ())) > 1:
            yield row


def _meaning_of_lines(lines: Sequence[BlockLine], others: Sequence[Grid]) -> BlockLines:
    """Return what lines name: types, or types that another worksheet lists."""
    texts = {normal(text) for grid in others for text in grid.cells.values()}
    listed = [line for line in lines if normal(line.name.partition(" (")[0]) in texts]
    return BlockLines.OWNERS if len(listed) * 2 > len(lines) else BlockLines.TYPES


def _in_brackets(lines: Sequence[BlockLine]) -> str:
    for line in lines:
        before, _, rest = line.text.rpartition(" (")
        if before and rest.endswith(")"):
            return rest.removesuffix(")")
    return ""


def _picture(grid: Grid, header: TableHeader, lines: Sequence[BlockLine]) -> Iterator[BlockRow]:
    """Yield the header and the rows of the first lines, each with what it would be."""
    header_rows = _rows_of_header(grid, header)
    first_row = min(header.span.names_row, lines[0].row)
    by_row = {line.row: line for line in lines}
    current: BlockLine | None = None
    shown = 0
    for row in grid.rows:
        if row < first_row:
            continue
        if row in header_rows:
            yield BlockRow(row + 1, _texts(grid, row), is_header=True)
            continue
        line = by_row.get(row)
        if line is not None:
            current = line
        if shown == ROWS_SHOWN_MAX:
            return
        shown += 1
        is_description = (
            current is not None and bool(current.description) and row == current.row + 1
        )
        yield BlockRow(
            row + 1,
            _texts(grid, row),
            line=line,
            describes=current if is_description else None,
            belongs_to=None if line is not None or is_description else current,
        )


def _texts(grid: Grid, row: int) -> tuple[str, ...]:
    return tuple(grid.texts_by_row[row].values())
