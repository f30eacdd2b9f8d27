"""The configuration tables of a ticket in the body: whole, and in shorter forms.

Belongs here: a table as ADF, its slim form, its lines of text. Does not: which tables there are
(`domain/configuration_tables`), reading them back (`stages/table_comparison`).
"""

from dataclasses import replace

from jira_pipeline.adf import AdfNode
from jira_pipeline.adf import nodes as adf
from jira_pipeline.domain.configuration_tables import ConfigurationTable, TablePurpose, TableRow
from jira_pipeline.domain.line_numbers import line_ranges
from jira_pipeline.stages.ticket_rendering.body import Section, ShrinkRank, see_attachment

SAME_FOR_ALL = "Same for all: "
"""Begins the paragraph that tells the columns with one value; labels in it are strong."""
SLIM_COLUMNS = 5
"""Columns a table keeps in the body when the whole of it moves into the attachment."""
_SECOND_COLUMNS = frozenset(
    {"Reused Field", "Field group", "Form widget", "Trns.", "X", "Dev", "QA", "ID", "Id"}
)
"""Columns a short form does without first: how to build a row, not what it is."""


def table_blocks(table: ConfigurationTable) -> tuple[AdfNode, ...]:
    """Return a table whole: its heading, what is the same for all, its rows."""
    return (adf.heading(3, table.title), *_same_for_all(table), *_table_blocks(table))


def table_section(table: ConfigurationTable) -> Section:
    """Return a table with the shorter forms its purpose allows."""
    title = adf.heading(3, table.title)
    full = table_blocks(table)
    away = (title, see_attachment())
    match table.purpose:
        case TablePurpose.PROSE:
            return Section(forms=(full, away), shrink_rank=ShrinkRank.PROSE_TABLE)
        case TablePurpose.SETTINGS:
            lines = (title, *_same_for_all(table), *_setting_lines(table))
            return Section(forms=(full, lines, away), shrink_rank=ShrinkRank.SETTINGS)
        case TablePurpose.MEMBERS:
            slim = _slimmed(table)
            forms = (
                full,
                (title, _short_form_note(), *_same_for_all(table), *_table_blocks(slim)),
                (title, _short_form_note(), *_same_for_all(table), *_aligned_lines(slim)),
                away,
            )
            return Section(
                forms=forms, shrink_rank=ShrinkRank.MEMBERS, away_rank=ShrinkRank.MEMBERS_AWAY
            )


def _same_for_all(table: ConfigurationTable) -> list[AdfNode]:
    if not table.same_for_all:
        return []
    inline = [adf.text(SAME_FOR_ALL, [adf.STRONG])]
    for index, (column, value) in enumerate(table.same_for_all):
        separator = " · " if index else ""
        inline.append(adf.text(f"{separator}{column} ", [adf.STRONG]))
        inline += adf.text_with_breaks(value)
    return [adf.paragraph(inline)]


def _table_blocks(table: ConfigurationTable) -> list[AdfNode]:
    if not table.rows:
        return []
    if table.is_transposed:
        rows = [
            adf.table_row([_header(column), adf.table_cell(value)])
            for row in table.rows
            for column, value in zip(table.columns, row.cells, strict=True)
        ]
        return [adf.table(rows)]
    header = adf.table_row([*(_header(column) for column in table.columns), _header("Line")])
    texts = [(*row.cells, line_ranges(row.lines)) for row in table.rows]
    return [adf.table([header, *(adf.table_row(map(adf.table_cell, row)) for row in texts)])]


def _header(column: str) -> AdfNode:
    return adf.table_header([adf.paragraph([adf.text(column, [adf.STRONG])])])


def _short_form_note() -> AdfNode:
    return adf.paragraph([adf.text("Short form; every column is in the attachment.", [adf.EM])])


def _slimmed(table: ConfigurationTable) -> ConfigurationTable:
    """Keep the columns that say what a row is, in their order."""
    first = [i for i, name in enumerate(table.columns) if name not in _SECOND_COLUMNS]
    second = [i for i, name in enumerate(table.columns) if name in _SECOND_COLUMNS]
    kept = sorted([*first, *second][:SLIM_COLUMNS])
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(
            TableRow(cells=tuple(row.cells[i] for i in kept), lines=row.lines) for row in table.rows
        ),
    )


def _setting_lines(table: ConfigurationTable) -> list[AdfNode]:
    """Show settings as lines of text: one a column for a single head, else aligned columns."""
    if not table.is_transposed:
        return _aligned_lines(_slimmed(table))
    pairs = [pair for row in table.rows for pair in zip(table.columns, row.cells, strict=True)]
    width = max(len(column) for column, _ in pairs)
    lines = [f"{column.ljust(width)}  {' '.join(value.split())}" for column, value in pairs]
    return [adf.code_block("\n".join(lines))]


def _aligned_lines(table: ConfigurationTable) -> list[AdfNode]:
    """Show a table as lines of text in aligned columns: a tenth of the size of a table."""
    rows = [table.columns, *(row.cells for row in table.rows)]
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return [adf.code_block("\n".join(lines))] if table.rows else []
