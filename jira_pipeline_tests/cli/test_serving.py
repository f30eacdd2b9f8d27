"""Where the web program listens, and how it is told to stop."""

import os
import signal
import socket
import threading
from collections.abc import Iterator

import pytest

from jira_pipeline.cli.serving import listener_on, signals_noted
from jira_pipeline.errors import ConfigurationError

_LOOPBACK = "127.0.0.1"


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server((_LOOPBACK, 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("host", "why"),
    [
        (_LOOPBACK, "another program uses it"),
        ("192.0.2.1", "this machine has no such address"),
        ("intranet", "that is no IP address"),
    ],
)
def test_what_cannot_be_listened_on_is_said_in_words_of_people(
    host: str, why: str, taken_port: int
) -> None:
    with (
        pytest.raises(ConfigurationError, match=f"cannot be listened on: {why}."),
        listener_on(host, taken_port),
    ):
        pass


def test_what_fails_while_it_listens_is_not_blamed_on_the_address() -> None:
    with pytest.raises(OSError, match="the disk"), listener_on(_LOOPBACK, 0):
        raise OSError(5, "the disk")


def test_a_signal_that_somebody_else_handles_stops_the_program() -> None:
    """Dagster handles Ctrl-C itself while it starts programs, and dropped one."""
    stop = threading.Event()
    dropped = signal.signal(signal.SIGINT, lambda *_: None)

    try:
        with signals_noted(stop):
            os.kill(os.getpid(), signal.SIGINT)
            is_noted = stop.wait()
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
