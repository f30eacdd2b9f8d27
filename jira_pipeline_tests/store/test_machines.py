"""Machines that take runs, and runs at work, as rows under advisory locks."""

import json
import logging
from io import StringIO
from typing import Any

import pytest

from jira_pipeline.errors import ConfigurationError
from jira_pipeline.kernel.log_context import logs_about
from jira_pipeline.session.logs import JsonLog
from jira_pipeline.store.machines import AdvisoryRunLocks
from jira_pipeline.store.postgres import create_lease_engine
from jira_pipeline.store.store import Store
from jira_pipeline_tests.store.session_locks import end_holders, until

ADDRESS, OTHER = "10.0.0.2:4266", "10.0.0.3:4266"
"""Nothing is ever sent there."""
ONE: dict[str, Any] = {"address": ADDRESS, "name": "one", "version": "1.0", "capacity": 2}
postgres = pytest.mark.postgres


def test_nobody_joins_on_sqlite(sqlite_store: Store) -> None:
    with pytest.raises(ConfigurationError, match="on SQLite"), sqlite_store.machines.joined(**ONE):
        pass

    assert sqlite_store.machines.live() == ()


@postgres
def test_a_machine_is_there_as_long_as_it_holds_its_lock(
    postgres_store: Store, postgres_url: str
) -> None:
    machines, runs = postgres_store.machines, postgres_store.run_locks
    with machines.joined(**ONE) as taking_runs, machines.joined(**ONE | {"address": OTHER}):
        with runs.hold("r1", machine=ADDRESS), runs.hold("r2"):
            at_work = {one.address: one.run_count for one in machines.live()}
        with (
            pytest.raises(ConfigurationError, match=f"{ADDRESS} is there already"),
            machines.joined(**ONE),
        ):
            pass
        machines.refuse(ADDRESS, "It has another version.")
        with taking_runs():
            first, second = machines.live()
        draining = machines.live()[0]
        ended = end_holders(postgres_url)
        left = machines.live()
    with machines.joined(**ONE):
        (again,) = machines.live()

    assert at_work == {ADDRESS: 1, OTHER: 0}
    assert (first.name, first.version, first.capacity) == ("one", "1.0", 2)
    assert (first.is_draining, first.refusal) == (False, "It has another version.")
    assert first.since <= first.seen_at
    assert second.is_draining
    assert draining.is_draining
    assert (ended, left) == (2, ())
    assert (again.is_draining, again.refusal) == (True, "")
    assert machines.live() == ()


@postgres
def test_a_run_whose_connection_was_cut_is_alive_again_with_the_next_beat(
    postgres_store: Store, postgres_url: str
) -> None:
    """Also where it was taken for dead meanwhile, and forgotten. The log says which run it was."""
    lines = StringIO()
    log = JsonLog(lines)
    logging.getLogger(AdvisoryRunLocks.__module__).addHandler(log)
    engine = create_lease_engine(postgres_store.database.engine.url)
    locks = AdvisoryRunLocks(postgres_store.database, lock_engine=engine, beat_seconds=0.01)
    with logs_about(run="r1", session="museum"), locks.hold("r1"):
        postgres_store.run_locks.forget("r1")
        ended = end_holders(postgres_url)
        until(lambda: locks.is_alive("r1"))
        until(lambda: locks.dead_among(["r1"]) == frozenset())

    logging.getLogger(AdvisoryRunLocks.__module__).removeHandler(log)

    assert ended == 1
    assert not locks.is_dead("r1")
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {(one["run"], one["session"]) for one in said} == {("r1", "museum")}
