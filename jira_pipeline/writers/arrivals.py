"""Results of a coroutine as a plain generator: the one place where an event loop runs.

Belongs here: the thread of the loop, results in the order they arrive, cancelling. Does not: what
is done in it (`model`).

The loop has a thread of its own, so that what interrupts the main thread (Ctrl-C, Dagster's
termination) is raised where the generator waits, and never inside a callback that swallows it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Work: TypeAlias = Coroutine[Any, Any, None]


def arriving(work: Callable[[Callable[[T], None]], Work]) -> Generator[T, None, None]:
    """Run a coroutine and yield what it emits; closing the generator cancels it and waits."""
    arrived: SimpleQueue[T | None] = SimpleQueue()
    with (
        closing(asyncio.new_event_loop()) as loop,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="asking") as threads,
    ):
        main = loop.create_task(work(arrived.put))
        ended = threads.submit(_run, loop, main)
        ended.add_done_callback(lambda _: arrived.put(None))
        try:
            while (result := arrived.get()) is not None:
                yield result
        except BaseException:
            loop.call_soon_threadsafe(main.cancel)
            with suppress(asyncio.CancelledError):
                ended.result()
            raise
        ended.result()


def _run(loop: asyncio.AbstractEventLoop, main: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(main)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())


async def all_of(works: Iterable[Work]) -> None:
    """Run all at once; the first error ends the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
