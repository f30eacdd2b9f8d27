"""What fills, colours of texts and lines through them say of things, and of single cells of these.

Belongs here: which look a cell has, what things become by it. Does not: who says what a look means
(`cell_mark_choices`), which looks are offered (`look_offers`), fills of headers of a matrix (`matrix_choices`).

The look of the cell that names a thing is about the thing; that of any other cell is about that cell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.drupal.column_words import label_of
from jira_pipeline.drupal.columns import columns_of, label_column_of, owner_column_of
from jira_pipeline.model.blank_cells import undecided_cell
from jira_pipeline.model.columns import HOLDS_OF_FEW_WORDS, QUESTION_LINE, STATUS_COLUMN
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.source_tables import CopiedCell, CopiedRow
from jira_pipeline.sheets.layouts.drafts import REMARKS, DraftRow, sources_of, text_of
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.layout import CUSTOM, LookMeaning, LookOf, MeantLook, Per
from jira_pipeline.sheets.layouts.texts import line_shortened, normal
from jira_pipeline.sheets.layouts.values import Piece

LABELS_OF_LOOKS: Mapping[LookMeaning, str] = {
    LookMeaning.DECORATION: "says nothing: decoration",
    LookMeaning.UNDECIDED: "not decided: ask",
    LookMeaning.ON_HOLD: "on hold: not now",
    LookMeaning.DROPPED: "dropped: never built",
    LookMeaning.REMOVED: "on the site already, to be removed",
    LookMeaning.CHANGED: "on the site already, and changes",
    LookMeaning.APPROVED: "to build: approved",
}
"""What a look may mean, and how people are told; in the order in which it is offered."""
_STATUSES: Mapping[LookMeaning, str] = {
    LookMeaning.REMOVED: "d",
    LookMeaning.ON_HOLD: "w",
    LookMeaning.CHANGED: "c",
    LookMeaning.APPROVED: "a",
}
_KINDS_OF_OWNERS = frozenset(
    {EntityKind.BUNDLE.value, EntityKind.VIEW.value, EntityKind.WORKFLOW.value}
)
"""What other things belong to, by name."""
_UNDECIDED_THING = "whether it is built, as the sheet marks it"
_QUOTED_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class DroppedThing:
    """A thing that is not built, as the cell that names it looks so."""

    worksheet: str
    place: Place
    text: str


def looks_at(grid: Grid, place: Place) -> Iterator[tuple[LookOf, str]]:
    """Yield how a cell looks otherwise than usual, with the colour of a fill or text."""
    if place in grid.colours:
        yield LookOf.FILL, grid.colours[place]
    if place in grid.text_colours:
        yield LookOf.TEXT, grid.text_colours[place]
    if place in grid.struck:
        yield LookOf.STRUCK, ""


def _meanings(looks: Sequence[MeantLook]) -> Mapping[tuple[LookOf, str], LookMeaning]:
    return {(look.look, look.colour): look.means for look in looks}


class CellLooks:
    """What the looks of cells mean, in all worksheets."""

    def __init__(self, grids: Sequence[Grid], looks: Mapping[str, Sequence[MeantLook]]) -> None:
        """Take the worksheets, and by title what looks mean in each."""
        self._grids: dict[str, Grid] = {}
        self._meanings: dict[str, Mapping[tuple[LookOf, str], LookMeaning]] = {}
        for grid in grids:
            of_sheet = looks.get(grid.title)
            if of_sheet:
                self._grids[grid.title] = grid
                self._meanings[grid.title] = _meanings(of_sheet)

    def __bool__(self) -> bool:
        return bool(self._grids)

    def meaning_of(self, cells: Sequence[CopiedCell]) -> LookMeaning | None:
        """Return what the look of some cells means; where several mean something, what counts most."""
        meanings: set[LookMeaning] = set()
        for cell in cells:
            grid = self._grids.get(cell.sheet)
            if grid is None:
                continue
            for look in looks_at(grid, Place(cell.row, cell.column)):
                meaning = self._meanings[cell.sheet].get(look)
                if meaning is not None:
                    meanings.add(meaning)
        return next((meaning for meaning in LookMeaning if meaning in meanings), None)

    def text_of(self, cells: Sequence[CopiedCell]) -> str:
        """Return what some cells say in their worksheets."""
        texts: list[str] = []
        for cell in cells:
            grid = self._grids.get(cell.sheet)
            if grid is not None:
                texts.append(grid.cells.get(Place(cell.row, cell.column), ""))
        return line_shortened(" ".join(texts), max_characters=_QUOTED_MAX_CHARACTERS)


def without_dropped(
    drafts: Sequence[DraftRow], looks: CellLooks
) -> tuple[list[DraftRow], list[DroppedThing]]:
    """Return the things that are built, and those that are not as their names look so.

    What belongs to such a thing, and to no other of its name, goes with it.
    """
    dropped: list[DroppedThing] = []
    names_dropped: set[str] = set()
    others: list[DraftRow] = []
    for draft in drafts:
        if _meaning_of_thing(draft, looks) is LookMeaning.DROPPED:
            dropped.append(DroppedThing(draft.worksheet, draft.place, _name_of(draft)))
            if draft.kind in _KINDS_OF_OWNERS:
                names_dropped.add(normal(_name_of(draft)))
        else:
            others.append(draft)
    for draft in others:
        if draft.kind in _KINDS_OF_OWNERS:
            names_dropped.discard(normal(_name_of(draft)))
    built: list[DraftRow] = []
    for draft in others:
        owner = owner_column_of(draft.kind)
        owner_name = "" if owner is None else normal(draft.texts.get(owner.name, ""))
        if owner_name and owner_name in names_dropped:
            dropped.append(DroppedThing(draft.worksheet, draft.place, _name_of(draft)))
        else:
            built.append(draft)
    return built, dropped


def drop_parts(drafts: Sequence[DraftRow], looks: CellLooks) -> None:
    """Quote what was dropped of a cell that is made of several, as a term of a list: it is not in it."""
    if not looks:
        return
    for draft in drafts:
        if draft.kind != CUSTOM and not draft.is_helper:
            _drop_parts_of(draft, looks)


def _drop_parts_of(draft: DraftRow, looks: CellLooks) -> None:
    names = {*_cells_of_name(draft)}
    owner = owner_column_of(draft.kind)
    others = {REMARKS, STATUS_COLUMN, "" if owner is None else owner.name}
    for column, pieces in draft.other_pieces.items():
        is_of_several = column in draft.record.gather or len(pieces) > 1
        if column in others or not is_of_several:
            continue
        pieces_left: list[Piece] = []
        for piece in pieces:
            # A term is dropped with its own cell, not with what is said beside it.
            cells = sources_of([replace(piece, from_pieces=())])
            if not piece.text or names.issuperset(cells):
                pieces_left.append(piece)
            elif looks.meaning_of(cells) is LookMeaning.DROPPED:
                quoted = f"{label_of(draft.kind, column)}: “{looks.text_of(cells)}”"
                text = f"Dropped, as the sheet marks it: {quoted}."
                draft.remarks.append(replace(piece.cell, text=text))
            else:
                pieces_left.append(piece)
        if len(pieces_left) < len(pieces):
            draft.other_pieces[column] = pieces_left
            draft.texts[column] = text_of(pieces_left)


def _name_of(draft: DraftRow) -> str:
    return draft.texts.get(label_column_of(draft.kind) or "", "")


def _cells_of_name(draft: DraftRow) -> Sequence[CopiedCell]:
    """Return the cells that name a thing: that of its label, of a matrix its mark, too."""
    copied_from = draft.copied_from
    cells = [*copied_from.cells(label_column_of(draft.kind) or "")]
    if draft.record.per is Per.MARK:
        cells.append(
            CopiedCell(sheet=draft.worksheet, row=draft.place.row, column=draft.place.column)
        )
    return cells


def _meaning_of_thing(draft: DraftRow, looks: CellLooks) -> LookMeaning | None:
    return None if draft.kind == CUSTOM else looks.meaning_of(_cells_of_name(draft))


@dataclass(slots=True)
class LookedCells:
    """The cells of a thing, with what their looks say."""

    cells: dict[str, str]
    copied_from: CopiedRow

    def _note(self, column: str, sources: Sequence[CopiedCell]) -> None:
        others = {**self.copied_from.others}
        others[column] = (*others.get(column, ()), *sources)
        self.copied_from = replace(self.copied_from, others=others)

    def add_remark(self, text: str, sources: Sequence[CopiedCell]) -> None:
        before = self.cells.get(REMARKS, "")
        if text not in before.split("\n"):
            self.cells[REMARKS] = f"{before}\n{text}" if before else text
            self._note(REMARKS, sources)

    def set_status(self, status: str, sources: Sequence[CopiedCell]) -> None:
        self.cells[STATUS_COLUMN] = status
        self._note(STATUS_COLUMN, sources)


def take_looks(looked: LookedCells, draft: DraftRow, looks: CellLooks) -> None:
    """Let the looks of the cells of a thing say what they mean."""
    named = _cells_of_name(draft) if draft.kind != CUSTOM else ()
    meaning = _meaning_of_thing(draft, looks)
    owner_column = owner_column_of(draft.kind)
    owner = None if owner_column is None else owner_column.name
    # What belongs to a thing that looks so, and looks the same, is said with that.
    of_owner = None if owner is None else looks.meaning_of(draft.copied_from.cells(owner))
    if meaning is not None and meaning is not of_owner:
        _take_look_of_thing(looked, draft, _LookedAt(meaning, named, looks.text_of(named[:1])))
    names = {*named}
    for column in [*looked.cells]:
        # What a line says that names the owner of a row is said of the owner.
        if column in {REMARKS, STATUS_COLUMN, owner}:
            continue
        sources = [cell for cell in draft.copied_from.cells(column) if cell not in names]
        of_cell = looks.meaning_of(sources)
        # A cell that looks as the name does says no more than that.
        if of_cell is None or of_cell is meaning:
            continue
        cells = [cell for cell in sources if looks.meaning_of([cell]) is of_cell]
        seen = _LookedAt(of_cell, cells, looks.text_of(cells))
        if draft.kind == CUSTOM:
            is_whole = len(cells) == len(sources)
            _take_look_of_line(looked, column, seen, is_whole=is_whole)
        else:
            _take_look_of_cell(looked, draft, column, seen)


@dataclass(frozen=True, slots=True)
class _LookedAt:
    """Some cells with one look: what it means, and what they say."""

    means: LookMeaning
    cells: Sequence[CopiedCell]
    text: str

    @property
    def label(self) -> str:
        return LABELS_OF_LOOKS[self.means]


def _take_look_of_thing(looked: LookedCells, draft: DraftRow, seen: _LookedAt) -> None:
    stated = looked.cells.get(STATUS_COLUMN, "")
    has_status = any(column.name == STATUS_COLUMN for column in columns_of(draft.kind))
    if seen.means is LookMeaning.UNDECIDED:
        if has_status and not stated:
            looked.set_status(undecided_cell(_UNDECIDED_THING), seen.cells)
        else:
            looked.add_remark(f"Undecided: {_UNDECIDED_THING}.", seen.cells)
        return
    status = _STATUSES.get(seen.means)
    if status is None:
        return
    if has_status and not stated:
        looked.set_status(status, seen.cells)
    elif stated != status and seen.means is not LookMeaning.APPROVED:
        looked.add_remark(f"The sheet marks it as “{seen.label}”.", seen.cells)


def _take_look_of_line(
    looked: LookedCells, column: str, seen: _LookedAt, *, is_whole: bool
) -> None:
    """Say beside a line of text what its look means: such a line is quoted, or asked, whole."""
    if seen.means in {LookMeaning.APPROVED, LookMeaning.DECORATION}:
        return
    if column == QUESTION_LINE and seen.means is LookMeaning.UNDECIDED:
        return
    what = "" if is_whole else f"“{seen.text}”: "
    looked.cells[column] += f" (marked in the sheet: {what}{seen.label})"


def _take_look_of_cell(looked: LookedCells, draft: DraftRow, column: str, seen: _LookedAt) -> None:
    quoted = f"{label_of(draft.kind, column)}: “{seen.text}”"
    match seen.means:
        case LookMeaning.APPROVED | LookMeaning.DECORATION:
            return
        case LookMeaning.UNDECIDED:
            if _has_few_words(draft.kind, column):
                looked.cells[column] = undecided_cell(seen.text)
                return
            # The word that asks goes first: a quoted text may end a sentence.
            remark = f"Undecided, as the sheet marks it: {quoted}."
        case LookMeaning.DROPPED:
            is_all = len(seen.cells) == len(draft.copied_from.cells(column))
            if is_all:
                looked.cells[column] = ""
            remark = f"Dropped, as the sheet marks it: {quoted}."
        case _:
            remark = f"The sheet marks as “{seen.label}”: {quoted}."
    looked.add_remark(remark, seen.cells)


def _has_few_words(kind: str, name: str) -> bool:
    """Tell whether a column has one of a few words, of which a ticket asks where it is undecided."""
    for column in columns_of(kind):
        if column.name == name:
            return column.holds in HOLDS_OF_FEW_WORDS
    return False
