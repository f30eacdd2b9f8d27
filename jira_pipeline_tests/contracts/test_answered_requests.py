"""What every store remembers of requests with an Idempotency-Key."""

from dataclasses import replace

import pytest

from jira_pipeline.kernel.records import AnsweredRequest
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import after

ANSWERED = AnsweredRequest(
    caller="kim",
    idempotency_key="k-1",
    request_sha256="a" * 64,
    status_code=202,
    headers={"ETag": '"2"'},
    body='{"said": "Übung"}',
    at=after(1),
)


def test_the_first_answer_of_a_key_stays(store: Store) -> None:
    requests = store.answered_requests

    first = requests.keep(ANSWERED)
    second = requests.keep(replace(ANSWERED, body="{}", at=after(2)))

    assert ANSWERED == first == second == requests.find("kim", "k-1")


@pytest.mark.parametrize(("caller", "key"), [("ab", "k-1"), ("kim", "k-2")])
def test_another_caller_or_key_is_another_request(store: Store, caller: str, key: str) -> None:
    store.answered_requests.keep(ANSWERED)

    assert store.answered_requests.find(caller, key) is None


def test_an_answer_is_forgotten_at_its_time(store: Store) -> None:
    store.answered_requests.keep(ANSWERED)
    store.answered_requests.keep(replace(ANSWERED, idempotency_key="k-2", at=after(3)))

    assert store.answered_requests.forget(until=after(1)) == 1
    assert store.answered_requests.find("kim", "k-1") is None
    assert store.answered_requests.find("kim", "k-2") is not None
