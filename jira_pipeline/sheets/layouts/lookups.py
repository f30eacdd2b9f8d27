"""Names and codes in place of which a cell of another row is taken.

Belongs here: finding what is looked up, and saying what is not found. Does not: names that people
read as references (`reading/references`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from jira_pipeline.sheets.layouts.drafts import DraftRow, text_of
from jira_pipeline.sheets.layouts.layout import Lookup
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedLookup:
    """A name that no row has, or several with different cells."""

    draft: DraftRow
    column: str
    piece: Piece
    lookup: Lookup


class _Key(NamedTuple):
    kind: str
    sheet: str
    """Of helpers: their name."""
    column: str
    text: str


NoteRead = Callable[[DraftRow, Iterator[Piece]], None]
"""Notes that cells of a row are read, since something looked them up."""


def look_up(drafts: Sequence[DraftRow], note_read: NoteRead) -> list[MissedLookup]:
    """Replace names and codes by what they are of, in place; return those that are not found."""
    using = [draft for draft in drafts if draft.record.has_lookups]
    rows_by_key = _rows_by_key(drafts) if using else {}
    missed: list[MissedLookup] = []
    for draft in using:
        for column, pieces in draft.pieces.items():
            resolved: list[Piece] = []
            for piece in pieces:
                lookup = piece.value.lookup
                if lookup is None or not piece.text:
                    resolved.append(piece)
                    continue
                rows = _rows_named(piece, lookup, rows_by_key)
                _note_same_cells(draft, rows, note_read)
                answer = _answer(piece, lookup, rows, note_read)
                if answer is None:
                    missed.append(
                        MissedLookup(draft=draft, column=column, piece=piece, lookup=lookup)
                    )
                resolved.append(piece if answer is None else answer)
            draft.pieces[column] = resolved
    return missed


def _rows_by_key(drafts: Sequence[DraftRow]) -> Mapping[_Key, Sequence[DraftRow]]:
    rows: dict[_Key, list[DraftRow]] = defaultdict(list)
    for draft in drafts:
        sheet = draft.sheet if draft.is_helper else ""
        for column, pieces in draft.pieces.items():
            for piece in pieces:
                if piece.value.lookup is None:
                    rows[_Key(draft.kind, sheet, column, normal(piece.text))].append(draft)
    return rows


def _rows_named(
    piece: Piece, lookup: Lookup, rows_by_key: Mapping[_Key, Sequence[DraftRow]]
) -> Sequence[DraftRow]:
    """Return the rows that a name or code is of."""
    keys = (_Key(lookup.kind, lookup.sheet, by, normal(piece.text)) for by in lookup.by)
    return list(dict.fromkeys(row for key in keys for row in rows_by_key.get(key, ())))


def _note_same_cells(draft: DraftRow, rows: Sequence[DraftRow], note_read: NoteRead) -> None:
    """Note cells of a helper as read that say what the row says itself; others stay not read."""
    for row in rows:
        if not row.is_helper:
            continue
        for column in row.pieces.keys() & draft.pieces.keys():
            pieces = draft.pieces[column]
            if any(piece.value.lookup for piece in pieces):
                continue
            if normal(text_of(pieces)) == normal(text_of(row.pieces[column])):
                note_read(row, iter(row.pieces[column]))


def _answer(
    piece: Piece, lookup: Lookup, rows: Sequence[DraftRow], note_read: NoteRead
) -> Piece | None:
    """Return a piece with what its name is of; None where no row has it, or several differ."""
    for row in rows:
        for column in (*lookup.by, lookup.give):
            note_read(row, iter(row.pieces.get(column, ())))
    if not rows:
        return None
    answers = [row.pieces[lookup.give] for row in rows if row.pieces.get(lookup.give)]
    if not answers:
        # It is there, and says nothing of what is asked.
        return replace(piece, text="")
    texts = {text_of(pieces) for pieces in answers}
    is_chained = any(part.value.lookup for pieces in answers for part in pieces)
    if len(texts) > 1 or is_chained:
        return None
    return replace(piece, text=texts.pop(), from_pieces=tuple(answers[0]))
