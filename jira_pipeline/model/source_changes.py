"""What two readings of the sheets say differently about one entity group.

Belongs here: the facts a ticket is written from as one hash, and the cells that differ. Does not:
what becomes of a ticket whose facts changed (`store/generations`).
"""

from collections.abc import Sequence
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
    return _changed_cells(before and before.as_in_sheet, after.as_in_sheet)


def changed_facts(before: EntityGroup, after: EntityGroup) -> tuple[ChangedCell, ...]:
    """Return those of `changed_cells` that prose may say, in words that are not only spelled anew."""
    stated = {_place_of(cell) for cell in _changed_cells(before.as_stated, after.as_stated)}
    return tuple(cell for cell in changed_cells(before, after) if _place_of(cell) in stated)


def _changed_cells(before: EntityGroup | None, after: EntityGroup) -> tuple[ChangedCell, ...]:
    old, new = (
        grouped((*group.heads, *group.members) if group else (), lambda row: row.key)
        for group in (before, after)
    )
    found: list[ChangedCell] = []

    def note(row: Entity, column: str, *, name: str, was: str | None, becomes: str | None) -> None:
        source = row.source
        found.append(
            ChangedCell(
                file=source.file,
                line=source.line,
                record=source.record,
                column=column,
                before=was,
                after=becomes,
                row=name,
            )
        )

    for key, rows in new.items():
        earlier = old.get(key, [])
        for place, row in enumerate(rows):
            name = _row_name(key, place)
            if place >= len(earlier):
                note(row, WHOLE_ROW, name=name, was=None, becomes=row.label)
                continue
            for column in dict.fromkeys([*row.cells, *earlier[place].cells]):
                was, becomes = earlier[place].cell(column), row.cell(column)
                if was != becomes:
                    note(row, column, name=name, was=was, becomes=becomes)

    for key, rows in old.items():
        left = len(new.get(key, ()))
        for place, row in enumerate(rows[left:], start=left):
            note(row, WHOLE_ROW, name=_row_name(key, place), was=row.label, becomes=None)
    return tuple(found)


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


def _row_name(key: str, place: int) -> str:
    """Name a row of a group: its key, and which of them where several share it."""
    return f"{key} #{place + 1}" if place else key


def _row_facts(entity: Entity) -> list[object]:
    return [entity.key, entity.status.value, {c: text for c, text in entity.cells.items() if text}]
