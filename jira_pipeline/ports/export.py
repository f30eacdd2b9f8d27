"""The roles of the store for an export: ledger, lease, fixes, comparisons."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from jira_pipeline.model.export_ledger import Destination, LedgerEntry, Target
from jira_pipeline.model.issue_differences import Difference, IssueDifference
from jira_pipeline.model.manual_fixes import FixState, ManualFix


class ExportLedger(Protocol):
    """Keeps the truth about what was sent. `append` is durable when it returns.

    Where the lease of a target is a connection, `append` commits intents, and where an undo begins
    and ends, on it and raises `LeaseLostError` when it is gone: no intent, so nothing is sent.
    Outcomes are kept in any case.
    """

    def installation_id(self) -> str:
        """Return the UUID of this store, made when it was initialised."""
        ...

    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Commit one entry (its `sequence` is ignored) and return it with its sequence.

        Its target must have been recorded.
        """
        ...

    def entries(self, *, target_id: str, session_key: str) -> tuple[LedgerEntry, ...]:
        """Return the entries of a session on a target, by sequence."""
        ...

    def entry_count(self, *, target_id: str, session_key: str) -> int:
        """Return how many entries a session has on a target; every change adds one."""
        ...

    def has_receipts(self, session_key: str) -> bool:
        """Tell whether any issue of the session exists, or may exist, on any target.

        One in doubt counts: no answer is not "not done".
        """
        ...

    def tickets_sent(self, target_id: str) -> Mapping[str, frozenset[str]]:
        """Return the ids of tickets with entries of an issue on a target, by session key.

        Those that were removed, or never came to be, count too.
        """
        ...

    def last_issues(self, target_id: str, *, count: int | None) -> tuple[str, ...]:
        """Return the ids of the last issues with a receipt on a target, newest first; None: of all.

        Of any session; those that were removed or released, or were never ours, don't count.
        """
        ...

    def highest_issue_number(self, target_id: str, *, project_key: str) -> int:
        """Return the highest number any receipt of any session has in a project, or 0.

        Of issues that were removed, too: their numbers are not given again. A receipt counts as it
        was read back last: an answer may have named any key.
        """
        ...

    def record_target(
        self, target: Target, *, at: datetime, destination: Destination | None = None
    ) -> None:
        """Remember a target (insert, or update of names), and that settings mean it by this."""
        ...

    def destinations(self) -> Mapping[Destination, Target]:
        """Return the targets that settings meant when they were last asked for."""
        ...

    def targets(self) -> tuple[Target, ...]:
        """Return all known targets, by id."""
        ...

    def targets_of(self, session_key: str) -> tuple[Target, ...]:
        """Return the targets a session has entries on, the latest used last."""
        ...

    def targets_by_session(self) -> Mapping[str, tuple[Target, ...]]:
        """Return the same of every session that has any, by its key."""
        ...


class TargetLease(Protocol):
    """Lets one process at a time write to a target, for as long as it lives and is connected."""

    def hold(self, target_id: str, *, holder: str) -> AbstractContextManager[None]:
        """Hold the lease of a target.

        Raises:
            LeaseBusyError: Another live process, or another part of this one, holds it; the
                message names it.
            StoreBusyError: The server that keeps leases cannot be reached.
            StoreError: The folder that keeps leases cannot be written.
        """
        ...


class WatchedLease(TargetLease, Protocol):
    """A lease of which its holder can tell whether it is still its own."""

    def is_held(self, target_id: str) -> bool:
        """Tell whether this process holds a lease, and still does: its connection may be gone."""
        ...

    def holder_of(self, target_id: str) -> str | None:
        """Return who holds a lease, in whatever process; None where nobody does."""
        ...


class ManualFixStore(Protocol):
    """Keeps manual fixes."""

    def record(self, fix: ManualFix) -> ManualFix:
        """Add a fix once: one that is known already, open or not, stays as it is.

        An obsolete one was about an issue that is gone; it is needed again.
        """
        ...

    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        """Return the fixes of a session, by id."""
        ...

    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix:
        """Say what became of a fix; audited where it changes.

        Raises:
            NotFoundError: The session has no such fix.
        """
        ...


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


class ComparisonStore(Protocol):
    """Keeps the last comparison of ledger and Jira of every session."""

    def record(self, comparison: FiledComparison) -> None:
        """Keep a comparison in place of the one before.

        Raises:
            NotFoundError: There is no such session.
        """
        ...

    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        """Return the last comparison of a session, or None where it was of another target."""
        ...

    def open_counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many differences people have to decide about, as last compared.

        By session and target; those without any are left out.
        """
        ...
