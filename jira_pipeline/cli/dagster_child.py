"""A program of Dagster's as the child of `serve`: it ends when that ends, even by SIGKILL.

The other end of its standard input is open as long as `serve` lives; what comes there wakes the daemon.
"""

import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points

from jira_pipeline.cli.woken_daemon import WOKEN, wait_by_wakes

DAEMON_PROGRAM = "dagster-daemon"
LOADED = "jira_pipeline.cli.warm_definitions"
"""What the other program, the code server, serves."""


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        WOKEN.set()
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Run the named program until it, or the program that started it, ends."""
    del sys.argv[0]
    (program,) = entry_points(group="console_scripts", name=sys.argv[0])
    with suppress(KeyboardInterrupt):  # importing Dagster takes seconds
        if sys.argv[0] == DAEMON_PROGRAM:
            wait_by_wakes()
        else:
            import_module(LOADED)  # it forks, which no thread may see
        threading.Thread(target=_end_with_parent, daemon=True).start()
        program.load()()


if __name__ == "__main__":
    main()
