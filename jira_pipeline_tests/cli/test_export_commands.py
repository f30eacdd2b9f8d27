"""export, results, fixes: what is planned, done, refused and told."""

from pathlib import Path

import pytest

from jira_pipeline.export.trackers import open_sandbox
from jira_pipeline.settings import load_settings
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS

pytestmark = pytest.mark.small_site
PLAN = {"target", "create", "link", "skip", "remove", "blocked"}
ERROR = {"code", "category", "message", "recovery_actions"}
RESULTS = {
    "session_key",
    "target",
    "jql",
    "total_tickets_created",
    "jira_tickets",
    "dependencies_created",
    "manual_fixes",
    "total_processing_time_minutes",
    "requests",
}


def changes_of(project: Path) -> list[str]:
    """Return every change the sandbox ever made, in order."""
    with open_sandbox(load_settings(project)) as sandbox:
        return [c.change for entry in sandbox.journal() for c in entry.changes]


def test_a_plan_before_the_review_is_blocked_and_sends_nothing(reviewed: Path) -> None:
    answer = run("export", "museum", "--plan", "--json")

    assert answer.exit_code == 3
    assert set(answer.json) >= PLAN
    assert set(answer.json["target"]) == {"site", "project", "account"}
    assert set(answer.json["blocked"]) >= ERROR
    assert f"{SMALL_TICKETS} tickets wait for review" in answer.json["blocked"]["message"]
    assert "issue_created" not in changes_of(reviewed)


def test_a_plan_of_ready_tickets_names_all_and_changes_nothing(reviewed: Path) -> None:
    run("tickets", "ready", "museum", "--all")

    plan = run_json("export", "museum", "--plan")

    assert plan["blocked"] is None
    assert sorted(plan["create"]) == list(range(1, SMALL_TICKETS + 1))
    assert plan["link"] > 0
    assert (plan["skip"], plan["remove"]) == ([], [])
    assert plan["target"]["project"] == "UHR"
    assert "issue_created" not in changes_of(reviewed)


def test_a_plan_where_everything_exists_says_so(exported: Path) -> None:
    """It said that 0 issues would be created, and nothing of those that are there."""
    plan = run_json("export", "museum", "--plan")
    words = run("export", "museum", "--plan").words

    assert exported.is_dir()
    assert (plan["create"], plan["existing"], plan["link"]) == ([], SMALL_TICKETS, 0)
    assert f"{SMALL_TICKETS} issues kept" in words
    assert "Everything is there; an export only looks again." in words


def test_a_rehearsal_shows_its_issues_and_changes_nothing(reviewed: Path) -> None:
    with (reviewed / ".env").open("a", encoding="utf-8") as settings:
        settings.write("JIRA_BASE_URL=https://jira.invalid\n")
    run("tickets", "ready", "museum", "--all")
    before = run_json("status", "museum")

    rehearsed = run("export", "museum", "--rehearse")

    assert rehearsed.exit_code == 0
    assert f"{SMALL_TICKETS} issues and 4 links in" in rehearsed.words
    assert "No Jira was asked." in rehearsed.words
    assert run_json("status", "museum") == before


def test_an_export_before_the_review_ends_with_who_must_act(reviewed: Path) -> None:
    answer = run("export", "museum")

    assert answer.exit_code == 3
    assert f"{SMALL_TICKETS} tickets wait for review" in answer.words
    assert "jira-pipeline tickets ready museum --all" in answer.words
    assert "issue_created" not in changes_of(reviewed)


def test_an_export_creates_links_and_reports(reviewed: Path) -> None:
    run("tickets", "ready", "museum", "--all")
    plan = run_json("export", "museum", "--plan")

    answer = run_json("export", "museum")

    assert set(answer) >= RESULTS
    assert answer["total_tickets_created"] == SMALL_TICKETS
    assert answer["dependencies_created"] == plan["link"]
    assert len({t["jira_key"] for t in answer["jira_tickets"]}) == SMALL_TICKETS
    assert all(
        set(t) >= {"ticket_id", "jira_key", "jira_url", "title"} for t in answer["jira_tickets"]
    )
    assert answer["manual_fixes"] == []
    assert "project" in answer["jql"]
    assert Path(answer["report"]).is_file()
    assert changes_of(reviewed).count("issue_created") == SMALL_TICKETS


def test_an_exported_session_is_reported_in_list_status_and_results(exported: Path) -> None:
    tickets = run_json("tickets", "list", "museum")
    status = run_json("status", "museum")
    results = run_json("results", "museum")

    assert {t["state"] for t in tickets} == {"exported"}
    assert all(t["jira_key"].startswith("UHR-") and t["jira_url"] for t in tickets)
    assert (status["stage"], status["status"]) == ("completed", "completed")
    assert status["tickets_exported"] == SMALL_TICKETS
    assert "jira-pipeline results museum" in status["next_step"]
    assert results["total_tickets_created"] == SMALL_TICKETS
    assert run_json("fixes", "museum") == []
    assert exported.is_dir()


def test_a_change_is_left_to_do_until_a_person_notes_that_they_made_it(
    exported: Path, tmp_path: Path
) -> None:
    """Sixty changes were listed beside "Nothing is left to do by hand", and nothing ticked them off."""
    notes = tmp_path / "notes.md"
    notes.write_text("Look at the clock.", "utf-8")
    for number in ("1", "2"):
        run_json("tickets", "edit", "museum", number, "--part", "notes", "--file", str(notes))

    open_then = run("status", "museum").words + run("fixes", "museum").words
    first = run("fixes", "museum", "--changed", "1").words
    (left,) = run_json("results", "museum")["changes"]
    unknown = run("fixes", "museum", "--changed", "1")
    every = run("fixes", "museum", "--changed", "all").words

    assert "Nothing is left to do by hand" not in open_then
    assert "2 issues do not say what tickets say now" in open_then
    assert "Noted as changed in Jira: UHR-1." in first
    assert (left["number"], left["parts"]) == (2, ["notes"])
    assert (unknown.exit_code, "Nothing of ticket 1 is to be changed" in unknown.words) == (2, True)
    assert "Nothing is left to do by hand." in every
    assert run_json("results", "museum")["changes"] == []
    assert exported.is_dir()


def test_nothing_is_said_to_be_done_while_other_sheets_wait_for_their_tickets(
    exported: Path, sheets: Path
) -> None:
    (fields,) = sheets.glob("*_Fields.csv")
    header, rows = fields.read_text("utf-8-sig").split("\n", 1)
    fields.write_text(f"{header}\n{',' * header.count(',')}\n{rows}", "utf-8")
    run("upload", str(sheets), "--session", "museum")

    waiting = run("fixes", "museum").words
    run("regenerate", "museum")
    written = run("fixes", "museum").words

    assert "Nothing is left to do by hand" not in waiting
    assert "Other files were uploaded" in waiting
    assert "Nothing is left to do by hand." in written
    assert exported.is_dir()


def test_exporting_again_creates_nothing(exported: Path) -> None:
    before = changes_of(exported)

    plan = run_json("export", "museum", "--plan")
    run_json("export", "museum")

    assert (plan["create"], plan["link"]) == ([], 0)
    assert changes_of(exported) == before


def test_an_edit_after_the_export_names_the_issue_to_change(exported: Path) -> None:
    before = changes_of(exported)

    answer = run("tickets", "edit", "museum", "3", "--title", "Another title")

    assert "Exported already, so change it there too: UHR-3" in answer.words
    assert changes_of(exported) == before


def test_the_same_content_after_an_export_is_a_no_op(exported: Path, tmp_path: Path) -> None:
    before = run_json("status", "museum")

    answer = run("upload", projects.copy_small_sheets(tmp_path / "museum"))

    assert exported.is_dir()
    assert answer.exit_code == 0
    assert "unchanged" in answer.words
    assert run_json("status", "museum") == before


def test_changed_content_after_an_export_changes_no_issue_and_says_what_to_change(
    exported: Path, tmp_path: Path
) -> None:
    before = changes_of(exported)
    folder = projects.copy_small_sheets(tmp_path / "museum")
    projects.rename_a_field(folder)

    run_json("upload", folder)
    run_json("generate", "museum")
    stale = run("export", "museum")
    run_json("tickets", "ready", "museum", "--all")
    results = run_json("export", "museum")

    assert stale.exit_code == 3
    assert changes_of(exported) == before
    (change,) = results["changes"]
    assert change["jira_key"].startswith("UHR-")
    assert [(c["column"], c["after"]) for c in change["cells"]] != []
    assert f"Change {change['jira_key']}" in change["recommended_action"]
    assert change["jira_key"] in run("results", "museum").words


def test_the_changed_sheets_can_become_another_session(exported: Path, tmp_path: Path) -> None:
    folder = projects.copy_small_sheets(tmp_path / "museum")
    projects.rename_a_field(folder)

    assert run("upload", folder, "--session", "museum-2").exit_code == 0
    assert len(run_json("sessions")) == 2
    assert exported.is_dir()


def test_changed_content_before_an_export_is_generated_and_reviewed_again(
    reviewed: Path, tmp_path: Path
) -> None:
    run("tickets", "ready", "museum", "--all")
    folder = projects.copy_small_sheets(tmp_path / "museum")
    projects.rename_a_field(folder)
    run("upload", folder)

    stale = run("export", "museum")
    run_json("generate", "museum")
    unready = run("export", "museum")

    assert stale.exit_code == 3
    assert "Re-validation required" in stale.words
    assert unready.exit_code == 3
    assert "1 ticket waits for review" in unready.words
    assert "issue_created" not in changes_of(reviewed)


def test_auto_approval_readies_at_the_start_of_creation(reviewed: Path, tmp_path: Path) -> None:
    run_json("upload", projects.copy_small_sheets(tmp_path / "museum"), "--auto-approve")
    run_json("generate", "museum")

    plan = run_json("export", "museum", "--plan")
    words = run("export", "museum", "--plan").words
    before = run_json("status", "museum")["tickets_ready"]
    run_json("export", "museum")

    assert plan["blocked"] is None
    assert f"Nobody marked {SMALL_TICKETS} tickets ready: valid tickets are approved" in words
    assert before == 0
    assert run_json("status", "museum")["tickets_ready"] == SMALL_TICKETS
    approvals = [e for e in run_json("audit", "museum") if e["actor"] == "auto_approve"]
    assert len(approvals) >= 1
    assert reviewed.is_dir()


@pytest.mark.parametrize("command", ["results", "fixes"])
def test_results_before_any_export_say_so(reviewed: Path, command: str) -> None:
    answer = run(command, "museum")

    assert reviewed.is_dir()
    assert answer.exit_code == 3
    assert "was never exported to sandbox, project UHR" in answer.words
    assert "`jira-pipeline status museum` names the next step." in answer.words


def test_a_real_jira_is_asked_for_before_it_is_written_to(
    reviewed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRA_BASE_URL", "https://jira.invalid")

    answer = run("export", "museum", "--plan")

    assert reviewed.is_dir()
    assert answer.exit_code == 1
    assert "JIRA_EMAIL" in answer.words


def test_what_the_project_lacks_is_reported_by_the_plan_and_fixed_at_once(reviewed: Path) -> None:
    """The example of README led to thirteen equal rows of fixes, and the plan said nothing."""
    fields = ("--sprint", "Sprint 3", "--assignee", "nobody@example.org", "--priority", "Urgent")
    hint = run("tickets", "assign", "museum", "1", "2", *fields)
    run_json("validate", "museum")
    run_json("tickets", "ready", "museum", "--all")

    planned = run("export", "museum", "--plan")
    warnings = run_json("export", "museum", "--plan")["warnings"]
    run_json("export", "museum")
    listed = run_json("fixes", "museum")
    shown = run("fixes", "museum")
    report = (reviewed / ".jira_pipeline" / "pages" / "museum" / "report.html").read_text("utf-8")

    assert "check-project --session museum" in hint.words
    assert len(warnings) == 3
    assert "Sprint Sprint 3: the project has UHR Sprint 1, UHR Sprint 2" in planned.words
    sprints = [fix for fix in listed if fix["fix_type"] == "sprint_not_found"]
    assert len(sprints) == 2
    assert shown.words.count("sprint_not_found") == 1
    assert report.count("<td>sprint not found</td>") == 1


@pytest.mark.usefixtures("reviewed")
def test_a_plan_warns_of_nothing_where_no_ticket_names_anything() -> None:
    run_json("tickets", "ready", "museum", "--all")

    assert run_json("export", "museum", "--plan")["warnings"] == []
