"""What a layout becomes by a choice of a person.

Belongs here: one function for each choice. Does not: the choices (`choices`), the region that a shape
begins with (`table_shapes`). Nothing is read here, and what a choice does not concern stays as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from pydantic import ValidationError

from jira_pipeline.model.columns import (
    NOTE_COLUMNS,
    STATUS_COLUMN,
    Holds,
    columns_of,
    label_column_of,
    owner_column_of,
)
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import (
    AddTable,
    Choice,
    HeaderMeaning,
    KeepHeader,
    LeaveOutHeader,
    LeaveOutMarks,
    LeaveOutWorksheets,
    SetBlank,
    SetBlocks,
    SetColour,
    SetMeaning,
    SetRows,
    SetShape,
    SetWord,
)
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_rows import HeaderRows
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Layout,
    LeftOutRows,
    Lookup,
    Per,
    Record,
    Region,
    RemarkRows,
    RowRule,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS
from jira_pipeline.sheets.layouts.row_rules import is_meant
from jira_pipeline.sheets.layouts.table_headers import (
    NamedColumn,
    TableHeader,
    first_shown_row,
    header_at,
    worksheets_alike,
)
from jira_pipeline.sheets.layouts.table_shapes import (
    FIELD,
    FIELD_DETAILS,
    JOINED_BY,
    RecordDraft,
    changed,
    columns_by_dictionary,
    draft_of,
    keep_value,
    keys_of,
    naming_columns,
    region_of_shape,
    with_derived_cells,
)
from jira_pipeline.sheets.layouts.texts import normal, template_of
from jira_pipeline.sheets.layouts.values import label_key

_NAME = "name"
"""The part of a line that names what the rows below belong to."""
_REASON = "says nothing of what is to be built"
_LABEL_CELLS_MAX = 2
"""In the row of a label: itself and its value."""


def with_choice(layout: Layout, grids: Sequence[Grid], choice: Choice) -> Layout:
    """Return the layout that says what a person chose, too.

    Raises:
        WrongUseError: No worksheet, table or header is called as the choice says, or a layout cannot
            say it.
    """
    try:
        return changed(layout, sheets=tuple(_with_details(_chosen_sheets(layout, grids, choice))))
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise WrongUseError(f"A layout cannot say this: {reason}.") from error


def _chosen_sheets(
    layout: Layout, grids: Sequence[Grid], choice: Choice
) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets with a choice."""
    match choice:
        case LeaveOutWorksheets():
            return _with_worksheets_left_out(layout, grids, choice)
        case SetShape():
            return _with_shape(layout, grids, choice)
        case AddTable():
            return _with_table(layout, grids, choice)
        case SetMeaning() | KeepHeader() | LeaveOutHeader() | SetBlank():
            return _with_header(layout, choice)
        case SetWord():
            return tuple(_with_word(sheet, choice) for sheet in layout.sheets)
        case SetRows():
            return _with_rows(layout, choice)
        case SetBlocks():
            return _with_blocks(layout, grids, choice)
        case SetColour():
            return _with_colour(layout, grids, choice)
        case LeaveOutMarks():
            return tuple(
                sheet if sheet.ignore else changed(sheet, **{choice.marks: choice.reason})
                for sheet in layout.sheets
            )
        case _:
            assert_never(choice)


# ---------------------------------------------------------------- whole worksheets


def _with_worksheets_left_out(
    layout: Layout, grids: Sequence[Grid], choice: LeaveOutWorksheets
) -> tuple[SheetLayout, ...]:
    titles = tuple(_grid(grids, name).title for name in choice.worksheets)
    left_out = SheetLayout(worksheets=titles, ignore=choice.reason)
    return (*_without_worksheets(layout, titles), left_out)


def _with_shape(layout: Layout, grids: Sequence[Grid], choice: SetShape) -> tuple[SheetLayout, ...]:
    """Begin anew with a worksheet and those that look like it; what it was before is forgotten."""
    alike = worksheets_like(layout, grids, choice.worksheet)
    row = first_shown_row(alike[0]) if choice.header_row is None else choice.header_row - 1
    header: TableHeader | None = None
    if row is not None:
        header = header_at(alike[0], row, row_count=choice.header_rows)
        if not header.columns:
            raise WrongUseError(f"Row {row + 1} of “{alike[0].title}” is blank: it is no header.")
    others = changed(layout, sheets=tuple(_without_worksheets(layout, [g.title for g in alike])))
    region = region_of_shape(choice.shape, alike, header, bundle_type=choice.bundle_type)
    region = _with_words_of(_with_meanings_of(region, others), layout)
    titles = tuple(grid.title for grid in alike)
    before = sheet_layout_of(layout, choice.worksheet)
    marks = {} if before is None or before.ignore else _reasons_of_marks(before)
    sheet = SheetLayout(worksheets=titles, regions=(region,), **marks)
    return (*_without_worksheets(layout, titles), sheet)


def _with_table(layout: Layout, grids: Sequence[Grid], choice: AddTable) -> tuple[SheetLayout, ...]:
    """Add a table that begins with its header; the rows above it stay those of the tables before."""
    chosen = _chosen_sheet(layout, choice.worksheet)
    grid = _grid(grids, choice.worksheet)
    header = header_at(grid, choice.header_row - 1, row_count=choice.header_rows)
    if not header.columns:
        raise WrongUseError(f"Row {choice.header_row} of “{grid.title}” is blank: it is no header.")
    earlier = tuple(_found_by_all_headers(region, grid) for region in chosen.regions)
    for region in earlier:
        if {normal(name) for name in region.header} <= {normal(name) for name in header.names}:
            raise WrongUseError(
                "The headers are those of the table above, too: say with a line above each which of "
                "them it is."
            )
    region = region_of_shape(choice.shape, [grid], header, bundle_type=choice.bundle_type)
    further = changed(
        _with_words_of(_with_meanings_of(region, layout), layout),
        name=f"{grid.title} {len(earlier) + 1}",
        header=header.names,
        repeats=False,
    )
    sheet = changed(chosen, regions=(*earlier, further))
    return tuple(sheet if each is chosen else each for each in layout.sheets)


def _found_by_all_headers(region: Region, grid: Grid) -> Region:
    """Return a table that no row begins which has only some of its headers."""
    headers = HeaderRows(region, grid, grid.rows)
    for row in grid.rows:
        if headers.needed and headers.is_header(row):
            names = header_at(grid, row, row_count=region.header_rows).names
            return changed(region, header=names)
    return region


def _reasons_of_marks(sheet: SheetLayout) -> dict[str, str]:
    reasons = {"comments": sheet.comments, "colours": sheet.colours, "struck": sheet.struck}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def worksheets_like(layout: Layout, grids: Sequence[Grid], title: str) -> Sequence[Grid]:
    """Return the worksheets that a choice about one is about, in their order.

    They are those that the layout says the same of, and those with the same header of which it says
    nothing.
    """
    grid = _grid(grids, title)
    sheet = sheet_layout_of(layout, grid.title)
    alike = next(group for group in worksheets_alike(grids) if grid in group)
    return [
        each
        for each in grids
        for declared in [sheet_layout_of(layout, each.title)]
        if each is grid
        or (declared is None and each in alike)
        or (declared is not None and declared is sheet)
    ]


def _grid(grids: Sequence[Grid], title: str) -> Grid:
    for grid in grids:
        if normal(grid.title) == normal(title):
            return grid
    raise WrongUseError(f"No worksheet is called “{title}”.")


def _without_worksheets(layout: Layout, titles: Sequence[str]) -> Iterator[SheetLayout]:
    """Yield what is said of others; what names worksheets by a pattern stays, their own names go first."""
    for sheet in layout.sheets:
        names = tuple(name for name in sheet.worksheets if name not in titles)
        if names:
            yield sheet if names == sheet.worksheets else changed(sheet, worksheets=names)


# ---------------------------------------------------------------- headers

HeaderChoice = SetMeaning | KeepHeader | LeaveOutHeader | SetBlank


def _with_header(layout: Layout, choice: HeaderChoice) -> tuple[SheetLayout, ...]:
    chosen = _chosen_sheet(layout, choice.worksheet)
    is_named = any(_has_header(region, choice.header) for region in chosen.regions)
    if choice.header and not is_named:
        raise WrongUseError(f"“{choice.worksheet}” has no header “{choice.header}”.")
    return tuple(
        _sheet_with_header(sheet, choice, layout) if sheet is chosen or choice.everywhere else sheet
        for sheet in layout.sheets
    )


def _sheet_with_header(sheet: SheetLayout, choice: HeaderChoice, layout: Layout) -> SheetLayout:
    if sheet.ignore is not None:
        return sheet
    regions = (_region_with_header(region, choice, layout) for region in sheet.regions)
    return changed(sheet, regions=tuple(regions))


def _chosen_sheet(layout: Layout, title: str) -> SheetLayout:
    sheet = sheet_layout_of(layout, title)
    if sheet is None or sheet.ignore is not None:
        raise WrongUseError(f"Say first what “{title}” lists.")
    return sheet


def _has_header(region: Region, header: str) -> bool:
    return normal(header) in {normal(name) for name in headers_of(region)}


def headers_of(region: Region) -> Sequence[str]:
    """Return the headers and labels of which a region says something."""
    named = [*region.header, *region.unused, *region.pairs]
    for value in region.all_values:
        named += [name for name in (value.named_header, value.pair) if name]
    return [*dict.fromkeys(named)]


def _region_with_header(region: Region, choice: HeaderChoice, layout: Layout) -> Region:
    if isinstance(choice, SetBlank):
        return _with_blank(region, choice)
    if not _has_header(region, choice.header):
        return region
    header = next(name for name in headers_of(region) if normal(name) == normal(choice.header))
    unused = {name: reason for name, reason in region.unused.items() if name != header}
    drafts = [_without_header(record, header) for record in region.records]
    source = _source(region, header)
    match choice:
        case LeaveOutHeader():
            unused[header] = choice.reason
        case KeepHeader():
            keep_value(_draft_of_kind(drafts, choice.kind), source)
        case SetMeaning():
            taking = [(_draft_that_takes(drafts, meaning), meaning) for meaning in choice.meanings]
            if any(draft is None for draft, _ in taking):
                return region  # of another kind, which has no such column
            for draft, meaning in taking:
                assert draft is not None  # noqa: S101 - for mypy
                _put(draft, meaning, source)
        case _:
            assert_never(choice)
    return _with_words_of(_rebuilt(region, drafts, unused), layout)


def _with_meanings_of(region: Region, layout: Layout) -> Region:
    """Return a new region in which unknown headers mean what they do in other worksheets.

    A header that is the status of things elsewhere is that here, too, whatever the dictionary says.
    """
    meanings = _meanings_in(layout)
    for header in headers_of(region):
        if region.marks is not None or normal(header) not in meanings:
            continue
        column = meanings[normal(header)]
        is_own = any(header in record.own for record in region.records)
        if not is_own and column != STATUS_COLUMN:
            continue
        drafts = [_without_header(record, header) for record in region.records]
        meaning = HeaderMeaning(kind=kind_of_columns(drafts[-1]), column=column)
        draft = _draft_that_takes(drafts, meaning)
        if draft is None or (is_own and column in draft.columns):
            continue
        _put(draft, meaning, _source(region, header))
        region = _rebuilt(region, drafts, dict(region.unused))
    return region


def _meanings_in(layout: Layout) -> Mapping[str, str]:
    """Return which column each header means in the worksheets of a layout, where it is one alone."""
    columns: dict[str, set[str]] = {}
    for sheet in layout.sheets:
        for region in sheet.regions:
            for record in region.records:
                for column, values in record.columns.items():
                    for value in values:
                        if value.column is not None and _is_whole_cell(value):
                            columns.setdefault(normal(value.column), set()).add(column)
    return {header: named.pop() for header, named in columns.items() if len(named) == 1}


def _is_whole_cell(value: Value) -> bool:
    """Tell whether a value takes all of a cell, whatever its words mean."""
    is_part = value.contains or value.after or value.before or value.split
    return not is_part and value.lookup is None and value.wording == "{}"


def _source(region: Region, header: str) -> Value:
    """Return the value that takes what is below a header or beside a label, as it stands."""
    if label_key(header) in {label_key(label) for label in region.pairs}:
        return Value(pair=header)
    fills = {value.fill for value in region.all_values if value.column == header and value.fill}
    return Value(column=header, fill=fills.pop() if len(fills) == 1 else None)


def _without_header(record: Record, header: str) -> RecordDraft:
    """Return a record without what it takes of a header."""
    columns: dict[str, tuple[Value, ...]] = {}
    for name, values in record.columns.items():
        kept = tuple(value for value in values if not _takes(value, header))
        if kept:
            columns[name] = kept
    own = [name for name in record.own if name != header]
    return replace(draft_of(record), columns=columns, own=own)


def _takes(value: Value, header: str) -> bool:
    return any(header in {part.named_header, part.pair} for part in value.with_parts)


def _draft_of_kind(drafts: Sequence[RecordDraft], kind: str) -> RecordDraft:
    """Return the record of a kind; where none is named, the innermost."""
    return next((draft for draft in drafts if draft.kind == kind), drafts[-1])


def _draft_that_takes(drafts: Sequence[RecordDraft], meaning: HeaderMeaning) -> RecordDraft | None:
    """Return the record that has the column that is meant: of its kind, else any with such a one."""
    of_kind = [draft for draft in drafts if kind_of_columns(draft) == meaning.kind]
    for draft in (*of_kind, *reversed(drafts)):
        names = {column.name for column in columns_of(kind_of_columns(draft))}
        if meaning.column in names:
            return draft
    return None


def kind_of_columns(draft: RecordDraft) -> str:
    """Return the kind whose columns a record has; details of fields have those of fields."""
    return FIELD if draft.other_fields.get("sheet") == FIELD_DETAILS else draft.kind


def _put(draft: RecordDraft, meaning: HeaderMeaning, source: Value) -> None:
    """Let a record take a column from a source; in place of another one, but for notes."""
    kind = kind_of_columns(draft)
    column = next(each for each in columns_of(kind) if each.name == meaning.column)
    lookup = None
    if meaning.look_up:
        give = label_column_of(column.names)
        if give is None:
            raise WrongUseError(f"“{column.name}” names no other thing to look up.")
        lookup = Lookup(kind=column.names, by=(meaning.look_up,), give=give)
    parts = {
        "after": meaning.after or None,
        "before": meaning.before or None,
        "split": meaning.split or None,
        "lookup": lookup,
    }
    value = changed(source, **{name: part for name, part in parts.items() if part is not None})
    before = draft.columns.get(column.name, ()) if column.name in NOTE_COLUMNS else ()
    draft.columns[column.name] = (*before, value)


def _named_by_rows(draft: RecordDraft) -> RecordDraft:
    """Return the record of a block as one of rows, once a column names its things."""
    values = draft.columns.get(label_column_of(draft.kind) or "", ())
    is_named_below_header = any(value.column is not None for value in values)
    if draft.other_fields.get("per") is not Per.BLOCK or not is_named_below_header:
        return draft
    return replace(
        draft, other_fields={**draft.other_fields, "per": Per.ROW, "same_by": keys_of(draft.kind)}
    )


def _rebuilt(region: Region, drafts: Sequence[RecordDraft], unused: dict[str, str]) -> Region:
    """Return a region with changed records; a header that none of them takes any more is kept."""
    taken = {normal(name) for name in unused}
    for draft in drafts:
        taken |= {normal(own) for own in draft.own}
        for values in draft.columns.values():
            for value in values:
                for part in value.with_parts:
                    taken |= {normal(part.named_header or ""), normal(part.pair or "")}
    for header in headers_of(region):
        if normal(header) not in taken:
            keep_value(drafts[-1], _source(region, header))
    records = [_named_by_rows(draft).built() for draft in drafts]
    return with_derived_cells(
        changed(
            region,
            unused=unused,
            records=tuple(_with_needs(record) for record in records),
            header=_finding_headers(region, records),
        )
    )


def _with_needs(record: Record) -> Record:
    """Return a record of rows that name a thing."""
    if record.per is not Per.ROW or record.into in {CUSTOM, HELPER} or record.needs:
        return record
    needs = tuple(name for name in naming_columns(record.into) if name in record.columns)
    return changed(record, needs_any=needs)


def _finding_headers(region: Region, records: Sequence[Record]) -> tuple[str, ...]:
    """Return the headers by which the row is found: those that were, and those that name things."""
    naming: list[str] = []
    for record in records:
        for name in () if record.into == HELPER else naming_columns(record.into):
            naming += [value.column for value in record.columns.get(name, ()) if value.column]
    return tuple(dict.fromkeys((*region.header, *naming))) if region.header else ()


def _with_blank(region: Region, choice: SetBlank) -> Region:
    """Return a region in which blank cells mean what was chosen: below a header, or of owners."""
    records: list[Record] = []
    for record in region.records:
        owner = owner_column_of(record.into)
        columns = dict(record.columns)
        for name, values in columns.items():
            is_meant = owner is not None and name == owner.name
            columns[name] = tuple(
                changed(value, fill=choice.means)
                if value.column is not None
                and (_is_called(value, choice.header) if choice.header else is_meant)
                else value
                for value in values
            )
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _is_called(value: Value, header: str) -> bool:
    return normal(value.column or "") == normal(header)


# ---------------------------------------------------------------- words


def _with_word(sheet: SheetLayout, choice: SetWord) -> SheetLayout:
    regions = (
        _with_words(region, {choice.holds: {choice.word: choice.means}}) for region in sheet.regions
    )
    return changed(sheet, regions=tuple(regions)) if sheet.regions else sheet


Words = dict[Holds, dict[str, str]]
"""What words mean, by what cells hold."""


def _with_words_of(region: Region, layout: Layout) -> Region:
    """Return a region in which words mean what they do in the other worksheets of a layout."""
    words: Words = {}
    for sheet in layout.sheets:
        for other in sheet.regions:
            for record in other.records:
                for name, values in record.columns.items():
                    for value in values:
                        if value.column is not None:
                            of_column = words.setdefault(_holds(record, name), {})
                            for word, means in value.words.items():
                                of_column.setdefault(word, means)
    return _with_words(region, words, is_new=True)


def _with_words(region: Region, words: Words, *, is_new: bool = False) -> Region:
    """Return a region with what words mean in its columns; what is new changes nothing said before."""
    records: list[Record] = []
    for record in region.records:
        columns: dict[str, tuple[Value, ...]] = {}
        for name, values in record.columns.items():
            of_column = words.get(_holds(record, name), {}) if _is_closed(record, name) else {}
            columns[name] = tuple(
                _with_meanings(value, of_column, is_new=is_new) for value in values
            )
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _with_meanings(value: Value, words: dict[str, str], *, is_new: bool) -> Value:
    if not words or value.text is not None or value.lookup is not None:
        return value
    same = {normal(word) for word in words}
    others = {word: means for word, means in value.words.items() if normal(word) not in same}
    if is_new:
        own = {normal(word) for word in value.words}
        new = {word: means for word, means in words.items() if normal(word) not in own}
        return changed(value, words={**value.words, **new}) if new else value
    return changed(value, words={**others, **words})


def _is_closed(record: Record, column: str) -> bool:
    return _holds(record, column) in HOLDS_OF_WORDS


def _holds(record: Record, column: str) -> Holds:
    for each in columns_of(kind_of_columns(draft_of(record))):
        if each.name == column:
            return each.holds
    return Holds.ANYTHING


# ---------------------------------------------------------------- rows


def _with_rows(layout: Layout, choice: SetRows) -> tuple[SheetLayout, ...]:
    chosen = _chosen_sheet(layout, choice.worksheet)
    return tuple(
        _sheet_with_rows(sheet, choice)
        if sheet.ignore is None and (sheet is chosen or choice.everywhere)
        else sheet
        for sheet in layout.sheets
    )


def _sheet_with_rows(sheet: SheetLayout, choice: SetRows) -> SheetLayout:
    fields = _rule_fields(choice)
    regions: list[Region] = []
    for region in sheet.regions:
        skip = tuple(rule for rule in region.skip if not _is_same_rule(rule, fields))
        remarks = tuple(rule for rule in region.remarks if not _is_same_rule(rule, fields))
        if choice.become == "remarks":
            remarks = (*remarks, RemarkRows(**fields))
        else:
            skip = (*skip, LeftOutRows(**fields, reason=choice.reason or _REASON))
        regions.append(changed(region, skip=skip, remarks=remarks))
    leave = tuple(rule for rule in sheet.leave if not _is_same_rule(rule, fields))
    if choice.become == "left_out":
        leave = (*leave, LeftOutRows(**fields, reason=choice.reason or _REASON))
    return changed(sheet, regions=tuple(regions), leave=leave)


def _rule_fields(choice: SetRows) -> dict[str, Any]:
    match choice.rows:
        case "alone":
            return {"alone": True}
        case "struck":
            return {"struck": True}
        case "text":
            return {"texts": (choice.text,)}
        case "starts":
            return {"starts": (choice.text,)}
        case _:
            assert_never(choice.rows)


def _is_same_rule(rule: RowRule, fields: dict[str, Any]) -> bool:
    own = rule.model_dump(exclude_defaults=True, exclude={"reason", "about"})
    return own == fields


# ---------------------------------------------------------------- blocks


def _with_blocks(
    layout: Layout, grids: Sequence[Grid], choice: SetBlocks
) -> tuple[SheetLayout, ...]:
    chosen = _chosen_sheet(layout, choice.worksheet)
    if _NAME not in _parts_of(choice.line):
        raise WrongUseError(f"“{choice.line}” needs {{{_NAME}}} where the name is.")
    alike = [grid for grid in grids if sheet_layout_of(layout, grid.title) is chosen]
    region = _region_with_blocks(chosen.regions[0], alike, choice.line)
    sheet = changed(chosen, regions=(region, *chosen.regions[1:]))
    return tuple(sheet if each is chosen else each for each in layout.sheets)


def _parts_of(line: str) -> Sequence[str]:
    try:
        return template_of(line).names
    except ValueError as error:
        raise WrongUseError(f"{error}.") from error


def _region_with_blocks(region: Region, grids: Sequence[Grid], line: str) -> Region:
    outer = region.records[0]
    if len(region.records) == 1:
        owner = owner_column_of(outer.into)
        if owner is None:
            raise WrongUseError("Its rows belong to nothing that a line above could name.")
        columns = {**outer.columns, owner.name: (Value(heading=_NAME),)}
        record = changed(outer, columns=columns)
        return changed(region, begins=RowRule(like=line), repeats=True, records=(record,))
    begins = RowRule(like=line)
    labels = [*dict.fromkeys(label for grid in grids for label in _labels(grid, region, begins))]
    label_column = label_column_of(outer.into)
    assert label_column is not None  # noqa: S101 - of a kind that others belong to
    columns = {name: values for name, values in outer.columns.items() if name != label_column}
    draft = RecordDraft(
        kind=outer.into,
        columns={**columns, label_column: (Value(heading=_NAME),)},
        own=[*outer.own],
        other_fields={"per": Per.BLOCK},
    )
    named = [NamedColumn(at, label, label, "") for at, label in enumerate(labels)]
    meant = columns_by_dictionary(outer.into, named)
    for name, values in meant.items():
        draft.columns.setdefault(name, tuple(Value(pair=value.column) for value in values))
    used = {value.pair for values in draft.columns.values() for value in values}
    for label in labels:
        if label not in used:
            keep_value(draft, Value(pair=label))
    return with_derived_cells(
        changed(
            region,
            begins=begins,
            repeats=True,
            pairs=tuple(labels),
            records=(draft.built(), *region.records[1:]),
        )
    )


def _labels(grid: Grid, region: Region, begins: RowRule) -> Iterator[str]:
    """Yield the labels between the line that a block begins with and its header."""
    headers = HeaderRows(region, grid, grid.rows)
    is_in_block = False
    for row, columns in grid.rows.items():
        if is_meant(begins, grid, row, {}, columns):
            is_in_block = True
        elif headers.is_header(row):
            is_in_block = False
        elif is_in_block and len(columns) <= _LABEL_CELLS_MAX:
            yield grid[row, columns[0]].text


# ---------------------------------------------------------------- fills of cells


def _with_colour(
    layout: Layout, grids: Sequence[Grid], choice: SetColour
) -> tuple[SheetLayout, ...]:
    chosen = _chosen_sheet(layout, choice.worksheet)
    sheet = changed(
        chosen,
        regions=tuple(
            _region_with_colour(region, grids, choice)
            if _has_header(region, choice.header)
            else region
            for region in chosen.regions
        ),
    )
    return tuple(sheet if each is chosen else each for each in layout.sheets)


def _region_with_colour(region: Region, grids: Sequence[Grid], choice: SetColour) -> Region:
    """Return a region in which a fill is the status of the record that takes the header."""
    fills = {colour for grid in grids for colour in grid.colours.values()}
    records: list[Record] = []
    for record in region.records:
        takes = any(
            _takes(value, choice.header) for values in record.values.values() for value in values
        )
        before = record.columns.get(STATUS_COLUMN, ())
        if takes and any(value.colour is None for value in before):
            raise WrongUseError("A column says already how far each row is.")
        if takes:
            words = {**dict.fromkeys(sorted(fills), ""), **(before[0].words if before else {})}
            status = Value(colour=choice.header, words={**words, choice.colour: choice.means})
            records.append(changed(record, columns={**record.columns, STATUS_COLUMN: (status,)}))
        else:
            records.append(record)
    return changed(region, records=tuple(records))


# ---------------------------------------------------------------- what other worksheets say of fields


def _with_details(sheets: Sequence[SheetLayout]) -> Iterator[SheetLayout]:
    """Yield worksheets whose fields take what the worksheets with details say of them."""
    details = [
        record
        for sheet in sheets
        for region in sheet.regions
        for record in region.records
        if record.sheet == FIELD_DETAILS and JOINED_BY in record.columns
    ]
    given = [*dict.fromkeys(name for record in details for name in record.columns)]
    for sheet in sheets:
        regions = tuple(_region_with_details(region, given) for region in sheet.regions)
        yield changed(sheet, regions=regions) if regions != sheet.regions else sheet


def _region_with_details(region: Region, given: Sequence[str]) -> Region:
    records: list[Record] = []
    for record in region.records:
        columns = {
            name: kept
            for name, values in record.columns.items()
            if (kept := tuple(value for value in values if not _is_of_details(value)))
        }
        joined = columns.get(JOINED_BY, ())
        if record.into == FIELD and joined:
            known = {column.name for column in columns_of(FIELD)}
            for name in given:
                if name == JOINED_BY or name not in known:
                    continue
                lookup = Lookup(kind=HELPER, sheet=FIELD_DETAILS, by=(JOINED_BY,), give=name)
                if name in NOTE_COLUMNS or name not in columns:
                    value = changed(joined[0], lookup=lookup)
                    columns[name] = (*columns.get(name, ()), value)
        records.append(record if columns == record.columns else changed(record, columns=columns))
    return region if records == [*region.records] else changed(region, records=tuple(records))


def _is_of_details(value: Value) -> bool:
    return value.lookup is not None and value.lookup.sheet == FIELD_DETAILS
