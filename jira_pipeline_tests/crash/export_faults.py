"""Ways in which a site answers badly, for tests of the export.

Belongs here: faults for a `BentTransport`. Does not: when they strike (the tests).
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Fault = Callable[[httpx.Request, httpx.BaseTransport], httpx.Response]
JIRA_BODY = {"errorMessages": ["Something."], "errors": {}}


def is_creation(request: httpx.Request) -> bool:
    return request.method == "POST" and request.url.path == "/rest/api/3/issue"


def is_bulk_creation(request: httpx.Request) -> bool:
    return request.method == "POST" and request.url.path == "/rest/api/3/issue/bulk"


def is_search(request: httpx.Request) -> bool:
    return request.url.path == "/rest/api/3/search/jql"


def is_deletion(request: httpx.Request) -> bool:
    return request.method == "DELETE"


def is_upload(request: httpx.Request) -> bool:
    return request.url.path.endswith("/attachments")


def is_update(request: httpx.Request) -> bool:
    return request.method == "PUT" and request.url.path.startswith("/rest/api/3/issue/")


def texts_read(request: httpx.Request) -> frozenset[int]:
    """Return the ids of the issues whose texts and histories a request of ours reads."""
    if request.method == "GET" and request.url.params.get("expand") == "changelog":
        name = request.url.path.rpartition("/")[2]
        return frozenset({int(name)} if name.isdigit() else ())
    if request.method == "POST" and request.url.path.endswith("/bulkfetch"):
        asked = json.loads(request.read())
        if "changelog" in asked.get("expand", ()):
            return frozenset(map(int, asked["issueIdsOrKeys"]))
    return frozenset()


def is_commenting(request: httpx.Request) -> bool:
    return request.method == "POST" and request.url.path.endswith("/comment")


def let_be(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
    return site.handle_request(request)


@dataclass
class StrikeOnce:
    """A fault at the n-th request of a kind, or at several, and none at the others."""

    fault: Fault
    at: int | Collection[int] = 2
    matches: Callable[[httpx.Request], bool] = is_creation
    seen: int = 0

    def __call__(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        """Answer as the site does, save there."""
        is_meant = self.matches(request)
        self.seen += is_meant
        is_due = is_meant and self.seen in self._places
        return (self.fault if is_due else let_be)(request, site)

    @property
    def has_begun(self) -> bool:
        """The first of these requests came."""
        return self.seen >= min(self._places)

    @property
    def _places(self) -> Collection[int]:
        return (self.at,) if isinstance(self.at, int) else self.at


def raising(error: type[httpx.TransportError], *, is_committed: bool) -> Fault:
    """Lose the answer, before or after the site did its work."""

    def fault(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if is_committed:
            site.handle_request(request)
        raise error("injected", request=request)

    return fault


def answering(response: httpx.Response, *, is_committed: bool) -> Fault:
    """Answer something else, before or after the site did its work."""

    def fault(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if is_committed:
            site.handle_request(request)
        return response

    return fault


def bent(change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Fault:
    """Let the site do its work, and change what it answers."""

    def fault(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        response = site.handle_request(request)
        return httpx.Response(response.status_code, json=change(json.loads(response.read())))

    return fault


def in_bulk(fault: Fault) -> StrikeOnce:
    return StrikeOnce(fault, at=1, matches=is_bulk_creation)


def error_at(place: int, status: int = 400, **errors: str) -> dict[str, Any]:
    """Return what a bulk says of an element that failed."""
    return {
        "status": status,
        "failedElementNumber": place,
        "elementErrors": {"errorMessages": [], "errors": errors or {"summary": "No."}},
    }


def torn(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
    body = site.handle_request(request).read()
    return httpx.Response(201, content=body[: len(body) // 2])


def lost(status: int, *, is_committed: bool) -> Fault:
    page = httpx.Response(status, html="<html>gateway</html>", headers={"Location": "/login"})
    return answering(page, is_committed=is_committed)


def limited_by_gateway(*, is_committed: bool) -> Fault:
    """Let a gateway ask to wait, before or after the site did its work."""
    headers = {"Retry-After": "7"}
    page = httpx.Response(429, html="<html>Too many requests</html>", headers=headers)
    return answering(page, is_committed=is_committed)


DOUBTS: dict[str, Fault] = {
    "read timeout before commit": raising(httpx.ReadTimeout, is_committed=False),
    "read timeout after commit": raising(httpx.ReadTimeout, is_committed=True),
    "503 before commit": lost(503, is_committed=False),
    "torn body": torn,
}
"""Nobody knows whether it was done; every other way is tried by schedules (`faults`)."""

REFUSALS: dict[str, Fault] = {
    "connection refused": raising(httpx.ConnectError, is_committed=False),
    "connect timeout": raising(httpx.ConnectTimeout, is_committed=False),
    "no connection free": raising(httpx.PoolTimeout, is_committed=False),
    **{
        str(status): answering(
            httpx.Response(status, json=JIRA_BODY, headers={"Retry-After": "7"}), is_committed=False
        )
        for status in (400, 401, 403, 404, 413, 422, 429)
    },
}
"""Nothing is done, and the answer says so."""


def while_the_index_lags(strike: Fault) -> Fault:
    return lambda request, site: (index_that_lags if is_search(request) else strike)(request, site)


def index_that_lags(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
    if is_search(request):
        return httpx.Response(200, json={"issues": [], "isLast": True})
    return site.handle_request(request)
