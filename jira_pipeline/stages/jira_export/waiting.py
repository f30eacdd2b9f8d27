"""Waits that a cancellation ends, and the cancellation itself.

Belongs here: what every export step does between its requests. Does not: deciding how long.
"""

from jira_pipeline.errors import CancelledError
from jira_pipeline.stages.jira_export.order import ExportTools

WAIT_SLICE_SECONDS = 5.0
"""How often a wait looks whether the export was cancelled."""


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
            recovery_actions=("Run `jira-pipeline resume SESSION` to carry on.",),
        )
