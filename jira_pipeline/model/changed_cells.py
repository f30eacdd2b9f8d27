"""Cells that two readings of the sheets say differently, for the rows of one ticket.

Belongs here: which cells changed, were added or went; two changes in a row as one. Does not: which
parts of a ticket follow from them (`ticket_hashes`), showing them (`export/later_changes`,
`sheets/upload_preview`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.tickets import ChangedCell

WHOLE_ROW = ""
"""Column of a change that is a row added or taken away; its text is the row's label."""


def changed_cells(before: EntityGroup | None, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return the cells that differ, rows matched by their key, in the order of the newer sheets."""
    return tuple(_changed_cells(before and before.as_in_sheet, after.as_in_sheet))


def changed_facts(before: EntityGroup, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return those of `changed_cells` that prose may say, in words that are not only spelled anew."""
    stated = {_place_of(cell) for cell in _changed_cells(before.as_stated, after.as_stated)}
    return tuple(cell for cell in changed_cells(before, after) if _place_of(cell) in stated)


def _changed_cells(before: EntityGroup | None, after: EntityGroup) -> Iterator[ChangedCell]:
    old = _rows_of(before)
    new = _rows_of(after)
    for place, row in new.items():
        earlier = old.get(place)
        if earlier is None:
            yield _change(place, row, WHOLE_ROW, None, row.label)
            continue
        for column in dict.fromkeys([*row.cells, *earlier.cells]):
            was = earlier.cell(column)
            becomes = row.cell(column)
            if was != becomes:
                yield _change(place, row, column, was, becomes)
    for place, row in old.items():
        if place not in new:
            yield _change(place, row, WHOLE_ROW, row.label, None)


def _rows_of(group: EntityGroup | None) -> dict[tuple[str, int], Entity]:
    """Return the rows of a group by their key, and which of them where several share it."""
    rows = group_by(group.sources if group else (), lambda row: row.key)
    return {
        (key, number): row for key, same in rows.items() for number, row in enumerate(same, start=1)
    }


def _change(
    place: tuple[str, int], row: Entity, column: str, before: str | None, after: str | None
) -> ChangedCell:
    key, number = place
    source = row.source
    return ChangedCell(
        file=source.file,
        line=source.line,
        record=source.record,
        column=column,
        before=before,
        after=after,
        row=f"{key} #{number}" if number > 1 else key,
    )


def joined_changes(
    earlier: Sequence[ChangedCell], later: Sequence[ChangedCell]
) -> tuple[ChangedCell, ...]:
    """Join what changed in two uploads in a row: the value before both, and the one after both.

    A row that went and came back stays a change: its cells may be others.
    """
    joined = {_place_of(cell): cell for cell in earlier}
    for cell in later:
        place = _place_of(cell)
        is_row_back = cell.column == WHOLE_ROW and cell.after is not None
        if place in joined and not is_row_back:
            joined[place] = replace(cell, before=joined[place].before)
        else:
            joined[place] = cell
    return tuple(cell for cell in joined.values() if cell.before != cell.after)


def _place_of(cell: ChangedCell) -> tuple[str, str, str]:
    """Tell cells apart by their row: lines move when rows are put in above them."""
    return (cell.file, cell.row or str(cell.line), cell.column)
