"""When the daemon last looked for tickets to validate, for commands that name the next step.

Belongs here: noting a look of `staleness_sensor`, telling whether it still looks. Does not: what it
does then (`stages/session_upkeep`).

A file says it, since a command must not wait for Dagster to be imported. A daemon whose sensor is
switched off, or which runs elsewhere with a home of its own, does not count: it may not validate.
"""

import logging
from datetime import UTC, datetime, timedelta

from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.stages.session_upkeep import Upkeep, upkeep_of

TICK_FILE = "staleness_sensor.tick"
TICKS_UP_TO = timedelta(seconds=120)
"""It looks every 30 s, and later where the machine is busy."""
logger = logging.getLogger(__name__)


def note_tick(pipeline: Pipeline) -> None:
    """Note that the daemon looks for tickets to validate; where that cannot be written, it looks on."""
    try:
        (pipeline.settings.home_path / TICK_FILE).touch()
    except OSError as error:
        logger.info("the look of the daemon could not be noted: %s", error.strerror)


def is_validated_by_daemon(pipeline: Pipeline, session: UploadSession) -> bool:
    """Tell whether the daemon validates a session by itself, once nobody edits it."""
    now = pipeline.clock.now()
    if upkeep_of(session, has_run=False, now=now, settle_seconds=0.0) is not Upkeep.VALIDATE:
        return False
    try:
        seconds = (pipeline.settings.home_path / TICK_FILE).stat().st_mtime
    except OSError:
        return False
    return now - datetime.fromtimestamp(seconds, UTC) <= TICKS_UP_TO
