"""What choices make of the things that are read, before they are saved.

Belongs here: kinds of things that go, cells that nothing reads any more, headers that lose what they
mean, things that would be there twice. Does not: what is read (`applying`), what a choice makes of a
layout (`choices_applied`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from jira_pipeline.model.column_words import label_of
from jira_pipeline.model.line_numbers import first_named, format_count
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import (
    Choice,
    ForgetWorksheet,
    LeaveOutHeader,
    LeaveOutWorksheets,
    SetConstant,
    SetMeaning,
    SetRows,
)
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_offers import meanings_of
from jira_pipeline.sheets.layouts.layout import Layout, SheetLayout
from jira_pipeline.sheets.layouts.layout_checks import LayoutChecks
from jira_pipeline.sheets.layouts.named_cells import NamedCells, cells_of
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, counts_of_things
from jira_pipeline.sheets.layouts.texts import line_shortened, normal, normals
from jira_pipeline.sheets.layouts.worksheet_groups import counted_things

_TEXTS_NAMED = 4
_TEXT_MAX_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """What choices make of the things that are read, before they are saved."""

    gone: tuple[str, ...]
    """What is read, or means something, and would no longer, in sentences."""
    repeated: tuple[str, ...]
    """Things that would be there several times."""

    @property
    def is_to_be_confirmed(self) -> bool:
        return bool(self.gone or self.repeated)


def change_of(
    before: LayoutChecks, after: LayoutChecks, choices: Sequence[Choice], grids: Sequence[Grid]
) -> ReadingChange:
    """Return what choices lose that nobody chose to lose, and what would be there twice."""
    checked_before = before.reading.checked
    checked_after = after.reading.checked
    gone = [
        *_kinds_gone(checked_before, checked_after),
        *_headers_pushed_out(before.effective, after.effective, choices),
        *_cells_lost(before, after, choices, grids),
    ]
    return ReadingChange(
        tuple(dict.fromkeys(gone)), tuple(repeated_things(checked_before, checked_after))
    )


def _kinds_gone(before: CheckedLayout, after: CheckedLayout) -> Iterator[str]:
    kinds_after = _kinds_by_worksheet(after)
    for worksheet, kinds in _kinds_by_worksheet(before).items():
        for kind, count in kinds.items():
            if not kinds_after.get(worksheet, Counter())[kind]:
                instead = counted_things(kinds_after.get(worksheet, {})) or "none of its own"
                things = counted_things({kind: count})
                yield f"“{worksheet}” has {things} now, and would have {instead} instead."


def _cells_lost(
    before: LayoutChecks, after: LayoutChecks, choices: Sequence[Choice], grids: Sequence[Grid]
) -> Iterator[str]:
    """Name cells that say something of a thing now, and would not; those that a choice is about are meant."""
    places_after = _cells_of_things(after.reading.checked)
    worksheets_meant = set(_worksheets_meant(before.effective, choices))
    grids_by_title = {grid.title: grid for grid in grids}
    for worksheet, places in _cells_of_things(before.reading.checked).items():
        cells = grids_by_title[worksheet].cells
        no_marks = _texts_of_no_mark(after.effective, worksheet)
        lost = [
            place
            for place in sorted(places - places_after.get(worksheet, frozenset()))
            if normal(cells.get(place, "")) not in no_marks
        ]
        if not lost or worksheet in worksheets_meant:
            continue
        texts = [_quoted(cells.get(place, "")) for place in lost]
        verbs = (
            "is read now and would not be" if len(lost) == 1 else "are read now and would not be"
        )
        named = first_named(texts, _TEXTS_NAMED)
        yield f"{format_count(len(lost), 'cell')} of “{worksheet}” {verbs}: {named}."


def _texts_of_no_mark(layout: Layout, worksheet: str) -> AbstractSet[str]:
    """Return the texts that say in a matrix of a worksheet that nothing is there: none of them is lost."""
    sheet = sheet_layout_of(layout, worksheet)
    texts: set[str] = set()
    for region in sheet.regions if sheet else ():
        texts |= normals(region.marks.none) if region.marks else set()
    return texts


def _worksheets_meant(layout: Layout, choices: Sequence[Choice]) -> Iterator[str]:
    """Yield the worksheets of which somebody leaves out something with a choice."""
    for choice in choices:
        match choice:
            case LeaveOutWorksheets():
                yield from choice.worksheets
            case LeaveOutHeader() if choice.everywhere:
                for sheet in layout.sheets:
                    yield from sheet.worksheets
            case LeaveOutHeader() | SetRows() | ForgetWorksheet():
                declared = sheet_layout_of(layout, choice.worksheet)
                yield from (choice.worksheet,) if declared is None else declared.worksheets
            case _:
                pass


def _cells_of_things(checked: CheckedLayout) -> Mapping[str, AbstractSet[Place]]:
    """Return the cells of each worksheet that say something of a thing."""
    places: dict[str, set[Place]] = defaultdict(set)
    for row in checked.applied.rows:
        for column in row.cells:
            for source in row.copied_from.cells(column):
                places[source.sheet].add(Place(source.row, source.column))
    return places


def _quoted(text: str) -> str:
    return f"“{line_shortened(text, max_characters=_TEXT_MAX_CHARACTERS)}”"


def _headers_pushed_out(before: Layout, after: Layout, choices: Sequence[Choice]) -> Iterator[str]:
    """Name headers of which nobody said anything, and which lose what they mean to those that were chosen."""
    for choice in choices:
        if not isinstance(choice, SetMeaning | SetConstant):
            continue
        chosen = _headers_chosen(choices, choice.worksheet)
        sheet_before = sheet_layout_of(before, choice.worksheet)
        sheet_after = sheet_layout_of(after, choice.worksheet)
        if sheet_before is None or sheet_after is None:
            continue
        meanings_after = _meanings_in(sheet_after)
        for cells, meanings in _meanings_in(sheet_before).items():
            lost = [meaning for meaning in meanings if meaning not in meanings_after.get(cells, ())]
            if lost and not cells.are_among(chosen):
                names = " and ".join(f"“{label_of(kind, column)}”" for kind, column in lost)
                yield (
                    f"The header {_quoted(cells.name)} means {names} now. It would be kept as a "
                    "note instead, since only one header can mean that."
                )


def _headers_chosen(choices: Sequence[Choice], worksheet: str) -> list[NamedCells]:
    return [
        NamedCells(choice.header, choice.is_label)
        for choice in choices
        if isinstance(choice, SetMeaning) and choice.worksheet == worksheet
    ]


def _meanings_in(sheet: SheetLayout) -> Mapping[NamedCells, Sequence[tuple[str, str]]]:
    """Return what each header and label of a worksheet means."""
    meanings: dict[NamedCells, list[tuple[str, str]]] = {}
    for region in sheet.regions:
        for cells in cells_of(region):
            meanings.setdefault(cells, []).extend(meanings_of(region.records, cells))
    return meanings


def repeated_things(before: CheckedLayout, after: CheckedLayout) -> Iterator[str]:
    """Name things that are there, and would be there more often; what is new may be twice in its sheet."""
    counts_before = counts_of_things(before.applied.rows)
    for thing, count in counts_of_things(after.applied.rows).items():
        if 0 < counts_before[thing] < count:
            kind, *cells = thing
            name = next(filter(None, cells), "without a name")
            yield f"{name}: {counted_things({kind: counts_before[thing]})} now, then {count}"


def _kinds_by_worksheet(checked: CheckedLayout) -> dict[str, Counter[str]]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in checked.applied.rows:
        kinds[row.worksheet][row.kind] += 1
    return kinds
