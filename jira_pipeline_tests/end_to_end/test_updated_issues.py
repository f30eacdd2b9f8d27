"""Sheets that changed after the export, while people edited an issue: an update, and its undo."""

import base64
import csv
import json
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.sandbox_http.exchange import SandboxRequest
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.end_to_end.conftest import ExportedUwec
from jira_pipeline_tests.end_to_end.reading_back import read_issues
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM

pytestmark = pytest.mark.small_site
CHANGES = {
    "UHR-3": (",field_portrait,n,", ",field_portrait,y,"),
    "UHR-4": ("Recorded on,field_recorded_on", "Taken on,field_recorded_on"),
    "UHR-5": ("Maximum 120 characters.", "Maximum 99 characters."),
}
"""What changes in the sheet of fields, by the issue of the ticket that shows it."""
EDITED = "UHR-3"
BY_A_PERSON = "We talked about this one."
UWEC_FIELDS = "UWEC_Fields.csv"
UWEC_CHANGED, UWEC_EDITED = 30, 5
NEW_HELP = "Ask the editors first."


def edit_issues(path: Path, keys: Iterable[str]) -> None:
    """Let a person write another description into some issues."""
    credentials = base64.b64encode(b"ada@sandbox.example:any").decode()
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": BY_A_PERSON}]}
    fields = {"description": {"type": "doc", "version": 1, "content": [paragraph]}}
    headers = {"authorization": f"Basic {credentials}", "content-type": "application/json"}
    with JiraSandbox(path, clock=lambda: datetime.now(UTC)) as sandbox:  # noqa: TID251 - a site has a clock
        for key in keys:
            request = SandboxRequest(
                method="PUT",
                path=f"/rest/api/3/issue/{key}",
                headers=headers,
                body=json.dumps({"fields": fields}).encode(),
            )
            assert sandbox.handle(request).status == 204


def change_help_texts(project: Path, folder: Path) -> list[int]:
    """Change the help text of one field in each of thirty tickets; return their numbers."""
    with projects.opened(project) as pipeline:
        tickets = pipeline.store.tickets.list_all("uwec")
    lines = {
        lines.lines[0]: ticket.number
        for ticket in tickets
        for lines in ticket.source_lines
        if lines.file == UWEC_FIELDS and lines.lines
    }
    rows: list[list[str]] = []
    numbers: list[int] = []
    with (folder / UWEC_FIELDS).open(encoding="utf-8-sig", newline="") as opened:
        reader, before = csv.reader(opened), 0
        for row in reader:
            if before + 1 in lines and len(numbers) < UWEC_CHANGED:
                row[rows[0].index("Help text")] = NEW_HELP
                numbers.append(lines[before + 1])
            rows.append(row)
            before = reader.line_num
    with (folder / UWEC_FIELDS).open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)
    return numbers


def comment_counts(path: Path) -> dict[str, int]:
    """Count the comments on every issue that has any, by key."""
    counted = "SELECT key, count(*) FROM comment JOIN issue ON issue.id = issue_id GROUP BY key"
    with closing(sqlite3.connect(path)) as tables:
        return dict(tables.execute(counted).fetchall())


def test_issues_follow_their_tickets_where_nobody_edited_them(exported: Path, sheets: Path) -> None:
    path = exported / ".jira_pipeline" / "sandbox.sqlite"
    before = {issue.key: issue for issue in read_issues(path)}
    for old, new in CHANGES.values():
        projects.replace_in(sheets / "Uhrenmuseum_Fields.csv", old, new)
    edit_issues(path, [EDITED])
    run_json("upload", sheets, "--auto-approve")
    run_json("generate", "museum")

    plan = run_json("export", "museum", "--update", "--plan")["update"]
    results = run_json("export", "museum", "--update")
    after = {issue.key: issue for issue in read_issues(path)}
    again = run("export", "museum", "--update")
    still = {issue.key: issue for issue in read_issues(path)}
    overwritten = run("export", "museum", "--update", "--overwrite", 3)
    last = {issue.key: issue for issue in read_issues(path)}

    assert {one["jira_key"] for one in plan} == CHANGES.keys()
    assert {one["jira_key"] for one in plan if one["objection"]} == {EDITED}
    assert {key for key, issue in after.items() if issue != before[key]} == CHANGES.keys()
    assert {one["jira_key"] for one in results["changes"]} == {EDITED}
    assert len(results["updated"]) == len(CHANGES) - 1
    assert BY_A_PERSON in json.dumps(after[EDITED].description)
    for key in CHANGES.keys() - {EDITED}:
        text = json.dumps([after[key].description, after[key].attachments])
        assert CHANGES[key][1].split(",")[0] in text
    assert comment_counts(path) == {EDITED: 1}
    assert all(len(issue.attachments) <= 1 for issue in after.values())
    assert (again.exit_code, still) == (0, after)
    assert overwritten.exit_code == 0
    assert {key for key, issue in last.items() if issue != after[key]} == {EDITED}


@OF_THE_LONG_FORM
@pytest.mark.xdist_group("uwec")
def test_issues_of_the_real_specification_follow_thirty_changed_cells(
    exported_uwec: ExportedUwec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = projects.adopt(exported_uwec.project, tmp_path / "project", monkeypatch)
    path = project / ".jira_pipeline" / "sandbox.sqlite"
    sheets = Path(shutil.copytree(exported_uwec.folder, tmp_path / "sheets"))
    before = {issue.key: issue for issue in read_issues(path)}
    numbers = change_help_texts(project, sheets)
    keys = {t["number"]: t["jira_key"] for t in run_json("tickets", "list", "uwec")}
    edited = [keys[number] for number in numbers[:UWEC_EDITED]]
    edit_issues(path, edited)
    run_json("upload", sheets, "--session", "uwec", "--auto-approve")
    run_json("generate", "uwec")

    plan = run_json("export", "uwec", "--update", "--plan")["update"]
    results = run_json("export", "uwec", "--update")
    after = {issue.key: issue for issue in read_issues(path)}
    again = run("export", "uwec", "--update")

    updated = {keys[number] for number in numbers[UWEC_EDITED:]}
    assert len(numbers) == UWEC_CHANGED
    assert sorted(one["number"] for one in plan) == sorted(numbers)
    assert {key for key, issue in after.items() if issue != before[key]} == updated | set(edited)
    assert len(results["updated"]) == UWEC_CHANGED - UWEC_EDITED
    assert comment_counts(path) == dict.fromkeys(edited, 1)
    assert (again.exit_code, after) == (0, {issue.key: issue for issue in read_issues(path)})
