"""The home in which everything was given: made once for all takers, copied for each."""

from pathlib import Path

import pytest

from jira_pipeline_tests.conftest import MakeOnce
from jira_pipeline_tests.kept import giving
from jira_pipeline_tests.kept.homes import KeptHome


@pytest.fixture(scope="session")
def given(empty_project: Path, make_once: MakeOnce) -> KeptHome:
    """A home in which everything was given, and exported; copied, never used."""

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as environment:
            giving.make_home(empty_project, folder, environment)

    folder = make_once("kept", make)
    return KeptHome(project=folder / "project", sheets=folder / "sheets")
