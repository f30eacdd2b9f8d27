"""Real processes: stopped, started twice, started four at once, started without a home."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.end_to_end.processes import finished, fork, fork_job, wait_until
from jira_pipeline_tests.end_to_end.reading_back import (
    count_changes,
    issues_created,
    read_issues,
    read_links,
    sandbox_of,
)

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.small_site]

TICKETS = projects.SMALL_TICKETS
KEYS = ("bells", "clocks", "dials", "chimes")


@pytest.fixture
def approved(project: Path, sheets: Path) -> Path:
    """A project with session `museum`, which approves itself; nothing ran yet."""
    run_json("upload", sheets, "--auto-approve")
    return project


def is_between_issues(project: Path, created: int) -> bool:
    if issues_created(project) < created:
        return False
    with projects.opened(project) as pipeline:
        progress = pipeline.store.sessions.get("museum").progress_text
    return progress.startswith(f"Creating ticket {issues_created(project) + 1} of")


def assert_exported_once(project: Path) -> None:
    """One issue per ticket was ever made, and every link is there once."""
    with projects.opened(project) as pipeline:
        tickets = pipeline.store.tickets.list_all("museum")
    titles = sorted(issue.summary for issue in read_issues(sandbox_of(project)))
    blocks = {(t.ticket_id, blocker) for t in tickets for blocker in t.depends_on}
    relates = {frozenset({t.ticket_id, other}) for t in tickets for other in t.relates_to}
    link_count = len(blocks) + len(relates)
    assert titles == sorted(ticket.title for ticket in tickets)
    assert count_changes(sandbox_of(project))["issue_created"] == TICKETS
    assert count_changes(sandbox_of(project))["link_created"] == link_count
    assert len(read_links(sandbox_of(project))) == link_count


@pytest.fixture
def _ctrl_c_reaches_children() -> Iterator[None]:
    """Children get Ctrl-C; in the background of a shell they would inherit that nobody does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_reaches_children")
def test_an_export_stopped_by_ctrl_c_says_how_to_carry_on_and_is_carried_on(
    approved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said that the run failed, and named the Dagster UI.

    It is stopped while it waits for its turn; what a write leaves that is stopped half-way is in
    `store/test_transactions`.
    """
    run_json("generate", "museum")
    monkeypatch.setenv("JIRA_CREATE_DELAY_SECONDS", "60")  # it waits however late it is seen
    process = fork(approved, "jira-pipeline", "export", "museum")

    wait_until(process, lambda: is_between_issues(approved, 1))
    process.send_signal(signal.SIGINT)
    code, output = finished(process)
    created = issues_created(approved)
    monkeypatch.setenv("JIRA_CREATE_DELAY_SECONDS", "0")
    resumed = run_json("resume", "museum")

    assert code == 1, output[-3000:]
    assert "Stopped. Finished work is kept." in output
    assert "jira-pipeline resume museum" in output
    assert "Traceback" not in output
    assert created == 1
    assert resumed["total_tickets_created"] == TICKETS
    assert_exported_once(approved)


def test_two_jobs_of_one_session_at_once_both_end_well_and_create_nothing_twice(
    approved: Path,
) -> None:
    first = fork_job(approved, "csv_to_jira", "museum")
    second = fork_job(approved, "csv_to_jira", "museum")

    ends = [finished(first), finished(second)]

    assert [code for code, _ in ends] == [0, 0], [output[-3000:] for code, output in ends if code]
    assert_exported_once(approved)


def test_four_first_starts_on_a_fresh_home_all_succeed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of four died where databases were made without a lock."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "dagster.yaml").write_bytes((projects.CHECKOUT / "dagster.yaml").read_bytes())
    folders = {key: projects.copy_small_sheets(tmp_path / key) for key in KEYS}

    started = [fork(project, "jira-pipeline", "upload", folders[key], "--json") for key in KEYS]
    ends = [finished(process) for process in started]
    monkeypatch.setenv("DAGSTER_HOME", str(project))

    assert [code for code, _ in ends] == [0] * 4, [output[-3000:] for code, output in ends if code]
    assert sorted(s["session_key"] for s in run_json("sessions")) == sorted(KEYS)
