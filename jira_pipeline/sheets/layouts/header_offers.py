"""What a page offers about the headers of a worksheet: samples of cells, what they become, what to choose.

Belongs here: what each header means now, and the columns it may mean. Does not: rows (`row_offers`),
words (`word_offers`), what a choice makes of a layout (`choices_applied`).
"""

from collections import defaultdict
from collections.abc import (
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set as AbstractSet,
)
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from jira_pipeline.drupal.column_words import Topic, label_of, words_of
from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.model.columns import NOTE_COLUMNS, Role
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import ditto_texts, header_of_region
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Constant,
    Fill,
    Layout,
    Per,
    Record,
    Region,
    SheetLayout,
    SheetTitle,
    Value,
)
from jira_pipeline.sheets.layouts.listed_fields import ListedFieldsOffer, listed_fields_offer
from jira_pipeline.sheets.layouts.mark_choices import field_of_components, workflow_of_steps
from jira_pipeline.sheets.layouts.mark_grid_offers import name_in_quotes
from jira_pipeline.sheets.layouts.mark_offers import MarkOffer, mark_offers
from jira_pipeline.sheets.layouts.matrix_choices import lists_rows
from jira_pipeline.sheets.layouts.matrix_offers import MatrixReading, matrix_reading
from jira_pipeline.sheets.layouts.named_cells import NamedCells, cells_of
from jira_pipeline.sheets.layouts.record_drafts import (
    BUNDLE,
    FIELD,
    TERMS,
    TERMS_WORDING,
    kind_of_record,
    note_column,
)
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS, CheckedLayout
from jira_pipeline.sheets.layouts.row_rules import column_at, is_letter
from jira_pipeline.sheets.layouts.split_offers import SplitOffer, splits_of_names, splits_of_types
from jira_pipeline.sheets.layouts.table_headers import (
    TableHeader,
    first_shown_header,
    first_shown_row,
    header_words,
)
from jira_pipeline.sheets.layouts.table_shapes import (
    FORM,
    LINES_OF_TEXT,
    SHAPES_OF_TERMS,
    OfferedShape,
    Shape,
    derived_cells,
    shape_of,
    type_of_all,
)
from jira_pipeline.sheets.layouts.term_shapes import NAMES_OF_PARTS, PARTS_OF_TERMS
from jira_pipeline.sheets.layouts.texts import label_key, normal, normals
from jira_pipeline.sheets.layouts.worksheet_groups import WorksheetGroup, missing_of_record
from jira_pipeline.sheets.reading.cells import is_ditto

SAMPLES_MAX = 3
KEPT = "keep"
"""In a select: a header is kept as a note, in the words of the sheet."""
UNUSED = "unused"
"""In a select: a header is ignored."""


@dataclass(frozen=True, slots=True)
class Becomes:
    """What a cell is in the specification."""

    kind: str
    column: str
    text: str

    @property
    def label(self) -> str:
        """Its plain name; a header that is kept is a note with that name."""
        names = {column.name for column in columns_of(self.kind)}
        if self.kind != CUSTOM and self.column not in names:
            return f"Note “{self.column}”"
        return label_of(self.kind, self.column)


@dataclass(frozen=True, slots=True)
class Sample:
    """A cell, and what becomes of it."""

    text: str
    becomes: tuple[Becomes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderOffer:
    """A header, or a label beside a value, with what it means and some of its cells."""

    name: str
    is_label: bool
    is_mark: bool
    """Of a matrix: marks are below it, so that it means no column."""
    meanings: tuple[tuple[str, str], ...]
    """Kind and column of each."""
    is_kept: bool
    """It stays in the sheet's own words."""
    unused_because: str
    samples: tuple[Sample, ...]
    blank_count: int
    """Rows of things in which its cell is blank."""
    dittos: tuple[str, ...]
    """Cells that look as if they meant the one above, and nobody said so."""
    fill: Fill | None
    merged_count: int
    """Cells below it that are merged with those of rows below them."""
    splits: tuple[SplitOffer, ...]
    """Two things that its cells may hold, one after the other."""
    listed_fields: ListedFieldsOffer | None
    """What the lines of its cells would be, if each is a field."""
    others_with_it: int
    """Other worksheets with a header of this name, which may mean there what it does here."""
    is_declared_elsewhere: bool
    """One of these says already what it means, or that it is ignored: a note says nothing of it."""

    @property
    def words(self) -> str:
        """What people call it: a column without a header by its letter."""
        return header_words(self.name)

    @property
    def may_be_above(self) -> bool:
        """A blank cell of it may mean the one above: it says what a row is, or one of a few words."""
        columns = {
            (kind, column.name): column for kind, _ in self.meanings for column in columns_of(kind)
        }
        named = [columns[meaning] for meaning in self.meanings if meaning in columns]
        return any(
            column.role in {Role.LABEL, Role.OWNER, Role.KEY} or column.holds in HOLDS_OF_WORDS
            for column in named
        )

    @property
    def is_read(self) -> bool:
        return bool(self.is_mark or self.meanings or self.is_kept or self.unused_because)

    @property
    def value(self) -> str:
        """What a select shows as chosen."""
        if self.meanings:
            return "|".join(self.meanings[0])
        return KEPT if self.is_kept else UNUSED if self.unused_because else ""


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


def column_groups(
    region: Region, *, is_of_label: bool = False, shown: Collection[tuple[str, str]] = ()
) -> list[ColumnGroup]:
    """Return the columns that a header of a region usually means, by what they are about.

    `is_of_label` is of a label beside its value, which describes what the rows of the table belong to.
    `shown` are columns that are among them whether they are usual or not.
    """
    return _groups(
        choice
        for choice, is_usual in _columns_of_region(region, is_of_label=is_of_label)
        if is_usual or (choice.kind, choice.column) in shown
    )


def further_column_groups(
    region: Region, *, is_of_label: bool = False, shown: Collection[tuple[str, str]] = ()
) -> list[ColumnGroup]:
    """Return the columns that a header of a region seldom means, by what they are about."""
    return _groups(
        choice
        for choice, is_usual in _columns_of_region(region, is_of_label=is_of_label)
        if not is_usual and (choice.kind, choice.column) not in shown
    )


def _columns_of_region(region: Region, *, is_of_label: bool) -> Iterator[tuple[ColumnChoice, bool]]:
    """Yield the columns of what a region lists, each with whether a header usually means it.

    Where a row lists two things, headers are mostly of the inner one, and labels of the outer one.
    """
    kinds = tuple(dict.fromkeys(kind_of_record(record) for record in region.records))
    kinds = tuple(kind for kind in kinds if kind not in {CUSTOM, HELPER})
    derived = derived_columns(region)
    is_of_terms = any(record.per is Per.TERM for record in region.records)
    # What is beside the marks of a matrix describes its rows, where these are what it lists.
    describes_rows = region.marks is not None and lists_rows(region, kinds[0]) if kinds else False
    has_inner_labels = any(record.per is Per.LABEL for record in region.records)
    missing: set[tuple[str, str]] = set()
    for record in region.records:
        missing |= {(kind_of_record(record), name) for name in missing_of_record(record)}
    for kind in kinds:
        is_outer = len(kinds) > 1 and kind == kinds[0] and not describes_rows
        is_inner = len(kinds) > 1 and kind != kinds[0]
        names = [column.name for column in columns_of(kind)]
        if kind == BUNDLE:
            names += PARTS_OF_TERMS if is_of_terms else [TERMS]
        for name in names:
            words = words_of(kind, name)
            is_usual = words.is_usual and (kind, name) not in derived
            if is_of_terms:
                is_usual = name in _USUAL_OF_TERMS
            if is_outer and not is_of_label:
                is_usual = is_usual and words.topic is Topic.NAME
            # Labels of a form may be of either.
            if is_inner and ((is_of_label and not has_inner_labels) or describes_rows):
                is_usual = False
            # What nothing says yet is looked for among the headers.
            is_usual = is_usual or (kind, name) in missing
            yield ColumnChoice(kind, name, words.label, words.help), is_usual


_USUAL_OF_TERMS = frozenset({"Name", "Machine name", "Description", *PARTS_OF_TERMS})
"""What a header of a list of words usually means."""


def _groups(choices: Iterable[ColumnChoice]) -> list[ColumnGroup]:
    by_topic: dict[Topic, list[ColumnChoice]] = defaultdict(list)
    for choice in choices:
        by_topic[words_of(choice.kind, choice.column).topic].append(choice)
    return [ColumnGroup(topic.value, tuple(by_topic[topic])) for topic in Topic if by_topic[topic]]


def derived_columns(region: Region) -> AbstractSet[tuple[str, str]]:
    """Return kinds with their columns that take what another record of the row says: it is said once."""
    kinds = [record.into for record in region.records]
    return {(kinds[cell.record], cell.column) for cell in derived_cells(kinds)}


def tables_of_group(
    group: WorksheetGroup, layout: Layout, checked: CheckedLayout
) -> list["HeaderReading"]:
    """Return the tables of worksheets that look alike, one where nobody said yet what they list."""
    regions: Sequence[Region | None] = () if group.sheet is None else group.sheet.regions
    return [HeaderReading(group, layout, checked, region=region) for region in (regions or (None,))]


class HeaderReading:
    """What a layout makes of the headers of a table, in some worksheets that look alike."""

    def __init__(
        self,
        group: WorksheetGroup,
        layout: Layout,
        checked: CheckedLayout,
        *,
        region: Region | None,
    ) -> None:
        self.group = group
        self.region = region
        """The table; none where nobody said yet what the worksheets list."""
        self._layout = layout
        self.checked = checked

    @cached_property
    def shape(self) -> OfferedShape | None:
        """What the table lists, of what is offered."""
        return None if self.region is None else shape_of(self.region)

    @property
    def shape_value(self) -> str:
        """What the table lists, as a list of choices has it; blank where it is none of them."""
        if self.region is None or self.shape is None:
            return ""
        return f"{FORM if self.region.is_form else ''}{self.shape.shape.value}"

    @cached_property
    def bundle_type(self) -> str:
        """The type of all types that it lists, as a choice says it; blank where a column says it."""
        return "" if self.region is None else type_of_all(self.region)

    @cached_property
    def missing(self) -> list[ColumnChoice]:
        """Columns that its things need, and that nothing says."""
        choices: list[ColumnChoice] = []
        kinds: set[str] = set()
        for record in self.region.records if self.region else ():
            kind = kind_of_record(record)
            if kind in kinds and record.per is Per.MARK and record.same_by:
                continue  # it says more of what an earlier record lists
            kinds.add(kind)
            for name in missing_of_record(record):
                choices.append(ColumnChoice(kind, name, label_of(kind, name), ""))
        return [*dict.fromkeys(choices)]

    @cached_property
    def proposed_name(self) -> Mapping[str, str]:
        """What the first header is shown as, where no header says what the things are called yet.

        Nothing is read so before somebody saves it.
        """
        first = next((header for header in self.headers if not header.is_label), None)
        is_form = self.region is not None and self.region.is_form
        if first is None or first.is_mark or is_form:
            return {}
        for lacking in self.missing:
            # Where no header is known, the first of them is read as a note.
            says_nothing_more = {"", KEPT, f"{lacking.kind}|{note_column(lacking.kind)}"}
            if lacking.column == label_column_of(lacking.kind) and first.value in says_nothing_more:
                return {first.name: lacking.value}
        return {}

    @property
    def has_known_headers(self) -> bool:
        """Some of its headers mean a column: by the dictionary, or because somebody said so."""
        return any(header.meanings and header.value != KEPT for header in self.headers)

    @property
    def names_row(self) -> int | None:
        """The row with the headers, or the first that looks like one while nobody has said it.

        Of a table without a header it is the first of its rows.
        """
        if self._header is not None:
            return self._header.span.names_row
        if self.is_below_names:
            return first_shown_row(self.group.grids[0])
        if self.region is None or not self.region.is_without_header:
            return None
        rows = [row.place.row for row in self.rows_of(self.group.grids[0])]
        return min(rows, default=next(iter(self.group.grids[0].rows), 0))

    @property
    def is_below_names(self) -> bool:
        """It is of lists below their names, whose columns have no headers."""
        return self.shape is not None and self.shape.shape is Shape.TERMS_BELOW

    @cached_property
    def _header(self) -> TableHeader | None:
        """The header in the first of the worksheets."""
        first = self.group.grids[0]
        return (
            first_shown_header(first)
            if self.region is None
            else header_of_region(self.region, first)
        )

    @cached_property
    def is_header_gone(self) -> bool:
        """The table is found by its header, and none of the worksheets has that any more."""
        if self.region is None or not self.region.header:
            return False
        return not any(header_of_region(self.region, grid) for grid in self.group.grids)

    @cached_property
    def becomes(self) -> Mapping[tuple[str, int, int], tuple[Becomes, ...]]:
        """What each cell is in the specification, by worksheet, row and column."""
        titles = set(self.group.titles)
        becomes: dict[tuple[str, int, int], list[Becomes]] = defaultdict(list)
        derived = self._derived
        for row in self.checked.applied.rows:
            for column, text in row.cells.items():
                for source in row.copied_from.cells(column):
                    if source.sheet in titles and (row.kind, column) not in derived:
                        place = (source.sheet, source.row, source.column)
                        becomes[place].append(Becomes(row.kind, column, text))
        return {place: tuple(dict.fromkeys(of_cell)) for place, of_cell in becomes.items()}

    @cached_property
    def _derived(self) -> AbstractSet[tuple[str, str]]:
        return frozenset() if self.region is None else derived_columns(self.region)

    @cached_property
    def headers(self) -> list[HeaderOffer]:
        """The headers of the table, then the labels beside values above it."""
        columns = self._header.columns if self._header else ()
        offers = [self._offer(column.name, column.column) for column in columns]
        if self.region is None:
            return offers
        is_text = self.shape is not None and self.shape.shape in LINES_OF_TEXT
        if not is_text and (self._header is None or self.region.marks is None):
            # remarks beside a table, and columns of one that has no header
            letters = dict.fromkeys(filter(is_letter, self._names_in_region))
            offers += [self._offer(name, column_at(name, {})) for name in letters]
        labels = [self._offer_of_label(label) for label in self.region.pairs]
        if self.region.is_form:
            return [*labels, *offers]
        return [*offers, *labels]

    @property
    def _names_in_region(self) -> Iterator[str]:
        for cells in cells_of(self.region) if self.region else ():
            if not cells.is_label:
                yield cells.name

    def _offer(self, name: str, column: int) -> HeaderOffer:
        end_of_header = self._header.span.rows.stop if self._header else 0
        samples: dict[str, Sample] = {}
        cells: list[str] = []
        blank_count = 0
        merged_count = 0
        for grid in self.group.grids:
            merged_count += _merges_down(grid, column, below=end_of_header)
            places = {row.place.row for row in self.rows_of(grid)}
            for row, texts in grid.texts_by_row.items():
                if grid is self.group.grids[0] and row < end_of_header:
                    continue
                text = texts.get(column, "")
                if row in places and text:
                    cells.append(text)
                if row in places and not text:
                    blank_count += 1
                if (row in places or self.region is None) and text and len(samples) < SAMPLES_MAX:
                    becomes = self.becomes.get((grid.title, row, column), ())
                    samples.setdefault(text, Sample(text, becomes))
        return self._header_offer(
            NamedCells(name),
            tuple(samples.values()),
            blank_count,
            merged_count=merged_count,
            texts=cells,
        )

    def _offer_of_label(self, label: str) -> HeaderOffer:
        samples: dict[str, Sample] = {}
        values: list[str] = []
        for grid in self.group.grids:
            for row, texts in grid.texts_by_row.items():
                cells = list(texts.items())
                if len(cells) > 1 and label_key(cells[0][1]) == label_key(label):
                    column, text = cells[1]
                    values.append(text)
                    becomes = self.becomes.get((grid.title, row, column), ())
                    if len(samples) < SAMPLES_MAX:
                        samples.setdefault(text, Sample(text, becomes))
        cells_of_label = NamedCells(label, is_label=True)
        return self._header_offer(cells_of_label, tuple(samples.values()), 0, texts=values)

    def rows_of(self, grid: Grid) -> Sequence[CanonicalRow]:
        """Return what the table makes of a worksheet."""
        return self._rows_by_worksheet.get(grid.title, ())

    @cached_property
    def _rows_by_worksheet(self) -> Mapping[str, Sequence[CanonicalRow]]:
        """What the table makes of each worksheet: gathered once, and asked for by every header."""
        records = {id(record) for record in (self.region.records if self.region else ())}
        rows: dict[str, list[CanonicalRow]] = defaultdict(list)
        for row in self.checked.applied.rows:
            if id(row.record) in records:
                rows[row.worksheet].append(row)
        return rows

    def _header_offer(
        self,
        cells: NamedCells,
        samples: tuple[Sample, ...],
        blank_count: int,
        *,
        merged_count: int = 0,
        texts: Sequence[str],
    ) -> HeaderOffer:
        region = self.region
        records = region.records if region else ()
        others = self._others_with(cells)
        all_meanings = dict.fromkeys(meanings_of(records, cells))
        meanings = tuple(meaning for meaning in all_meanings if meaning not in self._derived)
        is_kept = any(keeps_in_its_words(record, cells) for record in records)
        return HeaderOffer(
            name=cells.name,
            is_label=cells.is_label,
            is_mark=self._is_mark(cells),
            meanings=meanings,
            is_kept=is_kept,
            unused_because=_unused_because(region, cells),
            samples=samples,
            blank_count=blank_count,
            dittos=tuple(self._dittos(cells, texts)),
            fill=_fill_of(region, cells),
            merged_count=merged_count,
            splits=tuple(self._splits(cells, texts)),
            listed_fields=self._listed_fields(cells, texts, meanings),
            others_with_it=len(others),
            is_declared_elsewhere=any(
                _is_declared(region, cells) for sheet in others for region in sheet.regions
            ),
        )

    def choices_of(self, header: HeaderOffer) -> list[ColumnGroup]:
        """Return what a header may mean: what such headers usually do, and what it does now."""
        if self.region is None:
            return []
        return column_groups(self.region, is_of_label=header.is_label, shown=header.meanings)

    def further_choices_of(self, header: HeaderOffer) -> list[ColumnGroup]:
        """Return what a header may mean, too, and seldom does."""
        if self.region is None:
            return []
        return further_column_groups(
            self.region, is_of_label=header.is_label, shown=header.meanings
        )

    def _is_mark(self, cells: NamedCells) -> bool:
        return self.region is not None and cells.are_marked_in(self.region)

    @cached_property
    def marks(self) -> list[MarkOffer]:
        """The different marks of a matrix."""
        return mark_offers(self.region, self.group.grids, self.checked.applied.uses)

    def _dittos(self, cells: NamedCells, texts: Sequence[str]) -> Iterator[str]:
        values = self.region.all_values if self.region else ()
        taking = [value for value in values if cells.are_of(value)]
        said_texts = normals(ditto_texts(self.region, cells)) if self.region else frozenset()
        for text in dict.fromkeys(texts):
            is_said = normal(text) in said_texts or any(
                value.counts_as_blank(text) for value in taking
            )
            if is_ditto(text) and not is_said:
                yield text

    def _splits(self, cells: NamedCells, texts: Sequence[str]) -> Iterator[SplitOffer]:
        """Yield what the cells below a header may hold beside what it means.

        Lines that are fields each have their own parts.
        """
        records = self.region.records if self.region else ()
        if any(value.listed for value in self._values_of(cells)):
            return
        meanings = [*meanings_of(records, cells)]
        said_columns = {(record.into, name) for record in records for name in record.columns}
        labels = set[str]()
        for kind, column in meanings:
            offers = [*splits_of_names(kind, column, texts)]
            if (kind, column) == (FIELD, "Field type"):
                offers += splits_of_types([*dict.fromkeys(texts)], self._names_of_types)
            for split in offers:
                second = split.parts[1].column
                is_said = second not in NOTE_COLUMNS and (kind, second) in said_columns
                if not is_said and split.label not in labels:
                    labels.add(split.label)
                    yield split

    def _listed_fields(
        self, cells: NamedCells, texts: Sequence[str], meanings: Sequence[tuple[str, str]]
    ) -> ListedFieldsOffer | None:
        """Return what the lines of some cells would be as fields, unless nobody wants to read them."""
        if self.region is None or _unused_because(self.region, cells):
            return None
        return listed_fields_offer(self.region, cells, texts, meanings)

    def _values_of(self, cells: NamedCells) -> list[Value]:
        values = self.region.all_values if self.region else ()
        return [value for value in values if cells.are_taken_by(value)]

    @cached_property
    def _names_of_types(self) -> AbstractSet[str]:
        """What the workbook lists that a field may refer to, as names are compared."""
        names: set[str] = set()
        for row in self.checked.applied.rows:
            if row.kind == BUNDLE:
                names |= {normal(row.cells.get(name, "")) for name in ("Name", "Machine name")}
        return names - {""}

    def _others_with(self, cells: NamedCells) -> list[SheetLayout]:
        """Return other worksheets with a header of this name that may mean there what it does here."""
        # The letters of columns are the same everywhere, and say nothing.
        if self.region is None or is_letter(cells.name):
            return []
        kinds = _kinds_of(self.region)
        others: list[SheetLayout] = []
        for sheet in self._layout.sheets:
            if sheet is self.group.sheet or sheet.ignore is not None:
                continue
            for region in sheet.regions:
                is_named = cells.are_among(cells_of(region)) and not cells.are_marked_in(region)
                # What lists other things has no column for it, and stays as it is.
                if is_named and kinds & _kinds_of(region):
                    others.append(sheet)
                    break
        return others

    @cached_property
    def constants(self) -> list[Becomes]:
        """What the layout says of all things without any cell that says it."""
        constants: list[Becomes] = []
        for record in self.region.records if self.region else ():
            for column, values in record.columns.items():
                if (record.into, column) in self._derived:
                    continue
                for value in values:
                    if isinstance(value.source, Constant) and value.source.text:
                        constants.append(Becomes(record.into, column, value.source.text))
                    elif isinstance(value.source, SheetTitle):
                        constants.append(Becomes(record.into, column, "the name of the worksheet"))
        return constants

    @cached_property
    def has_rows_below_blank(self) -> bool:
        """Its rows go on below a blank one, where another table may begin."""
        for grid in self.group.grids:
            rows = sorted({row.place.row for row in self.rows_of(grid)})
            for before, after in pairwise(rows):
                if after > before + 1 and before + 1 not in grid.rows:
                    return True
        return False

    @cached_property
    def matrix(self) -> MatrixReading | None:
        """What is said of it as a matrix, and what more may be; None where it is none."""
        return matrix_reading(self.region, self.checked, self.group.grids)

    @property
    def called(self) -> str:
        """What its workflow, or the field of its components, is called, or may be: in quotes above it."""
        if self.region is not None and self.region.marks is not None:
            stated = field_of_components(self.region) or workflow_of_steps(self.region)
            if stated and stated != self.group.title:
                return stated
        return name_in_quotes(self.group.grids[0], self.names_row or 0)

    @property
    def lists_words(self) -> bool:
        """It is of lists of words that editors choose from."""
        return self.shape is not None and self.shape.shape in SHAPES_OF_TERMS

    @property
    def is_matrix(self) -> bool:
        """Its headers name things, so that none of them means a column."""
        return self.region is not None and self.region.marks is not None


def _merges_down(grid: Grid, column: int, *, below: int) -> int:
    """Return how many cells of a column are merged with those right below them, from a row on."""
    count = 0
    for merge in grid.merges:
        is_of_column = merge.first.column == merge.last.column == column
        count += is_of_column and merge.first.row >= below and merge.last.row > merge.first.row
    return count


def _fill_of(region: Region | None, cells: NamedCells) -> Fill | None:
    """Return what a blank cell below a header means, where all that is taken of it agrees."""
    fills: set[Fill] = set()
    for value in region.all_values if region else ():
        if value.fill and cells.are_of(value):
            fills.add(value.fill)
    return fills.pop() if len(fills) == 1 else None


def _kinds_of(region: Region) -> AbstractSet[str]:
    """Return the kinds of things that a table lists, which have columns for its headers."""
    return {kind_of_record(record) for record in region.records} - {CUSTOM, HELPER}


def _is_declared(region: Region, cells: NamedCells) -> bool:
    """Tell whether cells mean a column in a table, or are left out there."""
    return any(True for _ in meanings_of(region.records, cells)) or bool(
        _unused_because(region, cells)
    )


def meanings_of(records: Sequence[Record], cells: NamedCells) -> Iterator[tuple[str, str]]:
    """Yield the columns that cells mean, each with its kind."""
    for record in records:
        kind = kind_of_record(record)
        for column, values in record.columns.items():
            for value in values:
                if not _names(value, cells) or kind == CUSTOM:
                    continue
                if value.term is not None:
                    yield kind, NAMES_OF_PARTS[value.term]
                elif value.wording == TERMS_WORDING:
                    yield kind, TERMS
                elif not _is_labelled(value):
                    yield kind, column


def _names(value: Value, cells: NamedCells) -> bool:
    return cells.are_taken_by(value) and value.lookup is None and not value.only_words


def _is_labelled(value: Value) -> bool:
    """Tell whether a note takes it with its header, so that it stays in the sheet's own words."""
    return value.wording not in {"{}", TERMS_WORDING}


def keeps_in_its_words(record: Record, cells: NamedCells) -> bool:
    if not cells.is_label and cells.key in set(map(normal, record.own)):
        return True
    return any(
        _names(value, cells)
        and value.term is None
        and (_is_labelled(value) or record.into == CUSTOM)
        for values in record.columns.values()
        for value in values
    )


def _unused_because(region: Region | None, cells: NamedCells) -> str:
    if region is None or cells.are_taken_in(region):
        return ""
    for name, reason in region.unused.items():
        if NamedCells(name, cells.is_label).key == cells.key:
            return reason
    return ""
