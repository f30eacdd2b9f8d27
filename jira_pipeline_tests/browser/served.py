"""The web served on a port, for browsers: the real application, store and sandbox, runs in threads.

Belongs here: serving a project, signing browsers in, waiting for a page. Does not: what people do
there (the tests).
"""

import gc
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from jira_pipeline.context.runs import new_run_id
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import Runs, WantedRun
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import Web
from jira_pipeline_tests.jira.sandbox.served_sandboxes import serving
from jira_pipeline_tests.web.browsers import (
    NAMES,
    application_of,
    opened_copy,
    signed_in,
    with_runs,
)

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_SECONDS = 300
"""Playwright wants a limit: what never comes names its test while the suite still runs.
A run of four seconds took more than 60 on a machine with ten other suites."""


@dataclass
class RunsInThreads:
    """Starts runs as the queue does: whoever asks does not wait for the end."""

    runs: Runs
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, wanted: WantedRun) -> str:
        """Start a run, and return once it is known as at work."""
        named = replace(wanted, run_id=new_run_id())
        thread = threading.Thread(target=self._run, args=(named,))
        self.threads.append(thread)
        thread.start()
        assert named.run_id is not None
        while thread.is_alive() and not self._is_at_work(named.session_key, named.run_id):
            thread.join(0.05)
        return named.run_id

    def _run(self, wanted: WantedRun) -> None:
        """Run it, and collect what Dagster leaves: its loop cannot end where Playwright's runs."""
        self.runs.start(wanted)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the processes that tail its logs
            gc.collect()

    def _is_at_work(self, session_key: str, run_id: str) -> bool:
        return any(run.run_id == run_id for run in self.runs.in_flight(session_key))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.runs, name)


@dataclass(frozen=True)
class Served:
    web: Web
    address: str

    def link(self, role: Role) -> str:
        secret = accounts.invite(self.web.pipeline, NAMES[role], by="test").secret
        return f"{self.address}/sign-in?link={secret}"

    def visit(self, browser: Browser, role: Role, **options: Any) -> Page:
        """Open a browser of its own in which a person of a role is signed in."""
        page = self.visitor(browser, **options)
        with signed_in(self.web, role) as client:
            page.context.add_cookies(
                [
                    {"name": name, "value": value, "url": self.address}
                    for name, value in client.cookies.items()
                ]
            )
        return page

    def visitor(self, browser: Browser, **options: Any) -> Page:
        """Open a browser of its own in which nobody is signed in."""
        page = browser.new_context(base_url=self.address, **options).new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)  # it has five seconds of its own
        return page


@contextmanager
def served_copy(prepared: Path, folder: Path) -> Iterator[Served]:
    """Serve the web of a copy of a project until the block ends, and its runs have."""
    with opened_copy(prepared, folder) as opened:
        runs = RunsInThreads(opened.runs)
        web = with_runs(opened, runs)
        try:
            with serving(application_of(web), lifespan="off") as address:
                yield Served(web=web, address=address)
        finally:
            for run in runs.threads:
                run.join()


def served_for_a_module(project: str) -> Any:
    """Make a fixture of the web of a copy of a prepared project."""

    @pytest.fixture(scope="module")
    def served(
        request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Served]:
        prepared, folder = request.getfixturevalue(project), tmp_path_factory.mktemp("served")
        with served_copy(prepared, folder) as served:
            yield served

    return served


def expect_ticket(page: Page, number: int) -> None:
    """Wait for the page of a ticket, and until its scripts listen to keys and take a decision."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{number} ")
    expect(page.locator("main:not([data-fresh])")).to_be_visible()
    page.wait_for_load_state()
