"""What handlers work with: the pipeline, runs and access as one value, and dependencies to get it.

Belongs here: what every route may need: the web, its session, who asks, by cookie, bearer token or
the header of a trusted proxy, and whether their role allows it; slowing guesses. Does not: making
and keeping secrets (`sessions/accounts`), which role a route needs, and what it does (the route).

Every route has a role as its dependency, or is listed as open in the tests. Each request asks the
store, so a revoked person is out at once; a WebSocket asks again as it sends.
"""

import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.errors import (
    DagsterStartingError,
    NotFoundError,
    NotSignedInError,
    PipelineError,
    RoleTooLowError,
    TooManyRequestsError,
)
from jira_pipeline.model.people import CredentialKind, Person, Role
from jira_pipeline.model.runs import Runs
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.outcomes import Step
from jira_pipeline.sessions import accounts
from jira_pipeline.sheets.upload_reading import UploadOutcome
from jira_pipeline.web.status_pace import Followers, SharedLooks, StatusPace, remember

Found = TypeVar("Found")
FREE_GUESSES = 5
PAUSE_SECONDS_MAX = 60.0
FORGOTTEN_AFTER_SECONDS = 600.0
ADDRESSES_MAX = 10_000
WRONG_KEPT_MAX = 50
"""Of one address; beyond, each is another guess, also one that came before."""
FORWARDED_CHARACTERS_MAX = 64
"""Of an address that a proxy names."""
_BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox"} | {
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""By what they call themselves, those first that call themselves by the names of others, too."""
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"} | {
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedProxy:
    """A proxy that signs people in, and the header in which it names them."""

    address: str
    header: str


@dataclass(slots=True)
class _Guesses:
    """What one address tried in vain."""

    wrong: set[str] = field(default_factory=set)
    """Hashes: the same secret again, as from a browser whose cookie expired, is no other guess."""
    until: float = 0.0
    seen_at: float = 0.0


class Access:
    """Says who a request comes from."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        proxy: TrustedProxy | None = None,
        is_https: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask the people of this pipeline; with `is_https`, cookies go over https only."""
        self._pipeline = pipeline
        self._proxy = proxy
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._guesses: dict[str, _Guesses] = {}
        self.is_https = is_https
        self.cookie_name = accounts.cookie_name(pipeline, is_https=is_https)

    def person_of(self, connection: HTTPConnection) -> Person:
        """Return who asks, as the store knows them now.

        Raises:
            NotSignedInError: It carries nothing that lets it in.
            TooManyRequestsError: Its address tried too many secrets.
        """
        headers = connection.headers
        given = headers.getlist("authorization")
        if given:  # a program that shows a token means it: nothing else is looked at
            scheme, space, secret = given[0].partition(" ")
            if len(given) > 1 or not space or scheme.casefold() != "bearer":
                raise NotSignedInError("The header Authorization is not one bearer token.")
            return self._admitted(connection, secret.strip(), CredentialKind.TOKEN)
        if self._proxy is not None and address_of(connection) == self._proxy.address:
            names = headers.getlist(self._proxy.header)
            if len(names) > 1:
                raise NotSignedInError(f"The proxy names {len(names)} people.")
            if names:
                try:
                    person = accounts.known_person(self._pipeline, names[0].strip())
                except NotFoundError:
                    message = f"The proxy names {names[0].strip()!r}, who has no access."
                    raise NotSignedInError(message) from None
                return Person(name=person.name, role=person.role)
        secret = connection.cookies.get(self.cookie_name, "")
        if not secret:
            raise NotSignedInError
        return self._admitted(connection, secret, CredentialKind.COOKIE)

    def known(self, connection: HTTPConnection) -> Person | None:
        """Return who asks; None where that is nobody, or cannot be found out."""
        try:
            return self.person_of(connection)
        except PipelineError:
            return None

    def sign_in(self, connection: HTTPConnection, link_secret: str) -> accounts.IssuedSecret:
        """Exchange a link for a cookie of its own, whatever cookie the browser had before.

        Raises:
            NotSignedInError: The link was used, has expired or never was.
            TooManyRequestsError: Its address tried too many secrets.
        """
        issued = None
        if len(link_secret) <= accounts.SECRET_CHARACTERS_MAX:
            issued = accounts.exchange_sign_in_link(
                self._pipeline,
                link_secret,
                label=browser_of(connection.headers.get("user-agent", "")),
            )
        credential = self._or_wrong(issued, connection, link_secret)
        if credential is None:
            raise NotSignedInError("This link has been used, has expired or never existed.")
        return credential

    def invited(self, connection: HTTPConnection, link_secret: str) -> Person | None:
        """Return whom a link would sign in, without using it; None where it does so no more.

        Raises:
            TooManyRequestsError: Its address tried too many secrets.
        """
        credential = accounts.authenticate(self._pipeline, link_secret, CredentialKind.LINK)
        return self._or_wrong(credential, connection, link_secret)

    def client_link(self, connection: HTTPConnection, secret: str) -> ClientLink | None:
        """Return the link for a client that this is the secret of; None where it opens nothing.

        Raises:
            TooManyRequestsError: Its address tried too many secrets.
        """
        return self._or_wrong(accounts.find_valid_link(self._pipeline, secret), connection, secret)

    def _admitted(self, connection: HTTPConnection, secret: str, kind: CredentialKind) -> Person:
        credential = self._or_wrong(
            accounts.authenticate(self._pipeline, secret, kind), connection, secret
        )
        if credential is None:
            what = "token" if kind is CredentialKind.TOKEN else "sign-in"
            raise NotSignedInError(f"This {what} is not valid: it expired, or was revoked.")
        return credential

    def _or_wrong(
        self, result: Found | None, connection: HTTPConnection, secret: str
    ) -> Found | None:
        """Return what a secret opens; one that opens nothing is counted."""
        if result is None:  # guesses of others at the same address must not lock people out
            self._count_wrong(connection, secret)
        return result

    def _count_wrong(self, connection: HTTPConnection, secret: str) -> None:
        """Count a secret that opens nothing, unless its address has to wait before another one."""
        digest = accounts.hash_of(secret)
        now = self._monotonic()
        address = address_of(connection)
        if self._proxy is not None and address == self._proxy.address:
            # Our own proxy says last who it is for; whoever asks writes the parts before that.
            forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
            address = forwarded.rpartition(",")[2].strip()[:FORWARDED_CHARACTERS_MAX] or address
        with self._lock:
            guesses = self._guesses.get(address, _Guesses())
            if guesses.until > now and digest not in guesses.wrong:
                raise TooManyRequestsError(
                    what="Too many invalid links or tokens from this address.",
                    retry_after_seconds=math.ceil(guesses.until - now),
                )
            if now - guesses.seen_at > FORGOTTEN_AFTER_SECONDS:
                guesses = _Guesses()
            guesses.seen_at = now
            beyond = len(guesses.wrong) - FREE_GUESSES
            if digest not in guesses.wrong:
                if beyond >= 0:
                    guesses.until = now + min(2.0 ** min(beyond, 10), PAUSE_SECONDS_MAX)
                if len(guesses.wrong) < WRONG_KEPT_MAX:
                    guesses.wrong.add(digest)
            remember(self._guesses, address, guesses, most=ADDRESSES_MAX)


def browser_of(agent: str) -> str:
    """Name a browser as its owner would, by what it says of itself; empty where that is unknown."""
    name = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    system = next((system for mark, system in _SYSTEMS.items() if mark in agent), "")
    return f"{name} on {system}" if name and system else name


def address_of(connection: HTTPConnection) -> str:
    """Return the address the connection comes from; of a socket without one, nothing."""
    return connection.client.host if connection.client is not None else ""


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
        name = secrets.token_urlsafe(12)
        last = of.look_for_last_entry()
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
        return refuse_lower(person, self.role)


def allowed(access: Access, connection: HTTPConnection, role: Role) -> Person:
    """Return who asks, where they have at least this role.

    Raises:
        NotSignedInError: Nobody is signed in.
        RoleTooLowError: Their role does not allow it.
    """
    return refuse_lower(access.person_of(connection), role)


def refuse_lower(person: Person, role: Role) -> Person:
    """Stop what needs a higher role than a person has; return them where they have it."""
    if not person.role.includes(role):
        raise RoleTooLowError(name=person.name, has=person.role.value, role=role.value)
    return person


Reader = Annotated[Person, Depends(Needs(Role.READER))]
Reviewer = Annotated[Person, Depends(Needs(Role.REVIEWER))]
Exporter = Annotated[Person, Depends(Needs(Role.EXPORTER))]
Admin = Annotated[Person, Depends(Needs(Role.ADMIN))]


def _opened(key: str, web: TheWeb, _person: Reader) -> OpenSession:
    """Open the session of the path, once it is known that somebody may read it."""
    return open_session(web.pipeline, key)


Opened = Annotated[OpenSession, Depends(_opened)]
