"""A rehearsal in the embedded sandbox, then the same session against another Jira."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.defs.launching import opened_runs
from jira_pipeline.export import exporting
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.kernel.sessions import Beside
from jira_pipeline.ports.runs import RunJob, WantedRun
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.cli.test_carrying_on import CREATED_BEFORE, full_site
from jira_pipeline_tests.crash.other_sites import copy_site
from jira_pipeline_tests.end_to_end.reading_back import count_changes, read_issues, read_links
from jira_pipeline_tests.jira_sandbox.served_sandboxes import served

pytestmark = pytest.mark.small_site
PROJECT = "UHR"
SITE_VARIABLES = ("JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN")


@pytest.fixture
def second_path(tmp_path: Path) -> Path:
    """Where the second site keeps its issues."""
    return tmp_path / "second.sqlite"


@pytest.fixture
def second_address(second_path: Path) -> Iterator[str]:
    """The address of a second site, which has the project and nothing in it."""
    with JiraSandbox(second_path, clock=lambda: datetime.now(UTC)) as sandbox:  # noqa: TID251 - a site has a clock
        sandbox.ensure_project(PROJECT)
        with served(sandbox) as address:
            sandbox.set_base_url(address)
            yield address


def use_site(environment: pytest.MonkeyPatch, address: str | None) -> None:
    """Set what the README says for a real Jira, or take it away again."""
    if address is None:
        for name in SITE_VARIABLES:
            environment.delenv(name)
        return
    environment.setenv("JIRA_BASE_URL", address)
    environment.setenv("JIRA_EMAIL", "owner@sandbox.example")
    environment.setenv("JIRA_API_TOKEN", "any")


def rehearsal_path(project: Path) -> Path:
    return project / ".jira_pipeline" / "sandbox.sqlite"


def requests_taken(path: Path) -> int:
    """Count what a site was ever asked."""
    with closing(sqlite3.connect(path)) as tables:
        return int(tables.execute("SELECT count(*) FROM journal_request").fetchone()[0])


def test_what_was_rehearsed_is_created_on_the_second_target_once(
    exported: Path, second_path: Path, second_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal = rehearsal_path(exported)
    requests_before = requests_taken(rehearsal)
    use_site(monkeypatch, second_address)

    plan = run("export", "museum", "--plan", "--json").json
    unasked = run("export", "museum", "--yes")
    untouched = count_changes(second_path)
    first = run_json("export", "museum", "--yes", "--as-new")
    again = run_json("export", "museum", "--yes")

    changes = count_changes(second_path)
    titles = [issue.summary for issue in read_issues(rehearsal)]
    assert sorted(plan["create"]) == list(range(1, projects.SMALL_TICKETS + 1))
    assert (unasked.exit_code, untouched) == (3, {})
    assert f"sandbox, project UHR: {projects.SMALL_TICKETS} of" in unasked.words
    assert first["total_tickets_created"] == projects.SMALL_TICKETS
    assert again["jira_tickets"] == first["jira_tickets"]
    assert sorted(issue.summary for issue in read_issues(second_path)) == sorted(titles)
    assert changes["issue_created"] == projects.SMALL_TICKETS
    assert changes["link_created"] == len(read_links(rehearsal))
    assert requests_taken(rehearsal) == requests_before


def test_a_broken_export_is_resumed_on_no_other_site_unasked(
    reviewed: Path, second_path: Path, second_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It created everything there, and status and lists showed how far the first site was."""
    run("tickets", "ready", "museum", "--all")
    run("export", "museum", "--plan")
    with full_site(reviewed):
        run("export", "museum")
    use_site(monkeypatch, second_address)

    resumed = run("resume", "museum")
    status = run_json("status", "museum")
    (listed,) = run_json("sessions")
    use_site(monkeypatch, None)
    carried_on = run_json("resume", "museum")

    assert (resumed.exit_code, count_changes(second_path)) == (3, {})
    assert f"sandbox, project UHR: {CREATED_BEFORE} of" in resumed.words
    assert (status["stage"], status["tickets_exported"], status["error"]) == ("review", 0, None)
    assert [(one["exported"], one["is_current"]) for one in status["targets"]] == [
        (0, True),
        (CREATED_BEFORE, False),
    ]
    assert status["next_step"].startswith(f"Export to {second_address}, project UHR too")
    assert (listed["stage"], listed["status"]) == ("review", "waiting")
    assert carried_on["resumed"]["preserved_tickets"] == CREATED_BEFORE
    assert carried_on["total_tickets_created"] == projects.SMALL_TICKETS


def test_a_copied_site_is_asked_about_also_where_nobody_plans(
    exported: Path, second_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of the daemon has no plan; to begin on the site was agreed to."""
    with JiraSandbox(rehearsal_path(exported), clock=lambda: datetime.now(UTC)) as sandbox:  # noqa: TID251 - a site has a clock
        copy_site(sandbox, second_path)
    with (
        JiraSandbox(second_path, clock=lambda: datetime.now(UTC)) as copied,  # noqa: TID251 - as above
        served(copied) as address,
    ):
        copied.set_base_url(address)
        use_site(monkeypatch, address)
        plan = run("export", "museum", "--plan", "--json").json
        with projects.opened(exported) as pipeline:
            answers = exporting.plan(open_session(pipeline, "museum")).answers
            begin = [answer for answer in answers if answer.beside is Beside.TARGET]
            pipeline.store.sessions.answer_as_new("museum", begin, by="ab", at=pipeline.clock.now())
            with opened_runs(pipeline) as runs:
                wanted = WantedRun(session_key="museum", job=RunJob.EXPORT, by="ab")
                outcome = runs.outcome(runs.start(wanted))
        status = run_json("status", "museum")

        assert plan["blocked"]["code"] == "copied_issues"
        assert len(plan["copies"]) == projects.SMALL_TICKETS
        assert outcome is not None
        assert not outcome.is_success
        assert count_changes(second_path) == {}
        assert (status["stage"], status["error"]["code"]) == ("review", "copied_issues")
        assert "there already as copies" in status["next_step"]
