"""Which exports people may resume."""

from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.context.states import first_writing
from jira_pipeline.export.resumed_exports import check_retry, is_begun
from jira_pipeline.model.errors import GateError, PipelineError, RetriesExhaustedError
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.ticket_exports import TicketExport
from jira_pipeline.model.work_records import RETRIES_MAX
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, an_upload

STEP = first_writing("site")


NOTHING_FAILED = (GateError, "No failed export to retry")
OTHER_STAGES = [stage for stage in SessionStage if stage is not SessionStage.JIRA_EXPORT]
CASES: list[tuple[dict[str, Any], dict[str, Any], tuple[type[PipelineError], str] | None]] = [
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
]
"""What is changed of a session whose export failed, how it is asked, and what that is refused with."""


def test_an_export_that_did_not_end_well_may_be_resumed_three_times_or_by_force(
    sqlite_store: Store,
) -> None:
    """By force also one that only seems to run; one that has begun also from the review."""
    session = sqlite_store.sessions.register(an_upload(), at=START, actor="ab")
    for changes, asked, error in CASES:
        status = SessionStatus(changes.get("status", "failed"))
        given = {"stage": SessionStage.JIRA_EXPORT, **changes, "status": status}
        said = {"retry_count": 0, "is_begun": False, "is_forced": False, "step": STEP, **asked}

        if error is None:
            check_retry(replace(session, **given), **said)
        else:
            with pytest.raises(error[0], match=error[1]):
                check_retry(replace(session, **given), **said)


def test_an_export_is_begun_where_some_were_sent_and_some_have_no_issue() -> None:
    for states, expected in (
        (["exported", "pending"], True),
        (["in_doubt", "skipped"], True),
        (["exported", "skipped", "withdrawn"], False),
        (["pending", "pending"], False),
        ([], False),
    ):
        places = [TicketExport(state=TicketState(state)) for state in states]

        assert is_begun(places) is expected, states
