"""Sends one call and returns what came of it, without ever showing our credentials.

Belongs here: reading good answers, translating all others, redaction. Does not: which calls there
are (`client`), what an answer means (`answers`), connections (`connection`).
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
"""The gateway does not serve it; a site does, to anybody."""

NO_CONTENT = frozenset({204})
PAGES_MAX = 1_000
"""Of one list: of the smallest pages 50,000 projects, of issues more than a session can have."""
CANCELLED_WAIT_SECONDS = 1.0
REASON_MAX_CHARS = 2_000
"""What Jira says is kept in ledger and manual fixes, so a page of text is cut off."""

Body = TypeVar("Body", bound=BaseModel)


class JiraExchange:
    """Calls to one Jira site and their answers; which calls there are, subclasses say."""

    def __init__(self, connection: JiraConnection, *, pacing: Pacing | None) -> None:
        """Take the connections to the site; without a pacing nothing waits or is sent again."""
        self._connection = connection
        self._pacing = pacing
        self._is_token_unproven = is_atlassian_site(connection.base_url)
        self._may_ask_gateway = self._is_token_unproven

    def read(self, call: Call, model: type[Body]) -> Body:
        """Send a call that changes nothing and parse its answer.

        Where a site of Atlassian's refuses our token, its gateway is asked once: one with scopes
        is taken there only. All further calls then go there.
        """
        try:
            return self._read(call, model)
        except AccessError as error:
            is_unknown = error.status_code == httpx.codes.UNAUTHORIZED
            if call.is_anonymous or not is_unknown or not self._moved_to_gateway():
                raise
        return self._read(call, model)

    def read_if_any(self, call: Call, model: type[Body]) -> Body | None:
        """Send a call as `read` does; None where the site has no such page at all."""
        response = self._response(call)
        return (
            None
            if response.status_code == httpx.codes.NOT_FOUND
            else self._good(response, call, model)
        )

    def prove_account(self) -> None:
        """Have a site of Atlassian's, or its gateway, say once that it knows our token.

        Without that some calls would answer as to a stranger: no project, no issue, no error.
        """
        if self._is_token_unproven:
            self.read(MYSELF, AccountBody)
            self._is_token_unproven = False

    def _moved_to_gateway(self) -> bool:
        """Send everything to the gateway from now on, if it knows our token; ask it once."""
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
        self._may_ask_gateway = self._is_token_unproven = False
        logger.info("the token has scopes: requests go to %s", url)
        return True

    def _read(self, call: Call, model: type[Body]) -> Body:
        return self._good(self._response(call), call, model)

    def _response(self, call: Call) -> httpx.Response:
        try:
            return self._send(replace(call, is_idempotent=True))
        except httpx.HTTPError as failure:
            error = error_of_failure(
                failure, action=call.action, site_url=self._connection.base_url, is_write=False
            )
            raise self._clean(error) from None  # the cause could show what we took out of it

    def _good(self, response: httpx.Response, call: Call, model: type[Body]) -> Body:
        is_ours = call.is_anonymous or not is_signed_out(response)
        if response.status_code != httpx.codes.OK or not is_ours:
            raise self._clean(error_of_read(response, action=call.action))
        body = parse_answer(response, model)
        if body is None:
            raise UnavailableError(
                f"{call.action}: Jira answered 200 with something other than what was requested."
            )
        return body

    def write(
        self, call: Call, *, done_statuses: frozenset[int]
    ) -> httpx.Response | NothingDone | Unknown:
        """Send a call that changes something, and return what became of it."""
        try:
            response = self._send(call)
        except RateLimitedError as turn:
            return self.outcome_of_refusal(turn)
        except CancelledError as ended:  # whoever waits before the next try learns of it
            return self.outcome_of_refusal(
                RateLimitedError("Jira", wait_seconds=CANCELLED_WAIT_SECONDS, reason=ended.message)
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
            error_of_response(response, action=call.action, is_write=True)
        )
        if isinstance(outcome, Unknown) and response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            limit = error_of_limit(response)
            self._clean(limit)
            return replace(outcome, limit=limit)
        return outcome

    def outcome_of_refusal(self, error: UpstreamError) -> NothingDone | Unknown:
        """Return what became of a write that Jira did not confirm."""
        clean = self._clean(error)
        if isinstance(clean, InDoubtError):
            return Unknown(reason=clean.message)
        field_errors = clean.field_errors if isinstance(clean, RefusedError) else {}
        return NothingDone(error=clean, field_errors=field_errors)

    def _send(self, call: Call) -> httpx.Response:
        """Send a call in its turn, again where that is harmless and may help.

        Raises:
            httpx.HTTPError: There was no complete answer.
            RateLimitedError: It was not sent: its turn is too far off.
            CancelledError: It was not sent: somebody ended the wait for its turn.
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
        """Read what a path shows; `values` are of the path."""
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
        """Read all pages of what a path lists, so many at a time."""
        first_query = {**(query or {}), "startAt": 0, "maxResults": size}
        return self._read_all(Call.get(path, action, query=first_query, **values), model)

    def _read_all(
        self,
        call: Call,
        model: type[LastPageBody[Item] | CountedPageBody[Item]],
        *,
        limit: int | None = None,
    ) -> list[Item]:
        """Read all pages of a list, or so many of it; a call with a body names the page there.

        Raises:
            UnavailableError: Its end cannot be reached: Jira leads in a circle, or on and on.
        """
        items: list[Item] = []
        places: list[Mapping[str, str | int]] = [{}]
        for place in places:
            body = call.json and {**call.json, **place}
            query = call.query if body else {**call.query, **place}
            page = self.read(replace(call, query=query, json=body), model)
            items.extend(page.values)
            following = page.next_page(len(items))
            if following is None or (limit is not None and len(items) >= limit):
                return items[:limit]
            if following not in places and len(places) < PAGES_MAX:
                places.append(following)
        raise UnavailableError(
            f"{call.action}: Jira named a page again that was read, or more than {PAGES_MAX} pages."
        )

    def _made(
        self, call: Call, model: type[Body], done_statuses: frozenset[int], *, lacks: str
    ) -> Body | NothingDone | Unknown:
        """Send a call that makes something, at most once, and parse what Jira says of it."""
        answer = self.write(call, done_statuses=done_statuses)
        if not isinstance(answer, httpx.Response):
            return answer
        reason = f"{call.action}: Jira answered {answer.status_code} without {lacks}."
        return parse_answer(answer, model) or Unknown(reason=reason)

    def _written(
        self, call: Call, remote_id: str = "", *, done_statuses: frozenset[int] = NO_CONTENT
    ) -> WriteAnswer:
        """Send a call that changes what has an id already."""
        answer = self.write(call, done_statuses=done_statuses)
        return Created(remote_id=remote_id) if isinstance(answer, httpx.Response) else answer


def parse_answer(response: httpx.Response, model: type[Body]) -> Body | None:
    """Parse a good answer; None where it is torn or of another shape."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError:
        return None
