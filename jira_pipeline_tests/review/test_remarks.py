"""Remarks of people on tickets: which one counts."""

from datetime import UTC, datetime
from typing import Any

from jira_pipeline.kernel.records import AuditEntry
from jira_pipeline.review.remarks import REMARKED, remarks_in

AT = datetime(2026, 11, 23, tzinfo=UTC)


def entry(**details: Any) -> AuditEntry:
    return AuditEntry(
        sequence=1,
        at=AT,
        session_key="site",
        actor="ab",
        action=REMARKED,
        details=details,
        previous_hash="",
        entry_hash="",
    )


def test_the_last_remark_of_a_ticket_counts_and_an_empty_one_takes_it_back() -> None:
    found = remarks_in(
        [
            entry(ticket_ids=["t1", "t2", "t3"], remark="Name the roles."),
            entry(ticket_ids=["t2"], remark="Name the fields."),
            entry(ticket_ids=["t3"], remark=""),
        ]
    )

    texts = {ticket_id: remark.text for ticket_id, remark in found.items()}
    assert texts == {"t1": "Name the roles.", "t2": "Name the fields."}
    assert (found["t1"].by, found["t1"].at) == ("ab", AT)
