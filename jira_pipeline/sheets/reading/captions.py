"""What is written beside the rows of a table: a sentence below its title, a legend, a footnote.

Belongs here: which lines say something, and which rows they may be about. Does not: where tables
begin (`layouts`), titles that name what rows belong to (`owners`), what tickets do with it.

Nothing is understood of it: tickets quote it whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from jira_pipeline.model.columns import SILENT_COLUMNS, owner_column_of
from jira_pipeline.model.entities import (
    EXPLAINED,
    Entity,
    EntityKind,
    RowSource,
    SourceRow,
    SourceTable,
    Status,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.sheets.reading.cells import display_kind
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.sheets import canonical_columns, rule_of

_SENTENCE_WORDS = 5
"""Fewer are a title, or the name of what rows belong to."""
_CAPTIONS_MAX = 50
"""Of a table; more are rows that nobody understands, and would be in each ticket of 100,000 rows."""


def captions_in(tables: Sequence[SourceTable]) -> dict[tuple[str, int], list[Entity]]:
    """Return the lines above, between and below rows, each as one cell, by file and line of the rows."""
    found: dict[tuple[str, int], list[Entity]] = {}
    for table in tables:
        of_table = [row.line for row in table.rows]
        above = [row for row in table.above if not _is_setting(row, table)]
        written = [row for row in (*above, *table.headings) if _says_something(row, table)]
        for row in written[:_CAPTIONS_MAX]:
            line = _line(row, table, {"Words": " | ".join(filter(None, row.cells))})
            of_block = _lines_below(row, table) if row in table.headings else []
            for of_row in of_block or of_table:
                found.setdefault((table.file.name, of_row), []).append(line)
    return found


def _says_something(row: SourceRow, table: SourceTable) -> bool:
    """Tell whether a line is a sentence, or several words; a row of a display is read as one."""
    named = zip_longest(table.columns[: len(row.cells)], row.cells)
    cells = (cell for column, cell in named if column not in SILENT_COLUMNS)
    texts = [cell for cell in cells if len(cell) > 1 and cell not in ERROR_VALUES]
    is_sentence = any(len(cell.split()) >= _SENTENCE_WORDS for cell in texts)
    return (is_sentence or len(texts) > 1) and not any(map(display_kind, row.cells))


def _is_setting(row: SourceRow, table: SourceTable) -> bool:
    """Tell whether a word above a table is a column of what its rows belong to: it is read as that."""
    owner = owner_column_of(table.file.sheet)
    rule = None if owner is None else rule_of(EntityKind(owner.names))
    return rule is not None and not rule.columns.keys().isdisjoint(
        canonical_columns(rule, row.cells)
    )


def _lines_below(heading: SourceRow, table: SourceTable) -> list[int]:
    """Return the rows from a line to the next one that is no row, if it is above rows for sure.

    One that is right below a row, or below all, may be about any of them.
    """
    others = {row.record for row in table.headings}
    lines = {row.record: row.line for row in table.rows}
    if heading.record - 1 in lines:
        return []
    following = heading.record + 1
    while following in others:
        following += 1
    ends = [record for record in others if record > following]
    end = min(ends, default=max(lines, default=0) + 1)
    return [line for record, line in lines.items() if following <= record < end]


def explained_in(tables: Sequence[SourceTable]) -> Iterator[Entity]:
    """Yield the rows of two cells of sheets that inform: a word, and what it means there."""
    for table in tables:
        informs = table.file.sheet is EntityKind.CUSTOM and not table.rows
        for row in table.headings if informs else ():
            cells = [cell for cell in row.cells if cell]
            if len(cells) == len(EXPLAINED):
                yield _line(row, table, dict(zip(EXPLAINED, cells, strict=True)))


def _line(row: SourceRow, table: SourceTable, cells: Mapping[str, str]) -> Entity:
    file, said = whole_sheet(table.file.name), ": ".join(cells.values())
    return Entity(
        kind=EntityKind.CUSTOM,
        key=f"{EntityKind.CUSTOM}:beside/{sheet_title(file)}/{said}",
        label=said,
        machine_name="",
        status=Status.APPROVED,
        source=RowSource(file=file, line=row.line, record=row.record),
        cells=cells,
    )
