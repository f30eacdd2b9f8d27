"""Where a session stands and what to do next, in one value for terminal and programs.

Belongs here: what follows from stored facts. Does not: gathering them (`defs/session_steps`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.domain.ports import StoredError
from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession

_BROKEN_OFF = {SessionStatus.CANCELLED, SessionStatus.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport:
    """The state of one session."""

    session: UploadSession
    tickets_total: int
    """Without skipped ones."""
    tickets_ready: int
    tickets_exported: int
    stale: tuple[str, ...]
    error: StoredError | None
    """The last error, while the session stands as it left it."""
    approves_itself: bool = False
    """Tickets need no ready mark: the next run sets it (not behind an undo)."""
    target: str = ""
    """Where its issues are or go, as people know it."""
    nothing_to_do: str = ""
    """Why there is nothing to export, where there is nothing and never was."""
    remaining_seconds: float | None = None
    """Estimated by the pace of the export at work; None where none is."""

    @property
    def next_step(self) -> str:
        """Say what a person does next."""
        if self.error is not None and self.error.recovery_actions:
            return self.error.recovery_actions[0]
        key, session = self.session.session_key, self.session
        is_review_needed = self.tickets_ready < self.tickets_total and not self.approves_itself
        is_all_there = self.tickets_exported >= self.tickets_total
        is_broken_off = session.stage is SessionStage.JIRA_EXPORT and session.status in _BROKEN_OFF
        who = f"run {session.run_id}" if session.run_id else "the command that is running"
        steps = (
            (
                session.stage is SessionStage.COMPLETED and is_all_there and not self.nothing_to_do,
                f"Look at what was created: jira-pipeline results {key}",
            ),
            (
                session.status is SessionStatus.RUNNING,
                f"Wait for {who}, or start it again if it was killed.",
            ),
            (session.generated_at is None, f"Write the tickets: jira-pipeline regenerate {key}"),
            (
                session.generated_from_sha256 != session.content_sha256,
                f"Write the tickets from the changed sheets: jira-pipeline regenerate {key}",
            ),
            (bool(self.nothing_to_do), self.nothing_to_do),
            (
                session.last_validated_at is None or bool(self.stale),
                f"Validate the tickets: jira-pipeline validate {key}",
            ),
            (
                is_review_needed,
                f"Review, then mark ready: jira-pipeline tickets ready {key} --all",
            ),
            (is_broken_off, f"Carry on: jira-pipeline resume {key}"),
            (True, f"Export: jira-pipeline export {key}"),
        )
        return next(step for holds, step in steps if holds)

    def to_json(self) -> dict[str, object]:
        """Return the shape `status --json` promises."""
        session = self.session
        return {
            "session_key": session.session_key,
            "target": self.target,
            "stage": session.stage.value,
            "status": session.status.value,
            "progress_percentage": session.progress_percentage,
            "current_stage": session.progress_text,
            "tickets_total": self.tickets_total,
            "tickets_ready": self.tickets_ready,
            "tickets_exported": self.tickets_exported,
            "stale": list(self.stale),
            "run_id": session.run_id,
            "estimated_seconds_remaining": self.remaining_seconds,
            "next_step": self.next_step,
            "error": None if self.error is None else _error_json(self.error),
        }


def standing_error(session: UploadSession, errors: Sequence[StoredError]) -> StoredError | None:
    """Return the last error where the session failed or waits because of it."""
    if session.status not in {SessionStatus.FAILED, SessionStatus.WAITING} or not errors:
        return None
    last = errors[-1]
    if last.run_id is None:  # such as a refused upload: over as soon as anything happens
        return last if last.at >= session.updated_at else None
    return last if last.run_id == session.run_id else None


def _error_json(error: StoredError) -> dict[str, object]:
    return {
        "code": error.code,
        "category": error.category,
        "message": error.message,
        "recovery_actions": list(error.recovery_actions),
    }
