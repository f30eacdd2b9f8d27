"""Runs that ended otherwise than well, as sensors and the command line close them.

Belongs here: looking whether the process of a run lives, closing its session; without Dagster,
which takes long to start. Does not: what an end means (`stages/run_outcomes`), ending a run in
Dagster (`dead_runs`), learning of an end from it (`outcome_sensors`).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from jira_pipeline.domain.sessions import SessionStatus, UploadSession
from jira_pipeline.errors import StoreBusyError, StoreError
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.stages.run_outcomes import AT_WORK, EndedRun, RunEnd, close_run

DIED = "The process of this run ended without a word: killed, out of memory, or switched off."
logger = logging.getLogger(__name__)


@contextmanager
def left_where_untold(pipeline: Pipeline, run_id: str) -> Iterator[None]:
    """Leave a run to be found dead where its end cannot be stored, such as on a full disk.

    What failed at first is what people are told; hiding it behind this would help nobody.
    """
    try:
        yield
    except (StoreError, StoreBusyError) as untold:
        pipeline.store.run_locks.leave(run_id)
        logger.info("how run %s ended could not be stored: %s", run_id, untold.message)


def is_dead(pipeline: Pipeline, session: UploadSession) -> bool:
    """Tell whether a session shows as being worked on by a process that is gone."""
    return (
        session.status in AT_WORK
        and session.run_id is not None
        and pipeline.store.run_locks.is_dead(session.run_id)
    )


def close_session(pipeline: Pipeline, session: UploadSession, ended: EndedRun) -> bool:
    """Close what a run left open; return whether anything was. Safe to repeat."""
    return close_run(
        session,
        ended,
        sessions=pipeline.store.sessions,
        errors=pipeline.store.errors,
        at=pipeline.clock.now(),
    )


def close_left_open(
    pipeline: Pipeline, session_key: str, *, run_id: str, is_cancelled: bool
) -> None:
    """Close what a run of this process left open, as the sensors do where a daemon runs."""
    ended = EndedRun(
        run_id=run_id,
        end=RunEnd.CANCELLED if is_cancelled else _end_of(pipeline, run_id, RunEnd.FAILED),
        ended_at=pipeline.clock.now(),
    )
    with left_where_untold(pipeline, run_id):
        close_session(pipeline, pipeline.store.sessions.get(session_key), ended)


def close_dead(pipeline: Pipeline, session: UploadSession) -> UploadSession:
    """Close the session where its run died, and return it as it stands then.

    The lock stays: it tells `dead_runs` that Dagster's run is to be ended, too.
    """
    if session.run_id is None or not is_dead(pipeline, session):
        return session
    ended = EndedRun(
        run_id=session.run_id,
        end=_end_of(pipeline, session.run_id, RunEnd.DIED),
        ended_at=pipeline.clock.now(),
    )
    close_session(pipeline, session, ended)
    return pipeline.store.sessions.get(session.session_key)


def _end_of(pipeline: Pipeline, run_id: str, otherwise: RunEnd) -> RunEnd:
    return RunEnd.UNTOLD if pipeline.store.run_locks.was_left(run_id) else otherwise


def seen_closed(pipeline: Pipeline, session: UploadSession) -> UploadSession:
    """Close the session where its run died, for a look; what cannot be stored is shown all the same.

    A disk may be full, or the store one that may only be read.
    """
    try:
        return close_dead(pipeline, session)
    except (StoreError, StoreBusyError) as unstored:
        logger.info("that run %s died could not be stored: %s", session.run_id, unstored.message)
        return replace(session, status=SessionStatus.FAILED)
