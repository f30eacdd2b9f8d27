"""Where a session stands: one next step, which is the right one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jira_pipeline.domain.ports import StoredError
from jira_pipeline.domain.sessions import (
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadSession,
)
from jira_pipeline.stages.session_status import SessionReport, standing_error
from jira_pipeline_tests.contracts.stored_values import SHA, START

SESSION = UploadSession(
    session_key="site",
    content_sha256=SHA,
    upload_path="site/one",
    manifest=SessionManifest(),
    stage=SessionStage.REVIEW,
    status=SessionStatus.WAITING,
    created_at=START,
    updated_at=START,
    generated_at=START,
    generated_from_sha256=SHA,
    last_validated_at=START,
)
ERROR = StoredError(
    error_id=1,
    session_key="site",
    at=START,
    code="gate_closed",
    category="user_fixable",
    stage="jira_issues",
    message="Tickets wait.",
    recovery_actions=("Read them.", "Mark them."),
    run_id="run-1",
    ticket_id=None,
    file=None,
    line=None,
)


def report(*, ready: int = 0, error: StoredError | None = None, **changes: Any) -> SessionReport:
    """A session with three tickets."""
    stale = changes.pop("stale", ())
    total = changes.pop("total", 3)
    exported = changes.pop("exported", 0)
    approves_itself = changes.pop("approves_itself", False)
    return SessionReport(
        session=replace(SESSION, **changes),
        tickets_total=total,
        tickets_ready=ready,
        tickets_exported=exported,
        stale=stale,
        approves_itself=approves_itself,
        error=error,
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (report(), "Review, then mark ready: jira-pipeline tickets ready site --all"),
        (report(ready=2), "Review, then mark ready"),
        (report(ready=3), "Export: jira-pipeline export site"),
        (report(approves_itself=True), "Export: "),
        (report(stale=("edited",), ready=3), "Validate the tickets: jira-pipeline validate site"),
        (report(last_validated_at=None), "Validate the tickets"),
        (report(generated_from_sha256="b" * 64), "Write the tickets from the changed sheets"),
        (
            report(generated_at=None, generated_from_sha256=None, total=0),
            "Write the tickets: jira-pipeline regenerate site",
        ),
        (report(total=0, ready=0), "Export: "),
        (
            report(status=SessionStatus.RUNNING, run_id="run-1"),
            "Wait for run run-1, or start it again",
        ),
        (report(status=SessionStatus.RUNNING), "Wait for the command that is running"),
        (report(stage=SessionStage.COMPLETED, exported=3), "jira-pipeline results site"),
        (report(stage=SessionStage.COMPLETED, exported=1, ready=3), "Export: "),
        (
            report(stage=SessionStage.JIRA_EXPORT, status=SessionStatus.CANCELLED, ready=3),
            "Carry on: jira-pipeline resume site",
        ),
        (report(error=ERROR, stale=("edited",)), "Read them."),
        (report(error=replace(ERROR, recovery_actions=())), "Review, then mark ready"),
    ],
    ids=[
        "to review",
        "partly reviewed",
        "ready",
        "approves itself",
        "stale",
        "not validated",
        "changed sheets",
        "not written",
        "all skipped",
        "running",
        "running without a run",
        "completed",
        "completed on another target",
        "stopped",
        "an error with advice",
        "an error without advice",
    ],
)
def test_the_next_step_follows_from_where_a_session_stands(
    found: SessionReport, words: str
) -> None:
    assert words in found.next_step
    assert "None" not in found.next_step


def test_programs_get_the_last_error_whole() -> None:
    answer = report(error=ERROR, ready=1).to_json()

    assert answer["error"] == {
        "code": "gate_closed",
        "category": "user_fixable",
        "message": "Tickets wait.",
        "recovery_actions": ["Read them.", "Mark them."],
    }
    assert (answer["tickets_total"], answer["tickets_ready"]) == (3, 1)
    assert report().to_json()["error"] is None


@pytest.mark.parametrize(
    ("changes", "is_standing"),
    [
        ({"status": SessionStatus.FAILED, "run_id": "run-1"}, True),
        ({"status": SessionStatus.WAITING, "run_id": "run-1"}, True),
        ({"status": SessionStatus.FAILED, "run_id": "run-2"}, False),
        ({"status": SessionStatus.RUNNING, "run_id": "run-1"}, False),
        ({"status": SessionStatus.COMPLETED, "run_id": "run-1"}, False),
        ({"status": SessionStatus.CANCELLED, "run_id": "run-1"}, False),
    ],
)
def test_an_error_stands_until_another_run_begins(
    changes: dict[str, Any], *, is_standing: bool
) -> None:
    session = replace(SESSION, **changes)
    older = replace(ERROR, error_id=0, message="Older.")

    assert standing_error(session, [older, ERROR]) == (ERROR if is_standing else None)
    assert standing_error(session, []) is None


def test_an_error_of_no_run_stands() -> None:
    outside = replace(ERROR, run_id=None)

    assert standing_error(replace(SESSION, run_id="run-9"), [outside]) == outside


def test_an_error_of_no_run_is_over_once_something_happened() -> None:
    """A refused folder of the inbox stayed the next step of a session for ever."""
    outside = replace(ERROR, run_id=None)
    later = replace(SESSION, updated_at=START + timedelta(seconds=1))

    assert standing_error(later, [outside]) is None
