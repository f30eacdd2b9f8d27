"""What other processes write to a store: entries counted by name, or entries until they are killed.

Belongs here: what happens in a child. Does not: starting it, and what must be true afterwards
(`test_transactions`).
"""

from datetime import UTC, datetime
from pathlib import Path

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.store.store import open_store


def append_to_audit(database_url: str, folder: Path, name: str, count: int) -> None:
    """Append entries to the audit under a name; an exception ends the process with code 1."""
    with open_store(database_url, lock_path=folder / "store.lock") as store:
        for number in range(count):
            store.audit.append(
                at=datetime(2026, 1, 1, tzinfo=UTC),
                session_key="site",
                actor=name,
                action=AuditAction.STAGE_SET,
                details={"number": number},
            )
