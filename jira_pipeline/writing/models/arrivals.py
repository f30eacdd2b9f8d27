"""Results of a coroutine as a plain generator: the one place where an event loop runs.

Belongs here: the thread of the loop, results in the order they arrive, cancelling. Does not: what
is done in it (`model`).

The loop has a thread of its own, so that what interrupts the main thread (Ctrl-C, Dagster's
termination) is raised where the generator waits, and never inside a callback that swallows it.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator, Iterable
from queue import SimpleQueue
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
Work: TypeAlias = Coroutine[Any, Any, None]


def arriving(
    work: Callable[[Callable[[T], None]], Work],
    *,
    interrupt: Callable[[], None] | None = None,
    grace_seconds: float = 0.0,
) -> Generator[T, None, None]:
    """Run a coroutine and yield what it emits; closing the generator cancels it and waits.

    Where it can be interrupted, that comes first, in its loop: it is cancelled when it did not end
    by itself within the grace, or when this wait is interrupted in turn.
    """
    running = _Running(work, interrupt=interrupt, grace_seconds=grace_seconds)
    try:
        running.thread.start()
        while (result := running.arrived.get()) is not None:
            yield result
    finally:
        running.end()
    running.main.result()


class _Running(Generic[T]):
    """A coroutine in a loop and a thread of its own.

    A signal may be raised at any point of the main thread, also while the thread starts: whether
    the loop runs there, or is to be ended here, is decided once, under the lock.
    """

    def __init__(
        self,
        work: Callable[[Callable[[T], None]], Work],
        *,
        interrupt: Callable[[], None] | None = None,
        grace_seconds: float = 0.0,
    ) -> None:
        self._interrupt = interrupt
        self._grace_seconds = grace_seconds
        self.arrived: SimpleQueue[T | None] = SimpleQueue()
        """What was emitted; None at the end."""
        self.thread = threading.Thread(target=self._run, name="asking")
        self._loop = asyncio.new_event_loop()
        self.main = self._loop.create_task(work(self.arrived.put))
        self._lock = threading.Lock()
        self._is_over = False
        self._is_running = False
        self._has_ended = threading.Event()

    def end(self) -> None:
        """Cancel what does not end in time, wait for its end, and close the loop."""
        with self._lock:
            self._is_over = True
        try:
            if self._is_running and self._interrupt is not None and not self._has_ended.is_set():
                self._loop.call_soon_threadsafe(self._interrupt)
                self._has_ended.wait(self._grace_seconds)
        finally:
            if self._is_running:
                self._loop.call_soon_threadsafe(self.main.cancel)
                self._has_ended.wait()
                self.thread.join()
            else:
                self.main.cancel()
                self._run_to_the_end()
            self._loop.close()

    def _run(self) -> None:
        with self._lock:
            if self._is_over:
                return
            self._is_running = True
        try:
            self._run_to_the_end()
        finally:
            self._has_ended.set()
            self.arrived.put(None)

    def _run_to_the_end(self) -> None:
        self._loop.run_until_complete(asyncio.wait([self.main]))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())


async def all_of(works: Iterable[Work]) -> None:
    """Run all at once; the first error ends the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
