"""Whether rendered tickets hold every cell of the rows they are made from.

A second look at what `ticket_rendering` made, from the document back to the rows: nothing of how
the tables were computed is used here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.adf import AdfNode
from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.stages.ticket_rendering import SAME_FOR_ALL, render_whole_document

JOINED_BY = ", "
"""Between the values of rows that were collapsed into one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCell:
    """A cell of a row that its ticket does not hold."""

    ticket_number: int
    file: str
    line: int
    column: str
    value: str

    @property
    def message(self) -> str:
        """Name the ticket and the cell."""
        place = f"{self.file}, line {self.line}, column {self.column}"
        return f"ticket {self.ticket_number} lacks {self.value!r} ({place})"


def missing_cells(
    tickets: Sequence[Ticket], *, groups: Mapping[str, EntityGroup]
) -> tuple[MissingCell, ...]:
    """Return every non-blank cell that does not stand verbatim in a table of its ticket."""
    return tuple(
        missing
        for ticket in tickets
        for missing in _missing_of(ticket, groups[ticket.group_key], groups)
    )


def table_values(document: AdfNode) -> frozenset[str]:
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


def _missing_of(
    ticket: Ticket, group: EntityGroup, groups: Mapping[str, EntityGroup]
) -> Iterator[MissingCell]:
    values = table_values(render_whole_document(ticket, group, groups=groups))
    parts = values | {part for value in values for part in value.split(JOINED_BY)}
    for row in (*group.heads, *group.members):
        for column, value in _cells_of(row):
            if value not in parts:
                yield MissingCell(
                    ticket_number=ticket.number,
                    file=row.source.file,
                    line=row.source.line,
                    column=column,
                    value=value,
                )


def _cells_of(row: Entity) -> Iterator[tuple[str, str]]:
    """Yield cells as a document shows them: line ends of all kinds are one kind there."""
    for column, value in row.cells.items():
        if value:
            yield column, value.replace("\r\n", "\n").replace("\r", "\n")


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
