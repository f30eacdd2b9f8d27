"""audit: who did what, chosen and readable."""

from getpass import getuser

import pytest

from jira_pipeline.cli.audit import readable_details
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.tables import each


@pytest.mark.usefixtures("reviewed")
def test_entries_are_chosen_by_who_and_what_and_people_read_ticket_numbers() -> None:
    run("tickets", "ready", "museum", 7)
    run("tickets", "unready", "museum", 7)
    marked = ("--action", "tickets_marked_ready")

    by_people = run_json("audit", "museum", "--actor", getuser())
    marks = run_json("audit", "museum", "--actor", getuser(), *marked)
    shown = run("audit", "museum", *marked)

    assert {"tickets_marked_ready", "tickets_unmarked_ready"} <= {e["action"] for e in by_people}
    assert {e["actor"] for e in by_people} == {getuser()}
    assert [e["action"] for e in marks] == ["tickets_marked_ready"]
    assert "ticket 7 = " in shown.words


@each(
    ("details", "words"),
    [
        ({"run_id": "r1", "failed_at_ticket_number": None}, "run id: r1"),
        (
            {"from": ["review", "idle"], "run_id": "r1", "to": ["completed", "completed"]},
            "review, idle → completed, completed; run id: r1",
        ),
        ({"ticket_id": "t4", "marks": {"t4": "x"}}, "ticket id: ticket 4; marks: ticket 4 = x"),
        ({"is_passed": True, "failed": []}, "is passed: yes"),
        ({"hash": "ab" * 32}, "hash: abababababab…"),
        ({"ticket_ids": [f"a{n}" for n in range(8)]}, "ticket ids: a0, a1, a2, a3, a4, a5 … (8)"),
        ({"fields": {"sprint": None, "labels": ["a"]}}, "fields: sprint = –, labels = a"),
        ({}, ""),
    ],
)
def test_details_are_readable(details: dict[str, object], words: str) -> None:
    assert readable_details(details, tickets={"t4": "ticket 4"}) == words
