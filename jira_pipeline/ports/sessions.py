"""The role of the store for sessions and their uploads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from jira_pipeline.model.entities import SourceFile
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import (
    AsNew,
    SessionManifest,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """One upload to be registered."""

    session_key: str
    content_sha256: str
    upload_path: str
    manifest: SessionManifest
    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Of its files, as `KeptFiles.placed` returned them; empty where they are in place already."""


class SessionStore(Protocol):
    """Keeps upload sessions, their files and findings."""

    def find(self, session_key: str) -> UploadSession | None:
        """Return the session, or None."""
        ...

    def get(self, session_key: str) -> UploadSession:
        """Return the session, or raise NotFoundError that names it and the known ones."""
        ...

    def list_all(self, *, status: SessionStatus | None = None) -> tuple[UploadSession, ...]:
        """Return all sessions, or those with a status, newest first."""
        ...

    def register(self, upload: UploadRecord, *, at: datetime, actor: str) -> UploadSession:
        """Create the session, or replace its upload (files, findings, manifest), in one step.

        Replacing sets `last_invalidated_at` and forgets progress and a request to cancel. Ready
        marks stay: they are bound to what was validated, and count only as long as it is the same.
        The writer stays too, unless the manifest names another one than before.

        Raises:
            SessionLockedError: It is being exported and the content differs.
        """
        ...

    def record_reading(
        self, session_key: str, *, files: Sequence[SourceFile], findings: Sequence[Finding]
    ) -> None:
        """Replace the stored files and findings of a session with what was read just now."""
        ...

    def answer_as_new(
        self,
        session_key: str,
        answers: Iterable[AsNew],
        *,
        by: str,
        at: datetime,
    ) -> None:
        """Remember that a session creates issues beside those that are there already.

        Audited where it is not known yet.
        """
        ...

    def files(self, session_key: str) -> tuple[SourceFile, ...]:
        """Return its files, by name."""
        ...

    def findings(self, session_key: str, *, code: str | None = None) -> tuple[Finding, ...]:
        """Return its findings as `sorted_findings` orders them: all, or those of a code."""
        ...

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
    ) -> None:
        """Move a session; audited. A given run id is kept, None leaves the last one.

        `started_by` is whose run begins an export: an entry of its own, for who learns of its end.

        Another stage starts as `first_percentage` says, and so does work that begins in the review.
        A status that is not at work settles a request to cancel. The ticket number an export
        failed at is forgotten when the export goes on, and so are its retries once it is completed
        or undone: edits and validations leave both.
        """
        ...

    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
    ) -> None:
        """Tell progress within the current stage; the percentage never falls within a stage."""
        ...

    def choose_writer(self, session_key: str, writer: str, *, by: str, at: datetime) -> None:
        """Decide who writes the tickets from now on; audited where it changes."""
        ...

    def mark_generated(self, session_key: str, *, from_sha256: str, at: datetime) -> None:
        """Remember which upload the tickets were generated from; audited."""
        ...

    def mark_invalidated(self, session_key: str, *, at: datetime) -> None:
        """Remember that something changed after validation; audited."""
        ...

    def remove(
        self,
        session_key: str,
        *,
        at: datetime,
        by: str,
        unchanged_since: datetime | None = None,
    ) -> bool:
        """Remove a session with its tickets; ledger, errors and audit trail stay. Audited.

        Tells whether it was removed: not where it was updated after `unchanged_since`.

        Raises:
            NotFoundError: There is none.
        """
        ...

    def request_cancel(
        self, session_key: str, *, at: datetime, by: str, run_id: str | None = None
    ) -> None:
        """Ask a run to stop, or the one that works on the session now; audited. Others go on."""
        ...

    def is_cancel_requested(self, session_key: str) -> bool:
        """Tell whether somebody asked the run that works on the session now to stop."""
        ...
