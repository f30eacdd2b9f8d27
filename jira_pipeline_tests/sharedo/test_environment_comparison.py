"""Two environments of the sandbox, exported and compared."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.sharedo.comparison import Comparison, Outcome
from jira_pipeline.sharedo.environment_comparison import compare_environments
from jira_pipeline.sharedo.errors import ExportNotCreatedError
from jira_pipeline.sharedo.export_answers import ExportEvent, Listener
from jira_pipeline.sharedo.export_jobs import EnvironmentClients
from jira_pipeline_tests.cli.terminal import run_json

MATTER = ("worktype", "matter")
TRIBUNAL = ("worktype", "employment-tribunal")
LAST = "sharedo-type:employment-tribunal"
"""What `development` has and `test` does not."""


def compared(
    pipeline: Pipeline,
    *items: tuple[str, str],
    deep: bool = False,
    listener: Listener = lambda _event: None,
) -> Comparison:
    return compare_environments(
        pipeline,
        "development",
        "test",
        items,
        includes_dependencies=deep,
        listener=listener,
    ).comparison


def test_only_what_an_environment_says_it_lacks_is_to_be_created(pipeline: Pipeline) -> None:
    """24 components were ordered in `test`, which has 23 of them: it was asked for one alone."""
    comparison = compared(pipeline, TRIBUNAL, deep=True)

    assert [c.key for c in comparison.with_outcome(Outcome.ADDED)] == [LAST]
    assert comparison.counts[Outcome.REMOVED] == comparison.counts[Outcome.NOT_COMPARED] == 0
    assert len(comparison.components) == 24


def test_what_neither_side_has_is_an_error(pipeline: Pipeline) -> None:
    with pytest.raises(ExportNotCreatedError, match="never-heard-of"):
        compared(pipeline, ("worktype", "never-heard-of"))


def test_the_command_compares_environments_for_a_session(project: Path) -> None:
    answer = run_json(
        *("sharedo", "compare", "development", "test", "matter", "--dependencies"),
        *("--session", "migration"),
    )

    assert project.exists()
    assert (answer["session_key"], answer["counts"]["not_compared"]) == ("migration", 0)
    assert answer["counts"]["modified"] >= 3
    assert run_json("status", "migration")["session_key"] == "migration"


def test_what_one_side_cannot_export_is_not_compared(pipeline: Pipeline) -> None:
    """What came with another package is compared; nothing is said to be added or removed."""
    with ExitStack() as stack:
        people = EnvironmentClients(pipeline, stack).client_of("test")

        def cancel_intake(event: ExportEvent) -> None:
            asked, job_id = event.job.parameters, event.job.remote_id
            if (asked.environment, asked.system_name) == ("test", "intake") and job_id:
                people.cancel(job_id)

        comparison = compared(
            pipeline, MATTER, ("form", "intake"), deep=True, listener=cancel_intake
        )

    assert comparison.counts[Outcome.ADDED] == comparison.counts[Outcome.REMOVED] == 0
    (form,) = [c for c in comparison.components if c.key == "form-builder:intake"]
    assert form.outcome is Outcome.UNCHANGED
    assert any("EXPORT_003" in warning for warning in comparison.warnings)
