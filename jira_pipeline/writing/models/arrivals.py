"""Results of a coroutine as a plain generator: the one place where an event loop runs.

Belongs here: the thread of the loop, results in the order they arrive, cancelling. Does not: what
is done in it (`asking_step`).

The loop has a thread of its own, so that what interrupts the main thread (Ctrl-C, Dagster's
termination) is raised where the generator waits, and never inside a callback that swallows it.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

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
    arrived: SimpleQueue[T | None] = SimpleQueue()
    loop = asyncio.new_event_loop()
    main = loop.create_task(work(arrived.put))
    ended = threading.Event()
    # A signal may be raised while the thread starts: whoever gets this first runs the loop.
    claim = threading.Lock()

    def run_unless_ended() -> None:
        if claim.acquire(blocking=False):
            run()

    def run() -> None:
        try:
            loop.run_until_complete(asyncio.wait([main]))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            ended.set()
            arrived.put(None)

    thread = threading.Thread(target=run_unless_ended, name="asking")
    try:
        thread.start()
        while (result := arrived.get()) is not None:
            yield result
    finally:
        is_running = not claim.acquire(blocking=False)
        try:
            if is_running and interrupt is not None and not ended.is_set():
                loop.call_soon_threadsafe(interrupt)
                ended.wait(grace_seconds)
        finally:
            if is_running:
                loop.call_soon_threadsafe(main.cancel)
                thread.join()
            else:
                main.cancel()
                run()
            loop.close()
    main.result()
