"""Lists whose address holds their state: pages of a list, links that change one thing of it.

Belongs here: what every long list shares. Does not: what a list shows or filters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from pydantic import BeforeValidator
from starlette.requests import Request

PAGE_MAX = 100_000
BLANK_IS_NONE = BeforeValidator(lambda value: None if value == "" else value)
"""A form sends what nobody chose as an empty text."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[Item]):
    items: Sequence[Item]
    total: int
    number: int
    count: int
    earlier: str
    """Address of the page before; empty where there is none."""
    later: str


def page_of(request: Request, items: Sequence[Item], *, number: int, size: int) -> ListPage[Item]:
    """Return a page of a list, the last one where there are fewer."""
    count = max(1, -(-len(items) // size))
    number = min(number, count)
    return ListPage(
        items=items[(number - 1) * size :][:size],
        total=len(items),
        number=number,
        count=count,
        earlier=address_with(request, page=number - 1) if number > 1 else "",
        later=address_with(request, page=number + 1) if number < count else "",
    )


def address_with(request: Request, **changes: str | int | None) -> str:
    """Return the address of this list with other values; empty ones and None are left out."""
    values: dict[str, str | int | None] = {**dict(request.query_params.multi_items()), **changes}
    query = urlencode({name: value for name, value in values.items() if value not in (None, "")})
    return f"{request.url.path}?{query}" if query else request.url.path
