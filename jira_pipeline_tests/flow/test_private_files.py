"""Nobody but its own account reads what the program makes."""

import os
import subprocess
import sys
from pathlib import Path

from jira_pipeline.flow.homes import close_to_others

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

    close_to_others([tmp_path / "history", tmp_path / "never made"])

    assert [p.name for p in open_to_others(tmp_path / "history")] == ["elsewhere"]
    assert (history / "tool").stat().st_mode & 0o777 == 0o700


def test_a_program_started_by_a_careless_shell_makes_private_files(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code = (
        "import os, sys; os.umask(0o022)\n"
        "from jira_pipeline.cli.app import main\n"
        f"sys.argv = ['jira-pipeline', 'upload', {str(EXAMPLE)!r}]\n"
        "main()"
    )
    environment = {**os.environ, "JIRA_PIPELINE_HOME": str(home), "DAGSTER_HOME": str(tmp_path)}  # noqa: TID251 - for the child

    (tmp_path / "dagster.yaml").write_bytes((EXAMPLE.parents[1] / "dagster.yaml").read_bytes())
    subprocess.run([sys.executable, "-c", code], env=environment, check=False, cwd=tmp_path)

    assert (home / "uploads").is_dir()
    assert open_to_others(home) == []


def test_what_dagster_loads_makes_private_files(tmp_path: Path) -> None:
    code = "import os; os.umask(0o022)\nimport jira_pipeline.definitions\nprint(oct(os.umask(0)))"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["0o77"]
