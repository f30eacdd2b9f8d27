"""quality: where to look before tickets are signed."""

from pathlib import Path

import pytest

from jira_pipeline_tests.cli.terminal import run

pytestmark = [pytest.mark.usefixtures("reviewed"), pytest.mark.small_site]


def test_a_session_whose_tickets_are_not_written_yet_has_nothing_to_look_at(sheets: Path) -> None:
    run("upload", str(sheets), "--session", "later")

    assert run("quality", "later").exit_code == 3
