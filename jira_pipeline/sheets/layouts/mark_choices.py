"""What a layout becomes where somebody says what a mark of a matrix means.

Belongs here: marks, and what people are asked about them. Does not: what a mark may mean
(`mark_meanings`), words of closed columns (`word_choices`), making a matrix (`matrices`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.drupal.columns import label_column_of, owner_column_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import (
    MarkMeaning,
    MarkPart,
    MeantMark,
    SetMarkParts,
    SetMarks,
)
from jira_pipeline.sheets.layouts.drafts import REMARKS, TARGET
from jira_pipeline.sheets.layouts.layout import (
    Gathering,
    Layout,
    MissingPart,
    Per,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import (
    changed,
    declared_sheet,
    region_with_values,
    sheets_with,
    sheets_with_table,
    words_without,
)
from jira_pipeline.sheets.layouts.mark_meanings import (
    ASKED,
    COLUMNS_OF_MARKS,
    meaning_of_words,
    words_of_mark,
)
from jira_pipeline.sheets.layouts.matrices import COUNT, REQUIRED
from jira_pipeline.sheets.layouts.record_drafts import FIELD, keys_of, note_column
from jira_pipeline.sheets.layouts.split_offers import BRACKETS, NOTES_OF_TRANSITION
from jira_pipeline.sheets.layouts.table_shapes import (
    STATE,
    TRANSITION,
    WORKFLOW,
    with_derived_cells,
)
from jira_pipeline.sheets.layouts.texts import normal, normals, texts_without


def with_marks(layout: Layout, choice: SetMarks) -> tuple[SheetLayout, ...]:
    """Let texts in the cells of a matrix mean something, wherever they are in one of a worksheet."""
    chosen = declared_sheet(layout, choice.worksheet)
    if not any(region.marks for region in chosen.regions):
        raise WrongUseError(f"“{choice.worksheet}” has no matrix.")
    regions: list[Region] = []
    for region in chosen.regions:
        with_marks = region
        for mark in choice.marks:
            with_marks = _region_with_mark(with_marks, mark)
        regions.append(with_marks)
    return sheets_with(layout, chosen, changed(chosen, regions=tuple(regions)))


def with_mark_parts(layout: Layout, choice: SetMarkParts) -> tuple[SheetLayout, ...]:
    """Let what is after the name in marks say something of its own: who may take a step, or notes."""

    def with_parts(region: Region) -> Region:
        if choice.mark_part is MarkPart.LINES:
            if not names_of_marks(region):
                raise WrongUseError(f"No mark of “{choice.worksheet}” names a step or a display.")
            return _region_with_lines_of_marks(region)
        if not steps_of_marks(region):
            raise WrongUseError(f"No mark of “{choice.worksheet}” is the name of a step.")
        return _region_with_parts(region)

    return sheets_with_table(layout, choice.worksheet, choice.table, with_parts)


_NAMED_BY_MARKS: Mapping[str, str] = {
    TRANSITION: "Label",
    EntityKind.VIEW_DISPLAY.value: "Path or place",
}
"""The column that a mark says of what it makes."""


def names_of_marks(region: Region) -> tuple[Value, ...]:
    """Return what takes the names that marks say, such as of steps; nothing where they name none."""
    for record in region.records:
        column = _NAMED_BY_MARKS.get(record.into, "")
        if column and record.per is Per.MARK:
            return tuple(value for value in record.columns.get(column, ()) if value.mark)
    return ()


LINE_BREAK = "\n"


def _region_with_lines_of_marks(region: Region) -> Region:
    """Let the first line of marks be what they name, and what follows it a note of that."""
    records: list[Record] = []
    for record in region.records:
        columns = dict(record.columns)
        column = _NAMED_BY_MARKS.get(record.into, "")
        if column and record.per is Per.MARK and not record.marked:
            columns[column] = (Value(mark=True, before=LINE_BREAK),)
            lines = Value(mark=True, after=LINE_BREAK, lacking=MissingPart.NOTHING)
            note = note_column(record.into)
            columns[note] = (lines, *columns.get(note, ()))
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def steps_of_marks(region: Region) -> tuple[Value, ...]:
    """Return what takes the names of steps (transitions) of marks; nothing where marks name none."""
    for record in region.records:
        if record.into == TRANSITION and record.per is Per.MARK:
            return tuple(value for value in record.columns.get("Label", ()) if value.mark)
    return ()


def _region_with_parts(region: Region) -> Region:
    opening, closing = BRACKETS[0]
    records: list[Record] = []
    for record in region.records:
        columns = dict(record.columns)
        if record.into == TRANSITION and record.per is Per.MARK and not record.marked:
            columns["Label"] = (Value(mark=True, before=opening),)
            roles = Value(
                mark=True, after=opening, before=closing, lacking=MissingPart.NOTHING, split=","
            )
            notes = columns.get(NOTES_OF_TRANSITION, ())
            columns[NOTES_OF_TRANSITION] = (roles, *notes)
        records.append(changed(record, columns=columns))
    return changed(region, records=tuple(records))


def _region_with_mark(region: Region, mark: MeantMark) -> Region:
    marks = region.marks
    if marks is None:
        return region
    texts = texts_without(marks.texts, [mark.text])
    none = texts_without(marks.none, [mark.text])
    match mark.means:
        case MarkMeaning.NONE:
            none = (*none, mark.text)
        case MarkMeaning.PLAIN:
            texts = (*texts, mark.text)
        case _:
            pass
    with_marks = changed(region, marks=changed(marks, texts=texts, none=none))
    if lists_marked_fields(region):
        return _with_mark_of_fields(with_marks, mark)
    return _with_mark_of_others(with_marks, mark)


def lists_marked_fields(region: Region) -> bool:
    """Tell whether each mark of a matrix makes a field."""
    return any(_is_of_fields(record) for record in region.records)


def _is_of_fields(record: Record) -> bool:
    is_of_mark = record.into == FIELD and record.per is Per.MARK
    return is_of_mark and TARGET not in record.gather and not record.marked


def lists_components(region: Region) -> bool:
    """Tell whether the marks of a matrix say what a field of each type refers to."""
    return any(_is_of_components(record) for record in region.records)


def _is_of_components(record: Record) -> bool:
    return record.into == FIELD and record.per is Per.MARK and TARGET in record.gather


def field_of_components(region: Region) -> str:
    """Return the field that components of a matrix stand in; blank where it is of other things."""
    for record in region.records:
        if _is_of_components(record):
            return next((value.text or "" for value in record.columns["Field label"]), "")
    return ""


def workflow_of_steps(region: Region) -> str:
    """Return what the workflow is called whose steps marks are; blank where they are none."""
    for record in region.records:
        if record.into == TRANSITION and record.per is Per.MARK:
            return next((value.text or "" for value in record.columns.get("Workflow", ())), "")
    return ""


def _with_mark_of_fields(region: Region, mark: MeantMark) -> Region:
    """Let a mark say of each field what it means: required, how many, on hold, or a remark."""
    words_by_column = words_of_mark(mark.text, mark.means, mark.count)
    records: list[Record] = []
    for record in region.records:
        if not _is_of_fields(record):
            records.append(record)
            continue
        columns = dict(record.columns)
        for column in COLUMNS_OF_MARKS:
            columns[column] = _with_word_of_mark(
                columns.get(column, ()), column, mark, words_by_column
            )
        filled = {name: values for name, values in columns.items() if values}
        records.append(changed(record, columns=filled))
    return changed(region, records=tuple(records))


def _with_word_of_mark(
    values: Sequence[Value], column: str, mark: MeantMark, words_by_column: Mapping[str, str]
) -> tuple[Value, ...]:
    """Return the values of a column in which a mark says a word, or nothing."""
    others = tuple(value for value in values if value.mark is None)
    before = next((value for value in values if value.mark is not None), None)
    words = words_without(before, mark.text) if before else {}
    # Where a header says what is required, a mark says it of its own cells alone.
    is_read = column == REQUIRED and before is not None and not before.only_words
    if mark.means is not MarkMeaning.NONE and (is_read or words_by_column[column]):
        words[mark.text] = words_by_column[column]
    if is_read and before is not None:
        return (changed(before, words=words), *others)
    if not words:
        return others
    # A mark that says nothing there is no word of it; a number goes before that of its column.
    goes_first = column != REMARKS
    value = Value(mark=True, words=words, only_words=True, goes_first=goes_first)
    return (value, *others)


def _with_mark_of_others(region: Region, mark: MeantMark) -> Region:
    """Let a mark be a plain one or quoted; where people are asked, a further record says so."""

    def with_word(_record: Record, _column: str, value: Value) -> Value:
        if value.mark is None or value.only_words:
            return value
        words = words_without(value, mark.text)
        if mark.means is MarkMeaning.PLAIN:
            words[mark.text] = ""
        elif mark.means is MarkMeaning.QUOTED:
            words[mark.text] = mark.text  # said, and not only what is done with any mark
        return changed(value, words=words)

    plain = region_with_values(region, with_word)
    records = [*_without_mark(plain.records, mark.text)]
    is_quoted_apart = mark.means is MarkMeaning.QUOTED and lists_components(plain)
    if mark.means in ASKED or is_quoted_apart:
        if mark.means is MarkMeaning.UNDECIDED:
            records = [_not_marked(record, mark.text) for record in records]
        asking = _asking_record(plain, mark)
        if asking is not None:
            records.append(asking)
    return with_derived_cells(changed(plain, records=tuple(records)))


def _without_mark(records: Sequence[Record], mark: str) -> Iterator[Record]:
    """Yield records of which none is made for a mark alone, and none leaves it out."""
    for record in records:
        marked = texts_without(record.marked, [mark])
        if record.marked and not marked:
            continue
        not_marked = texts_without(record.not_marked, [mark])
        if (marked, not_marked) == (record.marked, record.not_marked):
            yield record
        else:
            yield changed(record, marked=marked, not_marked=not_marked)


def _not_marked(record: Record, mark: str) -> Record:
    """Return a record that a mark does not make; states are there whatever leads from one to another."""
    if record.per is not Per.MARK or record.into in {WORKFLOW, STATE} or record.marked:
        return record
    return changed(record, not_marked=(*record.not_marked, mark))


def _asking_record(region: Region, mark: MeantMark) -> Record | None:
    """Return what asks about a mark, with the thing that its row or column names."""
    about = _record_asked_about(region)
    if about is None:
        return None
    owner = owner_column_of(about.into)
    naming = {label_column_of(about.into), owner and owner.name, *about.same_by}
    columns = {name: values for name, values in about.columns.items() if name in naming}
    quoted = Value(mark=True, wording=ASKED.get(mark.means, "{}"))
    names = about.columns[TARGET] if lists_components(region) else _names_at_mark(region)
    parts = (*names, quoted)
    columns[REMARKS] = (Value(parts=parts, between=": "),)
    return Record(
        into=about.into,
        per=Per.MARK,
        marked=(mark.text,),
        columns=columns,
        same_by=about.same_by or keys_of(about.into)[:1],
        gather={REMARKS: Gathering()},
    )


def _record_asked_about(region: Region) -> Record | None:
    """Return what a matrix makes of marks that people can be asked of: a state, not the step itself."""
    made = [record for record in region.records if record.per is Per.MARK and not record.marked]
    states = [record for record in made if record.into == STATE]
    return next(iter((*states, *made)), None)


def _names_at_mark(region: Region) -> Sequence[Value]:
    """Return what names the row and the column of a mark."""
    rows: list[Value] = []
    columns: list[Value] = []
    for value in region.all_values:
        if value.column is not None and value not in rows:
            rows.append(value)
        if value.header is not None and value not in columns:
            columns.append(value)
    return (*rows[:2], *columns[:1])


def meaning_in_region(region: Region, mark: str) -> MarkMeaning | None:
    """Return what a mark means in a matrix; None where nobody said it yet."""
    marks = region.marks
    if marks is not None and normal(mark) in normals(marks.none):
        return MarkMeaning.NONE
    if lists_marked_fields(region):
        words = words_in_region(region, mark)
        # Where a header says what is required, a plain mark has no words.
        is_plain = marks is not None and normal(mark) in normals(marks.texts)
        return meaning_of_words(mark, words) if words or is_plain else None
    for record in region.records:
        if normal(mark) in normals(record.not_marked):
            return MarkMeaning.UNDECIDED
        if normal(mark) in normals(record.marked):
            return _meaning_apart(record)
    if marks is not None and normal(mark) in normals(marks.texts):
        return MarkMeaning.PLAIN
    return MarkMeaning.QUOTED if mark in words_in_region(region, mark).values() else None


def _meaning_apart(record: Record) -> MarkMeaning:
    """Return what the marks mean that a record of their own is made of."""
    wordings = {part.wording for value in record.columns[REMARKS] for part in value.with_parts}
    is_asked = ASKED[MarkMeaning.SOMETIMES] in wordings
    return MarkMeaning.SOMETIMES if is_asked else MarkMeaning.QUOTED


def words_in_region(region: Region, mark: str) -> Mapping[str, str]:
    """Return what a mark says of the fields that it makes, by column."""
    words_by_column: dict[str, str] = {}
    for record in region.records:
        for column, values in record.columns.items():
            for value in values:
                words = {normal(word): means for word, means in value.words.items()}
                if value.mark is not None and normal(mark) in words:
                    words_by_column.setdefault(column, words[normal(mark)])
    return words_by_column


def with_marks_of(region: Region, before: Region) -> Region:
    """Return a matrix that is said anew with what marks meant, where its sides are what they were."""
    if region.marks is None or before.marks is None:
        return region
    if (region.marks.rows, region.marks.across) != (before.marks.rows, before.marks.across):
        return region
    with_marks = region
    ends_of_names = {value.before for value in names_of_marks(before)}
    if LINE_BREAK in ends_of_names and names_of_marks(region):
        with_marks = _region_with_lines_of_marks(region)
    elif any(ends_of_names) and steps_of_marks(region):
        with_marks = _region_with_parts(region)
    for text in marks_in(before):
        means = meaning_in_region(before, text)
        if means is not None:
            count = words_in_region(before, text).get(COUNT, "")
            with_marks = _region_with_mark(
                with_marks, MeantMark(text=text, means=means, count=count)
            )
    return with_marks


def marks_in(region: Region) -> Iterator[str]:
    """Yield the marks of which something is said in a matrix, once each."""
    texts: list[str] = []
    if region.marks is not None:
        texts += [*region.marks.texts, *region.marks.none]
    for record in region.records:
        texts += [*record.marked, *record.not_marked]
    for value in region.all_values:
        texts += value.words if value.mark is not None else ()
    yield from {normal(text): text for text in texts}.values()
