"""Which exports people may resume."""

from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.domain.tickets import TicketState
from jira_pipeline.domain.work_records import RETRIES_MAX
from jira_pipeline.errors import GateError, RetriesExhaustedError
from jira_pipeline.stages.jira_export.results import TicketExport
from jira_pipeline.stages.jira_export.retrying import (
    check_retry,
    is_begun,
)
from jira_pipeline.stages.session_states import first_writing
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START, an_upload

STEP = first_writing("site")


@pytest.fixture
def session(tmp_path: Path) -> UploadSession:
    """A session whose export failed."""
    with open_in(tmp_path) as store:
        found = store.sessions.register(an_upload(), at=START, actor="ab")
    return replace(found, stage=SessionStage.JIRA_EXPORT, status=SessionStatus.FAILED)


@pytest.mark.parametrize("status", ["failed", "cancelled", "waiting"])
@pytest.mark.parametrize("count", range(RETRIES_MAX))
def test_an_export_that_did_not_end_well_may_be_resumed_three_times(
    session: UploadSession, status: str, count: int
) -> None:
    changed = replace(session, status=SessionStatus(status))

    check_retry(changed, retry_count=count, is_begun=False, is_forced=False, step=STEP)


def test_a_fourth_time_needs_force(session: UploadSession) -> None:
    check_retry(session, retry_count=RETRIES_MAX, is_begun=False, is_forced=True, step=STEP)

    with pytest.raises(RetriesExhaustedError, match=r"attempts \(3\) exceeded"):
        check_retry(session, retry_count=RETRIES_MAX, is_begun=False, is_forced=False, step=STEP)


@pytest.mark.parametrize("status", ["idle", "running", "completed"])
def test_there_is_nothing_to_retry_where_nothing_failed(
    session: UploadSession, status: str
) -> None:
    changed = replace(session, status=SessionStatus(status))

    with pytest.raises(GateError, match="No failed export to retry"):
        check_retry(changed, retry_count=0, is_begun=False, is_forced=False, step=STEP)


def test_a_run_that_only_seems_to_run_may_be_resumed_by_force(session: UploadSession) -> None:
    check_retry(
        replace(session, status=SessionStatus.RUNNING),
        retry_count=0,
        is_begun=False,
        is_forced=True,
        step=STEP,
    )


@pytest.mark.parametrize("stage", [s for s in SessionStage if s is not SessionStage.JIRA_EXPORT])
def test_a_failure_before_the_export_is_not_resumed_even_by_force(
    session: UploadSession, stage: SessionStage
) -> None:
    with pytest.raises(GateError, match="No failed export to retry"):
        check_retry(
            replace(session, stage=stage), retry_count=0, is_begun=False, is_forced=True, step=STEP
        )


def test_a_begun_export_is_resumed_from_the_review_too(session: UploadSession) -> None:
    reviewed = replace(session, stage=SessionStage.REVIEW, status=SessionStatus.WAITING)

    check_retry(reviewed, retry_count=0, is_begun=True, is_forced=False, step=STEP)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param(["exported", "pending"], True, id="broken off"),
        pytest.param(["in_doubt", "skipped"], True, id="in doubt"),
        pytest.param(["exported", "skipped", "withdrawn"], False, id="all there"),
        pytest.param(["pending", "pending"], False, id="not begun"),
        pytest.param([], False, id="no tickets"),
    ],
)
def test_an_export_is_begun_where_some_were_sent_and_some_have_no_issue(
    states: list[str], *, expected: bool
) -> None:
    places = [TicketExport(state=TicketState(state)) for state in states]

    assert is_begun(places) is expected
