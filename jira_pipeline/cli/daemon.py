"""Dagster's daemon beside `serve`: of all programs on one database, or in one home, one has it.

Belongs here: waiting for the place, taking it, leaving it when it is lost. Does not: starting the
daemon (`serving`). Two daemons would start every run and act by every sensor twice.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from jira_pipeline.errors import LeaseBusyError, PipelineError
from jira_pipeline.flow.operations import DAEMON
from jira_pipeline.ports.export import WatchedLease

LOOK_SECONDS = 10.0
"""A server notices within half a minute that a machine is gone; the next daemon starts in ten."""


@contextmanager
def daemon_beside(
    leases: WatchedLease,
    *,
    name: str,
    start: Callable[[], AbstractContextManager[object]],
    say: Callable[[str], object],
    meanwhile: Callable[[], object] = lambda: None,
    look_seconds: float = LOOK_SECONDS,
) -> Iterator[None]:
    """Have the daemon run beside the block, or wait there until no other program has it.

    `name` is what the others say of this program. Where the lease is lost, the daemon ends. What
    the daemon does for its own machine alone is done by `meanwhile` where another has it.
    """
    stop = threading.Event()

    def run() -> None:
        said = ""
        while not stop.is_set():
            try:
                with leases.hold(DAEMON, holder=name):
                    if said:
                        say("The daemon runs here now.")
                        said = ""
                    with start():
                        while leases.is_held(DAEMON) and not stop.wait(look_seconds):
                            pass
                if not stop.is_set():
                    said = (
                        "The connection that kept the place of the daemon is gone; waiting for it."
                    )
                    say(said)
            except LeaseBusyError as busy:
                news = f"The daemon runs in {busy.holder}; this program takes over when that ends."
                if news != said:
                    say(said := news)
                meanwhile()
            except PipelineError as error:  # the database is away
                if error.message != said:
                    say(said := error.message)
            stop.wait(look_seconds)

    thread = threading.Thread(target=run, daemon=True, name=DAEMON)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
