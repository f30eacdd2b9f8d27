"""One call on its way to the function that answers it.

Belongs here: what such a function is given (`Call`), how a table of routes is matched. Does not:
the tables themselves, which stand at the end of each `*_calls` module and meet in `sandbox`.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jira_pipeline.jira_sandbox.exchange import (
    NOT_SIGNED_IN,
    JsonObject,
    SandboxRequest,
    SandboxResponse,
    is_json,
    read_id,
    read_object,
    read_value,
    refuse,
    refuse_media_type,
)
from jira_pipeline.jira_sandbox.site import User
from jira_pipeline.jira_sandbox.site_rules import SiteRules
from jira_pipeline.jira_sandbox.state import record_change

ApiVersion = Literal[2, 3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request inside its transaction, with who asks and when."""

    request: SandboxRequest
    rows: sqlite3.Connection
    path_values: Mapping[str, str]
    api_version: ApiVersion
    user: User | None
    """None when nobody is signed in."""
    now: datetime
    base_url: str
    """What the site says of itself: part of its identity, whatever port serves it."""
    origin: str
    """Where links in the answer lead."""
    sequence: int
    """Of the request in the journal."""
    rules: SiteRules

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
        return read_object(self.json_value())

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
        record_change(
            self.rows,
            request_sequence=self.sequence,
            at=self.now,
            change=change,
            issue_id=issue_id,
            detail=detail,
        )


Answer = Callable[[Call], SandboxResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path pattern, and the function that answers."""

    method: str
    pattern: re.Pattern[str]
    answer: Answer


def route(method: str, path: str, answer: Answer) -> Route:
    """Make a route; `{name}` in the path stands for one segment."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(method=method, pattern=re.compile(pattern), answer=answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMatch:
    """A route that fits, with the values in its path."""

    route: Route
    path_values: Mapping[str, str]


def find_route(routes: Sequence[Route], *, method: str, path: str) -> RouteMatch | None:
    """Return the first route that fits.

    Raises:
        RefusedError: The path is known, the method is not.
    """
    is_known = False
    for candidate in routes:
        found = candidate.pattern.fullmatch(path)
        if found and candidate.method == method:
            return RouteMatch(route=candidate, path_values=found.groupdict())
        is_known = is_known or found is not None
    if is_known:
        raise refuse("Method Not Allowed", status=405)
    return None
