"""Work that nobody waits for, in a process that serves others.

Belongs here: doing it in turn, what was asked for twice once. Does not: what is done.
"""

import logging
import threading
from collections.abc import Callable

RESTS = 20
"""What was done is done again after so many times as long: a twentieth of one core is its share."""
END_SEEN_WITHIN_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Background:
    """One thread that does what it is asked for; what is left at the end of the process, too."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start nothing yet."""
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._waiting: dict[str, Callable[[], None]] = {}
        self._rested: dict[str, float] = {}
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
        while (named := self._next()) is not None:
            began = self._monotonic()
            self._do(*named)
            now = self._monotonic()
            self._rested[named[0]] = now + RESTS * (now - began)

    def _next(self) -> tuple[str, Callable[[], None]] | None:
        """Wait for what may be done; None where nothing is wanted."""
        with self._changed:
            while self._waiting:
                now, is_end = self._monotonic(), not threading.main_thread().is_alive()
                self._rested = {name: at for name, at in self._rested.items() if at > now}
                for name in self._waiting:
                    if is_end or name not in self._rested:
                        return name, self._waiting.pop(name)
                self._changed.wait(END_SEEN_WITHIN_SECONDS)
            self._is_working = False
            return None

    def _do(self, name: str, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception:  # noqa: BLE001 - nobody else hears of it
            _log.exception("%s", name)
