"""A clock that tests set.

Belongs here: what a store, a page or a sensor is given as its clock. Does not: time that passes by
waiting (`jira/client`, `sharedo`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.model.clock import Clock


@dataclass
class MovableClock(Clock):
    """Is ahead of this machine, or of a moment, and goes on by a step at each look."""

    ahead: timedelta = timedelta()
    step: timedelta = timedelta()
    since: datetime | None = None

    @override
    def now(self) -> datetime:
        self.ahead += self.step
        return (self.since or SystemClock().now()) + self.ahead
