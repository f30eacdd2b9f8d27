"""lint, upload and questions: what comes of folders, good and bad."""

import re
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.drupal.site.exports import write_export
from jira_pipeline_tests.sheets.made_workbooks import workbook_of_folder
from jira_pipeline_tests.tables import each

pytestmark = pytest.mark.usefixtures("project")


def assert_nothing_half_made(pipeline: Pipeline) -> None:
    uploads = pipeline.settings.uploads_path
    assert pipeline.store.sessions.list_all() == ()
    with dg.DagsterInstance.get() as instance:
        assert instance.get_dynamic_partitions("upload_sessions") == []
    assert not uploads.exists() or list(uploads.iterdir()) == []


def test_half_a_folder_is_reported_by_upload_and_status(sheets: Path) -> None:
    """Four of twelve sheets, copied by a copy that stalled, passed for a whole specification."""
    (sheets / "Uhrenmuseum_Fields.csv").unlink()
    upload, status = ("upload", sheets, "--session", "half"), ("status", "half")

    for command in (upload, status):
        assert run_json(*command)["missing_sheets"] == ["fields"]
        assert "The sheet of fields is missing" in run(*command).words


@each("key", ["Clocks", "a b", "../etc", "", "-clocks", "x" * 65, "ü"])
def test_a_bad_session_key_is_wrong_use_and_leaves_nothing(
    pipeline: Pipeline, sheets: Path, key: str
) -> None:
    answer = run("upload", sheets, "--session", key)

    assert answer.exit_code == 2
    assert "is not a session key" in answer.words
    assert_nothing_half_made(pipeline)


def test_people_see_a_fault_of_many_cells_once_and_how_many_there_are(
    pipeline: Pipeline, sheets: Path
) -> None:
    projects.blank_view_ids(sheets)

    answer = run("upload", sheets)

    assert answer.exit_code == 1
    assert "15 blocking errors" in answer.words
    assert answer.out.count("error ") == 1
    assert "and 14 more: 3–16" in answer.words
    assert_nothing_half_made(pipeline)


def test_a_column_of_ones_own_that_may_be_the_status_is_asked_about(sheets: Path) -> None:
    """A line for session.yaml was proposed, which a column that means it as well could take."""
    projects.replace_in(sheets / "Uhrenmuseum_Bundles.csv", ",X,", ",Status,")
    manifest = sheets / "session.yaml"

    waiting = run("upload", sheets)
    manifest.write_text(
        f"{manifest.read_text(encoding='utf-8')}columns: {{Status: X}}\n", encoding="utf-8"
    )
    taken = run("upload", sheets)

    assert waiting.exit_code == 3
    assert "may say which rows are built" in waiting.words
    assert taken.exit_code == 0


def test_an_upload_again_shows_what_is_new_and_counts_the_rest(sheets: Path) -> None:
    """Each upload showed the same findings again."""
    first = run("upload", sheets)
    unchanged = run("upload", sheets)
    projects.replace_in(sheets / "Uhrenmuseum_Fields.csv", ",Ref. bundle,", ",Referenz?,")
    again = run("upload", sheets)
    whole = run("upload", sheets, "--all")
    before, now = run_json("lint", sheets)["findings"], run_json("upload", sheets)

    assert "as before" not in first.words
    assert "No new finding, " in unchanged.words
    assert re.search(r"\b[1-9]\d* new findings?, \d+ as before: --all shows them\.", again.words)
    assert "Ref. bundle" in again.words
    assert "on hold" not in again.words
    assert "on hold" in whole.words
    assert now["findings_as_before"] == len(before) == len(now["findings"])


def test_sheets_of_a_site_are_written_and_read_again(project: Path, tmp_path: Path) -> None:
    changes = {"media.type.photo": "label: [", "core.entity_view_mode.user.compact": {"label": "C"}}
    export = write_export(tmp_path / "sync", changes)

    answer = run("sheets", "--config", export, "--out", project / "made")

    assert answer.exit_code == 0
    assert "bundles" in answer.words
    assert "2 files not described by any sheet" in answer.words
    assert "write down what matters of them: core.entity_view_mode.user 1." in answer.words
    assert "media.type.photo.yml" in answer.words
    findings = run_json("lint", project / "made")["findings"]
    assert [one for one in findings if one["severity"] == "error"] == []


def test_a_workbook_is_uploaded_by_its_name_as_a_slug_and_kept_as_it_was(
    project: Path, tmp_path: Path
) -> None:
    workbook = tmp_path / "Our Clock Museum (2026).xlsx"
    workbook.write_bytes(workbook_of_folder(projects.EXAMPLE))

    answer = run_json("upload", workbook)

    assert answer["session_key"] == "our-clock-museum-2026"
    names = {file["name"] for file in answer["files"]}
    assert names >= {f"{workbook.name}:Fields", f"{workbook.name}:Bundles"}
    (kept,) = (project / ".jira_pipeline" / "uploads").rglob(workbook.name)
    assert kept.read_bytes() == workbook.read_bytes()
    assert "unchanged" in run("upload", workbook).words
