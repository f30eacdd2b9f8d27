"""What a browser says of a request decides whether it may pass."""

from hypothesis import given, strategies as st

from jira_pipeline.web.guard import LOOPBACK_NAMES, refusal_of
from jira_pipeline_tests.tables import each

HOST = ("host", "127.0.0.1:3000")
SAME_ORIGIN = ("origin", "http://127.0.0.1:3000")
JSON = ("content-type", "application/json")
OPENED = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"))


def judged(
    *headers: tuple[str, str],
    method: str = "GET",
    path: str = "/runs",
    query: bytes = b"",
    is_websocket: bool = False,
    trusted_names: frozenset[str] = LOOPBACK_NAMES,
) -> str | None:
    about = {"type": "websocket"} if is_websocket else {"type": "http", "method": method}
    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {**about, "path": path, "query_string": query, "headers": raw}
    return refusal_of(scope, trusted_names)


PASSED = {
    "an address typed": judged(HOST, ("sec-fetch-site", "none"), *OPENED),
    "a program": judged(HOST),
    "another loopback name": judged(("host", "localhost:3000")),
    "IPv6": judged(("host", "[::1]:3000")),
    "no port": judged(("host", "localhost")),
    "our own page": judged(HOST, ("sec-fetch-site", "same-origin")),
    "a link on another page": judged(HOST, ("sec-fetch-site", "cross-site"), *OPENED),
    "our query": judged(
        HOST, SAME_ORIGIN, JSON, ("sec-fetch-site", "same-origin"), method="POST", path="/graphql"
    ),
    "a query of a program": judged(HOST, JSON, method="POST", path="/graphql"),
    "the page for queries": judged(HOST, path="/graphql"),
    "our subscription": judged(HOST, SAME_ORIGIN, path="/graphql", is_websocket=True),
    "a proxy with TLS": judged(HOST, ("origin", "https://127.0.0.1:3000")),
    "a trusted name with its own origin": judged(
        ("host", "Dagster.Example.org"),
        ("origin", "https://dagster.example.org"),
        JSON,
        method="POST",
        path="/graphql",
        trusted_names=frozenset({"dagster.example.org"}),
    ),
}
REFUSED = {
    "another name for us": judged(("host", "attacker.example:3000")),
    "a name that begins like ours": judged(("host", "localhost.attacker.example")),
    "no name": judged(),
    "two names": judged(HOST, ("host", "localhost")),
    "another origin": judged(HOST, ("origin", "https://attacker.example"), JSON, method="POST"),
    "another port of ours": judged(HOST, ("origin", "http://127.0.0.1:8765"), method="POST"),
    "another spelling of us": judged(HOST, ("origin", "http://localhost:3000"), method="POST"),
    "a page without origin": judged(HOST, ("origin", "null"), method="POST"),
    "an origin that is none": judged(HOST, ("origin", "http://[::1"), method="POST"),
    "a file": judged(HOST, ("origin", "file://127.0.0.1:3000"), method="POST"),
    "another site": judged(HOST, ("sec-fetch-site", "cross-site")),
    "a page of this machine": judged(HOST, ("sec-fetch-site", "same-site")),
    "a frame": judged(
        HOST,
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
    ),
    "a form on another page": judged(
        HOST, ("sec-fetch-site", "cross-site"), *OPENED, method="POST", path="/report_asset/a"
    ),
    "a link to a query": judged(HOST, ("sec-fetch-site", "cross-site"), *OPENED, path="/graphql"),
    "a host behind a user": judged(("host", "localhost:80@evil.example")),
    "a query as GraphQL": judged(
        HOST, ("content-type", "application/graphql"), method="POST", path="/graphql"
    ),
    "a query in an address": judged(HOST, path="/graphql", query=b"query="),
    "a query in an address, posted": judged(
        HOST, JSON, method="POST", path="/graphql", query=b"query="
    ),
    "a form that is a query": judged(
        HOST,
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        method="POST",
        path="/graphql",
    ),
    "text that is a query": judged(
        HOST, ("content-type", "text/plain"), method="POST", path="/graphql/"
    ),
    "a query without a type": judged(HOST, method="POST", path="/graphql"),
    "a subscription of another page": judged(
        HOST, ("origin", "https://attacker.example"), path="/graphql", is_websocket=True
    ),
    "a subscription of another site": judged(
        HOST, ("sec-fetch-site", "cross-site"), *OPENED, path="/runs", is_websocket=True
    ),
    "another page asking first": judged(
        HOST, ("origin", "https://attacker.example"), method="OPTIONS", path="/graphql"
    ),
}


@each("case", PASSED)
def test_our_own_pages_people_and_programs_pass(case: str) -> None:
    assert PASSED[case] is None


@each("case", REFUSED)
def test_what_pages_of_others_send_is_refused(case: str) -> None:
    assert REFUSED[case] is not None


@given(
    site=st.sampled_from(["cross-site", "same-site", "new-word", ""]),
    method=st.sampled_from(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    path=st.text(st.characters(codec="ascii"), max_size=20),
)
def test_nothing_that_changes_something_passes_from_another_site(
    site: str, method: str, path: str
) -> None:
    assert judged(HOST, ("sec-fetch-site", site), *OPENED, JSON, method=method, path=path)
