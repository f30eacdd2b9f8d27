"""What a process keeps: made once, of what there was, and nobody waits for himself."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from jira_pipeline.context.session_memory import SessionMemory


@pytest.fixture
def memory() -> SessionMemory:
    return SessionMemory()


def test_who_asks_for_the_same_at_once_waits_for_it(memory: SessionMemory) -> None:
    """Twenty people who look after a change had the list of questions made twenty times."""
    is_begun, is_asked = Event(), Event()
    made: list[object] = []

    def make() -> str:
        made.append(object())
        is_begun.set()
        is_asked.wait()
        return "made"

    with ThreadPoolExecutor() as threads:
        first = threads.submit(memory.as_of, 1, "list", "site", make)
        is_begun.wait()
        second = threads.submit(memory.as_of, 1, "list", "site", make)
        is_asked.set()

        assert [first.result(), second.result()] == ["made", "made"]
    assert len(made) == 1


def test_what_is_made_asks_for_nothing_more(memory: SessionMemory) -> None:
    """One process in 64 waited for itself for ever: two names shared a lock."""

    def asks_again() -> str:
        return memory.as_of(1, "rows", "site", lambda: "rows")

    with pytest.raises(RuntimeError, match="rows"):
        memory.as_of(1, "list", "site", asks_again)
    assert memory.as_of(1, "list", "site", lambda: "made") == "made"


def test_what_is_made_after_a_change_is_made_of_what_there_was(memory: SessionMemory) -> None:
    def make(before: tuple[int, ...] | None) -> tuple[int, ...]:
        return (*(before or ()), len(before or ()))

    found = [memory.recompute_if_changed(mark, "list", "site", make) for mark in (1, 1, 2)]

    assert found == [(0,), (0,), (0, 1)]
