"""The same sheets under another session key: named everywhere, and created again only if asked."""

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.cli.test_taking_back import keys_on_site

pytestmark = [pytest.mark.xdist_group("same_specification"), pytest.mark.small_site]

ISSUES = projects.SMALL_TICKETS


@pytest.fixture(scope="module")
def repeated_project(
    small_exported_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project with session `museum` exported, and `second` with the same sheets, refused."""
    folder = tmp_path_factory.mktemp("repeated")
    project_path = folder / "project"
    shutil.copytree(small_exported_project, project_path)
    sheets = projects.copy_small_sheets(folder / "second", is_auto_approved=True)
    projects.upload(project_path, sheets, session_key="second")
    with dg.DagsterInstance.ephemeral() as instance:
        projects.execute(
            instance, project_path, "csv_to_jira", session_key="second", raise_on_error=False
        )
    return project_path


@pytest.fixture
def repeated(repeated_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return projects.adopt(repeated_project, tmp_path / "project", monkeypatch)


def named(same: list[dict[str, Any]]) -> list[tuple[str, int, int, bool]]:
    """What programs are told, without the keys of issues."""
    return [(s["session_key"], s["shared"], len(s["issues"]), s["as_new"]) for s in same]


def test_auto_approval_alone_creates_nothing_a_second_time(repeated: Path) -> None:
    """It made 24 more issues in the same project without a word."""
    status = run_json("status", "second")
    error = run_json("errors", "second")[-1]

    assert len(keys_on_site(repeated)) == ISSUES
    assert error["code"] == "same_specification"
    assert "session museum has issues for 6 of these 6 tickets: UHR-1," in error["message"]
    assert named(status["same_specification"]) == [("museum", ISSUES, ISSUES, False)]
    assert status["next_command"] == "jira-pipeline export second --plan"


@pytest.mark.usefixtures("repeated")
def test_an_upload_names_the_session_and_its_issues(sheets: Path) -> None:
    answer = run_json("upload", sheets, "--session", "third")
    words = run("upload", sheets, "--session", "third").words
    own = run_json("upload", sheets, "--session", "museum")

    assert named(answer["same_specification"]) == [("museum", ISSUES, ISSUES, False)]
    assert "session museum has issues for 6 of these 6 tickets: UHR-1, UHR-2" in words
    assert "upload FOLDER --session museum" in words
    assert own["same_specification"] == []
