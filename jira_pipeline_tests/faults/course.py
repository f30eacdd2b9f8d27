"""The course a schedule takes: its two clocks, the points processes pass, what happens at each.

Belongs here: time, counting points, ending processes there, what is wrong with the store. Does
not: the schedule itself (`schedules`), what processes are made of (`fault_world`).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from jira_pipeline.model.errors import StoreBusyError, StoreError
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_world import Crash
from jira_pipeline_tests.faults.schedules import (
    ClockJump,
    Deleted,
    ProcessEnd,
    Schedule,
    SecondExport,
    Standstill,
    StoreFault,
    StoreTrouble,
)
from jira_pipeline_tests.jira.sandbox_faults.faults import Moment

REQUEST_SECONDS = 0.05
"""What a request takes, on both clocks."""
STORE_WAITS_SECONDS: Mapping[StoreTrouble, float] = {
    StoreTrouble.LOCKED: 30.0,
    StoreTrouble.SLOW: 25.0,
    StoreTrouble.FULL: 0.0,
}
"""Source: BUSY_TIMEOUT_SECONDS of the store, and a bit less."""


@dataclass
class AdverseTime:
    """Two clocks: the server's goes on, the client's wall clock may be set at any time."""

    server_seconds: float = 0.0
    client_seconds: float = 0.0
    """Monotonic, of the running process."""
    wall_offset_seconds: float = 0.0
    after_step: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.server_seconds += seconds
        self.client_seconds += seconds
        self.after_step()

    def monotonic(self) -> float:
        return self.client_seconds

    def now(self) -> datetime:
        seconds = self.server_seconds + self.wall_offset_seconds
        return START + timedelta(hours=1, seconds=seconds)

    def server_now(self) -> datetime:
        return START + timedelta(hours=1, seconds=self.server_seconds)


class Course:
    """Counts the points all processes pass, and makes happen there what the schedule says."""

    def __init__(self, schedule: Schedule) -> None:
        self.time = AdverseTime()
        self.store_strikes = 0
        """How many writes the store was in trouble at."""
        self._passed: Counter[str] = Counter()
        self._ends = {(e.point, e.number, e.moment) for e in schedule.every(ProcessEnd)}
        self._jumps = {(e.point, e.number): e.seconds for e in schedule.every(ClockJump)}
        self._troubles = {
            fault.write + place: fault.trouble
            for fault in schedule.every(StoreFault)
            for place in range(fault.times)
        }
        self.deletion = next(iter(schedule.every(Deleted)), None)
        """Taken away once it happened."""
        self._second_at = {e.request_number for e in schedule.every(SecondExport)}
        self._still_after = {e.write: e for e in schedule.every(Standstill)}

    def pass_point(self, point: str) -> int:
        """Come to a point, or end there; return its number."""
        self._passed[point] += 1
        number = self._passed[point]
        self.end_at(point, number, Moment.BEFORE)
        self.time.wall_offset_seconds += self._jumps.get((point, number), 0.0)
        return number

    def end_at(self, point: str, number: int, moment: Moment) -> None:
        if (point, number, moment) in self._ends:
            raise Crash(f"{moment} {point} {number}")

    def is_second_due(self, request_number: int) -> bool:
        return request_number in self._second_at

    def is_deletion_due(self, request_number: int) -> bool:
        return self.deletion is not None and request_number >= self.deletion.request_number

    def standstill_after(self, write: int) -> Standstill | None:
        """Return how the process pauses after this write into the ledger; None: it does not."""
        return self._still_after.get(write)

    def before_store_write(self) -> None:
        """Let the store be in trouble at a write, if the schedule says so.

        Raises:
            StoreBusyError: Another process kept it locked for longer than is waited.
            StoreError: Its disk is full.
        """
        self._passed["store"] += 1
        trouble = self._troubles.get(self._passed["store"])
        if trouble is None:
            return
        self.store_strikes += 1
        self.time.sleep(STORE_WAITS_SECONDS[trouble])
        match trouble:
            case StoreTrouble.LOCKED:
                raise StoreBusyError("The store is busy: another process kept it locked.")
            case StoreTrouble.FULL:
                raise StoreError("The store cannot be used: the disk is full (SQLITE_FULL).")
            case StoreTrouble.SLOW:
                pass
