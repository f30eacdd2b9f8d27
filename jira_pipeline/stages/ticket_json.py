"""A ticket as programs get it: in a list, and whole.

Belongs here: the shapes that `tickets list --json`, `tickets show --json` and the API share. Does
not: which tickets are listed (`ticket_selection`), questions (`questions`).
"""

from jira_pipeline.adf import adf_to_html
from jira_pipeline.domain.configuration_tables import tables_of
from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import PART_NAMES, ListedTicket, Revision, SourceLines
from jira_pipeline.domain.work_records import time_json
from jira_pipeline.stages.jira_export.results import TicketExport


def listed_json(
    ticket: ListedTicket, place: TicketExport, source_lines: tuple[SourceLines, ...]
) -> dict[str, object]:
    """Say a ticket as it is in a list."""
    return {
        "ticket_id": ticket.ticket_id,
        "number": ticket.number,
        "title": ticket.title,
        "entity_group": ticket.display_group.value,
        "action": ticket.action.value,
        "state": place.state.value,
        "ready": ticket.is_ready,
        "skipped_reason": ticket.skipped_reason,
        "depends_on": list(ticket.depends_on),
        "relates_to": list(ticket.relates_to),
        "assignee": ticket.assignee,
        "sprint": ticket.sprint,
        "priority": ticket.priority,
        "labels": list(ticket.labels),
        "parent": ticket.parent,
        "estimated_hours": ticket.estimated_hours,
        "jira_key": place.jira_key,
        "jira_url": place.jira_url,
        "exported_at": time_json(place.exported_at),
        "revision": ticket.revision_number,
        "withdrawal": None if ticket.withdrawal is None else ticket.withdrawal.value,
        "source_changed": ticket.is_source_changed,
        "open_questions": ticket.unanswered_count,
        "fallback": ticket.is_fallback,
        "source_files": [s.to_json() for s in source_lines],
    }


def row_json(row: Entity) -> dict[str, object]:
    """Say a row as it is in the sheet, with cells that no table shows."""
    return {
        "file": row.source.file,
        "line": row.source.line,
        "record": row.source.record,
        "cells": {name: text for name, text in row.cells.items() if text},
    }


def content_json(rendered: RenderedTicket, group: EntityGroup) -> dict[str, object]:
    """Say what Jira would get of a ticket, and the tables it shows."""
    parts = rendered.ticket.revision.parts
    document = rendered.document
    attachment = rendered.attachment
    return {
        "description_html": adf_to_html(document),
        "description_adf": document,
        "attachment": None
        if attachment is None
        else {"filename": attachment[0], "text": attachment[1]},
        "parts": {name: getattr(parts, name) for name in PART_NAMES},
        "tables": [
            {
                "title": table.title,
                "columns": list(table.columns),
                "rows": [list(row.cells) for row in table.rows],
                "lines": [list(row.lines) for row in table.rows],
                "records": [list(row.records) for row in table.rows],
                "same_for_all": dict(table.same_for_all),
            }
            for table in tables_of(group)
        ],
    }


def revision_json(revision: Revision) -> dict[str, object]:
    """Say a revision without its text."""
    return {
        "number": revision.number,
        "origin": revision.origin.value,
        "author": revision.author,
        "at": revision.created_at.isoformat(),
        "content_hash": revision.content_hash,
    }
