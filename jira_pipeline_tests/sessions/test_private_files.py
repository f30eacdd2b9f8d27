"""Nobody but its own account reads what the program makes."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jira_pipeline.cli.app import main
from jira_pipeline.sessions.homes import remove_access_of_others

EXAMPLE = Path(__file__).parents[2] / "examples" / "uhrenmuseum"


def open_to_others(folder: Path) -> list[Path]:
    return [p for p in (folder, *folder.rglob("*")) if p.lstat().st_mode & 0o077]


def test_what_earlier_versions_left_open_is_closed(tmp_path: Path) -> None:
    history = tmp_path / "history" / "runs"
    history.mkdir(parents=True)
    (history / "a.db").write_text("cells")
    (history / "a.db").chmod(0o644)
    (history / "tool").write_text("")
    (history / "tool").chmod(0o755)
    (history / "elsewhere").symlink_to("/etc/hostname")

    remove_access_of_others([tmp_path / "history", tmp_path / "never made"])

    assert [p.name for p in open_to_others(tmp_path / "history")] == ["elsewhere"]
    assert (history / "tool").stat().st_mode & 0o777 == 0o700


@pytest.fixture
def _careless() -> Iterator[None]:
    """A shell that lets everybody read what its programs make."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_careless")
def test_a_program_started_by_a_careless_shell_makes_private_files(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = project / "home"
    monkeypatch.setenv("JIRA_PIPELINE_HOME", str(home))
    monkeypatch.setattr(sys, "argv", ["jira-pipeline", "upload", str(EXAMPLE)])

    with suppress(SystemExit):
        main()

    assert (home / "uploads").is_dir()
    assert open_to_others(home) == []
