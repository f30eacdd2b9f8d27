"""Who is let in, for how long, and what a stolen or guessed secret is worth."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from jira_pipeline.cli.context import current_person
from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.people import Role
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import FREE_GUESSES, Access, LateDagster, TrustedProxy, Web
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    NAMES,
    SOCKET_ORIGIN,
    ClientOf,
    browser,
    slow_browser,
    token_of,
)

pytestmark = pytest.mark.small_site

PROXY = TrustedProxy(address="10.0.0.7", header="X-Forwarded-User")
EXPORTER = NAMES[Role.EXPORTER]


@pytest.fixture
def own_web(web: Web, clock: MovableClock) -> Web:
    """The web with a clock that moves and no guesses yet."""
    pipeline = replace(web.pipeline, clock=clock)
    return replace(web, pipeline=pipeline, access=Access(pipeline))


def link_of(web: Web, role: Role) -> str:
    return accounts.invite(web.pipeline, NAMES[role], by="test").secret


def status(client: TestClient, headers: dict[str, str] | None = None, path: str = "/") -> int:
    return client.get(path, headers=headers or {}).status_code


@pytest.fixture
def newcomer(own_web: Web) -> Iterator[str]:
    name = "New Comer"
    accounts.add_person(own_web.pipeline, name, Role.REVIEWER, by="test")
    yield name
    own_web.pipeline.store.people.revoke(name, by="test", at=SystemClock().now())


def test_a_preview_does_not_burn_a_link_and_its_button_works_once(own_web: Web) -> None:
    client, other = browser(own_web), browser(own_web)
    link = link_of(own_web, Role.READER)

    previews = [client.get("/sign-in", params={"link": link}).status_code for _ in range(3)]
    first = client.post("/sign-in", data={"link": link})
    second = other.post("/sign-in", data={"link": link})
    used = other.get("/sign-in", params={"link": link}).text

    assert "This link has expired" in used
    assert "Sign out" not in client.get("/sign-in", params={"link": link}).text
    assert "<form" not in used.partition("<main")[2]
    assert previews == [200, 200, 200]
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert (second.status_code, status(client), status(other)) == (401, 200, 401)


def test_whoever_wanted_a_page_is_there_after_the_link(own_web: Web) -> None:
    client, address = browser(own_web), "/sessions/museum/tickets/3?text=a%20b&edit=1"
    page = {"Accept": "text/html"}

    client.get(address, headers=page)
    client.get("/sessions/museum/live")  # what a script asks for is no page
    client.get("/api/writer/health", headers=page)
    first = client.post("/sign-in", data={"link": link_of(own_web, Role.READER)})
    again = client.post("/sign-in", data={"link": link_of(own_web, Role.READER)})

    assert (first.headers["location"], again.headers["location"]) == (address, "/")


@each(
    "planted",
    [
        "//evil.example/",
        "/\\\\evil.example/",
        "/a\\b",
        "https://evil.example/",
        "evil.example",
        "javascript:alert(1)",
        "/\\tx",
        "/ä",
        "/" + "x" * 2_000,
    ],
)
def test_signing_in_leads_to_no_other_site(own_web: Web, planted: str) -> None:
    client = browser(own_web)
    escaped = "".join(f"\\{byte:03o}" for byte in planted.encode("latin-1"))

    answer = client.post(
        "/sign-in",
        data={"link": link_of(own_web, Role.READER)},
        headers={"Cookie": f'jira_pipeline_wanted="{escaped}"'},
    )
    asked = browser(own_web)
    asked.get("//evil.example/x", headers={"Accept": "text/html"})
    led = asked.post("/sign-in", data={"link": link_of(own_web, Role.READER)})

    assert answer.headers["location"] == "/"
    assert led.headers["location"] in {"/", "/x"}


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites(own_web: Web) -> None:
    link = link_of(own_web, Role.READER)
    secure = replace(own_web, access=Access(own_web.pipeline, is_https=True))

    plain = browser(own_web).post("/sign-in", data={"link": link}).headers["set-cookie"]
    link = link_of(own_web, Role.READER)
    over_https = browser(secure).post("/sign-in", data={"link": link}).headers["set-cookie"]

    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(plain.split("; "))
    assert over_https.startswith("__Host-")
    assert "Secure" in over_https.split("; ")


def test_a_link_and_a_cookie_expire(own_web: Web, clock: MovableClock) -> None:
    client, late = browser(own_web), browser(own_web)
    client.post("/sign-in", data={"link": link_of(own_web, Role.READER)})
    link = link_of(own_web, Role.READER)

    clock.ahead = accounts.LINK_LASTS
    too_late = late.post("/sign-in", data={"link": link}).status_code
    still_in = status(client)
    clock.ahead = accounts.COOKIE_LASTS

    assert (too_late, still_in, status(client)) == (401, 200, 401)


def test_a_cookie_that_was_planted_is_never_that_of_a_session(own_web: Web) -> None:
    """Session fixation: whoever planted it would be signed in as the victim."""
    client, name = browser(own_web), own_web.access.cookie_name
    client.cookies.set(name, "planted", domain="127.0.0.1")

    answer = client.post("/sign-in", data={"link": link_of(own_web, Role.READER)})

    given = answer.headers["set-cookie"].split(";")[0].removeprefix(f"{name}=")
    assert given != "planted"
    assert status(browser(own_web), {"Cookie": f"{name}=planted"}) == 401


def test_whoever_is_signed_in_is_warned_before_a_link_makes_them_somebody_else(
    own_web: Web,
) -> None:
    """A link of an attacker's own, sent to a victim, would have them work in another's name."""
    client = browser(own_web)
    link = link_of(own_web, Role.READER)
    first = client.get("/sign-in", params={"link": link}).text
    client.post("/sign-in", data={"link": link})

    again = client.get("/sign-in", params={"link": link_of(own_web, Role.ADMIN)}).text

    assert "You are signed in as" not in first
    assert f"You are signed in as {NAMES[Role.READER]}" in again


def test_signing_out_makes_the_copy_of_a_cookie_worthless(own_web: Web) -> None:
    client = browser(own_web)
    signed_in = client.post("/sign-in", data={"link": link_of(own_web, Role.READER)})
    copy = {"Cookie": signed_in.headers["set-cookie"].split(";")[0]}
    before = status(browser(own_web), copy)

    signed_out = client.post("/sign-out", follow_redirects=False)

    assert (before, status(browser(own_web), copy)) == (200, 401)
    assert signed_out.headers["clear-site-data"] == '"cache"', "the next person reads no page of it"


def test_no_secret_is_in_the_store_or_the_audit_trail(own_web: Web, newcomer: str) -> None:
    link = accounts.invite(own_web.pipeline, newcomer, by="test").secret
    token = token_of(own_web, newcomer)["Authorization"].split()[1]
    answer = browser(own_web).post("/sign-in", data={"link": link})
    cookie = answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]

    with own_web.pipeline.store.database.reading() as connection:
        stored = [
            str(tuple(row))
            for table in ("credentials", "people", "audit")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - ours
        ]

    (*_, invited) = (row for row in stored if "link_made" in row and newcomer in row)
    assert '"role":"reviewer"' in invited, "it named every invitation one of an admin"
    assert len(stored) > 10
    assert [s for s in stored for secret in (link, token, cookie) if secret in s] == []


def test_a_revoked_person_is_out_at_once(own_web: Web, newcomer: str) -> None:
    client, program = browser(own_web), browser(own_web)
    client.post(
        "/sign-in", data={"link": accounts.invite(own_web.pipeline, newcomer, by="t").secret}
    )
    token, link = token_of(own_web, newcomer), accounts.invite(own_web.pipeline, newcomer, by="t")
    before = status(client), status(program, token)

    own_web.pipeline.store.people.revoke(newcomer, by="test", at=SystemClock().now())

    late = browser(own_web).post("/sign-in", data={"link": link.secret})
    assert before == (200, 200)
    assert (status(client), status(program, token), late.status_code) == (401, 401, 401)


@each("path", ["/sessions/museum/tickets", "/upload"])
def test_a_person_who_is_revoked_while_their_form_arrives_decides_nothing(
    own_web: Web, newcomer: str, path: str
) -> None:
    """A slow body was read after the right was looked at, and approved tickets."""
    client, people = browser(own_web), own_web.pipeline.store.people
    accounts.add_person(own_web.pipeline, newcomer, Role.REVIEWER, by="t")
    link = accounts.invite(own_web.pipeline, newcomer, by="t").secret
    client.post("/sign-in", data={"link": link})

    def revoke() -> None:
        people.revoke(newcomer, by="test", at=SystemClock().now())

    slow = slow_browser(own_web, client, meanwhile=revoke)
    answer = slow.post(path, data={"do": "ready", "number": "1"})

    assert answer.status_code == 401
    assert not open_session(own_web.pipeline, "museum").ticket(1).is_ready


def test_a_revoked_person_loses_an_open_websocket(own_web: Web) -> None:
    name = "An Admin"
    accounts.add_person(own_web.pipeline, name, Role.ADMIN, by="test")
    client, address = browser(own_web), f"{SOCKET_ORIGIN}/dagster/graphql"
    with client.websocket_connect(address, headers=token_of(own_web, name)) as socket:
        own_web.pipeline.store.people.revoke(name, by="test", at=SystemClock().now())

        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()

    assert closed.value.code == 1008


def test_a_changed_role_holds_at_the_next_request(own_web: Web, newcomer: str) -> None:
    client, token = browser(own_web), token_of(own_web, newcomer)
    link = accounts.invite(own_web.pipeline, newcomer, by="test").secret
    client.post("/sign-in", data={"link": link})
    before = status(client, path="/dagster/"), status(browser(own_web), token, "/dagster/")

    accounts.add_person(own_web.pipeline, newcomer, Role.ADMIN, by="test")

    assert before == (403, 403)
    assert status(client, path="/dagster/") == 200
    assert client.get("/dagster").headers["location"] == "/dagster/asset-groups"
    # The token was made for a reviewer: it stays at most that.
    assert status(browser(own_web), token, "/dagster/") == 403
    assert status(browser(own_web), token_of(own_web, newcomer), "/dagster/") == 200


@each("value", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x, Bearer y"])
def test_a_wrong_token_is_refused_though_a_cookie_would_do(client_of: ClientOf, value: str) -> None:
    assert status(client_of(Role.ADMIN)) == 200
    assert status(client_of(Role.ADMIN), {"Authorization": value}) == 401


def test_the_proxy_names_people_and_nobody_else_does(own_web: Web) -> None:
    proxied = replace(own_web, access=Access(own_web.pipeline, proxy=PROXY))
    named = {PROXY.header: NAMES[Role.ADMIN]}
    behind, direct = browser(proxied, address=PROXY.address), browser(proxied)

    assert (status(behind, named), status(behind, named, "/dagster/")) == (200, 200)
    assert status(behind) == 401
    assert status(direct, named) == 401
    assert status(browser(own_web, address=PROXY.address), named) == 401
    forwarded = named | {"X-Forwarded-For": PROXY.address, "Forwarded": f"for={PROXY.address}"}
    assert status(direct, forwarded) == 401
    assert status(behind, {PROXY.header: "stranger@example.org"}) == 401
    twice = [(PROXY.header, NAMES[Role.READER]), (PROXY.header, NAMES[Role.ADMIN])]
    assert behind.get("/", headers=twice).status_code == 401


def test_guessing_is_slowed_and_locks_nobody_out_who_is_in(own_web: Web) -> None:
    now = 1_000.0
    access = Access(own_web.pipeline, monotonic=lambda: now)
    slow = replace(own_web, access=access)
    client, guesser = browser(slow), browser(slow)
    client.post("/sign-in", data={"link": link_of(slow, Role.READER)})
    fresh = link_of(slow, Role.READER)

    def guess(number: int) -> int:
        return status(guesser, {"Authorization": f"Bearer wrong{number}"})

    first = [guess(number) for number in range(FREE_GUESSES + 1)]
    blocked = guesser.get("/", headers={"Authorization": "Bearer other"})
    again = guess(0)
    meanwhile = status(client)
    looked_up = [status(guesser, path=f"/sign-in?link={link}") for link in ("wrong", fresh)]
    wrong_link = guesser.post("/sign-in", data={"link": "wrong"}).status_code
    let_in = guesser.post("/sign-in", data={"link": fresh}).status_code
    now += 1.0

    assert first == [401] * (FREE_GUESSES + 1)
    assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "1")
    assert again == 401, "an expired cookie that is sent again is no guess"
    assert (meanwhile, looked_up, wrong_link, let_in) == (200, [429, 200], 429, 303)
    assert [guess(100), guess(101)] == [401, 429]


def test_strangers_behind_a_proxy_do_not_slow_each_other(own_web: Web) -> None:
    """All of them have the address of the proxy; what they write before it is not an address."""
    access = Access(own_web.pipeline, proxy=PROXY, monotonic=lambda: 1_000.0)
    behind = browser(replace(own_web, access=access), address=PROXY.address)

    def guess(number: int, forwarded: str) -> int:
        return status(
            behind, {"Authorization": f"Bearer wrong{number}", "X-Forwarded-For": forwarded}
        )

    many = [
        guess(number, f"198.51.100.{number}, 203.0.113.7") for number in range(FREE_GUESSES + 2)
    ]

    assert many[-1] == 429, "a made-up address at the front is no other stranger"
    assert guess(100, "203.0.113.8") == 401


def test_whoever_starts_the_program_is_admin_unless_somebody_decided_otherwise(
    own_web: Web, newcomer: str
) -> None:
    first = accounts.admit_account(own_web.pipeline, "shell account")
    reviewer = accounts.admit_account(own_web.pipeline, newcomer)
    own_web.pipeline.store.people.revoke("shell account", by="test", at=SystemClock().now())

    assert (first.role, reviewer.role) == (Role.ADMIN, Role.REVIEWER)
    with pytest.raises(NotFoundError):
        accounts.admit_account(own_web.pipeline, "shell account")


def test_the_account_of_the_machine_is_asked_for_its_name_once(fresh_web: Web) -> None:
    def admitted(account: str, *answers: str) -> str:
        left = list(answers)
        return accounts.admit_account(fresh_web.pipeline, account, ask=lambda _: left.pop()).name

    named = admitted("root", " Anna  O'Berg ")
    known = admitted(load_settings().jira_pipeline_person or "root")

    assert named == known == "Anna O'Berg"
    assert current_person() == named
    assert fresh_web.pipeline.store.people.find("root") is None
    assert admitted("shell", "shell") == "shell"
    assert current_person() == named


def test_our_pages_are_there_while_dagster_starts(own_web: Web) -> None:
    early = replace(own_web, dagster=LateDagster())
    client, token = browser(early), token_of(early, EXPORTER)
    admin = token_of(early, NAMES[Role.ADMIN])

    page = client.get("/dagster/", headers=admin)

    assert status(client, token) == 200
    assert (page.status_code, page.headers["refresh"]) == (503, "3")
    assert int(page.headers["retry-after"]) > 0
    assert "still starting" in page.text
