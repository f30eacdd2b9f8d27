"""What a layout becomes where somebody says what a mark of a matrix means, or what a name is a name of.

Belongs here: marks, names that the workbook writes otherwise elsewhere, what is said of all things of a
table. Does not: words of closed columns (`word_choices`), making a matrix (`matrices`).
"""

from collections.abc import Iterator
from typing import assert_never

from jira_pipeline.model.columns import columns_of, label_column_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import MarkMeaning, SetConstant, SetMark, SetName
from jira_pipeline.sheets.layouts.layout import (
    Constant,
    Layout,
    Marks,
    Per,
    Record,
    Region,
    SheetLayout,
    SheetTitle,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    region_with_values,
    sheets_with,
    sheets_with_table,
    values_in,
)
from jira_pipeline.sheets.layouts.record_drafts import draft_of, keep_value, kind_of_record
from jira_pipeline.sheets.layouts.table_shapes import with_derived_cells
from jira_pipeline.sheets.layouts.texts import normal, texts_without

MarkChoice = SetMark | SetName | SetConstant


def with_mark_choice(layout: Layout, choice: MarkChoice) -> tuple[SheetLayout, ...]:
    """Return what is said of worksheets with what somebody says of marks, names or all things."""
    match choice:
        case SetMark():
            return _with_mark(layout, choice)
        case SetName():
            return tuple(_with_name(sheet, choice) for sheet in layout.sheets)
        case SetConstant():
            return sheets_with_table(
                layout,
                choice.worksheet,
                choice.table,
                lambda region: _region_with_constant(region, choice),
            )
        case _:
            assert_never(choice)


def with_names_of(region: Region, layout: Layout) -> Region:
    """Return a new region in which names mean what they do in the other worksheets of a layout."""
    for choice in _names_in(layout):
        region = _region_with_name(region, choice)
    return region


def _names_in(layout: Layout) -> Iterator[SetName]:
    """Yield what somebody said of names."""
    for record, column, value in values_in(layout):
        kind = _kind_named(record, column)
        for name, means in value.words.items():
            if kind and means:
                yield SetName(kind=kind, name=name, means=means)


def _with_mark(layout: Layout, choice: SetMark) -> tuple[SheetLayout, ...]:
    """Let a text in the cells of a matrix mean something, wherever it is in one of a worksheet."""
    chosen = declared_sheet(layout, choice.worksheet)
    if not any(region.marks for region in chosen.regions):
        raise WrongUseError(f"“{choice.worksheet}” has no matrix.")
    regions: list[Region] = []
    for region in chosen.regions:
        marks = region.marks
        regions.append(region if marks is None else _region_with_mark(region, marks, choice))
    return sheets_with(layout, chosen, changed(chosen, regions=tuple(regions)))


def _region_with_mark(region: Region, marks: Marks, choice: SetMark) -> Region:
    texts = texts_without(marks.texts, [choice.mark])
    none = texts_without(marks.none, [choice.mark])
    word: str | None = ""
    match choice.means:
        case MarkMeaning.NONE:
            none = (*none, choice.mark)
        case MarkMeaning.PLAIN:
            texts = (*texts, choice.mark)
        case MarkMeaning.REQUIRED:
            word = "y"
        case MarkMeaning.OPTIONAL:
            word = "n"
        case MarkMeaning.QUOTED:
            word = None
        case _:
            assert_never(choice.means)

    def with_word(_record: Record, _column: str, value: Value) -> Value:
        if value.mark is None:
            return value
        words = dict(_words_without(value, choice.mark))
        if word is not None:
            words[choice.mark] = word
        return changed(value, words=words)

    marked = changed(region, marks=Marks(headers=marks.headers, texts=texts, none=none))
    return region_with_values(marked, with_word)


def _words_without(value: Value, gone: str) -> Iterator[tuple[str, str]]:
    for word, means in value.words.items():
        if normal(word) != normal(gone):
            yield word, means


def _with_name(sheet: SheetLayout, choice: SetName) -> SheetLayout:
    """Let a name mean what is listed under another one, wherever a cell names things of that kind."""
    regions = tuple(_region_with_name(region, choice) for region in sheet.regions)
    return changed(sheet, regions=regions) if regions else sheet


def _region_with_name(region: Region, choice: SetName) -> Region:
    def with_word(record: Record, column: str, value: Value) -> Value:
        is_taken = value.text is None and value.lookup is None
        if not is_taken or _kind_named(record, column) != choice.kind:
            return value
        return changed(
            value, words={**dict(_words_without(value, choice.name)), choice.name: choice.means}
        )

    return region_with_values(region, with_word)


def _kind_named(record: Record, column: str) -> str:
    """Return of which kind the things are that a column names, which another table lists; or none."""
    if record.per is Per.MARK and column == label_column_of(record.into):
        return record.into
    columns = columns_of(kind_of_record(record))
    return next((other.names for other in columns if other.name == column), "")


def _region_with_constant(region: Region, choice: SetConstant) -> Region:
    """Return a table all things of which have a cell; a header that said it before is kept as a note."""
    records: list[Record] = []
    is_said = False
    for record in region.records:
        names = {column.name for column in columns_of(kind_of_record(record))}
        if record.into != choice.kind or choice.column not in names:
            records.append(record)
            continue
        draft = draft_of(record)
        for value in draft.columns.pop(choice.column, ()):
            if value.column is not None:
                keep_value(draft, Value(column=value.column))
            elif not _is_constant(value):
                raise WrongUseError(f"A line or label says “{choice.column}” already.")
        if choice.is_title:
            draft.columns[choice.column] = (Value(title=True),)
        elif choice.text:
            draft.columns[choice.column] = (Value(text=choice.text),)
        records.append(draft.built())
        is_said = True
    if not is_said:
        raise WrongUseError(f"The table lists nothing with “{choice.column}”.")
    return with_derived_cells(changed(region, records=tuple(records)))


def _is_constant(value: Value) -> bool:
    """Tell whether no cell says it: somebody does, or the name of the worksheet."""
    return isinstance(value.source, Constant | SheetTitle)
