"""Sends one call to an environment and returns what came of it, without ever showing a secret.

Belongs here: the connection, one limit of requests for all threads of this process, the token of
the environment, the shapes of good answers (what is unknown in them is ignored), what any other
answer or its lack means. Does not: which calls there are (`client`).

A token is kept until shortly before it ends, and renewed once on 401. There are no refresh tokens.

Source of what answers mean: docs/sharedo.md.
"""

import base64
import logging
import math
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, model_validator

from jira_pipeline.jira.client.connection import CONNECT_TIMEOUT_SECONDS, REDACTED, Call
from jira_pipeline.jira.client.exchange import parse_answer
from jira_pipeline.model.clock import Clock, Timer, asked_seconds, http_date
from jira_pipeline.model.network_failures import failure_text
from jira_pipeline.model.redacted_secrets import SecretRedaction
from jira_pipeline.model.user_agent import user_agent
from jira_pipeline.sharedo.client.environments import Environment, Grant
from jira_pipeline.sharedo.errors import ShareDoAccessError, ShareDoError, ShareDoUnreachableError

logger = logging.getLogger(__name__)

CONNECTIONS_MAX = 10
ANSWER_MAX_BYTES = 10_000_000
"""Of JSON; packages are streamed."""
REASON_MAX_CHARS = 500
LONGEST_PAUSE_SECONDS = 300.0
WINDOW_SECONDS = 60.0
SHARE_USED = 0.9
"""Of the limit: requests may reach the server closer together than they left."""
RENEW_BEFORE_SECONDS = 60.0
FAILED_STATES = frozenset({"FAILED", "PACKAGECREATIONFAILED"})
"""Without what is no letter; any other state goes on. Source: docs/sharedo.md."""
TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class RateLimiter:
    """Lets nine tenths of so many requests through in any minute."""

    def __init__(self, timer: Timer, *, requests_per_minute: int) -> None:
        self._timer = timer
        self._limit = max(1, int(SHARE_USED * requests_per_minute))
        self._turn = threading.Lock()
        self._sent_at: deque[float] = deque()
        self._free_at = 0.0

    def admit(self) -> None:
        """Wait until a request may be sent, and count it."""
        while True:
            with self._turn:
                now = self._timer.monotonic()
                while self._sent_at and self._sent_at[0] <= now - WINDOW_SECONDS:
                    self._sent_at.popleft()
                is_full = len(self._sent_at) >= self._limit
                full_until = self._sent_at[0] + WINDOW_SECONDS if is_full else now
                wait = max(full_until, self._free_at) - now
                if wait <= 0:
                    self._sent_at.append(now)
                    return
            self._timer.sleep(wait)

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long: the server said so to one of us, and means all."""
        with self._turn:
            self._free_at = max(self._free_at, self._timer.monotonic() + seconds)


class ShareDoExchange:
    """One environment: one keep-alive client, one limiter, one token."""

    def __init__(
        self,
        environment: Environment,
        *,
        secret: str,
        clock: Clock,
        timer: Timer,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.environment = environment
        self._clock = clock
        self._limiter = RateLimiter(timer, requests_per_minute=environment.requests_per_minute)
        self._timer = timer
        self._asking = threading.Lock()
        self._token = ""
        self._renew_at = -math.inf
        login = base64.b64encode(f"{environment.client_id}:{secret}".encode()).decode()
        self._secrets = {secret, login}
        self._redaction = SecretRedaction(self._secrets, mark=REDACTED)
        self._basic = f"Basic {login}"
        timeout = httpx.Timeout(
            environment.timeout_seconds,
            connect=min(CONNECT_TIMEOUT_SECONDS, environment.timeout_seconds),
        )
        limits = httpx.Limits(
            max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX
        )
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",  # of answers; packages say what they take
            "User-Agent": user_agent(),
        }
        self._http = httpx.Client(
            timeout=timeout,
            limits=limits,
            follow_redirects=False,
            headers=headers,
            # each request, that for a token too, has its turn, and each answer may ask for a pause
            event_hooks={
                "request": [lambda _request: self._limiter.admit()],
                "response": [self._learn],
            },
            transport=transport,
        )

    def close(self) -> None:
        self._http.close()

    def read(self, call: Call) -> httpx.Response:
        """Send a call that changes nothing; the answer is 200, or a refusal of the call itself.

        Raises:
            ShareDoUnreachableError: It may help to ask again.
            ShareDoAccessError: ShareDo does not let us in.
        """
        try:
            response = self.send(call)
        except httpx.HTTPError as failure:
            raise self.unreachable(call, failure) from None  # the cause could show a secret
        if (error := self.error_of(call, response)) is not None:
            raise error
        return response

    def send(self, call: Call) -> httpx.Response:
        """Send a call, again with a renewed token after 401, and read its whole answer.

        Raises:
            httpx.HTTPError: There was no whole answer.
            ShareDoError: No token is to be had; the call was not sent.
        """
        with self.streamed(call) as response:
            content = bytearray()
            for piece in response.iter_bytes():
                content += piece
                if len(content) > ANSWER_MAX_BYTES:
                    raise httpx.ReadError(f"it sent more than {ANSWER_MAX_BYTES} bytes")
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in {"content-encoding", "content-length", "transfer-encoding"}
        ]
        text = self._without_secrets(content.decode("utf-8", "replace"))
        return httpx.Response(response.status_code, headers=headers, content=text.encode())

    @contextmanager
    def streamed(self, call: Call) -> Iterator[httpx.Response]:
        """Open an answer, with a renewed token after 401.

        Raises:
            httpx.HTTPError: There was no answer.
            ShareDoError: No token is to be had; the call was not sent.
        """
        refused: str | None = None
        while True:
            token = self._current_token(refused=refused)
            with self._http.stream(
                call.method,
                f"{self.environment.api_url}{call.filled_path}",
                json=call.json,
                headers={**call.headers, "Authorization": f"Bearer {token}"},
            ) as response:
                if response.status_code != httpx.codes.UNAUTHORIZED or refused is not None:
                    yield response
                    return
            refused = token

    def _current_token(self, *, refused: str | None) -> str:
        """Return a token that will last; threads that need another one wait for the first that asks."""
        with self._asking:
            began = self._timer.monotonic()
            if began >= self._renew_at or self._token == refused:
                answer = self._ask_for_token()
                self._token = answer.access_token
                # one that lasts less than the margin is used for half its life
                margin = min(RENEW_BEFORE_SECONDS, answer.expires_in / 2)
                self._renew_at = began + answer.expires_in - margin
            return self._token

    def _ask_for_token(self) -> "TokenBody":
        """Ask the identity server.

        Raises:
            ShareDoUnreachableError: It may help to ask again.
            ShareDoAccessError: It gives us none.
        """
        environment = self.environment
        form = {"grant_type": environment.grant.value, "scope": environment.scope}
        if environment.grant is Grant.SPECIFIED:
            form["impersonate_user"] = environment.impersonate_user or ""
            if environment.impersonate_provider:
                form["impersonate_provider"] = environment.impersonate_provider
        call = Call(method="POST", path=environment.paths.token, action="Asking for a token")
        try:
            response = self._http.post(
                f"{environment.identity_url}{call.path}",
                data=form,
                headers={"Authorization": self._basic},
            )
        except httpx.HTTPError as failure:
            raise self.unreachable(call, failure) from None
        is_refused = response.status_code in {400, 401, 403}
        if not is_refused and (error := self.error_of(call, response)) is not None:
            raise error
        body = parse_answer(response, TokenBody)
        if response.status_code != httpx.codes.OK or body is None:
            message = (
                f"{environment.name} issues no token to client {environment.client_id!r} with "
                f"grant {environment.grant}: {self.reason(response)}."
            )
            raise self._shut_out(message, response.status_code)
        self._secrets.add(body.access_token)
        self._redaction = SecretRedaction(self._secrets, mark=REDACTED)
        return body

    def error_of(self, call: Call, response: httpx.Response) -> ShareDoError | None:
        """Return the error that any call may meet; None where the answer is about the call."""
        status = response.status_code
        message = f"{call.action} in {self.environment.name}: {self.reason(response)}."
        if status in TRANSIENT_STATUSES:
            return ShareDoUnreachableError(
                message, wait_seconds=self._asked_seconds(response), details={"status": status}
            )
        is_login = httpx.codes.is_redirect(status) or (
            httpx.codes.is_success(status) and is_page(response)
        )
        if status in {401, 403} or is_login:
            return self._shut_out(message, status)
        return None

    def _shut_out(self, message: str, status: int) -> ShareDoAccessError:
        error = ShareDoAccessError(message, details={"status": status})
        error.name(environment=self.environment.name)
        return error

    def unreachable(self, call: Call, failure: httpx.HTTPError) -> ShareDoUnreachableError:
        """Translate a request that got no whole answer."""
        cause = shortened(self._without_secrets(failure_text(failure)))
        return ShareDoUnreachableError(
            f"{call.action}: {self.environment.name} sent what cannot be read to its end ({cause}).",
            details={"cause": cause},
        )

    def _without_secrets(self, text: str) -> str:
        return self._redaction.redacted(text)

    def reason(self, response: httpx.Response) -> str:
        """Say what an answer is, in its own words where it has some."""
        status = response.status_code
        if httpx.codes.is_redirect(status):
            return f"{status}, a redirect to a sign-in page"
        if is_page(response):
            return f"{status} with a web page"
        body = parse_answer(response, ErrorBody)
        text = shortened(self._without_secrets(body.text)).rstrip(".") if body is not None else ""
        return f"{status}, {text}" if text else f"{status}"

    def _learn(self, response: httpx.Response) -> None:
        """Let nobody ask while the server wants to be left alone."""
        wait_seconds = self._asked_seconds(response)
        if wait_seconds is not None and response.status_code in {429, 503}:
            self._limiter.pause(wait_seconds)
            logger.info("%s asks to wait %.1f s", self.environment.name, wait_seconds)

    def _asked_seconds(self, response: httpx.Response) -> float | None:
        """Return the wait in Retry-After, in seconds or as a date; capped."""
        answered_at = http_date(response.headers.get("Date", "")) or self._clock.now()
        wait_seconds = asked_seconds(
            response.headers.get("Retry-After", ""), answered_at=answered_at
        )
        return wait_seconds if wait_seconds is None else min(wait_seconds, LONGEST_PAUSE_SECONDS)


def is_page(response: httpx.Response) -> bool:
    """Tell whether an answer says that it is a web page."""
    return str(response.headers.get("Content-Type", "")).lower().startswith("text/html")


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        """Take what is null as not stated."""
        if not isinstance(value, dict):
            return value
        return {name: inner for name, inner in value.items() if inner is not None}


class TokenBody(_Body):
    """What the identity server gives."""

    access_token: str = Field(min_length=1)
    expires_in: float = Field(default=3600.0, gt=0)


class CreatedBody(_Body):
    """The id of a job, under whichever name."""

    job_id: str = Field(
        min_length=1,
        pattern=r"\S",
        validation_alias=AliasChoices("exportJobId", "jobId", "id"),
    )


class ErrorBody(_Body):
    """`{error: {code, message, details}}` as documented, or `{errorMessage}` as the service says it."""

    error: Any = None
    error_message: Any = Field(default=None, alias="errorMessage")
    message: Any = None
    error_description: Any = None

    @property
    def code(self) -> str:
        """What kind of error it is, as documented; empty where it does not say."""
        code = self.error.get("code") if isinstance(self.error, dict) else None
        return code if isinstance(code, str) else ""

    @property
    def text(self) -> str:
        error = self.error.get("message") if isinstance(self.error, dict) else self.error
        parts = (self.error_description, error, self.error_message, self.message)
        return next((part for part in parts if isinstance(part, str) and part), "")


class ProgressBody(ErrorBody):
    """How far a job is."""

    state: str = ""
    percentage: float = 0.0
    current: list[dict[str, Any] | str] = Field(default_factory=list)
    is_complete: bool = Field(default=False, alias="complete")
    is_package_available: bool = Field(default=False, alias="packageAvailable")

    @property
    def is_empty(self) -> bool:
        """It says nothing of a job."""
        return self.model_fields_set.isdisjoint({"state", "is_complete", "percentage"})

    @property
    def step(self) -> str:
        """What is done now."""
        for step in self.current:
            name = step.get("description") if isinstance(step, dict) else step
            if name:
                return shortened(str(name))
        return shortened(str(self.message or ""))

    @property
    def error_text(self) -> str:
        """What went wrong, in its words."""
        return shortened(self.text)

    @property
    def is_ready(self) -> bool:
        """Its package can be downloaded."""
        return self.is_complete and self.is_package_available

    @property
    def has_failed(self) -> bool:
        """Decided by the two booleans first, by the state second."""
        state = "".join(filter(str.isalnum, self.state.upper()))
        return not self.is_ready and state in FAILED_STATES


class DependencyBody(_Body):
    """One thing that another one needs."""

    system_name: str = Field(default="", validation_alias=AliasChoices("systemName", "SystemName"))
    item_name: Any = Field(
        default=None,
        validation_alias=AliasChoices(
            *(
                AliasPath(selector, name)
                for selector in ("selector", "Selector")
                for name in ("systemName", "SystemName")
            )
        ),
    )
    """The name of the thing; the system name beside it is that of its provider."""


class DependencyListsBody(_Body):
    """What is needed and what is recommended."""

    mandatory: list[DependencyBody] = Field(default_factory=list)
    recommended: list[DependencyBody] = Field(default_factory=list)


class DependenciesBody(_Body):
    """The answer about dependencies."""

    dependencies: DependencyListsBody


def shortened(text: str) -> str:
    """Cut a text to what a message takes."""
    return text if len(text) <= REASON_MAX_CHARS else f"{text[:REASON_MAX_CHARS]} …"
