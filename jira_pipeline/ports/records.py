"""The role of the store for errors, and what its records are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jira_pipeline.errors import PipelineError
from jira_pipeline.kernel.records import StoredError


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
