"""Ctrl-C while something is at work: said at once, and obeyed at the second time at the latest.

Python calls the handler of a signal between two of its own instructions, and never during a long call
into C; Dagster keeps an interruption that comes between two steps until the next one begins. So a thread
of its own reads the signals as the system delivers them, whatever the main thread does and whoever
handles them there.

Belongs here: noting signals, saying that the program stops, ending it where it does not. Does not: what
stopping means for a run (`dagster_port/steps`), for answers under way (`writing/models/asking_step`), for
what is served (`cli/serving`).
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPPING = "Stopping. Press Ctrl-C again to end at once."
ENDING = "Ending at once. What was under way is looked up by the next command."
SAYING_SECONDS = 0.3
"""Most commands end within this after Ctrl-C, and have nothing to say but that they stopped."""
ENDING_SECONDS = 3.0
"""What a second Ctrl-C leaves to close what is open; whoever pressed it twice does not wait longer."""
_EXIT_CODE = 1


@contextmanager
def noted_signals(note: Callable[[int], None]) -> Iterator[None]:
    """Have a thread call `note` with each signal that comes while the block runs.

    It needs a handler, whichever it is: signals that the system handles do not arrive.
    """
    reading, writing = socket.socketpair()
    writing.settimeout(0)  # what a wakeup may write to

    def read() -> None:
        with reading:
            while number := reading.recv(1):
                note(number[0])

    thread = threading.Thread(target=read, name="signals", daemon=True)
    thread.start()
    before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        writing.close()
        thread.join()


@contextmanager
def noticed_interruptions(say: Callable[[str], None]) -> Iterator[None]:
    """Say the first Ctrl-C while the block runs, unless it ends right away; at the second end the process.

    The second has a moment to close what is open. Nothing happens in other threads than the main one,
    and where somebody reads the signals already.
    """
    if threading.current_thread() is not threading.main_thread() or _is_anybody_reading():
        yield
        return
    interruptions = _Interruptions(say)
    try:
        with noted_signals(interruptions.note):
            yield
    finally:
        interruptions.forget()


def _is_anybody_reading() -> bool:
    reader = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(reader, warn_on_full_buffer=False)
    return reader != -1


class _Interruptions:
    """Counts Ctrl-C, and does what each asks for a little later, if that is still needed then."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._count = 0
        self._timers: list[threading.Timer] = []

    def note(self, number: int) -> None:
        """Take in a signal."""
        if number != signal.SIGINT:
            return
        self._count += 1
        if self._count == 1:
            self._do_after(SAYING_SECONDS, lambda: self._say(STOPPING))
        elif self._count == 2:  # noqa: PLR2004 - the second
            self._do_after(ENDING_SECONDS, self._end)

    def forget(self) -> None:
        """Do nothing more: the block has ended."""
        for timer in self._timers:
            timer.cancel()

    def _do_after(self, seconds: float, work: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, work)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _end(self) -> None:
        self._say(ENDING)
        os._exit(_EXIT_CODE)
