"""What two readings of the sheets say differently about one entity group.

Belongs here: the facts a ticket is written from as one hash, and the cells that differ. Does not:
what becomes of a ticket whose facts changed (`store/generations`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.tickets import ChangedCell, canonical_hash

WHOLE_ROW = ""
"""Column of a change that is a row added or taken away; its text is the row's label."""


def facts_hash_of(group: EntityGroup) -> str:
    """Hash what the sheets say of a group: its rows, what it waits for and mentions.

    File names, lines and numbers are not in it: they move when others change.
    """
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
    old = _by_key(() if before is None else (*before.heads, *before.members))
    new = _by_key((*after.heads, *after.members))
    found: list[ChangedCell] = []
    for key, rows in new.items():
        earlier = old.get(key, [])
        for place, row in enumerate(rows):
            found += _differences(earlier[place], row) if place < len(earlier) else [_added(row)]
    for key, rows in old.items():
        found += [_removed(row) for row in rows[len(new.get(key, ())) :]]
    return tuple(found)


def _row_facts(entity: Entity) -> list[object]:
    return [entity.key, entity.status.value, {c: text for c, text in entity.cells.items() if text}]


def _by_key(entities: Sequence[Entity]) -> dict[str, list[Entity]]:
    found: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        found[entity.key].append(entity)
    return found


def _differences(before: Entity, after: Entity) -> Iterator[ChangedCell]:
    for column in dict.fromkeys([*after.cells, *before.cells]):
        if before.cell(column) != after.cell(column):
            yield ChangedCell(
                file=after.source.file,
                line=after.source.line,
                column=column,
                before=before.cell(column),
                after=after.cell(column),
            )


def _added(row: Entity) -> ChangedCell:
    return ChangedCell(
        file=row.source.file,
        line=row.source.line,
        column=WHOLE_ROW,
        before=None,
        after=row.label,
    )


def _removed(row: Entity) -> ChangedCell:
    return ChangedCell(
        file=row.source.file,
        line=row.source.line,
        column=WHOLE_ROW,
        before=row.label,
        after=None,
    )
