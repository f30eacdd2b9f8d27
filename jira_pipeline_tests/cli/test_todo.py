"""todo: what waits for people, in one list."""

from pathlib import Path

import pytest

from jira_pipeline.export.left_in_jira import TodoKind, todo_items
from jira_pipeline.model.exports import FixState, FixType
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.contracts.stored_values import a_fix

pytestmark = pytest.mark.small_site


@pytest.mark.usefixtures("reviewed")
def test_fixes_changes_and_questions_are_in_one_list() -> None:
    """They were in three commands, and nothing named all of them."""
    run_json("tickets", "assign", "museum", "1", "2", "--sprint", "Sprint 3")
    run_json("tickets", "ready", "museum", "--all")
    run_json("export", "museum")
    run_json("tickets", "edit", "museum", "3", "--title", "Another title")

    listed = run_json("todo", "museum")
    shown = run("todo", "museum")

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


@pytest.mark.usefixtures("reviewed")
def test_a_session_that_was_never_exported_has_nothing_to_do_in_jira() -> None:
    assert run_json("todo", "museum")["items"] == []
    assert "To do in Jira" not in run("todo", "museum").words


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
