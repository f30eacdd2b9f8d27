"""A real site with a budget: requests are counted, refused beyond it, and issues are deleted again.

Belongs here: asking and cleaning up. Does not: what is asked (`facts`), where (`__main__`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

API = "/rest/api/3"
REQUESTS_MAX = 40
TIMEOUT_SECONDS = 30.0


class CannotAskError(Exception):
    """The site cannot be asked at all; nothing is known of any claim."""


class BudgetSpentError(CannotAskError):
    """Another request would leave too few to clean up."""


@dataclass
class LiveSite:
    """A project on a site that may be asked so many times."""

    client: httpx.Client
    project_key: str
    requests_max: int = REQUESTS_MAX
    request_count: int = 0
    created: list[str] = field(default_factory=list)
    """Ids of issues that are still to be deleted."""

    def ask(self, method: str, path: str, *, json: object = None, **more: Any) -> httpx.Response:
        """Send one request; what it creates is remembered.

        Raises:
            BudgetSpentError: The rest of the budget is needed for deleting what was created.
        """
        if self.request_count + len(self.created) + 1 >= self.requests_max:
            raise BudgetSpentError(f"{method} {path} would be one request too many")
        return self._send(method, path, json=json, **more)

    def create(self, fields: Mapping[str, object], **more: object) -> httpx.Response:
        """Try to create an issue; whatever comes of it is cleaned up later."""
        answer = self.ask("POST", f"{API}/issue", json={"fields": dict(fields), **more})
        if answer.status_code == httpx.codes.CREATED:
            self.created.append(answer.json()["id"])
        return answer

    def clean_up(self) -> list[str]:
        """Delete what was created, and return the ids of what could not be."""
        left = []
        while self.created:
            issue_id = self.created.pop()
            if not self._is_deleted(issue_id):
                left.append(issue_id)
        return left

    def _is_deleted(self, issue_id: str) -> bool:
        try:
            answer = self._send("DELETE", f"{API}/issue/{issue_id}")
        except CannotAskError:
            return False
        return answer.status_code == httpx.codes.NO_CONTENT

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        self.request_count += 1
        assert self.request_count <= self.requests_max
        try:
            return self.client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise CannotAskError(f"{method} {path}: {type(error).__name__}: {error}") from error


@contextmanager
def opened_site(base_url: str, *, auth: tuple[str, str], project_key: str) -> Iterator[LiveSite]:
    """Open a site with nothing of ours in between."""
    with httpx.Client(base_url=base_url, auth=auth, timeout=TIMEOUT_SECONDS) as client:
        yield LiveSite(client=client, project_key=project_key)
