"""What of canonical rows cannot be right: words that mean nothing, gaps, repeats, names of nothing.

Belongs here: what shows that a column is mapped wrongly. Does not: cells that nobody reads
(`coverage`), the findings of entities (`reading/row_findings`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.drupal.columns import columns_of, label_column_of, owner_column_of
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.sheets.layouts.applying import Applied, CanonicalRow, apply_layout
from jira_pipeline.sheets.layouts.codes import CODE_COLUMNS
from jira_pipeline.sheets.layouts.coverage import (
    LayoutFinding,
    Unsettled,
    coverage_findings,
    without_accepted,
)
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import CUSTOM, HELPER, Layout, Per
from jira_pipeline.sheets.layouts.table_headers import COLUMNS_MIN, has_fill_of_header
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.cells import (
    count_spelled,
    display_kind,
    field_type_letters,
    flag_spelled,
    says_nothing,
    status_spelled,
)
from jira_pipeline.sheets.reading.labels import bundle_type_of, is_wildcard
from jira_pipeline.sheets.reading.sheet_kinds import without_remark
from jira_pipeline.sheets.reading.translations import plain_letters

_MACHINE_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_KEY_COLUMNS = ("Bundle type", "Type", MACHINE_NAME_COLUMN)
"""With label and owner they tell rows of a kind apart."""


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """What cells of a column may say."""

    description: str
    reads: Callable[[str], bool]


_CLOSED_SETS: Mapping[Holds, ClosedSet] = {
    Holds.FLAG: ClosedSet("y or n", lambda text: flag_spelled(text) is not None),
    Holds.STATUS: ClosedSet("a, c, x, w or d", lambda text: status_spelled(text) is not None),
    Holds.BUNDLE_TYPE: ClosedSet("a type of bundle", lambda text: bundle_type_of(text) is not None),
    Holds.FIELD_TYPE: ClosedSet(
        "a field type", lambda text: plain_letters(without_remark(text)) in field_type_letters()
    ),
    Holds.COUNT: ClosedSet("a number or *", lambda text: count_spelled(text) is not None),
    Holds.MACHINE_NAME: ClosedSet(
        "a machine name", lambda text: bool(text) and {*text} <= _MACHINE_NAME_LETTERS
    ),
    Holds.DISPLAY_PLUGIN: ClosedSet(
        "a kind of display", lambda text: display_kind(text) is not None
    ),
}
HOLDS_OF_WORDS = frozenset(_CLOSED_SETS) - {Holds.MACHINE_NAME}
"""What cells hold that say one of a few words."""


def is_word_read(holds: Holds, text: str) -> bool:
    """Tell whether a cell of a closed set says something of it, or that it says nothing."""
    closed_set = _CLOSED_SETS.get(holds)
    return closed_set is None or says_nothing(text) or closed_set.reads(text)


def closed_set_of(holds: Holds) -> ClosedSet | None:
    """Return what cells of a sort may say; None where they may say anything."""
    return _CLOSED_SETS.get(holds)


@dataclass(frozen=True, slots=True)
class CheckedLayout:
    """What a layout makes of worksheets, and what is left to settle."""

    applied: Applied
    findings: tuple[LayoutFinding, ...]


def apply_and_check(layout: Layout, grids: Sequence[Grid]) -> CheckedLayout:
    """Apply a layout, and name all that whoever confirms it has to settle."""
    return check_applied(apply_layout(layout, grids), layout, grids)


def check_applied(
    applied: Applied,
    layout: Layout,
    grids: Sequence[Grid],
    *,
    others: AbstractSet[str] = frozenset(),
) -> CheckedLayout:
    """Name all that whoever confirms a layout has to settle; `others` are worksheets not looked at."""
    looked_at = [grid for grid in grids if grid.title not in others]
    rows = [row for row in applied.rows if row.worksheet not in others]
    findings = (
        *coverage_findings(layout, applied, looked_at),
        *_names_not_found(applied),
        *_differing_cells(applied),
        *_lone_texts(rows),
        *_unread_words(rows),
        *_columns_unsaid(rows),
        *_owners_blank(rows),
        *_headers_among_rows(rows, looked_at),
        *_blank_cells(rows),
        *(_dangling_references(rows, applied.rows) if rows else ()),
        *_repeated_rows(rows),
    )
    return CheckedLayout(applied, tuple(without_accepted(findings, layout.accepted)))


def _row_finding(row: CanonicalRow, code: Unsettled, text: str) -> LayoutFinding:
    return LayoutFinding(code=code, worksheet=row.worksheet, place=row.place, text=text)


def _names_not_found(applied: Applied) -> Iterator[LayoutFinding]:
    for missed in applied.missed:
        by = ", ".join(missed.lookup.by)
        what = f"{missed.lookup.kind} (or several)"
        cell = missed.piece.cell
        yield LayoutFinding(
            code=Unsettled.NAME_NOT_FOUND,
            worksheet=cell.worksheet if cell.place is not None else missed.draft.worksheet,
            place=cell.place or missed.draft.place,
            column=missed.column,
            kind=missed.draft.kind,
            text=f"{missed.column}: no {what} has “{missed.piece.text}” in {by}",
        )


def _differing_cells(applied: Applied) -> Iterator[LayoutFinding]:
    for cell in applied.differing:
        yield LayoutFinding(
            code=Unsettled.CELL_DIFFERS,
            worksheet=cell.draft.worksheet,
            place=cell.draft.place,
            column=cell.column,
            kind=cell.draft.kind,
            text=f"{cell.column}: “{cell.text}” is not what an earlier row of the same "
            f"{_thing_word(cell.draft.kind)} says, and is not taken",
        )


def _thing_word(kind: str) -> str:
    """Return what people call a thing of a kind."""
    if kind in {CUSTOM, HELPER}:
        return "thing"
    return SHEET_NAMES[EntityKind(kind)].replace("bundles", "types").removesuffix("s")


def _lone_texts(rows: Sequence[CanonicalRow]) -> Iterator[LayoutFinding]:
    """Name rows that say one thing where the others of their table say more: a sentence beside them."""
    texts_by_table: dict[tuple[str, int], list[tuple[CanonicalRow, AbstractSet[str]]]] = (
        defaultdict(list)
    )
    for row in rows:
        if row.record.per is Per.COLUMN:
            continue  # what columns name is all in one row, the header
        table = (row.worksheet, id(row.record))
        texts_by_table[table].append((row, _texts_of_its_row(row)))
    for texts in texts_by_table.values():
        cell_count = sum(len(texts_of_row) for _, texts_of_row in texts)
        if len(texts) == 1 or cell_count <= 2 * len(texts):
            continue
        for row, texts_of_row in texts:
            if len(texts_of_row) == 1:
                text = f"it says nothing but “{next(iter(texts_of_row))}”"
                yield _row_finding(row, Unsettled.LONE_TEXT, text)


def _texts_of_its_row(row: CanonicalRow) -> AbstractSet[str]:
    """Return the different cells that were copied from the row that it is of, as they are in it."""
    return {
        text
        for column, text in row.cells.items()
        if text and any(source.row == row.place.row for source in row.copied_from.cells(column))
    }


def _unread_words(rows: Sequence[CanonicalRow]) -> Iterator[LayoutFinding]:
    """Name cells of closed sets that mean nothing, once each word."""
    rows_by_word: dict[tuple[str, str, ClosedSet], list[CanonicalRow]] = defaultdict(list)
    for row in rows:
        if row.kind == CUSTOM:
            continue
        for column in columns_of(row.kind):
            text = row.cells.get(column.name, "")
            closed_set = closed_set_of(column.holds)
            if closed_set is None or not text or is_word_read(column.holds, text):
                continue
            rows_by_word[column.name, text, closed_set].append(row)
    for (column_name, text, closed_set), of_word in rows_by_word.items():
        others = f" (and {len(of_word) - 1} more)" if len(of_word) > 1 else ""
        if is_of_mark(of_word[0], column_name):
            yield LayoutFinding(
                code=Unsettled.MARK_UNREAD,
                worksheet=of_word[0].worksheet,
                place=of_word[0].place,
                text=f"what “{text}”{others} means in a cell is not said",
                subject=text,
            )
            continue
        message = f"{column_name}: “{text}”{others} is not {closed_set.description}"
        yield LayoutFinding(
            code=Unsettled.WORD_UNREAD,
            worksheet=of_word[0].worksheet,
            place=_place_of_cell(of_word[0], column_name),
            column=column_name,
            kind=of_word[0].kind,
            text=message,
            subject=f"{column_name}: {text}",
        )


def is_of_mark(row: CanonicalRow, column: str) -> bool:
    """Tell whether the marks of a matrix say what a row has in a column."""
    values = row.record.columns.get(column, ())
    return bool(values) and all(value.mark is not None for value in values)


def _place_of_cell(row: CanonicalRow, column_name: str) -> Place:
    """Return the cell of its worksheet that one of its cells was copied from, or else its first one."""
    for source in row.copied_from.cells(column_name):
        if source.sheet == row.worksheet:
            return Place(source.row, source.column)
    return row.place


def needed_columns(kind: str) -> list[str]:
    """Return the columns that nothing of a kind can be built without; machine names can be chosen later."""
    if kind in {CUSTOM, HELPER}:
        return []
    return [
        column.name
        for column in columns_of(kind)
        if column.is_required and column.name != MACHINE_NAME_COLUMN
    ]


def _columns_unsaid(rows: Sequence[CanonicalRow]) -> Iterator[LayoutFinding]:
    """Name needed columns that nothing says of any row of a table, once each table.

    Where a column is said and some of its cells are blank, the sheet lacks these, not the layout.
    """
    rows_by_table: dict[tuple[str, int], list[CanonicalRow]] = defaultdict(list)
    for row in rows:
        rows_by_table[row.worksheet, id(row.record)].append(row)
    for of_table in rows_by_table.values():
        first = of_table[0]
        for name in needed_columns(first.kind):
            is_said = name in first.record.columns or any(row.cells.get(name) for row in of_table)
            if not is_said:
                yield LayoutFinding(
                    code=Unsettled.COLUMN_UNSAID,
                    worksheet=first.worksheet,
                    place=first.place,
                    text=f"nothing says “{name}” of what the table lists",
                    kind=first.kind,
                    subject=name,
                )


def _owners_blank(rows: Sequence[CanonicalRow]) -> Iterator[LayoutFinding]:
    """Name tables with rows that say nothing of what they belong to, once each table."""
    rows_by_table: dict[tuple[str, int], list[CanonicalRow]] = defaultdict(list)
    for row in rows:
        owner = None if row.kind in {CUSTOM, HELPER} else owner_column_of(row.kind)
        is_said = owner is not None and owner.name in row.record.columns
        if owner is not None and is_said and not row.cells.get(owner.name):
            rows_by_table[row.worksheet, id(row.record)].append(row)
    for of_table in rows_by_table.values():
        first = of_table[0]
        count = len(of_table)
        says = "says" if count == 1 else "say"
        they = "it belongs" if count == 1 else "they belong"
        yield LayoutFinding(
            code=Unsettled.OWNER_BLANK,
            worksheet=first.worksheet,
            place=first.place,
            text=f"{format_count(count, 'row')} {says} nothing of what {they} to",
            subject=first.kind,
        )


def _headers_among_rows(
    rows: Sequence[CanonicalRow], grids: Sequence[Grid]
) -> Iterator[LayoutFinding]:
    """Name rows that are read as things, and have the fill of the header of their table.

    The header of a turned table is a column: the fill of a row says nothing there.
    """
    by_title = {grid.title: grid for grid in grids}
    seen: set[tuple[str, int]] = set()
    for row in rows:
        grid = by_title[row.worksheet]
        row_of_sheet = row.worksheet, row.place.row
        is_of_header = row.record.per is Per.COLUMN
        if row_of_sheet in seen or is_of_header or row.is_turned:
            continue
        seen.add(row_of_sheet)
        is_wide = len(grid.rows[row.place.row]) >= COLUMNS_MIN
        if is_wide and has_fill_of_header(grid, row.place.row, row.header_line - 1):
            text = "it has the fill of the header, and may be the header of a further table"
            yield _row_finding(row, Unsettled.ROW_UNCLEAR, text)


def _blank_cells(rows: Sequence[CanonicalRow]) -> Iterator[LayoutFinding]:
    """Name rows without a cell that nothing can be built without."""
    for row in rows:
        for name in needed_columns(row.kind):
            if not row.cells.get(name):
                yield _row_finding(row, Unsettled.CELL_BLANK, f"a {row.kind} without “{name}”")


@dataclass(frozen=True, slots=True)
class _OwnerName:
    """What rows of a worksheet say they belong to, and that nothing is."""

    worksheet: str
    kind: str
    column: Column
    name: str


@dataclass(frozen=True, slots=True)
class _NameInRow:
    """What a row names in a column, and that nothing is."""

    row: CanonicalRow
    column: Column
    name: str

    @property
    def owner(self) -> _OwnerName | None:
        """What the row says it belongs to, where the column is for that."""
        if self.column != owner_column_of(self.row.kind):
            return None
        return _OwnerName(self.row.worksheet, self.row.kind, self.column, self.name)


def _dangling_references(
    rows: Sequence[CanonicalRow], listed: Sequence[CanonicalRow]
) -> Iterator[LayoutFinding]:
    """Name references of rows to what none of those that are listed is, owners once each text."""
    rows_by_owner: dict[_OwnerName, list[CanonicalRow]] = defaultdict(list)
    for dangling in _dangling_names(rows, listed):
        owner = dangling.owner
        if owner is not None:
            rows_by_owner[owner].append(dangling.row)
        else:
            yield _reference_finding(dangling)
    for owner, rows_of_owner in rows_by_owner.items():
        yield _owner_finding(owner, rows_of_owner)


def _reference_finding(dangling: _NameInRow) -> LayoutFinding:
    column = dangling.column
    row = dangling.row
    return LayoutFinding(
        code=Unsettled.REFERENCE_DANGLING,
        worksheet=row.worksheet,
        place=row.place,
        column=column.name,
        kind=row.kind,
        text=f"{column.name}: no {column.names} “{dangling.name}”",
        subject=dangling.name,
    )


def _owner_finding(owner: _OwnerName, rows: Sequence[CanonicalRow]) -> LayoutFinding:
    column = owner.column
    place = _place_of_cell(rows[0], column.name)
    count = format_count(len(rows), "row")
    return LayoutFinding(
        code=Unsettled.OWNER_UNLISTED,
        worksheet=owner.worksheet,
        place=place,
        column=column.name,
        kind=owner.kind,
        text=f"{column.name}: no {column.names} “{owner.name}” is listed, for {count}",
        subject=f"{owner.kind}, {column.name}: {owner.name}",
    )


def _dangling_names(
    rows: Sequence[CanonicalRow], listed: Sequence[CanonicalRow]
) -> Iterator[_NameInRow]:
    names_by_kind: dict[str, set[str]] = defaultdict(set)
    for row in listed:
        for name in (label_column_of(row.kind), *CODE_COLUMNS):
            if name is not None and row.cells.get(name):
                names_by_kind[row.kind].add(normal(row.cells[name]))
    for row in rows:
        if row.kind == CUSTOM:
            continue
        for column in columns_of(row.kind):
            text = row.cells.get(column.name, "")
            names = names_by_kind.get(column.names, set())
            if not text or not names:
                continue
            for name in _names_in(text, column, row.kind):
                if not is_listed(name, names):
                    yield _NameInRow(row, column, name)


def _names_in(text: str, column: Column, kind: str) -> Sequence[str]:
    is_list = column.names_several or kind == "field"
    return split_names(text) if is_list else (text,)


def is_listed(name: str, names: AbstractSet[str]) -> bool:
    """Tell whether a name, with its type in brackets or not, is one that rows have."""
    if says_nothing(name) or is_wildcard(name):
        return True
    return normal(name) in names or normal(without_remark(name)) in names


def counts_of_things(rows: Sequence[CanonicalRow]) -> Counter[tuple[str, ...]]:
    """Count rows by what they are: the kind, then label, owner, type and machine name."""
    counts: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if row.kind == CUSTOM:
            continue
        owner = owner_column_of(row.kind)
        names = (label_column_of(row.kind), owner.name if owner else None, *_KEY_COLUMNS)
        identity = [row.cells.get(name, "") for name in names if name is not None]
        counts[row.kind, *identity] += 1
    return counts


def _repeated_rows(rows: Sequence[CanonicalRow]) -> Iterator[LayoutFinding]:
    for (kind, *cells), count in counts_of_things(rows).items():
        if count > 1:
            named = ", ".join(cell for cell in cells if cell)
            text = f"{count} rows are the same {kind}: {named}"
            yield LayoutFinding(code=Unsettled.REPEATED, text=text)
