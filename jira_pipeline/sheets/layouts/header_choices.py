"""What a layout becomes where somebody says what a header means.

Belongs here: meanings, headers that are kept, left out, renamed or gone, blank cells. Does not: what
is offered (`header_offers`), whole worksheets (`worksheet_choices`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from jira_pipeline.drupal.columns import columns_of, label_column_of, owner_column_of
from jira_pipeline.model.columns import NOTE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import (
    CellsChoice,
    HeaderMeaning,
    KeepHeader,
    LeaveOutHeader,
    RenameHeader,
    SetBlank,
    SetDitto,
    SetMeaning,
)
from jira_pipeline.sheets.layouts.drafts import TARGET
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_rows import HeaderRows, header_span
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Fill,
    Gathering,
    Layout,
    Lookup,
    Marks,
    Per,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    grids_of_sheet,
    region_with_values,
    sheets_with,
    values_in,
    values_of_matrix,
)
from jira_pipeline.sheets.layouts.named_cells import NamedCells, cells_of
from jira_pipeline.sheets.layouts.record_drafts import (
    BUNDLE,
    FIELD,
    TERMS,
    TERMS_WORDING,
    RecordDraft,
    draft_of,
    keep_value,
    keys_of,
    kind_of_columns,
    naming_columns,
    naming_headers,
    note_column,
)
from jira_pipeline.sheets.layouts.row_rules import column_at, is_letter, is_meant
from jira_pipeline.sheets.layouts.table_headers import TableHeader, header_in
from jira_pipeline.sheets.layouts.table_shapes import (
    derived_cells,
    is_of_components,
    stated_columns,
    stated_values,
    with_derived_cells,
)
from jira_pipeline.sheets.layouts.term_shapes import PARTS_OF_TERMS, put_part_of_term
from jira_pipeline.sheets.layouts.texts import label_key, normal
from jira_pipeline.sheets.layouts.word_choices import with_words_of

HeaderChoice = SetMeaning | KeepHeader | LeaveOutHeader | SetBlank | SetDitto


def with_header(
    layout: Layout, grids: Sequence[Grid], choice: HeaderChoice
) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    sheets: list[SheetLayout] = []
    for sheet in layout.sheets:
        if sheet.ignore is None and (sheet is chosen or choice.everywhere):
            alike = grids_of_sheet(layout, grids, sheet)
            changed_sheet = _sheet_with_header(sheet, alike, choice, layout, chosen)
        else:
            changed_sheet = sheet
        if sheet is chosen and choice.header and changed_sheet is None:
            what = "label" if _cells_of(choice).is_label else "header"
            raise WrongUseError(f"“{choice.worksheet}” has no {what} “{choice.header}”.")
        sheets.append(sheet if changed_sheet is None else changed_sheet)
    return tuple(sheets)


def _cells_of(choice: HeaderChoice | RenameHeader) -> NamedCells:
    is_label = isinstance(choice, CellsChoice) and choice.is_label
    return NamedCells(choice.header, is_label)


def _sheet_with_header(
    sheet: SheetLayout,
    grids: Sequence[Grid],
    choice: HeaderChoice,
    layout: Layout,
    chosen: SheetLayout,
) -> SheetLayout | None:
    """Return what is said of worksheets with a choice; None where no table has such a header."""
    regions: list[Region] = []
    has_cells = False
    for region in sheet.regions:
        cells = _named_in(region, grids, _cells_of(choice))
        has_cells = has_cells or cells is not None
        if isinstance(choice, SetBlank):
            regions.append(_with_blank(region, choice, is_elsewhere=sheet is not chosen))
        elif isinstance(choice, SetDitto):
            regions.append(with_ditto(region, grids, _cells_of(choice), choice.texts))
        elif cells is not None:
            regions.append(_region_with_header(region, cells, choice, layout))
        else:
            regions.append(region)
    if not has_cells and choice.header:
        return None
    return changed(sheet, regions=tuple(regions))


def _named_in(region: Region, grids: Sequence[Grid], cells: NamedCells) -> NamedCells | None:
    """Return cells as a region, or the header that it has in one of some worksheets, names them."""
    if is_letter(cells.name):
        return None if _has_header_in(region, grids, cells.name) else cells
    named = [*cells_of(region)]
    if not cells.is_label and not cells.are_among(named):
        for grid in grids:
            header = header_of_region(region, grid)
            named += [NamedCells(name) for name in (header.names if header else ())]
    for other in named:
        if other.is_label == cells.is_label and other.key == cells.key:
            return other
    return None


def _has_header_in(region: Region, grids: Sequence[Grid], letters: str) -> bool:
    """Tell whether a header is above a column that is named by its letters: then that is its name."""
    column = column_at(letters, {})
    for grid in grids:
        header = header_of_region(region, grid)
        if header is not None and any(named.column == column for named in header.columns):
            return True
    return False


def header_of_region(region: Region, grid: Grid) -> TableHeader | None:
    """Return the first header of a region in a worksheet; None where it has none.

    A header that lost some of its names is still the one.
    """
    headers = HeaderRows(region, grid, grid.rows)
    if not headers.needed:
        return None
    begin = first_begin(region, grid)
    row = next((row for row in grid.rows if row >= begin and headers.is_header(row)), None)
    if row is None:
        row = headers.closest_row(grid.rows)
    return None if row is None else header_in(grid, header_span(region, row))


def first_begin(region: Region, grid: Grid) -> int:
    """Return the row that the first block of a region begins with; the first where its header does."""
    if region.begins is None:
        return 0
    for row, columns in grid.rows.items():
        if is_meant(region.begins, grid, row, {}, columns):
            return row
    return 0


def with_renamed_header(
    layout: Layout, choice: RenameHeader, tables: Sequence[Region]
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets with another name of a header in some tables of one of them."""
    chosen = declared_sheet(layout, choice.worksheet)
    if not any(map(_cells_of(choice).are_named_in, chosen.regions)):
        what = "label" if choice.is_label else "header"
        raise WrongUseError(f"Nothing is said of a {what} “{choice.header}”.")
    regions = tuple(
        _region_with_renamed(region, choice) if region in tables else region
        for region in chosen.regions
    )
    sheet = changed(chosen, regions=regions)
    return sheets_with(layout, chosen, sheet)


def _region_with_renamed(region: Region, choice: RenameHeader) -> Region:
    cells = _cells_of(choice)
    if not cells.are_named_in(region):
        return region
    if choice.now:
        fields = region.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return Region.model_validate(_renamed(fields, cells, choice.now))
    header = [name for name in region.header if cells.is_label or normal(name) != cells.key]
    pairs = [label for label in region.pairs if not cells.is_label or label_key(label) != cells.key]
    drafts = [without_cells(record, cells) for record in region.records]
    left = changed(
        region,
        header=tuple(header),
        pairs=tuple(pairs),
        ditto=_ditto_without(region, cells),
        unused=unused_without(region, cells),
        marks=_marks_without(region, cells),
        records=tuple(_with_needs(draft.built()) for draft in drafts),
    )
    return with_derived_cells(left)


def _marks_without(region: Region, cells: NamedCells) -> Marks | None:
    """Return the columns of a matrix but for one that is gone."""
    marks = region.marks
    if marks is None or not cells.are_marked_in(region):
        return marks
    others = tuple(header for header in marks.headers if normal(header) != cells.key)
    if not others:
        raise WrongUseError(
            f"“{cells.name}” is the only column of the matrix: say anew what the worksheet lists."
        )
    return changed(marks, headers=others)


def with_header_left_out(
    region: Region, grids: Sequence[Grid], cells: NamedCells, reason: str
) -> Region:
    """Return a region in which nothing is built by what is below a header, where it has that."""
    named = _named_in(region, grids, cells)
    if named is None:
        return region
    drafts = [without_cells(record, named) for record in region.records]
    return rebuilt(region, drafts, {**unused_without(region, named), named.name: reason})


def unused_without(region: Region, cells: NamedCells) -> dict[str, str]:
    """Return what is left out but for some cells; a header and a label of one name share the reason."""
    others = NamedCells(cells.name, not cells.is_label)
    others_are_left_out = others.are_among(cells_of(region)) and not others.are_taken_in(region)
    return {
        name: reason
        for name, reason in region.unused.items()
        if others_are_left_out or NamedCells(name, cells.is_label).key != cells.key
    }


def _ditto_without(region: Region, cells: NamedCells) -> dict[str, tuple[str, ...]]:
    return {
        header: texts
        for header, texts in region.ditto.items()
        if cells.is_label or normal(header) != cells.key
    }


_KEYS_OF_HEADERS = frozenset({"column", "comment", "colour"})
_LISTS_OF_HEADERS = frozenset({"header", "headers", "own"})


def _renamed(value: Any, cells: NamedCells, now: str) -> Any:
    """Return a part of a layout, as JSON has it, with another name of a header or label."""
    if isinstance(value, list):
        return [_renamed(inner, cells, now) for inner in value]
    if not isinstance(value, dict):
        return value
    keys = {"pair"} if cells.is_label else _KEYS_OF_HEADERS
    lists = {"pairs"} if cells.is_label else _LISTS_OF_HEADERS

    def new_name(name: str) -> str:
        return now if NamedCells(name, cells.is_label).key == cells.key else name

    renamed: dict[str, Any] = {}
    for key, inner in value.items():
        if key in keys and isinstance(inner, str):
            renamed[key] = new_name(inner)
        elif key in lists and isinstance(inner, list):
            renamed[key] = [*map(new_name, inner)]
        elif key == "unused" or (key == "ditto" and not cells.is_label):
            renamed[key] = {new_name(name): inner[name] for name in inner}
        else:
            renamed[key] = _renamed(inner, cells, now)
    return renamed


def _region_with_header(
    region: Region,
    cells: NamedCells,
    choice: SetMeaning | KeepHeader | LeaveOutHeader,
    layout: Layout,
) -> Region:
    unused = unused_without(region, cells)
    drafts = [without_cells(record, cells) for record in region.records]
    source = source_of(region, cells)
    match choice:
        case LeaveOutHeader():
            unused[cells.name] = choice.reason
        case KeepHeader():
            kind = choice.kind or _draft_that_keeps(drafts, cells).kind
            keep_value(_draft_of_kind(drafts, kind), source)
        case SetMeaning():
            for chosen_meaning in choice.meanings:
                meaning = _meaning_at_source(drafts, chosen_meaning)
                draft = _draft_with_column(drafts, meaning)
                if draft is None:
                    return region  # of another kind, which has no such column
                _put(draft, meaning, source)
                if is_of_components(region) and draft.kind == BUNDLE:
                    drafts = _with_named_components(drafts, draft, meaning)
        case _:
            assert_never(choice)
    return with_words_of(rebuilt(region, drafts, unused), layout)


def _with_named_components(
    drafts: Sequence[RecordDraft], components: RecordDraft, meaning: HeaderMeaning
) -> list[RecordDraft]:
    """Let fields refer to the components of a matrix as somebody says that these are called.

    Each component is listed then, whatever else its row says; before that, only what has a remark.
    """
    label = label_column_of(BUNDLE) or ""
    if meaning.column != label:
        return [*drafts]
    named: list[RecordDraft] = []
    for draft in drafts:
        if draft is components:
            named.append(replace(draft, other_fields={**draft.other_fields, "needs": (label,)}))
            continue
        if draft.kind == FIELD and draft.other_fields.get("per") is Per.MARK:
            draft.columns[TARGET] = components.columns[label]
        named.append(draft)
    return named


def with_meanings_of(region: Region, layout: Layout) -> Region:
    """Return a new region in which unknown headers mean what they do in other worksheets.

    A header that is the status of things elsewhere is that here, too, whatever the dictionary says.
    """
    meanings = _meanings_in(layout)
    for cells in cells_of(region):
        if region.marks is not None or cells.is_label or cells.key not in meanings:
            continue
        column = meanings[cells.key]
        is_own = any(cells.name in record.own for record in region.records)
        if not is_own and column != STATUS_COLUMN:
            continue
        drafts = [without_cells(record, cells) for record in region.records]
        meaning = HeaderMeaning(kind=kind_of_columns(drafts[-1]), column=column)
        draft = _draft_with_column(drafts, meaning)
        if draft is None or (is_own and column in draft.columns):
            continue
        _put(draft, meaning, source_of(region, cells))
        region = rebuilt(region, drafts, dict(region.unused))
    return _with_parts_of(region, layout)


def _with_parts_of(region: Region, layout: Layout) -> Region:
    """Return a new region in which parts of cells mean what they do below the same header elsewhere."""
    meanings = _meanings_of_parts_in(layout)
    for cells in cells_of(region):
        is_own = any(cells.name in record.own for record in region.records)
        if region.marks is not None or cells.is_label or not is_own:
            continue
        drafts = [without_cells(record, cells) for record in region.records]
        source = source_of(region, cells)
        targets = [_draft_with_column(drafts, meaning) for meaning in meanings.get(cells.key, ())]
        if targets and None not in targets:
            for draft, meaning in zip(targets, meanings[cells.key], strict=True):
                if draft is not None:
                    _put(draft, meaning, source)
            region = rebuilt(region, drafts, dict(region.unused))
    return region


def _meanings_of_parts_in(layout: Layout) -> Mapping[str, tuple[HeaderMeaning, ...]]:
    """Return what parts of cells mean, by header, where it is the same in all tables that have it."""
    by_header: dict[str, set[tuple[HeaderMeaning, ...]]] = {}
    for sheet in layout.sheets:
        for region in sheet.regions:
            of_region: dict[str, list[HeaderMeaning]] = {}
            for kind, column, value in stated_values(region):
                if value.column is not None:
                    meaning = _meaning_of(kind, column, value)
                    of_region.setdefault(normal(value.column), []).append(meaning)
            for header, meanings in of_region.items():
                by_header.setdefault(header, set()).add(tuple(meanings))
    parts: dict[str, tuple[HeaderMeaning, ...]] = {}
    for header, alternatives in by_header.items():
        meanings_of_header = alternatives.pop()
        has_parts = any(meaning.after or meaning.before for meaning in meanings_of_header)
        if not alternatives and has_parts:
            parts[header] = meanings_of_header
    return parts


def _meaning_of(kind: str, column: str, value: Value) -> HeaderMeaning:
    return HeaderMeaning(
        kind=kind,
        column=column,
        after=value.after or "",
        before=value.before or "",
        lacking=value.lacking,
        split=value.split or "",
    )


def _meanings_in(layout: Layout) -> Mapping[str, str]:
    """Return which column each header means in the worksheets of a layout, where it is one alone."""
    columns: dict[str, set[str]] = {}
    for _, column, value in values_in(layout):
        if value.column is not None and not is_letter(value.column) and _is_whole_cell(value):
            columns.setdefault(normal(value.column), set()).add(column)
    return {header: named.pop() for header, named in columns.items() if len(named) == 1}


def _is_whole_cell(value: Value) -> bool:
    """Tell whether a value takes all of a cell, whatever its words mean."""
    is_part = value.contains or value.after or value.before or value.split
    return not is_part and value.lookup is None and value.wording == "{}"


def source_of(region: Region, cells: NamedCells) -> Value:
    """Return the value that takes some cells as they stand."""
    if cells.is_label:
        return Value(pair=cells.name)
    fills: set[Fill] = set()
    for values in stated_columns(region):
        for value in values:
            if value.column is not None and cells.are_of(value) and value.fill:
                fills.add(value.fill)
    return Value(column=cells.name, fill=fills.pop() if len(fills) == 1 else None)


def without_cells(record: Record, cells: NamedCells) -> RecordDraft:
    """Return a record without what it takes of some cells."""
    columns: dict[str, tuple[Value, ...]] = {}
    for name, values in record.columns.items():
        others = tuple(value for value in values if not cells.are_taken_by(value))
        if others:
            columns[name] = others
    own_headers = [name for name in record.own if cells.is_label or normal(name) != cells.key]
    return replace(draft_of(record), columns=columns, own=own_headers)


def _draft_that_keeps(drafts: Sequence[RecordDraft], cells: NamedCells) -> RecordDraft:
    """Return the record that keeps cells which mean nothing else: labels are about the outer thing."""
    return drafts[0] if cells.is_label or _has_inner_labels(drafts) else drafts[-1]


def _has_inner_labels(drafts: Sequence[RecordDraft]) -> bool:
    return any(draft.other_fields.get("per") is Per.LABEL for draft in drafts)


def _draft_of_kind(drafts: Sequence[RecordDraft], kind: str) -> RecordDraft:
    """Return the record of a kind; where none is named, the innermost."""
    return next((draft for draft in drafts if draft.kind == kind), drafts[-1])


def _meaning_at_source(drafts: Sequence[RecordDraft], meaning: HeaderMeaning) -> HeaderMeaning:
    """Return the column that a column is taken from, where the table lists what that belongs to, too.

    The column itself takes over what its source says: what was put into it alone would be lost.
    """
    for derived in derived_cells([draft.kind for draft in drafts]):
        is_meant = (drafts[derived.record].kind, derived.column) == (meaning.kind, meaning.column)
        if is_meant and derived.is_filled and not meaning.look_up:
            kind = drafts[derived.from_record].kind
            return changed(meaning, kind=kind, column=derived.from_column)
    return meaning


def _draft_with_column(drafts: Sequence[RecordDraft], meaning: HeaderMeaning) -> RecordDraft | None:
    """Return the record that has the column that is meant: of its kind, else any with such a one."""
    of_kind = [draft for draft in drafts if kind_of_columns(draft) == meaning.kind]
    for draft in (*of_kind, *reversed(drafts)):
        kind = kind_of_columns(draft)
        names = {column.name for column in columns_of(kind)}
        is_of_terms = draft.other_fields.get("per") is Per.TERM
        pseudo_columns = PARTS_OF_TERMS if is_of_terms else {TERMS}
        if meaning.column in names or (kind == BUNDLE and meaning.column in pseudo_columns):
            return draft
    return None


def _put(draft: RecordDraft, meaning: HeaderMeaning, source: Value) -> None:
    """Let a record take a column from a source; in place of another one, but for notes."""
    kind = kind_of_columns(draft)
    if draft.other_fields.get("per") is Per.TERM and meaning.column in PARTS_OF_TERMS:
        put_part_of_term(draft, PARTS_OF_TERMS[meaning.column], source)
        return
    if meaning.column == TERMS:
        _put_terms(draft, source)
        return
    column = next(other for other in columns_of(kind) if other.name == meaning.column)
    lookup = None
    if meaning.look_up:
        give = label_column_of(column.names)
        if give is None:
            raise WrongUseError(f"“{column.name}” names no other thing to look up.")
        lookup = Lookup(kind=column.names, by=(meaning.look_up,), give=give)
    parts = {
        "after": meaning.after or None,
        "before": meaning.before or None,
        "lacking": meaning.lacking,
        "split": meaning.split or None,
        "lookup": lookup,
    }
    value = changed(source, **{name: part for name, part in parts.items() if part is not None})
    before = draft.columns.get(column.name, ())
    is_inner = draft.other_fields.get("per") is Per.LABEL
    # Of things inside of a block, several labels may say the same: each says it of another one.
    if column.name not in NOTE_COLUMNS and not is_inner:
        # What a mark says of a field goes before its column.
        before = values_of_matrix(before)
    draft.columns[column.name] = (*before, value)


def _put_terms(draft: RecordDraft, source: Value) -> None:
    """Let types have their terms in a note; those in rows below each other are of one vocabulary."""
    note = note_column(draft.kind)
    value = changed(source, wording=TERMS_WORDING)
    draft.columns[note] = (*draft.columns.get(note, ()), value)


def _named_by_rows(draft: RecordDraft) -> RecordDraft:
    """Return the record of a block as one of rows, once a column names its things."""
    values = draft.columns.get(label_column_of(draft.kind) or "", ())
    is_named_below_header = any(value.column is not None for value in values)
    if draft.other_fields.get("per") is not Per.BLOCK or not is_named_below_header:
        return draft
    return replace(
        draft, other_fields={**draft.other_fields, "per": Per.ROW, "same_by": keys_of(draft.kind)}
    )


def rebuilt(region: Region, drafts: Sequence[RecordDraft], unused: dict[str, str]) -> Region:
    """Return a region with changed records; cells that none of them takes any more are kept."""
    for cells in cells_of(region):
        if not _are_left_out(cells, unused) and not any(
            takes_cells(draft, cells) for draft in drafts
        ):
            keep_value(_draft_that_keeps(drafts, cells), source_of(region, cells))
    records: list[Record] = []
    for draft in drafts:
        record = _named_by_rows(draft).built()
        records.append(_with_needs(record))
    header: tuple[str, ...] = ()
    if region.header:
        header = tuple(dict.fromkeys((*region.header, *naming_headers(drafts))))
    rebuilt = changed(region, unused=unused, records=tuple(records), header=header)
    return with_derived_cells(rebuilt)


def _are_left_out(cells: NamedCells, unused: Mapping[str, str]) -> bool:
    return any(NamedCells(name, cells.is_label).key == cells.key for name in unused)


def takes_cells(draft: RecordDraft, cells: NamedCells) -> bool:
    """Tell whether a record takes something of some cells."""
    values = [value for of_column in draft.columns.values() for value in of_column]
    values += [Value(column=header) for header in draft.own]
    return any(map(cells.are_taken_by, values))


def _with_needs(record: Record) -> Record:
    """Return a record of rows that name a thing."""
    if record.per is not Per.ROW or record.into in {CUSTOM, HELPER} or record.needs:
        return record
    needs = tuple(name for name in naming_columns(record.into) if name in record.columns)
    return changed(record, needs_any=needs)


def _with_blank(region: Region, choice: SetBlank, *, is_elsewhere: bool) -> Region:
    """Return a region in which blank cells mean what was chosen: below a header, or of owners.

    In other worksheets than the one that somebody says it of, what was said of theirs stays.
    """

    def filled(record: Record, column: str, value: Value) -> Value:
        owner = owner_column_of(record.into)
        is_owner = owner is not None and column == owner.name
        is_called = normal(value.column or "") == normal(choice.header)
        if value.column is None or not (is_called if choice.header else is_owner):
            return value
        if is_elsewhere and value.fill in {Fill.ABOVE, Fill.NONE}:
            return value
        return changed(value, fill=choice.means)

    with_blanks = region_with_values(region, filled)
    records = tuple(map(_joined_by_name, with_blanks.records))
    return changed(with_blanks, records=records)


def with_ditto(
    region: Region, grids: Sequence[Grid], cells: NamedCells, texts: Sequence[str]
) -> Region:
    """Return a region in which texts below a header mean the cell above, where it has that."""
    named = _named_in(region, grids, cells)
    if named is None:
        return region
    all_texts = tuple(dict.fromkeys((*ditto_texts(region, named), *texts)))
    return changed(region, ditto={**_ditto_without(region, named), named.name: all_texts})


def ditto_texts(region: Region, cells: NamedCells) -> tuple[str, ...]:
    """Return the texts below a header that mean the cell above."""
    for header, texts in region.ditto.items():
        if not cells.is_label and normal(header) == cells.key:
            return texts
    return ()


def with_dittos(
    region: Region, grids: Sequence[Grid], dittos: Mapping[str, tuple[str, ...]]
) -> Region:
    """Return a region in which texts mean the cell above, below those of some headers that it has."""
    with_texts = region
    for header, texts in dittos.items():
        with_texts = with_ditto(with_texts, grids, NamedCells(header), texts)
    return with_texts


def _joined_by_name(record: Record) -> Record:
    """Return a record whose rows are one thing where a blank name means the one above."""
    kind = record.into
    label = label_column_of(kind)
    values = record.columns.get(label or "", ())
    is_named_above = any(value.fill is Fill.ABOVE for value in values)
    is_alone = kind not in {CUSTOM, HELPER} and owner_column_of(kind) is None
    if not is_named_above or not is_alone or record.per is not Per.ROW or record.same_by:
        return record
    note = note_column(kind)
    gather = {note: Gathering()} if note in record.columns else {}
    return changed(record, same_by=keys_of(kind), gather=gather)
