"""audit: who did what, chosen, readable, and followed along the whole chain."""

import sqlite3
from contextlib import closing
from getpass import getuser
from pathlib import Path

from jira_pipeline.cli.records import readable_details
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.tables import each


def change_an_entry(project: Path) -> None:
    """Rewrite an entry of the trail without the program's knowledge."""
    with projects.opened(project) as pipeline:
        path = pipeline.store.database.engine.url.database
    with closing(sqlite3.connect(str(path))) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE audit SET actor = 'somebody else' WHERE sequence = 2")
        connection.commit()


def test_entries_are_chosen_by_who_and_what(reviewed: Path) -> None:
    run("tickets", "ready", "museum", 1)
    run("tickets", "unready", "museum", 1)

    by_people = run_json("audit", "museum", "--actor", getuser())
    marks = run_json("audit", "museum", "--actor", getuser(), "--action", "tickets_marked_ready")

    assert reviewed.is_dir()
    assert {"tickets_marked_ready", "tickets_unmarked_ready"} <= {e["action"] for e in by_people}
    assert {e["actor"] for e in by_people} == {getuser()}
    assert [e["action"] for e in marks] == ["tickets_marked_ready"]


def test_people_read_ticket_numbers_instead_of_ids(reviewed: Path) -> None:
    run("tickets", "ready", "museum", 7)

    answer = run("audit", "museum", "--action", "tickets_marked_ready")

    assert reviewed.is_dir()
    assert "ticket 7 = " in answer.words


def test_a_whole_trail_is_reported_with_its_count_and_newest_hash(reviewed: Path) -> None:
    answer = run_json("audit", "museum", "--verify")

    words = run("audit", "museum", "--verify").words
    assert reviewed.is_dir()
    assert answer["is_whole"] is True
    assert answer["faults"] == []
    assert answer["entry_count"] == len(answer["entries"])
    assert answer["head_hash"] == answer["entries"][-1]["hash"]
    assert f"{answer['entry_count']} entries, newest {answer['head_hash']}" in words


def test_a_changed_entry_is_named_and_ends_with_1(reviewed: Path) -> None:
    change_an_entry(reviewed)

    answer = run("audit", "museum", "--verify", "--json")
    verified = run("audit", "museum", "--verify")

    assert (answer.exit_code, verified.exit_code) == (1, 1)
    assert answer.json["faults"] == ["entry 2 was changed"]
    assert "1. entry 2 was changed" in verified.words
    assert run("audit", "museum").exit_code == 0


@each(
    ("details", "words"),
    [
        ({"run_id": "r1", "failed_at_ticket_number": None}, "run id: r1"),
        (
            {"from": ["review", "idle"], "run_id": "r1", "to": ["completed", "completed"]},
            "review, idle → completed, completed; run id: r1",
        ),
        ({"from": "open", "to": None}, "open → –"),
        ({"ticket_id": "t4", "marks": {"t4": "x"}}, "ticket id: ticket 4; marks: ticket 4 = x"),
        ({"is_passed": True, "failed": []}, "is passed: yes"),
        ({"is_forced": False}, "is forced: no"),
        ({"tested": 0}, "tested: 0"),
        ({"hash": "ab" * 32}, "hash: abababababab…"),
        ({"name": "z" * 64}, f"name: {'z' * 64}"),
        (
            {"ticket_ids": [f"a{n}" for n in range(8)]},
            "ticket ids: a0, a1, a2, a3, a4, a5 … (8)",
        ),
        ({"fields": {"sprint": None, "labels": ["a"]}}, "fields: sprint = –, labels = a"),
        ({}, ""),
    ],
)
def test_details_are_readable(details: dict[str, object], words: str) -> None:
    assert readable_details(details, tickets={"t4": "ticket 4"}) == words
