"""The home in which everything was given: made once for all takers, copied for each."""

from pathlib import Path

import pytest

from jira_pipeline_tests.conftest import MakeOnce
from jira_pipeline_tests.kept import giving
from jira_pipeline_tests.kept.homes import KeptHome
from jira_pipeline_tests.kept.looking import Look, look_at


@pytest.fixture(scope="session")
def given(empty_project: Path, make_once: MakeOnce) -> KeptHome:
    """A home in which everything was given, and exported; copied, never used."""

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as environment:
            giving.make_home(empty_project, folder, environment)

    folder = make_once("kept", make)
    return KeptHome(project=folder / "project", sheets=folder / "sheets")


@pytest.fixture(scope="session")
def before(given: KeptHome) -> Look:
    """What there is to see of it before anything is taken."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(given.project))
        return look_at(given, [*given.ids.values()])
