"""The web over a real store: one session shared by the tests of a module, a client per role.

`client_of(Role.REVIEWER)` is a signed-in browser; `client_of(None)` one that is not. Runs are of
this process: a request that starts one returns when it has ended. Tests that change the session
work on tickets of their own, or ask for `fresh_web`.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from jira_pipeline.model.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.web.browsers import ClientOf, opened_copy, opened_web, signed_in


@pytest.fixture(scope="module")
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The web of a project with session `museum`: tickets written and valid, none ready."""
    prepared = projects.prepared(request, "reviewed_project")
    with opened_copy(prepared, tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def fresh_web(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Web]:
    """The same for one test alone."""
    with opened_copy(projects.prepared(request, "reviewed_project"), tmp_path) as web:
        yield web


@pytest.fixture
def suggesting_web(empty_project: Path, tmp_path: Path) -> Iterator[Web]:
    """The web of the small site, whose content type asks first what its sheets suggest to answer."""
    sheets = projects.leave_a_type_open(projects.copy_small_sheets(tmp_path / "sheets"))
    with opened_web(projects.make_reviewed(empty_project, sheets, tmp_path)) as web:
        yield web


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="module")
def client_of(web: Web) -> Iterator[ClientOf]:
    """Make browsers by role; each role's is made once."""
    made: dict[Role | None, TestClient] = {}
    with ExitStack() as opened:

        def client_of(role: Role | None) -> TestClient:
            if role not in made:
                made[role] = opened.enter_context(signed_in(web, role))
            return made[role]

        yield client_of
