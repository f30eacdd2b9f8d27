"""When the work on a session began, failed and ended, from the audit trail and the errors."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.records import AuditEntry, StoredError
from jira_pipeline.model.sessions import SessionStage, SessionStatus, TicketProgress
from jira_pipeline.model.work_records import Work, WorkRecord, work_record
from jira_pipeline_tests.contracts.stored_values import a_session, an_error
from jira_pipeline_tests.tables import each

START = datetime(2026, 3, 29, 1, tzinfo=UTC)
SESSION = a_session(
    stage=SessionStage.JIRA_EXPORT, status=SessionStatus.RUNNING, created_at=START, updated_at=START
)
EVENTS = {
    "registered": ("session_registered", "", ""),
    "writing": ("stage_set", "processing running", "w1"),
    "written": ("generation_marked", "", ""),
    "exporting": ("stage_set", "jira_export running", "r1"),
    "failed": ("stage_set", "jira_export failed", "r1"),
    "again": ("stage_set", "jira_export running", "r2"),
    "completed": ("stage_set", "completed completed", "r2"),
    "undone": ("stage_set", "review idle", "undo-1"),
}


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def audited(events: str) -> list[AuditEntry]:
    return [
        AuditEntry(
            sequence=number + 1,
            at=minute(number),
            session_key="site",
            actor="pipeline",
            action=AuditAction(action),
            details={"to": to.split(), "run_id": run_id} if to else {},
        )
        for number, (action, to, run_id) in enumerate(map(EVENTS.__getitem__, events.split()))
    ]


def error_at(number: int, **changes: str) -> StoredError:
    return an_error(number, at=minute(number), run_id="r1", **changes)


@each(
    ("events", "errors", "status", "expected"),
    [
        ("registered", (), "running", (None, None, None, None)),
        ("writing written", (), "running", (0, None, 1, None)),
        ("writing written exporting exporting", (), "running", (2, None, None, None)),
        ("exporting failed", (1,), "failed", (0, 1, None, 1)),
        ("exporting failed again", (1,), "running", (2, None, None, 1)),
        ("exporting failed again", (1, 3), "failed", (2, 3, None, 1)),
        ("exporting failed again completed", (1,), "completed", (2, None, 3, 1)),
        ("completed exporting completed again", (1,), "running", (3, None, None, None)),
        ("exporting failed undone again", (1,), "running", (3, None, None, None)),
        ("exporting failed registered", (1,), "running", (None, None, None, None)),
    ],
    ids=[
        "nothing begun",
        "written",
        "the latest work counts, and a further step of its run begins nothing",
        "failed",
        "carried on",
        "failed twice",
        "completed",
        "another export after a completed one",
        "another export after an undo",
        "another session of that key",
    ],
)
def test_a_record_says_when_work_began_and_ended(
    events: str, errors: tuple[int, ...], status: str, expected: tuple[int | None, ...]
) -> None:
    """Times are the minutes of entries and errors."""
    found = record_after(events, errors=[error_at(number) for number in errors], status=status)

    assert times_of(found) == expected


def test_a_record_may_be_of_the_export_alone_and_ignores_errors_of_something_else() -> None:
    of_export = record_after("exporting writing", errors=[error_at(1)], work=Work.EXPORT)
    of_upload = record_after("exporting", errors=[error_at(1, stage="upload")], status="failed")

    assert times_of(of_export) == (0, None, None, 1)
    assert times_of(of_upload) == (0, None, None, None)


def record_after(
    events: str, *, errors: Sequence[StoredError], status: str = "running", **more: Work
) -> WorkRecord:
    return work_record(
        replace(SESSION, status=SessionStatus(status)),
        entries=audited(events),
        errors=errors,
        retry_count_of=lambda _: 1,
        **more,
    )


def times_of(record: WorkRecord) -> tuple[int | None, ...]:
    """Return beginning, failure, end and first error, in minutes."""
    times = (record.started_at, record.failed_at, record.completed_at, record.first_error_at)
    return tuple(None if at is None else (at - START).seconds // 60 for at in times)


@each(("status", "title"), [("running", "One"), ("failed", None)])
def test_the_ticket_at_hand_is_reported_while_something_is_at_work(
    status: str, title: str | None
) -> None:
    details = TicketProgress(
        ticket_id="t1", ticket_title="One", done=0, failed=0, total=1, remaining_seconds=None
    )
    session = replace(SESSION, status=SessionStatus(status), progress_details=details)

    record = work_record(
        session, entries=audited("exporting"), errors=(), retry_count_of=lambda _: 2
    )

    assert json_object(record) == {
        "started_at": "2026-03-29T01:00:00+00:00",
        "failed_at": None,
        "completed_at": None,
        "first_error_at": None,
        "retry_attempts_used": 2,
        "remaining_retries": 1,
        "current_ticket_title": title,
    }
