"""Rows that are one thing, as their records say, made one row.

Belongs here: which rows are the same, and how their cells are put together. Does not: which rows
there are (`regions`), what is looked up (`lookups`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from jira_pipeline.sheets.layouts.drafts import DraftRow, text_of
from jira_pipeline.sheets.layouts.layout import Gathering
from jira_pipeline.sheets.layouts.values import Piece


class _Identity(NamedTuple):
    kind: str
    names: tuple[str, ...]
    """The columns in which rows of one thing have the same cells …"""
    cells: tuple[str, ...]
    """… and these cells."""


def joined(drafts: Sequence[DraftRow]) -> list[DraftRow]:
    """Return one row for each thing; rows that nothing says more of come first."""
    things: list[DraftRow] = [draft for draft in drafts if not draft.record.same_by]
    by_identity: dict[_Identity, DraftRow] = {}
    for names in {draft.record.same_by for draft in drafts if draft.record.same_by}:
        for thing in things:
            by_identity.setdefault(_Identity(thing.kind, names, thing.cells_of(names)), thing)
    others = [draft for draft in drafts if draft.record.same_by]
    for draft in others:
        names = draft.record.same_by
        identity = _Identity(draft.kind, names, draft.cells_of(names))
        thing = by_identity.setdefault(identity, draft)
        if thing is draft:
            things.append(draft)
        else:
            _take_pieces(thing, draft)
        _write_gathered(thing, draft)
    return things


def _take_pieces(thing: DraftRow, draft: DraftRow) -> None:
    """Add what a further row says of a thing: cells that are gathered, and those it has not yet."""
    for column, pieces in draft.pieces.items():
        present = thing.pieces.setdefault(column, [])
        if column in draft.record.gather or not present:
            present += [piece for piece in pieces if not _is_among(piece, present)]
        if not thing.texts.get(column):
            thing.texts[column] = text_of(present)
    thing.remarks += draft.remarks


def _is_among(piece: Piece, pieces: Sequence[Piece]) -> bool:
    return any(piece.text == other.text and piece.cell == other.cell for other in pieces)


def _write_gathered(thing: DraftRow, draft: DraftRow) -> None:
    for column, gathering in draft.record.gather.items():
        pieces = thing.pieces.get(column, [])
        thing.texts[column] = _gathered(pieces, draft, column, gathering)


def _gathered(pieces: Sequence[Piece], draft: DraftRow, column: str, gathering: Gathering) -> str:
    """Write what several rows say of one thing; what other records said goes first, as it stands."""
    own = [id(value) for value in draft.record.columns.get(column, ())]
    gathered = [piece for piece in pieces if id(piece.value) in own and piece.text]
    others = text_of([piece for piece in pieces if id(piece.value) not in own])
    text = gathering.between.join(piece.value.worded(piece.text) for piece in gathered)
    if not text:
        return others
    return "\n".join(line for line in (others, gathering.wording.replace("{}", text)) if line)
