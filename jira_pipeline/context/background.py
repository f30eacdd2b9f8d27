"""Work in the background of one process, where nobody waits for it.

Belongs here: the thread that does it, once where it was asked for twice; turns of threads that want
the same. Does not: exclusion between processes (`store/locks`), runs (`runs`).
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

RESTS = 20
"""What was done is done again after so many times as long: a twentieth of one core is its share."""
END_SEEN_WITHIN_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Background:
    """A worker thread that drains its queue at the end of the process."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._waiting: dict[str, Callable[[], None]] = {}
        """What is to be done, by its name."""
        self._rested: dict[str, float] = {}
        """From when on what was done may be done again, by its name."""
        self._is_working = False

    def soon(self, name: str, do: Callable[[], None]) -> None:
        """Do something, unless the same waits for its turn already."""
        with self._changed:
            self._waiting.setdefault(name, do)
            if not self._is_working:
                self._is_working = True
                threading.Thread(target=self._work, name="background", daemon=False).start()
            self._changed.notify()

    def _work(self) -> None:
        """Do what waits, one after the other, until nothing does, as the body of the thread.

        What was done may not be done again for a while: `RESTS` times as long as it took.
        """
        while True:
            named_work = self._next()
            if named_work is None:
                return
            name, do = named_work
            began = self._monotonic()
            try:
                do()
            except Exception:  # noqa: BLE001 - nobody else hears of it
                _log.exception("%s", name)
            now = self._monotonic()
            self._rested[name] = now + RESTS * (now - began)

    def _next(self) -> tuple[str, Callable[[], None]] | None:
        """Take the first waiting work that has rested, once there is any; None where no work waits.

        At the end of the process nothing rests any more: what waits is done at once.
        """
        with self._changed:
            while self._waiting:
                now = self._monotonic()
                is_end = not threading.main_thread().is_alive()
                self._rested = {name: at for name, at in self._rested.items() if at > now}
                for name in self._waiting:
                    if is_end or name not in self._rested:
                        return name, self._waiting.pop(name)
                self._changed.wait(END_SEEN_WITHIN_SECONDS)
            self._is_working = False
            return None


class OneByOne:
    """Lets one thread at a time work under a name, such as the key of a session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks = WeakValueDictionary[str, threading.RLock]()
        """Locks by name; one that nobody holds or waits for any more is gone."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Work under a name once no other thread does; a thread that already does need not wait."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.RLock())
        with lock:
            yield
