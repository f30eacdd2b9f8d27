"""Waits that a cancellation ends, the cancellation itself, and how long a step stood still.

Belongs here: what every export step does between its requests. Does not: deciding how long.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.errors import CancelledError, LeaseLostError, RateLimitedError
from jira_pipeline.stages.jira_export.order import ExportTools

logger = logging.getLogger(__name__)

Intended = TypeVar("Intended")

THROTTLED_MAX = 4
"""How often in a row Jira may ask to wait before the export is started again later."""
THROTTLED_WAIT_MAX_SECONDS = 30.0
WAIT_SLICE_SECONDS = 5.0
"""How often a wait looks whether the export was cancelled."""
INTENT_FRESH_SECONDS = 20.0
"""Less than the 25 s after which a database gives up on a machine that fell silent, and its lease."""
STANDSTILLS_MAX = 3


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


def committed_freshly(
    tools: ExportTools, commit: Callable[[], Intended], *, target_name: str
) -> Intended:
    """Commit intents; anew when this process stood still, for the lease may be gone.

    Raises:
        LeaseLostError: The lease is gone, or the process stands still every time.
    """
    for _ in range(STANDSTILLS_MAX):
        before = moment_of(tools)
        committed = commit()
        if seconds_since(tools, before) <= INTENT_FRESH_SECONDS:
            return committed
        logger.warning("intents are older than %g s; committed anew", INTENT_FRESH_SECONDS)
    raise LeaseLostError(target=target_name, reason="the intents grow old before they can be sent")


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
            recovery_actions=(Action.of(ActionKind.RESUME, "Run {} to carry on."),),
        )


def is_worth_waiting(error: RateLimitedError, *, throttled: int) -> bool:
    """Tell whether a step waits itself; `throttled` counts how often in a row it was asked to."""
    return error.wait_seconds <= THROTTLED_WAIT_MAX_SECONDS and throttled <= THROTTLED_MAX
