"""One table tells what became of a request: every answer and every failure has its row."""

from collections.abc import Iterator

import httpx
import pytest

from jira_pipeline.jira.client.answers import DECIDING_STATUSES, REFUSING_STATUSES
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.connection import AllAnswersTooSlowError
from jira_pipeline.model.errors import (
    AccessError,
    ErrorCategory,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.issue_tracker import Created, NothingDone, Unknown
from jira_pipeline_tests.jira.client.answered_clients import client_of, client_that_gets
from jira_pipeline_tests.tables import each

JIRA_BODY = {"errorMessages": ["No."], "errors": {}}


def client_that_fails(error: type[httpx.RequestError]) -> JiraClient:
    """A client that never gets an answer."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise error("injected", request=request)

    return client_of(fail)


def transport_errors(cls: type[httpx.TransportError]) -> Iterator[type[httpx.TransportError]]:
    for child in cls.__subclasses__():
        below = list(transport_errors(child))
        yield from below or [child]


NOT_SENT = {
    AllAnswersTooSlowError,  # raised before the request
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
}
FAILURES: list[type[httpx.RequestError]] = [
    *sorted(transport_errors(httpx.TransportError), key=lambda error: error.__name__),
    httpx.DecodingError,
]


@each("error", FAILURES, ids=lambda error: error.__name__)
def test_only_a_failure_to_connect_is_certainly_not_sent_and_a_read_is_never_in_doubt(
    error: type[httpx.RequestError],
) -> None:
    client = client_that_fails(error)

    answer = client.create_issue({}, {})
    with pytest.raises(UnavailableError) as caught:
        client.whoami()

    assert isinstance(answer, NothingDone if error in NOT_SENT else Unknown)
    assert caught.value.category is ErrorCategory.TEMPORARY


@each(
    ("status", "error"),
    [
        (400, RefusedError),
        (401, AccessError),
        (403, AccessError),
        (404, RefusedError),
        (410, RefusedError),
        (413, RefusedError),
        (422, RefusedError),
        (429, RateLimitedError),
    ],
)
def test_a_refusal_in_jiras_own_words_says_that_nothing_was_done(
    status: int, error: type[UpstreamError]
) -> None:
    answer = client_that_gets(httpx.Response(status, json=JIRA_BODY)).create_issue({}, {})

    assert isinstance(answer, NothingDone)
    assert type(answer.error) is error


@each(
    ("status", "kind"),
    [
        *((status, NothingDone) for status in sorted(DECIDING_STATUSES)),
        *((status, Unknown) for status in sorted(REFUSING_STATUSES - DECIDING_STATUSES)),
    ],
)
def test_a_refusal_in_other_words_leaves_a_doubt_unless_somebody_is_turned_away(
    status: int, kind: type[NothingDone | Unknown]
) -> None:
    page = httpx.Response(status, html="<html>a gateway</html>")

    assert isinstance(client_that_gets(page).create_issue({}, {}), kind)


@each(
    ("response", "is_believed"),
    [
        (httpx.Response(429, json=JIRA_BODY), True),
        (httpx.Response(429, headers={"RateLimit-Reason": "jira-burst-based"}), True),
        (httpx.Response(429, html="<html>a gateway</html>"), False),
        (httpx.Response(429, headers={"RateLimit-Reason": "quota"}), False),
        (httpx.Response(429, json={"message": "Slow down"}, headers={"Retry-After": "0"}), False),
        (httpx.Response(429, headers={"X-RateLimit-Remaining": "0"}), False),
    ],
)
def test_a_limit_that_jira_does_not_name_itself_may_come_after_the_deed(
    response: httpx.Response, *, is_believed: bool
) -> None:
    """A gateway limited the answer of a creation, which was sent again: two issues."""
    response.headers.setdefault("Retry-After", "7")

    answer = client_that_gets(response).create_issue({}, {})

    assert not isinstance(answer, Created)
    assert isinstance(answer, NothingDone) is is_believed
    limit = answer.error if isinstance(answer, NothingDone) else answer.limit
    assert isinstance(limit, RateLimitedError)
    assert limit.wait_seconds in {5.0, 7.0}


OTHER_STATUSES = sorted(set(range(200, 600)) - {201} - REFUSING_STATUSES)


def test_every_other_status_leaves_a_doubt() -> None:
    answers = {
        status: client_that_gets(httpx.Response(status, json=JIRA_BODY)).create_issue({}, {})
        for status in OTHER_STATUSES
    }

    assert {s: answer for s, answer in answers.items() if not isinstance(answer, Unknown)} == {}


@each(
    "content",
    [
        b"",
        b'{"id": "10001", "ke',
        b"[]",
        b"<html>signed out</html>",
        b'{"id": "10001"}',
        b'{"key": "ABC-1"}',
        b'{"id": 10001, "key": "ABC-1"}',
        b'{"id": "10001", "key": "ABC"}',
        b"\xff\xfe",
    ],
)
def test_a_creation_without_id_and_key_is_in_doubt(content: bytes) -> None:
    answer = client_that_gets(httpx.Response(201, content=content)).create_issue({}, {})

    assert isinstance(answer, Unknown)


@each(
    ("header", "seconds"),
    [("7", 7.0), ("0", 5.0), ("", 5.0), ("soon", 5.0), ("-1", 5.0), ("259200", 259_200.0)],
)
def test_the_wait_is_the_servers_own(header: str, seconds: float) -> None:
    response = httpx.Response(
        429, json=JIRA_BODY, headers={"Retry-After": header, "RateLimit-Reason": "jira-burst-based"}
    )

    with pytest.raises(RateLimitedError) as caught:
        client_that_gets(response).whoami()

    assert (caught.value.wait_seconds, caught.value.reason) == (seconds, "jira-burst-based")
    assert f"a wait of {seconds:,.0f} s before" in caught.value.message


@each(
    ("response", "error"),
    [
        (httpx.Response(200, html="<html>sign in</html>"), UnavailableError),
        (httpx.Response(200, content=b'{"accountId": "1', headers={}), UnavailableError),
        (httpx.Response(204), UnavailableError),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), RefusedError),
        (httpx.Response(401, text="no"), AccessError),
        (httpx.Response(403, json=JIRA_BODY), AccessError),
        (httpx.Response(404, json=JIRA_BODY), RefusedError),
        (httpx.Response(404, html="<html>no such site</html>"), UnavailableError),
        (httpx.Response(408), UnavailableError),
        (httpx.Response(410), RefusedError),
        (httpx.Response(500), UnavailableError),
        (httpx.Response(503), UnavailableError),
        (httpx.Response(503, headers={"Retry-After": "3"}), RateLimitedError),
    ],
    ids=lambda value: str(getattr(value, "status_code", getattr(value, "__name__", value))),
)
def test_what_a_read_gets_becomes_an_error_with_a_category(
    response: httpx.Response, error: type[UpstreamError]
) -> None:
    with pytest.raises(UpstreamError) as caught:
        client_that_gets(response).whoami()

    assert type(caught.value) is error
