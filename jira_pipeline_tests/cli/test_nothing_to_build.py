"""Sessions without tickets: not written yet, nothing to build, everything skipped."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.tables import each

pytestmark = [pytest.mark.xdist_group("nothing_to_build"), pytest.mark.small_site]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """An instance of its own for runs."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_the_whole_way_ends_well_where_nothing_is_to_be_built(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    for path in sheets.glob("*.csv"):
        projects.write_rows(path, [row | {"X": "x"} for row in projects.rows_in(path)])
    projects.upload(project, sheets, auto_approve=True)
    commands = ("generate museum", "validate museum", "export museum --plan", "export museum")

    told = {command: run(*command.split()) for command in commands}
    result = projects.execute(instance, project, "csv_to_jira")

    session = pipeline.store.sessions.get("museum")
    for command, answer in told.items():
        assert (answer.exit_code, "Nothing to build" in answer.words) == (0, True), command
    assert result.success
    assert {c.check_name for c in result.get_asset_check_evaluations() if not c.passed} <= {
        "references_resolved"  # warns of what the example leaves open
    }
    assert session.stage is SessionStage.COMPLETED
    assert session.progress_text.startswith("Nothing to build")
    assert run_json("results", "museum")["total_tickets_created"] == 0


@each(
    "command",
    [
        ("export", "museum"),
        ("export", "museum", "--plan"),
        ("validate", "museum"),
        ("tickets", "ready", "museum", "--all"),
        ("quality", "museum"),
    ],
    ids=["export", "plan", "validate", "ready", "quality"],
)
def test_what_needs_tickets_says_how_to_write_them(
    pipeline: Pipeline, sheets: Path, command: tuple[str, ...]
) -> None:
    """An empty validation was recorded, and the session moved to its review."""
    run("upload", sheets)
    before = pipeline.store.sessions.get("museum")

    answer = run(*command)

    assert answer.exit_code == 3
    assert "Session museum has no tickets yet." in answer.words
    assert "Write the tickets: `jira-pipeline generate museum`" in answer.words
    assert pipeline.store.validations.latest("museum") is None
    assert pipeline.store.sessions.get("museum") == before


@pytest.mark.parametrize("job", ["validate_adf", "export_to_jira"])
def test_a_run_without_tickets_leaves_the_stage_as_it_is(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance, job: str
) -> None:
    projects.upload(project, sheets)

    result = projects.execute(instance, project, job, raise_on_error=False)

    (error,) = pipeline.store.errors.list_all("museum")
    session = pipeline.store.sessions.get("museum")
    assert not result.success
    assert (error.code, error.message) == ("no_tickets", "Session museum has no tickets yet.")
    assert session.stage is SessionStage.UPLOAD
    assert pipeline.store.validations.latest("museum") is None
    assert run_json("status", "museum")["next_command"] == "jira-pipeline generate museum"
