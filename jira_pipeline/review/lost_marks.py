"""Which tickets lost their ready mark to a change, and who had given it.

Belongs here: reading marks out of the audit trail. Does not: what changed since
(`approved_difference`), giving and taking marks (`ready_marks`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.records import AuditEntry

MARKED, UNMARKED = AuditAction.TICKETS_MARKED_READY, AuditAction.TICKETS_UNMARKED_READY


class ReadyMark(NamedTuple):
    """A ready mark as the audit trail has it; a tuple, because ten thousand are kept."""

    sequence: int
    """Of its entry."""
    at: datetime
    by: str


def marks_after(
    entries: Sequence[AuditEntry], before: Mapping[str, ReadyMark]
) -> Mapping[str, ReadyMark]:
    """Return the last mark of each ticket, by its id; none where somebody took it away.

    `entries` give and take marks, newest first; `before` are the marks before them.
    """
    found = dict(before)
    for entry in reversed(entries):
        for ticket_id in entry.ticket_ids:
            if entry.action == MARKED:
                found[ticket_id] = ReadyMark(entry.sequence, entry.at, entry.actor)
            else:
                found.pop(ticket_id, None)
    return found
