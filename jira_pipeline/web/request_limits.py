"""How much one caller may ask: the size of a body, the pace of status requests.

Belongs here: counting. Does not: limits of single fields (the models of `api`), guesses of secrets
(`context`).
"""

import math
import threading
import time
from asyncio import wait_for
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar, cast

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jira_pipeline.context.pipeline import OneByOne
from jira_pipeline.model.errors import TooManyRequestsError

BODY_MAX_BYTES = 4_000_000
"""Five parts of a ticket at their limit, written as JSON with escapes."""
SIGN_IN_MAX_BYTES = 10_000
"""A link and the boundaries of its form: nobody is known yet."""
OPEN_FORMS = frozenset({"/sign-in", "/sign-out"})
"""The forms for which nobody has to be signed in."""
CLIENT_PAGES = "/client/"
"""Below it there are more of them."""
PROPOSAL_MAX_BYTES = 1_000_000
"""All answers of a client at once: sixteen of 5,000 characters that take four bytes, each written as
three characters. Of a link that opens nothing no body is read."""
SITE_ADDRESS = "/site"
"""It takes a configuration of a site."""
FORM_OVERHEAD_BYTES = 1_000_000
"""Of names and boundaries around the files of an upload."""
PART_SECONDS = 10.0
"""From one part of a body to the next."""
STATUS_SECONDS = 2.0
"""One request of the status in this time, by caller and session."""
CALLERS_MAX = 10_000
LOOK_SHARED_SECONDS = 0.5
"""So old may be what a connection is told: each looks once a second."""
LOOKS_KEPT = 8
Seen = TypeVar("Seen")


class BodyLimit:
    """Refuses bodies above a limit while they arrive, whatever length they state."""

    def __init__(self, app: ASGIApp, *, upload_max_bytes: int) -> None:
        """Serve an application; addresses of uploads take more than others."""
        self._app = app
        self._upload_max_bytes = upload_max_bytes + FORM_OVERHEAD_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = "upload" in scope["path"] or scope["path"].endswith(SITE_ADDRESS)
        most = self._upload_max_bytes if is_upload else BODY_MAX_BYTES
        if is_open_form(scope["path"]):
            most = SIGN_IN_MAX_BYTES if scope["path"] in OPEN_FORMS else PROPOSAL_MAX_BYTES
        stated = next((v for n, v in scope["headers"] if n == b"content-length"), b"")
        received = int(stated) if stated.isdigit() and len(stated) < 20 else 0  # noqa: PLR2004 - of 2**64
        is_over = received > most
        received = 0
        is_whole = False

        async def receive_bounded() -> Message:
            nonlocal received
            nonlocal is_whole
            message: Message = {"type": "http.request"}
            if not is_over:
                try:
                    message = await wait_for(receive(), None if is_whole else PART_SECONDS)
                except TimeoutError as error:
                    raise HTTPException(408, "The rest of the body did not come.") from error
            is_whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if is_over or received > most:
                raise HTTPException(413, f"The body has more than {most:,} bytes.")
            return message

        await self._app(scope, receive_bounded, send)


def is_open_form(path: str) -> bool:
    """Tell whether nobody has to be signed in to send a form there."""
    return path in OPEN_FORMS or is_of_client(path)


def is_of_client(path: str) -> bool:
    """Tell whether somebody of a client is there, who knows nothing of this program."""
    return path.startswith(CLIENT_PAGES)


def remember(entries: dict[Any, Any], key: object, value: object, *, most: int) -> None:
    """Keep a value as the newest one, in place of the oldest where there are so many already."""
    entries.pop(key, None)
    while len(entries) >= most:
        del entries[next(iter(entries))]
    entries[key] = value


class StatusPace:
    """Lets every caller ask for the status of a session once in two seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked_at: dict[tuple[str, str], float] = {}

    def count(self, caller: str, session_key: str) -> None:
        """Count a request.

        Raises:
            TooManyRequestsError: The one before it was less than two seconds ago.
        """
        now = self._monotonic()
        with self._lock:
            since = now - self._asked_at.get((caller, session_key), -math.inf)
            if since < STATUS_SECONDS:
                raise TooManyRequestsError(
                    what=f"The status of {session_key} was requested {since:.1f} s ago.",
                    retry_after_seconds=math.ceil(STATUS_SECONDS - since),
                )
            remember(self._asked_at, (caller, session_key), now, most=CALLERS_MAX)


class Followers:
    """Counts the connections that are open, by person."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, *, most: int) -> None:
        """Count one more.

        Raises:
            TooManyRequestsError: There are so many already.
        """
        with self._lock:
            if self._counts[name] >= most:
                raise TooManyRequestsError(
                    what=f"{most} connections of {name} are already open.", retry_after_seconds=10
                )
            self._counts[name] += 1

    def remove(self, name: str) -> None:
        """Count one less."""
        with self._lock:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]


class SharedLooks:
    """Looks once for all connections that follow the same."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._one_by_one = OneByOne()
        self._seen: dict[str, tuple[float, object]] = {}

    def at(self, key: str, look: Callable[[], Seen]) -> Seen:
        """Return what somebody else saw a moment ago, else look now."""
        with self._one_by_one.of(key):
            seen_at, seen = self._seen.get(key, (-math.inf, None))
            if self._monotonic() - seen_at >= LOOK_SHARED_SECONDS:
                seen_at = self._monotonic()
                seen = look()
            with self._lock:
                remember(self._seen, key, (seen_at, seen), most=LOOKS_KEPT)
            return cast("Seen", seen)
