"""export, results, fixes: what is planned, done, refused and told."""

from pathlib import Path

import pytest

from jira_pipeline.context.settings import load_settings
from jira_pipeline.context.trackers import note_sandbox_address, open_sandbox
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import issue_of, run
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served

pytestmark = pytest.mark.small_site


def changes_of(project: Path) -> list[str]:
    """Return every change the sandbox ever made, in order."""
    with open_sandbox(load_settings(project)) as sandbox:
        return [c.change for entry in journal_of(sandbox) for c in entry.changes]


@pytest.mark.usefixtures("exported")
def test_nothing_is_said_to_be_done_while_other_sheets_wait_for_their_tickets(sheets: Path) -> None:
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
