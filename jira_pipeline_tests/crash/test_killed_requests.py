"""The web killed at every write of a request: sent again, nothing is half done and nothing twice."""

from pathlib import Path

import pytest

from jira_pipeline_tests.crash.killed_requests import REQUESTS, TAKE, RequestGround
from jira_pipeline_tests.long_form import IS_LONG

pytestmark = pytest.mark.xdist_group("killed_requests")


@pytest.fixture(scope="module")
def ground(reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> RequestGround:
    """Makes a project for every kill."""
    return RequestGround(reviewed_project, tmp_path_factory.mktemp("requests") / "ground")


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_was_killed_and_sent_again_is_done_once(
    ground: RequestGround, name: str
) -> None:
    points = ground.points(name)
    undisturbed = ground.undisturbed(name)
    step = 1 if IS_LONG or name != TAKE else 3  # most of its writes are Dagster's

    wrong = [
        said
        for point in range(1, len(points) + 1, step)
        if (said := ground.wrong_after(name, point, undisturbed))
    ]

    assert points
    assert wrong == []
