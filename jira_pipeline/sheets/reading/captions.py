"""What is written beside the rows of a table: a sentence below its title, a legend, a footnote.

Belongs here: which lines say something, and which rows they may be about. Does not: where tables
begin (`layouts`), titles that name what rows belong to (`owners`), what tickets do with it.

Nothing is understood of it: tickets quote it whole.
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.model.columns import owner_column_of
from jira_pipeline.model.entities import (
    EXPLAINED,
    Caption,
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


def captions_in(tables: Sequence[SourceTable]) -> Iterator[Caption]:
    """Yield the lines above, between and below the rows of all tables, each as one cell."""
    for table in tables:
        lines = [row.line for row in table.rows]
        for row in table.above:
            if _says_something(row) and not _is_setting(row, table):
                yield _caption(row, table, lines)
        for row in table.headings:
            if _says_something(row) and not any(map(display_kind, row.cells)):
                yield _caption(row, table, _lines_below(row, table) or lines)


def _says_something(row: SourceRow) -> bool:
    """Tell whether a line is a sentence, or a word with what it says."""
    texts = [cell for cell in row.cells if len(cell) > 1 and cell not in ERROR_VALUES]
    return len(texts) > 1 or any(len(cell.split()) >= _SENTENCE_WORDS for cell in texts)


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
    others = {row.record: None for row in table.headings}
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


def _caption(row: SourceRow, table: SourceTable, lines: Sequence[int]) -> Caption:
    said = " | ".join(filter(None, row.cells))
    line = _line(row, table, {"Words": said})
    return Caption(row=line, file=table.file.name, lines=frozenset(lines))


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
