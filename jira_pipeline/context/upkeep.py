"""What is done for a session by itself while nobody asks: its tickets are validated again.

Belongs here: whether a session needs that, and whether a daemon is there that does it. Does not:
gathering the facts and starting runs (`defs/sessions/upkeep_sensors`), which sessions and answers the
clock removes (`retention`).
"""

import logging
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jira_pipeline.context.facts import SessionFacts
from jira_pipeline.context.freshness import changes_since_validation, source_changed
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import system_message
from jira_pipeline.model.sessions import SessionStage, SessionStatus, UploadSession

logger = logging.getLogger(__name__)

TICK_FILE = "outbox_sensor.tick"
TICKS_UP_TO = timedelta(seconds=120)
"""It looks every 30 s, and later where the machine is busy."""


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
