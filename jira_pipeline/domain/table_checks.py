"""The proof that the tables of a ticket say what its rows say, and nothing else.

Belongs here: the comparison, which knows nothing of how tables are made. Does not: making them
(`domain/configuration_tables`).
"""

from collections.abc import Sequence

from jira_pipeline.domain.configuration_tables import JOINED_BY, ConfigurationTable
from jira_pipeline.domain.entity_groups import EntityGroup

Cell = tuple[str, int, str, str]
"""File, line, column, text."""


def table_discrepancies(
    group: EntityGroup, tables: Sequence[ConfigurationTable]
) -> tuple[str, ...]:
    """Return a sentence for each cell that no table shows and each shown cell that is in no row.

    A row is found by its line; a cell counts only in a table for the row's status. Where a table
    row is made of several lines, a cell is either the same for all or their texts joined.
    """
    by_line = {(e.source.file, e.source.line): e for e in (*group.heads, *group.members)}
    stated: set[Cell] = {
        (file, line, column, text)
        for (file, line), entity in by_line.items()
        for column, text in entity.cells.items()
        if text
    }

    shown: set[Cell] = set()
    for table in tables:
        for row in table.rows:
            rows = [by_line.get((table.file, line)) for line in row.lines]
            named = [*zip(table.columns, row.cells, strict=True), *table.same_for_all]
            for column, text in named:
                if not text:
                    continue
                own = ["" if entity is None else entity.cell(column) for entity in rows]
                is_joined = len(rows) > 1 and {*own} == {*text.split(JOINED_BY)}
                for line, entity, part in zip(row.lines, rows, own, strict=True):
                    if entity is None or entity.status in table.statuses:
                        shown.add((table.file, line, column, part if is_joined else text))

    missing = [f"{_named(cell)} is in no table of {group.key}" for cell in sorted(stated - shown)]
    invented = [f"{_named(cell)} is in no row of {group.key}" for cell in sorted(shown - stated)]
    return tuple(missing + invented)


def _named(cell: Cell) -> str:
    file, line, column, text = cell
    return f"{file}, line {line}, column {column}: “{text[:60]}”"
