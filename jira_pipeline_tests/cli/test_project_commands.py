"""check-project: where issues would go, whether they can, and which projects there are."""

from pathlib import Path

import pytest

from jira_pipeline.cli.console import ExitCode
from jira_pipeline_tests.cli.terminal import run, run_json

pytestmark = pytest.mark.small_site


@pytest.mark.usefixtures("reviewed")
def test_a_named_project_goes_before_the_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_BASE_URL", "sandbox")
    monkeypatch.setenv("JIRA_PROJECT_KEY", "ONE")

    configured = run_json("check-project")["project_key"]
    named = run("check-project", "--project", "TWO", "--json")  # it is not made for that

    assert (configured, named.json["project_key"]) == ("ONE", "TWO")
    assert named.exit_code == ExitCode.FAILED
    assert named.json["blocking_issues"]


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("JIRA_EMAIL", "check-project"),
        ("JIRA_API_TOKEN", "export museum --plan"),
        ("JIRA_PROJECT_KEY", "export museum"),
    ],
)
def test_a_jira_without_its_site_is_not_taken_for_the_sandbox(
    monkeypatch: pytest.MonkeyPatch, name: str, command: str
) -> None:
    """Issues that were meant for Jira went to the sandbox, and nothing said so."""
    monkeypatch.setenv(name, "CANARY")
    run("tickets", "ready", "museum", "--all")

    refused = run(*command.split())
    monkeypatch.setenv("JIRA_BASE_URL", "sandbox")
    meant = run(*command.split())

    assert (refused.exit_code, meant.exit_code) == (1, 0)
    assert f"{name} is set, but JIRA_BASE_URL is not" in refused.words
    assert "JIRA_BASE_URL=sandbox if you mean the sandbox" in refused.words
    assert "CANARY" not in refused.words


def test_files_that_everybody_may_read_are_warned_of(project: Path) -> None:
    """`make env` wrote `.env` with 644; a group of one's own choice is nobody else's business."""
    env, home = project / ".env", project / ".jira_pipeline"
    env.write_text("JIRA_BASE_URL=sandbox\nJIRA_PROJECT_KEY=ONE\n", encoding="utf-8")
    env.chmod(0o640)
    home.chmod(0o2770)
    quiet = run_json("check-project")["warnings"]
    env.chmod(0o644)
    home.chmod(0o755)

    warned = run_json("check-project")["warnings"]

    assert quiet == []
    assert [warning.partition(" holds ")[0] for warning in warned] == [str(env), str(home)]


def test_a_new_home_is_for_its_account_alone_and_another_mode_is_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = project.stat().st_mode
    monkeypatch.setenv("JIRA_PIPELINE_HOME", "kept")
    run_json("sessions")
    made = (project / "kept").stat().st_mode & 0o7777
    (project / "kept").chmod(0o2770)
    run_json("sessions")

    assert made == 0o700
    assert (project / "kept").stat().st_mode & 0o7777 == 0o2770
    assert project.stat().st_mode == before
