"""Work that nobody waits for, in a process that serves others.

Belongs here: doing it in turn, what was asked for twice once. Does not: what is done.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_log = logging.getLogger(__name__)


class Background:
    """One thread that does what it is asked for; what is left at the end of the process, too."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")

    def soon(self, name: str, do: Callable[[], str]) -> None:
        """Do something, unless the same waits for its turn already; what it says is logged."""
        with self._lock:
            if name in self._waiting:
                return
            self._waiting.add(name)
        self._worker.submit(self._do, name, do)

    def _do(self, name: str, do: Callable[[], str]) -> None:
        with self._lock:
            self._waiting.discard(name)  # what is asked for from now on is another time
        try:
            remark = do()
        except Exception:  # noqa: BLE001 - nobody else hears of it
            _log.exception("%s", name)
        else:
            if remark:
                _log.warning("%s", remark)
