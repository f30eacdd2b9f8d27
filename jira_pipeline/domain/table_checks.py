"""The proof that the tables of a ticket say what its rows say, and nothing else.

Belongs here: the comparison, which knows nothing of how tables are made. Does not: making them
(`domain/configuration_tables`).
"""

from collections.abc import Iterable, Sequence

from jira_pipeline.domain.configuration_tables import JOINED_BY, ConfigurationTable
from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.entity_groups import EntityGroup

Cell = tuple[str, int, str, str]
"""File, line, column, text."""


def table_discrepancies(
    group: EntityGroup, tables: Sequence[ConfigurationTable]
) -> tuple[str, ...]:
    """Return a sentence for each cell that no table shows and each shown cell that is in no row.

    A row is found by its line; a cell counts only in a table for the row's status. Where a table
    row stands for several lines, a cell is either the same for all or their texts joined.
    """
    entities = (*group.heads, *group.members)
    stated = {cell for entity in entities for cell in _cells_of(entity)}
    by_line = {(e.source.file, e.source.line): e for e in entities}
    shown = {cell for table in tables for cell in _cells_shown(table, by_line)}
    missing = [f"{_said(cell)} is in no table of {group.key}" for cell in sorted(stated - shown)]
    invented = [f"{_said(cell)} is in no row of {group.key}" for cell in sorted(shown - stated)]
    return tuple(missing + invented)


def _cells_of(entity: Entity) -> Iterable[Cell]:
    source = entity.source
    return ((source.file, source.line, c, text) for c, text in entity.cells.items() if text)


def _cells_shown(
    table: ConfigurationTable, by_line: dict[tuple[str, int], Entity]
) -> Iterable[Cell]:
    for row in table.rows:
        rows = [by_line.get((table.file, line)) for line in row.lines]
        named = [*zip(table.columns, row.cells, strict=True), *table.same_for_all]
        for column, text in named:
            own = ["" if entity is None else entity.cell(column) for entity in rows]
            is_joined = len(rows) > 1 and {*own} == {*text.split(JOINED_BY)}
            for line, entity, part in zip(row.lines, rows, own, strict=True) if text else ():
                if entity is None or entity.status in table.statuses:
                    yield (table.file, line, column, part if is_joined else text)


def _said(cell: Cell) -> str:
    file, line, column, text = cell
    return f"{file}, line {line}, column {column}: “{text[:60]}”"
