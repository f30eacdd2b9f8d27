"""export, results, fixes, todo: what is planned, done, refused, told, and left."""

from pathlib import Path

import pytest

from jira_pipeline.context.settings import load_settings
from jira_pipeline.context.trackers import note_sandbox_address, open_sandbox
from jira_pipeline.export.todo import TodoKind, todo_items
from jira_pipeline.model.manual_fixes import FixState, FixType
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import issue_of, run, run_json
from jira_pipeline_tests.contracts.stored_values import a_fix
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served

pytestmark = pytest.mark.small_site


def changes_of(project: Path) -> list[str]:
    with open_sandbox(load_settings(project)) as sandbox:
        return [c.change for entry in journal_of(sandbox) for c in entry.changes]


def request_count_of(project: Path) -> int:
    with open_sandbox(load_settings(project)) as sandbox:
        return len(journal_of(sandbox))


def test_a_command_says_how_many_requests_it_sent_and_an_idle_export_sends_few(
    exported: Path,
) -> None:
    """The plan before it and the check after it were in no count: 5 were told, 18 sent."""
    before = request_count_of(exported)
    idle = run_json("export", "museum")
    after = request_count_of(exported)
    undone = run_json("undo", "museum")

    assert idle["requests_sent"] == after - before <= 8
    assert undone["requests_sent"] == request_count_of(exported) - after


@pytest.mark.usefixtures("exported")
def test_nothing_is_said_to_be_done_while_other_sheets_wait_for_their_tickets(sheets: Path) -> None:
    (fields,) = sheets.glob("*_Fields.csv")
    header, rows = fields.read_text("utf-8-sig").split("\n", 1)
    fields.write_text(f"{header}\n{',' * header.count(',')}\n{rows}", "utf-8")
    run("upload", str(sheets), "--session", "museum")

    waiting = run("fixes", "museum").words
    run("generate", "museum")
    written = run("fixes", "museum").words

    assert "Nothing is left to do by hand" not in waiting
    assert "Other files were uploaded" in waiting
    assert "Nothing is left to do by hand." in written


def test_an_edit_after_the_export_names_the_issue_to_change(exported: Path) -> None:
    before = changes_of(exported)

    answer = run("tickets", "edit", "museum", "3", "--title", "Another title")

    assert f"Already exported, so also change it in Jira: {issue_of(3)}" in answer.words
    assert changes_of(exported) == before


def test_addresses_of_the_sandbox_are_shown_while_they_answer(exported: Path) -> None:
    """Those of a program that had ended, or of the sandbox of another home, led nowhere."""
    with projects.opened(exported) as pipeline, open_sandbox(pipeline.settings) as sandbox:
        with served(sandbox) as address:
            note_sandbox_address(pipeline, address)
            while_served = run("results", "museum").words
        ended = run("results", "museum").words
        report = (pipeline.settings.pages_path / "museum" / "report.html").read_text("utf-8")

    assert f"{address}/browse/UHR-1" in while_served
    assert address not in ended
    assert "To view their pages: jira-pipeline sandbox serve" in ended
    assert "<code>jira-pipeline sandbox serve --port 8765</code>" in report


@pytest.mark.usefixtures("reviewed")
def test_fixes_changes_and_questions_are_in_one_list() -> None:
    """They were in three commands, and nothing named all of them."""
    before = run_json("todo", "museum")["items"]
    run_json("tickets", "assign", "museum", "1", "2", "--sprint", "Sprint 3")
    run_json("tickets", "ready", "museum", "--all")
    run_json("export", "museum")
    run_json("tickets", "edit", "museum", "3", "--title", "Another title")

    listed = run_json("todo", "museum")
    shown = run("todo", "museum")

    assert before == []
    fixes = [item for item in listed["items"] if item["kind"] == "fix"]
    changes = [item for item in listed["items"] if item["kind"] == "change"]
    assert len(fixes) == 2
    assert [change["title"] for change in changes] == ["Another title"]
    assert listed["open_questions"] == run_json("status", "museum")["open_questions"] > 0
    ids = ", ".join(str(fix["fix_id"]) for fix in fixes)
    assert f"fix {ids} " in shown.words
    assert "jira-pipeline questions museum --open" in shown.words
    assert "jira-pipeline fixes museum --done N" in shown.words

    for fix in fixes:
        run_json("fixes", "museum", "--done", fix["fix_id"])

    assert {item["kind"] for item in run_json("todo", "museum")["items"]} == {"change"}


def test_a_lost_answer_is_listed_unless_people_are_asked_to_look_already(reviewed: Path) -> None:
    with projects.opened(reviewed) as pipeline:
        first, second = pipeline.store.tickets.listed("museum")[:2]
    orphan = a_fix(fix_type=FixType.ORPHAN_ISSUE, ticket_id=second.ticket_id)
    done = a_fix(fix_type=FixType.FIELD_REJECTED, state=FixState.DONE)

    items = list(
        todo_items(
            "museum", fixes=[orphan, done], changes=(), in_doubt=[first, second], differences=()
        )
    )

    assert [(item.kind, item.title) for item in items] == [
        (TodoKind.DOUBT, first.title),
        (TodoKind.FIX, orphan.title),
    ]
