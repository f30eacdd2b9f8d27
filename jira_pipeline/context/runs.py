"""Runs of a session as they are seen without Dagster, which takes long to import.

Belongs here: an id for a run that is announced, which runs are queued or at work, the state that
pages and commands show. Does not: how runs end (`ended_runs`), what a run stores of its errors
(`run_errors`), starting one (`sessions/starting`).
"""

import uuid
from collections.abc import Sequence

from jira_pipeline.context.facts import SessionFacts
from jira_pipeline.context.states import RunState
from jira_pipeline.model.runs import KnownRun, RunHistory
from jira_pipeline.model.sessions import SessionStatus

_ENDED = frozenset({SessionStatus.FAILED, SessionStatus.CANCELLED, SessionStatus.COMPLETED})


def new_run_id() -> str:
    """Return an id for a run that is announced before it begins, as Dagster makes them."""
    return str(uuid.uuid4())  # noqa: TID251 - nothing is derived from it


def in_flight(session: SessionFacts, runs: RunHistory) -> tuple[KnownRun, ...]:
    """Return the runs of a session that are queued or at work, the newest first.

    A killed run stays `started` until the daemon looks; where the session shows how its run ended,
    that run is not at work.
    """
    stored = session.elsewhere or session.stored
    return tuple(
        run
        for run in runs.in_flight(session.key)
        if run.run_id != stored.run_id or stored.status not in _ENDED
    )


def run_state(session: SessionFacts, runs: RunHistory) -> RunState:
    """Return what is known of a session's runs: one at work or queued, else the last."""
    at_work = in_flight(session, runs)
    run_id = session.stored.run_id
    return run_state_of(at_work, None if at_work or run_id is None else runs.find(run_id))


def run_state_of(at_work: Sequence[KnownRun], shown: KnownRun | None) -> RunState:
    """Return the state of a session from its runs at work or queued, else from the run it shows."""
    counting = next(iter(at_work), shown)
    word = None if counting is None else counting.status
    return RunState(word=word, is_in_flight=bool(at_work))
