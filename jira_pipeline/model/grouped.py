"""Things by what they have in common.

Belongs here: the one function. Does not: entities that make one ticket (`tickets/grouping`).
"""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Common = TypeVar("Common", bound=Hashable)


def grouped(items: Iterable[Item], common: Callable[[Item], Common]) -> dict[Common, list[Item]]:
    """Return the items by what they have in common, in their order."""
    found: dict[Common, list[Item]] = {}
    for item in items:
        found.setdefault(common(item), []).append(item)
    return found
