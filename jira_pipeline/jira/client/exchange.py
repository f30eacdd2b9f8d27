"""Sends one call to Jira and returns its parsed answer, or an error without our credentials.

A `Call` is method, path, query and body. A read returns the body parsed as a model, or raises an
`UpstreamError`. A write never raises for what Jira answers: it returns the answer, `NothingDone`
(Jira certainly did not do it), or `Unknown` (it may have done it, such as after a lost connection).

Belongs here: reading good answers, translating all others, redaction. Does not: which calls there
are (`client`), which error an answer means (`answers`), connections (`connection`).
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from jira_pipeline.jira.client.addresses import gateway_url, is_atlassian_site
from jira_pipeline.jira.client.answers import (
    error_of_failure,
    error_of_limit,
    error_of_read,
    error_of_response,
    is_signed_out,
)
from jira_pipeline.jira.client.connection import API, Call, JiraConnection
from jira_pipeline.jira.client.pacing import Pacing
from jira_pipeline.jira.client.responses import (
    AccountBody,
    CountedPageBody,
    Item,
    LastPageBody,
    TenantBody,
)
from jira_pipeline.model.errors import (
    AccessError,
    CancelledError,
    InDoubtError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.issue_tracker import Created, NothingDone, Unknown, WriteAnswer

logger = logging.getLogger(__name__)

MYSELF = Call.get(f"{API}/myself", "Asking Jira who we are")
TENANT = Call(
    method="GET",
    path="/_edge/tenant_info",
    is_anonymous=True,
    action="Asking Jira which site it is",
)
"""A site answers it without a token; the gateway does not serve it."""

NO_CONTENT = frozenset({204})
PAGES_MAX = 1_000
"""The most pages of one list: 50,000 projects, and more issues than a session can have."""
CANCELLED_WAIT_SECONDS = 1.0
"""The wait that a write is answered with whose own wait was cancelled; nobody waits so long."""
REASON_MAX_CHARS = 2_000
"""The longest text of Jira's in an error: ledger and manual fixes store it."""

Body = TypeVar("Body", bound=BaseModel)


class JiraExchange:
    """Sends calls to one Jira site; subclasses have a method for each call."""

    def __init__(self, connection: JiraConnection, *, pacing: Pacing | None) -> None:
        """Store the connection to the site; without a pacing nothing waits or is sent again."""
        self._connection = connection
        self._pacing = pacing
        self._is_token_unproven = is_atlassian_site(connection.base_url)
        """No answer has shown yet that the site knows our token."""
        self._may_ask_gateway = self._is_token_unproven
        """Atlassian's gateway was not asked yet whether it knows our token."""

    def read(self, call: Call, model: type[Body]) -> Body:
        """Send a call that changes nothing, and return its answer as a `model`.

        Where a site of Atlassian's refuses our token, its gateway is tried once, as a token with
        scopes is accepted only there. If it accepts ours, all further calls go there.

        Raises:
            UpstreamError: Jira refuses, cannot be reached, or answers something else.
        """
        try:
            return self._read(call, model)
        except AccessError as error:
            is_unknown = error.status_code == httpx.codes.UNAUTHORIZED
            if call.is_anonymous or not is_unknown or not self._moved_to_gateway():
                raise
        return self._read(call, model)

    def read_if_any(self, call: Call, model: type[Body]) -> Body | None:
        """Send a call as `read` does; return None where the site has no such page (status 404)."""
        response = self._response(call)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        return self._parsed_body(response, call, model)

    def prove_account(self) -> None:
        """Make sure, once, that a site of Atlassian's or its gateway knows our token.

        Otherwise some calls would be answered as if we were nobody: with no project and no issue, but
        without an error.

        Raises:
            UpstreamError: The token is refused, or Jira cannot be reached.
        """
        if self._is_token_unproven:
            self.read(MYSELF, AccountBody)
            self._is_token_unproven = False

    def _moved_to_gateway(self) -> bool:
        """Send everything to the gateway from now on if it knows our token; return whether it does.

        It is asked only once.
        """
        site_url = self._connection.base_url
        if not self._may_ask_gateway:
            return False
        tenant = self.read_if_any(TENANT, TenantBody)
        url = gateway_url(tenant.cloud_id) if tenant is not None else None
        if url is None:
            return False
        self._connection.move_to(url)
        try:
            self._read(MYSELF, AccountBody)
        except UpstreamError as error:
            self._connection.move_to(site_url)
            if isinstance(error, AccessError) and error.status_code == httpx.codes.UNAUTHORIZED:
                self._may_ask_gateway = False
                return False
            raise
        self._may_ask_gateway = False
        self._is_token_unproven = False
        logger.info("the token has scopes: requests go to %s", url)
        return True

    def _read(self, call: Call, model: type[Body]) -> Body:
        """Send a call as `read` does, without trying the gateway."""
        return self._parsed_body(self._response(call), call, model)

    def _response(self, call: Call) -> httpx.Response:
        """Send a call that changes nothing, so that it may be sent again; return any answer.

        Raises:
            UpstreamError: There was no complete answer.
        """
        try:
            return self._send(replace(call, is_idempotent=True))
        except httpx.HTTPError as failure:
            error = error_of_failure(
                failure, action=call.action, site_url=self._connection.base_url, is_write=False
            )
            raise self._redacted_error(error) from None  # the cause could show our credentials

    def _parsed_body(self, response: httpx.Response, call: Call, model: type[Body]) -> Body:
        """Return the body of a good answer as a `model`.

        Raises:
            UpstreamError: The status is not 200, the body is another, or Jira took us for nobody.
        """
        is_signed_in = call.is_anonymous or not is_signed_out(response)
        if response.status_code != httpx.codes.OK or not is_signed_in:
            raise self._redacted_error(error_of_read(response, action=call.action))
        body = parse_answer(response, model)
        if body is None:
            raise UnavailableError(
                f"{call.action}: Jira answered 200 with something other than what was requested."
            )
        return body

    def write(
        self, call: Call, *, done_statuses: frozenset[int]
    ) -> httpx.Response | NothingDone | Unknown:
        """Send a call that changes something.

        Return Jira's answer where its status is among `done_statuses`; else whether nothing was done,
        or that this is not known.
        """
        try:
            response = self._send(call)
        except RateLimitedError as limit:
            return self.outcome_of_refusal(limit)
        except CancelledError as cancelled:
            # It was not sent. The caller waits before it tries again, and is cancelled there.
            return self.outcome_of_refusal(
                RateLimitedError(
                    "Jira", wait_seconds=CANCELLED_WAIT_SECONDS, reason=cancelled.message
                )
            )
        except httpx.HTTPError as failure:
            return self.outcome_of_refusal(
                error_of_failure(
                    failure, action=call.action, site_url=self._connection.base_url, is_write=True
                )
            )
        if response.status_code in done_statuses:
            return response
        outcome = self.outcome_of_refusal(
            error_of_response(
                response, action=call.action, is_write=True, deciding=call.deciding_statuses
            )
        )
        if isinstance(outcome, Unknown) and response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            limit_error = error_of_limit(response)
            self._redacted_error(limit_error)
            return replace(outcome, limit=limit_error)
        return outcome

    def outcome_of_refusal(self, error: UpstreamError) -> NothingDone | Unknown:
        """Return the outcome of a write that Jira did not confirm, by its error.

        An `InDoubtError` means that it may have been done; any other error that it was not.
        """
        redacted = self._redacted_error(error)
        if isinstance(redacted, InDoubtError):
            return Unknown(reason=redacted.message)
        field_errors = redacted.field_errors if isinstance(redacted, RefusedError) else {}
        return NothingDone(error=redacted, field_errors=field_errors)

    def _send(self, call: Call) -> httpx.Response:
        """Wait for the call's turn and send it; send it again where that is harmless and may help.

        Raises:
            httpx.HTTPError: There was no complete answer.
            RateLimitedError: It was not sent, as its turn is too far off.
            CancelledError: It was not sent, as somebody ended the wait for its turn.
        """
        pacing = self._pacing
        if pacing is None:
            return self._connection.send(call)
        pacing.await_turn(call, is_counted=True)
        retries = 0
        while True:
            outcome: httpx.Response | httpx.HTTPError
            try:
                outcome = self._connection.send(call)
            except httpx.HTTPError as failure:
                outcome = failure
            else:
                pacing.learn(call, outcome)
            wait = pacing.retry_wait_seconds(call, outcome, retries=retries)
            if wait is None or not pacing.has_waited(call, wait):
                if isinstance(outcome, httpx.Response):
                    return outcome
                raise outcome
            retries += 1

    def _redacted_error(self, error: UpstreamError) -> UpstreamError:
        """Replace our credentials in the texts of an error, and return it."""
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
        """Return a text without our credentials, cut if it is long.

        It is redacted before it is cut, as half a token would not be recognised.
        """
        redacted = self._connection.redact(text)
        is_short = len(redacted) <= REASON_MAX_CHARS
        return redacted if is_short else f"{redacted[:REASON_MAX_CHARS]} …"

    def _get(
        self,
        model: type[Body],
        path: str,
        action: str,
        *,
        query: Mapping[str, str | int] | None = None,
        **values: str,
    ) -> Body:
        """Read a path with GET; `values` fill the places in braces in the path."""
        return self.read(Call.get(path, action, query=query, **values), model)

    def _list(
        self,
        model: type[LastPageBody[Item] | CountedPageBody[Item]],
        path: str,
        action: str,
        *,
        size: int,
        query: Mapping[str, str | int] | None = None,
        **values: str,
    ) -> list[Item]:
        """Read all pages of a list with GET, `size` items at a time."""
        first_query = {**(query or {}), "startAt": 0, "maxResults": size}
        return self._read_all(Call.get(path, action, query=first_query, **values), model)

    def _read_all(
        self,
        call: Call,
        model: type[LastPageBody[Item] | CountedPageBody[Item]],
        *,
        limit: int | None = None,
    ) -> list[Item]:
        """Read the pages of a list to its end, or until there are `limit` items.

        Each page says how to ask for the next: by fields of the query, or of the body where the call
        has one.

        Raises:
            UnavailableError: The end is not reached: Jira names a page again, or too many pages.
        """
        items: list[Item] = []
        pages: list[Mapping[str, str | int]] = [{}]  # grows while it is read
        for page_fields in pages:
            body = call.json and {**call.json, **page_fields}
            query = call.query if body else {**call.query, **page_fields}
            page = self.read(replace(call, query=query, json=body), model)
            items.extend(page.values)
            next_fields = page.next_page(len(items))
            if next_fields is None or (limit is not None and len(items) >= limit):
                return items[:limit]
            if next_fields not in pages and len(pages) < PAGES_MAX:
                pages.append(next_fields)
        raise UnavailableError(
            f"{call.action}: Jira named a page again that was read, or more than {PAGES_MAX} pages."
        )

    def _create(
        self, call: Call, model: type[Body], done_statuses: frozenset[int], *, lacks: str
    ) -> Body | NothingDone | Unknown:
        """Send a call that creates something, at most once; return Jira's answer as a `model`.

        Where the answer cannot be parsed, that is `Unknown`; `lacks` says what it should have had.
        """
        answer = self.write(call, done_statuses=done_statuses)
        if not isinstance(answer, httpx.Response):
            return answer
        reason = f"{call.action}: Jira answered {answer.status_code} without {lacks}."
        return parse_answer(answer, model) or Unknown(reason=reason)

    def _change(
        self, call: Call, remote_id: str = "", *, done_statuses: frozenset[int] = NO_CONTENT
    ) -> WriteAnswer:
        """Send a call that changes something whose id is known, which the answer then has."""
        answer = self.write(call, done_statuses=done_statuses)
        return Created(remote_id=remote_id) if isinstance(answer, httpx.Response) else answer


def parse_answer(response: httpx.Response, model: type[Body]) -> Body | None:
    """Return the body of an answer as a `model`; None where it is incomplete or of another form."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError:
        return None
