"""Rows that are one thing, as their records say, made one row.

Belongs here: which rows are the same, and how their cells are put together. Does not: which rows
there are (`regions`), what is looked up (`lookups`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jira_pipeline.sheets.layouts.drafts import DraftRow, text_of
from jira_pipeline.sheets.layouts.grid import Cell
from jira_pipeline.sheets.layouts.layout import Gathering
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import Piece


class _Identity(NamedTuple):
    kind: str
    names: tuple[str, ...]
    """The columns in which rows of one thing have the same cells …"""
    cells: tuple[str, ...]
    """… and these cells."""


@dataclass(frozen=True, slots=True)
class DifferingCell:
    """A cell of a row that says otherwise than an earlier row of the same thing; it is not taken."""

    draft: DraftRow
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class JoinedRows:
    things: list[DraftRow]
    """One row for each; those that nothing says more of come first."""
    differing: list[DifferingCell]


def join_rows(drafts: Sequence[DraftRow]) -> JoinedRows:
    """Make one row of those that are one thing; rows of which nothing says what they are stay apart."""
    things: list[DraftRow] = [draft for draft in drafts if not draft.record.same_by]
    differing: list[DifferingCell] = []
    by_identity: dict[_Identity, DraftRow] = {}
    for names in {draft.record.same_by for draft in drafts if draft.record.same_by}:
        for thing in things:
            by_identity.setdefault(_Identity(thing.kind, names, thing.cells_of(names)), thing)
    pieces_taken: dict[tuple[int, str], set[_PieceKey]] = {}
    # A list may have thousands of rows: what is gathered of them is written once, the last row last.
    gathered: dict[tuple[int, int], tuple[DraftRow, DraftRow]] = {}
    for draft in drafts:
        names = draft.record.same_by
        if not names:
            continue
        identity = _Identity(draft.kind, names, draft.cells_of(names))
        thing = by_identity.setdefault(identity, draft) if any(identity.cells) else draft
        if thing is draft:
            things.append(draft)
        else:
            differing += _take_pieces(thing, draft, pieces_taken)
        of_record = (id(thing), id(draft.record))
        gathered.pop(of_record, None)
        gathered[of_record] = (thing, draft)
    for thing, draft in gathered.values():
        _write_gathered_columns(thing, draft)
    return JoinedRows(things, differing)


_PieceKey = tuple[str, Cell]
"""By what a piece that is there already is known: its text and its cell."""


def _take_pieces(
    thing: DraftRow, draft: DraftRow, taken: dict[tuple[int, str], set[_PieceKey]]
) -> Iterator[DifferingCell]:
    """Add what a further row says of a thing; yield what it says otherwise."""
    for column, pieces in draft.pieces.items():
        present = thing.pieces.setdefault(column, [])
        if column in draft.record.gather or not text_of(present):
            keys = taken.get((id(thing), column))
            if keys is None:
                keys = {(piece.text, piece.cell) for piece in present}
                taken[id(thing), column] = keys
            for piece in pieces:
                if (piece.text, piece.cell) not in keys:
                    keys.add((piece.text, piece.cell))
                    present.append(piece)
        elif normal(text_of(pieces)) not in {"", normal(text_of(present))}:
            yield DifferingCell(draft, column, text_of(pieces))
        if not thing.texts.get(column):
            thing.texts[column] = text_of(present)
    thing.remarks += draft.remarks


def _write_gathered_columns(thing: DraftRow, draft: DraftRow) -> None:
    for column, gathering in draft.record.gather.items():
        pieces = thing.pieces.get(column, [])
        if pieces:
            thing.texts[column] = _gather_text(pieces, draft, column, gathering)


def _gather_text(
    pieces: Sequence[Piece], draft: DraftRow, column: str, gathering: Gathering
) -> str:
    """Write what several rows say of one thing; what other records said goes first, as it stands."""
    values = draft.record.columns.get(column, ())
    terms = [value for value in values if value.term is not None]
    own = [id(value) for value in terms or values]
    gathered = [piece for piece in pieces if id(piece.value) in own and piece.text]
    others = text_of([piece for piece in pieces if id(piece.value) not in own])
    text = gathering.between.join(piece.value.worded(piece.text) for piece in gathered)
    if not text:
        return others
    return "\n".join(line for line in (others, gathering.wording.replace("{}", text)) if line)
