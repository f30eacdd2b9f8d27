"""What two readings of the sheets say differently about one entity group.

Belongs here: the facts a ticket is written from as one hash, and the cells that differ. Does not:
what becomes of a ticket whose facts changed (`store/generations`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.tickets import ChangedCell, canonical_hash

WHOLE_ROW = ""
"""Column of a change that is a row added or taken away; its text is the row's label."""


def rows_hash_of(group: EntityGroup) -> str:
    """Hash what the sheets say of a group: its rows, what it waits for and mentions.

    File names, lines and numbers are not in it: they move when others change.
    """
    return _hash_of(group.as_in_sheet)


def facts_hash_of(group: EntityGroup) -> str:
    """Hash what the prose of a ticket hangs on: as `rows_hash_of`, but what prose may say only."""
    return _hash_of(group.as_stated)


def _hash_of(group: EntityGroup) -> str:
    return canonical_hash(
        {
            "title": group.title,
            "action": group.action.value,
            "heads": [_row_facts(entity) for entity in group.heads],
            "members": [_row_facts(entity) for entity in group.members],
            "dependencies": sorted(
                [d.group_key, d.is_required, d.is_linked] for d in group.dependencies
            ),
            "relations": sorted(
                [r.kind.value, r.label, r.group_key or ""] for r in group.relations
            ),
        }
    )


def changed_cells(before: EntityGroup | None, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return the cells that differ, rows matched by their key, in the order of the newer sheets."""
    return tuple(_changed_cells(before and before.as_in_sheet, after.as_in_sheet))


def changed_facts(before: EntityGroup, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return those of `changed_cells` that prose may say, in words that are not only spelled anew."""
    stated = {_place_of(cell) for cell in _changed_cells(before.as_stated, after.as_stated)}
    return tuple(cell for cell in changed_cells(before, after) if _place_of(cell) in stated)


def _changed_cells(before: EntityGroup | None, after: EntityGroup) -> Iterator[ChangedCell]:
    old, new = _rows_of(before), _rows_of(after)
    for place, row in new.items():
        earlier = old.get(place)
        if earlier is None:
            yield _change(place, row, WHOLE_ROW, None, row.label)
            continue
        for column in dict.fromkeys([*row.cells, *earlier.cells]):
            was, becomes = earlier.cell(column), row.cell(column)
            if was != becomes:
                yield _change(place, row, column, was, becomes)
    for place, row in old.items():
        if place not in new:
            yield _change(place, row, WHOLE_ROW, row.label, None)


def _rows_of(group: EntityGroup | None) -> dict[tuple[str, int], Entity]:
    """Return the rows of a group by their key, and which of them where several share it."""
    rows = grouped((*group.heads, *group.members) if group else (), lambda row: row.key)
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
        known = joined.get(_place_of(cell))
        is_back = known is not None and cell.column == WHOLE_ROW and cell.after is not None
        joined[_place_of(cell)] = (
            cell if known is None or is_back else replace(cell, before=known.before)
        )
    return tuple(cell for cell in joined.values() if cell.before != cell.after)


def _place_of(cell: ChangedCell) -> tuple[str, str, str]:
    """Tell cells apart by their row: lines move when rows are put in above them."""
    return (cell.file, cell.row or str(cell.line), cell.column)


def _row_facts(entity: Entity) -> list[object]:
    return [entity.key, entity.status.value, {c: text for c, text in entity.cells.items() if text}]
