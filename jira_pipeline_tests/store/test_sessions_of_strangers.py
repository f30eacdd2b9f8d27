"""Sessions that the reader of an older program read by guesses, after an upgrade: nothing is lost.

The program of 86d9d321 left three exported sessions: `d`, a workbook of a council, and `b`, sheets of
a health board, whose headers `session.yaml` maps; `c22`, whose rights are a matrix.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json

OF_86D9D321 = Path(__file__).with_name("store_of_86d9d321_strangers.zip")
TICKETS = {"b": 18, "c22": 4, "d": 24}
NEEDS_LAYOUT = 3


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(projects.CHECKOUT / "dagster.yaml", tmp_path)
    with ZipFile(OF_86D9D321) as archive:
        archive.extractall(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def in_store(home: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / ".jira_pipeline" / "store.sqlite")) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
    return rows


def test_a_session_of_an_older_program_is_reviewed_updated_and_undone(home: Path) -> None:
    for key, count in TICKETS.items():
        status = run_json("status", key)
        shown = run("tickets", "show", key, 1)
        edited = run("tickets", "edit", key, 1, "--title", "Another title")
        approved = run("tickets", "ready", key, "--all")
        plan = run_json("export", key, "--update", "--plan")
        undone = run("undo", key)

        assert status["tickets_exported"] == count
        assert [each.exit_code for each in (shown, edited, approved, undone)] == [0, 0, 0, 0]
        assert [plan["create"], plan["withdraw"]] == [[], []]
        # Of the one that was edited, and of those that this version words otherwise.
        assert plan["update"] != []
        assert f"{count} issues deleted" in undone.words
    stored = in_store(home, "SELECT DISTINCT state FROM upload_readings")
    assert stored == [("needs_layout",)]


@pytest.mark.usefixtures("home")
def test_what_needs_the_sheets_says_that_they_need_a_layout() -> None:
    written = run("generate", "d")

    assert written.exit_code == NEEDS_LAYOUT
    assert "Session d needs a layout" in written.words
