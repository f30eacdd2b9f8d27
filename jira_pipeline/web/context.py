"""What handlers work with: the pipeline, runs and access as one value, and dependencies to get it.

A route declares what it needs by the types of its parameters: `web: TheWeb`, `opened: Opened` for the
session in its path, and `person: Reviewer` for somebody of at least that role, whom `Access` finds by a
cookie, a bearer token or the header of a trusted proxy. Every route has such a role, or is listed as open
in the tests. Each request asks the store, so that a revoked person is out at once; a WebSocket asks again
while it is open.

Belongs here: these dependencies; slowing down who guesses secrets; keeping for a minute what undoes a
decision. Does not: making and keeping secrets (`sessions/accounts`), which role a route needs, and what
it does (the route).
"""

import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as Dependency
from starlette.requests import HTTPConnection, Request
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
from jira_pipeline.model.session_keys import SESSION_KEY_PATTERN
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.outcomes import Step
from jira_pipeline.sessions import accounts
from jira_pipeline.sheets.upload_reading import UploadOutcome
from jira_pipeline.web.status_pace import Followers, SharedLooks, StatusPace, remember

FREE_GUESSES = 5
"""Wrong secrets of one address for which it has not to wait: a link that was typed, or pasted in part."""
PAUSE_SECONDS_MAX = 60.0
"""The longest that an address has to wait between two guesses; the pause doubles with each."""
FORGOTTEN_AFTER_SECONDS = 600.0
"""After so long without a guess an address has free ones again."""
ADDRESSES_MAX = 10_000
"""Addresses whose guesses are counted, so that many of them do not fill the memory."""
WRONG_SECRETS_KEPT_MAX = 50
"""Of one address; beyond, each wrong secret is another guess, also one that came before."""
FORWARDED_CHARACTERS_MAX = 64
"""Of an address that a proxy names."""
_BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox"} | {
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""Browsers by what their header says; those first whose header also says what that of others does."""
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
    """The wrong secrets that came from one address; times are those of a monotonic clock."""

    wrong_hashes: set[str] = field(default_factory=set)
    """The same secret again, as from a browser whose cookie expired, is no other guess."""
    refused_until: float = 0.0
    """Another guess is refused before that."""
    last_at: float = 0.0


class Access:
    """Finds out who a request comes from, and slows down who guesses secrets."""

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
        """Return who asks, as the store knows them now: by token, then by proxy, then by cookie.

        Raises:
            NotSignedInError: It carries nothing that lets it in.
            TooManyRequestsError: Its address tried too many secrets.
        """
        headers = connection.headers
        authorizations = headers.getlist("authorization")
        if authorizations:  # a program that shows a token means it: nothing else is looked at
            scheme, space, secret = authorizations[0].partition(" ")
            if len(authorizations) > 1 or not space or scheme.casefold() != "bearer":
                raise NotSignedInError("The header Authorization is not one bearer token.")
            return self._holder_of(connection, secret.strip(), CredentialKind.TOKEN)
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
        return self._holder_of(connection, secret, CredentialKind.COOKIE)

    def caller_of(self, connection: HTTPConnection) -> str:
        """Return a name for what asks: each token and each browser of a person has another.

        It is no secret, and says nothing about whether what asks may do so.
        """
        # In the order of `person_of`: what it does not look at must not make another caller.
        headers = connection.headers
        authorization = headers.get("authorization")
        if authorization is not None:
            return accounts.hash_of(authorization.partition(" ")[2].strip())
        if self._proxy is not None and address_of(connection) == self._proxy.address:
            name = headers.get(self._proxy.header)
            if name is not None:
                return accounts.hash_of(name.strip())
        return accounts.hash_of(connection.cookies.get(self.cookie_name, ""))

    def person_or_none(self, connection: HTTPConnection) -> Person | None:
        """Return who asks; None where nobody is signed in, or the store cannot say."""
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
        if issued is None:
            self._count_wrong_secret(connection, link_secret)
            raise NotSignedInError("This link has been used, has expired or never existed.")
        return issued

    def invited(self, connection: HTTPConnection, link_secret: str) -> Person | None:
        """Return whom a link would sign in, without using it; None where it does so no more.

        Raises:
            TooManyRequestsError: Its address tried too many secrets.
        """
        person = accounts.authenticate(self._pipeline, link_secret, CredentialKind.LINK)
        if person is None:
            self._count_wrong_secret(connection, link_secret)
        return person

    def client_link(self, connection: HTTPConnection, secret: str) -> ClientLink | None:
        """Return the link for a client that this is the secret of; None where it opens nothing.

        Raises:
            TooManyRequestsError: Its address tried too many secrets.
        """
        link = accounts.find_valid_link(self._pipeline, secret)
        if link is None:
            self._count_wrong_secret(connection, secret)
        return link

    def _holder_of(self, connection: HTTPConnection, secret: str, kind: CredentialKind) -> Person:
        """Return the person whose token or cookie a secret is.

        Raises:
            NotSignedInError: It expired, was revoked or never was.
            TooManyRequestsError: Its address tried too many secrets.
        """
        person = accounts.authenticate(self._pipeline, secret, kind)
        if person is None:
            self._count_wrong_secret(connection, secret)
            what = "token" if kind is CredentialKind.TOKEN else "sign-in"
            raise NotSignedInError(f"This {what} is not valid: it expired, or was revoked.")
        return person

    def _count_wrong_secret(self, connection: HTTPConnection, secret: str) -> None:
        """Count a secret that opens nothing against the address that it came from.

        Only wrong ones are counted: guesses of others at the same address must not lock people out.

        Raises:
            TooManyRequestsError: The address has to wait before another guess.
        """
        digest = accounts.hash_of(secret)
        now = self._monotonic()
        address = address_of(connection)
        if self._proxy is not None and address == self._proxy.address:
            # Our own proxy says last who it is for; whoever asks writes the parts before that.
            forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
            address = forwarded.rpartition(",")[2].strip()[:FORWARDED_CHARACTERS_MAX] or address
        with self._lock:
            guesses = self._guesses.get(address, _Guesses())
            if guesses.refused_until > now and digest not in guesses.wrong_hashes:
                raise TooManyRequestsError(
                    what="Too many invalid links or tokens from this address.",
                    retry_after_seconds=math.ceil(guesses.refused_until - now),
                )
            if now - guesses.last_at > FORGOTTEN_AFTER_SECONDS:
                guesses = _Guesses()
            guesses.last_at = now
            paid_guesses = len(guesses.wrong_hashes) - FREE_GUESSES
            if digest not in guesses.wrong_hashes:
                if paid_guesses >= 0:
                    pause_seconds = 2.0 ** min(paid_guesses, 10)  # a larger power is above the most
                    guesses.refused_until = now + min(pause_seconds, PAUSE_SECONDS_MAX)
                if len(guesses.wrong_hashes) < WRONG_SECRETS_KEPT_MAX:
                    guesses.wrong_hashes.add(digest)
            remember(self._guesses, address, guesses, most=ADDRESSES_MAX)


def browser_of(agent: str) -> str:
    """Return what people call a browser, `Firefox on Linux`, by its header; empty for an unknown one."""
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
DECISIONS_KEPT_MAX = 100
"""Decisions that can be undone, of all people; each step of one may be about thousands of tickets."""


class UndoSteps:
    """Keeps for a minute the steps that undo decisions, each under a name that its notice has."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str], tuple[float, tuple[Step, ...], int]] = {}

    def keep(self, steps: tuple[Step, ...], *, of: OpenSession, by: str) -> str:
        """Keep the steps that undo what somebody just decided in a session, and return their name.

        The name is empty where there are no steps.
        """
        if not steps:
            return ""
        name = secrets.token_urlsafe(12)
        last_entry = of.look_for_last_entry()
        with self._lock:
            entry = (self._monotonic(), steps, last_entry)
            remember(self._kept, (of.key, by, name), entry, most=DECISIONS_KEPT_MAX)
        return name

    def take(self, name: str, *, session_key: str, by: str) -> tuple[tuple[Step, ...], int]:
        """Remove the steps that undo a decision of somebody, and return them with an entry's number.

        That is the last entry of the audit when the decision was made: what others did since stays.
        There are no steps under an unknown name, a second time, and after a minute.
        """
        with self._lock:
            kept_at, steps, last_entry = self._kept.pop((session_key, by, name), (0.0, (), 0))
        if self._monotonic() - kept_at >= UNDO_SECONDS:
            return (), last_entry
        return steps, last_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Everything the pages and the API work with."""

    pipeline: Pipeline
    dagster: LateDagster
    access: Access
    report_to_dagster: Callable[[Pipeline, UploadOutcome], None]
    """Tells Dagster of an upload; the program that serves knows how."""
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
    """Return the value that `create_app` made the application of this connection with."""
    web = connection.app.state.web
    assert isinstance(web, Web)  # noqa: S101 - create_app put it there
    return web


async def _the_web(connection: HTTPConnection) -> Web:
    """Return it for a route; `async`, since FastAPI runs other dependencies in a thread each."""
    return web_of(connection)


TheWeb = Annotated[Web, Depends(_the_web)]


def _person_asking(connection: HTTPConnection) -> Person:
    """Return who asks, and note them for the frame of the page.

    FastAPI calls it once for all that a route depends on.
    """
    person: Person = connection.app.state.web.access.person_of(connection)
    connection.state.person = person
    return person


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency that lets through whoever has at least this role."""

    role: Role

    async def __call__(self, person: Annotated[Person, Depends(_person_asking)]) -> Person:
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
    """Return a person who has at least this role.

    Raises:
        RoleTooLowError: Their role does not allow it.
    """
    if not person.role.includes(role):
        raise RoleTooLowError(name=person.name, has=person.role.value, role=role.value)
    return person


Reader = Annotated[Person, Depends(Needs(Role.READER))]
Reviewer = Annotated[Person, Depends(Needs(Role.REVIEWER))]
Exporter = Annotated[Person, Depends(Needs(Role.EXPORTER))]
Admin = Annotated[Person, Depends(Needs(Role.ADMIN))]


async def _caller(connection: HTTPConnection) -> str:
    return web_of(connection).access.caller_of(connection)


Caller = Annotated[str, Depends(_caller)]
"""What asks, by its token or browser; for counting requests."""


SessionKey = Annotated[
    str,
    Path(
        description="The key of the session.",
        # Said and not checked: whatever is no key is a session that does not exist.
        json_schema_extra={"pattern": f"^{SESSION_KEY_PATTERN.pattern}$", "examples": ["my_site"]},
    ),
]


def _opened(key: SessionKey, web: TheWeb, _person: Reader) -> OpenSession:
    """Open the session of the path, once it is known that somebody may read it."""
    return open_session(web.pipeline, key)


Opened = Annotated[OpenSession, Depends(_opened)]


async def _refuse_unknown_parameters(request: Request, _person: Reader) -> None:
    """Refuse parameters of the address that the route does not know, so that no wish is ignored.

    Raises:
        RequestValidationError: There is one.
    """
    names = _parameters_of(request.scope["route"].dependant)
    unknown = sorted(request.query_params.keys() - names)
    if unknown:
        taken = ", ".join(sorted(names)) or "none"
        message = f"There is no such parameter; the address takes {taken}"
        raise RequestValidationError([{"loc": ("query", name), "msg": message} for name in unknown])


def _parameters_of(dependant: Dependant) -> set[str]:
    """Return the names of all parameters in the address that a route, or what it depends on, takes."""
    names: set[str] = set()
    pending = [dependant]
    for dependency in pending:
        pending.extend(dependency.dependencies)
        names.update(parameter.alias for parameter in dependency.query_params)
    return names


KNOWN_PARAMETERS_ONLY: Dependency = Depends(_refuse_unknown_parameters)
"""For routes of programs: what they do not take in the address is refused."""
