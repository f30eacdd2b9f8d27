"""Values grouped by a key: `group_by([1, 2, 3], lambda n: n % 2)` is `{1: [1, 3], 0: [2]}`.

Belongs here: the two functions. Does not: entities that make one ticket (`tickets/grouping`).
"""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Value = TypeVar("Value")
Key = TypeVar("Key", bound=Hashable)


def group_by(values: Iterable[Value], key_of: Callable[[Value], Key]) -> dict[Key, list[Value]]:
    """Return lists of the values with the same key, by key; keys and values keep their order."""
    return group_pairs((key_of(value), value) for value in values)


def group_pairs(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    """Return lists of the second parts of pairs by their first parts, in the order of the pairs."""
    groups: dict[Key, list[Value]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
