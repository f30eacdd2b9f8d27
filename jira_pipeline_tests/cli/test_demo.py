"""The demo where something is missing; that it works is in `test_installed`."""

from pathlib import Path

import pytest

from jira_pipeline.cli.demo import DemoSource, next_steps
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.sessions.homes import example_path
from jira_pipeline_tests.tables import each


def test_where_no_example_is_brought_along_it_says_what_to_do(tmp_path: Path) -> None:
    """It ended with a traceback."""
    with pytest.raises(ConfigurationError, match="There is no example in") as refused:
        example_path(tmp_path)

    assert "restore the checkout" in action_text(refused.value.recovery_actions[0])


@each("source", list(DemoSource))
def test_its_last_lines_are_about_its_source(tmp_path: Path, source: DemoSource) -> None:
    """Whoever exported from ShareDo was sent to the sheets."""
    is_sharedo = source is DemoSource.SHAREDO

    lines = next_steps(tmp_path, source)

    assert [word in lines for word in ("upload FILE.zip", "lint FOLDER")] == [
        is_sharedo,
        not is_sharedo,
    ]
