"""Cells whose lines are fields of the type that their row is about: which look so, what a layout becomes.

Belongs here: the offer, and the choice. Does not: lines and their numbers or bullets (`listed_lines`),
cells that name what a row belongs to, or two fields in a row (`several_owners`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.columns import label_column_of
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import BundleType
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.choices import SetListedFields
from jira_pipeline.sheets.layouts.header_choices import (
    rebuilt,
    source_of,
    unused_without,
    without_cells,
)
from jira_pipeline.sheets.layouts.layout import (
    Constant,
    Layout,
    ListedPart,
    Per,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_parts import changed, declared_sheet, sheets_with
from jira_pipeline.sheets.layouts.listed_lines import ListedLine, end_of_name, listed_lines
from jira_pipeline.sheets.layouts.named_cells import NamedCells, cells_of
from jira_pipeline.sheets.layouts.record_drafts import BUNDLE, FIELD, RecordDraft, note_column
from jira_pipeline.sheets.layouts.row_rules import is_letter

NAMES_SHOWN_MAX = 3
_SEPARATORS = ("\n", ";")
_LINE_OF_NAMES_MAX_CHARACTERS = 60
"""A longer line without a number or bullet is a sentence of a text; Drupal's labels end at 255."""
_LABEL = label_column_of(FIELD) or ""
_MAY_HOLD_LISTS = frozenset({*NOTE_COLUMNS, "Description", _LABEL})
"""What a header means as long as nobody has said that the lines below it are fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFieldsOffer:
    """What the lines of the cells below a header would be, if each is a field."""

    header: str
    separator: str
    only_marked: bool
    has_notes: bool
    """Each is a field already; what is in brackets or after a colon would be a note of it."""
    cell_count: int
    """Cells that hold several lines; of notes, all of them."""
    field_count: int
    names: tuple[str, ...]
    """The first of the fields."""


def listed_fields_offer(
    region: Region,
    cells: NamedCells,
    texts: Sequence[str],
    meanings: Collection[tuple[str, str]],
) -> ListedFieldsOffer | None:
    """Return what the lines of some cells may be; None where they look like no list, or say something else."""
    current = _list_of(region, cells)
    if current is not None:
        return _offer_of_notes(current, cells, texts)
    if not _may_hold_lists(region, cells, meanings):
        return None
    for separator in _SEPARATORS:
        lists = [[*listed_lines(text, separator)] for text in texts]
        if _are_lists(lists, separator):
            fields = [line for lines in lists for line in lines]
            only_marked = any(line.is_marked for line in fields)
            if only_marked:
                fields = [line for line in fields if line.is_marked]
            return ListedFieldsOffer(
                header=cells.name,
                separator=separator,
                only_marked=only_marked,
                has_notes=False,
                cell_count=sum(len(lines) > 1 for lines in lists),
                field_count=len(fields),
                names=tuple(line.text for line in fields[:NAMES_SHOWN_MAX]),
            )
    return None


def _offer_of_notes(
    current: Value, cells: NamedCells, texts: Sequence[str]
) -> ListedFieldsOffer | None:
    """Return what lines would be that are fields, each with what is after its name as a note."""
    separator = current.split or "\n"
    fields: list[ListedLine] = []
    for text in texts:
        lines = listed_lines(text, separator)
        fields += [line for line in lines if line.is_marked or not current.only_marked]
    has_notes = any(end_of_name(line.text) < len(line.text) for line in fields)
    if current.listed is not ListedPart.LINE or not has_notes:
        return None
    names = [line.text[: end_of_name(line.text)].strip() for line in fields]
    return ListedFieldsOffer(
        header=cells.name,
        separator=separator,
        only_marked=current.only_marked,
        has_notes=True,
        cell_count=len(texts),
        field_count=len(fields),
        names=tuple(names[:NAMES_SHOWN_MAX]),
    )


def _are_lists(lists: Sequence[Sequence[ListedLine]], separator: str) -> bool:
    """Tell whether some cells hold several lines with numbers or bullets, or several that look like names."""
    several = [lines for lines in lists if len(lines) > 1]
    has_marks = any(line.is_marked for lines in several for line in lines)
    return has_marks or _are_names(lists, separator)


def _are_names(lists: Sequence[Sequence[ListedLine]], separator: str) -> bool:
    """Tell whether lines without numbers or bullets look like names: several, short, and no sentences."""
    several = [lines for lines in lists if len(lines) > 1]
    if not several:
        return False
    # In prose a semicolon is now and then, between lines of a list it is in most cells.
    if separator != "\n" and len(several) * 2 <= len(lists):
        return False
    return all(_is_short(line) for lines in several for line in lines)


def _is_short(line: ListedLine) -> bool:
    is_sentence = line.text.endswith(".")
    return len(line.text) <= _LINE_OF_NAMES_MAX_CHARACTERS and not is_sentence


def _list_of(region: Region, cells: NamedCells) -> Value | None:
    """Return how the lines below a header are fields, where somebody said so."""
    for record in region.records:
        for value in record.columns.get(_LABEL, ()) if record.into == FIELD else ():
            if value.listed is not None and cells.are_taken_by(value):
                return value
    return None


def _may_hold_lists(
    region: Region, cells: NamedCells, meanings: Collection[tuple[str, str]]
) -> bool:
    """Tell whether the lines of some cells may be fields of the type that a row is about."""
    if cells.is_label or region.marks is not None or region.is_form:
        return False
    if any(column not in _MAY_HOLD_LISTS for _, column in meanings):
        return False
    return _has_place_for_list(region, cells)


def _has_place_for_list(region: Region, cells: NamedCells) -> bool:
    """Tell whether rows are types, or fields that nothing but some cells names."""
    fields = [record for record in region.records if record.into == FIELD]
    if fields:
        return fields == [region.records[-1]] and _may_be_of_list(fields[0], cells)
    (first, *others) = region.records
    if others or first.into != BUNDLE:
        return False
    return first.per is Per.ROW and not _is_vocabulary(first)


def _may_be_of_list(record: Record, cells: NamedCells) -> bool:
    naming = record.columns.get(_LABEL, ())
    is_named_elsewhere = any(
        not cells.are_taken_by(value) and value.source != Constant("") for value in naming
    )
    return record.per is Per.ROW and not is_named_elsewhere


def _is_vocabulary(record: Record) -> bool:
    """Tell whether all types of a table are lists of words, whose lines are terms."""
    types = [value.source for value in record.columns.get("Type", ())]
    return types == [Constant(BundleType.VOCABULARY.value)]


def with_listed_fields(layout: Layout, choice: SetListedFields) -> tuple[SheetLayout, ...]:
    """Let each line of the cells below a header be a field of the type that its row is about."""
    chosen = declared_sheet(layout, choice.worksheet)
    cells = NamedCells(choice.header)
    regions: list[Region] = []
    has_place = False
    for region in chosen.regions:
        if cells.are_among(cells_of(region)) and _has_place_for_list(region, cells):
            has_place = True
            regions.append(_region_with_list(region, cells, choice))
        else:
            regions.append(region)
    if not has_place:
        raise WrongUseError(
            f"The lines below “{choice.header}” of “{choice.worksheet}” cannot be fields: say first that "
            "its rows are types, or fields that this column alone names."
        )
    return sheets_with(layout, chosen, changed(chosen, regions=tuple(regions)))


def _region_with_list(region: Region, cells: NamedCells, choice: SetListedFields) -> Region:
    drafts = [without_cells(record, cells) for record in region.records]
    if drafts[-1].kind != FIELD:
        drafts.append(RecordDraft(kind=FIELD))
    listed = {"split": choice.separator, "only_marked": choice.only_marked}
    source = source_of(region, cells)
    of_field = drafts[-1]
    part = ListedPart.NAME if choice.has_notes else ListedPart.LINE
    of_field.columns[_LABEL] = (changed(source, **listed, listed=part, per_name=True),)
    if choice.has_notes:
        note = changed(source, **listed, listed=ListedPart.NOTE, per_name=True)
        _add_note(of_field, note)
    if choice.only_marked and drafts[0].kind == BUNDLE:
        other_lines = changed(source, split=choice.separator, listed=ListedPart.UNMARKED)
        if not is_letter(cells.name):
            heading = cells.name.replace("{", "").replace("}", "")
            other_lines = changed(other_lines, wording=f"{heading}: {{}}")
        _add_note(drafts[0], other_lines)
    return rebuilt(region, drafts, unused_without(region, cells))


def _add_note(draft: RecordDraft, value: Value) -> None:
    column = note_column(draft.kind)
    draft.columns[column] = (*draft.columns.get(column, ()), value)
