"""Runs at work on PostgreSQL, as rows under advisory locks."""

import json
import logging
from io import StringIO

import pytest

from jira_pipeline.context.logs import JsonLog, logs_about
from jira_pipeline.store.locks import AdvisoryRunLocks
from jira_pipeline.store.postgres import create_lease_engine
from jira_pipeline.store.store import Store
from jira_pipeline_tests.store.session_locks import end_holders, until


@pytest.mark.postgres
def test_a_run_whose_connection_was_cut_is_alive_again_with_the_next_look(
    postgres_store: Store, postgres_url: str
) -> None:
    """Also where it was taken for dead meanwhile, and forgotten. The log says which run it was."""
    lines = StringIO()
    log = JsonLog(lines)
    logging.getLogger(AdvisoryRunLocks.__module__).addHandler(log)
    engine = create_lease_engine(postgres_store.database.engine.url)
    locks = AdvisoryRunLocks(postgres_store.database, lock_engine=engine, look_seconds=0.01)
    with logs_about(run="r1", session="museum"), locks.hold("r1"):
        postgres_store.run_locks.forget("r1")
        ended = end_holders(postgres_url)
        until(lambda: locks.is_alive("r1"))
        until(lambda: locks.find_dead_runs(["r1"]) == {})

    logging.getLogger(AdvisoryRunLocks.__module__).removeHandler(log)

    assert ended == 1
    assert not locks.is_dead("r1")
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {(one["run"], one["session"]) for one in said} == {("r1", "museum")}
