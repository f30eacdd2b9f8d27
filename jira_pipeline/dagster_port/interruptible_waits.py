"""The wait before a step is tried again ends at Ctrl-C and at Terminate.

Dagster keeps an interruption that comes between two steps until the next one begins: for a step that is
to be tried again after the whole wait, which may be an hour. A second one it keeps, too.

Belongs here: that wait. Does not: what an interruption means for the session (`steps`).
"""

from functools import wraps

from dagster._core.errors import raise_execution_interrupts  # noqa: TID251 - nothing public raises them
from dagster._core.execution.plan.active import ActiveExecution  # noqa: TID251 - it waits


def have_interruptions_end_waits() -> None:
    """Have Dagster raise an interruption during the wait for another try, in this process."""
    wait = ActiveExecution.sleep_til_ready
    if hasattr(wait, "__wrapped__"):
        return

    @wraps(wait)
    def wait_interruptibly(execution: ActiveExecution) -> None:
        with raise_execution_interrupts():
            wait(execution)

    ActiveExecution.sleep_til_ready = wait_interruptibly  # type: ignore[assignment, method-assign] # no setting
