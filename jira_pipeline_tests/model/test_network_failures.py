"""What people read of a request without an answer: whatever failed, no name of an exception."""

import ssl
from collections.abc import Iterator

import httpx
import httpx2

from jira_pipeline.jira.client.answers import error_of_failure
from jira_pipeline.jira.client.connection import (
    AllAnswersTooSlowError,
    AnswerTooLargeError,
    AnswerTooSlowError,
)
from jira_pipeline.model.network_failures import failure_text
from jira_pipeline_tests.tables import each

OURS = (AllAnswersTooSlowError, AnswerTooLargeError, AnswerTooSlowError)


def with_subclasses(cls: type[Exception]) -> Iterator[type[Exception]]:
    yield cls
    for subclass in cls.__subclasses__():
        yield from with_subclasses(subclass)


def failures() -> list[Exception]:
    """One of each error of both packages of clients, and of ours."""
    classes: list[type[Exception]] = [*with_subclasses(httpx.HTTPError), *OURS]
    classes += with_subclasses(httpx2.HTTPError)
    made = []
    for cls in dict.fromkeys(classes):
        error = cls.__new__(cls)
        error.args = ("[Errno 111] Connection refused",)
        made.append(error)
    return made


@each("error", failures(), ids=lambda error: type(error).__module__ + type(error).__name__)
def test_no_failure_shows_the_name_of_an_exception(error: Exception) -> None:
    names = [cls.__name__ for cls in type(error).__mro__ if cls is not object]

    said = failure_text(error)
    told = [
        error_of_failure(error, action="Asking", site_url="https://a", is_write=is_write).message
        for is_write in (True, False)
        if isinstance(error, httpx.HTTPError)
    ]

    assert said[0].islower()
    assert not [name for name in names for text in (said, *told) if name in text]
    assert not [text for text in (said, *told) if "Errno" in text]


@each(
    ("error", "words"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "no connection: Connection refused"),
        (httpx.ConnectError(""), "no connection"),
        (httpx.ReadTimeout("timed out"), "no answer came in time"),
        (
            httpx.ConnectError(
                str(ssl.SSLCertVerificationError(1, "[SSL: BAD] expired (_ssl.c:9)"))
            ),
            "no connection: expired",
        ),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            "the answer broke off: Server disconnected without sending a response",
        ),
        (OSError("odd"), "the request failed: odd"),
    ],
)
def test_the_words_of_the_system_are_kept_where_they_say_more(error: Exception, words: str) -> None:
    assert failure_text(error) == words
