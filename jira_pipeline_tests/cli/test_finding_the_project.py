"""Where commands find the project, its settings and its home."""

from pathlib import Path

import pytest
import typer

from jira_pipeline.cli.context import run_command
from jira_pipeline.context import settings
from jira_pipeline.model.errors import (
    AccessError,
    CancelledError,
    ConfigurationError,
    GateError,
    GateRule,
    InDoubtError,
    InputError,
    LeaseBusyError,
    ManifestError,
    PipelineError,
    RateLimitedError,
    RefusedError,
    SessionKeyError,
    SessionLockedError,
    StoreBusyError,
    StoreError,
    UnavailableError,
)
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS
from jira_pipeline_tests.tables import each

pytestmark = pytest.mark.small_site


def test_a_command_finds_the_project_above_its_working_folder(
    reviewed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = reviewed / "some" / "folder"
    below.mkdir(parents=True)
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.chdir(below)

    assert run_json("status", "museum")["tickets_total"] == SMALL_TICKETS
    assert list(below.iterdir()) == []


def test_without_any_project_a_command_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_elsewhere(tmp_path, monkeypatch)

    answer = run("status", "museum")

    assert answer.exit_code == 1
    assert "DAGSTER_HOME is not set, and there is no dagster.yaml in" in answer.words
    assert "`jira-pipeline init` creates one" in answer.words
    assert list(tmp_path.iterdir()) == []


def install_elsewhere(folder: Path, environment: pytest.MonkeyPatch) -> None:
    """As installed outside of a checkout: the package does not lie beside a `dagster.yaml`."""
    environment.setenv("DAGSTER_HOME", "so that what a command sets is taken back")
    environment.delenv("DAGSTER_HOME")
    environment.setenv("HOME", str(folder))
    environment.chdir(folder)
    environment.setattr(settings, "__file__", str(folder / "lib" / "settings.py"))


HOME_FILES = [".env", "workspace.yaml", "defs/__init__.py", "pyproject.toml", "dagster.yaml"]


def test_init_makes_the_one_home_of_the_account_wherever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home in whatever folder somebody is in would be a second, empty ledger."""
    install_elsewhere(tmp_path, monkeypatch)
    below = tmp_path / "somewhere"
    below.mkdir()
    monkeypatch.chdir(below)

    made = run_json("init")
    again = run_json("init")
    (tmp_path / "jira_pipeline" / "pyproject.toml").unlink()  # as in a home of before
    completed = run_json("init")
    found = run_json("sessions")

    home = tmp_path / "jira_pipeline"
    written = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir() if path.is_file()}
    assert made == {
        "home": str(home),
        "written": HOME_FILES,
        "kept": [],
    }
    assert again == {"home": str(home), "written": [], "kept": HOME_FILES}
    assert completed["written"] == ["pyproject.toml"]
    assert (home.stat().st_mode & 0o777, written[".env"]) == (0o700, 0o600)
    assert f"\nDAGSTER_HOME={home}\n" in (home / ".env").read_text(encoding="utf-8")
    assert found == []
    assert (home / ".jira_pipeline" / "store.sqlite").is_file()
    assert list(below.iterdir()) == []


def test_init_with_a_folder_keeps_its_files_and_names_the_home_so_far(
    project: Path, tmp_path: Path
) -> None:
    other, line = tmp_path / "other", "JIRA_PROJECT_KEY=ONE\n"
    other.mkdir(mode=0o755)
    (other / ".env").write_text(line, encoding="utf-8")

    answer = run("init", other)

    assert answer.exit_code == 0
    written = "workspace.yaml, defs/__init__.py, pyproject.toml, dagster.yaml"
    assert f"Written: {written} Kept unchanged: .env" in answer.words
    assert f"The current data folder is {project}:" in answer.words
    assert (other / ".env").read_text(encoding="utf-8") == line
    assert other.stat().st_mode & 0o777 == 0o755


def test_a_dagster_home_that_is_yet_to_be_made_is_made_by_init_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "new"))

    refused = run("init")
    made = run_json("init", tmp_path / "new")

    assert refused.exit_code == 1
    assert f"jira-pipeline init {tmp_path / 'new'}" in refused.words
    assert made["home"] == str(tmp_path / "new")
    assert run_json("sessions") == []


def test_sheets_are_linted_where_there_is_no_home(
    tmp_path: Path, sheets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_elsewhere(tmp_path, monkeypatch)
    monkeypatch.setenv("UPLOAD_MAX_FILES", "3")
    before = sorted(tmp_path.iterdir())

    findings = run("lint", sheets, "--json").json["findings"]

    assert "too_many_files" in {finding["code"] for finding in findings}
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("setting", "home", "command", "words"),
    [
        ("JIRA_PIPELINE_HOME", "a_file", "sessions", "JIRA_PIPELINE_HOME"),
        ("JIRA_PIPELINE_HOME", "a_file/below", "sessions", "JIRA_PIPELINE_HOME"),
        ("DAGSTER_HOME", "gone", "sessions", "DAGSTER_HOME"),
        ("UNUSED", "", "init a_file/home", "No data folder can be made in"),
    ],
)
def test_a_home_that_is_not_there_or_cannot_be_made_is_reported(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    setting: str,
    home: str,
    command: str,
    words: str,
) -> None:
    (project / "a_file").write_text("not a folder", encoding="utf-8")
    monkeypatch.chdir(project)
    monkeypatch.setenv(setting, home if setting == "JIRA_PIPELINE_HOME" else str(project / home))

    answer = run(*command.split())

    assert answer.exit_code == 1
    assert words in answer.words
    assert not (project / "gone").exists()


def test_a_relative_dagster_home_is_understood_from_the_working_folder(
    reviewed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reviewed.parent)
    monkeypatch.setenv("DAGSTER_HOME", reviewed.name)

    assert run_json("validate", "museum")["all_passed"]


@each(
    ("error", "exit_code"),
    [
        (InputError("The folder is empty."), 1),
        (ManifestError(file_name="session.yaml", reason="not YAML"), 1),
        (SessionKeyError("No such session."), 2),
        (SessionLockedError(session_key="site"), 3),
        (GateError("Review first.", rule=GateRule.NOT_READY, recovery_actions=()), 3),
        (ConfigurationError("Set a project."), 1),
        (StoreError("The disk is full."), 1),
        (CancelledError("Someone stopped it."), 1),
        (StoreBusyError("It stays locked."), 75),
        (LeaseBusyError(target="SBX", holder="run 1"), 75),
        (RateLimitedError("Jira", wait_seconds=2.0), 75),
        (UnavailableError("Jira is away."), 75),
        (InDoubtError("No answer."), 75),
        (AccessError("The token has expired."), 1),
        (RefusedError("The field is unknown."), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_ends_a_command_with_what_scripts_go_by(
    error: PipelineError, exit_code: int
) -> None:
    with pytest.raises(typer.Exit) as ended, run_command(is_json=True):
        raise error

    assert ended.value.exit_code == exit_code
