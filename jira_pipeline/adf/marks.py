"""Marks in force while text is read: nesting, precedence and order.

Belongs here: `Marks`, an unchanging set of marks that is cheap to compare. Does not: which HTML
element means which mark (`html/elements`, `html/styles`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from jira_pipeline.adf.nodes import AdfMark

_RANKS: Final = {
    "link": 0, "em": 1, "strong": 2, "textColor": 3, "backgroundColor": 4, "strike": 5,
    "subsup": 6, "underline": 7, "code": 8,
}  # fmt: skip
# The order of the editor's own schema, so that documents equal those written by hand.

_BESIDE_CODE: Final = frozenset({"code", "link"})


@dataclass(frozen=True, slots=True)
class MarkKey:
    """One mark as a value: its type, and what its attributes say."""

    type: str
    value: str = ""
    """Of a link its address, of subsup `sub` or `sup`, of a colour its `#rrggbb`."""
    title: str = ""


class Marks:
    """The marks in force at one place of the text, in the order of the editor."""

    __slots__ = ("_following", "_is_plain", "keys", "written")

    def __init__(self, keys: tuple[MarkKey, ...] = ()) -> None:
        """Hold marks of different types, ordered."""
        self.keys = keys
        self._is_plain = not any(key.value or key.type == "link" for key in keys)
        self.written = self._without_excluded()
        """Without what code excludes: everything but a link."""
        self._following: dict[MarkKey, Marks] = {}
        """What adding a mark without a value gave: equal marks are one object, compared by `is`."""

    def with_mark(self, key: MarkKey) -> "Marks":
        """Add a mark; of two links, colours, or sub and sup, the inner one counts."""
        known = self._following.get(key)
        if known is not None:
            return known
        if key in self.keys:
            return self
        others = [k for k in self.keys if k.type != key.type]
        following = Marks(tuple(sorted([*others, key], key=lambda k: _RANKS[k.type])))
        if not (key.value or key.title):
            self._following[key] = following
        return following

    def without(self, types: Collection[str]) -> "Marks":
        """Leave out the marks of some types."""
        keys = tuple(k for k in self.keys if k.type not in types)
        if len(keys) == len(self.keys):
            return self
        return Marks(keys) if keys else NO_MARKS

    def has(self, mark_type: str) -> bool:
        """Tell whether a mark of a type is in force."""
        return any(key.type == mark_type for key in self.keys)

    def as_nodes(self) -> list[AdfMark]:
        """Write the marks as JSON, new at each call."""
        if self._is_plain:
            return [{"type": key.type} for key in self.keys]
        return [_mark_node(key) for key in self.keys]

    def _without_excluded(self) -> "Marks":
        if len(self.keys) > 1 and self.keys[-1].type == "code":
            kept = tuple(key for key in self.keys if key.type in _BESIDE_CODE)
            return Marks(kept) if len(kept) < len(self.keys) else self
        return self


NO_MARKS: Final = Marks()


def _mark_node(key: MarkKey) -> AdfMark:
    if key.type == "link":
        attrs = {"href": key.value}
        if key.title:
            attrs["title"] = key.title
        return {"type": "link", "attrs": attrs}
    if key.type == "subsup":
        return {"type": "subsup", "attrs": {"type": key.value}}
    if key.value:
        return {"type": key.type, "attrs": {"color": key.value}}
    return {"type": key.type}
