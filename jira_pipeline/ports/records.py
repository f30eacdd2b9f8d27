"""The roles of the store for errors and for the audit trail."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from jira_pipeline.domain.records import AuditEntry, AuditVerification, StoredError
from jira_pipeline.errors import PipelineError


class ErrorStore(Protocol):
    """Keeps errors."""

    def record(
        self,
        error: PipelineError,
        *,
        session_key: str | None,
        stage: str,
        at: datetime,
        run_id: str | None = None,
        ticket_id: str | None = None,
    ) -> StoredError:
        """Store an error; refused sheets are placed at their first finding, a manifest at its file."""
        ...

    def get(self, error_id: int) -> StoredError:
        """Return one error.

        Raises:
            UnknownErrorError: There is none of that number.
        """
        ...

    def list_all(self, session_key: str) -> tuple[StoredError, ...]:
        """Return the errors of a session, oldest first."""
        ...


class AuditTrail(Protocol):
    """Keeps who did what; append-only and hash-chained."""

    def append(
        self,
        *,
        at: datetime,
        session_key: str | None,
        actor: str,
        action: str,
        details: Mapping[str, object],
    ) -> None:
        """Append one entry."""
        ...

    def entries(
        self, session_key: str, *, actions: Collection[str] | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return the entries of a session, all or those of some actions, oldest first."""
        ...

    def last_changes(self, session_keys: Collection[str]) -> Mapping[str, AuditEntry]:
        """Return the newest entry of each of these sessions that a person is the actor of.

        That somebody looked is no change.
        """
        ...

    def verify(self) -> AuditVerification:
        """Follow the whole chain and tell what does not fit."""
        ...
