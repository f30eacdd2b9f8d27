"""What Dagster knows of the runs of a session, for people who watch it.

Belongs here: asking its instance. Does not: what is stored of a session (`session_status`),
starting runs (`launching`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import dagster as dg

from jira_pipeline.defs.instances import opened_instance
from jira_pipeline.defs.partitions import PARTITION_TAG
from jira_pipeline.defs.retention import IN_FLIGHT
from jira_pipeline.domain.sessions import SessionStatus, UploadSession
from jira_pipeline.stages.session_status import RunState

_ENDED = frozenset({SessionStatus.FAILED, SessionStatus.CANCELLED, SessionStatus.COMPLETED})


@contextmanager
def followed_runs() -> Iterator[Callable[[UploadSession], RunState]]:
    """Open the Dagster instance of this home and yield a question to ask of it again and again.

    Raises:
        StoreError: The home cannot be written.
    """
    with opened_instance() as instance:
        yield partial(run_state, instance)


def run_state(instance: dg.DagsterInstance, session: UploadSession) -> RunState:
    """Return what Dagster knows of a session: a run at work or queued, else its last run.

    A killed run stays `started` until the daemon looks; where the session shows how its run ended,
    that run is not at work.
    """
    in_flight = instance.get_run_records(
        dg.RunsFilter(tags={PARTITION_TAG: session.session_key}, statuses=list(IN_FLIGHT))
    )
    for record in in_flight:
        run = record.dagster_run
        if run.run_id != session.run_id or session.status not in _ENDED:
            return RunState(word=run.status.value.lower(), is_in_flight=True)
    last = instance.get_run_by_id(session.run_id) if session.run_id is not None else None
    return RunState(word=None if last is None else last.status.value.lower(), is_in_flight=False)
