"""The web program killed (SIGKILL) at every write of a request: nothing is half done, all goes on.

Each request is sent by a process that dies before one of its writes. Then the program is opened
again: the session is as before or as if nobody had died, the request can be sent again, and what is
there then is what an undisturbed program leaves.
"""

import shutil
from pathlib import Path

import httpx2
import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.crash.killed_request import (
    REQUESTS,
    in_home,
    opened_program,
    prepare,
    sent,
    state_of,
)
from jira_pipeline_tests.crash.killing import KILLED
from jira_pipeline_tests.crash.write_points import DeadlyWrite
from jira_pipeline_tests.long_form import IS_LONG

pytestmark = pytest.mark.xdist_group("processes")
TAKEN = {200, 202, 303}


@pytest.fixture(scope="module")
def prepared(small_reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which everything is ready; copied only."""
    return prepare(small_reviewed_project, tmp_path_factory.mktemp("prepared"))


@pytest.mark.parametrize("name", REQUESTS)
def test_a_program_that_is_killed_at_a_write_leaves_nothing_half_done(
    prepared: Path, tmp_path: Path, name: str
) -> None:
    whole = shutil.copytree(prepared.parent, tmp_path / "whole") / "project"
    undisturbed = sent(whole, name)
    assert undisturbed.status in TAKEN
    with projects.opened(whole) as pipeline:
        expected = state_of(pipeline)
    with projects.opened(prepared) as pipeline:
        before = state_of(pipeline)
    points = range(1, len(undisturbed.writes) + 1)

    wrong: list[str] = []
    for point in points if IS_LONG else [points[0], *points[1::24]]:
        folder = shutil.copytree(prepared.parent, tmp_path / str(point))
        wrong += wrong_after(folder / "project", name, point, before=before, expected=expected)
        shutil.rmtree(folder)

    assert len(points) >= 1
    assert not wrong, (undisturbed.writes, wrong)


def wrong_after(
    project: Path, name: str, point: int, *, before: object, expected: object
) -> list[str]:
    """Kill the program at a write, open it again, and return what is wrong."""
    died = sent(project, name, DeadlyWrite(occurrence=point))
    where = f"{name}, before {died.writes[-1] if died.writes else 'anything'} ({point})"
    wrong: list[str] = []
    if died.exit_code != KILLED:
        wrong.append(f"{where}: it ended by itself ({died})")
    with in_home(project), opened_program(project) as (web, client):
        if state_of(web.pipeline) not in (before, expected):
            wrong.append(f"{where}: half done")
        again = REQUESTS[name](client, project.parent)
        if was_interrupted(again):
            again = REQUESTS[name.removesuffix(" with key")](client, project.parent)
        if again.status_code not in TAKEN:
            wrong.append(f"{where}: sent again it answers {again.status_code} {again.text[:200]}")
        if state_of(web.pipeline) != expected:
            wrong.append(f"{where}: something else is there after it was sent again")
        queued = [run.status for run in web.runs.in_flight(projects.SESSION)]
        if queued != (["queued"] if name.startswith("export") else []):
            wrong.append(f"{where}: {queued} is in flight")
    return wrong


def was_interrupted(answer: httpx2.Response) -> bool:
    """Tell whether an answer says that the request may be half done: its key does not count then."""
    return answer.status_code == 409 and answer.json()["code"] == "request_interrupted"
