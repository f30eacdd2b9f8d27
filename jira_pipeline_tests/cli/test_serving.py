"""Where the web program listens, and how it is told to stop."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

from jira_pipeline.cli.serving import DaemonPlace, listener_on, signals_noted, single_server
from jira_pipeline.context.daemon_place import (
    name_of_server,
    refusal_text,
    second_launcher_refusal,
)
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.runs import DAEMON
from jira_pipeline.store.locks import application_name_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.open_stores import (
    initialised_path,
    initialised_url,
    open_in,
    open_postgres,
    postgres_url,
    store_folder,
)
from jira_pipeline_tests.store.session_locks import end_holders

__all__ = ["initialised_path", "initialised_url", "postgres_url", "store_folder"]

_LOOPBACK = "127.0.0.1"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((_LOOPBACK, 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("host", "why"),
    [
        (_LOOPBACK, "another program uses it"),
        ("192.0.2.1", "this machine does not have that address"),
        ("intranet", "not an IP address"),
    ],
)
def test_what_cannot_be_listened_on_is_said_in_words_of_people(
    host: str, why: str, taken_port: int
) -> None:
    with (
        pytest.raises(ConfigurationError, match=f"Cannot listen on .*: {why}."),
        listener_on(host, taken_port),
    ):
        pass


def test_what_fails_while_it_listens_is_not_blamed_on_the_address() -> None:
    with pytest.raises(OSError, match="the disk"), listener_on(_LOOPBACK, 0):
        raise OSError(5, "the disk")


@pytest.mark.parametrize(("number", "is_noted"), [(signal.SIGINT, True), (signal.SIGUSR1, False)])
def test_a_signal_stops_the_program_whoever_else_handles_it_and_others_do_not(
    number: signal.Signals, *, is_noted: bool
) -> None:
    """Dagster handles Ctrl-C itself while it starts programs, and dropped one."""
    stop = threading.Event()
    handled = signal.signal(number, lambda *_: None)

    try:
        with signals_noted(stop):
            for _ in range(2):
                os.kill(os.getpid(), number)
    finally:
        signal.signal(number, handled)

    assert stop.is_set() == is_noted


def test_a_second_program_in_one_home_is_refused_and_the_first_one_named(project: Path) -> None:
    with (
        projects.opened(project) as pipeline,
        single_server(pipeline.settings, "http://here:4567"),
        pytest.raises(ConfigurationError, match="already running at http://here:4567"),
        single_server(pipeline.settings, "http://there:4568"),
    ):
        pass


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stores(
    request: pytest.FixtureRequest, store_folder: Path
) -> Iterator[tuple[Store, Store, Callable[[], int]]]:
    """Two programs' stores on one database, and what ends the connections that hold locks."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            first, second = (stack.enter_context(open_in(store_folder)) for _ in range(2))
            yield first, second, lambda: 0
        else:
            url: str = request.getfixturevalue("postgres_url")
            first, second = (
                stack.enter_context(open_postgres(url, store_folder)) for _ in range(2)
            )
            yield first, second, lambda: end_holders(url)


def test_a_second_daemon_on_one_database_is_refused_until_the_first_one_ended(
    stores: tuple[Store, Store, Callable[[], int]],
) -> None:
    first, second, _ = stores
    with DaemonPlace(first.leases, name="serve on a") as place:
        with (
            pytest.raises(
                ConfigurationError,
                match=r"database, as serve on a, since [\d-]{10} [\d:]{5} UTC; two",
            ),
            DaemonPlace(second.leases, name="serve on b"),
        ):
            pass
        assert place.is_still_locked()

    with DaemonPlace(second.leases, name="serve on b"):
        assert first.leases.holder_of(DAEMON) == "serve on b"


def test_a_daemon_beside_serve_is_refused_until_that_one_is_gone_however_it_ended(
    stores: tuple[Store, Store, Callable[[], int]],
) -> None:
    """Two homes on one database started one request twice."""
    first, second, _ = stores
    assert second_launcher_refusal(second.leases) is None

    with first.leases.hold(DAEMON, holder="serve on front-1:3000, process 1"):
        refusal = second_launcher_refusal(second.leases)
    after = second_launcher_refusal(second.leases)

    assert refusal is not None
    assert "serve on front-1:3000, process 1, since " in refusal.message
    assert "stop it first" in refusal_text(refusal)
    assert after is None


@pytest.mark.parametrize("process_id", [os.getpid, os.getppid], ids=["itself", "its child"])
def test_the_daemon_of_serve_is_not_refused(
    store_folder: Path, process_id: Callable[[], int]
) -> None:
    name = name_of_server(3000).replace(str(os.getpid()), str(process_id()))

    with open_in(store_folder) as store, store.leases.hold(DAEMON, holder=name):
        assert second_launcher_refusal(store.leases) is None


def test_the_name_of_a_server_is_not_cut_by_postgresql() -> None:
    assert application_name_of(name_of_server(65_535)).endswith(f"process {os.getpid()}")


@pytest.mark.postgres
@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
@pytest.mark.parametrize("is_taken", [False, True], ids=["free", "taken by another"])
def test_a_place_whose_connection_was_cut_is_taken_again_unless_another_has_it(
    stores: tuple[Store, Store, Callable[[], int]], *, is_taken: bool
) -> None:
    first, second, cut = stores
    with DaemonPlace(first.leases, name="serve on a") as place:
        ended = cut()
        other = DaemonPlace(second.leases, name="serve on b") if is_taken else nullcontext()
        with other:
            is_kept = place.is_still_locked()
            holder = second.leases.holder_of(DAEMON)

    assert (ended, is_kept) == (1, not is_taken)
    assert holder == ("serve on b" if is_taken else "serve on a")
