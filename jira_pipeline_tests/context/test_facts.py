"""Facts of a session are read when somebody asks, and nobody waits for another session's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, Self

from typing_extensions import override

from jira_pipeline.context.facts import SessionFacts, read_once

NOTHING: Any = None
"""Neither a pipeline nor a row is needed for what is read here."""


class Opened(SessionFacts):
    """A session that is not looked at again."""

    @override
    def reload(self) -> Self:
        raise AssertionError


def test_a_fact_is_read_once() -> None:
    read: list[object] = []

    class Looked(Opened):
        @read_once
        def fact(self) -> int:
            read.append(self)
            return len(read)

    one, another = (Looked(pipeline=NOTHING, stored=NOTHING) for _ in range(2))

    assert (one.fact, one.fact, another.fact) == (1, 1, 2)


def test_a_session_is_read_while_another_one_is() -> None:
    """`cached_property` let every page wait until the tickets of some session were rendered."""
    is_begun, is_other_read = Event(), Event()

    class Looked(Opened):
        @read_once
        def fact(self) -> bool:
            (is_begun if self is one else is_other_read).set()
            return is_other_read.wait()

    one, another = (Looked(pipeline=NOTHING, stored=NOTHING) for _ in range(2))
    with ThreadPoolExecutor() as threads:
        first = threads.submit(lambda: one.fact)
        is_begun.wait()
        second = threads.submit(lambda: another.fact)

        assert (first.result(), second.result()) == (True, True)
