"""What handlers work with: the pipeline, runs and access as one value, and dependencies to get it.

Belongs here: what every route may need: the web, its session, who asks and whether their role allows
it. Does not: finding out who asks (`access`), which role a route needs, and what it does (the route).

Every route has a role as its dependency, or is listed as open in the tests. Each request asks the
store, so a revoked person is out at once; a WebSocket asks again as it sends.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import DagsterStartingError, RoleTooLowError
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.sessions import Runs
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.outcomes import Step
from jira_pipeline.sheets.upload_reading import UploadOutcome
from jira_pipeline.web.access import Access
from jira_pipeline.web.request_limits import Followers, SharedLooks, StatusPace, remember


class LateDagster:
    """Dagster as the web program has it: absent while it starts, then in this process."""

    def __init__(self) -> None:
        self._arrived: tuple[ASGIApp, Runs] | None = None

    def arrive(self, application: ASGIApp, runs: Runs) -> None:
        self._arrived = application, runs

    @property
    def there(self) -> tuple[ASGIApp, Runs]:
        """Its pages, and its runs with their queue.

        Raises:
            DagsterStartingError: It is not there yet; answered by 503 with Retry-After.
        """
        if self._arrived is None:
            raise DagsterStartingError
        return self._arrived


UNDO_SECONDS = 60
KEPT_MAX = 100


class UndoSteps:
    """Keeps how the last decisions about many tickets are taken back."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str], tuple[float, tuple[Step, ...], int]] = {}

    def keep(self, steps: tuple[Step, ...], *, of: OpenSession, by: str) -> str:
        """Keep what takes back what was just decided; return its name, empty where nothing does."""
        if not steps:
            return ""
        name, last = secrets.token_urlsafe(12), of.look_for_last_entry()
        with self._lock:
            remember(
                self._kept, (of.key, by, name), (self._monotonic(), steps, last), most=KEPT_MAX
            )
        return name

    def take(self, name: str, *, session_key: str, by: str) -> tuple[tuple[Step, ...], int]:
        """Return what takes a decision of somebody back, once, and the last entry at its end.

        After a minute there is nothing.
        """
        with self._lock:
            kept_at, steps, last = self._kept.pop((session_key, by, name), (0.0, (), 0))
        return steps if self._monotonic() - kept_at < UNDO_SECONDS else (), last


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Everything the pages and the API work with."""

    pipeline: Pipeline
    dagster: LateDagster
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
        return self.dagster.there[1]


def web_of(connection: HTTPConnection) -> Web:
    """Return what this application was made with."""
    web = connection.app.state.web
    assert isinstance(web, Web)  # noqa: S101 - create_app put it there
    return web


async def _the_web(connection: HTTPConnection) -> Web:
    """Do the same for a route; not in a thread, which waits for its turn among others."""
    return web_of(connection)


TheWeb = Annotated[Web, Depends(_the_web)]


def _asking(connection: HTTPConnection) -> Person:
    """Look up who asks, once for all that a route depends on, and for the frame of its page."""
    person: Person = connection.app.state.web.access.person_of(connection)
    connection.state.person = person
    return person


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency that lets through whoever has at least this role."""

    role: Role

    async def __call__(self, person: Annotated[Person, Depends(_asking)]) -> Person:
        """Return who asks.

        Raises:
            NotSignedInError: Nobody is signed in.
            RoleTooLowError: Their role does not allow it.
        """
        refuse_lower(person, self.role)
        return person


def allowed(access: Access, connection: HTTPConnection, role: Role) -> Person:
    """Return who asks, where they have at least this role.

    Raises:
        NotSignedInError: Nobody is signed in.
        RoleTooLowError: Their role does not allow it.
    """
    person = access.person_of(connection)
    refuse_lower(person, role)
    return person


def refuse_lower(person: Person, role: Role) -> None:
    """Stop what needs a higher role."""
    if not person.role.includes(role):
        raise RoleTooLowError(name=person.name, has=person.role.value, role=role.value)


Reader = Annotated[Person, Depends(Needs(Role.READER))]
Reviewer = Annotated[Person, Depends(Needs(Role.REVIEWER))]
Exporter = Annotated[Person, Depends(Needs(Role.EXPORTER))]
Admin = Annotated[Person, Depends(Needs(Role.ADMIN))]


def _opened(key: str, web: TheWeb, _person: Reader) -> OpenSession:
    """Open the session of the path, once it is known that somebody may read it."""
    return open_session(web.pipeline, key)


Opened = Annotated[OpenSession, Depends(_opened)]
