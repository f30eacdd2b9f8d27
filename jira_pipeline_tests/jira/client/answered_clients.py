"""Clients of sites that answer by a function."""

from collections.abc import Callable
from typing import Any

import httpx

from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import NO_LIMITS, Pacing, PacingClock
from jira_pipeline_tests.crash.export_world import PatientTime

SITE = "https://example.atlassian.net"
TOKEN = "canary/token+7f3a=="
Answer = Callable[[httpx.Request], httpx.Response]


def client_of(answer: Answer, site: str = SITE, **options: Any) -> JiraClient:
    transport = httpx.MockTransport(answer)
    return JiraClient(site, auth=("a@b.example", TOKEN), transport=transport, **options)


def client_that_gets(response: httpx.Response, site: str = SITE) -> JiraClient:
    """A client that always gets the same answer."""
    return client_of(lambda _request: response, site)


def impatient_client_of(answer: Answer) -> JiraClient:
    time = PatientTime()
    clock = PacingClock(monotonic=time.monotonic, sleep=time.sleep, random=lambda: 0.5)
    return client_of(answer, pacing=Pacing(clock, limits=NO_LIMITS))
