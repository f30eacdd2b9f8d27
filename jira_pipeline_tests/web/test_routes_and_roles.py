"""Every route is for the roles the table says, and no route is missing there.

Asked about a session that is not there: whoever may ask gets another answer than 401 and 403.
"""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from jira_pipeline.kernel.people import Role
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import SOCKET_ORIGIN, ClientOf
from jira_pipeline_tests.web.routes_and_roles import COMMENTING, ROUTES

NOBODY_AND_ROLES = (None, *Role)
GUARDED = {route: role for route, role in ROUTES.items() if role is not None}


def routes_of(application: FastAPI) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route."""
    pending: list[BaseRoute] = list(application.routes)
    for route in pending:
        included = getattr(route, "original_router", None)
        if included is not None:  # FastAPI keeps a router that was included as one
            pending.extend(included.routes)
        elif isinstance(route, WebSocketRoute):
            yield "WS", route.path
        elif isinstance(route, Route):
            yield from (
                (method, route.path) for method in (route.methods or ()) if method != "HEAD"
            )
        else:
            assert isinstance(route, Mount), f"{route} is none of the known kinds of routes"
            yield "GET", route.path


def test_every_route_is_in_the_table(web: Web) -> None:
    assert sorted(routes_of(create_app(web))) == sorted(ROUTES)


@pytest.mark.parametrize("route", GUARDED, ids=" ".join)
def test_a_route_is_for_its_role_and_those_above(
    route: tuple[str, str], client_of: ClientOf
) -> None:
    method, template = route
    path = re.sub(r"\{[^}]*\}", "nowhere", template)
    needed = GUARDED[route]

    found = {role: status_for(client_of, role, method, path) for role in NOBODY_AND_ROLES}

    for role, status in found.items():
        if role is None:
            assert status == 401, f"nobody: {status}"
        elif role is Role.READER and route in COMMENTING:
            assert status == 403, f"{role}: {status}"
        elif role.includes(needed):
            assert status not in {401, 403}, f"{role}: {status}"
            assert status < 500, f"{role}: {status}"
        else:
            assert status == 403, f"{role}: {status}"


def status_for(client_of: ClientOf, role: Role | None, method: str, path: str) -> int:
    """Ask, and return the status; a WebSocket that is refused has the status of its refusal."""
    client = client_of(role)
    if method != "WS":
        return client.request(method, path).status_code
    try:
        with client.websocket_connect(f"{SOCKET_ORIGIN}{path}"):
            return 101
    except WebSocketDenialResponse as refused:
        return refused.status_code
    except WebSocketDisconnect:
        return 101
