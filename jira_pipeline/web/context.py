"""What handlers work with: the pipeline, runs and access as one value, and dependencies to get it.

Belongs here: what every route may need. Does not: what one of them does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import run_state
from jira_pipeline.context.states import UNASKED, RunState
from jira_pipeline.model.errors import DagsterStartingError
from jira_pipeline.model.runs import Runs
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sources.sheets.upload_reading import UploadOutcome
from jira_pipeline.web.access import Access, Reader
from jira_pipeline.web.request_limits import Followers, SharedLooks, StatusPace
from jira_pipeline.web.undo_steps import UndoSteps


class Dagster(Protocol):
    """Dagster, which may be starting still: then each of these raises `DagsterStartingError`."""

    @property
    def application(self) -> ASGIApp:
        """Its pages."""
        ...

    @property
    def runs(self) -> Runs:
        """Its runs, and its queue."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Everything the pages and the API work with."""

    pipeline: Pipeline
    dagster: Dagster
    access: Access
    report_to_dagster: Callable[[Pipeline, UploadOutcome], None]
    """Of an upload; whoever serves says how."""
    followers: Followers = field(default_factory=Followers)
    status_pace: StatusPace = field(default_factory=StatusPace)
    looks: SharedLooks = field(default_factory=SharedLooks)
    undo_steps: UndoSteps = field(default_factory=UndoSteps)

    @property
    def runs(self) -> Runs:
        """The runs of this home.

        Raises:
            DagsterStartingError: Dagster is not there yet; answered by 503 with Retry-After.
        """
        return self.dagster.runs

    def report_upload(self, outcome: UploadOutcome) -> None:
        """Tell Dagster of an upload."""
        self.report_to_dagster(self.pipeline, outcome)

    def run_state(self, session: OpenSession) -> RunState:
        """Return what is known of a session's runs; nothing while Dagster starts."""
        try:
            return run_state(session, self.runs)
        except DagsterStartingError:
            return UNASKED


def web_of(connection: HTTPConnection) -> Web:
    """Return what this application was made with."""
    web = connection.app.state.web
    assert isinstance(web, Web)  # noqa: S101 - create_app put it there
    return web


async def _the_web(connection: HTTPConnection) -> Web:
    """Do the same for a route; not in a thread, which waits for its turn among others."""
    return web_of(connection)


TheWeb = Annotated[Web, Depends(_the_web)]


def _opened(key: str, web: TheWeb, _person: Reader) -> OpenSession:
    """Open the session of the path, once it is known that somebody may read it."""
    return open_session(web.pipeline, key)


Opened = Annotated[OpenSession, Depends(_opened)]
