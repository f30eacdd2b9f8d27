"""What a page offers about the worksheets of a workbook: what each is, what its headers mean, and rows.

Belongs here: samples of cells and what they become, choices of columns and words, what is left to
settle. Does not: the choices themselves (`choices`), pages.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.model.columns import LONGEST_NAMES, Column, Holds, columns_of, owner_column_of
from jira_pipeline.model.entities import SHEET_NAMES, BundleType, EntityKind
from jira_pipeline.sheets.layouts.applying import CanonicalRow, sheet_layout_of
from jira_pipeline.sheets.layouts.choices_applied import headers_of, kind_of_columns
from jira_pipeline.sheets.layouts.coverage import CellFate, LayoutFinding, Unsettled, cell_fates
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_rows import HeaderRows
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Constant,
    Fill,
    Layout,
    Record,
    Region,
    SheetLayout,
    SheetTitle,
    Value,
)
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS, CheckedLayout, is_word_read
from jira_pipeline.sheets.layouts.table_headers import (
    NamedColumn,
    first_shown_header,
    header_at,
    worksheets_alike,
)
from jira_pipeline.sheets.layouts.table_shapes import (
    BUNDLE,
    FIELD,
    OFFERED_SHAPES,
    OfferedShape,
    draft_of,
)
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import label_key
from jira_pipeline.sheets.reading.cells import DISPLAY_PLUGINS, FIELD_TYPES

SAMPLES_MAX = 3
ROWS_SHOWN_MAX = 15
UNREAD_ROWS_SHOWN_MAX = 60
COLUMNS_SHOWN_MAX = 30
_BEFORE_NAME = ": "
"""In a line such as `Content type: News`."""

WORDS_OFFERED: Mapping[Holds, Sequence[tuple[str, str]]] = {
    Holds.STATUS: (
        ("a", "to build"),
        ("c", "exists, and changes"),
        ("x", "exists"),
        ("w", "on hold: not now"),
        ("d", "to remove"),
        ("", "says nothing"),
    ),
    Holds.FLAG: (("y", "yes"), ("n", "no"), ("", "says nothing")),
    Holds.COUNT: (("1", "1"), ("*", "any number"), ("", "says nothing")),
    Holds.BUNDLE_TYPE: tuple((each.value, each.value) for each in BundleType),
    Holds.FIELD_TYPE: tuple((each, each) for each in sorted(FIELD_TYPES)),
    Holds.DISPLAY_PLUGIN: tuple((each, each) for each in DISPLAY_PLUGINS),
}
"""What words may mean, and how people are told."""
WORDS_ARE: Mapping[Holds, str] = {
    Holds.STATUS: "how far something is",
    Holds.FLAG: "yes or no",
    Holds.COUNT: "how many values",
    Holds.BUNDLE_TYPE: "kind of type",
    Holds.FIELD_TYPE: "field type",
    Holds.DISPLAY_PLUGIN: "kind of display",
}


# ---------------------------------------------------------------- worksheets


@dataclass(frozen=True, kw_only=True)
class WorksheetGroup:
    """Worksheets of which a layout says the same, or that look alike and of which it says nothing."""

    grids: tuple[Grid, ...]
    sheet: SheetLayout | None
    counts: Mapping[str, int]
    """Things that are read from them, by kind."""
    unsettled: tuple[LayoutFinding, ...]
    faults: tuple[LayoutFinding, ...]
    """What may be a fault of the sheet."""

    @property
    def title(self) -> str:
        return self.grids[0].title

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(grid.title for grid in self.grids)

    @property
    def is_left_out(self) -> bool:
        return self.sheet is not None and self.sheet.ignore is not None

    @property
    def shape(self) -> OfferedShape | None:
        """What they list, of what is offered."""
        return None if self.sheet is None else shape_of(self.sheet)

    @property
    def lists(self) -> str:
        """What they list, for people."""
        if self.sheet is None:
            return ""
        if self.sheet.ignore is not None:
            return "not part of the specification"
        if self.shape is not None:
            return self.shape.label
        kinds = (record.into for region in self.sheet.regions for record in region.records)
        return ", ".join(dict.fromkeys(kind_name(kind) for kind in kinds)).capitalize()


def worksheet_groups(
    layout: Layout,
    grids: Sequence[Grid],
    checked: CheckedLayout,
    *,
    unsettled: Sequence[LayoutFinding],
) -> list[WorksheetGroup]:
    """Return all worksheets in their order, those that one choice is about together.

    `unsettled` is what of the findings somebody has to settle.
    """
    members: dict[object, list[Grid]] = {}
    for alike in worksheets_alike(grids):
        for grid in alike:
            sheet = sheet_layout_of(layout, grid.title)
            is_alone = sheet is None or sheet.ignore is not None
            key: object = (sheet is None, alike[0].title) if is_alone else id(sheet)
            members.setdefault(key, []).append(grid)
    groups = [
        _group(tuple(group), sheet_layout_of(layout, group[0].title), checked, unsettled)
        for group in members.values()
    ]
    positions = {grid.title: at for at, grid in enumerate(grids)}
    return sorted(groups, key=lambda group: positions[group.title])


def _group(
    grids: tuple[Grid, ...],
    sheet: SheetLayout | None,
    checked: CheckedLayout,
    unsettled: Sequence[LayoutFinding],
) -> WorksheetGroup:
    titles = {grid.title for grid in grids}
    findings = [finding for finding in checked.findings if finding.worksheet in titles]
    rows = [row for row in checked.applied.rows if row.worksheet in titles]
    return WorksheetGroup(
        grids=grids,
        sheet=sheet,
        counts=Counter(row.kind for row in rows),
        unsettled=tuple(finding for finding in findings if finding in unsettled),
        faults=tuple(finding for finding in findings if finding not in unsettled),
    )


def shape_of(sheet: SheetLayout) -> OfferedShape | None:
    """Return which of the shapes that are offered a worksheet is declared as."""
    if len(sheet.regions) != 1:
        return None
    records = sheet.regions[0].records
    kinds = tuple(record.into for record in records)
    is_matrix = sheet.regions[0].marks is not None
    for offered in OFFERED_SHAPES:
        if offered.kinds == kinds and offered.is_matrix == is_matrix:
            return offered
    return None


def kind_name(kind: str) -> str:
    """Return what people call things of a kind."""
    if kind == HELPER:
        return "details of others"
    if kind == CUSTOM:
        return "rows to quote"
    return SHEET_NAMES[EntityKind(kind)].replace("bundles", "types")


def counted_things(counts: Mapping[str, int]) -> str:
    """Say how many things there are of each kind: `9 types, 37 fields`."""
    shown = (f"{count} {_one_or_many(kind, count)}" for kind, count in counts.items() if count)
    return ", ".join(shown)


def _one_or_many(kind: str, count: int) -> str:
    name = kind_name(kind)
    return name.replace("rows ", "row ").removesuffix("s") if count == 1 else name


# ---------------------------------------------------------------- headers


@dataclass(frozen=True, slots=True)
class Becomes:
    """What a cell is in the specification."""

    kind: str
    column: str
    text: str

    @property
    def label(self) -> str:
        return f"{kind_word(self.kind)}: {column_label(self.column)}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A cell, and what becomes of it."""

    text: str
    becomes: tuple[Becomes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderOffer:
    """A header, or a label beside a value, with what it means and some of its cells."""

    name: str
    meanings: tuple[tuple[str, str], ...]
    """Kind and column of each."""
    is_kept: bool
    """It stays in the sheet's own words."""
    unused_because: str
    samples: tuple[Sample, ...]
    blank_count: int
    """Rows of things in which its cell is blank."""
    fill: Fill | None
    splits: tuple["SplitOffer", ...]
    """Two things that its cells may hold, one after the other."""
    others_with_it: int
    """Other worksheets with a header of this name."""

    @property
    def is_read(self) -> bool:
        return bool(self.meanings or self.is_kept or self.unused_because)

    @property
    def value(self) -> str:
        """What a select shows as chosen."""
        if self.meanings:
            return "|".join(self.meanings[0])
        return "keep" if self.is_kept else "unused" if self.unused_because else ""


@dataclass(frozen=True, slots=True)
class SplitOffer:
    """How a cell says two things: its first part is one column, and the rest another."""

    example: str
    first: str
    """Kind and column: `field|Field type`."""
    before: str
    second: str
    after: str
    second_before: str
    label: str


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    kind: str
    column: str
    label: str
    help: str

    @property
    def value(self) -> str:
        return f"{self.kind}|{self.column}"


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    label: str
    choices: tuple[ColumnChoice, ...]


def column_label(name: str) -> str:
    """Return a column in full: `Vals.` is `Allowed number of values`."""
    if name == "X":
        return "Status: to build, exists, on hold"
    is_short = name.endswith((".", "'d")) or len(name) == 1
    return LONGEST_NAMES.get(name, name) if is_short else name


def kind_word(kind: str) -> str:
    """Return what people call one thing of a kind."""
    return _one_or_many(kind, 1).capitalize()


def column_groups(region: Region) -> list[ColumnGroup]:
    """Return the columns that a header of a region may mean, by what they are about."""
    groups: list[ColumnGroup] = []
    for kind in dict.fromkeys(kind_of_columns(draft_of(record)) for record in region.records):
        if kind in {CUSTOM, HELPER}:
            continue
        choices = tuple(
            ColumnChoice(kind, column.name, column_label(column.name), _what_for(column))
            for column in columns_of(kind)
        )
        groups.append(ColumnGroup(kind_word(kind), choices))
    return groups


def _what_for(column: Column) -> str:
    return f"for {column.loss}" if column.loss else ""


@dataclass(frozen=True, slots=True)
class _Split:
    second_column: str
    after: str
    second_before: str
    label: str


_SPLITS: Mapping[tuple[str, str], _Split] = {
    (FIELD, "Field type"): _Split(
        "Ref. bundle", ":", "", "Before the colon is the type, after it what the field refers to"
    ),
    (BUNDLE, "Name"): _Split("Type", "(", ")", "In brackets after the name is the kind of type"),
    (FIELD, "Bundle"): _Split(
        "Bundle type", "(", ")", "In brackets after the name is the kind of type"
    ),
}
"""What cells of a column often hold beside it, where no other header says that."""


class GroupReading:
    """What a layout makes of the cells of some worksheets that look alike."""

    def __init__(self, group: WorksheetGroup, layout: Layout, checked: CheckedLayout) -> None:
        self.group = group
        self._layout = layout
        self._checked = checked

    @cached_property
    def region(self) -> Region | None:
        """The first table of them; further ones are shown in the grid alone."""
        sheet = self.group.sheet
        return None if sheet is None or not sheet.regions else sheet.regions[0]

    @cached_property
    def header_row(self) -> int | None:
        """Where the header is, or is shown until somebody says it."""
        header = self._header(self.group.grids[0])
        return None if header is None else header[0]

    @property
    def header_row_count(self) -> int:
        return self.region.header_rows if self.region else 1

    def _header(self, grid: Grid) -> tuple[int, tuple[NamedColumn, ...]] | None:
        region = self.region
        if region is None:
            shown = first_shown_header(grid)
            return None if shown is None else (shown.row, shown.columns)
        headers = HeaderRows(region, grid, grid.rows)
        if not headers.needed:
            return None
        for row in grid.rows:
            if headers.is_header(row):
                return row, header_at(grid, row, row_count=region.header_rows).columns
        return None

    @cached_property
    def becomes(self) -> Mapping[tuple[str, int, int], tuple[Becomes, ...]]:
        """What each cell is in the specification, by worksheet, row and column."""
        titles = set(self.group.titles)
        found: dict[tuple[str, int, int], list[Becomes]] = defaultdict(list)
        for row in self._checked.applied.rows:
            for column, text in row.cells.items():
                for source in row.copied_from.cells(column):
                    if source.sheet in titles:
                        place = (source.sheet, source.row, source.column)
                        found[place].append(Becomes(row.kind, column, text))
        return {place: tuple(dict.fromkeys(each)) for place, each in found.items()}

    @cached_property
    def headers(self) -> list[HeaderOffer]:
        """The headers of the table, then the labels beside values above it."""
        header = self._header(self.group.grids[0])
        columns = () if header is None else header[1]
        offers = [self._offer(column.name, column.column, header) for column in columns]
        labels = () if self.region is None else self.region.pairs
        return [*offers, *(self._offer_of_label(label) for label in labels)]

    def _offer(
        self, name: str, column: int, header: tuple[int, tuple[NamedColumn, ...]] | None
    ) -> HeaderOffer:
        samples: dict[str, Sample] = {}
        cells: list[str] = []
        blank_count = 0
        for grid in self.group.grids:
            places = {row.place.row for row in self._rows_of(grid)}
            below = -1 if header is None else header[0] + self.header_row_count - 1
            for row, texts in grid.texts_by_row.items():
                if grid is self.group.grids[0] and row <= below:
                    continue
                text = texts.get(column, "")
                if row in places and text:
                    cells.append(text)
                if row in places and not text:
                    blank_count += 1
                if (row in places or self.region is None) and text and len(samples) < SAMPLES_MAX:
                    becomes = self.becomes.get((grid.title, row, column), ())
                    samples.setdefault(text, Sample(text, becomes))
        return self._header_offer(name, tuple(samples.values()), blank_count, texts=cells)

    def _offer_of_label(self, label: str) -> HeaderOffer:
        samples: dict[str, Sample] = {}
        for grid in self.group.grids:
            for row, texts in grid.texts_by_row.items():
                cells = list(texts.items())
                if len(cells) > 1 and label_key(cells[0][1]) == label_key(label):
                    column, text = cells[1]
                    becomes = self.becomes.get((grid.title, row, column), ())
                    if len(samples) < SAMPLES_MAX:
                        samples.setdefault(text, Sample(text, becomes))
        return self._header_offer(label, tuple(samples.values()), 0, texts=())

    def _rows_of(self, grid: Grid) -> Iterator[CanonicalRow]:
        return (row for row in self._checked.applied.rows if row.worksheet == grid.title)

    def _header_offer(
        self,
        name: str,
        samples: tuple[Sample, ...],
        blank_count: int,
        *,
        texts: Sequence[str],
    ) -> HeaderOffer:
        region = self.region
        records = region.records if region else ()
        fills = {
            value.fill
            for value in (region.all_values if region else ())
            if value.fill and normal(value.column or "") == normal(name)
        }
        return HeaderOffer(
            name=name,
            meanings=tuple(dict.fromkeys(_meanings(records, name))),
            is_kept=any(_keeps(record, name) for record in records),
            unused_because=_unused_because(region, name),
            samples=samples,
            blank_count=blank_count,
            fill=fills.pop() if len(fills) == 1 else None,
            splits=tuple(self._splits(name, texts)),
            others_with_it=self._others_with(name),
        )

    def _splits(self, name: str, texts: Sequence[str]) -> Iterator[SplitOffer]:
        """Yield what the cells below a header may hold beside what it means."""
        records = self.region.records if self.region else ()
        meanings = [*_meanings(records, name)]
        for kind, column in meanings:
            split = _SPLITS.get((kind, column))
            if split is None or (len(meanings) > 1 and (kind, split.second_column) in meanings):
                continue
            is_taken = any(
                split.second_column in record.columns for record in records if record.into == kind
            )
            example = next((text for text in texts if split.after in text), None)
            if example is not None and not is_taken:
                yield SplitOffer(
                    example=example,
                    first=f"{kind}|{column}",
                    before=split.after,
                    second=f"{kind}|{split.second_column}",
                    after=split.after,
                    second_before=split.second_before,
                    label=split.label,
                )

    def _others_with(self, name: str) -> int:
        sheets = [sheet for sheet in self._layout.sheets if sheet is not self.group.sheet]
        return sum(
            normal(name) in {normal(header) for header in headers_of(region)}
            for sheet in sheets
            for region in sheet.regions
        )

    @cached_property
    def constants(self) -> list[Becomes]:
        """What the layout says of all things without any cell that says it."""
        found: list[Becomes] = []
        for record in self.region.records if self.region else ():
            for column, values in record.columns.items():
                for value in values:
                    if isinstance(value.source, Constant):
                        found.append(Becomes(record.into, column, value.source.text))
                    elif isinstance(value.source, SheetTitle):
                        found.append(Becomes(record.into, column, "the name of the worksheet"))
        return found

    @property
    def is_matrix(self) -> bool:
        """Its headers name things, so that none of them means a column."""
        return self.region is not None and self.region.marks is not None

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
            if row.cells.get(owner.name):
                named.add(row.kind)
            elif row.kind in named:
                count += 1
        return count

    @cached_property
    def lines_offered(self) -> list[str]:
        """How lines above a table look that may name what its rows belong to."""
        region = self.region
        if region is None or region.begins is not None or self.is_matrix:
            return []
        is_owned = any(owner_column_of(record.into) is not None for record in region.records)
        if not is_owned or self.header_row is None:
            return []
        looks: dict[str, None] = {}
        for grid in self.group.grids:
            for row, columns in grid.rows.items():
                before, mark, _ = grid[row, columns[0]].text.partition(_BEFORE_NAME)
                if row < self.header_row and len(columns) == 1 and mark:
                    looks[f"{before}{mark}{{name}}"] = None
        return [*looks]

    @cached_property
    def colours(self) -> list["ColourOffer"]:
        """Fills of cells that are read, the rarest first."""
        examples: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for grid in self.group.grids:
            use = self._checked.applied.uses[grid.title]
            for place, colour in grid.colours.items():
                if use.is_read(place) and place not in use.structure:
                    counts[colour] += 1
                    examples.setdefault(colour, grid.cells.get(place, ""))
        return [
            ColourOffer(colour, count, examples[colour])
            for colour, count in sorted(counts.items(), key=lambda item: item[1])
        ]

    # ------------------------------------------------------------ rows

    @cached_property
    def shown_rows(self) -> list["ShownRow"]:
        """The first rows of the first worksheet, and further ones in which something is not read."""
        return [*self._shown_rows()]

    @cached_property
    def shown_width(self) -> int:
        """Columns of them."""
        columns = (cell.column for row in self.shown_rows for cell in row.cells)
        return max(columns, default=-1) + 1

    def _shown_rows(self) -> Iterator["ShownRow"]:
        unread_rows: set[int] = set()
        for grid in self.group.grids:
            fates = cell_fates(grid, self._checked.applied)
            for at, row in enumerate(grid.rows):
                cells = tuple(
                    ShownCell(text, fates[grid[row, column].place or Place(row, column)], column)
                    for column, text in grid.texts_by_row[row].items()
                    if column < COLUMNS_SHOWN_MAX
                )
                is_first = grid is self.group.grids[0] and at < ROWS_SHOWN_MAX
                is_unread = any(cell.fate is CellFate.NOT_READ for cell in cells)
                # Of worksheets that look alike, the same row is shown once.
                is_new = is_unread and self.region is not None and row not in unread_rows
                if is_first or (is_new and len(unread_rows) < UNREAD_ROWS_SHOWN_MAX):
                    yield ShownRow(grid.title, row + 1, cells)
                    if is_unread:
                        unread_rows.add(row)

    def row_offer(self, worksheet: str, number: int) -> "RowOffer | None":
        """Return a row to say something of; None where there is no such row."""
        for grid in self.group.grids:
            columns = grid.rows.get(number - 1)
            if grid.title == worksheet and columns:
                text = grid[number - 1, columns[0]].text
                before, mark, _ = text.partition(_BEFORE_NAME)
                line = f"{before}{mark}{{name}}" if mark else "{name}"
                return RowOffer(worksheet, number, text, len(columns) == 1, line)
        return None

    @cached_property
    def lone_rows(self) -> list[str]:
        """Texts of rows with one filled cell that are a thing, or that nothing reads."""
        texts: list[str] = []
        for grid in self.group.grids:
            fates = cell_fates(grid, self._checked.applied)
            labels = {label_key(label) for label in (self.region.pairs if self.region else ())}
            things = {row.place.row for row in self._rows_of(grid)}
            for row, columns in grid.rows.items():
                cell = grid[row, columns[0]]
                if len(columns) != 1 or cell.place is None or label_key(cell.text) in labels:
                    continue
                if row in things or fates[cell.place] is CellFate.NOT_READ:
                    texts.append(cell.text)
        return texts


@dataclass(frozen=True, slots=True)
class RowOffer:
    """A row that somebody looks at, to say what such rows are."""

    worksheet: str
    number: int
    text: str
    """Of its first filled cell."""
    is_lone: bool
    """It has no other filled cell."""
    line: str
    """How such lines look that name what the rows below belong to."""


@dataclass(frozen=True, slots=True)
class ColourOffer:
    """A fill of cells."""

    colour: str
    count: int
    example: str


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


def _meanings(records: Sequence[Record], header: str) -> Iterator[tuple[str, str]]:
    for record in records:
        kind = kind_of_columns(draft_of(record))
        for column, values in record.columns.items():
            for value in values:
                if _names(value, header) and not _is_labelled(value) and kind != CUSTOM:
                    yield kind, column


def _names(value: Value, header: str) -> bool:
    names = {normal(name) for part in value.with_parts for name in (part.column, part.pair) if name}
    return normal(header) in names and value.lookup is None


def _is_labelled(value: Value) -> bool:
    """Tell whether a note takes it with its header, so that it stays in the sheet's own words."""
    return value.wording != "{}"


def _keeps(record: Record, header: str) -> bool:
    if normal(header) in {normal(own) for own in record.own}:
        return True
    return any(
        _names(value, header) and (_is_labelled(value) or record.into == CUSTOM)
        for values in record.columns.values()
        for value in values
    )


def _unused_because(region: Region | None, header: str) -> str:
    unused = {} if region is None else region.unused
    return next((reason for name, reason in unused.items() if normal(name) == normal(header)), "")


# ---------------------------------------------------------------- words


@dataclass(frozen=True, slots=True, kw_only=True)
class WordOffer:
    """A word that a closed column has, and how often."""

    holds: Holds
    word: str
    means: str
    """What the layout says that it means; blank where it says nothing."""
    is_declared: bool
    count: int
    worksheets: tuple[str, ...]

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        return WORDS_OFFERED[self.holds]

    @property
    def about(self) -> str:
        return WORDS_ARE[self.holds]


def words_offered(layout: Layout, checked: CheckedLayout) -> list[WordOffer]:
    """Return words that mean nothing yet, and those that somebody said, once each."""
    counts: Counter[tuple[Holds, str]] = Counter()
    worksheets: dict[tuple[Holds, str], dict[str, None]] = defaultdict(dict)
    for row in checked.applied.rows:
        for column in () if row.kind == CUSTOM else columns_of(row.kind):
            text = row.cells.get(column.name, "")
            if column.holds in HOLDS_OF_WORDS and text and not is_word_read(column.holds, text):
                counts[column.holds, text] += 1
                worksheets[column.holds, text][row.worksheet] = None
    unread = [
        WordOffer(
            holds=holds,
            word=word,
            means="",
            is_declared=False,
            count=count,
            worksheets=tuple(worksheets[holds, word]),
        )
        for (holds, word), count in counts.items()
    ]
    declared = [
        WordOffer(holds=holds, word=word, means=means, is_declared=True, count=0, worksheets=())
        for (holds, word), means in _declared_words(layout).items()
    ]
    return [*unread, *declared]


def _declared_words(layout: Layout) -> dict[tuple[Holds, str], str]:
    words: dict[tuple[Holds, str], str] = {}
    for sheet in layout.sheets:
        for region in sheet.regions:
            for record in region.records:
                kind = kind_of_columns(draft_of(record))
                holds = {column.name: column.holds for column in columns_of(kind)}
                for name, values in record.columns.items():
                    for value in values:
                        for word, means in value.words.items() if value.column else ():
                            if holds.get(name) in HOLDS_OF_WORDS:
                                words[holds[name], word] = means
    return words


# ---------------------------------------------------------------- what a choice changes


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """What a choice makes of the things that are read, before it is saved."""

    gone: tuple[str, ...]
    """What some worksheets listed and do no longer, in sentences."""
    repeated: tuple[str, ...]
    """Things that would be there several times."""

    @property
    def is_to_be_confirmed(self) -> bool:
        return bool(self.gone or self.repeated)


def change_of(before: CheckedLayout, after: CheckedLayout) -> ReadingChange:
    """Return what is another kind, or there twice, by another layout."""
    gone: list[str] = []
    kinds_after = _kinds_by_worksheet(after)
    for worksheet, kinds in _kinds_by_worksheet(before).items():
        for kind, count in kinds.items():
            if not kinds_after.get(worksheet, Counter())[kind]:
                instead = counted_things(kinds_after.get(worksheet, {})) or "nothing"
                things = counted_things({kind: count})
                gone.append(f"“{worksheet}” has {things} now, and would have {instead} instead.")
    known = {f.text for f in before.findings if f.code is Unsettled.REPEATED}
    repeated = tuple(
        f.text for f in after.findings if f.code is Unsettled.REPEATED and f.text not in known
    )
    return ReadingChange(tuple(gone), repeated)


def _kinds_by_worksheet(checked: CheckedLayout) -> dict[str, Counter[str]]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        kinds[row.worksheet][row.kind] += 1
    return kinds
