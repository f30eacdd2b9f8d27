"""The store fails at any write: what was not kept was not sent, and nothing is sent twice.

Belongs here: failures at every write in turn, on one schedule in which each may matter. Does not:
failures among other faults (`test_schedules`), a disk that is really full (`store`).
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.export.export_run import ExportTools
from jira_pipeline.model.errors import StoreBusyError, StoreError
from jira_pipeline.model.exports import LedgerEntry
from jira_pipeline_tests.contracts.open_stores import store_with
from jira_pipeline_tests.faults.drawing import CREATION
from jira_pipeline_tests.faults.fault_world import Build, EndingLedger, FaultWorld, ProcessLease
from jira_pipeline_tests.faults.running import ScheduleRunner, open_runner
from jira_pipeline_tests.faults.schedules import (
    ProcessEnd,
    Schedule,
    StoreFault,
    StoreTrouble,
)
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule, Moment
from jira_pipeline_tests.long_form import POINT_STEP, SHARES

WRITES_OF_A_RUN = range(1, 75)
FIRST_INTENTS = range(4, 7)
"""Writes of the store about the first creation."""
SECONDS_LATE = 200.0


class SwallowingLedger(EndingLedger):
    """Goes on though the store did not keep an entry."""

    @override
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Take what the store refused for kept."""
        try:
            return super().append(entry)
        except (StoreError, StoreBusyError):
            return replace(entry, sequence=1)


def _swallowing(tools: ExportTools, world: FaultWorld) -> ExportTools:
    lease = tools.store.leases
    assert isinstance(lease, ProcessLease)
    ledger = SwallowingLedger(world, lease)
    return replace(tools, store=store_with(tools.store, ledger=ledger))


SWALLOWING = Build(name="store errors swallowed", tools=_swallowing)
"""Among other faults what it lost is found again save where much happens at once."""


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("trouble", StoreTrouble)
def test_a_store_that_fails_at_any_write_costs_no_issue_and_doubles_none(
    runner: ScheduleRunner, trouble: StoreTrouble, share: int
) -> None:
    assert wrong_at(runner, trouble, WRITES_OF_A_RUN[share::POINT_STEP]) == {}


def test_an_exporter_that_sends_what_the_store_did_not_keep_is_caught() -> None:
    """The failures bite: without its intent a late creation is sent again by the next process."""
    with open_runner(SWALLOWING) as broken:
        wrong = wrong_at(broken, StoreTrouble.FULL, FIRST_INTENTS)

    assert any("has 2 issues" in text for texts in wrong.values() for text in texts)


def wrong_at(
    runner: ScheduleRunner, trouble: StoreTrouble, writes: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Return what is wrong after a failure at each write in turn.

    The first creation is done late, and the process ends before it knows of it.
    """
    late = FaultRule(
        kind=FaultKind.DELAYED_COMMIT, method="POST", path=CREATION, nth=1, seconds=SECONDS_LATE
    )
    schedule = Schedule(
        seed=0,
        ticket_count=6,
        downtime_seconds=1.0,
        events=(late, ProcessEnd(point="creation", number=2, moment=Moment.AFTER)),
    )
    faults = (StoreFault(write=number, trouble=trouble, times=2) for number in writes)
    return runner.wrong_after(
        {fault.write: replace(schedule, events=(*schedule.events, fault)) for fault in faults}
    )
