"""The status of a session, for people and programs; which step is next is tested in `domain`."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jira_pipeline.context.session_needs import needs_of
from jira_pipeline.context.states import (
    UNASKED,
    RunState,
    Situation,
    Step,
    current_error,
    is_export_awaited,
)
from jira_pipeline.model.actions import as_actions, line_of, with_action_texts
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.open_questions import QuestionsLeft
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.runs import RunRequest
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.sessions.status import LeftToPeople, SessionReport
from jira_pipeline_tests.contracts.stored_values import SHA, START, a_session, an_error
from jira_pipeline_tests.tables import each

SESSION = a_session(generated_at=START, generated_from_sha256=SHA, last_validated_at=START)
ERROR = an_error(
    code="not_ready",
    category="user_fixable",
    stage="jira_issues",
    message="Tickets wait.",
    recovery_actions=as_actions(["Read them.", "Mark them."]),
)
QUESTIONS = QuestionsLeft(count=5, ticket_count=7)
REQUEST = RunRequest(
    request_id=4,
    session_key="site",
    requested_at=START + timedelta(minutes=1),
    requested_by="ab",
    task_id="t4",
    job_name="export_to_jira",
    run_config={},
)
AWAITED = LeftToPeople(export_request=REQUEST)
_OF_SITUATION = {"ticket_count", "exported_count", "is_stale"}
AT_WORK = RunState(word="queued", is_in_flight=True)


def report(*, ready: int = 0, error: StoredError | None = None, **changes: Any) -> SessionReport:
    """A session with three tickets."""
    of_situation = {
        "ticket_count": 3,
        **{name: changes.pop(name) for name in tuple(changes) if name in _OF_SITUATION},
    }
    left = changes.pop("left", LeftToPeople())
    run = changes.pop("run", UNASKED)
    return SessionReport(
        situation=Situation(
            session=replace(SESSION, **changes),
            ready_count=ready,
            error=error,
            is_export_awaited=is_export_awaited(left.export_request, error),
            **of_situation,
        ),
        left=left,
        run=run,
    )


def test_a_run_that_dagster_knows_of_is_waited_for() -> None:
    assert report().next.step is Step.REVIEW
    assert report(run=AT_WORK).next.step is Step.WAIT


@each(
    ("found", "expected"),
    [
        pytest.param(report(exported_count=1), 100 / 3, id="half exported"),
        pytest.param(report(exported_count=3), 100.0, id="all exported"),
        pytest.param(
            report(exported_count=0, progress_percentage=100.0), 100.0, id="never exported"
        ),
        pytest.param(
            report(exported_count=1, progress_percentage=100.0), 100 / 3, id="all written"
        ),
        pytest.param(
            report(exported_count=3, stage=SessionStage.PROCESSING, progress_percentage=10.0),
            10.0,
            id="writing has its own",
        ),
    ],
)
def test_a_session_back_in_review_is_as_far_as_its_export_was(
    found: SessionReport, expected: float
) -> None:
    """It told 0 % with 67 of 84 exported."""
    assert found.progress_percentage == pytest.approx(expected)
    assert json_object(found)["progress_percentage"] == pytest.approx(expected)


@each(
    ("request_of_export", "error", "expected"),
    [
        (None, None, False),
        (REQUEST, None, True),
        (REQUEST, ERROR, True),
        (REQUEST, replace(ERROR, at=START + timedelta(hours=1)), False),
    ],
    ids=["not asked for", "asked for", "after an error", "and then failed"],
)
def test_an_export_is_awaited_until_something_fails(
    request_of_export: RunRequest | None, error: StoredError | None, *, expected: bool
) -> None:
    assert is_export_awaited(request_of_export, error) is expected


def test_programs_get_the_last_error_whole() -> None:
    answer = with_action_texts(json_object(report(error=ERROR, ready=1)))

    assert isinstance(answer, dict)
    assert answer["error"] == {
        "code": "not_ready",
        "category": "user_fixable",
        "message": "Tickets wait.",
        "recovery_actions": ["Read them.", "Mark them."],
    }
    assert (answer["tickets_total"], answer["tickets_ready"]) == (3, 1)
    assert json_object(report())["error"] is None


@each(
    ("changes", "run_id", "is_current"),
    [
        ({"status": SessionStatus.FAILED, "run_id": "run-1"}, "run-1", True),
        ({"status": SessionStatus.WAITING, "run_id": "run-1"}, "run-1", True),
        ({"status": SessionStatus.FAILED, "run_id": "run-2"}, "run-1", False),
        ({"status": SessionStatus.RUNNING, "run_id": "run-1"}, "run-1", False),
        ({"status": SessionStatus.COMPLETED, "run_id": "run-1"}, "run-1", False),
        ({"status": SessionStatus.CANCELLED, "run_id": "run-1"}, "run-1", False),
        ({"run_id": "run-9"}, None, True),
        ({"updated_at": START + timedelta(seconds=1)}, None, False),
    ],
)
def test_an_error_is_current_until_another_run_begins(
    changes: dict[str, Any], run_id: str | None, *, is_current: bool
) -> None:
    """Without a run: a refused folder of the inbox stayed the next step of a session for ever."""
    session, error = replace(SESSION, **changes), replace(ERROR, run_id=run_id)
    older = replace(error, error_id=0, message="Older.")

    assert current_error(session, [older, error]) == (error if is_current else None)
    assert current_error(session, []) is None


@each(
    ("found", "is_at_rest"),
    [
        (report(), True),
        (report(status=SessionStatus.RUNNING), False),
        (report(run=AT_WORK), False),
        (report(run=RunState(word="success", is_in_flight=False)), True),
        (report(left=AWAITED), False),
        (report(status=SessionStatus.FAILED, error=ERROR), True),
        (report(left=AWAITED, error=replace(ERROR, at=START + timedelta(hours=1))), True),
    ],
    ids=[
        "waits for people",
        "running",
        "queued in Dagster",
        "ended in Dagster",
        "export asked for",
        "failed",
        "failed after an export was asked for",
    ],
)
def test_a_session_rests_when_nothing_is_at_work_or_about_to_begin(
    found: SessionReport, *, is_at_rest: bool
) -> None:
    assert found.is_at_rest is is_at_rest


def test_what_is_left_to_people_is_stated_with_the_command_that_shows_it() -> None:
    found = LeftToPeople(
        jira_changes=4,
        jira_updates=3,
        open_fixes=2,
        source_changed=(4, 7, 9),
        questions=QUESTIONS,
        fallbacks=(2, 3),
        withdrawals=(12, 13),
        export_request=REQUEST,
    )

    commands = [
        re.findall(r"jira-pipeline ([a-z ]+ site)", line_of(a)) for a in found.actions("site")
    ]
    assert commands == [
        ["tickets withdraw site"],
        ["export site"],
        ["fixes site"],
        ["fixes site"],
        ["tickets show site"],
        ["questions site"],
        ["tickets show site"],
        [],
    ]
    assert LeftToPeople().actions("site") == ()


def test_very_many_ticket_numbers_are_cut() -> None:
    (action,) = LeftToPeople(source_changed=tuple(range(1, 31))).actions("site")

    assert "tickets 1, 2, 3, 4, 5, 6, 7, 8 and 22 more:" in action.sentence


def test_programs_get_what_is_left_to_people() -> None:
    left = replace(AWAITED, jira_changes=1, open_fixes=2, source_changed=(4,), questions=QUESTIONS)

    answer = json_object(replace(report(left=left, run=AT_WORK), stopped_at_ticket=6))

    counts = ("jira_changes", "open_fixes", "open_questions", "tickets_with_open_questions")
    assert [answer[name] for name in counts] == [1, 2, 5, 7]
    assert answer["source_changed"] == [4]
    assert answer["export_requested"] == {
        "request_id": 4,
        "requested_at": REQUEST.requested_at.isoformat(),
        "requested_by": "ab",
    }
    assert (answer["run_status"], answer["is_at_rest"]) == ("queued", False)
    assert answer["failed_at_ticket_number"] == 6


@each(
    ("changes", "is_awaited", "expected"),
    [
        ({}, False, (True, "review")),
        ({}, True, (False, "export requested")),
        ({"status": SessionStatus.RUNNING, "generated_from_sha256": "b" * 64}, True, (False, "")),
        ({"generated_from_sha256": "b" * 64}, True, (True, "write the tickets")),
        ({"status": SessionStatus.FAILED}, False, (True, "see errors")),
        ({"status": SessionStatus.CANCELLED}, False, (True, "resume")),
        ({"generated_from_sha256": "b" * 64}, False, (True, "write the tickets")),
        ({"last_invalidated_at": START + timedelta(seconds=1)}, False, (False, "validate")),
        ({"stage": SessionStage.COMPLETED, "status": SessionStatus.COMPLETED}, False, (False, "")),
        ({"last_validated_at": None, "stage": SessionStage.PROCESSING}, False, (False, "")),
    ],
    ids=[
        "review",
        "export asked for",
        "running",
        "changed sheets and export asked for",
        "failed",
        "cancelled",
        "changed sheets",
        "edited",
        "completed",
        "never validated",
    ],
)
def test_a_list_says_what_a_session_needs_from_its_row(
    changes: dict[str, Any], is_awaited: bool, expected: tuple[bool, str]
) -> None:
    needs = needs_of(replace(SESSION, **changes), is_export_awaited=is_awaited)

    assert (needs.needs_person, needs.what) == expected
