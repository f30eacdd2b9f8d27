"""What an export asks of the store: its roles, which the doubles of the fault worlds play, too.

Belongs here: the methods an export calls. Does not: what each promises, which the class in `store`
says; Jira (`model/issue_tracker`).
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from jira_pipeline.model.export_ledger import Destination, LedgerEntry, Target
from jira_pipeline.model.exports import FiledComparison, FixState, ManualFix
from jira_pipeline.model.sessions import (
    AsNew,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
)
from jira_pipeline.model.tickets import Exclusion, Ticket, TicketDecision
from jira_pipeline.model.validations import CheckedContents


class ExportLedger(Protocol):
    """Keeps the truth about what was sent, as `store/ledger` says."""

    def installation_id(self) -> str: ...
    def append(self, entry: LedgerEntry) -> LedgerEntry: ...
    def entries(self, *, target_id: str, session_key: str) -> tuple[LedgerEntry, ...]: ...
    def tickets_sent(self, target_id: str) -> Mapping[str, frozenset[str]]: ...
    def last_issues(self, target_id: str, *, count: int | None) -> tuple[str, ...]: ...
    def highest_issue_number(self, target_id: str, *, project_key: str) -> int: ...
    def record_target(
        self, target: Target, *, at: datetime, destination: Destination | None = None
    ) -> None: ...
    def destinations(self) -> Mapping[Destination, Target]: ...
    def targets(self) -> tuple[Target, ...]: ...
    def targets_of(self, session_key: str) -> tuple[Target, ...]: ...


class TargetLease(Protocol):
    """Lets one process at a time write to a target, as `store/leases` says."""

    def hold(self, target_id: str, *, holder: str) -> AbstractContextManager[None]: ...


class ExportedSessions(Protocol):
    def get(self, session_key: str) -> UploadSession: ...
    def set_stage(
        self,
        session_key: str,
        *,
        stage: SessionStage,
        status: SessionStatus,
        at: datetime,
        run_id: str | None = None,
        failed_at_ticket_number: int | None = None,
        is_undone: bool = False,
        started_by: str | None = None,
    ) -> None: ...
    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
    ) -> None: ...
    def answer_as_new(
        self, session_key: str, answers: Iterable[AsNew], *, by: str, at: datetime
    ) -> None: ...


class ExportedTickets(Protocol):
    def list_vanished(self, session_key: str) -> tuple[Ticket, ...]: ...
    def decisions(self, session_key: str) -> Mapping[str, TicketDecision]: ...
    def list_all(self, session_key: str) -> tuple[Ticket, ...]: ...
    def exclude(
        self,
        session_key: str,
        ticket_ids: Collection[str],
        kind: type[Exclusion],
        *,
        reason: str | None,
        by: str,
        at: datetime,
    ) -> int: ...
    def unmark_ready(
        self, session_key: str, ticket_ids: Collection[str], *, by: str, at: datetime
    ) -> int: ...


class CheckedValidations(Protocol):
    def checked(self, session_key: str) -> CheckedContents | None: ...


class ManualFixes(Protocol):
    def record(self, fix: ManualFix) -> ManualFix: ...
    def list_all(
        self, session_key: str, *, target_id: str | None = None
    ) -> tuple[ManualFix, ...]: ...
    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix: ...


class FiledComparisons(Protocol):
    """Keeps the last comparison of ledger and Jira of a session."""

    def record(self, comparison: FiledComparison) -> None: ...
    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None: ...
