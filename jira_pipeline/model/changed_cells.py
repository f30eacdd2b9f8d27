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
    """Return the cells that differ, in the order of the newer sheets.

    Rows are matched by their key. Without a group before, every row is new.
    """
    return tuple(_changed_cells(before and before.as_in_sheet, after.as_in_sheet))


def changed_facts(before: EntityGroup, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return those of `changed_cells` that prose may say and that mean something else now.

    A cell that is only spelled differently means the same.
    """
    stated = {_place_of(cell) for cell in _changed_cells(before.as_stated, after.as_stated)}
    return tuple(cell for cell in changed_cells(before, after) if _place_of(cell) in stated)


def _changed_cells(before: EntityGroup | None, after: EntityGroup) -> Iterator[ChangedCell]:
    """Yield the differences of two groups: rows added, cells changed, then rows that are gone."""
    rows_before = _rows_of(before)
    rows_after = _rows_of(after)
    for row_key, row in rows_after.items():
        row_before = rows_before.get(row_key)
        if row_before is None:
            yield _change(row_key, row, WHOLE_ROW, None, row.label)
            continue
        for column in dict.fromkeys([*row.cells, *row_before.cells]):
            text_before = row_before.cell(column)
            text_after = row.cell(column)
            if text_before != text_after:
                yield _change(row_key, row, column, text_before, text_after)
    for row_key, row in rows_before.items():
        if row_key not in rows_after:
            yield _change(row_key, row, WHOLE_ROW, row.label, None)


def _rows_of(group: EntityGroup | None) -> dict[tuple[str, int], Entity]:
    """Return the rows of a group by key and number: rows that share a key are counted from 1."""
    rows_by_key = group_by(group.sources if group else (), lambda row: row.key)
    rows: dict[tuple[str, int], Entity] = {}
    for key, rows_with_key in rows_by_key.items():
        for number, row in enumerate(rows_with_key, start=1):
            rows[key, number] = row
    return rows


def _change(
    row_key: tuple[str, int], row: Entity, column: str, before: str | None, after: str | None
) -> ChangedCell:
    """Return the change of a cell, with the place of its row."""
    key, number = row_key
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
    """Return the changes of two successive uploads as one: the text before both, and that after both.

    A cell that has its first text again is no change. A row that went and came back stays one, since
    its cells may be others.
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
    """Return what names a cell in both changes: file, row and column; an older version has the line."""
    return (cell.file, cell.row or str(cell.line), cell.column)
