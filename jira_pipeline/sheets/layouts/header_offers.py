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

from jira_pipeline.model.column_words import Topic, label_of, words_of
from jira_pipeline.model.columns import NOTE_COLUMNS, Holds, Role, columns_of, label_column_of
from jira_pipeline.sheets.layouts.applying import CanonicalRow
from jira_pipeline.sheets.layouts.choices import HeaderMeaning
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import (
    ditto_texts,
    header_of_region,
)
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Constant,
    Fill,
    Layout,
    MissingPart,
    Per,
    Record,
    Region,
    SheetTitle,
    Value,
)
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
from jira_pipeline.sheets.layouts.row_checks import (
    HOLDS_OF_WORDS,
    CheckedLayout,
    is_listed,
    is_word_read,
)
from jira_pipeline.sheets.layouts.row_rules import column_at, is_letter
from jira_pipeline.sheets.layouts.table_headers import TableHeader, first_shown_header, header_words
from jira_pipeline.sheets.layouts.table_shapes import (
    DISPLAY,
    FORM,
    TITLE,
    TRANSITION,
    OfferedShape,
    derived_cells,
    shape_of,
)
from jira_pipeline.sheets.layouts.texts import label_key, normal, normals
from jira_pipeline.sheets.layouts.worksheet_groups import (
    WorksheetGroup,
    missing_of_record,
)
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
    splits: tuple["SplitOffer", ...]
    """Two things that its cells may hold, one after the other."""
    others_with_it: int
    """Other worksheets with a header of this name."""
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
class SplitOffer:
    """How a cell says two things, each a part of it."""

    example: str
    label: str
    parts: tuple[HeaderMeaning, HeaderMeaning]
    """What each part means, as a choice says it."""


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
            names.append(TERMS)
        for name in names:
            words = words_of(kind, name)
            is_usual = words.is_usual and (kind, name) not in derived
            if is_outer and not is_of_label:
                is_usual = is_usual and words.topic is Topic.NAME
            # Labels of a form may be of either.
            if is_inner and ((is_of_label and not has_inner_labels) or describes_rows):
                is_usual = False
            # What nothing says yet is looked for among the headers.
            is_usual = is_usual or (kind, name) in missing
            yield ColumnChoice(kind, name, words.label, words.help), is_usual


def _groups(choices: Iterable[ColumnChoice]) -> list[ColumnGroup]:
    by_topic: dict[Topic, list[ColumnChoice]] = defaultdict(list)
    for choice in choices:
        by_topic[words_of(choice.kind, choice.column).topic].append(choice)
    return [ColumnGroup(topic.value, tuple(by_topic[topic])) for topic in Topic if by_topic[topic]]


def derived_columns(region: Region) -> AbstractSet[tuple[str, str]]:
    """Return kinds with their columns that take what another record of the row says: it is said once."""
    kinds = [record.into for record in region.records]
    return {(kinds[cell.record], cell.column) for cell in derived_cells(kinds)}


_PREFIX_MARKS = (":", "--", " / ", " – ", " - ")
"""Between the kind of a type and its name, where the kind comes first."""
_BRACKET = "("


def _splits_of(kind: str, column: str, text: str) -> Iterator[SplitOffer]:
    """Yield what the two parts of a cell below some column may be, where it has such parts."""
    if (kind, column) == (DISPLAY, "Display plugin"):
        yield from _splits_of_display(text)
    if kind == TRANSITION:
        yield from _splits_of_step(column, text)
    kind_column = {(BUNDLE, "Name"): "Type", (FIELD, "Bundle"): "Bundle type"}.get((kind, column))
    if kind_column is None:
        return
    if _BRACKET in text:
        first = HeaderMeaning(kind=kind, column=column, before=_BRACKET)
        second = HeaderMeaning(kind=kind, column=kind_column, after=_BRACKET, before=")")
        label = "In brackets after the name is the kind of type"
        yield SplitOffer(text, label, (first, second))
    for mark in _PREFIX_MARKS:
        if mark in text:
            name = HeaderMeaning(kind=kind, column=column, after=mark, lacking=MissingPart.WHOLE)
            prefix = HeaderMeaning(
                kind=kind, column=kind_column, before=mark, lacking=MissingPart.NOTHING
            )
            label = (
                f"Before “{mark.strip()}” is the kind of type, after it the name; a cell without it "
                "is a name"
            )
            yield SplitOffer(text, label, (name, prefix))


_ARROWS = ("→", "->", "=>")


def _splits_of_step(column: str, text: str) -> Iterator[SplitOffer]:
    """Yield the state that is after an arrow in the name of a step, and what is in brackets after a state."""
    if column in {"From state", "To state"} and _BRACKET in text[1:]:
        state = HeaderMeaning(kind=TRANSITION, column=column, before=_BRACKET)
        note = HeaderMeaning(kind=TRANSITION, column="Notes", after=_BRACKET, before=")")
        yield SplitOffer(text, "In brackets after the state is a note", (state, note))
    arrow = next((arrow for arrow in _ARROWS if arrow in text), None)
    if column == "Label" and arrow is not None:
        step = HeaderMeaning(kind=TRANSITION, column=column, before=arrow)
        state = HeaderMeaning(kind=TRANSITION, column="To state", after=arrow)
        label = "Before the arrow is the step, after it the state it leads to"
        yield SplitOffer(text, label, (step, state))


def _splits_of_display(text: str) -> Iterator[SplitOffer]:
    """Yield what is after a colon in the kind of a display: its address, or else what is shown."""
    before, colon, after = text.partition(": ")
    if not colon or not before or not after:
        return
    kind = HeaderMeaning(kind=DISPLAY, column="Display plugin", before=": ")
    is_address = after.strip().startswith("/")
    column = "Path or place" if is_address else "Shows"
    label = (
        f"Before the colon is the kind, after it {'the address' if is_address else 'what is shown'}"
    )
    yield SplitOffer(text, label, (kind, HeaderMeaning(kind=DISPLAY, column=column, after=": ")))


_BETWEEN_NAMES = (",", ";", "/", "|", " and ", " or ")
"""Between names, or choices, that a cell lists after the type of a field."""
_BEFORE_TARGETS = ((":", "the colon"), ("→", "the arrow"), ("->", "the arrow"))
"""Between the type of a field and what it refers to."""


def _names_in_text(text: str) -> list[str]:
    for between in _BETWEEN_NAMES:
        text = text.replace(between, "\n")
    return [name.strip() for name in text.split("\n") if name.strip()]


def _splits_of_types(texts: Sequence[str], names: AbstractSet[str]) -> Iterator[SplitOffer]:
    """Yield what is after a colon or an arrow in cells of field types, where that holds of all of them.

    In `entity_reference:media` it is the kind of what is referred to: the cell is one word. What
    names none of the `names` that the workbook lists is no reference, but perhaps choices.
    """
    for mark, words in _BEFORE_TARGETS:
        pairs = [
            text for text in texts if mark in text and not is_word_read(Holds.FIELD_TYPE, text)
        ]
        if not pairs:
            continue
        lists = [_names_in_text(text.partition(mark)[2]) for text in pairs]
        are_listed = {is_listed(name, names) for listed in lists for name in listed}
        before = HeaderMeaning(kind=FIELD, column="Field type", before=mark)
        if are_listed <= {True}:
            after = HeaderMeaning(kind=FIELD, column="Ref. bundle", after=mark)
            label = f"Before {words} is the type, after it what the field refers to"
            yield SplitOffer(pairs[0], label, (before, after))
        elif are_listed == {False} and all(len(listed) > 1 for listed in lists):
            after = HeaderMeaning(kind=FIELD, column="Allowed values", after=mark)
            label = f"Before {words} is the type, after it the choices"
            yield SplitOffer(pairs[0], label, (before, after))


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
        for record in self.region.records if self.region else ():
            column = {BUNDLE: "Type", FIELD: "Bundle type"}.get(record.into, "")
            for value in record.columns.get(column, ()):
                if isinstance(value.source, SheetTitle):
                    return TITLE
                if isinstance(value.source, Constant):
                    return value.source.text
        return ""

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
        if self.region is None or not self.region.is_without_header:
            return None
        rows = [row.place.row for row in self.rows_of(self.group.grids[0])]
        return min(rows, default=next(iter(self.group.grids[0].rows), 0))

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
        if self._header is None:
            letters = dict.fromkeys(filter(is_letter, self._names_in_region))
            offers += [self._offer(name, column_at(name, {})) for name in letters]
        labels = [self._offer_of_label(label) for label in self.region.pairs]
        return [*labels, *offers] if self.region.is_form else [*offers, *labels]

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
        return HeaderOffer(
            name=cells.name,
            is_label=cells.is_label,
            is_mark=self._is_mark(cells),
            meanings=tuple(
                meaning
                for meaning in dict.fromkeys(meanings_of(records, cells))
                if meaning not in self._derived
            ),
            is_kept=any(keeps_in_its_words(record, cells) for record in records),
            unused_because=_unused_because(region, cells),
            samples=samples,
            blank_count=blank_count,
            dittos=tuple(self._dittos(cells, texts)),
            fill=_fill_of(region, cells),
            merged_count=merged_count,
            splits=tuple(self._splits(cells, texts)),
            others_with_it=len(others),
            is_declared_elsewhere=any(_is_declared(region, cells) for region in others),
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
        """Yield what the cells below a header may hold beside what it means."""
        records = self.region.records if self.region else ()
        meanings = [*meanings_of(records, cells)]
        said_columns = {(record.into, name) for record in records for name in record.columns}
        labels = set[str]()
        for kind, column in meanings:
            offers = [split for text in texts for split in _splits_of(kind, column, text)]
            if (kind, column) == (FIELD, "Field type"):
                offers += _splits_of_types([*dict.fromkeys(texts)], self._names_of_types)
            for split in offers:
                second = split.parts[1].column
                is_said = second not in NOTE_COLUMNS and (kind, second) in said_columns
                if not is_said and split.label not in labels:
                    labels.add(split.label)
                    yield split

    @cached_property
    def _names_of_types(self) -> AbstractSet[str]:
        """What the workbook lists that a field may refer to, as names are compared."""
        names: set[str] = set()
        for row in self.checked.applied.rows:
            if row.kind == BUNDLE:
                names |= {normal(row.cells.get(name, "")) for name in ("Name", "Machine name")}
        return names - {""}

    def _others_with(self, cells: NamedCells) -> list[Region]:
        """Return the tables of other worksheets that have a header of this name."""
        others: list[Region] = []
        for sheet in self._layout.sheets:
            # The letters of columns are the same everywhere, and say nothing.
            if sheet is self.group.sheet or is_letter(cells.name):
                continue
            others += [region for region in sheet.regions if cells.are_among(cells_of(region))]
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
                if value.wording == TERMS_WORDING:
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
        _names(value, cells) and (_is_labelled(value) or record.into == CUSTOM)
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
