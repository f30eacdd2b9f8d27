"""Four runs ask one site with Jira's documented limits at once, on a budget in the store.

The site is the embedded sandbox in this process; each run is a thread with a store of its own, and
creates and reads as fast as it may. Time is real, and so are the waits for the disk. Goal: no
answer 429. Printed as well: what one asking takes, and what part of a run's time all of them.
"""

import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from typing_extensions import override

from benchmarks.databases import on_each_database
from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.jira_client.pacing import Pacing, PacingClock
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site import SANDBOX_BASE_URL
from jira_pipeline.jira_sandbox.site_rules import LimitRules, SiteRules
from jira_pipeline.kernel.shared_budgets import Share
from jira_pipeline.ports.budgets import SharedBudget
from jira_pipeline.sandbox_http.transport import SandboxTransport
from jira_pipeline.session.pipeline import SystemClock
from jira_pipeline.store.engine import open_store

RUNS = 4
PAIRS = 300
"""Each run creates and reads so often."""
ASKED = 200
NAME = "jira https://example.atlassian.net"
ACCOUNT = ("owner@sandbox.example", "any")
FIELDS = {"project": {"key": "SBX"}, "issuetype": {"id": "10002"}, "summary": "A"}


class TimedBudget(SharedBudget):
    """Measures what asking takes."""

    def __init__(self, budget: SharedBudget) -> None:
        """Nothing was asked yet."""
        self._budget = budget
        self.seconds: list[float] = []

    @override
    def leave(self, used: Mapping[str, float]) -> None:
        self._budget.leave(used)

    @override
    def pause(self, scopes: Iterable[str], *, seconds: float) -> None:
        self._budget.pause(scopes, seconds=seconds)

    @override
    def share(self, used: Mapping[str, float]) -> Share:
        began = time.perf_counter()
        try:
            return self._budget.share(used)
        finally:
            self.seconds.append(time.perf_counter() - began)


def main() -> None:
    """Measure on each database."""
    on_each_database("site_budget", _measure, is_smallest=PAIRS < 100)  # noqa: PLR2004 - the smallest


def _measure(database: str, url: str, folder: Path) -> None:
    with open_store(url, lock_path=folder / "store.lock") as store:
        alone = TimedBudget(store.budgets.opened(NAME, holder="alone"))
        for _ in range(ASKED):
            alone.share({})
    with (
        tempfile.TemporaryDirectory() as home,
        JiraSandbox(Path(home) / "sandbox.sqlite", clock=SystemClock().now) as sandbox,
    ):
        sandbox.set_rules(SiteRules(limits=LimitRules()))
        with ThreadPoolExecutor(RUNS) as threads:
            runs = [threads.submit(_run, sandbox, url, folder, number) for number in range(RUNS)]
            shares = [run.result() for run in runs]
        answers = Counter(entry.status for entry in sandbox.journal())
    asked = [seconds for one, _ in shares for seconds in one]
    part = max(sum(one) / whole for one, whole in shares)
    print(
        f"{database}: one asking {statistics.median(alone.seconds) * 1000:.1f} ms alone, "
        f"{statistics.median(asked) * 1000:.1f} ms beside {RUNS - 1} others"
    )
    print(
        f"  {RUNS} runs, {sum(answers.values())} requests in "
        f"{max(whole for _, whole in shares):.1f} s: {answers[429]} answered 429 (goal 0); "
        f"{len(asked)} times asked, at most {part:.1%} of a run's time"
    )
    if answers[429]:
        sys.exit("  missed")


def _run(sandbox: JiraSandbox, url: str, folder: Path, number: int) -> tuple[list[float], float]:
    """Return what each asking took, and the whole."""
    clock = PacingClock(monotonic=time.monotonic, sleep=time.sleep, random=random.random)
    with open_store(url, lock_path=folder / "store.lock") as store:
        budget = TimedBudget(store.budgets.opened(NAME, holder=f"run {number}"))
        began = time.perf_counter()
        client = JiraClient(
            SANDBOX_BASE_URL,
            auth=ACCOUNT,
            transport=SandboxTransport(sandbox),
            pacing=Pacing(clock, budget=budget),
        )
        for _ in range(PAIRS):
            client.await_creation(is_bulk=False)
            client.create_issue(FIELDS, {})
            client.whoami()
        return budget.seconds, time.perf_counter() - began
