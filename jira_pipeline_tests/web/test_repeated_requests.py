"""What a program sends or reads again: a key makes it be done once, a tag makes it cost nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from typing_extensions import override

from jira_pipeline.model.errors import UnavailableError
from jira_pipeline.model.keyed_requests import ABANDONED_AFTER
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import WantedRun
from jira_pipeline.review.decisions import skip
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.accounts import add_person, revoke
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.web.context import Access, Web
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, ClientOf, browser, signed_in, with_runs
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site
HERE = f"/api/sessions/{SESSION}"
GENERATE = f"{HERE}/generate"
KEY = {"Idempotency-Key": "5f8f"}


class _Unhurried(RecordedRuns):
    """Has a start take until somebody lets it end."""

    def __init__(self) -> None:
        super().__init__(is_queueing=False)
        self.has_begun = Event()
        self.may_end = Event()

    @override
    def start(self, wanted: WantedRun) -> str:
        self.has_begun.set()
        assert self.may_end.wait(30)
        return super().start(wanted)


def test_a_start_that_is_sent_again_with_its_key_is_done_once(fresh_web: Web) -> None:
    """Twice within half a minute were two runs, where the first had ended."""
    runs = RecordedRuns(is_queueing=False)
    client = signed_in(with_runs(fresh_web, runs), Role.REVIEWER)

    first, again = (client.post(GENERATE, headers=KEY) for _ in range(2))
    without = client.post(GENERATE)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (without.json()["task_id"], len(runs.wanted)) == ("run-2", 2)


def test_a_key_counts_for_one_person_and_address(fresh_web: Web) -> None:
    runs = RecordedRuns(is_queueing=False)
    web = with_runs(fresh_web, runs)
    reviewer, exporter = signed_in(web, Role.REVIEWER), signed_in(web, Role.EXPORTER)

    task_ids = {
        client.post(GENERATE, headers=KEY).json()["task_id"] for client in (reviewer, exporter)
    }
    elsewhere = reviewer.post(
        f"{HERE}/skip", json={"numbers": [1], "reason": "Built."}, headers=KEY
    )

    assert task_ids == {"run-1", "run-2"}
    assert elsewhere.status_code == 200


def test_a_key_that_comes_with_another_body_is_refused(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    numbers = {"numbers": [1]}

    first = client.post(f"{HERE}/skip", json={**numbers, "reason": "Built."}, headers=KEY)
    other = client.post(f"{HERE}/skip", json={**numbers, "reason": "Other."}, headers=KEY)

    assert first.status_code == 200
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_of_two_at_once_with_one_key_one_starts_and_the_other_waits(fresh_web: Web) -> None:
    runs = _Unhurried()
    web = with_runs(fresh_web, runs)
    one, other = signed_in(web, Role.REVIEWER), signed_in(web, Role.REVIEWER)

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(one.post, GENERATE, headers=KEY)
        assert runs.has_begun.wait(30)
        meanwhile = other.post(GENERATE, headers=KEY)
        runs.may_end.set()
        started = first.result()
    later = other.post(GENERATE, headers=KEY)

    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "request_under_way")
    assert meanwhile.headers["retry-after"] == "1"
    assert (started.status_code, later.status_code) == (202, 202)
    assert later.json() == started.json()
    assert len(runs.wanted) == 1


def test_who_may_not_do_it_any_more_is_not_answered_as_before(fresh_web: Web) -> None:
    """The stored answer of an export was given to somebody whose role had been taken away."""
    runs = RecordedRuns(is_queueing=False)
    web = with_runs(fresh_web, runs)
    client, name = signed_in(web, Role.REVIEWER), NAMES[Role.REVIEWER]
    first = client.post(GENERATE, headers=KEY)

    add_person(web.pipeline, name, Role.READER, by="test")
    demoted = client.post(GENERATE, headers=KEY)
    add_person(web.pipeline, name, Role.REVIEWER, by="test")
    again = client.post(GENERATE, headers=KEY)
    revoke(web.pipeline, name, by="test")
    revoked = client.post(GENERATE, headers=KEY)

    assert (first.status_code, again.status_code, len(runs.wanted)) == (202, 202, 1)
    assert (demoted.status_code, demoted.json()["code"]) == (403, "role_too_low")
    assert "task_id" not in demoted.json()
    assert (revoked.status_code, revoked.json()["code"]) == (401, "not_signed_in")


def test_a_key_is_forgotten_after_a_day_by_the_clock_of_the_project(fresh_web: Web) -> None:
    runs, clock = RecordedRuns(is_queueing=False), MovableClock()
    pipeline = replace(fresh_web.pipeline, clock=clock)
    client = signed_in(with_runs(replace(fresh_web, pipeline=pipeline), runs), Role.REVIEWER)

    task_ids = []
    for hours in (0, 23, 2):
        clock.ahead += timedelta(hours=hours)
        task_ids.append(client.post(GENERATE, headers=KEY).json()["task_id"])

    assert task_ids == ["run-1", "run-1", "run-2"]


def test_a_key_counts_at_every_program_of_one_store(fresh_web: Web) -> None:
    """Two that serve one store did one request each; the daemon beside them forgets old ones alone."""
    runs = _Unhurried()
    one = signed_in(with_runs(fresh_web, runs), Role.REVIEWER)
    with opened_again(fresh_web) as beside:
        other = browser(with_runs(beside, RecordedRuns(is_queueing=False)))
        other.cookies = one.cookies
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(one.post, GENERATE, headers=KEY)
            assert runs.has_begun.wait(30)
            beside.pipeline.store.keyed_requests.forget_old(beside.pipeline.clock.now())
            meanwhile = other.post(GENERATE, headers=KEY)
            runs.may_end.set()
            started = first.result()
        later = other.post(GENERATE, headers=KEY)

    assert meanwhile.json()["code"] == "request_under_way"
    assert (later.status_code, later.json()) == (202, started.json())


@contextmanager
def opened_again(web: Web) -> Iterator[Web]:
    """Open the store of a program once more, as another program does."""
    pipeline = open_pipeline(web.pipeline.settings)
    with pipeline.store:
        yield replace(web, pipeline=pipeline, access=Access(pipeline))


def test_a_slow_request_is_no_abandoned_one(fresh_web: Web) -> None:
    """One that took longer than two minutes was done a second time beside it."""
    runs, clock = _Unhurried(), MovableClock()
    pipeline = replace(fresh_web.pipeline, clock=clock)
    web = with_runs(replace(fresh_web, pipeline=pipeline), runs)
    one, other = signed_in(web, Role.REVIEWER), signed_in(web, Role.REVIEWER)

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(one.post, GENERATE, headers=KEY)
        assert runs.has_begun.wait(30)
        clock.ahead = 2 * ABANDONED_AFTER
        meanwhile = other.post(GENERATE, headers=KEY)
        runs.may_end.set()
        first.result()

    assert (meanwhile.json()["code"], len(runs.wanted)) == ("request_under_way", 1)


def test_what_was_refused_is_done_once_nothing_refuses_it_any_more(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    session = open_session(fresh_web.pipeline, SESSION)

    refused = client.post(f"{HERE}/unskip", json={"numbers": [99]}, headers=KEY)
    skip(session, numbers=[1], reason="Built.", by="test")
    unskipped = client.post(f"{HERE}/unskip", json={"numbers": [1]}, headers=KEY)

    assert (refused.status_code, unskipped.status_code) == (404, 200)


def test_a_key_is_a_key(client_of: ClientOf) -> None:
    client = client_of(Role.REVIEWER)

    for key in ("", "x" * 256):
        refused = client.post(GENERATE, headers={"Idempotency-Key": key})
        assert refused.status_code == 422


def test_an_answer_that_has_not_changed_is_not_sent_again(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.READER)

    first = client.get(HERE)
    tag = first.headers["etag"]
    known = [
        client.get(HERE, headers={"If-None-Match": value}).status_code
        for value in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*", '"other"')
    ]
    skip(open_session(fresh_web.pipeline, SESSION), numbers=[1], reason="Built.", by="test")
    changed = client.get(HERE, headers={"If-None-Match": tag})

    assert known == [304, 304, 304, 304, 200]
    assert client.get(HERE, headers={"If-None-Match": "*"}).content == b""
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)


def test_errors_are_read_back_to_the_first_one(fresh_web: Web) -> None:
    """Those before the newest 500 could not be read."""
    client, pipeline = signed_in(fresh_web, Role.READER), fresh_web.pipeline
    for word in ("one", "two", "three"):
        error = UnavailableError(f"Jira does not answer: {word}.", recovery_actions=("Wait.",))
        pipeline.store.errors.record(
            error, session_key=SESSION, stage="jira_export", at=pipeline.clock.now()
        )

    newest = client.get(f"{HERE}/processing/errors", params={"limit": 2}).json()
    rest = client.get(
        f"{HERE}/processing/errors", params={"limit": 2, "before": newest["next_before"]}
    ).json()

    words = [error["message"].split()[-1] for error in [*rest["errors"], *newest["errors"]]]
    assert words == ["one.", "two.", "three."]
    assert (rest["total"], rest["next_before"]) == (3, None)
