"""What exports leave beside the ledger, and what is asked of them: the values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jira_pipeline.model.issue_differences import Difference, IssueDifference

Retried = Literal["generation", "export"]
"""What people retry: the writing of tickets, or their export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredStep:
    """One execution of one step of an export: what it sent and how long it took."""

    session_key: str
    target_id: str
    step: str
    """Such as `create_issues`."""
    run_id: str | None
    started_at: datetime
    seconds: float
    """By the monotonic clock."""
    done_count: int
    """How many issues, files or links it wrote."""
    requests: Mapping[str, int]
    """By method and path template."""
    step_id: int = 0
    """Assigned by the store; 0 before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """An export that somebody asked for."""

    request_id: int
    session_key: str
    requested_at: datetime
    requested_by: str

    def to_json(self) -> dict[str, object]:
        """Return the shape of `export_requested` in `status --json`."""
        return {
            "request_id": self.request_id,
            "requested_at": self.requested_at.isoformat(),
            "requested_by": self.requested_by,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledComparison:
    """What the last comparison of ledger and Jira found of a session."""

    session_key: str
    target_id: str
    compared_at: datetime
    confirmed: int
    """Issues that are there with the identity the ledger gave them."""
    differences: tuple[IssueDifference, ...]
    """One for each issue that is not as the ledger says."""

    @property
    def there_count(self) -> int:
        """Issues that Jira showed, whether they carry our marker or not."""
        return self.confirmed + self._count(Difference.UNMARKED)

    @property
    def issue_count(self) -> int:
        """Issues the ledger had."""
        unseen = self._count(Difference.GONE) + self._count(Difference.UNREADABLE)
        return self.there_count + unseen

    def _count(self, kind: Difference) -> int:
        return sum(difference.kind is kind for difference in self.differences)

    @property
    def is_equal(self) -> bool:
        """Jira held what the ledger says; an issue that was moved is still ours."""
        return all(d.kind is Difference.MOVED for d in self.differences)
