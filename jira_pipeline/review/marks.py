"""Ready marks and remarks as the audit trail has them; which skipped tickets others depend on.

A ready mark is a person's approval of a ticket. A remark is what a person wants a model to mind when
it writes a ticket. Both are read from the entries of the audit trail; the last one counts.

Belongs here: reading both, the pace of marks, the review after an undo. Does not: giving marks
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
"""A longer time between two decisions was a break, and says nothing about the pace."""
DECISIONS_MIN = 3
"""The median of fewer times is chance."""
MARKED = AuditAction.TICKETS_MARKED_READY
UNMARKED = AuditAction.TICKETS_UNMARKED_READY
RETURNED = AuditAction.REVIEW_RETURNED

REMARKED = AuditAction.TICKETS_REMARKED
REMARK_MAX_CHARACTERS = 500
"""Some four sentences: more is for the notes of a sheet, where people look for it."""


class ReadyMark(NamedTuple):
    """A ready mark as the audit trail has it; a tuple, because ten thousand are kept in memory."""

    sequence: int
    """The sequence number of its entry."""
    at: datetime
    by: str
    is_returned: bool = False
    """It was given in a session that was removed; `at` is when it came back, with the key."""


def marks_after(
    entries: Sequence[AuditEntry], before: Mapping[str, ReadyMark]
) -> Mapping[str, ReadyMark]:
    """Return the last mark of each ticket by its id, but none that somebody took away.

    `entries` are those that give, remove or bring back marks, newest first; `before` are the marks
    before them.
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
    """Return the median time between two decisions of a person, without breaks.

    Tickets that were marked at once count as one decision. None where there are too few.
    """
    decision_times = sorted({mark.at for mark in marks if mark.by == by and not mark.is_returned})
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(decision_times)]
    reading_times = [seconds for seconds in pauses if seconds <= PAUSE_SECONDS]
    return median(reading_times) if len(reading_times) >= DECISIONS_MIN else None


def after_undo_text(tickets: Iterable[Ticket | ListedTicket], numbers: Collection[int]) -> str:
    """Return sentences on the tickets whose issues an undo deleted: approved, waiting, left out.

    `numbers` are theirs. Empty where none of them is among `tickets`, as their rows are gone.
    """
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
    """Return the skipped tickets that exported ones depend on, by the number of the dependent one.

    It is exported even so, but without a link, as there is no issue to link to.
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
    """What somebody wants a model to mind when it writes a ticket."""

    text: str
    by: str
    at: datetime


def checked_remark(text: str) -> str:
    """Return a remark as one paragraph; an empty one removes the remark before.

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
    """Return the last remark of each ticket by its id; `entries` are those of remarks, oldest first."""
    remarks: dict[str, Remark] = {}
    for entry in entries:
        remark = Remark(text=str(entry.details["remark"]), by=entry.actor, at=entry.at)
        remarks |= dict.fromkeys(entry.ticket_ids, remark)
    # A remark without a text takes back the one before.
    return {ticket_id: remark for ticket_id, remark in remarks.items() if remark.text}
