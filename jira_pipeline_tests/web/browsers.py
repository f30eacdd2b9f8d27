"""Opens the web of a project, and browsers in which people of each role are signed in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from jira_pipeline.defs.launching import opened_runs
from jira_pipeline.domain.people import Role
from jira_pipeline.guard.asgi import Guard
from jira_pipeline.sessions import people
from jira_pipeline.web.access import Access
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects

ORIGIN = "http://127.0.0.1:3000"
NAMES = {role: f"{role.value}@example.org" for role in Role}
ClientOf = Callable[[Role | None], TestClient]


@contextmanager
def opened_web(project: Path) -> Iterator[Web]:
    """Open the web of a project, with a person of each role, as the home of this process."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(project))
        with projects.opened(project) as pipeline, opened_runs(pipeline) as runs:
            for role, name in NAMES.items():
                people.add_person(pipeline, name, role, by="test")
            yield Web(pipeline=pipeline, runs=runs, access=Access(pipeline))


def signed_in(web: Web, role: Role | None) -> TestClient:
    """Return a browser in which a person of this role signed in by link."""
    client = TestClient(
        Guard(create_app(web)),
        base_url=ORIGIN,
        follow_redirects=False,
        client=("127.0.0.1", 50_000),
    )
    if role is not None:
        link = people.invite(web.pipeline, NAMES[role], by="test").secret
        assert client.post("/sign-in", data={"link": link}).status_code == 303
    return client
