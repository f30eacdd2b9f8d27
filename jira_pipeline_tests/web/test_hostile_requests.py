"""Pages of others, other names for this host, and spellings of a path get nothing and nowhere."""

import socket
from collections.abc import Iterator

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.web.application import guarded_web
from jira_pipeline.web.context import Web
from jira_pipeline_tests.jira.sandbox.served_sandboxes import serving
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import NAMES, ClientOf, signed_in

pytestmark = pytest.mark.small_site

HOSTILE = {
    "another origin": {"Origin": "https://attacker.example"},
    "another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "a name that leads here (DNS rebinding)": {"Host": "attacker.example:3000"},
}
"""One of each kind, through the whole application; `guard/test_rules` has all."""
WRITES = ("/sign-in", "/sign-out", "/api/sessions/museum/export", "/dagster/graphql")


@each("headers", HOSTILE.values(), ids=HOSTILE)
@each("path", WRITES)
def test_a_page_of_others_changes_nothing(
    client_of: ClientOf, path: str, headers: dict[str, str]
) -> None:
    assert client_of(Role.ADMIN).post(path, headers=headers, json={}).status_code == 403


@each("headers", HOSTILE.values(), ids=HOSTILE)
def test_a_page_of_others_reads_nothing(client_of: ClientOf, headers: dict[str, str]) -> None:
    for path in ("/", "/api/writer/health", "/dagster/", "/static/web.css"):
        answer = client_of(Role.ADMIN).get(path, headers=headers)

        assert answer.status_code == 403
        assert "museum" not in answer.text


@each(
    "headers",
    [
        {"X-Forwarded-Host": "attacker.example"},
        {"Forwarded": "host=attacker.example"},
        {"X-Forwarded-Prefix": "/dagster"},
        {"X-Original-URL": "/dagster/"},
        {"X-Rewrite-URL": "/dagster/"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_headers_of_proxies_lead_nowhere_else(client_of: ClientOf, headers: dict[str, str]) -> None:
    answer = client_of(Role.READER).get("/", headers=headers)

    assert (answer.status_code, "attacker.example" in answer.text) == (200, False)
    assert "<h1>Sites</h1>" in answer.text


@each("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
def test_nothing_but_a_post_signs_in_or_out(client_of: ClientOf, method: str) -> None:
    answer = client_of(None).request(method, "/sign-out")

    assert answer.status_code == 405


@pytest.fixture(scope="module")
def port(web: Web) -> Iterator[int]:
    """Where it is served as `serve` does: only a real server shows what paths become."""
    with serving(guarded_web(web), proxy_headers=False) as address:
        yield int(address.rpartition(":")[2])


@pytest.fixture(scope="module")
def cookies(web: Web) -> dict[Role, str]:
    name = web.access.cookie_name
    return {role: f"{name}={signed_in(web, role).cookies[name]}" for role in Role}


def raw_status(port: int, target: str, cookie: str) -> tuple[int, str]:
    """Send a request line as it is written here; return status and body."""
    return raw_answer(
        port, f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
    )


def raw_answer(port: int, head: str) -> tuple[int, str]:
    """Send a request as it is written here, without a body; return the first status and the rest."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode("latin-1"))
        answer = b""
        while part := connection.recv(65_536):
            answer += part
            if answer.startswith(b"HTTP/1.1 100"):
                break
    answer_head, _, body = answer.partition(b"\r\n\r\n")
    return int(answer_head.split()[1]), body.decode("utf-8", "replace")


TO_DAGSTER = (
    "/dagster",
    "/dagster/",
    "/dagster//graphql",
    "/dagster/../dagster/",
    "/dagster/%2e%2e/api/writer/health",
    "/dagster/..%2f",
    "/dagster%2fgraphql",
    "/%64agster/graphql",
    "/d%61gster%2Fgraphql",
    "/dagster/graphql;x",
    "http://127.0.0.1/dagster/",
)
ELSEWHERE = (
    "//dagster/graphql",
    "/./dagster/graphql",
    "/x/../dagster/graphql",
    "/static/../dagster/graphql",
    "/static/..%2fdagster/graphql",
    "/Dagster/graphql",
    "/DAGSTER/graphql",
    "/dagster;/graphql",
    "/dagster%00/graphql",
    "/dagster\\graphql",
    "/dagster%5cgraphql",
    "/%2564agster/graphql",
    "/dagster%252fgraphql",
    "/dagsterx",
    "/\u017fdagster".encode().decode("latin-1"),
    "/static/../application.py",
    "/static/..%2fapplication.py",
    "/static/%2e%2e/x.py",
)


@each("target", TO_DAGSTER)
def test_every_spelling_that_reaches_dagster_is_for_admins(
    port: int, cookies: dict[Role, str], target: str
) -> None:
    found = {role: raw_status(port, target, cookies[role])[0] for role in Role}

    assert found.pop(Role.ADMIN) == (307 if target == "/dagster" else 200)
    assert set(found.values()) == {403}
    assert raw_status(port, target, "")[0] == 401


@each("target", ELSEWHERE)
def test_other_spellings_reach_nothing_even_for_admins(
    port: int, cookies: dict[Role, str], target: str
) -> None:
    status, body = raw_status(port, target, cookies[Role.ADMIN])

    assert status in {400, 404}
    assert '"path"' not in body, "Dagster answered"


@each(
    ("target", "kind"),
    [
        ("/sessions/museum/questions/upload", "multipart/form-data; boundary=x"),
        ("/api/jira/validate-project", "application/json"),
        ("/upload", "multipart/form-data; boundary=x"),
        ("/sessions/museum/tickets", "application/x-www-form-urlencoded"),
        ("/dagster/graphql", "application/json"),
        ("/nowhere", "application/json"),
    ],
)
def test_no_body_is_read_of_somebody_unknown(port: int, target: str, kind: str) -> None:
    """The framework reads a form before it asks who sent it: strangers filled memory and disk.

    A server says `100 Continue` when a body is wanted.
    """
    assert status_of_body(port, target, kind, "Content-Length: 4000000") == 401
    assert status_of_body(port, target, kind, "Transfer-Encoding: chunked") == 401


def test_signing_in_takes_a_link_and_no_more(port: int) -> None:
    kind = "application/x-www-form-urlencoded"

    assert status_of_body(port, "/sign-in", kind, "Content-Length: 4000") == 100
    assert status_of_body(port, "/sign-in", kind, "Content-Length: 1000000") == 413


def status_of_body(port: int, target: str, kind: str, length: str) -> int:
    """Announce a body; return what is answered before any of it is sent."""
    head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\n"
    return raw_answer(port, f"{head}Expect: 100-continue\r\n{length}\r\n")[0]


def test_dagster_learns_who_asks_and_nobody_can_change_that(client_of: ClientOf) -> None:
    forged = {"X-Jira-Pipeline-Person": "somebody", "x-jira-pipeline-PERSON": "somebody"}

    seen = client_of(Role.ADMIN).get("/dagster/runs", headers=forged).json()

    assert seen["path"] == "/dagster/runs"
    assert seen["headers"]["x-jira-pipeline-person"] == NAMES[Role.ADMIN].replace("@", "%40")
    assert "somebody" not in str(seen)
