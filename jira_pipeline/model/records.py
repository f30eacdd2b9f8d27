"""What is kept for people to look up: errors, and who did what.

Belongs here: the values. Does not: keeping them (`store/record_store`), adding them up
(`work_records`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from jira_pipeline.model.actions import Action
from jira_pipeline.model.audit_actions import AuditAction

PIPELINE = "pipeline"
"""Actor of what no person did."""
REVIEWING_ACTIONS = frozenset(
    {
        *(AuditAction.DEPENDENCY_ADDED, AuditAction.DEPENDENCY_REMOVED),
        *(AuditAction.FIELDS_ASSIGNED, AuditAction.QUESTIONS_ANSWERED, AuditAction.TICKET_EDITED),
        *(AuditAction.TICKET_ROLLED_BACK, AuditAction.TICKETS_MARKED_READY),
        *(AuditAction.TICKETS_REORDERED, AuditAction.TICKETS_UNMARKED_READY),
        AuditAction.TICKETS_SEEN,
    }
)
"""What people do all the time: it changes what tickets say or who looked, and nothing else.

Which tickets there are and which are exported, validations, runs and retries stay as they were.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredError:
    """An error people can look up later."""

    error_id: int
    session_key: str | None
    at: datetime
    code: str
    category: str
    stage: str
    message: str
    recovery_actions: tuple[Action, ...]
    run_id: str | None
    ticket_id: str | None
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change of state."""

    sequence: int
    at: datetime
    session_key: str | None
    actor: str
    action: AuditAction
    details: Mapping[str, object]

    @property
    def ticket_ids(self) -> tuple[str, ...]:
        """The tickets it changed; none where it is about the session as a whole."""
        return tickets_named_in(self.details)

    def to_json(self) -> dict[str, object]:
        """Return the shape `audit --json` promises."""
        return {
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "actor": self.actor,
            "action": self.action,
            "details": dict(self.details),
        }


def tickets_named_in(details: Mapping[str, object]) -> tuple[str, ...]:
    """Return the ids of the tickets that the details of an entry name as changed."""
    one = details.get("ticket_id")
    names = ("ticket_ids", "rendered_hashes", "answers", "moved")
    many = next((details[name] for name in names if name in details), ())
    return (one,) if isinstance(one, str) else tuple(cast("Collection[str]", many))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """A change of tickets that Dagster does not know yet."""

    event_id: int
    session_key: str
    at: datetime
    action: str
    """What people did, in a word: that of the command."""
    by: str
