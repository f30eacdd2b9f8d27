"""What is decided for sessions while nobody looks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jira_pipeline.context.retention import answers_used_since
from jira_pipeline.context.upkeep import Upkeep, upkeep_of
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline_tests.contracts.stored_values import SHA, a_session
from jira_pipeline_tests.tables import each

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


SESSION = a_session(
    created_at=ago(900),
    updated_at=ago(900),
    generated_at=ago(800),
    generated_from_sha256=SHA,
    last_validated_at=ago(700),
    last_invalidated_at=ago(100),
)


@each(
    ("changes", "expected"),
    [
        ({}, Upkeep.VALIDATE),
        ({"last_invalidated_at": ago(59)}, Upkeep.WAIT),
        ({"last_invalidated_at": ago(60)}, Upkeep.VALIDATE),
        ({"last_invalidated_at": ago(800)}, Upkeep.NOTHING),
        ({"last_invalidated_at": None}, Upkeep.NOTHING),
        ({"last_validated_at": None}, Upkeep.NOTHING),
        ({"content_sha256": "b"}, Upkeep.PERSON),
        ({"stage": SessionStage.JIRA_EXPORT, "status": SessionStatus.RUNNING}, Upkeep.WAIT),
        ({"stage": SessionStage.JIRA_EXPORT, "status": SessionStatus.FAILED}, Upkeep.VALIDATE),
    ],
)
def test_an_edited_session_is_validated_once_nobody_edits(
    changes: dict[str, Any], expected: Upkeep
) -> None:
    session = replace(SESSION, **changes)

    assert upkeep_of(session, now=NOW, settle_seconds=60) is expected


@each(("keep_days", "days"), [(None, 90), (0.0, 90), (7.0, 90), (365.0, 365)])
def test_answers_of_models_are_kept_as_long_as_sessions_and_three_months_at_least(
    keep_days: float | None, days: int
) -> None:
    assert answers_used_since(NOW, keep_days=keep_days) == NOW - timedelta(days=days)
