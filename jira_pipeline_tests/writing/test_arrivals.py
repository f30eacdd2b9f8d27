"""Results of a coroutine as a generator: what arrives, what fails, what is cancelled."""

import asyncio
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager

import pytest

from jira_pipeline.writing.models.asking_step import stream_results
from jira_pipeline_tests.tables import each

Emit = Callable[[int], None]
LONG_SECONDS = 600.0
"""Longer than any test may take."""


pytestmark = pytest.mark.usefixtures("no_threads_left")


class Work:
    """A coroutine that emits a number and then waits for ever, or fails."""

    def __init__(self, *, fails_with: BaseException | None = None) -> None:
        self._fails_with = fails_with
        self._ended = asyncio.Event()
        self.was_cancelled = False

    async def run(self, emit: Emit) -> None:
        emit(1)
        if self._fails_with is not None:
            raise self._fails_with
        try:
            await self._ended.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise

    def end(self) -> None:
        self._ended.set()


async def counting(emit: Emit) -> None:
    for number in (1, 2, 3):
        emit(number)
        await asyncio.sleep(0)


def opened(work: Work) -> Generator[int, None, None]:
    return stream_results(work.run)


def test_closing_cancels_and_waits() -> None:
    work = Work()
    with closing(opened(work)) as numbers:
        next(numbers)

    assert work.was_cancelled


@each("interruption", [KeyboardInterrupt, SystemExit])
def test_what_interrupts_the_reader_cancels_the_work_and_goes_on(
    interruption: type[BaseException],
) -> None:
    """A signal is raised in the thread that waits, not in a callback of the loop."""
    work = Work()
    numbers = opened(work)
    next(numbers)

    with pytest.raises(interruption):
        numbers.throw(interruption())

    assert work.was_cancelled


def test_what_ended_already_is_not_interrupted() -> None:
    interrupted = threading.Event()

    assert list(
        stream_results(counting, interrupt=interrupted.set, grace_seconds=LONG_SECONDS)
    ) == [
        1,
        2,
        3,
    ]

    assert not interrupted.is_set()


class InterruptedHereError(Exception):
    """Raised by a signal."""


@contextmanager
def raising_signal() -> Iterator[Callable[[], None]]:
    """Give what raises an error in this thread, from any other."""
    main = threading.get_ident()

    def interrupt(*_of_signal: object) -> None:
        assert threading.get_ident() == main
        raise InterruptedHereError

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        yield lambda: signal.pthread_kill(main, signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_second_interruption_ends_the_wait_for_what_was_interrupted() -> None:
    """Whoever presses Ctrl-C again means it: the grace would outlast this test."""
    work = Work()
    with raising_signal() as interrupt_reader:
        numbers = stream_results(work.run, interrupt=interrupt_reader, grace_seconds=LONG_SECONDS)
        next(numbers)
        with pytest.raises(InterruptedHereError):
            numbers.close()

    assert work.was_cancelled


def test_a_signal_is_raised_where_the_reader_waits() -> None:
    """Ctrl-C and Dagster's termination: in a callback of the loop it would be logged and lost."""
    work = Work()
    with raising_signal() as interrupt_reader:

        async def signalling(emit: Emit) -> None:
            interrupt_reader()
            await work.run(emit)

        with pytest.raises(InterruptedHereError):
            list(stream_results(signalling))

    assert work.was_cancelled


def test_what_is_ended_before_its_thread_runs_does_not_run_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A signal may be raised while the thread starts."""
    threads: list[threading.Thread] = []
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        threads.append(thread)
        raise InterruptedHereError

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    emitted: list[int] = []

    async def emitting(emit: Emit) -> None:
        emitted.append(1)
        emit(1)

    with pytest.raises(InterruptedHereError):
        next(stream_results(emitting))
    (thread,) = threads
    start(thread)
    thread.join()

    assert emitted == []


def test_a_generator_that_nobody_reads_starts_nothing() -> None:
    work = Work()

    opened(work).close()

    assert not work.was_cancelled
