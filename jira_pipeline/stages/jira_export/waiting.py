"""Waits that a cancellation ends, the cancellation itself, and how long a step stood still.

Belongs here: what every export step does between its requests. Does not: deciding how long.
"""

from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.errors import CancelledError, RateLimitedError
from jira_pipeline.stages.jira_export.order import ExportTools

THROTTLED_MAX = 4
"""How often in a row Jira may ask to wait before the export is started again later."""
THROTTLED_WAIT_MAX_SECONDS = 30.0
WAIT_SLICE_SECONDS = 5.0
"""How often a wait looks whether the export was cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time on both clocks."""

    at: datetime
    monotonic_seconds: float


def moment_of(tools: ExportTools) -> Moment:
    """Return what both clocks say now."""
    return Moment(at=tools.clock.now(), monotonic_seconds=tools.monotonic())


def seconds_since(tools: ExportTools, moment: Moment) -> float:
    """Return the time that passed, as the clock says that counted more.

    The monotonic clock stands still while a machine sleeps, the other one may be set back.
    """
    now = moment_of(tools)
    by_wall = (now.at - moment.at).total_seconds()
    return max(by_wall, now.monotonic_seconds - moment.monotonic_seconds)


def wait_until(tools: ExportTools, monotonic_seconds: float) -> None:
    """Return at a time of the monotonic clock.

    Raises:
        CancelledError: The export was cancelled meanwhile.
    """
    while (left := monotonic_seconds - tools.monotonic()) > 0:
        raise_if_cancelled(tools)
        tools.sleep(min(left, WAIT_SLICE_SECONDS))


def raise_if_cancelled(tools: ExportTools) -> None:
    """Stop here if the export was cancelled or another took its place (S0-7, S0-9)."""
    if tools.is_cancelled():
        raise CancelledError(
            "The export was cancelled; what exists is recorded and is not created again.",
            recovery_actions=("Run `jira-pipeline resume KEY` to carry on.",),
        )


def is_worth_waiting(error: RateLimitedError, *, throttled: int) -> bool:
    """Tell whether a step waits itself; `throttled` counts how often in a row it was asked to."""
    return error.wait_seconds <= THROTTLED_WAIT_MAX_SECONDS and throttled <= THROTTLED_MAX
