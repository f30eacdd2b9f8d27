"""The whole of a ticket that is longer than an issue can hold, as a Markdown file.

Belongs here: its text and its name. Does not: when there is one (`rendering`), uploading it
(`stages/jira_export/attachments`).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from jira_pipeline.adf import AdfNode, adf_to_markdown
from jira_pipeline.adf import nodes as adf
from jira_pipeline.domain.configuration_tables import tables_of
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.line_numbers import said_lines
from jira_pipeline.domain.rendered_tickets import hashed_file_name
from jira_pipeline.domain.tickets import Ticket

LITERAL_HEADING = "## Cells to copy, exactly as they stand in the sheets"


class _LiteralCell(NamedTuple):
    """A cell of a table with where it stands."""

    file: str
    lines: tuple[int, ...]
    column: str
    value: str


def attachment_of(ticket: Ticket, group: EntityGroup, document: AdfNode) -> tuple[str, str]:
    """Return name and text of the file that says everything the whole document says."""
    text = _attachment_text(ticket, group, document)
    return hashed_file_name(f"{_slug(ticket.title)}.md", text), text


def _attachment_text(ticket: Ticket, group: EntityGroup, document: AdfNode) -> str:
    """Write the whole ticket as Markdown, with cells that Markdown must escape once more as is."""
    titled = adf.doc([adf.heading(1, ticket.title), *document["content"]])
    text = f"{adf_to_markdown(titled).rstrip()}\n"
    escaped_cells = [cell for cell in _literal_cells(group) if cell.value not in text]
    if not escaped_cells:
        return text
    blocks = [
        f"{cell.file}, {said_lines(cell.lines)}, {cell.column}:\n\n{_fenced(cell.value)}\n"
        for cell in escaped_cells
    ]
    return f"{text}\n{LITERAL_HEADING}\n\n{chr(10).join(blocks)}"


def _literal_cells(group: EntityGroup) -> Iterator[_LiteralCell]:
    for table in tables_of(group):
        every_line = tuple(sorted({line for row in table.rows for line in row.lines}))
        for column, value in table.same_for_all:
            yield _LiteralCell(table.file, every_line, column, value)
        for row in table.rows:
            for column, value in zip(table.columns, row.cells, strict=True):
                if value:
                    yield _LiteralCell(table.file, row.lines, column, value)


def _fenced(value: str) -> str:
    """Put text between fences longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{value}\n{fence}"


def _slug(title: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in title.casefold())
    return "-".join(part for part in kept.split("-") if part)[:60] or "ticket"
