"""Turns within one process: of several threads that want the same, one goes ahead at a time.

Belongs here: waiting for one's turn. Does not: exclusion between processes (`store/locks`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class OneByOne:
    """Lets one thread at a time go ahead with something of a name."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._locks: dict[str, tuple[threading.RLock, int]] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Wait for the others, and go ahead; whoever goes ahead already need not wait."""
        with self._lock:
            lock, count = self._locks.get(name, (threading.RLock(), 0))
            self._locks[name] = lock, count + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, count = self._locks.pop(name)
                if count > 1:
                    self._locks[name] = lock, count - 1
