"""tickets, validate, generate, status, sessions, errors, audit: what people look at and mark."""

import re
from pathlib import Path

import pytest
from sqlalchemy import insert

from jira_pipeline.dagster_port.dagster_runs import opened_instance
from jira_pipeline.store import tables
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.tables import each

pytestmark = [pytest.mark.usefixtures("reviewed"), pytest.mark.small_site]


@each(
    "command",
    [
        ("status",),
        ("questions",),
        ("tickets", "list"),
        ("tickets", "ready", "--all"),
        ("tickets", "unready", "--all"),
        ("validate",),
        ("generate",),
        ("export", "--plan"),
        ("results",),
        ("fixes",),
        ("errors",),
        ("audit",),
    ],
    ids=" ".join,
)
def test_an_unknown_session_is_wrong_use_and_names_the_known_ones(command: tuple[str, ...]) -> None:
    answer = run(*command, "musem")

    assert answer.exit_code == 2
    assert "musem" in answer.words
    assert "museum" in answer.words


@pytest.mark.whole_site
def test_what_all_views_have_in_common_is_listed_and_its_suggestions_are_accepted() -> None:
    before = run("questions", "museum").words
    kept = run("questions", "museum", "--accept", "site", "--answer", "site.Sort", "by title")
    after = run("questions", "museum").words

    cells = [re.search(r"(\d+) cells of forms to fill in", words) for words in (before, after)]
    counts = [int(found[1]) for found in cells if found]
    assert counts == [60, 32]
    assert "7 answers kept in tickets 19-20, 22." in kept.words
    assert ("by title" in before, "by title" in after) == (False, True)


def test_hours_are_added_up_for_people_programs_and_spreadsheets(tmp_path: Path) -> None:
    run("tickets", "skip", "museum", "3", "--reason", "Later.")
    run("tickets", "assign", "museum", "--group", "Views", "--sprint", "Sprint 2")

    table = tmp_path / "hours.csv"
    shown = run("hours", "museum", "--csv", table)
    answer = run_json("hours", "museum")

    hours = f"{answer['hours_low']}-{answer['hours_high']}"
    assert answer["skipped"] == 1
    assert [one["name"] for one in answer["by_sprint"]] == ["Sprint 2", None]
    assert f"{hours} hours for " in shown.words
    assert "1 skipped or sent back." in shown.words
    assert "no sprint" in shown.words
    assert "no epic" not in shown.words
    assert "sprint,Sprint 2," in table.read_text(encoding="utf-8-sig")


@pytest.mark.whole_site
def test_the_rows_of_a_ticket_are_shown_cell_by_cell() -> None:
    ticket = run_json("tickets", "show", "museum", 16)
    shown = run("tickets", "show", "museum", 16, "--rows").words

    rows = ticket["source_rows"]
    lines = {(s["file"], n) for s in ticket["source_files"] for n in s["lines"]}
    assert {(row["file"], row["line"]) for row in rows} == lines
    assert all(row["cells"] for row in rows)
    assert all(f"{row['file']}, line {row['line']}" in shown for row in rows)


def test_a_body_above_the_limit_fails_validation_and_may_not_be_marked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ADF_BODY_MAX_BYTES", "900")

    answer = run("validate", "museum", "--json")
    marked = run("tickets", "ready", "museum", "--all")

    assert answer.exit_code == 1
    assert answer.json["all_passed"] is False
    assert answer.json["failed"] > 0
    failed = [r for r in answer.json["results"] if r["status"] == "failed"]
    assert all("900" in r["error_message"] and r["suggested_fix"] for r in failed)
    assert marked.exit_code == 3
    assert "have not passed validation" in marked.words


def test_validating_what_has_not_changed_starts_no_run_and_says_the_same() -> None:
    run("tickets", "edit", "museum", "1", "--title", "Other")
    first = run_json("validate", "museum")
    with opened_instance() as instance:
        runs = instance.get_runs_count()

    again = run_json("validate", "museum")

    with opened_instance() as instance:
        assert instance.get_runs_count() == runs
    assert again == first


def test_a_dependency_by_hand_that_yields_to_the_sheets_is_named(reviewed: Path) -> None:
    """It was only in the audit trail that what a person decided holds no longer."""
    with projects.opened(reviewed) as pipeline:
        tickets = {t.ticket_id: t for t in pipeline.store.tickets.list_all("museum")}
        later = next(ticket for ticket in tickets.values() if ticket.depends_on)
        number = tickets[later.depends_on[0]].number
        with pipeline.store.database.writing() as connection:  # as if the sheets asked since
            connection.execute(
                insert(tables.dependencies).values(
                    session_key="museum",
                    ticket_id=later.depends_on[0],
                    other_ticket_id=later.ticket_id,
                    kind="blocks",
                    origin="manual",
                )
            )

    regenerated = run("generate", "museum").words

    assert f"Ticket {number} no longer waits for ticket {later.number}" in regenerated
    assert f"jira-pipeline tickets show museum {number}" in regenerated


@pytest.mark.whole_site
def test_a_part_of_a_long_list_names_what_it_waits_for_beyond_it() -> None:
    whole = run_json("tickets", "list", "museum")

    part = run_json("tickets", "list", "museum", "--limit", "2", "--offset", "15")
    regenerated = run("tickets", "list", "museum", "--limit", "2", "--offset", "15").words

    assert whole[15:17] == part
    assert "2 shown of 24 tickets" in regenerated
    assert "2, 4, 10, 11" in regenerated  # what ticket 16 waits for


def test_links_for_the_client_are_made_listed_and_revoked_by_person() -> None:
    made = [run("client-link", "museum", "--for", name).words for name in ("Jo", "Kim", "JO")]
    topic = run("client-link", "museum", "--for", "Ann", "--topic", "Ships")
    listed = run_json("client-link", "museum", "--list")
    run("client-link", "museum", "--for", "jo", "--revoke")
    left = run_json("client-link", "museum", "--list")

    assert ["no longer works" in said for said in made] == [False, False, True]
    assert all("minute" in said for said in made)
    assert (topic.exit_code, "Topics: " in topic.words) == (2, True)
    assert [one["made_for"] for one in listed] == ["JO", "Kim"]
    assert [one["made_for"] for one in left] == ["Kim"]


@pytest.mark.whole_site
def test_some_tickets_are_checked_by_numbers_and_ranges_and_nothing_is_stored() -> None:
    before = len(run_json("audit", "museum"))

    answer = run_json("validate", "museum", "--tickets", "3,7-9, 7")

    assert [result["number"] for result in answer["results"]] == [3, 7, 8, 9]
    assert (answer["tickets_tested"], answer["passed"], answer["failed"]) == (4, 4, 0)
    assert all(len(result["content_hash"]) == 64 for result in answer["results"])
    assert all(result["violations"] == [] for result in answer["results"])
    assert len(run_json("audit", "museum")) == before
