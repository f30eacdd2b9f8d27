"""Pages of lists: `limit`, and a cursor that leads from each page to the next one.

Belongs here: what every list does alike, and answers that hold several. Does not: which entries there are (the module of each list).

A cursor names the last entry of its page: what is added or removed before it shifts nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeAlias, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from jira_pipeline.errors import WrongUseError
from jira_pipeline.kernel.tickets import canonical_hash
from jira_pipeline.web.api.shapes import INTEGER_MAX, PAGE_MAX

Entry = TypeVar("Entry")


class Paging:
    """Which part of a list is wanted."""

    def __init__(
        self,
        request: Request,
        response: Response,
        *,
        cursor: Annotated[
            str | None,
            Query(max_length=300, description="Of the page before, as its `Link` names it."),
        ] = None,
        offset: Annotated[int, Query(ge=0, le=INTEGER_MAX)] = 0,
        limit: Annotated[int | None, Query(ge=1, le=PAGE_MAX)] = None,
    ) -> None:
        """Read it from a request, and say in its answer where the next page is."""
        self._request, self._response = request, response
        self._cursor, self._limit = cursor, limit
        self.offset = offset
        """Where the page begins."""

    def page_of(
        self,
        entries: Sequence[Entry],
        *,
        key_of: Callable[[Entry], object],
        usual_limit: int | None = None,
    ) -> Sequence[Entry]:
        """Return the part that is wanted; without a limit of either kind, all.

        Raises:
            WrongUseError: The cursor is none of this list.
        """
        if self._cursor is not None:
            self.offset = _place_after(self._cursor, [str(key_of(entry)) for entry in entries])
        end = self.offset + (self._limit or usual_limit or len(entries))
        if end < len(entries):
            given = self._request.query_params.multi_items()
            kept = [(name, value) for name, value in given if name not in {"cursor", "offset"}]
            query = urlencode([*kept, ("cursor", f"{end}.{key_of(entries[end - 1])}")])
            self._response.headers["link"] = f'<{self._request.url.path}?{query}>; rel="next"'
        return entries[self.offset : end]


def _place_after(cursor: str, keys: Sequence[str]) -> int:
    """Return where a list goes on; where the entry is gone, at the place it had."""
    place, _, key = cursor.partition(".")
    if not place.isdecimal() or not 0 < int(place[:12]) <= INTEGER_MAX:
        raise WrongUseError(
            "The cursor is none of this list.",
            recovery_actions=("Follow the `Link` of the page before, or begin without a cursor.",),
        )
    if keys[int(place) - 1 : int(place)] == [key]:
        return int(place)
    return keys.index(key) + 1 if key in keys else min(int(place), len(keys))


Paged: TypeAlias = Annotated[Paging, Depends()]


class WholeList(BaseModel, extra="forbid"):
    """A list of which an answer holds a part."""

    total: int
    address: str = Field(description="Where all of it is, page by page.")


class OfLists(BaseModel):
    """An answer with several lists, of each at most 500 entries."""

    more: dict[str, WholeList] = Field(
        default={}, description="Lists that have more entries than are here."
    )


def in_parts(
    answer: Mapping[str, Any],
    addresses: Mapping[str, str],
    *,
    paging: Paging | None = None,
    paged: str | None = None,
) -> dict[str, Any]:
    """Leave of each named list what one answer holds, and say where those go on that have more.

    Args:
        answer: Lists of JSON values among other fields.
        addresses: Where each list is, page by page.
        paging: Which part of one list is wanted; of the others the beginning.
        paged: That list.
    """
    parts: dict[str, Sequence[Any]] = {name: answer[name][:PAGE_MAX] for name in addresses}
    if paging is not None and paged is not None:
        parts[paged] = paging.page_of(answer[paged], key_of=_mark_of, usual_limit=PAGE_MAX)
    more = {
        name: {"total": len(answer[name]), "address": addresses[name]}
        for name, part in parts.items()
        if len(part) < len(answer[name])
    }
    return {**answer, **parts, "more": more}


def _mark_of(entry: object) -> str:
    return canonical_hash(entry)[:16]
