"""How often a job is asked for, and what its answer means; nothing here waits or asks.

States: docs/sharedo.md.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from jira_pipeline.sources.sharedo.roles import RemoteProgress

FIRST_POLLS = 5
QUICK_SECONDS = 0.5
USUAL_SECONDS = 1.0
SLOW_SECONDS = 2.0
SLOW_BELOW_PERCENT = 50.0
QUICK_ABOVE_PERCENT = 90.0
POLLS_MAX = 120
TRANSIENT_ERRORS_MAX = 5
"""Consecutive ones; the next is reported."""
BACKOFF_SECONDS = 1.0
BACKOFF_MAX_SECONDS = 30.0
STALL_FACTOR = 2.0
MISSING_MAX = 5
"""Consecutive answers that know no such job; just created ones answer so too."""

FAILED_STATES = frozenset({"FAILED", "PACKAGECREATIONFAILED"})
KNOWN_STATES = FAILED_STATES | {
    "", "CREATED", "PENDING", "QUEUED", "RUNNING", "INPROGRESS", "CREATINGPACKAGE", "COMPLETE",
    "COMPLETED", "PACKAGECREATED",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLimits:
    """How long a job is watched; whichever comes first ends it."""

    polls_max: int = POLLS_MAX
    deadline_seconds: float = 300.0

    def longer(self) -> "WatchLimits":
        """Return twice as long, for the one time that recovery allows."""
        return replace(
            self, polls_max=2 * self.polls_max, deadline_seconds=2 * self.deadline_seconds
        )


class Verdict(StrEnum):
    """What an answer means."""

    GOING_ON = "going_on"
    READY = "ready"
    FAILED = "failed"


def poll_delay_seconds(poll_number: int, percentage: float) -> float:
    """Return the wait before a poll, the first having number 1."""
    if poll_number <= FIRST_POLLS or percentage > QUICK_ABOVE_PERCENT:
        return QUICK_SECONDS
    return SLOW_SECONDS if percentage < SLOW_BELOW_PERCENT else USUAL_SECONDS


def backoff_seconds(failure_count: int, *, asked_seconds: float | None = None) -> float:
    """Return the wait after a transient error; what the server asked for is kept to."""
    grown = min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2.0 ** (failure_count - 1))
    return max(grown, asked_seconds or 0.0)


def verdict_on(progress: RemoteProgress) -> Verdict:
    """Decide by the two booleans first, by the state second.

    A complete job without a package is still writing it, even at 100 %.
    """
    if progress.is_complete and progress.is_package_available:
        return Verdict.READY
    return Verdict.FAILED if _plain(progress.state) in FAILED_STATES else Verdict.GOING_ON


def is_known_state(state: str) -> bool:
    """Tell whether ShareDo is known to say that of a job."""
    return _plain(state) in KNOWN_STATES


def _plain(state: str) -> str:
    return "".join(letter for letter in state.upper() if letter.isalnum())
