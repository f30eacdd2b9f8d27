"""What a layout becomes where a matrix lists things itself, or lines say more of its columns.

Belongs here: things that rows or columns name and no other table lists, lines above and below the header.
Does not: making a matrix (`matrices`), what its marks mean (`mark_choices`), what is offered
(`matrix_offers`).
"""

from collections.abc import Iterator, Sequence, Set as AbstractSet
from typing import assert_never

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import STATUS_COLUMN, Holds
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import SetColumnLine, SetListed
from jira_pipeline.sheets.layouts.drafts import REMARKS
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_choices import header_of_region
from jira_pipeline.sheets.layouts.header_rows import HeaderSpan
from jira_pipeline.sheets.layouts.layout import (
    Fill,
    Layout,
    Marks,
    MatrixSide,
    Per,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grid_called,
    grids_of_sheet,
    sheets_with_table,
)
from jira_pipeline.sheets.layouts.matrices import KINDS_OF_SIDES, SIDES
from jira_pipeline.sheets.layouts.record_drafts import (
    BUNDLE,
    FIELD,
    RecordDraft,
    draft_of,
    keys_of,
    record_of_kind,
)
from jira_pipeline.sheets.layouts.row_checks import is_word_read
from jira_pipeline.sheets.layouts.table_headers import TableHeader
from jira_pipeline.sheets.layouts.table_shapes import with_derived_cells
from jira_pipeline.sheets.layouts.texts import normal, normals
from jira_pipeline.sheets.reading.cells import status_spelled

MatrixChoice = SetListed | SetColumnLine
LINES_BELOW_MAX = 3
LINES_ABOVE_MAX = 3
"""As many as a layout can name."""


def with_matrix_choice(
    layout: Layout, grids: Sequence[Grid], choice: MatrixChoice
) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    alike = grids_of_sheet(layout, grids, chosen)
    grid = grid_called(alike, choice.worksheet)

    def with_choice(region: Region) -> Region:
        header = header_of_region(region, grid)
        if region.marks is None or header is None:
            raise WrongUseError(f"Table {choice.table} of “{choice.worksheet}” is no matrix.")
        match choice:
            case SetListed():
                return _region_with_listed(region, region.marks, header, choice)
            case SetColumnLine():
                return _region_with_line(region, region.marks, header, alike, choice)
            case _:
                assert_never(choice)

    return sheets_with_table(layout, choice.worksheet, choice.table, with_choice)


# ---------------------------------------------------------------- what a matrix lists


def kind_listed(side: MatrixSide | None) -> str:
    """Return the kind of the things that a side of a matrix names.

    Raises:
        WrongUseError: It names none that a row of a sheet could be.
    """
    kind = None if side is None else KINDS_OF_SIDES.get(side)
    if kind is None:
        what = "Say first what the rows and the columns of the matrix are."
        raise WrongUseError(what if side is None else f"Nothing is listed of {SIDES[side]}.")
    return kind


def lists_columns(region: Region) -> bool:
    """Tell whether a matrix lists what its columns are."""
    return any(record.per is Per.COLUMN for record in region.records)


def lists_rows(region: Region, kind: str) -> bool:
    """Tell whether a matrix lists what its rows are."""
    return any(record.per is Per.ROW and record.into == kind for record in region.records)


def _region_with_listed(
    region: Region, marks: Marks, header: TableHeader, choice: SetListed
) -> Region:
    drafts = [draft_of(record) for record in region.records]
    if choice.side == "across":
        kind = kind_listed(marks.across)
        if lists_columns(region):
            raise WrongUseError("It lists what its columns are already.")
        listed = _record_of_columns(kind, region)
    else:
        kind = kind_listed(marks.rows)
        if lists_rows(region, kind):
            raise WrongUseError("It lists what its rows are already.")
        listed = _record_of_rows(kind, marks, header, drafts)
    if kind == BUNDLE:
        _take_type(listed, drafts, choice.bundle_type)
    # What has an owner takes from the record before it what that says of it.
    records = (listed.built(), *(draft.built() for draft in drafts))
    return with_derived_cells(changed(region, records=records))


def _record_of_columns(kind: str, region: Region) -> RecordDraft:
    """Return a record of each column, which its header names."""
    label = label_column_of(kind) or ""
    return RecordDraft(
        kind=kind,
        columns={label: (Value(header=region.row_of_names),)},
        other_fields={"per": Per.COLUMN, "needs": (label,), "same_by": keys_of(kind)},
    )


def _record_of_rows(
    kind: str, marks: Marks, header: TableHeader, drafts: Sequence[RecordDraft]
) -> RecordDraft:
    """Return a record of each row; what is beside its name says something of that."""
    marked = normals(marks.headers)
    unmarked = [column for column in header.columns if normal(column.name) not in marked]
    listed = record_of_kind(kind, unmarked)
    label = label_column_of(kind) or ""
    if label not in listed.columns:
        # The header of their names may be the word of the kind, `Type`: it says no kind then.
        listed = record_of_kind(kind, unmarked[1:])
        listed.columns[label] = (Value(column=unmarked[0].name),)
    if unmarked[0].name in listed.own:
        listed.own.remove(unmarked[0].name)
    _take_from_marks(drafts, {column.name for column in unmarked[1:]})
    return listed


def _take_from_marks(drafts: Sequence[RecordDraft], headers: AbstractSet[str]) -> None:
    """Let what is below some headers say something of the rows of a matrix, and not of its marks."""
    for draft in drafts:
        draft.own[:] = [header for header in draft.own if header not in headers]
        for name, values in [*draft.columns.items()]:
            others = tuple(value for value in values if value.column not in headers)
            draft.columns[name] = others
            if not others:
                del draft.columns[name]


def _take_type(listed: RecordDraft, drafts: Sequence[RecordDraft], bundle_type: str) -> None:
    """Let types have the kind that is said of them, or that their fields say."""
    if bundle_type:
        listed.columns["Type"] = (Value(text=bundle_type),)
    for draft in drafts:
        of_fields = draft.columns.get("Bundle type") if draft.kind == FIELD else None
        if of_fields:
            listed.columns.setdefault("Type", of_fields)


def with_listed_of(region: Region, before: Region) -> Region:
    """Return a matrix that is said anew with what its rows or columns listed, and what lines say of it.

    That holds where its sides and its header are what they were, and for the lines that it still has.
    """
    if not _has_header_of(region, before):
        return region
    of_marks = [draft_of(record) for record in region.records]
    listed = [draft_of(record) for record in before.records if record.per is Per.COLUMN]
    listed += _rows_listed(region, before, of_marks)
    for draft in of_marks:
        if draft.kind != FIELD:
            continue
        of_all = draft.columns.get("Bundle type", ())
        for types in listed if of_all else ():
            is_said_of_all = all(value.is_constant for value in types.columns.get("Type", ()))
            if types.kind == BUNDLE and is_said_of_all:
                types.columns["Type"] = of_all
        for value in _statuses_of_columns(before):
            _put_status(draft, value)
    drafts = [*listed, *of_marks]
    last_line = region.header_rows + region.header_below
    for number in range(last_line + 1, last_line + 1 + LINES_BELOW_MAX):
        drafts = [_without_line(draft, number) for draft in drafts]
    return with_derived_cells(changed(region, records=tuple(draft.built() for draft in drafts)))


def _rows_listed(
    region: Region, before: Region, of_marks: Sequence[RecordDraft]
) -> Iterator[RecordDraft]:
    """Yield what the rows of a matrix listed, unless marks are now where something was said of them."""
    marked = normals(region.marks.headers) if region.marks is not None else frozenset()
    for record in before.records:
        if record.per is not Per.ROW or lists_rows(region, record.into):
            continue
        label = label_column_of(record.into) or ""
        headers = {value.column or "" for values in record.columns.values() for value in values}
        headers |= {*record.own}
        if marked.isdisjoint(normals([*headers])):
            of_label = {value.column for value in record.columns.get(label, ())}
            _take_from_marks(of_marks, headers - of_label)
            yield draft_of(record)


def _has_header_of(region: Region, before: Region) -> bool:
    """Tell whether two matrices have the same sides, and name their columns in the same row."""
    marks = region.marks
    marks_before = before.marks
    if marks is None or marks_before is None or region.header_rows != before.header_rows:
        return False
    sides = (marks.rows, marks.across, region.row_of_names)
    return sides == (marks_before.rows, marks_before.across, before.row_of_names)


def _statuses_of_columns(region: Region) -> Iterator[Value]:
    """Yield what lines and fills say of how far the fields of a matrix are."""
    for record in region.records:
        for value in record.columns.get(STATUS_COLUMN, ()) if record.into == FIELD else ():
            if value.header is not None or value.header_colour is not None or value.mark_colour:
                yield value


# ---------------------------------------------------------------- lines beside the header


def line_number(span: HeaderSpan, row: int) -> int | None:
    """Return how a value names a row beside a header; None where it is the header, or too far.

    The first header row is 1, the line above it 0; `row` counts from 0.
    """
    first_row = max(0, span.first - LINES_ABOVE_MAX)
    last_row = span.names_row + LINES_BELOW_MAX
    if row == span.names_row or not first_row <= row <= last_row:
        return None
    return row - span.first + 1


def _region_with_line(
    region: Region,
    marks: Marks,
    header: TableHeader,
    grids: Sequence[Grid],
    choice: SetColumnLine,
) -> Region:
    """Let a line say something of each column; what it said before is taken back."""
    row = choice.row - 1
    number = line_number(header.span, row)
    if number is None:
        raise WrongUseError(
            f"Row {choice.row} is not beside the header, which is in row {header.span.names_row + 1}."
        )
    drafts = [_without_line(draft_of(record), number) for record in region.records]
    if choice.column:
        takers = [*_takers(drafts, kind_listed(marks.across), choice.column)]
        texts = _texts_of_line_in(region, marks, grids, row - header.span.names_row)
        statuses = [text for text in texts if _is_status_as_machine_name(choice.column, text)]
        for draft in takers:
            _put_line(draft, choice.column, number, statuses)
        if statuses:
            # “Later” in place of a machine name says how far its type is.
            words = {text: text for text in statuses}
            for draft in _takers(drafts, kind_listed(marks.across), STATUS_COLUMN):
                _put_status(draft, Value(header=number, words=words, only_words=True))
    below = max(region.header_below, row - header.span.names_row)
    return with_derived_cells(
        changed(region, header_below=below, records=tuple(draft.built() for draft in drafts))
    )


def _without_line(draft: RecordDraft, number: int) -> RecordDraft:
    """Return a record that takes nothing of a line."""
    label = label_column_of(draft.kind)
    for name, values in [*draft.columns.items()]:
        others = tuple(value for value in values if value.header != number)
        if name != label and others:
            draft.columns[name] = others
        elif name != label:
            del draft.columns[name]
    return draft


def _takers(drafts: Sequence[RecordDraft], kind: str, column: str) -> Iterator[RecordDraft]:
    """Yield the records that a line says something of; the fields of a type are as far as that is.

    Raises:
        WrongUseError: None of them has such a column.
    """
    taking = [draft for draft in drafts if draft.kind == kind and _is_of_columns(draft)]
    if not taking or column not in {of_kind.name for of_kind in columns_of(kind)}:
        raise WrongUseError(
            "Say first that the matrix lists what its columns are: another line can then say more of "
            "them."
        )
    yield from taking
    if kind != FIELD and column == STATUS_COLUMN:
        yield from (draft for draft in drafts if draft.kind == FIELD and _is_of_columns(draft))


def _is_of_columns(draft: RecordDraft) -> bool:
    """Tell whether what a record is made of is in one column of a matrix."""
    return draft.other_fields.get("per") in {Per.MARK, Per.COLUMN, Per.TERM}


def _put_line(draft: RecordDraft, column: str, number: int, statuses: Sequence[str]) -> None:
    """Let a record take a line, but for what says a status in place of a machine name."""
    fill = Fill.LEFT if column == "Type" and number < 1 else None
    value = Value(header=number, fill=fill, words=dict.fromkeys(statuses, ""))
    if column == STATUS_COLUMN:
        _put_status(draft, value)
    elif column == REMARKS:
        draft.columns[column] = (*draft.columns.get(column, ()), value)
    else:
        draft.columns[column] = (value,)


def _put_status(draft: RecordDraft, status: Value) -> None:
    """Let what is said of a column go before what its row says of how far something is."""
    before = draft.columns.get(STATUS_COLUMN, ())
    draft.columns[STATUS_COLUMN] = (changed(status, goes_first=True), *before)


def _is_status_as_machine_name(column: str, text: str) -> bool:
    """Tell whether a text in a line of machine names is none, and says how far something is."""
    if column != MACHINE_NAME_COLUMN:
        return False
    return not is_word_read(Holds.MACHINE_NAME, text) and status_spelled(text) is not None


def _texts_of_line_in(
    region: Region, marks: Marks, grids: Sequence[Grid], rows_below: int
) -> list[str]:
    """Return what a line says in worksheets that look alike, so many rows below the header of each."""
    texts: dict[str, None] = {}
    for grid in grids:
        header = header_of_region(region, grid)
        if header is not None:
            row = header.span.names_row + rows_below
            texts |= dict.fromkeys(texts_of_line(header, marks, grid, row))
    return [*texts]


def texts_of_line(header: TableHeader, marks: Marks, grid: Grid, row: int) -> Iterator[str]:
    """Yield what a line says above or below the columns of a matrix."""
    marked = normals(marks.headers)
    texts = grid.texts_by_row.get(row, {})
    for column in header.columns:
        if normal(column.name) in marked and column.column in texts:
            yield texts[column.column]
