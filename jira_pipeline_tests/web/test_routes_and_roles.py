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

from jira_pipeline.model.people import Role
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import SOCKET_ORIGIN, ClientOf
from jira_pipeline_tests.web.routes_and_roles import COMMENTING, ROUTES

pytestmark = pytest.mark.small_site

GUARDED = {route: role for route, role in ROUTES.items() if role is not None}


def routes_of(application: FastAPI) -> Iterator[tuple[str, str]]:
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


def test_a_route_is_for_its_role_and_not_for_the_one_before(client_of: ClientOf) -> None:
    """Nor for nobody; that a role may what those before it may, `Role.includes` says."""
    wrong = []
    for route, needed in GUARDED.items():
        path = re.sub(r"\{[^}]*\}", "nowhere", route[1])
        before = [role for role in Role if not role.includes(needed)][-1:]
        for role in (None, *before, needed):
            status = status_for(client_of, role, route[0], path)
            if role is None:
                is_right = status == 401
            elif role is needed:
                is_right = status not in {401, 403} and status < 500
            else:
                is_right = status == 403
            if not is_right:
                wrong.append((*route, role, status))

    assert wrong == []


def test_readers_comment_only_where_settings_say_so(client_of: ClientOf) -> None:
    for method, template in COMMENTING:
        path = re.sub(r"\{[^}]*\}", "nowhere", template)
        assert status_for(client_of, Role.READER, method, path) == 403, path


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
