"""Who has a page open or writes there: by its connections, in this process alone, kept nowhere.

Belongs here: knowing who is at a place. Does not: connections (`api/progress`), how it is shown.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class People:
    """Who is at a place."""

    names: frozenset[str]
    writing: frozenset[tuple[str, str]]
    """Parts with who writes them."""


@dataclass(slots=True, eq=False)
class Visitor:
    """One open page."""

    name: str
    writing: Collection[str] = ()
    """The parts that are open there to be written."""


class Presence:
    """Knows who is where, as long as they are."""

    def __init__(self) -> None:
        """Begin without anybody."""
        self._lock = threading.Lock()
        self._places: dict[str, set[Visitor]] = {}

    @contextmanager
    def of(self, place: str, name: str) -> Iterator[Visitor]:
        """Know of somebody at a place; with two windows they are there until both are closed."""
        visitor = Visitor(name)
        with self._lock:
            self._places.setdefault(place, set()).add(visitor)
        try:
            yield visitor
        finally:
            with self._lock:
                here = self._places[place]
                here.remove(visitor)
                if not here:
                    del self._places[place]

    def at(self, place: str) -> People:
        """Return who is there now."""
        with self._lock:
            here = self._places.get(place, ())
            return People(
                names=frozenset(one.name for one in here),
                writing=frozenset((part, one.name) for one in here for part in one.writing),
            )
