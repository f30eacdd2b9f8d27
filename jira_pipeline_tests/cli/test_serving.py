"""How the web program is told to stop."""

import os
import signal
import threading

from jira_pipeline.cli.serving import signals_noted

_ANSWER_SECONDS = 10


def test_a_signal_that_somebody_else_handles_stops_the_program() -> None:
    """Dagster handles Ctrl-C itself while it starts programs, and dropped one."""
    stop = threading.Event()
    dropped = signal.signal(signal.SIGINT, lambda *_: None)

    try:
        with signals_noted(stop):
            os.kill(os.getpid(), signal.SIGINT)
            is_noted = stop.wait(_ANSWER_SECONDS)
    finally:
        signal.signal(signal.SIGINT, dropped)

    assert is_noted


def test_other_signals_do_not_stop_it() -> None:
    stop = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: None)

    try:
        with signals_noted(stop):
            os.kill(os.getpid(), signal.SIGUSR1)
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert not stop.is_set()
