"""Ready marks and remarks as the audit trail has them; which skipped tickets others depend on.

Belongs here: the pace of marks; how far tickets are after an undo; what a person may say that a
model should do with a ticket, and which remark counts: the last one. Does not: giving marks
(`approvals`), the gate (`export/gate`), having tickets written with a remark (`writing/generation`),
what a model is told (`writing/completion/prompt`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import NamedTuple, cast

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.tickets import ListedTicket, Ticket

PAUSE_SECONDS = 600
"""Longer, and it was a break: a pace that counts lunch says nothing."""
DECISIONS_MIN = 3
"""Of fewer, the middle one is chance."""
MARKED = AuditAction.TICKETS_MARKED_READY
UNMARKED = AuditAction.TICKETS_UNMARKED_READY
RETURNED = AuditAction.REVIEW_RETURNED

REMARKED = AuditAction.TICKETS_REMARKED
REMARK_MAX_CHARACTERS = 500
"""Some four sentences: more is for the notes of a sheet, where people look for it."""


class ReadyMark(NamedTuple):
    """A ready mark as the audit trail has it; a tuple, because ten thousand are kept."""

    sequence: int
    """Of its entry."""
    at: datetime
    by: str
    is_returned: bool = False
    """It is of a session that was removed, and came back with its key at that time."""


def marks_after(
    entries: Sequence[AuditEntry], before: Mapping[str, ReadyMark]
) -> Mapping[str, ReadyMark]:
    """Return the last mark of each ticket, by its id; none where somebody took it away.

    `entries` give, take and bring back marks, newest first; `before` are the marks before them.
    """
    marks = dict(before)
    for entry in reversed(entries):
        if entry.action is RETURNED:
            # An older program did not note whose approvals came back.
            approvals = cast("Mapping[str, str]", entry.details.get("approvals", {}))
            for ticket_id, by in approvals.items():
                marks[ticket_id] = ReadyMark(entry.sequence, entry.at, by, is_returned=True)
            continue
        for ticket_id in entry.ticket_ids:
            if entry.action is MARKED:
                marks[ticket_id] = ReadyMark(entry.sequence, entry.at, entry.actor)
            else:
                marks.pop(ticket_id, None)
    return marks


def seconds_a_ticket(marks: Iterable[ReadyMark], *, by: str) -> float | None:
    """Return how long somebody takes from one decision to the next; None where that is not known.

    Tickets that were marked at once count as one decision.
    """
    decided = sorted({mark.at for mark in marks if mark.by == by and not mark.is_returned})
    between = [(later - at).total_seconds() for at, later in pairwise(decided)]
    reading = [seconds for seconds in between if seconds <= PAUSE_SECONDS]
    return median(reading) if len(reading) >= DECISIONS_MIN else None


def after_undo_text(tickets: Iterable[Ticket | ListedTicket], numbers: Collection[int]) -> str:
    """Say how far tickets are whose issues an undo deleted; empty where none of them has rows."""
    deleted = [ticket for ticket in tickets if ticket.number in numbers]
    wanted = [ticket for ticket in deleted if ticket.exclusion is None]
    approved_count = sum(ticket.is_ready for ticket in wanted)
    waiting_count = len(wanted) - approved_count
    left_out_count = len(deleted) - len(wanted)
    sentences = []
    if approved_count:
        are = format_count(approved_count, "ticket is", "tickets are")
        issues = "its issue" if approved_count == 1 else "their issues"
        sentences.append(f"{are} still approved: the next export creates {issues} again.")
    if waiting_count:
        sentences.append(
            f"{format_count(waiting_count, 'ticket waits', 'tickets wait')} for review."
        )
    if left_out_count:
        are = format_count(left_out_count, "ticket is", "tickets are")
        sentences.append(f"{are} left out of exports.")
    return " ".join(sentences)


def skipped_dependencies(tickets: Iterable[Ticket]) -> dict[int, tuple[Ticket, ...]]:
    """Return the skipped tickets that others depend on, by the number of the dependent one.

    The dependent ones are exported all the same, without a link: there is no issue to link to.
    """
    every_ticket = tuple(tickets)
    skipped = {ticket.ticket_id: ticket for ticket in every_ticket if ticket.exclusion is not None}
    missing_of = {}
    for ticket in every_ticket:
        if ticket.exclusion is not None:
            continue
        missing = tuple(skipped[other] for other in ticket.depends_on if other in skipped)
        if missing:
            missing_of[ticket.number] = missing
    return missing_of


@json_fields("text by at")
@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What somebody wants of a ticket."""

    text: str
    by: str
    at: datetime


def checked_remark(text: str) -> str:
    """Return a remark as one paragraph; empty takes back what was said.

    Raises:
        InputError: It is too long.
    """
    remark = " ".join(text.split())
    if len(remark) > REMARK_MAX_CHARACTERS:
        raise InputError(
            f"The remark has {len(remark)} characters; the limit is {REMARK_MAX_CHARACTERS}.",
            recovery_actions=("Shorten it, or put it in the sheet's notes.",),
        )
    return remark


def remarks_in(entries: Iterable[AuditEntry]) -> Mapping[str, Remark]:
    """Return the remarks that count by ticket id, from the entries of `REMARKED`, oldest first."""
    remarks: dict[str, Remark] = {}
    for entry in entries:
        remark = Remark(text=str(entry.details["remark"]), by=entry.actor, at=entry.at)
        remarks |= dict.fromkeys(entry.ticket_ids, remark)
    # A remark without a text takes back the one before.
    return {ticket_id: remark for ticket_id, remark in remarks.items() if remark.text}
