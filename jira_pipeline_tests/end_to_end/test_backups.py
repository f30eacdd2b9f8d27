"""A back-up taken while a run writes is whole, and a restored home goes on without duplicates."""

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.contracts.open_stores import empty_database, initialised_url, postgres_url
from jira_pipeline_tests.end_to_end.processes import finished, fork_job, kill, wait_until
from jira_pipeline_tests.end_to_end.reading_back import issues_created, read_issues, sandbox_of

__all__ = ["initialised_url", "postgres_url"]
FIRST = "jira-pipeline resume museum --force"
pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.small_site]


def test_a_restored_home_finishes_the_export_in_whose_middle_it_was_backed_up(
    project: Path, sheets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_json("upload", sheets, "--auto-approve")
    monkeypatch.setenv("JIRA_CREATE_DELAY_SECONDS", "0.5")
    process = fork_job(project, "csv_to_jira", projects.SESSION)
    wait_until(process, lambda: issues_created(project) >= 2)
    run_json("store", "backup", tmp_path / "backup")
    is_running = process.poll() is None
    kill(process)
    finished(process)
    again = new_home(tmp_path / "again", monkeypatch, like=project)
    monkeypatch.setenv("JIRA_CREATE_DELAY_SECONDS", "0")

    looked = run_json("store", "restore", tmp_path / "backup")
    twice = run("store", "restore", tmp_path / "backup")
    before = issues_created(again)
    resumed = run_json("resume", projects.SESSION, "--force")

    assert is_running
    assert looked["is_whole"]
    assert looked["sessions"] == [{"session_key": "museum", "is_copy_whole": True, "first": FIRST}]
    assert (twice.exit_code, "There is already a store" in twice.words) == (2, True)
    assert 2 <= before < projects.SMALL_TICKETS
    assert resumed["total_tickets_created"] == projects.SMALL_TICKETS
    assert issues_created(again) == projects.SMALL_TICKETS
    assert len(read_issues(sandbox_of(again))) == projects.SMALL_TICKETS


@pytest.mark.postgres
def test_a_dump_taken_in_the_middle_of_an_export_is_the_whole_backup(
    empty_project: Path, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machine, folders and database are lost; Jira has what was sent, and is asked about it."""
    monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", postgres_url)
    lost = projects.adopt(empty_project, tmp_path / "lost", monkeypatch)
    run_json("upload", projects.copy_small_sheets(tmp_path / "museum"), "--auto-approve")
    monkeypatch.setenv("JIRA_CREATE_DELAY_SECONDS", "0.5")
    process = fork_job(lost, "csv_to_jira", projects.SESSION)
    wait_until(process, lambda: issues_created(lost) >= 2)

    dump = tmp_path / "store.dump"
    process.send_signal(signal.SIGSTOP)  # it is in the middle, however long the dump takes
    try:
        tool("pg_dump", "--format=custom", f"--file={dump}", postgres_url)
    finally:
        process.send_signal(signal.SIGCONT)

    assert finished(process)[0] == 0
    again = projects.adopt(empty_project, tmp_path / "again", monkeypatch)
    shutil.copy(sandbox_of(lost), sandbox_of(again))
    shutil.rmtree(lost)
    with empty_database() as url:
        monkeypatch.setenv("JIRA_PIPELINE_DATABASE_URL", url)
        monkeypatch.delenv("JIRA_CREATE_DELAY_SECONDS")
        tool("pg_restore", "--no-owner", f"--dbname={url}", str(dump))
        restored_as = run_json("store", "restore")
        looked = run("settle", projects.SESSION, "--json").json
        carried_on = run("resume", projects.SESSION, "--force")
        results = run_json("results", projects.SESSION)
        settled = run_json("settle", projects.SESSION)

    assert restored_as["is_whole"]
    assert [one["first"] for one in restored_as["sessions"]] == [FIRST]
    found = [one["outcome"] for one in looked["tickets"]]  # of what was sent after the dump
    assert found == ["found"] * len(found)
    assert len(found) >= projects.SMALL_TICKETS // 2
    assert carried_on.exit_code == 0, carried_on.words
    assert issues_created(again) == projects.SMALL_TICKETS
    assert results["total_tickets_created"] == projects.SMALL_TICKETS
    assert (settled["is_settled"], settled["tickets"]) == (True, [])


def tool(name: str, *arguments: str) -> None:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    subprocess.run([found, *arguments], check=True)


@pytest.mark.usefixtures("reviewed")
def test_a_back_up_is_for_its_owner_and_one_file_each_in_a_folder_of_its_own(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "one" / "two"

    answer = run_json("store", "backup", folder)
    again = run("store", "backup", folder)

    assert sorted(path.name for path in folder.iterdir()) == ["store.sqlite", "uploads"]
    assert (folder / "store.sqlite").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert answer["bytes"]["store.sqlite"] == (folder / "store.sqlite").stat().st_size
    assert (again.exit_code, "does not exist yet" in again.words) == (2, True)


def new_home(folder: Path, environment: pytest.MonkeyPatch, *, like: Path) -> Path:
    """Make an empty home with the settings of Dagster of another one, and let this process use it."""
    folder.mkdir()
    shutil.copy(like / "dagster.yaml", folder)
    environment.setenv("DAGSTER_HOME", str(folder))
    return folder


def test_a_restore_that_breaks_off_leaves_no_half_database_to_be_kept_by_the_next(
    reviewed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox that is there is kept, as the newer one: half of one would have been, too."""
    backup = tmp_path / "backup"
    run_json("store", "backup", backup)
    (backup / "sandbox.sqlite").write_bytes(b"no database")
    again = new_home(tmp_path / "again", monkeypatch, like=reviewed)

    answer = run("store", "restore", backup)

    assert answer.exit_code != 0
    assert "sandbox.sqlite could not be copied" in answer.words
    assert sorted(path.name for path in sandbox_of(again).parent.iterdir()) == ["inbox", "uploads"]
