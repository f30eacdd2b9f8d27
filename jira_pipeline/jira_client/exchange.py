"""Sends one call and tells what came of it, without ever showing our credentials.

Belongs here: reading good answers, translating all others, redaction. Does not: which calls there
are (`site_calls`, `issue_calls`), what an answer means (`answers`), connections (`connection`).
"""

from dataclasses import replace
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from jira_pipeline.domain.issue_tracker import NothingDone, Unknown
from jira_pipeline.errors import RateLimitedError, RefusedError, UnavailableError, UpstreamError
from jira_pipeline.jira_client.answers import (
    Fate,
    JiraComplaint,
    error_of_failure,
    error_of_read,
    error_of_response,
    fate_of_element,
    fate_of_failure,
    fate_of_response,
)
from jira_pipeline.jira_client.connection import Call, JiraConnection
from jira_pipeline.jira_client.pacing import LONGEST_WAIT_SECONDS, Pacing

SAID_MAX_CHARS = 2_000
"""What Jira says is kept in ledger and manual fixes, so a page of text is cut off."""

Body = TypeVar("Body", bound=BaseModel)


class JiraExchange:
    """Calls to one Jira site and their answers."""

    def __init__(self, connection: JiraConnection, *, pacing: Pacing | None) -> None:
        """Take the connections to the site; without a pacing nothing waits or is sent again."""
        self._connection = connection
        self._pacing = pacing

    def wait_seconds(self, call: Call) -> float:
        """Return how long a call has to wait for its turn.

        Raises:
            RateLimitedError: Longer than is waited within a step.
        """
        wait = self._pacing.wait_seconds(call) if self._pacing is not None else 0.0
        if wait > LONGEST_WAIT_SECONDS:
            raise RateLimitedError("Jira", wait_seconds=wait)
        return wait

    def read(self, call: Call, model: type[Body]) -> Body:
        """Send a call that changes nothing and parse its answer.

        Raises:
            UpstreamError: There is no good answer.
        """
        try:
            response = self._send(replace(call, is_idempotent=True))
        except httpx.HTTPError as failure:
            error = self._error_of(failure, call, is_write=False)
            raise self._clean(error) from None  # the cause could show what we took out of it
        if response.status_code != httpx.codes.OK:
            raise self._clean(error_of_read(response, action=call.action))
        body = parsed(response, model)
        if body is None:
            raise UnavailableError(
                f"{call.action}: Jira answered 200 with something else than was asked for."
            )
        return body

    def write(
        self, call: Call, *, done_statuses: frozenset[int]
    ) -> httpx.Response | NothingDone | Unknown:
        """Send a call that changes something, and tell what became of it."""
        try:
            response = self._send(call)
        except RateLimitedError as turn:
            return self._refused(turn, fate=Fate.NOT_SENT)
        except httpx.HTTPError as failure:
            error = self._error_of(failure, call, is_write=True)
            return self._refused(error, fate=fate_of_failure(failure))
        fate = fate_of_response(response, done_statuses=done_statuses)
        if fate is Fate.DONE:
            return response
        return self._refused(error_of_response(response, action=call.action, fate=fate), fate=fate)

    def refusal(self, response: httpx.Response, *, action: str) -> NothingDone | Unknown:
        """Translate an answer that says no after all."""
        fate = fate_of_response(response, done_statuses=frozenset())
        return self._refused(error_of_response(response, action=action, fate=fate), fate=fate)

    def element_refusal(self, status: int, complaint: JiraComplaint) -> NothingDone | Unknown:
        """Translate what Jira says of one element of a bulk, as if it had answered it alone."""
        fate, error = fate_of_element(status, complaint, action="Creating an issue")
        return self._refused(error, fate=fate)

    def _send(self, call: Call) -> httpx.Response:
        """Send a call in its turn, again where that is harmless and may help.

        Raises:
            httpx.HTTPError: There was no complete answer.
            RateLimitedError: It was not sent: its turn is too far off.
        """
        pacing = self._pacing
        if pacing is None:
            return self._connection.send(call)
        retries = 0
        while True:
            pacing.admit(call)
            outcome = self._outcome(call, pacing)
            wait = pacing.retry_wait_seconds(call, outcome, retries=retries)
            if wait is None:
                if isinstance(outcome, httpx.Response):
                    return outcome
                raise outcome
            retries += 1
            pacing.sleep(wait)

    def _outcome(self, call: Call, pacing: Pacing) -> httpx.Response | httpx.HTTPError:
        """Send once; what Jira says of its limits is kept."""
        try:
            response = self._connection.send(call)
        except httpx.HTTPError as failure:
            return failure
        pacing.learn(call, response)
        return response

    def _error_of(self, failure: httpx.HTTPError, call: Call, *, is_write: bool) -> UpstreamError:
        site_url = self._connection.base_url
        return error_of_failure(failure, action=call.action, site_url=site_url, is_write=is_write)

    def _refused(self, error: UpstreamError, *, fate: Fate) -> NothingDone | Unknown:
        clean = self._clean(error)
        if fate is Fate.IN_DOUBT:
            return Unknown(reason=clean.message)
        field_errors = clean.field_errors if isinstance(clean, RefusedError) else {}
        return NothingDone(error=clean, field_errors=field_errors)

    def _clean(self, error: UpstreamError) -> UpstreamError:
        """Take our credentials out of what the error says, whoever put them there."""
        error.message = self._shown(error.message)
        error.args = (error.message,)
        if isinstance(error, RefusedError):
            error.field_errors = {
                self._shown(name): self._shown(text) for name, text in error.field_errors.items()
            }
        if isinstance(error, RateLimitedError):
            error.reason = self._shown(error.reason)
        return error

    def _shown(self, text: str) -> str:
        """Redact, and only then cut: half a token would not be known for one."""
        redacted = self._connection.redacted(text)
        is_short = len(redacted) <= SAID_MAX_CHARS
        return redacted if is_short else f"{redacted[:SAID_MAX_CHARS]} …"


class JiraCalls:
    """Calls that go over one exchange."""

    def __init__(self, exchange: JiraExchange) -> None:
        """Take the way to the site."""
        self._exchange = exchange


def parsed(response: httpx.Response, model: type[Body]) -> Body | None:
    """Parse a good answer; None where it is torn or of another shape."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError:
        return None
