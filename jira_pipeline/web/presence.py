"""Who has a page open: known by its connections, in this process alone, and kept nowhere.

Belongs here: counting who is at a place. Does not: connections (`api/progress`), how it is shown.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class People:
    """Who is at a place."""

    names: frozenset[str]

    @property
    def mark(self) -> object:
        """What differs wherever a message would."""
        return self.names


class Presence:
    """Knows who is where, as long as they are."""

    def __init__(self) -> None:
        """Begin without anybody."""
        self._lock = threading.Lock()
        self._places: dict[str, Counter[str]] = {}

    @contextmanager
    def of(self, place: str, name: str) -> Iterator[None]:
        """Count somebody at a place; with two windows they are there until both are closed."""
        with self._lock:
            self._places.setdefault(place, Counter())[name] += 1
        try:
            yield
        finally:
            with self._lock:
                here = self._places[place]
                here[name] -= 1
                if not here[name]:
                    del here[name]
                if not here:
                    del self._places[place]

    def at(self, place: str) -> People:
        """Return who is there now."""
        with self._lock:
            return People(frozenset(self._places.get(place, ())))
