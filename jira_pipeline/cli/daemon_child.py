"""Dagster's daemon as the child of `serve`: it ends when that ends, even by SIGKILL.

The other end of its standard input is open as long as `serve` lives.
"""

import os
import signal
import sys
import threading
from importlib.metadata import entry_points


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Run the daemon until it, or the program that started it, ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    (daemon,) = entry_points(group="console_scripts", name="dagster-daemon")
    daemon.load()()


if __name__ == "__main__":
    main()
