"""A site on which things go wrong, a client of it, and its time.

Belongs here: what tests of the faulty sandbox send. Does not: what goes wrong (`faults`, `site_acts`).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline_tests.jira.sandbox.plain_issues import API, LEAST, NOW
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

OWNER = "owner@sandbox.example"


class FaultySite:
    """Time moves by so much with each look, or where a test moves it."""

    def __init__(
        self,
        path: Path,
        *,
        step_seconds: float = 0.0,
        limit_seconds: Callable[[], float] | None = None,
    ) -> None:
        self.at = NOW
        self._step = timedelta(seconds=step_seconds)
        self.sandbox = FaultySandbox(path, clock=self._now, limit_seconds=limit_seconds)
        self.client = self.connected(OWNER)

    def _now(self) -> datetime:
        self.at += self._step
        return self.at

    def connected(self, account: str) -> httpx.Client:
        transport = SandboxTransport(self.sandbox)
        return httpx.Client(transport=transport, base_url=SANDBOX_BASE_URL, auth=(account, "any"))

    def close(self) -> None:
        self.client.close()
        self.sandbox.close()

    def create(self, client: httpx.Client | None = None, **fields: object) -> httpx.Response:
        """Create an issue with a property."""
        body = {"fields": {**LEAST, **fields}, "properties": [{"key": "jp", "value": "x"}]}
        return (client or self.client).post(f"{API}/issue", json=body)

    def read(self, issue: str, *, fields: str = "*all") -> Any:
        query = {"fields": fields, "properties": "jp"}
        return self.client.get(f"{API}/issue/{issue}", params=query).json()
