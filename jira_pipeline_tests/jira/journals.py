"""The journal of a sandbox: every request it took and what that changed, read from its file."""

import json
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalChange:
    """One change of state, as the server made it."""

    sequence: int
    change: str
    """Such as `issue_created`."""
    issue_id: str | None
    detail: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One request the server took, and everything it changed."""

    sequence: int
    at: datetime
    method: str
    path: str
    query: str
    account_id: str | None
    status: int
    """What was answered, or would have been; 0 while no answer exists."""
    changes: tuple[JournalChange, ...]


def journal_of(sandbox: JiraSandbox) -> tuple[JournalEntry, ...]:
    """Return every request in order, each with what it changed."""
    with sandbox.state.reading() as rows:
        changes: dict[int, list[JournalChange]] = {}
        for row in rows.execute("SELECT * FROM journal_change ORDER BY sequence"):
            change = JournalChange(
                sequence=row["sequence"],
                change=row["change"],
                issue_id=None if row["issue_id"] is None else str(row["issue_id"]),
                detail=json.loads(row["detail"]),
            )
            changes.setdefault(row["request_sequence"], []).append(change)
        requests = rows.every("SELECT * FROM journal_request ORDER BY sequence")
    return tuple(
        JournalEntry(
            sequence=row["sequence"],
            at=datetime.fromisoformat(row["at"]),
            method=row["method"],
            path=row["path"],
            query=row["query"],
            account_id=row["account_id"],
            status=row["status"] or 0,
            changes=tuple(changes.get(row["sequence"], [])),
        )
        for row in requests
    )
