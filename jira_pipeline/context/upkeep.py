"""What is done for sessions by themselves: validated again, exported when asked, removed when old.

Belongs here: the decisions, from facts that were gathered; whether a daemon looks at all. Does not: gathering facts and starting
runs (`defs/sessions/automation`), removing files (`sessions/upload`).
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jira_pipeline.context.facts import SessionFacts
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import changes_since_validation, source_changed
from jira_pipeline.model.errors import system_message
from jira_pipeline.model.sessions import SessionStage, SessionStatus, UploadSession

TICK_FILE = "outbox_sensor.tick"
TICKS_UP_TO = timedelta(seconds=120)
"""It looks every 30 s, and later where the machine is busy."""
logger = logging.getLogger(__name__)
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


def note_tick(pipeline: Pipeline) -> None:
    """Note that the daemon looks for tickets to validate; where that cannot be written, it looks on.

    It is a file, since a command must not wait for Dagster to be imported.
    """
    try:
        (pipeline.settings.home_path / TICK_FILE).touch()
    except OSError as error:
        logger.info("the look of the daemon could not be noted: %s", system_message(error))


def is_validated_by_daemon(session: SessionFacts) -> bool:
    """Tell whether the daemon validates a session by itself, once nobody edits it.

    A daemon whose sensor is switched off, or which runs elsewhere with a home of its own, does not
    count: it may not validate.
    """
    now = session.clock.now()
    if upkeep_of(session.stored, now=now, settle_seconds=0.0) is not Upkeep.VALIDATE:
        return False
    try:
        seconds = (session.settings.home_path / TICK_FILE).stat().st_mtime
    except OSError:
        return False
    return now - datetime.fromtimestamp(seconds, UTC) <= TICKS_UP_TO
