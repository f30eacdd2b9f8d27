"""What every KeyedRequestStore does: of two alike one is done, and its answer is remembered a day."""

from dataclasses import replace
from datetime import timedelta

from jira_pipeline.model.keyed_requests import ABANDONED_AFTER, KeyedRequest
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START

REQUEST = KeyedRequest(scope_sha256="a", content_sha256="b", received_at=START)
DAY = timedelta(days=1)


def received(*, after: timedelta) -> KeyedRequest:
    return replace(REQUEST, received_at=START + after)


def test_the_second_of_two_alike_gets_the_first_and_then_its_answer(store: Store) -> None:
    requests = store.keyed_requests

    begun = [requests.begin(REQUEST), requests.begin(received(after=timedelta(seconds=1)))]
    requests.note_answer(REQUEST, status=202, location="/x", answer="{}")
    answered = requests.begin(received(after=DAY - timedelta(seconds=1)))

    assert begun == [None, REQUEST]
    assert answered == replace(REQUEST, status=202, location="/x", answer="{}")
    assert requests.begin(received(after=DAY)) is None


def test_one_that_was_refused_or_abandoned_is_begun_again(store: Store) -> None:
    requests = store.keyed_requests
    requests.begin(REQUEST)

    requests.forget(REQUEST)
    again = requests.begin(REQUEST)
    abandoned = requests.begin(received(after=ABANDONED_AFTER))
    requests.note_answer(REQUEST, status=202, location=None, answer="too late")

    assert (again, abandoned) == (None, None)
    assert requests.begin(received(after=ABANDONED_AFTER)) == received(after=ABANDONED_AFTER)


def test_answers_are_forgotten_after_a_day(store: Store) -> None:
    requests = store.keyed_requests
    requests.begin(REQUEST)
    requests.note_answer(REQUEST, status=200, location=None, answer="{}")

    requests.forget_old(START + DAY)

    assert requests.begin(REQUEST) is None
