"""Dagster's code server and its daemon, as the child of `serve`: it ends with that, even by SIGKILL.

The code server loads our definitions; the daemon has sensors, which look for runs that somebody
requested, and a queue, which starts them. Both are one process, since each imports what the other does.
The other end of its standard input is open as long as `serve` lives, and any byte that comes there
wakes the daemon: its sensors look at once instead of after ten seconds.

Belongs here: both at work, and the waits of the daemon's loops. Does not: who wakes it (`serving`), which
runs follow (`defs/sessions`).

A wake starts no run, it ends a wait: one loop looks, one look after the other, and Dagster starts a run
key once. So two wakes, or one during a look, start a run once, too. What is requested elsewhere, as by
`export --queue`, is seen at the next look.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, TypeAlias

from typing_extensions import override

LOOK_SECONDS: Final = 10.0
"""Between two looks of the sensors where nobody wakes them; Dagster's own 5 cost twice as much."""
SOON_SECONDS: Final = 1.1
"""After a look by a wake: Dagster passes over a sensor that looked within the last second."""
STOP_SECONDS: Final = 0.5
"""How long a wait may go on after this process is to end."""
WOKEN: Final = threading.Event()
"""Set when somebody requested a run."""
Daemon: TypeAlias = Generator[Any, None, None]
_LOOKED: Final = threading.Event()
"""Set when the sensors have looked, so that runs may be in the queue."""
_ENDING: Final = threading.Event()
"""Set when the program that started this one has ended."""
_CHECK_SECONDS = 5
"""How often the threads of the daemon are checked, as its own command does."""
_RUNS_STOP_SECONDS = 3.0
"""What runs get to end in order; a run that is killed is carried on by the next program."""
_PROGRAM = "dagster"
LOADED = "jira_pipeline.cli.warm_definitions"
"""What the code server serves."""
SOCKET = "code.socket"
"""Where it answers, beside the workspace that names it."""


class Pause:
    """Takes the place of the event that ends the daemon, so that a wake ends a wait for it, too."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._is_woken = False

    def wait(self, _seconds: float) -> None:
        """Wait until the sensors are to look again."""
        _LOOKED.set()
        seconds = SOON_SECONDS if self._is_woken else LOOK_SECONDS
        self._is_woken = wait_for(WOKEN, seconds, stop=self._stop)


def wait_for(event: threading.Event, seconds: float, *, stop: threading.Event) -> bool:
    """Wait for an event and clear it; return False where the time is over, or `stop` is set, before.

    It waits in short steps, since `stop` is looked at between them only.
    """
    until = time.monotonic() + seconds
    while not stop.is_set():
        remaining_seconds = until - time.monotonic()
        if remaining_seconds <= 0:
            return False
        if event.wait(min(remaining_seconds, STOP_SECONDS)):
            event.clear()
            return True
    return False


def wait_by_wakes() -> None:
    """Replace the daemon's loops in this process by ones whose waits end by a wake, too.

    Dagster is imported here, which takes seconds.
    """
    from dagster._daemon import controller  # noqa: TID251 - it makes its loops of these names
    from dagster._daemon.daemon import SensorDaemon  # noqa: TID251 - a loop that waits otherwise
    from dagster._daemon.run_coordinator import queued_run_coordinator_daemon as queue  # noqa: TID251 - as above

    class WokenSensors(SensorDaemon):
        @override
        def core_loop(self, workspace_process_context: Any, shutdown_event: Any) -> Daemon:
            yield from super().core_loop(workspace_process_context, Pause(shutdown_event))  # type: ignore[arg-type] # as it uses it

    class WokenQueue(queue.QueuedRunCoordinatorDaemon):
        @override
        def core_loop(self, workspace_process_context: Any, shutdown_event: Any) -> Daemon:
            while True:
                yield from self.run_iteration(workspace_process_context)
                wait_for(_LOOKED, self.interval_seconds, stop=shutdown_event)
                yield None

    for woken in (WokenSensors, WokenQueue):
        setattr(controller, woken.__bases__[0].__name__, woken)


def _watch_parent() -> None:
    """Wake the daemon at each byte on standard input, and end this process where that is closed."""
    while os.read(sys.stdin.fileno(), 1):
        WOKEN.set()
    _ENDING.set()


def _run_daemon(workspaces: Sequence[str]) -> None:
    """Run the daemon, as its own command does, once the code server answers, until this process ends."""
    import dagster as dg
    from dagster._core.workspace.load_target import WorkspaceFileTarget  # noqa: TID251 - as its command
    from dagster._daemon.controller import daemon_controller_from_instance  # noqa: TID251 - as its command

    from jira_pipeline.context.settings import load_settings

    socket = Path(workspaces[-1]).with_name(SOCKET)
    while not socket.exists():
        if _ENDING.wait(STOP_SECONDS):
            return
    with (
        dg.DagsterInstance.get() as instance,
        daemon_controller_from_instance(
            instance,
            WorkspaceFileTarget(workspaces),
            log_level="warning",
            code_server_log_level="warning",
            log_format="json" if load_settings().log_format == "json" else "colored",
        ) as daemon,
    ):
        looked_at = time.time()
        while not _ENDING.wait(_CHECK_SECONDS):
            daemon.check_daemon_threads()
            looked_at = daemon.check_workspace_freshness(looked_at)


def _work_beside(workspaces: Sequence[str]) -> None:
    """Run the daemon where there are workspaces, and end this process when it or `serve` has ended.

    Runs at work get a few seconds, and are killed then: the next program carries on with them.
    """
    if workspaces:
        daemon = threading.Thread(target=_run_daemon, args=(workspaces,), daemon=True)
        daemon.start()
        daemon.join()  # what it died of is printed before anything here ends
    else:
        _ENDING.wait()
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_RUNS_STOP_SECONDS)
    os.killpg(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the code server until it, its daemon, or the program that started it, ends.

    Its arguments are the workspaces that the daemon watches, none without one, and Dagster's command.
    """
    begins = sys.argv.index(_PROGRAM)
    workspaces = sys.argv[1:begins]
    del sys.argv[:begins]
    (program,) = entry_points(group="console_scripts", name=_PROGRAM)
    with suppress(KeyboardInterrupt):  # importing Dagster takes seconds
        import_module(LOADED)  # it forks, which no thread may see
        if workspaces:
            wait_by_wakes()
        threading.Thread(target=_watch_parent, daemon=True).start()
        threading.Thread(target=_work_beside, args=(workspaces,), daemon=True).start()
        program.load()()


if __name__ == "__main__":
    main()
