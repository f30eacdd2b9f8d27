"""Every route shows people the sessions they belong to; to others these are not there.

The person asked as belongs to `annex` alone: what `museum` says must be what a session says that
nobody made.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from jira_pipeline.flow import people
from jira_pipeline.kernel.people import Membership, Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.contracts.stored_values import an_upload
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import SOCKET_ORIGIN, ClientOf, browser
from jira_pipeline_tests.web.routes_and_roles import SHOWS_OWN
from jira_pipeline_tests.web.test_routes_and_roles import GUARDED, status_for

OWN, NOWHERE = "annex", "nowhere"
ANNEX = Membership(frozenset({OWN}))
OF_SESSIONS = {route: role for route, role in GUARDED.items() if "{key}" in route[1]}
OF_NONE = {route: role for route, role in GUARDED.items() if "{key}" not in route[1]}
STAFF = [role for role in Role if role is not Role.ADMIN]


def asked(client: TestClient, method: str, template: str, key: str) -> tuple[int, str]:
    """Ask about a session; the answer is told without its key."""
    path = re.sub(r"\{[^}]*\}", "1", template.replace("{key}", key))
    if method == "WS":
        return status_for(lambda _: client, None, method, path), ""
    answer = client.request(method, path)
    return answer.status_code, answer.text.replace(key, "KEY")


@pytest.fixture(scope="module")
def outsiders(web: Web) -> Iterator[dict[Role, TestClient]]:
    """A browser for each role, of people who belong to another session than `museum`."""
    store, now = web.pipeline.store, web.pipeline.clock.now()
    store.sessions.register(an_upload(OWN), at=now, actor="test")
    with ExitStack() as opened:
        found: dict[Role, TestClient] = {}
        for role in STAFF:
            name = f"outside {role.value}"
            people.add_person(web.pipeline, name, role, membership=ANNEX, by="test")
            found[role] = opened.enter_context(entered(web, name))
        yield found


def entered(web: Web, name: str) -> TestClient:
    """Return a browser in which this person signed in."""
    client = browser(web)
    link = people.invite(web.pipeline, name, by="test").secret
    assert client.post("/sign-in", data={"link": link}).status_code == 303
    return client


def whoever_may(route: tuple[str, str]) -> Role:
    """Return the least role that may use a route, of those people have without being admins."""
    return min(GUARDED[route], Role.EXPORTER, key=list(Role).index)


def test_a_session_of_others_is_not_there(outsiders: dict[Role, TestClient]) -> None:
    """To whoever might use the route with one of their own; who may not, `test_routes_and_roles` asks."""
    shown = {}
    for route in OF_SESSIONS:
        client = outsiders[whoever_may(route)]
        found, nowhere = (asked(client, *route, key) for key in (SESSION, NOWHERE))
        if found != nowhere or found[0] != 404:
            shown[route] = found

    assert shown == {}


def test_what_is_of_no_session_shows_nothing_of_others(
    web: Web, outsiders: dict[Role, TestClient]
) -> None:
    site = web.pipeline.store.sessions.get(SESSION).site_name
    wrong = {}
    for route, role in OF_NONE.items():
        query = "?q=field" if "search" in route[1] else ""
        status, text = asked(outsiders[whoever_may(route)], route[0], route[1] + query, "")
        if role is Role.ADMIN:
            is_right = status == 403
        elif route in SHOWS_OWN:
            is_right = status not in {401, 403} and SESSION not in text and site not in text
        else:
            is_right = status == 404
        if not is_right:
            wrong[route] = status

    assert wrong == {}


def test_whoever_belongs_to_a_session_reads_of_it_what_their_role_may(
    client_of: ClientOf, insider: TestClient
) -> None:
    wrong = {}
    for route in OF_SESSIONS:
        if route[0] == "GET":
            expected, found = (
                asked(client, *route, SESSION)[0] for client in (client_of(Role.EXPORTER), insider)
            )
            if found != expected:
                wrong[route] = found, expected

    assert wrong == {}


@pytest.fixture(scope="module")
def insider(web: Web) -> Iterator[TestClient]:
    """An exporter of `museum` alone."""
    of_museum = Membership(frozenset({SESSION}))
    people.add_person(web.pipeline, "inside", Role.EXPORTER, membership=of_museum, by="test")
    with entered(web, "inside") as client:
        yield client


def test_a_key_beside_the_address_opens_no_session_of_others(
    outsiders: dict[Role, TestClient],
) -> None:
    client = outsiders[Role.REVIEWER]
    sent = {"files": ("Fields.csv", b"Machine Name\nfield_a\n", "text/csv")}
    kept = client.post("/upload", files=sent, data={"session": OWN}).headers["location"]
    upload = kept.partition("?")[0]
    columns = {"sheet": "Fields", "header": "a", "column": "b"}

    def answers(key: str) -> list[tuple[int, str]]:
        asked_with = [
            client.get(f"/search?q=field&session_key={key}"),
            client.get(f"/search/hits?q=field&session_key={key}"),
            client.get(f"{upload}?session={key}"),
            client.post(f"{upload}/columns", data={"session": key, **columns}),
            client.post(f"{upload}/take", data={"session": key}),
        ]
        return [(one.status_code, one.text.replace(key, "KEY")) for one in asked_with]

    found = answers(SESSION)

    assert found == answers(NOWHERE)
    assert {status for status, _ in found} == {404}


def test_a_changed_membership_holds_at_once_and_ends_open_sockets(web: Web) -> None:
    name, address = "moved", f"/sessions/{SESSION}/live"
    of_museum = Membership(frozenset({SESSION}))
    people.add_person(web.pipeline, name, Role.READER, membership=of_museum, by="test")
    with entered(web, name) as client:
        before = client.get(f"/sessions/{SESSION}").status_code
        with client.websocket_connect(f"{SOCKET_ORIGIN}{address}") as socket:
            socket.receive_text()
            people.add_person(web.pipeline, name, Role.READER, membership=ANNEX, by="test")

            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_text()

        after = client.get(f"/sessions/{SESSION}").status_code
    assert closed.value.code == 1008
    assert (before, after) == (200, 404)
