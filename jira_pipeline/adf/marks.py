"""Marks in force while text is read: nesting, precedence and order.

Belongs here: `Marks`, an unchanging set of marks that is cheap to compare. Does not: which HTML
element means which mark (`from_html`).
"""

from dataclasses import dataclass
from typing import Final

from jira_pipeline.adf.nodes import AdfMark

_RANKS: Final = {
    "link": 0, "em": 1, "strong": 2, "strike": 3, "subsup": 4, "underline": 5, "code": 6,
}  # fmt: skip
# The order of the editor's own schema, so that documents equal those written by hand.


@dataclass(frozen=True, slots=True)
class MarkKey:
    """One mark as a value: its type, and what its attributes say."""

    type: str
    value: str = ""
    """Of a link its address, of subsup `sub` or `sup`."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks in force at one place of the text, in the order of the editor."""

    keys: tuple[MarkKey, ...] = ()

    def with_mark(self, key: MarkKey) -> "Marks":
        """Add a mark; of two links, or sub and sup, the inner one counts."""
        if not self.keys:
            return Marks((key,))
        if key in self.keys:
            return self
        others = [k for k in self.keys if k.type != key.type]
        return Marks(tuple(sorted([*others, key], key=lambda k: _RANKS[k.type])))

    def as_written(self) -> "Marks":
        """Leave out what code excludes: everything but a link."""
        if len(self.keys) > 1 and self.keys[-1].type == "code":
            return Marks(tuple(k for k in self.keys if k.type in {"code", "link"}))
        return self

    def as_nodes(self) -> list[AdfMark]:
        """Write the marks as JSON, new at each call."""
        return [_mark_node(key) for key in self.keys]


NO_MARKS: Final = Marks()


def _mark_node(key: MarkKey) -> AdfMark:
    if key.type == "link":
        attrs = {"href": key.value}
        if key.title:
            attrs["title"] = key.title
        return {"type": "link", "attrs": attrs}
    if key.type == "subsup":
        return {"type": "subsup", "attrs": {"type": key.value}}
    return {"type": key.type}
