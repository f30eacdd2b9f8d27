"""Two environments of the sandbox, exported afresh and compared."""

from pathlib import Path

import pytest

from jira_pipeline.domain.sharedo_comparison import Comparison, Outcome
from jira_pipeline.errors import ExportNotCreatedError, WrongUseError
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.sharedo_comparison import compare_environments
from jira_pipeline.sharedo_sandbox.environments import sandbox_environments
from jira_pipeline_tests.cli.terminal import run, run_json

MATTER = ("worktype", "matter")


def compared(pipeline: Pipeline, *items: tuple[str, str], deep: bool = False) -> Comparison:
    return compare_environments(
        pipeline,
        "development",
        "test",
        items,
        includes_dependencies=deep,
        listener=lambda _event: None,
    )


def test_what_differs_is_found_and_what_one_environment_lacks_is_added(pipeline: Pipeline) -> None:
    """The last work type of `development` is not in `test`, which says so."""
    ours, theirs = (sandbox_environments()[name].by_key for name in ("development", "test"))
    (last,) = {key for key in ours if key.startswith("sharedo-type:")} - {*theirs}

    comparison = compared(pipeline, MATTER, ("worktype", last.partition(":")[2]))

    assert [c.key for c in comparison.with_outcome(Outcome.ADDED)] == [last]
    (component,) = comparison.with_outcome(Outcome.MODIFIED)
    added = {d.path for d in component.differences if d.before is None}
    assert {"Phases[matter-negotiation]", "CalculatedFields[Next review]"} <= added


def test_what_neither_side_has_is_an_error(pipeline: Pipeline) -> None:
    with pytest.raises(ExportNotCreatedError, match="never-heard-of"):
        compared(pipeline, ("worktype", "never-heard-of"))


def test_one_environment_is_not_compared_with_itself(pipeline: Pipeline) -> None:
    with pytest.raises(WrongUseError, match="name two"):
        compare_environments(
            pipeline,
            "test",
            "test",
            [MATTER],
            includes_dependencies=False,
            listener=lambda _event: None,
        )


def test_the_command_compares_environments_and_writes_a_page(project: Path, tmp_path: Path) -> None:
    page = tmp_path / "out.html"

    answer = run_json(
        "sharedo", "compare", "development", "test", "matter", "--dependencies", "--page", page
    )

    assert answer["counts"]["not_compared"] == 0
    assert answer["counts"]["modified"] >= 3
    assert page.exists()
    assert project.exists()


def test_the_command_asks_what_is_to_be_compared(project: Path) -> None:
    result = run("sharedo", "compare", "development", "test")

    assert project.exists()
    assert result.exit_code == 2
    assert "sharedo compare development test worktype:NAME" in result.words
