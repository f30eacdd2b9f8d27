"""What the end of a run means for its session."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jira_pipeline.context.ended_runs import close_ended
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_statuses import EndedRun, RunEnd, notification_for, status_after
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.runs import RunEvent, UnexpectedFailure
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, after, an_upload

LATER = after(60)


@pytest.fixture
def session_store(pipeline: Pipeline) -> Store:
    store = pipeline.store
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.sessions.mark_generated("site", from_sha256=an_upload().content_sha256, at=START)
    store.sessions.set_stage(
        "site",
        stage=SessionStage.JIRA_EXPORT,
        status=SessionStatus.RUNNING,
        at=after(1),
        run_id="r1",
    )
    return store


def ended(end: RunEnd, run_id: str = "r1") -> EndedRun:
    return EndedRun(run_id=run_id, end=end, ended_at=LATER)


CASES = [
    # status of the session, its run, how the run ended, whether it said why, what follows
    ("running", "r1", RunEnd.FAILED, False, "failed"),
    ("running", "r1", RunEnd.CANCELLED, False, "cancelled"),
    ("running", "r1", RunEnd.DIED, False, "failed"),
    ("waiting", "r1", RunEnd.FAILED, True, None),
    ("waiting", "r1", RunEnd.FAILED, False, "failed"),
    ("waiting", "r1", RunEnd.NOT_STARTED, False, "failed"),
    ("idle", "r2", RunEnd.NOT_STARTED, False, "failed"),
    ("waiting", "r1", RunEnd.CANCELLED, True, "cancelled"),
    ("waiting", "r1", RunEnd.DIED, True, "failed"),
    ("failed", "r1", RunEnd.FAILED, True, None),
    ("cancelled", "r1", RunEnd.CANCELLED, False, None),
    ("completed", "r1", RunEnd.CANCELLED, False, None),
    ("completed", "r1", RunEnd.DIED, False, None),
    ("running", "r2", RunEnd.FAILED, False, None),
    ("running", "r2", RunEnd.CANCELLED, False, None),
    ("idle", "r2", RunEnd.FAILED, False, "failed"),
    ("idle", "r2", RunEnd.FAILED, True, None),
    ("idle", "r2", RunEnd.CANCELLED, False, None),
    ("completed", "r2", RunEnd.FAILED, False, None),
]


@pytest.mark.parametrize(("status", "run_id", "end", "is_stored", "expected"), CASES)
def test_the_end_of_a_run_closes_its_own_session_only(
    session_store: Store,
    status: str,
    run_id: str,
    end: RunEnd,
    *,
    is_stored: bool,
    expected: str | None,
) -> None:
    session = replace(session_store.sessions.get("site"), status=SessionStatus(status))

    found = status_after(session, ended(end, run_id), is_stored=is_stored)

    assert found == expected


def test_a_run_that_never_began_is_stored_of_only_while_nothing_happened_since(
    session_store: Store,
) -> None:
    session = replace(
        session_store.sessions.get("site"),
        status=SessionStatus.IDLE,
        updated_at=LATER + timedelta(seconds=1),
    )

    assert status_after(session, ended(RunEnd.FAILED, "r2"), is_stored=False) is None


@pytest.mark.parametrize("end", [RunEnd.FAILED, RunEnd.DIED])
def test_closing_stores_why_and_what_to_do_once(
    pipeline: Pipeline, session_store: Store, end: RunEnd
) -> None:
    changed = [
        close_ended(
            OpenSession(pipeline=pipeline, stored=session_store.sessions.get("site")), ended(end)
        )
        for _ in range(2)
    ]

    (error,) = session_store.errors.list_all("site")
    assert changed == [True, False]
    assert session_store.sessions.get("site").status is SessionStatus.FAILED
    assert (error.code, error.run_id, error.category) == ("run_died", "r1", "temporary")
    assert "jira-pipeline resume site" in action_text(error.recovery_actions[0])


@pytest.mark.parametrize(("step", "what"), [("tickets", "Step tickets of run r1"), ("", "Run r1")])
def test_closing_names_an_error_that_is_not_ours_and_asks_nobody_to_resume(
    pipeline: Pipeline, session_store: Store, step: str, what: str
) -> None:
    failure = UnexpectedFailure(
        step=step, kind="SerializationError", place="serdes.py:975", is_of_database=False
    )
    session = OpenSession(pipeline=pipeline, stored=session_store.sessions.get("site"))

    close_ended(session, replace(ended(RunEnd.FAILED), failure=failure))

    (error,) = session_store.errors.list_all("site")
    assert error.message == f"{what} failed unexpectedly: SerializationError at serdes.py:975."
    assert (error.code, error.category) == ("unexpected", "admin_required")


@pytest.mark.parametrize(
    ("stage", "run", "expected"),
    [
        ("review", ended(RunEnd.SUCCEEDED), RunEvent.READY_FOR_REVIEW),
        ("completed", ended(RunEnd.SUCCEEDED), RunEvent.EXPORT_COMPLETED),
        ("upload", ended(RunEnd.SUCCEEDED), None),
        ("completed", ended(RunEnd.SUCCEEDED, "another"), None),
        ("jira_export", ended(RunEnd.FAILED), RunEvent.RUN_FAILED),
        ("jira_export", ended(RunEnd.DIED), RunEvent.RUN_FAILED),
        ("jira_export", ended(RunEnd.CANCELLED), RunEvent.RUN_CANCELLED),
    ],
)
def test_what_came_of_a_run_decides_what_is_stored(
    session_store: Store, stage: str, run: EndedRun, expected: RunEvent | None
) -> None:
    session = replace(session_store.sessions.get("site"), stage=SessionStage(stage))

    assert notification_for(session, run, is_validation=False) == expected


def test_that_tickets_were_validated_again_is_stored_nobody(session_store: Store) -> None:
    session = replace(session_store.sessions.get("site"), stage=SessionStage.REVIEW)

    assert notification_for(session, ended(RunEnd.SUCCEEDED), is_validation=True) is None
