"""Of all programs on one database, or in one home, one runs the daemon; the next takes over."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from jira_pipeline.cli.daemon import daemon_beside
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in, open_postgres
from jira_pipeline_tests.store.session_locks import end_holders, until


class Program:
    """A program with a daemon beside it, and what it says."""

    def __init__(self, store: Store, name: str) -> None:
        self.said: list[str] = []
        self.is_running = threading.Event()
        self.starts = 0
        self._store = store
        self._name = name

    def serving(self) -> AbstractContextManager[None]:
        """Serve until the block ends."""
        return daemon_beside(
            self._store.leases,
            name=self._name,
            start=self._daemon,
            say=self.said.append,
            look_seconds=0.02,
        )

    @contextmanager
    def _daemon(self) -> Iterator[None]:
        self.starts += 1
        self.is_running.set()
        yield
        self.is_running.clear()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def programs(
    request: pytest.FixtureRequest, store_folder: Path
) -> Iterator[tuple[Program, Program, Callable[[], int]]]:
    """Two programs, each with a store of its own on one database, and how the connections end."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            stores = [stack.enter_context(open_in(store_folder)) for _ in range(2)]
            yield Program(stores[0], "first"), Program(stores[1], "second"), lambda: 0
        else:
            url: str = request.getfixturevalue("postgres_url")
            stores = [stack.enter_context(open_postgres(url, store_folder)) for _ in range(2)]
            yield (
                Program(stores[0], "first"),
                Program(stores[1], "second"),
                lambda: end_holders(url),
            )


def test_the_second_program_waits_says_for_whom_and_takes_over(
    programs: tuple[Program, Program, Callable[[], int]],
) -> None:
    first, second, _ = programs
    with ExitStack() as ended:
        ended.enter_context(first.serving())
        first.is_running.wait()
        with second.serving():
            until(lambda: bool(second.said))
            waited = second.is_running.is_set()
            ended.close()
            second.is_running.wait()
            is_first_over = not first.is_running.is_set()

    assert not waited
    assert is_first_over
    assert first.said == []
    assert second.said == [
        "The daemon runs in first; this program takes over when that ends.",
        "The daemon runs here now.",
    ]


@pytest.mark.postgres
@pytest.mark.parametrize("programs", ["postgres"], indirect=True)
def test_a_daemon_whose_program_lost_its_connection_ends_before_one_starts_again(
    programs: tuple[Program, Program, Callable[[], int]],
) -> None:
    first, second, cut = programs
    with first.serving():
        first.is_running.wait()
        with second.serving():
            until(lambda: bool(second.said))
            ended = cut()
            until(lambda: first.starts + second.starts == 2)
            running = [first.is_running.is_set(), second.is_running.is_set()]

    assert ended == 1
    assert running.count(True) == 1
    assert any("is gone" in said for said in first.said)
