"""A session opened with the facts of all subjects, for the target that the settings name.

Belongs here: what is shown of a session that was exported elsewhere. Does not: a fact
(`context/facts`, `review/documents/document_facts`, `review/review_facts`, `export/export_facts`).
"""

from dataclasses import replace
from typing import final

from typing_extensions import override

from jira_pipeline.context.facts import KnownTargets
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export.export_facts import ExportFacts
from jira_pipeline.model.errors import RunDiedError
from jira_pipeline.model.export_ledger import LedgerEvent, Target, open_undo_of
from jira_pipeline.model.sessions import (
    SessionStage,
    SessionStatus,
    UploadSession,
    first_percentage,
)

_AT_TARGET = {SessionStage.REVIEW, SessionStage.JIRA_EXPORT, SessionStage.COMPLETED}
"""Stages in which an export, or an undo, leaves a session."""


@final
class OpenSession(ExportFacts):
    """A session and all that can be asked about it."""

    @override
    def again(self) -> "OpenSession":
        return open_session(self.pipeline, self.key)


def open_session(pipeline: Pipeline, session_key: str) -> OpenSession:
    """Open a session as it is now, for the target that the settings name.

    Raises:
        NotFoundError: There is none of that key.
    """
    return opened_from_here(pipeline, pipeline.store.sessions.get(session_key))


def opened_from_here(
    pipeline: Pipeline, stored: UploadSession, *, known: KnownTargets | None = None
) -> OpenSession:
    """Open a session for the target that the settings name.

    How an export to another one went, or an undo there, says nothing here, where the session waits in
    the review. What is at work is at work, wherever it goes; so is what failed before anything was
    sent anywhere.
    """
    session = OpenSession(pipeline=pipeline, stored=stored, known_targets=known)
    if stored.stage not in _AT_TARGET or stored.status is SessionStatus.RUNNING:
        return session
    used, current = session.exported_targets, session.coming_target
    if not used or (current is not None and used[-1].target_id == current.target_id):
        return session
    if stored.stage is SessionStage.REVIEW and not _was_undone_at(used[-1], session):
        return session
    shown = replace(
        stored,
        stage=SessionStage.REVIEW,
        progress_percentage=first_percentage(SessionStage.REVIEW, SessionStatus.WAITING),
        progress_text="",
        progress_details=None,
        failed_at_ticket_number=None,
    )
    if _was_at(used[-1], session):
        shown = replace(shown, status=SessionStatus.WAITING, run_id=None)
    return OpenSession(pipeline=pipeline, stored=shown, elsewhere=stored, known_targets=known)


def _was_undone_at(target: Target, session: OpenSession) -> bool:
    """Tell whether an undo on a target, ended or not, was the last that was done."""
    entries = session.store.ledger.entries(target_id=target.target_id, session_key=session.key)
    is_idle = session.stored.status is SessionStatus.IDLE
    is_ended = is_idle and entries[-1].event is LedgerEvent.UNDO_ENDED
    return is_ended or open_undo_of(entries) is not None


def _was_at(target: Target, session: OpenSession) -> bool:
    """Tell whether the last run was at work on a target; one that was killed measured no step."""
    stored, errors = session.stored, session.errors
    failed = stored.status in {SessionStatus.FAILED, SessionStatus.WAITING}
    error = errors[-1] if failed and errors and errors[-1].run_id == stored.run_id else None
    if error is None or error.code == RunDiedError.code:
        return True
    steps = session.store.export_runs.steps(session.key, target_id=target.target_id)
    return any(step.run_id == stored.run_id for step in steps)
