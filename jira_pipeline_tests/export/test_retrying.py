"""Which exports people may resume."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.errors import GateError, PipelineError, RetriesExhaustedError
from jira_pipeline.export.retrying import check_retry, is_begun
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.kernel.ticket_places import TicketExport
from jira_pipeline.kernel.tickets import TicketState
from jira_pipeline.kernel.work_records import RETRIES_MAX
from jira_pipeline.session.states import first_writing
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import START, an_upload

STEP = first_writing("site")


@pytest.fixture
def session(tmp_path: Path) -> UploadSession:
    """A session whose export failed."""
    with open_in(tmp_path) as store:
        found = store.sessions.register(an_upload(), at=START, actor="ab")
    return replace(found, stage=SessionStage.JIRA_EXPORT, status=SessionStatus.FAILED)


NOTHING_FAILED = (GateError, "No failed export to retry")
OTHER_STAGES = [stage for stage in SessionStage if stage is not SessionStage.JIRA_EXPORT]


@pytest.mark.parametrize(
    ("changes", "asked", "error"),
    [
        *(
            ({"status": status}, {"retry_count": count}, None)
            for status in ("failed", "cancelled", "waiting")
            for count in range(RETRIES_MAX)
        ),
        ({}, {"retry_count": RETRIES_MAX}, (RetriesExhaustedError, r"attempts \(3\) exceeded")),
        ({}, {"retry_count": RETRIES_MAX, "is_forced": True}, None),
        *(({"status": status}, {}, NOTHING_FAILED) for status in ("idle", "running", "completed")),
        ({"status": "running"}, {"is_forced": True}, None),
        *(({"stage": stage}, {"is_forced": True}, NOTHING_FAILED) for stage in OTHER_STAGES),
        ({"stage": SessionStage.REVIEW, "status": "waiting"}, {"is_begun": True}, None),
    ],
)
def test_an_export_that_did_not_end_well_may_be_resumed_three_times_or_by_force(
    session: UploadSession,
    changes: dict[str, Any],
    asked: dict[str, Any],
    error: tuple[type[PipelineError], str] | None,
) -> None:
    """By force also one that only seems to run; one that has begun also from the review."""
    status = SessionStatus(changes.get("status", "failed"))
    changed = replace(session, **changes | {"status": status})
    check = partial(
        check_retry,
        changed,
        **{"retry_count": 0, "is_begun": False, "is_forced": False, "step": STEP, **asked},
    )

    if error is None:
        check()
    else:
        with pytest.raises(error[0], match=error[1]):
            check()


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
