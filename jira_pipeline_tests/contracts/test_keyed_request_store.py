"""What every KeyedRequestStore does: of two alike one is done, and its answer is remembered a day."""

from dataclasses import replace
from datetime import timedelta

from jira_pipeline.model.keyed_requests import KeyedRequest
from jira_pipeline.model.people import Role
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


def test_one_that_was_refused_is_begun_again(store: Store) -> None:
    requests = store.keyed_requests
    requests.begin(REQUEST)

    requests.forget(REQUEST)

    assert requests.find(REQUEST) is None
    assert requests.begin(REQUEST) is None


def test_of_two_that_take_over_from_a_killed_program_one_does(store: Store) -> None:
    requests, later = store.keyed_requests, timedelta(seconds=1)
    requests.begin(REQUEST)

    taken_over = requests.begin(received(after=later), instead_of=REQUEST)
    other = requests.begin(received(after=2 * later), instead_of=REQUEST)
    requests.note_answer(REQUEST, status=202, location=None, answer="too late")

    assert (taken_over, other) == (None, received(after=later))
    assert requests.find(REQUEST) == received(after=later)


def test_a_request_that_changed_something_says_so_with_that_change(store: Store) -> None:
    requests = store.keyed_requests
    requests.begin(REQUEST)
    requests.note_writes(REQUEST)

    before = requests.find(REQUEST)
    store.people.put("kim", Role.READER, by="test", at=START)
    after = requests.find(REQUEST)
    requests.note_no_writes()

    assert (before, after) == (REQUEST, replace(REQUEST, has_written=True))


def test_answers_are_forgotten_after_a_day(store: Store) -> None:
    requests = store.keyed_requests
    requests.begin(REQUEST)
    requests.note_answer(REQUEST, status=200, location=None, answer="{}")

    requests.forget_old(START + DAY)

    assert requests.begin(REQUEST) is None
