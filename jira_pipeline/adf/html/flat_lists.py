"""Lists that a page writes side by side, or as paragraphs, with a level at each item.

Belongs here: which lists are open, and which end or begin when an item of some level comes. Does
not: how programs write levels (`lists`, `word_lists`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

Close: TypeAlias = int | Callable[[], None] | None
"""How an element ends: close a block (the builder's answer), end the line, something of its own,
nothing; or `LEAVE_OUT`, its content is not visited. Marks end with their element by themselves."""


class OpensBlocks(Protocol):
    """The part of a walk that opens and ends blocks."""

    def open_block(self, node_type: str, attrs: dict[str, object] | None = None) -> Close:
        """Open a block; the answer ends it."""

    def end(self, close: Close) -> None:
        """End what was opened."""


@dataclass(slots=True, kw_only=True)
class OpenLevel:
    """One list that is open among lists written flat."""

    level: int
    list_type: str
    family: str
    close: Close
    """What ends the list."""


@dataclass(slots=True, kw_only=True, eq=False)
class FlatLists:
    """The lists open at one place of the page, from the outside in."""

    container_id: int
    """The element whose children the items are."""
    levels: list[OpenLevel] = field(default_factory=list)

    def enter(
        self, walk: "OpensBlocks", *, level: int, list_type: str, family: str, start: int = 1
    ) -> None:
        """Make the list of a level the innermost block; lists below it end, others begin."""
        levels = self.levels
        while levels and (
            levels[-1].level > level
            or (levels[-1].level == level and not _is_same(levels[-1], list_type, family))
        ):
            walk.end(levels.pop().close)
        if not levels or levels[-1].level < level:
            attrs: dict[str, object] | None = {"order": start} if start != 1 else None
            close = walk.open_block(list_type, attrs if list_type == "orderedList" else None)
            levels.append(OpenLevel(level=level, list_type=list_type, family=family, close=close))

    def leave(self, walk: "OpensBlocks") -> None:
        """End every list."""
        while self.levels:
            walk.end(self.levels.pop().close)


def _is_same(level: OpenLevel, list_type: str, family: str) -> bool:
    return level.list_type == list_type and (not family or level.family == family)
