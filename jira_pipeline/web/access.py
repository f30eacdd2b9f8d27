"""Who asks, of routes of ours and of Dagster's.

Belongs here: reading cookies, bearer tokens and the header of a trusted proxy, slowing guesses.
Does not: making and keeping secrets (`sessions/accounts`), whether their role allows it (`context`).
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import (
    NotFoundError,
    NotSignedInError,
    PipelineError,
    TooManyRequestsError,
)
from jira_pipeline.model.open_questions import ClientLink
from jira_pipeline.model.people import CredentialKind, Person
from jira_pipeline.sessions import accounts
from jira_pipeline.web.request_limits import remember

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
                    known = accounts.known_person(self._pipeline, names[0].strip())
                except NotFoundError:
                    message = f"The proxy names {names[0].strip()!r}, who has no access."
                    raise NotSignedInError(message) from None
                return Person(name=known.name, role=known.role)
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

    def sign_in(self, connection: HTTPConnection, link_secret: str) -> accounts.Issued:
        """Exchange a link for a cookie of its own, whatever cookie the browser had before.

        Raises:
            NotSignedInError: The link was used, has expired or never was.
            TooManyRequestsError: Its address tried too many secrets.
        """
        issued = None
        if len(link_secret) <= accounts.SECRET_CHARACTERS_MAX:
            issued = accounts.signed_in(
                self._pipeline,
                link_secret,
                label=browser_of(connection.headers.get("user-agent", "")),
            )
        if issued is None:  # guesses of others at the same address must not lock people out
            self._count_wrong(connection, link_secret)
            raise NotSignedInError("This link has been used, has expired or never existed.")
        return issued

    def client_link(self, connection: HTTPConnection, secret: str) -> ClientLink | None:
        """Return the link for a client that this is the secret of; None where it opens nothing.

        Raises:
            TooManyRequestsError: Its address tried too many secrets.
        """
        link = accounts.valid_link(self._pipeline, secret)
        if link is None:
            self._count_wrong(connection, secret)
        return link

    def _admitted(self, connection: HTTPConnection, secret: str, kind: CredentialKind) -> Person:
        found = accounts.admitted(self._pipeline, secret, kind)
        if found is not None:  # guesses of others at the same address must not lock people out
            return found
        self._count_wrong(connection, secret)
        what = "token" if kind is CredentialKind.TOKEN else "sign-in"
        raise NotSignedInError(f"This {what} is not valid: it expired, or was revoked.")

    def _count_wrong(self, connection: HTTPConnection, secret: str) -> None:
        """Count a secret that opens nothing, unless its address has to wait before another one."""
        digest, now = accounts.hash_of(secret), self._monotonic()
        address = address_of(connection)
        if self._proxy is not None and address == self._proxy.address:
            # Our own proxy says last who it is for; whoever asks writes the parts before that.
            forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
            address = forwarded.rpartition(",")[2].strip()[:FORWARDED_CHARACTERS_MAX] or address
        with self._lock:
            known = self._guesses.get(address, _Guesses())
            if known.until > now and digest not in known.wrong:
                raise TooManyRequestsError(
                    what="Too many invalid links or tokens from this address.",
                    retry_after_seconds=math.ceil(known.until - now),
                )
            if now - known.seen_at > FORGOTTEN_AFTER_SECONDS:
                known = _Guesses()
            known.seen_at = now
            beyond = len(known.wrong) - FREE_GUESSES
            if digest not in known.wrong:
                if beyond >= 0:
                    known.until = now + min(2.0 ** min(beyond, 10), PAUSE_SECONDS_MAX)
                if len(known.wrong) < WRONG_KEPT_MAX:
                    known.wrong.add(digest)
            remember(self._guesses, address, known, most=ADDRESSES_MAX)


def browser_of(agent: str) -> str:
    """Name a browser as its owner would, by what it says of itself; empty where that is unknown."""
    name = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    system = next((system for mark, system in _SYSTEMS.items() if mark in agent), "")
    return f"{name} on {system}" if name and system else name


def address_of(connection: HTTPConnection) -> str:
    """Return the address the connection comes from; of a socket without one, nothing."""
    return connection.client.host if connection.client is not None else ""
