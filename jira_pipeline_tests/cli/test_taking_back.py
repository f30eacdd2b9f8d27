"""undo, settle, fixes --done, skip: what is deleted, kept, found, marked and left out."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.crash.by_hand import SOMEBODY
from jira_pipeline_tests.projects import SMALL_TICKETS

pytestmark = pytest.mark.small_site
LEFT = SMALL_TICKETS - 3
"""So many issues `half_undone` leaves."""


def change_site(project: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(load_settings(project).sandbox_path)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(statement, values)
        connection.commit()


def keys_on_site(project: Path) -> list[str]:
    with closing(sqlite3.connect(load_settings(project).sandbox_path)) as connection:
        return [row[0] for row in connection.execute("SELECT key FROM issue ORDER BY id")]


def test_after_an_undo_results_report_and_dagster_say_what_was_taken_back(exported: Path) -> None:
    before = len(keys_on_site(exported))
    run_json("undo", "museum")

    results = run_json("results", "museum")
    report = (load_settings(exported).pages_path / "museum" / "report.html").read_text("utf-8")
    with opened_instance() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey("jira_issues"))
    assert event is not None
    materialization = event.asset_materialization
    assert materialization is not None

    assert (results["total_tickets_created"], results["dependencies_created"]) == (0, 0)
    assert len(results["removed"]) == before
    assert set(results["removed"][0]) == {"number", "title", "jira_key", "removed_at", "removed_by"}
    assert "<b>0</b><span>issues</span>" in report
    assert "<b>0</b><span>links</span>" in report
    assert 'id="removed"' in report
    # Nobody but auto approval marked them, and an undo takes its marks away.
    assert f"{before} tickets wait for review." in report
    assert "open for review" not in report
    assert results["removed"][0]["removed_by"] in report
    assert materialization.metadata["dagster/row_count"].value == 0
    assert materialization.metadata["taken_back"].value == before


@pytest.fixture
def half_undone(exported: Path) -> Path:
    """A session whose undo somebody cancelled when half of its issues were deleted."""
    with projects.opened(exported) as pipeline, pipeline.store.database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER stop AFTER INSERT ON ledger WHEN NEW.event = 'removal_answered' AND 3 ="
            " (SELECT count(*) FROM ledger WHERE event = 'removal_answered') BEGIN UPDATE sessions"
            " SET cancel_requested_at = updated_at, cancel_requested_by = 'ab',"
            " cancel_run_id = run_id; END"
        )
    assert run("undo", "museum").exit_code == 1
    with projects.opened(exported) as pipeline, pipeline.store.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER stop")
    return exported


def test_a_resume_carries_an_undo_on(half_undone: Path) -> None:
    plan = run_json("undo", "museum", "--plan")
    answer = run("resume", "museum")

    results = run_json("results", "museum")
    assert len(plan["remove"]) == LEFT
    assert plan["begun_at"] is not None
    assert answer.exit_code == 0
    assert (
        run_json("status", "museum")["current_stage"] == f"Undone: {SMALL_TICKETS} deleted, 0 left"
    )
    assert keys_on_site(half_undone) == []
    assert (results["total_tickets_created"], results["undo_begun_at"]) == (0, None)
    assert (load_settings(half_undone).pages_path / "museum" / "report.html").exists()


def test_the_status_after_an_undo_counts_what_it_left(exported: Path) -> None:
    """It went on to say that the deleted issues were there, and called those left exported."""
    change_site(
        exported,
        "UPDATE issue_property SET value = '{}' WHERE issue_id = (SELECT max(id) FROM issue)",
    )
    run("undo", "museum")

    status, told = run_json("status", "museum"), run("status", "museum").words

    assert (status["tickets_exported"], status["issues_there"]) == (1, 1)
    assert "1 left by the undo jira 1 issue was in Jira at" in told


def test_an_undo_that_deletes_nothing_holds_auto_approval_back_too(exported: Path) -> None:
    """Its session approved itself again, as if nobody had wanted it back."""
    change_site(exported, "UPDATE issue_property SET value = '{}'")

    undone = run_json("undo", "museum")
    answer = run("export", "museum")

    assert (undone["removed"], len(undone["kept"])) == ([], SMALL_TICKETS)
    assert answer.exit_code == 3
    assert run_json("status", "museum")["next_step"].startswith("Review")


def test_an_issue_that_an_undo_kept_names_the_issues_that_are_there_again(exported: Path) -> None:
    tickets = run_json("tickets", "list", "museum")
    kept = next(one for one in tickets if one["depends_on"])["jira_key"]
    with JiraSandbox(load_settings(exported).sandbox_path, clock=SystemClock().now) as sandbox:
        jira = JiraClient(
            SANDBOX_BASE_URL, auth=(SOMEBODY, "x"), transport=SandboxTransport(sandbox)
        )
        jira.mark_issue(kept, add_label="ours", properties={})

        def keys_named() -> set[str]:
            text = json.dumps(jira.issue_text(kept).description)
            return set(re.findall(r"/browse/([A-Z]+-\d+)", text))

        before = keys_named()
        run_json("undo", "museum")
        run_json("tickets", "ready", "museum", "--all")
        run_json("export", "museum", "--yes")
        plan = run_json("export", "museum", "--update", "--plan")
        assert [one["jira_key"] for one in plan["update"]] == [kept]
        run_json("export", "museum", "--update", "--yes")
        assert keys_named() <= set(keys_on_site(exported))
        assert before.isdisjoint(keys_named())
    assert run_json("export", "museum", "--update", "--plan")["update"] == []


@pytest.fixture
def pair(reviewed: Path) -> tuple[int, int]:
    """A ticket that others depend on, and one of those."""
    assert reviewed.is_dir()
    tickets = run_json("tickets", "list", "museum")
    number_of = {ticket["ticket_id"]: ticket["number"] for ticket in tickets}
    dependent = next(ticket for ticket in tickets if ticket["depends_on"])
    return number_of[dependent["depends_on"][0]], dependent["number"]


def test_what_depends_on_a_skipped_ticket_is_named_by_the_plan_and_where_it_is_shown(
    pair: tuple[int, int],
) -> None:
    skipped, dependent = pair
    run("tickets", "skip", "museum", skipped, "--reason", "later")
    run("tickets", "ready", "museum", "--all")

    plan = run_json("export", "museum", "--plan")
    planned = run("export", "museum", "--plan").words
    shown = run("tickets", "show", "museum", dependent).words

    assert (plan["skip"], skipped in plan["create"]) == ([skipped], False)
    assert {"number": dependent, "skipped": [skipped]} in plan["skipped_dependencies"]
    assert f"Ticket {dependent} won’t be linked to {skipped}" in planned
    assert "which is skipped or sent back: later" in shown


@pytest.mark.usefixtures("reviewed")
def test_words_that_a_decision_replaces_are_named_with_what_brings_them_back() -> None:
    """A skip deleted what somebody had asked to change, and a second request the first, unsaid."""
    asking = ("tickets", "request-changes", "museum", 2)
    first = run(*asking, "--reason", "It's the wrong label", "--about", "line 4", "--to", "Kim")
    second = run(*asking, "--reason", "Name the style")
    skipped = run("tickets", "skip", "museum", 2, 3, "--reason", "Already built")
    again = run("tickets", "skip", "museum", 2, 3, "--reason", "Already built")
    sent = run(*asking, "--reason", "Name the style")

    assert "Replaced" not in first.words + again.words
    assert (
        "Replaced on ticket 2, sent back: “It's the wrong label”; line 4; asked: Kim. To bring "
        "that back: jira-pipeline tickets request-changes museum 2 --reason 'It'\"'\"'s the wrong "
        "label' --about 'line 4' --to Kim"
    ) in second.words
    assert "request-changes museum 2 --reason 'Name the style'" in skipped.words
    assert (
        "Replaced on ticket 2, skipped: “Already built”. To bring that back: jira-pipeline tickets "
        "skip museum 2 --reason 'Already built'"
    ) in sent.words


@pytest.mark.usefixtures("exported")
def test_a_ticket_with_an_issue_is_not_skipped() -> None:
    answer = run("tickets", "skip", "museum", 1, "--reason", "too late")

    assert answer.exit_code == 1
    assert "Ticket 1 already has the issue UHR-" in answer.words
