"""Programs of Dagster that `serve` has beside it.

Belongs here: starting one so that it ends with this program, ending it. Does not: which are started
(`serving`), what the child itself does about it (`dagster_child`).
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def dagster_child(
    command: Sequence[str], *, home: Path, stop_seconds: float, when_it_ends: Callable[[], object]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Have a program of Dagster's run beside the block; `when_it_ends` is for when it does before."""
    # A session of its own: Ctrl-C reaches this program only, which ends it in order.
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", f"{__package__}.dagster_child", *command],
        cwd=home,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    is_over = threading.Event()

    def watch() -> None:
        process.wait()
        if not is_over.is_set():
            when_it_ends()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield process
    finally:
        is_over.set()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(stop_seconds)
        except subprocess.TimeoutExpired:
            process.terminate()
        end_with_all(process)


def end_with_all(process: "subprocess.Popen[bytes]") -> None:
    """End a program and all that it started, for good."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
