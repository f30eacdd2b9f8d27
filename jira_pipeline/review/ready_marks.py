"""Ready marks as the audit trail has them, their pace, and which skipped tickets others depend on.

Does not belong here: giving marks (`approvals`), the gate (`export/gate`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from jira_pipeline.model.records import AuditAction, AuditEntry
from jira_pipeline.model.tickets import Ticket

AUTO_APPROVAL = "auto_approve"
PAUSE_SECONDS = 600
"""Longer, and it was a break: a pace that counts lunch says nothing."""
DECISIONS_MIN = 3
"""Of fewer, the middle one is chance."""
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


def seconds_a_ticket(marks: Iterable[ReadyMark], *, by: str) -> float | None:
    """Return how long somebody takes from one decision to the next; None where that is not known.

    Tickets that were marked at once count as one decision.
    """
    decided = sorted({mark.at for mark in marks if mark.by == by})
    between = [(later - at).total_seconds() for at, later in pairwise(decided)]
    reading = [seconds for seconds in between if seconds <= PAUSE_SECONDS]
    return median(reading) if len(reading) >= DECISIONS_MIN else None


def skipped_dependencies(tickets: Iterable[Ticket]) -> dict[int, tuple[Ticket, ...]]:
    """Return the skipped tickets that others depend on, by the number of the dependent one.

    The dependent ones are exported all the same, without a link: there is no issue to link to.
    """
    every_ticket = tuple(tickets)
    skipped = {t.ticket_id: t for t in every_ticket if t.exclusion is not None}
    missing_of = {
        t.number: tuple(skipped[i] for i in t.depends_on if i in skipped)
        for t in every_ticket
        if t.exclusion is None
    }
    return {number: missing for number, missing in missing_of.items() if missing}
