"""One call on its way to the function that answers it, and lists in pages.

Belongs here: what such a function is given (`Call`), how a table of routes is matched, `startAt`
and `maxResults` with the frame Jira puts around a page. Does not: the routes themselves, which are
in the `*_calls` modules and meet in `dispatch`; a search, whose pages follow a token
(`search_calls`); the pages people browse (`pages`).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal, TypeVar

from jira_pipeline.jira.sandbox.request_reading import (
    NOT_SIGNED_IN,
    JsonObject,
    is_json,
    is_object,
    read_id,
    read_value,
    refuse,
    refuse_media_type,
)
from jira_pipeline.jira.sandbox.sandbox_site import User
from jira_pipeline.jira.sandbox.site_rules import SiteRules
from jira_pipeline.jira.sandbox_http.requests import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows

ApiVersion = Literal[2, 3]

USUAL_PAGE = 50
MAX_PAGE = 1_000
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request that was journalled, with who asks, when, and under which rules."""

    request: SandboxRequest
    user: User | None
    """None when nobody is signed in."""
    now: datetime
    sequence: int
    """Of the request in the journal."""
    rules: SiteRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Arrival):
    """The same inside its transaction."""

    rows: Rows
    path_values: Mapping[str, str]
    api_version: ApiVersion
    base_url: str
    """What the site says of itself: part of its identity, whatever port serves it."""
    origin: str
    """Where links in the answer lead."""

    def url(self, path: str) -> str:
        """Return the address of a resource in the version that was asked."""
        return f"{self.origin}/rest/api/{self.api_version}/{path}"

    def agile_url(self, path: str) -> str:
        """Return the address of a resource of the agile API."""
        return f"{self.origin}/rest/agile/1.0/{path}"

    @property
    def is_wiki(self) -> bool:
        """Rich text is a wiki text (v2), not a document (v3)."""
        return self.api_version != 3  # noqa: PLR2004 - the version's own number

    def json_value(self) -> object:
        """Return the request body as a JSON value, or refuse it, unread where it is none."""
        if not is_json(self.request):
            raise refuse_media_type(self.request)
        return read_value(self.request.body)

    def body(self) -> JsonObject:
        """Return the request body as a JSON object, or refuse."""
        value = self.json_value()
        if not is_object(value):
            raise refuse(
                "Invalid request payload. Refer to the REST API documentation and try again."
            )
        return value

    def query(self, name: str) -> str | None:
        """Return the first value of a query parameter."""
        return next(iter(self.request.query_values().get(name, [])), None)

    def query_number(self, name: str, *, default: int) -> int:
        """Return a query parameter that has to be a whole number ≥ 0."""
        text = self.query(name)
        if text is None:
            return default
        number = read_id(text)
        if number is None:
            raise refuse(f"The value '{text}' of '{name}' is not a number.")
        return number

    def signed_in(self) -> User:
        """Return who asks, or refuse with 401."""
        if self.user is None:
            raise refuse(NOT_SIGNED_IN, status=401)
        return self.user

    def record(self, change: str, *, issue_id: int | None, **detail: object) -> None:
        """Write a change of state into the journal."""
        noted = {
            "at": self.now.isoformat(),
            "change": change,
            "detail": json.dumps(detail, sort_keys=True),
        }
        self.rows.add("journal_change", request_sequence=self.sequence, issue_id=issue_id, **noted)


Answer = Callable[[Call], object]
"""Returns the JSON of an answer, None for an empty one, or a whole response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path pattern, and the function that answers."""

    method: str
    pattern: re.Pattern[str]
    answer: Answer
    status: int

    def response_to(self, call: Call) -> SandboxResponse:
        """Answer a call that fits."""
        found = self.answer(call)
        if isinstance(found, SandboxResponse):
            return found
        if found is not None:
            return answer_json(found, status=self.status)
        is_usual = self.status == HTTPStatus.OK
        return SandboxResponse(status=HTTPStatus.NO_CONTENT if is_usual else self.status)


class Routes(list[Route]):
    """The calls of one subject, in the order they are tried."""

    def answer(self, method: str, path: str, *, status: int = 200) -> Callable[[Answer], Answer]:
        """Let the function below answer a method and a path; `{name}` is one segment of it."""
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))

        def register(answer: Answer) -> Answer:
            self.append(Route(method=method, pattern=pattern, answer=answer, status=status))
            return answer

        return register


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMatch:
    """A route that fits, with the values in its path."""

    route: Route
    path_values: Mapping[str, str]


def find_route(routes: Sequence[Route], *, method: str, path: str) -> RouteMatch | None:
    """Return the first route that fits; a known path with another method is refused."""
    is_known = False
    for candidate in routes:
        found = candidate.pattern.fullmatch(path)
        if found and candidate.method == method:
            return RouteMatch(route=candidate, path_values=found.groupdict())
        is_known = is_known or found is not None
    if is_known:
        raise refuse("Method Not Allowed", status=405)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBounds:
    """Which part of a list is asked for."""

    start: int
    limit: int
    """How many items at most."""

    def part_of(self, found: Sequence[Item]) -> Sequence[Item]:
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
