"""What every ExportRunStore does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.runs import RunRequest
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.work_records import Retried
from jira_pipeline.store.store import Store
from jira_pipeline.store.versions import have_requests_claimed
from jira_pipeline_tests.contracts.stored_values import START, STEP, after, an_upload

KINDS: tuple[Retried, ...] = ("generation", "export")
TARGET = STEP.target_id


@pytest.fixture(autouse=True)
def _sessions(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.sessions.register(an_upload("other"), at=START, actor="ab")


def test_steps_are_those_of_a_session_and_target_or_the_latest_of_all_sessions(
    store: Store,
) -> None:
    ours = store.export_runs.record(STEP)
    other = store.export_runs.record(replace(STEP, session_key="other"))
    store.export_runs.record(replace(STEP, target_id="elsewhere/1"))
    last = store.export_runs.record(STEP)

    with pytest.raises(NotFoundError, match="'nowhere'"):
        store.export_runs.record(replace(STEP, session_key="nowhere"))

    assert 0 < ours.step_id < other.step_id < last.step_id
    assert replace(ours, step_id=0) == STEP
    assert (ours, last) == store.export_runs.steps("site", target_id=TARGET)
    assert store.export_runs.latest_steps(TARGET, limit=2) == (last, other)


def test_retries_are_counted_for_each_session_and_audited(store: Store) -> None:
    counts = [
        store.run_requests.add_retry("site", by="cd", at=after(1), is_forced=is_forced)
        for is_forced in (False, True)
    ]

    entries = [e for e in store.audit.entries("site") if e.action == "export_retried"]
    assert counts == [1, 2]
    assert store.run_requests.retry_count("site") == 2
    assert store.run_requests.retry_count("other") == 0
    assert [(e.actor, e.details) for e in entries] == [
        ("cd", {"attempt": 1, "is_forced": False}),
        ("cd", {"attempt": 2, "is_forced": True}),
    ]


@pytest.mark.parametrize(
    ("stage", "is_undone", "of_generation", "of_export"),
    [
        (SessionStage.UPLOAD, False, 1, 1),
        (SessionStage.PROCESSING, False, 1, 1),
        (SessionStage.REVIEW, False, 0, 1),
        (SessionStage.REVIEW, True, 0, 0),
        (SessionStage.JIRA_EXPORT, False, 1, 1),
        (SessionStage.COMPLETED, False, 0, 0),
    ],
)
def test_retries_are_forgotten_when_what_was_begun_is_over(
    store: Store, stage: SessionStage, of_generation: int, of_export: int, *, is_undone: bool
) -> None:
    """A validation forgot those of an export that had issues in Jira: the limit wore off."""
    for what in KINDS:
        store.run_requests.add_retry("site", by="cd", at=after(1), is_forced=False, what=what)

    store.sessions.set_stage(
        "site", stage=stage, status=SessionStatus.IDLE, at=after(2), is_undone=is_undone
    )

    counts = [store.run_requests.retry_count("site", what=what) for what in KINDS]
    assert counts == [of_generation, of_export]


def test_a_run_is_asked_for_once_and_waits_until_it_began_or_was_cancelled(store: Store) -> None:
    config = {"ops": {"jira_issues": {"config": {"update": True, "leave": [3]}}}}

    def asked(task_id: str, *, session_key: str = "site") -> RunRequest:
        return store.run_requests.request(
            session_key,
            job_name="export_to_jira",
            run_config=config,
            task_id=task_id,
            by="ab",
            at=START,
        )

    first, again, other = asked("t1"), asked("t2"), asked("t3", session_key="other")
    store.run_requests.cancel("t3", at=after(1))
    cancelled = store.run_requests.find("t3")
    waiting = store.run_requests.waiting()
    store.run_requests.mark_started(first.request_id, at=after(2))

    assert again == first == store.run_requests.find("t1")
    assert first.run_config == config
    assert waiting == store.run_requests.of_session("site") == (first,)
    assert cancelled == replace(other, cancelled_at=after(1))
    assert store.run_requests.unstarted() == (cancelled,)
    assert asked("t4").task_id == "t4"


def request_of(store: Store) -> RunRequest:
    return store.run_requests.request(
        "site", job_name="export_to_jira", task_id="t1", by="ab", at=START
    )


def test_a_request_is_claimed_by_one_until_a_minute_is_over(store: Store) -> None:
    requests = store.run_requests
    request_id = request_of(store).request_id

    def claim(by: str, *, minutes: float) -> bool:
        return requests.claim(request_id, by=by, at=START + timedelta(minutes=minutes))

    claims = [claim("here", minutes=0), claim("there", minutes=0.9), claim("here", minutes=0.9)]
    after_a_minute = [claim("there", minutes=1), claim("here", minutes=1)]
    requests.cancel("t1", at=after(1))

    assert claims == [True, False, False]
    assert after_a_minute == [True, False]
    assert not claim("there", minutes=9)


def test_a_request_has_one_run_and_none_once_it_was_cancelled(store: Store) -> None:
    """Whoever launches it, and however late: it is bound as its run is queued."""
    requests = store.run_requests
    request_of(store)

    bound = [requests.bind("t1", run_id=run_id) for run_id in ("run 0", "run 1", "run 0")]
    of_a_lost_dagster = requests.bind("t1", run_id="run 1", instead_of="run 0")
    late = requests.bind("t1", run_id="run 2", instead_of="run 0")
    requests.cancel("t1", at=after(1))
    after_cancelling = requests.bind("t1", run_id="run 1")

    found = requests.find("t1")
    assert found is not None
    assert (bound, of_a_lost_dagster, late) == ([True, False, True], True, False)
    assert found.run_id == "run 1"
    assert not after_cancelling
    assert not requests.bind("of a session that was removed", run_id="run 3")


def test_a_request_of_an_older_version_is_claimed_and_bound_as_a_new_one(store: Store) -> None:
    request = request_of(store)
    with store.database.writing() as connection:
        for name in ("run_id", "claimed_at", "claimed_by"):
            connection.execute(text(f"ALTER TABLE run_requests DROP COLUMN {name}"))
        have_requests_claimed(connection)

    assert store.run_requests.unstarted() == (request,)
    assert store.run_requests.claim(request.request_id, by="sensor", at=after(1))
    assert store.run_requests.bind("t1", run_id="run 1")
