"""Whether rendered tickets hold every cell of the rows they are made from, and nothing else.

Two proofs in a row: the tables against the rows, the rendered document against the tables. Nothing
of how either was made is used.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from jira_pipeline.jira.adf import AdfNode
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.tickets.documents.configuration_tables import (
    JOINED_BY,
    ConfigurationTable,
    tables_of,
)
from jira_pipeline.tickets.documents.document_tables import SAME_FOR_ALL

Cell = tuple[str, int, str, str]
"""File, line, column, text."""


def table_faults(
    written: Iterable[tuple[Ticket, AdfNode]], *, groups: Mapping[str, EntityGroup]
) -> tuple[str, ...]:
    """Return a sentence for every cell that a ticket's whole document lacks or invents."""
    return tuple(
        f"ticket {ticket.number}: {fault}"
        for ticket, document in written
        for fault in _faults_of(document, groups[ticket.group_key])
    )


def table_discrepancies(
    group: EntityGroup, tables: Sequence[ConfigurationTable]
) -> tuple[str, ...]:
    """Return a sentence for each cell that no table shows and each shown cell that is in no row.

    A row is found by its line, of several there, as in a matrix, the one with most of the cells; a
    cell counts only in a table for the row's status. Where a table row is made of several lines, a
    cell is either the same for all or their texts joined.
    """
    group = group.as_in_sheet
    own_rows = group.sources
    by_line = grouped(own_rows, lambda e: (e.source.file, e.source.line))
    stated: set[Cell] = {
        (entity.source.file, entity.source.line, column, text)
        for entity in own_rows
        for column, text in entity.cells.items()
        if text
    }

    shown: set[Cell] = set()
    for table in tables:
        for row in table.rows:
            named = [*zip(table.columns, row.cells, strict=True), *table.same_for_all]
            rows = [_nearest(by_line.get((table.file, line), ()), named) for line in row.lines]
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


def _nearest(rows: Sequence[Entity], cells: Sequence[tuple[str, str]]) -> Entity | None:
    return max(rows, key=lambda e: sum(e.cell(c) == text for c, text in cells), default=None)


def values_in_document(document: AdfNode) -> frozenset[str]:
    """Return the text of every table cell and every value that is the same for all."""
    values: set[str] = set()
    stack: list[AdfNode] = [document]
    while stack:
        node = stack.pop()
        if node["type"] in {"tableCell", "tableHeader"}:
            values.add("\n".join(_text_of(block) for block in node["content"]))
        elif node["type"] == "paragraph":
            values.update(_same_for_all_values(node))
        else:
            stack.extend(node.get("content", ()))
    return frozenset(values)


def _faults_of(document: AdfNode, group: EntityGroup) -> Iterator[str]:
    tables = tables_of(group)
    yield from table_discrepancies(group, tables)
    shown = values_in_document(document)
    for table in tables:
        values = [cell for row in table.rows for cell in row.cells if cell]
        values += [value for _, value in table.same_for_all]
        for value in values:
            # line ends of all kinds are shown alike
            if value.replace("\r\n", "\n").replace("\r", "\n") not in shown:
                yield f"{table.title} lacks {value!r}"


def _text_of(block: AdfNode) -> str:
    return "".join(
        "\n" if node["type"] == "hardBreak" else node.get("text", "")
        for node in block.get("content", ())
    )


def _same_for_all_values(paragraph: AdfNode) -> Iterator[str]:
    """Yield the runs of text between the strong labels."""
    content = paragraph.get("content", ())
    if not content or content[0].get("text") != SAME_FOR_ALL:
        return
    value = ""
    for node in content[1:]:
        if node.get("marks"):
            if value:
                yield value
            value = ""
        else:
            value += "\n" if node["type"] == "hardBreak" else node["text"]
    if value:
        yield value


def _named(cell: Cell) -> str:
    file, line, column, text = cell
    return f"{file}, line {line}, column {column}: “{text[:60]}”"
