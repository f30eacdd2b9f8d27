"""What is done for sessions by themselves: validated again, exported when asked, removed when old.

Belongs here: the decisions, from facts that were gathered. Does not: gathering facts and starting
runs (`defs/sensors`), removing files (`sessions/upload`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from jira_pipeline.context.states import changes_since_validation, source_changed
from jira_pipeline.model.sessions import SessionStage, SessionStatus, UploadSession

RETENTION = "retention"
ANSWERS_KEPT_DAYS = 90.0
"""At least: a site is specified in weeks, and its sheets come again for corrections for months."""


class Upkeep(StrEnum):
    """What a stale session needs."""

    NOTHING = "nothing"
    WAIT = "wait"
    """Somebody is still editing, or a run is at work."""
    VALIDATE = "validate"
    PERSON = "person"
    """Other sheets were uploaded: somebody decides to write the tickets again."""


def upkeep_of(session: UploadSession, *, now: datetime, settle_seconds: float) -> Upkeep:
    """Decide what a session needs now; an edit counts once nobody edited for `settle_seconds`.

    Whether a run of it is queued or at work is for who starts one to ask.
    """
    stale = changes_since_validation(session)
    if session.last_validated_at is None or not stale:
        return Upkeep.NOTHING
    if source_changed(session.source_word) in stale:
        return Upkeep.PERSON
    is_exporting = (session.stage, session.status) == (
        SessionStage.JIRA_EXPORT,
        SessionStatus.RUNNING,
    )
    rested = now - (session.last_invalidated_at or session.last_validated_at)
    if is_exporting or rested < timedelta(seconds=settle_seconds):
        return Upkeep.WAIT
    return Upkeep.VALIDATE


def expired_sessions(
    sessions: Sequence[UploadSession], *, now: datetime, keep_days: float
) -> tuple[UploadSession, ...]:
    """Return the sessions that were completed long enough ago to be removed."""
    limit = now - timedelta(days=keep_days)
    return tuple(
        session
        for session in sessions
        if session.stage is SessionStage.COMPLETED
        and session.status is SessionStatus.COMPLETED
        and session.updated_at <= limit
    )


def answers_used_since(now: datetime, *, keep_days: float) -> datetime:
    """Return the time answers of models must have been used after to be kept.

    `keep_days` is how long completed sessions are kept: as long as one is there, writing it again
    costs nothing.
    """
    return now - timedelta(days=max(ANSWERS_KEPT_DAYS, keep_days))
