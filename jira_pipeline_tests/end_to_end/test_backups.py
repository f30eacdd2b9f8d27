"""A back-up taken while a run writes is whole, and a restored home goes on without duplicates."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.end_to_end.processes import finished, fork, fork_job, wait_until
from jira_pipeline_tests.end_to_end.reading_back import count_changes, read_issues

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.small_site]


def home_of(project: Path) -> Path:
    return project / ".jira_pipeline"


def issues_created(project: Path) -> int:
    """Count the issues the sandbox ever made; 0 while there is no sandbox."""
    path = home_of(project) / "sandbox.sqlite"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as tables:
            query = "SELECT count(*) FROM journal_change WHERE change = 'issue_created'"
            return int(tables.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.fixture(scope="module")
def backed_up(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project and a back-up taken in the middle of its export; copied only.

    The export went on and finished.
    """
    folder = tmp_path_factory.mktemp("backed_up")
    with pytest.MonkeyPatch.context() as environment:
        project = projects.adopt(empty_project, folder / "project", environment)
        run_json("upload", projects.copy_small_sheets(folder / "museum"), "--auto-approve")
        environment.setenv("JIRA_CREATE_DELAY_SECONDS", "0.5")
        process = fork_job(project, "csv_to_jira", projects.SESSION)
        wait_until(process, lambda: issues_created(project) >= 2)

        run_json("store", "backup", folder / "backup")

    is_running = process.poll() is None
    code, output = finished(process)
    assert (is_running, code) == (True, 0), output[-3000:]
    assert issues_created(project) == projects.SMALL_TICKETS
    return folder


@pytest.fixture
def exported_then(backed_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project whose export has finished, adopted by this process."""
    return projects.adopt(backed_up / "project", tmp_path / "project", monkeypatch)


@pytest.fixture
def backup(backed_up: Path) -> Path:
    """The back-up taken in the middle of that export."""
    return backed_up / "backup"


def restored(project: Path, backup: Path, folder: Path) -> Path:
    """Make a home of a back-up as docs/operations.md says; Dagster knows nothing there."""
    folder.mkdir()
    shutil.copy(project / "dagster.yaml", folder)
    shutil.copytree(backup, home_of(folder))
    return folder


def test_a_restored_home_finishes_the_export_it_was_taken_from(
    exported_then: Path, backup: Path, tmp_path: Path
) -> None:
    again = restored(exported_then, backup, tmp_path / "again")
    with projects.opened(again) as pipeline:
        verification = pipeline.store.audit.verify()
    before = issues_created(again)

    code, output = finished(fork(again, "jira-pipeline", "resume", projects.SESSION, "--force"))

    assert verification.faults == ()
    assert verification.entry_count > 0
    assert 2 <= before < projects.SMALL_TICKETS
    assert code == 0, output[-3000:]
    assert issues_created(again) == projects.SMALL_TICKETS
    assert len(read_issues(home_of(again) / "sandbox.sqlite")) == projects.SMALL_TICKETS


def test_a_restored_ledger_finds_the_issues_that_were_made_after_it(
    exported_then: Path, backup: Path
) -> None:
    """Jira does not go back with us: it has all issues, and the store knows of the first few."""
    for leftover in home_of(exported_then).glob("store.sqlite*"):
        leftover.unlink()
    shutil.copy(backup / "store.sqlite", home_of(exported_then))
    links = count_changes(home_of(exported_then) / "sandbox.sqlite")["link_created"]

    code, output = finished(fork_job(exported_then, "csv_to_jira", projects.SESSION))

    assert code == 0, output[-3000:]
    assert issues_created(exported_then) == projects.SMALL_TICKETS
    assert count_changes(home_of(exported_then) / "sandbox.sqlite")["link_created"] == links
    with projects.opened(exported_then) as pipeline:
        assert pipeline.store.sessions.get(projects.SESSION).stage == "completed"


def test_a_folder_that_exists_is_not_changed(reviewed: Path, tmp_path: Path) -> None:
    assert reviewed.is_dir()
    (tmp_path / "older").mkdir()

    answer = run("store", "backup", tmp_path / "older")

    assert answer.exit_code == 2
    assert "does not exist yet" in answer.words
    assert list((tmp_path / "older").iterdir()) == []


def test_a_back_up_is_for_its_owner_and_one_file_each(reviewed: Path, tmp_path: Path) -> None:
    answer = run_json("store", "backup", tmp_path / "one" / "two")

    folder = tmp_path / "one" / "two"
    assert sorted(path.name for path in folder.iterdir()) == ["store.sqlite", "uploads"]
    assert (folder / "store.sqlite").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert answer["bytes"]["store.sqlite"] == (folder / "store.sqlite").stat().st_size
    with projects.opened(reviewed) as pipeline:
        assert answer["audit"]["head"] == pipeline.store.audit.verify().head_hash
