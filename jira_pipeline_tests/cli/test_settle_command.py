"""What `settle` says of a session as a whole."""

import shutil
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run

pytestmark = pytest.mark.small_site


def test_settle_names_an_issue_that_a_restored_store_does_not_know(exported: Path) -> None:
    """It began with “Nothing is unconfirmed: Jira has what was sent.”."""
    store = exported / ".jira_pipeline" / "store.sqlite"
    backup = store.with_suffix(".backup")
    said_before = run("settle", "museum").words
    shutil.copy(store, backup)
    with projects.opened(exported) as pipeline:
        projects.rename_ticket(pipeline, "museum", 1, "A title of a later day")
    run("tickets", "ready", "museum", "1")
    assert run("export", "museum", "--update", "--yes").exit_code == 0
    shutil.copy(backup, store)

    said = run("settle", "museum").words

    assert "Jira has what was sent." in said_before
    assert "does not say what its ticket says" in said
    assert "Jira has what was sent" not in said
