"""When the work on a session began, failed and ended, from the audit trail and the errors."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jira_pipeline.domain.records import AuditEntry, StoredError
from jira_pipeline.domain.sessions import (
    SessionManifest,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
)
from jira_pipeline.domain.work_records import Work, WorkRecord, work_record

START = datetime(2026, 3, 29, 1, tzinfo=UTC)
SESSION = UploadSession(
    session_key="site",
    content_sha256="a" * 64,
    upload_path="uploads/site",
    manifest=SessionManifest(),
    stage=SessionStage.JIRA_EXPORT,
    status=SessionStatus.RUNNING,
    created_at=START,
    updated_at=START,
)
Event = tuple[str, str, str]
REGISTERED: Event = ("session_registered", "", "")
WRITING: Event = ("stage_set", "processing running", "w1")
WRITTEN: Event = ("generation_marked", "", "")
EXPORTING: Event = ("stage_set", "jira_export running", "r1")
FAILED: Event = ("stage_set", "jira_export failed", "r1")
EXPORTING_AGAIN: Event = ("stage_set", "jira_export running", "r2")
COMPLETED: Event = ("stage_set", "completed completed", "r2")
UNDONE: Event = ("stage_set", "review idle", "undo-1")


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def audited(events: Sequence[Event]) -> list[AuditEntry]:
    """One entry a minute."""
    return [
        AuditEntry(
            sequence=number + 1,
            at=minute(number),
            session_key="site",
            actor="pipeline",
            action=action,
            details={"to": to.split(), "run_id": run_id} if to else {},
            previous_hash="",
            entry_hash="",
        )
        for number, (action, to, run_id) in enumerate(events)
    ]


def an_error(number: int, *, stage: str = "jira_export") -> StoredError:
    return StoredError(
        error_id=number,
        session_key="site",
        at=minute(number),
        code="jira_unavailable",
        category="temporary",
        stage=stage,
        message="",
        recovery_actions=(),
        run_id="r1",
        ticket_id=None,
        file=None,
        line=None,
    )


def record_after(
    *events: Event, errors: Sequence[StoredError] = (), status: str = "running", **more: Work
) -> WorkRecord:
    return work_record(
        replace(SESSION, status=SessionStatus(status)),
        entries=audited(events),
        errors=errors,
        retry_count_of=lambda _: 1,
        **more,
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(record_after(REGISTERED), (None, None, None, None), id="nothing begun"),
        pytest.param(
            record_after(WRITING, WRITTEN), (minute(0), None, minute(1), None), id="written"
        ),
        pytest.param(
            record_after(WRITING, WRITTEN, EXPORTING, EXPORTING),
            (minute(2), None, None, None),
            id="the latest work counts, and a further step of its run begins nothing",
        ),
        pytest.param(
            record_after(EXPORTING, FAILED, errors=[an_error(1)], status="failed"),
            (minute(0), minute(1), None, minute(1)),
            id="failed",
        ),
        pytest.param(
            record_after(EXPORTING, FAILED, EXPORTING_AGAIN, errors=[an_error(1)]),
            (minute(2), None, None, minute(1)),
            id="carried on",
        ),
        pytest.param(
            record_after(
                EXPORTING,
                FAILED,
                EXPORTING_AGAIN,
                errors=[an_error(1), an_error(3)],
                status="failed",
            ),
            (minute(2), minute(3), None, minute(1)),
            id="failed twice",
        ),
        pytest.param(
            record_after(
                EXPORTING,
                FAILED,
                EXPORTING_AGAIN,
                COMPLETED,
                errors=[an_error(1)],
                status="completed",
            ),
            (minute(2), None, minute(3), minute(1)),
            id="completed",
        ),
        pytest.param(
            record_after(COMPLETED, EXPORTING, COMPLETED, EXPORTING_AGAIN, errors=[an_error(1)]),
            (minute(3), None, None, None),
            id="another export after a completed one",
        ),
        pytest.param(
            record_after(EXPORTING, FAILED, UNDONE, EXPORTING_AGAIN, errors=[an_error(1)]),
            (minute(3), None, None, None),
            id="another export after an undo",
        ),
        pytest.param(
            record_after(EXPORTING, FAILED, REGISTERED, errors=[an_error(1)]),
            (None, None, None, None),
            id="another session of that key",
        ),
        pytest.param(
            record_after(EXPORTING, WRITING, errors=[an_error(1)], work=Work.EXPORT),
            (minute(0), None, None, minute(1)),
            id="of the export alone",
        ),
        pytest.param(
            record_after(EXPORTING, errors=[an_error(1, stage="upload")], status="failed"),
            (minute(0), None, None, None),
            id="an error of something else",
        ),
    ],
)
def test_a_record_says_when_work_began_and_ended(
    found: WorkRecord, expected: tuple[datetime | None, ...]
) -> None:
    assert (found.started_at, found.failed_at, found.completed_at, found.first_error_at) == expected


@pytest.mark.parametrize(("status", "title"), [("running", "One"), ("failed", None)])
def test_the_ticket_at_hand_is_reported_while_something_is_at_work(
    status: str, title: str | None
) -> None:
    details = TicketProgress(
        ticket_id="t1", ticket_title="One", done=0, failed=0, total=1, remaining_seconds=None
    )
    session = replace(SESSION, status=SessionStatus(status), progress_details=details)

    record = work_record(
        session, entries=audited([EXPORTING]), errors=(), retry_count_of=lambda _: 2
    ).to_json()

    assert record == {
        "started_at": "2026-03-29T01:00:00+00:00",
        "failed_at": None,
        "completed_at": None,
        "first_error_at": None,
        "retry_attempts_used": 2,
        "remaining_retries": 1,
        "current_ticket_title": title,
    }
