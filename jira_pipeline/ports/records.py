"""The roles of the store for errors, for the audit trail and for what programs were answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jira_pipeline.errors import PipelineError
from jira_pipeline.kernel.records import AuditEntry, AuditVerification, StoredError


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
            NotFoundError: There is none of that number.
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

    def newest(self, session_key: str, *, after: int = 0, but: Collection[str] = ()) -> int:
        """Return the number of the newest entry of a session; 0 where there is none.

        Every change of a session adds one, committed in the order of the numbers: while it is the
        same, nothing changed. `after` leaves out entries up to that number, `but` some actions.
        """
        ...

    def last_changes(self, session_keys: Collection[str]) -> Mapping[str, AuditEntry]:
        """Return the newest entry of each of these sessions that a person is the actor of.

        That somebody looked is no change.
        """
        ...

    def verify(self) -> AuditVerification:
        """Follow the whole chain and return what does not fit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredRequest:
    """A request that was done, and its answer."""

    caller: str
    """Who asked."""
    idempotency_key: str
    """What they call the request; another caller's key is another one."""
    request_sha256: str
    """Over method, address and body."""
    status_code: int
    headers: Mapping[str, str]
    body: str
    at: datetime


class AnsweredRequests(Protocol):
    """Remembers what requests with an Idempotency-Key were answered."""

    def find(self, caller: str, idempotency_key: str) -> AnsweredRequest | None:
        """Return the request of that key, or None."""
        ...

    def keep(self, answered: AnsweredRequest) -> AnsweredRequest:
        """Keep an answer and return what is kept: the first one of a key stays."""
        ...

    def forget(self, *, until: datetime) -> int:
        """Forget what was answered at that time or before; returns how many."""
        ...
