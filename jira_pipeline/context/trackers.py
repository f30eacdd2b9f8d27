"""The Jira that the settings name, a real one or the embedded sandbox: opening it.

Belongs here: which client is made of which settings. Does not: what is sent (`jira/client`), what a
project has to offer, asking about it (`export/project_check`).
"""

import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import httpx

from jira_pipeline.context.facts import SessionFacts
from jira_pipeline.context.pipeline import Pipeline, SystemClock, make_data_home
from jira_pipeline.context.sent_requests import note_sent_requests
from jira_pipeline.context.settings import SANDBOX, Settings
from jira_pipeline.context.waits import WaitReporter
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.connection import CONNECT_TIMEOUT_SECONDS, Network, TimeBudget
from jira_pipeline.jira.client.pacing import NO_LIMITS, NOBODY, Pacing, PacingClock, Watcher
from jira_pipeline.model.errors import (
    ConfigurationError,
    StoreBusyError,
    StoreError,
    system_message,
)
from jira_pipeline.model.exports import Target
from jira_pipeline.model.sessions import WaitTarget

if TYPE_CHECKING:  # a whole Jira: loaded where one is opened
    from jira_pipeline.jira.sandbox.sandbox import JiraSandbox


SANDBOX_ACCOUNT = ("you@sandbox.example", "any password")
IMPATIENT_TIMEOUT_SECONDS = 10.0
IMPATIENT_CONNECT_TIMEOUT_SECONDS = 3.0
"""Somebody waits for the answer: a site that is there opens a connection in less than one."""
IMPATIENT_ALL_SECONDS = 45.0
"""For all requests of one answer; browsers and proxies give up after 60 s."""

SERVED_SECONDS = 1.0
"""For an answer of this machine, which takes milliseconds."""

SYSTEM_PACE = PacingClock(monotonic=time.monotonic, sleep=time.sleep, random=random.random)
"""The sandbox asks by its headers where it has limits; a real Jira is not even brought near."""


def note_sandbox_address(pipeline: Pipeline, address: str) -> None:
    """Have links to issues of the embedded sandbox lead to where its pages are served now."""
    with open_sandbox(pipeline.settings) as sandbox:
        sandbox.set_base_url(address)
    ledger = pipeline.store.ledger
    for target in ledger.targets():
        if target.is_sandbox and target.base_url != address:
            ledger.record_target(replace(target, base_url=address), at=pipeline.clock.now())


def opens_in_a_browser(target: Target) -> bool:
    """Tell whether links to issues lead anywhere: those of a sandbox do while this one is served."""
    if not target.is_sandbox:
        return True
    from jira_pipeline.jira.sandbox.sandbox import TENANT_PATH  # noqa: PLC0415 - large

    try:
        address = f"{target.base_url}{TENANT_PATH}"
        answer = httpx.get(address, timeout=SERVED_SECONDS, trust_env=False)
    except httpx.HTTPError:
        return False
    return target.site_id in answer.text or answer.status_code != httpx.codes.OK


def answer_deadline() -> TimeBudget:
    """Begin the time that Jira gets for all requests of one answer, which somebody waits for."""
    return TimeBudget(IMPATIENT_ALL_SECONDS)


@contextmanager
def opened_jira(session: SessionFacts, *, budget: TimeBudget | None = None) -> Iterator[JiraClient]:
    """Open a client for the Jira a session goes to; one with a budget asks once and never waits."""
    settings = session.settings
    project_key = session.project_key if settings.is_sandbox else None
    watcher = progress_reporter(session)
    with opened_tracker(settings, project_key, budget=budget, watcher=watcher) as jira:
        try:
            yield jira
        finally:
            note_sent_requests(jira.request_counts())


def progress_reporter(session: SessionFacts) -> Watcher:
    """Return a watcher that shows long waits as progress, and ends them where the run is cancelled.

    A store that fails must not get in the way of a request: the wait then goes on without it.
    """
    sessions = session.store.sessions
    reporter = WaitReporter(session.pipeline, WaitTarget.JIRA)

    def is_over() -> bool:
        with suppress(StoreError, StoreBusyError):
            return sessions.is_cancel_requested(session.key)
        return False

    return Watcher(note=partial(reporter.show, session.key), is_over=is_over)


@contextmanager
def opened_tracker(
    settings: Settings,
    project_key: str | None,
    *,
    budget: TimeBudget | None = None,
    watcher: Watcher = NOBODY,
) -> Iterator[JiraClient]:
    """Open a client for the configured Jira, or for the embedded sandbox.

    The sandbox gets the project if it lacks it. A client with a budget asks once and never waits:
    somebody sits in front of it, and learns within seconds that a site is out of reach, and within
    the budget that it answers slowly. One without keeps to what the site allows.

    Raises:
        ConfigurationError: A real Jira is configured without an account, or without its site.
    """
    if settings.jira_site_url is None:
        if names := settings.jira_settings_without_site:
            raise ConfigurationError(
                f"{' and '.join(names)} {'are' if names[1:] else 'is'} set, but JIRA_BASE_URL is "
                "not: this would go to the embedded sandbox, not to Jira.",
                recovery_actions=(
                    "Set JIRA_BASE_URL to the site, e.g. https://example.atlassian.net.",
                    f"Or set JIRA_BASE_URL={SANDBOX} if you mean the sandbox.",
                ),
            )
        from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL  # noqa: PLC0415 - large
        from jira_pipeline.jira.sandbox_http import SandboxTransport  # noqa: PLC0415 - large

        with open_sandbox(settings) as sandbox:
            if project_key is not None:
                sandbox.ensure_project(project_key)
            yield JiraClient(
                SANDBOX_BASE_URL,
                auth=SANDBOX_ACCOUNT,
                transport=SandboxTransport(sandbox),
                pacing=Pacing(SYSTEM_PACE, limits=NO_LIMITS, watcher=watcher)
                if budget is None
                else None,
            )
        return
    if settings.jira_api_token is None:
        raise ConfigurationError(
            "JIRA_BASE_URL is set, but JIRA_API_TOKEN is not.",
            recovery_actions=(
                "Set JIRA_API_TOKEN in .env, and JIRA_EMAIL unless it is of a service account.",
                "Or set none of them to use the sandbox.",
            ),
        )
    token = settings.jira_api_token.get_secret_value()
    timeout = settings.jira_timeout_seconds
    client = JiraClient(
        settings.jira_site_url,
        auth=(settings.jira_email or "", token),
        timeout_seconds=timeout if budget is None else min(timeout, IMPATIENT_TIMEOUT_SECONDS),
        connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS
        if budget is None
        else IMPATIENT_CONNECT_TIMEOUT_SECONDS,
        network=network_of(settings),
        pacing=Pacing(SYSTEM_PACE, watcher=watcher) if budget is None else None,
        budget=budget,
    )
    with closing(client) as jira:
        yield jira


def network_of(settings: Settings) -> Network:
    """Return what the settings say of the way to Jira."""
    proxy_url = settings.jira_proxy_url
    return Network(
        proxy_url=proxy_url.get_secret_value() if proxy_url is not None else None,
        ca_bundle_path=settings.jira_ca_bundle_path,
        is_environment_trusted=settings.jira_trust_env,
    )


def open_sandbox(settings: Settings) -> "JiraSandbox":
    """Open the embedded sandbox of this home.

    Raises:
        StoreError: It cannot be written: it writes down every request, reads too.
    """
    from jira_pipeline.jira.sandbox.sandbox import JiraSandbox  # noqa: PLC0415 - large

    try:
        make_data_home(settings)
        return JiraSandbox(settings.sandbox_path, clock=SystemClock().now)
    except OSError as error:
        raise StoreError(
            f"The sandbox {settings.sandbox_path} cannot be written: {system_message(error)}. It "
            "records every request, so even a plan needs it.",
            recovery_actions=("Use an account that can write to the data folder.",),
        ) from error
