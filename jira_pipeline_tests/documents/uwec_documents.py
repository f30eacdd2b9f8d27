"""The documents of the real specification, as lines of bytes: `python -m …uwec_documents`.

Belongs here: rendering them in a process of its own, whose hashes are seeded by whoever starts it.
Does not: judging them (`test_uwec_documents`).
"""

import sys
from pathlib import Path

from jira_pipeline.adf import compact_json
from jira_pipeline.kernel.entities import Specification
from jira_pipeline.kernel.rendered_tickets import RenderedTicket
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline_tests.documents.made_tickets import tickets_for

UWEC = Path(__file__).resolve().parents[3] / "shared" / "data" / "uwec"


def rendered_tickets() -> tuple[RenderedTicket, ...]:
    """Render every ticket, as it is written without a review."""
    entities = read_entities(read_folder(UWEC).tables).entities
    return tuple(made.rendered() for made in tickets_for(Specification(entities=entities)))


def lines_of(tickets: tuple[RenderedTicket, ...]) -> list[str]:
    """Write what Jira would get: a line for each document, one for each attachment."""
    lines = []
    for ticket in tickets:
        lines.append(compact_json(ticket.document))
        lines.append(repr(ticket.attachment))
    return lines


if __name__ == "__main__":
    sys.stdout.buffer.write("\n".join(lines_of(rendered_tickets())).encode())
