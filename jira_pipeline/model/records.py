"""What is kept for people to look up: errors, entries of the audit trail, comments.

Belongs here: the values. Does not: which actions there are (`audit_actions`), what they say of the
latest work (`work_records`), keeping them (`store/changes`, `store/reviews`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from jira_pipeline.model.actions import Action
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.json_values import json_fields

COMMENT_MAX_CHARACTERS = 5_000


@json_fields("id=error_id at code category stage message recovery_actions ticket_id file line")
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


@json_fields("sequence at actor action details")
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


def tickets_named_in(details: Mapping[str, object]) -> tuple[str, ...]:
    """Return the ids of the tickets that the details of an entry name as changed."""
    ticket_id = details.get("ticket_id")
    if isinstance(ticket_id, str):
        return (ticket_id,)
    # Each action keeps them under a name of its own, as a list or as keys.
    for name in ("ticket_ids", "rendered_hashes", "answers", "moved"):
        if name in details:
            return tuple(cast("Collection[str]", details[name]))
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """A change of tickets that Dagster does not know yet."""

    event_id: int
    session_key: str
    at: datetime
    action: str
    """What people did, in a word: that of the command."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a person said about a ticket; Jira never gets it."""

    comment_id: int
    ticket_id: str
    author: str
    text: str
    """Plain text; line breaks are kept."""
    at: datetime


def time_json(at: datetime | None) -> str | None:
    """Return a time as text in ISO 8601, as JSON has it."""
    return None if at is None else at.isoformat()
