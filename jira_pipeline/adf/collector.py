"""Leaving the collector of reference cycles out while a document is built.

Belongs here: the pause. Does not: anything about documents. A document is a tree: the collector
finds nothing in it, but looks through all of it again and again while it grows.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Keep the collector from running; it goes on afterwards if it ran before.

    Measured with 1 MB of HTML (75,000 nodes): 154 ms without it, 356 ms with it. Threads that
    convert at the same time leave it running, whichever ends last.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
