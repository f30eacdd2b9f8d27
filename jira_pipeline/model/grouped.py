"""Values grouped by what they have in common.

Belongs here: the two functions. Does not: entities that make one ticket (`tickets/grouping`).

Example: `group_by(comments, lambda comment: comment.ticket_id)` has the comments of each ticket by its
id, in their order.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Common = TypeVar("Common", bound=Hashable)


def group_by(items: Iterable[Item], common: Callable[[Item], Common]) -> dict[Common, list[Item]]:
    """Return the items by what they have in common, in their order."""
    return group_pairs((common(item), item) for item in items)


def group_pairs(pairs: Iterable[tuple[Common, Item]]) -> dict[Common, list[Item]]:
    """Return what pairs have second by what they have first, in their order."""
    found: dict[Common, list[Item]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return found
