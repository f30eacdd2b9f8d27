"""The demo where something is missing; that it works stands in `end_to_end`."""

from pathlib import Path

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline_tests.cli.terminal import run


def test_a_checkout_without_examples_is_told_with_what_to_do(
    project: Path, pipeline: Pipeline
) -> None:
    """It ended with a traceback."""
    answer = run("demo")

    assert answer.exit_code == 1
    assert "There is no example in" in answer.words
    assert "restore the folder `examples`" in answer.words
    assert not (project / "examples").exists()
    assert pipeline.store.sessions.list_all() == ()
