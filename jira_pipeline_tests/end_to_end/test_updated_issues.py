"""Sheets that changed after the export, while people edited an issue: an update, and its undo."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import issue_of, run, run_json
from jira_pipeline_tests.crash.by_hand import ask_site
from jira_pipeline_tests.end_to_end.reading_back import read_issues, sandbox_of

pytestmark = pytest.mark.small_site
CHANGES = {
    3: (",field_portrait,n,", ",field_portrait,y,"),
    4: ("Recorded on,field_recorded_on", "Taken on,field_recorded_on"),
    5: ("Maximum 120 characters.", "Maximum 99 characters."),
}
"""What changes in the sheet of fields, by the number of the ticket that shows it."""
EDITED = 3
BY_A_PERSON = "We talked about this one."


def edit_issue(path: Path, key: str) -> None:
    """Let a person write another description into an issue."""
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": BY_A_PERSON}]}
    fields = {"description": {"type": "doc", "version": 1, "content": [paragraph]}}
    with JiraSandbox(path, clock=SystemClock().now) as site:
        answer = ask_site(site, "PUT", f"/rest/api/3/issue/{key}", {"fields": fields})
    assert answer.status == 204


def comment_counts(path: Path) -> dict[str, int]:
    counted = "SELECT key, count(*) FROM comment JOIN issue ON issue.id = issue_id GROUP BY key"
    with closing(sqlite3.connect(path)) as tables:
        return dict(tables.execute(counted).fetchall())


def test_issues_follow_their_tickets_beside_what_people_wrote(exported: Path, sheets: Path) -> None:
    path = sandbox_of(exported)
    before = {issue.key: issue for issue in read_issues(path)}
    changes = {issue_of(number): words for number, words in CHANGES.items()}
    edited = issue_of(EDITED)
    for old, new in changes.values():
        projects.replace_in(sheets / "Uhrenmuseum_Fields.csv", old, new)
    edit_issue(path, edited)
    run_json("upload", sheets, "--auto-approve")
    run_json("generate", "museum")

    plan = run_json("export", "museum", "--update", "--plan")["update"]
    results = run_json("export", "museum", "--update")
    after = {issue.key: issue for issue in read_issues(path)}
    again = run("export", "museum", "--update")
    still = {issue.key: issue for issue in read_issues(path)}
    unclear = run("export", "museum", "--update", "--overwrite", 3)

    assert {one["jira_key"] for one in plan} == changes.keys()
    assert {one["jira_key"] for one in plan if one["beside"]} == {edited}
    assert not any(one["objection"] for one in plan)
    assert {key for key, issue in after.items() if issue != before[key]} == changes.keys()
    assert results["changes"] == []
    assert len(results["updated"]) == len(changes)
    assert BY_A_PERSON in json.dumps(after[edited].description)
    for key in changes:
        text = json.dumps([after[key].description, after[key].attachments])
        assert changes[key][1].split(",")[0] in text
    assert comment_counts(path) == {}
    assert all(len(issue.attachments) <= 1 for issue in after.values())
    assert (again.exit_code, still) == (0, after)
    assert (unclear.exit_code, "which text" in unclear.words) == (2, True)
