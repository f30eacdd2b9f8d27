"""Lists in pages: which part of one is asked for, and the frame Jira puts around it.

Belongs here: `startAt`, `maxResults` and what they bound. Does not: a search, whose pages follow
a token (`search_calls`), or the pages people browse (`pages`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jira_pipeline.jira_sandbox.routing import Call

USUAL_PAGE = 50
MAX_PAGE = 1_000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBounds:
    """Which part of a list is asked for."""

    start: int
    limit: int
    """How many items at most."""

    def part_of(self, found: Sequence[Item]) -> Sequence[Item]:
        """Return the items of this page."""
        return found[self.start : self.start + self.limit]


def page_bounds(call: Call, *, usual: int = USUAL_PAGE, largest: int = MAX_PAGE) -> PageBounds:
    """Return which part of a list a call asks for."""
    return PageBounds(
        start=call.query_number("startAt", default=0),
        limit=min(call.query_number("maxResults", default=usual), largest),
    )


def named_page(
    bounds: PageBounds, found: Sequence[Item], show: Callable[[Item], object], *, name: str
) -> dict[str, object]:
    """Show a page whose items stand under the name of what they are."""
    return {
        "startAt": bounds.start,
        "maxResults": bounds.limit,
        "total": len(found),
        name: [show(item) for item in bounds.part_of(found)],
    }


def value_page(
    bounds: PageBounds, found: Sequence[Item], show: Callable[[Item], object]
) -> dict[str, object]:
    """Show a page whose items are its values; only such a page says whether it is the last."""
    return {
        **named_page(bounds, found, show, name="values"),
        "isLast": bounds.start + bounds.limit >= len(found),
    }
