"""What a home of an older version keeps when this program opens it."""

from pathlib import Path

import pytest

from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.store.older_stores import OF_1F91CCE5, SESSION, TICKETS, unpacked


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = unpacked(OF_1F91CCE5, tmp_path / "home")
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.mark.usefixtures("home")
def test_an_exported_session_of_an_older_version_is_as_approved_and_needs_no_update() -> None:
    """Documents are made again by this program: their hashes are those that people approved."""
    status = run_json("status", SESSION)
    plan = run_json("export", SESSION, "--update", "--plan")

    assert (status["tickets_ready"], status["stale"]) == (TICKETS, [])
    assert (status["jira_changes"], status["jira_updates"]) == (0, 0)
    assert plan["existing"] == TICKETS
    assert [plan[what] for what in ("create", "link", "attach", "place", "detach", "update")] == [
        *([], 0, 0, 0, 0, [])
    ]
