"""The commands lead from one to the next: what one says is next brings the session further."""

import re
from pathlib import Path

import pytest
import typer

from jira_pipeline.cli.context import opened_session
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import Answer, run, run_json

pytestmark = pytest.mark.small_site
NEXT = re.compile(r"^Next: .*: (jira-pipeline .*)$", re.MULTILINE)
MOST_STEPS = 12


def next_of(answer: Answer) -> str:
    """What a command names as next, as it is typed."""
    (command,) = NEXT.findall(answer.out)
    return str(command)


@pytest.mark.usefixtures("project")
def test_who_types_what_is_named_next_comes_from_the_upload_to_the_issues(sheets: Path) -> None:
    """Upload and status named different commands; changed sheets were sent to `validate`."""
    typed: list[str] = []
    answer = run("upload", sheets)
    while "Next: nothing to do" not in answer.out and len(typed) < MOST_STEPS:
        command = next_of(answer)
        assert run_json("status", "museum")["next_command"] == command
        if command == "jira-pipeline export museum" and "changed" not in typed:
            projects.rename_a_field(sheets)
            typed.append("changed")
            answer = run("upload", sheets)
            continue
        typed.append(command.removeprefix("jira-pipeline "))
        answer = run(*command.split()[1:])
        assert answer.exit_code == 0, answer.words

    status = run_json("status", "museum")
    assert typed == [
        "generate museum",
        "tickets ready museum --all",
        "changed",
        "generate museum",
        "tickets ready museum --all",
        "export museum",
    ]
    assert (status["stage"], status["next_command"]) == (
        "completed",
        "jira-pipeline results museum",
    )


@pytest.mark.usefixtures("reviewed")
def test_every_refusal_of_changed_sheets_names_the_same_command(sheets: Path) -> None:
    """`tickets ready` sent people to `validate`, which changed nothing."""
    run("tickets", "ready", "museum", "--all")
    projects.rename_a_field(sheets)
    run("upload", sheets)
    refused = [
        run("tickets", "ready", "museum", "--all", "--json").json["error"],
        run("export", "museum", "--json").json["error"],
        run("export", "museum", "--plan", "--json").json["blocked"],
        run("resume", "museum", "--json").json["error"],
        run("cancel", "museum", "--json").json["error"],
    ]

    step = run_json("status", "museum")

    assert step["next_command"] == "jira-pipeline generate museum"
    expected = step["next_step"].replace(step["next_command"], f"`{step['next_command']}`.")
    assert [error["recovery_actions"][0] for error in refused] == [expected] * len(refused)


@pytest.mark.usefixtures("reviewed")
def test_every_change_of_a_ticket_says_what_is_next(sheets: Path) -> None:
    changes = [
        (("tickets", "unready", "museum", "1"), "tickets ready museum --all"),
        (("tickets", "skip", "museum", "6", "--reason", "later"), "tickets ready museum --all"),
        (("tickets", "unskip", "museum", "6"), "tickets ready museum --all"),
        (("tickets", "order", "museum", "4", "2"), "tickets ready museum --all"),
        (("tickets", "edit", "museum", "3", "--title", "Another"), "tickets ready museum --all"),
        (("tickets", "assign", "museum", "3", "--labels", "a"), "tickets ready museum --all"),
        (("validate", "museum"), "tickets ready museum --all"),
        (("tickets", "rollback", "museum", "3", "--to", "1"), "tickets ready museum --all"),
        (("upload", str(sheets)), "tickets ready museum --all"),
    ]

    named = [next_of(run(*command)) for command, _ in changes]

    assert named == [f"jira-pipeline {command}" for _, command in changes]


@pytest.mark.usefixtures("reviewed")
def test_a_queued_export_that_will_be_refused_is_reported_with_the_way_on(sheets: Path) -> None:
    """`status` said to wait for an export that could only be refused."""
    run("tickets", "ready", "museum", "--all")
    queued = run("export", "museum", "--queue")
    projects.rename_a_field(sheets)
    run("upload", sheets)

    step = run_json("status", "museum")["next_step"]

    assert next_of(queued) == "jira-pipeline status museum --watch"
    assert step.startswith("The requested export is waiting and will be refused: the sheets ")
    assert step.endswith(": jira-pipeline generate museum")


@pytest.mark.usefixtures("reviewed")
def test_ctrl_c_before_a_run_begins_names_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    """Until the run had begun it named none, and left people alone with what was done."""
    with pytest.raises(typer.Exit), opened_session("museum", is_json=False):
        raise KeyboardInterrupt

    said = capsys.readouterr().err
    assert "Stopped. Finished work is kept." in said
    assert "jira-pipeline tickets ready museum --all" in said
