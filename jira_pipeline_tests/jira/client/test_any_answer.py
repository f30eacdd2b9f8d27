"""Whatever a server answers, the client tells it in the words of the domain, and soon."""

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from typing_extensions import override

from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.connection import (
    ANSWER_MAX_BYTES,
    ANSWER_TIMEOUTS_MAX,
    API,
    AnswerTooSlowError,
    Call,
    JiraConnection,
    TimeBudget,
)
from jira_pipeline.jira.client.exchange import REASON_MAX_CHARS
from jira_pipeline.model.errors import ErrorCategory, UnavailableError, UpstreamError
from jira_pipeline.model.issue_tracker import NothingDone, Unknown
from jira_pipeline_tests.jira.client.answered_clients import SITE, impatient_client_of
from jira_pipeline_tests.jira.client.test_client import READS, WRITES
from jira_pipeline_tests.long_form import examples

MYSELF = Call(method="GET", path=f"{API}/myself", action="Asking")


CALLS = (*WRITES, *READS)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("errorMessages", "errors", "issues", "id", "key", "values", "isLast"),
                    *("elementErrors", "failedElementNumber", "status", "baseUrl", "fields"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
BODIES = st.one_of(
    st.binary(max_size=40),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"[" * 100_000, b'{"errors":' * 50_000, b'{"id": ' + b"9" * 5_000 + b"}"]),
)
TIMES = st.sampled_from(
    [
        *("0", "1", "29", "31", "99999999999", "-1", "soon", "\u0663", "1e3"),
        *("2026-03-04T05:06:07Z", "2026-03-04", "0001-01-01T00:00:00+23:59"),
        *("Wed, 04 Mar 2026 05:06:07 GMT", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"),
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Retry-After": TIMES,
        "X-RateLimit-Reset": TIMES,
        "Date": TIMES,
        "X-RateLimit-Remaining": st.sampled_from(["0", "-1", "many"]),
        "X-RateLimit-NearLimit": st.sampled_from(["true", "TRUE", "no"]),
        "RateLimit-Reason": st.sampled_from(
            ["jira-burst-based", "jira-per-issue-on-write", "jira-quota-global-based", "?"]
        ),
        "Content-Type": st.sampled_from(["application/json", "text/html; charset=none"]),
        "Content-Encoding": st.sampled_from(["gzip", "deflate", "br", "identity"]),
        "Location": st.sampled_from(["https://elsewhere.example/", "//", "/rest/api/3/myself"]),
    },
)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(status=st.integers(200, 599), headers=HEADERS, body=BODIES, call=st.sampled_from(CALLS))
def test_no_answer_makes_the_client_fail_in_other_than_its_own_words(
    status: int, headers: dict[str, str], body: bytes, call: Callable[[JiraClient], object]
) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        return httpx.Response(status, headers=encoded, stream=httpx.ByteStream(body))

    client = impatient_client_of(answer)
    try:
        call(client)
    except UpstreamError as error:
        assert error.message  # noqa: PT017 - most calls answer, and some of them with an error


class Endless(httpx.SyncByteStream):
    """A body that goes on for ever, and counts what was taken of it."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece
        self.taken_bytes = 0
        self.is_closed = False

    @override
    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.taken_bytes += len(self._piece)
            yield self._piece

    @override
    def close(self) -> None:
        self.is_closed = True


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    bodies: list[Endless] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        bodies.append(Endless(b" " * 1_000_000))
        return httpx.Response(200, stream=bodies[-1])

    with pytest.raises(UnavailableError, match="more than 32000000 bytes"):
        impatient_client_of(answer).whoami()

    assert max(body.taken_bytes for body in bodies) < ANSWER_MAX_BYTES + 2_000_000
    assert all(body.is_closed for body in bodies)


def test_the_size_is_counted_unpacked() -> None:
    packed = gzip.compress(b" " * (ANSWER_MAX_BYTES + 1))

    def answer(_request: httpx.Request) -> httpx.Response:
        headers = {"Content-Encoding": "gzip"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(packed))

    with pytest.raises(UnavailableError, match="more than 32000000 bytes"):
        impatient_client_of(answer).whoami()


def test_a_creation_whose_answer_has_no_end_is_in_doubt() -> None:
    answer = impatient_client_of(
        lambda _request: httpx.Response(201, stream=Endless(b" " * 1_000_000))
    ).create_issue({}, {})

    assert isinstance(answer, Unknown)


def test_an_answer_that_trickles_is_given_up() -> None:
    """Every piece comes in time, so no timeout of httpx ever strikes."""
    seconds = iter(range(0, 1_000_000, 9))
    connection = JiraConnection(
        SITE,
        auth=None,
        transport=httpx.MockTransport(lambda _r: httpx.Response(200, stream=Endless(b"x"))),
        timeout_seconds=10.0,
        connect_timeout_seconds=10.0,
        monotonic=lambda: float(next(seconds)),
    )

    with pytest.raises(AnswerTooSlowError, match=f"more than {10 * ANSWER_TIMEOUTS_MAX} s"):
        connection.send(MYSELF)


def test_slow_answers_together_take_no_longer_than_somebody_waits() -> None:
    """Each request had its own limit: a plan at a site of nine seconds each took minutes."""
    now = 0.0
    timeouts: list[float] = []

    def answer_slowly(request: httpx.Request) -> httpx.Response:
        nonlocal now
        timeouts.append(request.extensions["timeout"]["read"])
        now += 9.0
        return httpx.Response(200, json={"accountId": "ada", "displayName": "Ada"})

    budget = TimeBudget(20.0, monotonic=lambda: now)
    first, second = (
        JiraClient(
            SITE,
            auth=("a@b.example", "token"),
            transport=httpx.MockTransport(answer_slowly),
            timeout_seconds=10.0,
            budget=budget,
            monotonic=lambda: now,
        )
        for _ in range(2)
    )

    for client in (first, first, second):
        client.whoami()
    with pytest.raises(UnavailableError, match="took more than 20 s in total") as refused:
        second.whoami()

    assert timeouts == [10.0, 10.0, 2.0]
    assert refused.value.category is ErrorCategory.TEMPORARY
    assert second.request_counts() == {"GET /rest/api/3/myself": 1}


def test_every_phase_of_every_request_has_a_timeout() -> None:
    seen: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(400, json={"errorMessages": ["No."]})

    client = JiraClient(
        SITE,
        transport=httpx.MockTransport(answer),
        timeout_seconds=20.0,
        connect_timeout_seconds=3.0,
    )
    for call in CALLS:
        try:
            call(client)
        except UpstreamError:
            continue

    assert len(seen) == len(CALLS)
    expected = {"connect": 3.0, "read": 20.0, "write": 20.0, "pool": 20.0}
    assert [one for one in seen if one != expected] == []


def test_a_page_of_text_is_cut_and_no_half_token_is_left_at_the_cut() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        long = f"{'x' * (REASON_MAX_CHARS - 60)} {request.headers['Authorization']} {'y' * 5_000}"
        return httpx.Response(400, json={"errorMessages": [long], "errors": {"labels": long}})

    refused = impatient_client_of(answer).create_issue({}, {})

    assert isinstance(refused, NothingDone)
    texts = [refused.reason, *refused.field_errors.values()]
    assert [len(text) for text in texts] == [REASON_MAX_CHARS + 2] * 2
    assert not any("YUBiLm" in text for text in texts)
