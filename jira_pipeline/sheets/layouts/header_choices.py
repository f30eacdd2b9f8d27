"""What a layout becomes where somebody says what a header means.

Belongs here: meanings, headers that are kept, left out, renamed or gone, blank cells. Does not: what
is offered (`header_offers`), whole worksheets (`worksheet_choices`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from jira_pipeline.model.columns import (
    NOTE_COLUMNS,
    STATUS_COLUMN,
    columns_of,
    label_column_of,
    owner_column_of,
)
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import (
    HeaderMeaning,
    KeepHeader,
    LeaveOutHeader,
    RenameHeader,
    SetBlank,
    SetMeaning,
)
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    HELPER,
    Layout,
    Lookup,
    Per,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet
from jira_pipeline.sheets.layouts.table_shapes import (
    RecordDraft,
    draft_of,
    keep_value,
    keys_of,
    kind_of_columns,
    naming_columns,
    with_derived_cells,
)
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import label_key
from jira_pipeline.sheets.layouts.word_choices import with_words_of

HeaderChoice = SetMeaning | KeepHeader | LeaveOutHeader | SetBlank


def with_header(layout: Layout, choice: HeaderChoice) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    is_named = any(has_header(region, choice.header) for region in chosen.regions)
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


def has_header(region: Region, header: str) -> bool:
    return normal(header) in {normal(name) for name in headers_of(region)}


def with_renamed_header(layout: Layout, choice: RenameHeader) -> tuple[SheetLayout, ...]:
    chosen = declared_sheet(layout, choice.worksheet)
    if not any(has_header(region, choice.header) for region in chosen.regions):
        raise WrongUseError(f"Nothing is said of a header “{choice.header}”.")
    regions = tuple(_region_with_renamed(region, choice) for region in chosen.regions)
    sheet = changed(chosen, regions=regions)
    return tuple(sheet if each is chosen else each for each in layout.sheets)


def _region_with_renamed(region: Region, choice: RenameHeader) -> Region:
    if not has_header(region, choice.header):
        return region
    header = next(name for name in headers_of(region) if normal(name) == normal(choice.header))
    if choice.now:
        fields = region.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return Region.model_validate(_renamed(fields, header, choice.now))
    left = changed(
        region,
        header=tuple(name for name in region.header if name != header),
        unused={name: reason for name, reason in region.unused.items() if name != header},
    )
    drafts = [_without_header(record, header) for record in region.records]
    records = tuple(_with_needs(draft.built()) for draft in drafts)
    return with_derived_cells(changed(left, records=records))


_KEYS_OF_HEADERS = frozenset({"column", "comment", "colour", "pair"})
_KEYS_OF_LISTS = frozenset({"header", "headers", "own", "pairs"})


def _renamed(value: Any, header: str, now: str) -> Any:
    """Return a part of a layout, as JSON has it, with another name of a header."""
    if isinstance(value, list):
        return [_renamed(each, header, now) for each in value]
    if not isinstance(value, dict):
        return value
    renamed: dict[str, Any] = {}
    for key, inner in value.items():
        if key in _KEYS_OF_HEADERS and inner == header:
            renamed[key] = now
        elif key in _KEYS_OF_LISTS and isinstance(inner, list):
            renamed[key] = [now if each == header else each for each in inner]
        elif key == "unused":
            renamed[key] = {now if name == header else name: why for name, why in inner.items()}
        else:
            renamed[key] = _renamed(inner, header, now)
    return renamed


def headers_of(region: Region) -> Sequence[str]:
    """Return the headers and labels of which a region says something."""
    named = [*region.header, *region.unused, *region.pairs]
    for value in region.all_values:
        named += [name for name in (value.named_header, value.pair) if name]
    return [*dict.fromkeys(named)]


def _region_with_header(region: Region, choice: HeaderChoice, layout: Layout) -> Region:
    if isinstance(choice, SetBlank):
        return _with_blank(region, choice)
    if not has_header(region, choice.header):
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
            taking = [
                (_draft_thattakes_header(drafts, meaning), meaning) for meaning in choice.meanings
            ]
            if any(draft is None for draft, _ in taking):
                return region  # of another kind, which has no such column
            for draft, meaning in taking:
                assert draft is not None  # noqa: S101 - for mypy
                _put(draft, meaning, source)
        case _:
            assert_never(choice)
    return with_words_of(_rebuilt(region, drafts, unused), layout)


def with_meanings_of(region: Region, layout: Layout) -> Region:
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
        draft = _draft_thattakes_header(drafts, meaning)
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
        kept = tuple(value for value in values if not takes_header(value, header))
        if kept:
            columns[name] = kept
    own = [name for name in record.own if name != header]
    return replace(draft_of(record), columns=columns, own=own)


def takes_header(value: Value, header: str) -> bool:
    return any(header in {part.named_header, part.pair} for part in value.with_parts)


def _draft_of_kind(drafts: Sequence[RecordDraft], kind: str) -> RecordDraft:
    """Return the record of a kind; where none is named, the innermost."""
    return next((draft for draft in drafts if draft.kind == kind), drafts[-1])


def _draft_thattakes_header(
    drafts: Sequence[RecordDraft], meaning: HeaderMeaning
) -> RecordDraft | None:
    """Return the record that has the column that is meant: of its kind, else any with such a one."""
    of_kind = [draft for draft in drafts if kind_of_columns(draft) == meaning.kind]
    for draft in (*of_kind, *reversed(drafts)):
        names = {column.name for column in columns_of(kind_of_columns(draft))}
        if meaning.column in names:
            return draft
    return None


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
