"""Codes in the rows and columns of a matrix, in place of which the thing is named that has the code.

Belongs here: which things have which codes, and names of marks that are codes. Does not: columns whose
cells people say to be looked up (`lookups`), names that people say (`name_choices`).

A code is the whole text of a cell that somebody said is the number or machine name of a thing. It
names a thing only where exactly one of that kind has it, and none is called so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.layouts.drafts import TARGET, DraftRow, text_of
from jira_pipeline.sheets.layouts.layout import CUSTOM, HELPER, Per
from jira_pipeline.sheets.layouts.lookups import NoteRead
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import Piece

CODE_COLUMNS = (MACHINE_NAME_COLUMN, "ID")
"""What a thing is called beside its label."""
MADE_BY_MARKS = frozenset({"field", "view_display", "workflow_transition"})
"""A mark makes one of its own; its label is no name of another."""


@dataclass(slots=True)
class _NamedThings:
    """How the things of a kind are called, as texts are compared."""

    labels: set[str] = field(default_factory=set)
    labels_by_code: dict[str, dict[str, list[Piece]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """By code, the labels of the things that have it, each with the cells that say both."""


def resolve_codes(drafts: Sequence[DraftRow], note_read: NoteRead) -> None:
    """Let names of marks that are codes be the labels of what has them, in place."""
    marked = [draft for draft in drafts if draft.record.per is Per.MARK]
    if not marked:
        return
    _drop_names_of_worksheets(drafts)
    things = _things_by_kind(drafts)
    for draft in marked:
        for column, kind in _naming_columns(draft).items():
            if kind not in things or column not in draft.pieces:
                continue
            resolved: list[Piece] = []
            for piece in draft.pieces[column]:
                answer = _resolved(piece, things[kind])
                if answer is not piece:
                    note_read(draft, iter(answer.from_pieces))
                resolved.append(answer)
            draft.pieces[column] = resolved


def _drop_names_of_worksheets(drafts: Sequence[DraftRow]) -> None:
    """Let a field refer to what another worksheet marks, in place of the name of that worksheet."""
    names: set[str] = set()
    for draft in drafts:
        if draft.kind == EntityKind.FIELD and TARGET in draft.record.gather:
            title = normal(draft.worksheet)
            names |= {title, title.partition(" ")[0]}
    for draft in drafts if names else ():
        is_marked = TARGET in draft.record.gather
        if draft.kind != EntityKind.FIELD or is_marked or TARGET not in draft.pieces:
            continue
        pieces: list[Piece] = []
        for piece in draft.pieces[TARGET]:
            pieces.append(replace(piece, text="") if normal(piece.text) in names else piece)
        draft.pieces[TARGET] = pieces


def _things_by_kind(drafts: Sequence[DraftRow]) -> Mapping[str, _NamedThings]:
    """Return what tables list, by kind; what marks make is listed nowhere."""
    things: dict[str, _NamedThings] = defaultdict(_NamedThings)
    for draft in drafts:
        label_column = label_column_of(draft.kind)
        if draft.record.per is Per.MARK or draft.kind in {CUSTOM, HELPER} or label_column is None:
            continue
        of_label = draft.pieces.get(label_column, [])
        label = text_of(of_label)
        if not label:
            continue
        of_kind = things[draft.kind]
        of_kind.labels.add(normal(label))
        for column in CODE_COLUMNS:
            of_code = draft.pieces.get(column, [])
            code = normal(text_of(of_code))
            if code:
                of_kind.labels_by_code[code].setdefault(label, [*of_label, *of_code])
    return things


def _naming_columns(draft: DraftRow) -> Mapping[str, str]:
    """Return the columns of what a mark makes that name other things, each with the kind of these."""
    columns = {column.name: column.names for column in columns_of(draft.kind) if column.names}
    label = label_column_of(draft.kind)
    if label is not None and draft.kind not in MADE_BY_MARKS:
        columns[label] = draft.kind
    if draft.kind == EntityKind.WORKFLOW_TRANSITION:
        columns["Notes"] = EntityKind.USER_ROLE.value  # a list of who may take the step
    return columns


def _resolved(piece: Piece, things: _NamedThings) -> Piece:
    """Return a piece with the label of the one thing whose code it is; else the piece itself."""
    name = normal(piece.text)
    if name in things.labels:
        return piece
    labels = things.labels_by_code.get(name, {})
    if len(labels) != 1:
        return piece
    ((label, pieces),) = labels.items()
    return replace(piece, text=label, from_pieces=tuple(pieces))
