"""The demo where something is missing; that it works is in `test_installed`."""

from pathlib import Path

import pytest

from jira_pipeline.cli.homes import example_in
from jira_pipeline.errors import ConfigurationError
from jira_pipeline.session.commands import words_of


def test_where_no_example_is_brought_along_it_says_what_to_do(tmp_path: Path) -> None:
    """It ended with a traceback."""
    with pytest.raises(ConfigurationError, match="There is no example in") as refused:
        example_in(tmp_path)

    assert "restore the folder `examples`" in words_of(refused.value.recovery_actions[0])
