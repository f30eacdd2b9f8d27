"""A real site with a budget: requests are counted, refused beyond it, and issues are deleted again.

Belongs here: asking and cleaning up. Does not: what is asked (`facts`, `export_facts`), where
(`__main__`).
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from jira_pipeline.jira.client.connection import DIRECTLY, REDACTED, Call, JiraConnection, Network
from jira_pipeline.jira.client.exchange import JiraExchange
from jira_pipeline.model.errors import UpstreamError

API = "/rest/api/3"
REQUESTS_MAX = 60
TIMEOUT_SECONDS = 30.0
WRONG_TOKEN = "wrong-on-purpose"


class CannotAskError(Exception):
    """The site cannot be asked at all; nothing is known of any claim."""


class BudgetSpentError(CannotAskError):
    """Another request would leave too few to clean up."""


@dataclass
class LiveSite:
    """A project on a site that may be asked so many times."""

    connection: JiraConnection
    stranger: JiraConnection
    """The same address with a token nobody has."""
    project_key: str
    account_name: str
    requests_max: int = REQUESTS_MAX
    created: list[str] = field(default_factory=list)
    """Ids of issues that are still to be deleted."""
    rate_headers: dict[str, str] = field(default_factory=dict)
    """What answers said of limits."""

    @property
    def request_count(self) -> int:
        return sum(self.connection.request_counts.values()) + sum(
            self.stranger.request_counts.values()
        )

    def sign_in(self) -> None:
        """Have the site know our token, or move to its gateway, as the product does.

        Raises:
            CannotAskError: Neither knows it.
        """
        try:
            JiraExchange(self.connection, pacing=None).prove_account()
        except UpstreamError as error:
            raise CannotAskError(error.message) from error

    def ask(
        self, method: str, path: str, *, json: object = None, creating: int = 0, **more: Any
    ) -> httpx.Response:
        """Send one request, which may create so many issues.

        Raises:
            BudgetSpentError: The rest of the budget is needed for deleting what was created.
        """
        needed = len(self.created) + max(creating, 1)
        if self.request_count + needed >= self.requests_max:
            raise BudgetSpentError(f"{method} {path} would be one request too many")
        return self._send(Call(method=method, path=path, json=json, action=path, **more))

    def ask_as_stranger(self, path: str, *, is_anonymous: bool) -> httpx.Response:
        """Read something without a token, or with a wrong one."""
        if self.request_count + len(self.created) + 1 >= self.requests_max:
            raise BudgetSpentError(f"GET {path} would be one request too many")
        call = Call(method="GET", path=path, action=path, is_anonymous=is_anonymous)
        return self._send(call, self.stranger)

    def create(self, fields: Mapping[str, object], **more: object) -> httpx.Response:
        """Try to create an issue; whatever comes of it is cleaned up later."""
        body = {"fields": dict(fields), **more}
        answer = self.ask("POST", f"{API}/issue", json=body, creating=1)
        if answer.status_code == httpx.codes.CREATED:
            self.created.append(answer.json()["id"])
        return answer

    def clean_up(self) -> list[str]:
        """Delete what was created, the last first, and return the ids of what could not be."""
        left = []
        while self.created:
            issue_id = self.created.pop()
            if not self._is_deleted(issue_id):
                left.append(issue_id)
        return left

    def shown(self, text: str) -> str:
        """Return a text on one line of a table, without what names the site or us."""
        host = urlsplit(self.connection.base_url).hostname or REDACTED
        for secret in (self.account_name, host):
            text = text.replace(secret, REDACTED)
        return " ".join(self.connection.redact(text).split()).replace("|", "\\|")

    def _is_deleted(self, issue_id: str) -> bool:
        path = f"{API}/issue/{issue_id}"
        try:
            answer = self._send(Call(method="DELETE", path=path, action=path))
        except CannotAskError:
            return False
        return answer.status_code == httpx.codes.NO_CONTENT

    def _send(self, call: Call, way: JiraConnection | None = None) -> httpx.Response:
        assert self.request_count < self.requests_max
        try:
            answer = (way or self.connection).send(call)
        except httpx.HTTPError as error:
            raise CannotAskError(
                f"{call.method} {call.path}: {type(error).__name__}: {error}"
            ) from error
        self.rate_headers |= {k: v for k, v in answer.headers.items() if "ratelimit" in k}
        return answer


@contextmanager
def opened_site(
    base_url: str, *, auth: tuple[str, str], project_key: str, network: Network = DIRECTLY
) -> Iterator[LiveSite]:
    """Open a site as the product reaches it."""

    def connection(token: str) -> JiraConnection:
        return JiraConnection(
            base_url,
            auth=(auth[0], token),
            transport=None,
            timeout_seconds=TIMEOUT_SECONDS,
            connect_timeout_seconds=TIMEOUT_SECONDS,
            network=network,
        )

    with closing(connection(auth[1])) as own, closing(connection(WRONG_TOKEN)) as stranger:
        yield LiveSite(
            connection=own, stranger=stranger, project_key=project_key, account_name=auth[0]
        )
