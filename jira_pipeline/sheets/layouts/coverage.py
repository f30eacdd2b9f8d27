"""Which cells of worksheets nobody reads, by character: neither read, structure, nor left out with a reason.

Belongs here: what becomes of cells, comments, fills, merges. Does not: whether what is read makes
sense (`row_checks`). Whoever confirms a layout settles each finding, by a mapping or with a reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from jira_pipeline.model.line_numbers import first_named, format_count
from jira_pipeline.sheets.layouts.applying import Applied, sheet_layout_of
from jira_pipeline.sheets.layouts.cell_looks import looks_at
from jira_pipeline.sheets.layouts.grid import Grid, Merge, Place, Span
from jira_pipeline.sheets.layouts.layout import (
    TEXT_MAX_CHARACTERS,
    Accepted,
    AcceptedCheck,
    Layout,
    LeftOutRows,
    LookOf,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.texts import line_shortened, normal
from jira_pipeline.sheets.layouts.use import CellUse
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES

_TEXTS_NAMED = 3
_TEXT_SHOWN_MAX = 60


class Unsettled(StrEnum):
    """What is left to settle about a layout."""

    MISFIT = "misfit"
    NOT_READ = "not_read"
    PARTLY_READ = "partly_read"
    NEWLY_LEFT_OUT = "newly_left_out"
    NEWLY_IGNORED = "newly_ignored"
    """It is below a header that is left out whatever is below it: people are told, and not asked."""
    COMMENT_NOT_READ = "comment_not_read"
    COLOUR_NOT_READ = "colour_not_read"
    STRUCK = "struck"
    MERGED = "merged"
    NAME_NOT_FOUND = "name_not_found"
    LONE_TEXT = "lone_text"
    WORD_UNREAD = "word_unread"
    CELL_BLANK = "cell_blank"
    OWNER_UNLISTED = "owner_unlisted"
    REFERENCE_DANGLING = "reference_dangling"
    REPEATED = "repeated"
    CELL_DIFFERS = "cell_differs"
    COLUMN_UNSAID = "column_unsaid"
    OWNER_BLANK = "owner_blank"
    MARK_UNREAD = "mark_unread"
    ROW_UNCLEAR = "row_unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutFinding:
    """Something that whoever confirms a layout has to settle."""

    code: Unsettled
    worksheet: str = ""
    place: Place | None = None
    text: str
    column: str = ""
    """The column of ours that it is about, with which `text` begins; empty where it is about none."""
    kind: str = ""
    """The kind of sheet that its column is of; blank where it is about none."""
    subject: str = ""
    """What it is about where `text` says more, such as how many rows; it stays when rows are added."""
    new_headers: tuple[str, ...] = ()
    """Of a header that is not there any more: those that are new beside it."""

    @property
    def where(self) -> str:
        """How people find it: `Fields!B12`."""
        if self.place is None:
            return self.worksheet
        return f"{self.worksheet}!{self.place.address}"

    @property
    def accepted_as(self) -> Accepted | None:
        """What a layout says where somebody accepts it; None where a layout has to change."""
        if self.code.value not in get_args(AcceptedCheck) or self.place is None:
            return None
        return Accepted.model_validate(
            {
                "worksheet": self.worksheet,
                "check": self.code.value,
                "text": (self.subject or self.text)[:TEXT_MAX_CHARACTERS],
            }
        )


def coverage_findings(
    layout: Layout, applied: Applied, grids: Sequence[Grid]
) -> Iterator[LayoutFinding]:
    """Yield what does not fit, and what of the worksheets is not read."""
    for misfit in applied.misfits:
        yield LayoutFinding(
            code=Unsettled.MISFIT,
            worksheet=misfit.worksheet,
            place=None if misfit.row is None else Place(misfit.row, 0),
            text=misfit.text,
            subject=misfit.header,
            new_headers=misfit.new_headers,
        )
    for grid in grids:
        sheet = sheet_layout_of(layout, grid.title)
        if sheet is None:
            if grid.cells:
                text = f"no layout says anything of its {len(grid.cells)} cells"
                yield LayoutFinding(code=Unsettled.NOT_READ, worksheet=grid.title, text=text)
            continue
        use = applied.uses[grid.title]
        if sheet.ignore is None:
            yield from _unread_cells(grid, use)
            yield from _unread_comments(grid, use, sheet)
            yield from _unread_colours(grid, use, sheet)
            yield from _struck_texts(grid, use, sheet)
            yield from _merges_not_filled(grid, applied, sheet)
            yield from _changed_rows(grid, use)
    yield from _newly_left_out(layout, applied, grids)


def _unread_cells(grid: Grid, use: CellUse) -> Iterator[LayoutFinding]:
    for place, text in sorted(grid.cells.items()):
        # What a formula shows that failed says nothing: templates have many below their rows.
        is_settled = place in use.structure or place in use.left_out or text in ERROR_VALUES
        if is_settled or place in use.below_new_headers or use.is_read_whole(place):
            continue
        spans = use.read.get(place)
        if not spans:
            code, rest = Unsettled.NOT_READ, text
        else:
            code, rest = Unsettled.PARTLY_READ, _unread_characters(text, spans)
        if not spans or any(map(_is_of_word, rest)):
            yield LayoutFinding(
                code=code, worksheet=grid.title, place=place, text=rest, subject=text
            )


def _unread_characters(text: str, spans: Sequence[Span]) -> str:
    characters = [*text]
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters).strip()


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _unread_comments(grid: Grid, use: CellUse, sheet: SheetLayout) -> Iterator[LayoutFinding]:
    if sheet.comments is not None:
        return
    for place, text in sorted(grid.comments.items()):
        if place not in use.comments:
            yield LayoutFinding(
                code=Unsettled.COMMENT_NOT_READ, worksheet=grid.title, place=place, text=text
            )


def _unread_colours(grid: Grid, use: CellUse, sheet: SheetLayout) -> Iterator[LayoutFinding]:
    if sheet.colours is not None or use.colours:
        return
    declared_looks = {(look.look, look.colour) for look in sheet.looks}
    counts: dict[LookOf, Counter[str]] = {LookOf.FILL: Counter(), LookOf.TEXT: Counter()}
    for seen in looks_asked(grid, use):
        if seen.look in counts and (seen.look, seen.colour) not in declared_looks:
            counts[seen.look][seen.colour] += 1
    for look, words in _UNREAD_COLOURS.items():
        if counts[look]:
            listed = ", ".join(f"{name} ({count})" for name, count in sorted(counts[look].items()))
            text = f"{words}: {listed}"
            yield LayoutFinding(code=Unsettled.COLOUR_NOT_READ, worksheet=grid.title, text=text)


_UNREAD_COLOURS: Mapping[LookOf, str] = {
    LookOf.FILL: "cells have fills that nothing reads",
    LookOf.TEXT: "texts have colours that nothing reads",
}


@dataclass(frozen=True, slots=True)
class SeenLook:
    """A cell that looks otherwise than usual, and is no header."""

    place: Place
    look: LookOf
    colour: str


def looks_asked(grid: Grid, use: CellUse) -> Iterator[SeenLook]:
    """Yield the looks of cells that are read, which may say something.

    Those of headers do not, nor what most of the lines between rows look like.
    """
    of_lines = Counter(look for place in use.lines for look in looks_at(grid, place))
    for place in sorted({*grid.colours, *grid.text_colours, *grid.struck}):
        if place in use.left_out:
            continue
        is_line = place in use.lines
        if not is_line and (place in use.structure or not use.is_read(place)):
            continue
        for look, colour in looks_at(grid, place):
            if not is_line or of_lines[look, colour] * 2 < len(use.lines):
                yield SeenLook(place, look, colour)


def _struck_texts(grid: Grid, use: CellUse, sheet: SheetLayout) -> Iterator[LayoutFinding]:
    is_meant = any(look.look is LookOf.STRUCK for look in sheet.looks)
    if sheet.struck is not None or is_meant:
        return
    places = [seen.place for seen in looks_asked(grid, use) if seen.look is LookOf.STRUCK]
    if places:
        cells = ", ".join(place.address for place in places)
        text = f"struck-through text is read as any other: {cells}"
        yield LayoutFinding(code=Unsettled.STRUCK, worksheet=grid.title, text=text)


def _merges_not_filled(grid: Grid, applied: Applied, sheet: SheetLayout) -> Iterator[LayoutFinding]:
    """Name merges down several rows of which only the first takes the text, where nothing is said of it."""
    if any(value.fill for region in sheet.regions for value in region.all_values):
        return
    use = applied.uses[grid.title]
    taken: dict[Place, set[int]] = {}
    for row in applied.rows:
        for column in row.cells if row.worksheet == grid.title else ():
            for source in row.copied_from.cells(column):
                if source.sheet == grid.title:
                    place = Place(source.row, source.column)
                    taken.setdefault(place, set()).add(row.place.row)
    for merge in grid.merges:
        if _is_down(merge) and use.is_read(merge.first):
            rows = range(merge.first.row + 1, merge.last.row + 1)
            if any(row in grid.rows and row not in taken.get(merge.first, ()) for row in rows):
                yield LayoutFinding(
                    code=Unsettled.MERGED,
                    worksheet=grid.title,
                    place=merge.first,
                    subject=grid.cells.get(merge.first, ""),
                    text="it covers rows that do not take it",
                )


def _changed_rows(grid: Grid, use: CellUse) -> Iterator[LayoutFinding]:
    """Name rows that say more than when somebody said that they are left out or quoted."""
    for place, rule in use.changed_rows.items():
        text = grid.cells.get(place, "")
        fate = "left out" if isinstance(rule, LeftOutRows) else "quoted"
        yield LayoutFinding(
            code=Unsettled.ROW_UNCLEAR,
            worksheet=grid.title,
            place=place,
            text=f"“{text}”: such a row was {fate}, and this one says more: it is read now",
            subject=" | ".join(grid.texts_by_row[place.row].values()),
        )


def _is_down(merge: Merge) -> bool:
    return merge.first.column == merge.last.column


def _newly_left_out(
    layout: Layout, applied: Applied, grids: Sequence[Grid]
) -> Iterator[LayoutFinding]:
    """Name texts that a rule leaves out and did not when somebody confirmed the layout.

    Below a header that is left out nobody is asked; the new texts of a worksheet are told together.
    """
    if layout.left is None:
        return
    confirmed = {normal(text) for text in layout.left}
    texts_below_ignored: dict[str, dict[str, None]] = defaultdict(dict)
    for grid, place in _places_left_out(applied, grids):
        text = grid.cells.get(place, "")
        if normal(text) in confirmed:
            continue
        if place in applied.uses[grid.title].below_unused:
            texts_below_ignored[grid.title][text] = None
            continue
        yield LayoutFinding(
            code=Unsettled.NEWLY_LEFT_OUT, worksheet=grid.title, place=place, text=text
        )
    for worksheet, texts in texts_below_ignored.items():
        named = first_named([f"“{_one_line(text)}”" for text in texts], _TEXTS_NAMED)
        words = format_count(len(texts), "new text")
        text = f"new text in cells that are left out with their header, {words}: {named}"
        yield LayoutFinding(code=Unsettled.NEWLY_IGNORED, worksheet=worksheet, text=text)


def _one_line(text: str) -> str:
    return line_shortened(text, max_characters=_TEXT_SHOWN_MAX)


def _places_left_out(applied: Applied, grids: Sequence[Grid]) -> Iterator[tuple[Grid, Place]]:
    """Yield the cells that a rule leaves out; a worksheet that is no part of it is one as a whole."""
    for grid in grids:
        use = applied.uses[grid.title]
        if not use.is_ignored:
            for place in use.left_out:
                yield grid, place


def without_accepted(
    findings: Iterable[LayoutFinding], accepted: Iterable[Accepted]
) -> Iterator[LayoutFinding]:
    """Yield what nobody accepted; of what was accepted twice, the third is asked about."""
    left = Counter(accepted)
    for finding in findings:
        as_accepted = finding.accepted_as if left else None
        if as_accepted is not None and left[as_accepted] > 0:
            left[as_accepted] -= 1
        else:
            yield finding


def texts_left_out(applied: Applied, grids: Sequence[Grid]) -> tuple[str, ...]:
    """Return the texts of cells that a rule leaves out, which whoever confirms a layout agrees to."""
    texts = (grid.cells.get(place, "") for grid, place in _places_left_out(applied, grids))
    return tuple(dict.fromkeys(texts))


class CellFate(StrEnum):
    """What became of a cell."""

    READ = "read"
    STRUCTURE = "structure"
    LEFT_OUT = "left out"
    NOT_READ = "not read"


def cell_fates(grid: Grid, applied: Applied) -> Mapping[Place, CellFate]:
    """Return what became of each cell of a worksheet."""
    use = applied.uses[grid.title]
    return {place: fate_of(place, use) for place in grid.cells}


def fate_of(place: Place, use: CellUse) -> CellFate:
    """Return what became of one cell."""
    if use.is_read(place):
        return CellFate.READ
    if place in use.structure:
        return CellFate.STRUCTURE
    if place in use.left_out:
        return CellFate.LEFT_OUT
    return CellFate.NOT_READ
