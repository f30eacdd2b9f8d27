"""Several clients of one site keep below its limits together, and wait together."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typing_extensions import override

from jira_pipeline.errors import CancelledError, RateLimitedError, StoreBusyError
from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.jira_client.exchange import MYSELF
from jira_pipeline.jira_client.issue_calls import CREATION
from jira_pipeline.jira_client.pacing import Pacing, PacingClock, Watcher
from jira_pipeline.jira_sandbox.faults import FaultKind, FaultPlan, FaultRule
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site_rules import LimitRules, SiteRules, write_rules
from jira_pipeline.kernel.shared_budgets import Share, SharedBudgetState
from jira_pipeline.ports.budgets import SharedBudget
from jira_pipeline.ports.issue_tracker import Created, NothingDone
from jira_pipeline.sandbox_http.transport import SandboxTransport
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.crash.export_world import ACCOUNT, SITE_URL

FIELDS = {"project": {"key": "SBX"}, "issuetype": {"id": "10002"}, "summary": "A"}


@dataclass
class MemoryBudget:
    """A budget of several runs of this process."""

    world: "World"
    state: SharedBudgetState = field(default_factory=SharedBudgetState)
    is_away: bool = False

    def opened(self, holder: str) -> SharedBudget:
        """Return it as one run sees it."""
        return HeldBudget(self, holder)


@dataclass
class HeldBudget(SharedBudget):
    """A budget as one run sees it."""

    budget: MemoryBudget
    holder: str
    asked: int = 0

    @override
    def share(self, used: Mapping[str, float]) -> Share:
        if self.budget.is_away:
            raise StoreBusyError("The store is busy.")
        self.asked += 1
        at = self.budget.world.seconds
        state, share = self.budget.state.shared_with(self.holder, at=at)
        self.budget.state = state.used(used)
        return share

    @override
    def leave(self, used: Mapping[str, float]) -> None:
        at = self.budget.world.seconds
        self.budget.state = self.budget.state.left_by(self.holder, at=at).used(used)

    @override
    def pause(self, scopes: Iterable[str], *, seconds: float) -> None:
        if self.budget.is_away:
            raise StoreBusyError("The store is busy.")
        at = self.budget.world.seconds
        self.budget.state = self.budget.state.paused(scopes, seconds=seconds, at=at)


@dataclass
class World:
    """Time that only waiting moves, and the site that lives in it."""

    seconds: float = 1_000.0
    noted: list[tuple[str, float]] = field(default_factory=list)
    cancelled_at: float | None = None

    def __post_init__(self) -> None:
        """Nobody has a share."""
        self.budget = MemoryBudget(self)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds

    def is_over(self) -> bool:
        """Tell whether somebody cancelled by now."""
        return self.cancelled_at is not None and self.seconds >= self.cancelled_at

    def pacing(self, holder: str | None) -> Pacing:
        """Return the pacing of one run; without a name it is alone in the world."""
        clock = PacingClock(monotonic=lambda: self.seconds, sleep=self.sleep, random=lambda: 0.0)
        budget = None if holder is None else self.budget.opened(holder)
        watcher = Watcher(
            note=lambda what, seconds: self.noted.append((what, seconds)), is_over=self.is_over
        )
        return Pacing(clock, budget=budget, watcher=watcher)


@pytest.fixture
def world() -> World:
    """The world of one test."""
    return World()


@pytest.fixture
def site(tmp_path: Path, world: World) -> Iterator[JiraSandbox]:
    """A site with the documented limits."""
    with JiraSandbox(
        tmp_path / "sandbox.sqlite",
        clock=lambda: START + timedelta(seconds=world.seconds),
        limit_seconds=lambda: world.seconds,
    ) as sandbox:
        with sandbox.state.writing() as rows:
            write_rules(rows, SiteRules(limits=LimitRules()))
        yield sandbox


def client_of(site: JiraSandbox, pacing: Pacing) -> JiraClient:
    """Return a client of the site."""
    return JiraClient(SITE_URL, auth=ACCOUNT, transport=SandboxTransport(site), pacing=pacing)


def statuses_of_exports(
    site: JiraSandbox, world: World, counts: dict[str, int], *, is_shared: bool = True
) -> tuple[Counter[int | None], dict[str, float]]:
    """Let runs read and create by turns, each as fast as it may; return answers and when it ended."""
    runs = {name: world.pacing(name if is_shared else None) for name in counts}
    clients = {name: client_of(site, pacing) for name, pacing in runs.items()}
    ended: dict[str, float] = {}
    due = [(world.seconds, place, name, 0) for place, name in enumerate(counts)]
    while due:
        world.seconds, place, name, done = heapq.heappop(due)
        if done == counts[name]:
            ended[name] = world.seconds
            continue
        is_creation = bool(done % 2)
        wait = runs[name].wait_seconds(CREATION if is_creation else MYSELF)
        if wait:
            heapq.heappush(due, (world.seconds + wait, place, name, done))
        else:
            if is_creation:
                clients[name].create_issue(FIELDS, {})
            else:
                clients[name].whoami()
            heapq.heappush(due, (world.seconds, place, name, done + 1))
    return Counter(entry.status for entry in site.journal()), ended


@pytest.mark.parametrize("run_count", [4, 12])
def test_exports_at_once_provoke_no_429(site: JiraSandbox, world: World, run_count: int) -> None:
    runs = dict.fromkeys("abcdefghijkl"[:run_count], 60)

    answers, ended = statuses_of_exports(site, world, runs)

    assert answers == {200: 30 * run_count, 201: 30 * run_count}
    assert max(ended.values()) - 1_000.0 <= 9


def test_without_a_shared_budget_they_provoke_many(site: JiraSandbox, world: World) -> None:
    """So the test above has teeth."""
    runs = dict.fromkeys("abcdefghijkl", 60)

    answers, _ = statuses_of_exports(site, world, runs, is_shared=False)

    assert answers[429]


def test_a_large_session_does_not_starve_a_small_one(site: JiraSandbox, world: World) -> None:
    _, ended = statuses_of_exports(site, world, {"large": 700, "small": 20})

    assert ended["small"] - 1_000.0 <= 3
    assert ended["large"] > ended["small"]


def test_what_one_run_is_asked_to_wait_with_all_wait_with(site: JiraSandbox, world: World) -> None:
    one, other = world.pacing("one"), world.pacing("other")
    rule = FaultRule(
        kind=FaultKind.RATE_LIMITED, path="/issue$", reason="jira-quota-tenant-based", seconds=20.0
    )
    site.faults.set_plan(FaultPlan(rules=(rule,)))
    answer = client_of(site, one).create_issue(FIELDS, {})
    asked_at = world.seconds

    client_of(site, other).whoami()

    assert isinstance(answer, NothingDone)
    assert isinstance(answer.error, RateLimitedError)
    assert world.seconds - asked_at >= answer.error.wait_seconds


def test_a_long_wait_is_said_with_its_reason_and_a_cancel_ends_it(
    site: JiraSandbox, world: World
) -> None:
    pacing = world.pacing("a")
    client = client_of(site, pacing)
    client.whoami()
    world.budget.opened("b").pause(("everything",), seconds=20.0)
    world.sleep(3.0)
    world.cancelled_at = world.seconds + 6

    answer = client.create_issue(FIELDS, {})
    with pytest.raises(CancelledError):
        client.whoami()
    with pytest.raises(CancelledError):
        client.await_creation(is_bulk=False)

    assert isinstance(answer, NothingDone), "it was not sent, so nothing is in doubt"
    assert world.noted[0] == ("Jira asked us to wait with everything", 17.0)
    assert [entry.method for entry in site.journal()] == ["GET"]


def test_a_store_that_cannot_be_asked_stops_no_request(site: JiraSandbox, world: World) -> None:
    world.budget.is_away = True
    client = client_of(site, world.pacing("a"))

    answers = [client.create_issue(FIELDS, {}) for _ in range(3)]

    assert all(isinstance(answer, Created) for answer in answers)


def test_a_creation_asks_for_no_share_after_its_intent(site: JiraSandbox, world: World) -> None:
    pacing = world.pacing("a")
    client = client_of(site, pacing)
    for _ in range(40):
        client.await_creation(is_bulk=False)
        before = world.budget.state
        world.sleep(0.3)  # the intent is committed meanwhile
        client.create_issue(FIELDS, {})
        assert world.budget.state is before


def test_a_site_that_names_a_lower_limit_is_kept_below_it(world: World) -> None:
    pacing = world.pacing(None)
    pacing.learn(MYSELF, httpx.Response(200, headers={"X-RateLimit-Limit": "20"}))
    for _ in range(18):
        pacing.admit(MYSELF)

    assert world.seconds == 1_000.0
    assert pacing.wait_seconds(MYSELF) == 1.0


def test_what_was_answered_and_waited_is_added_up_for_all(site: JiraSandbox, world: World) -> None:
    for holder in "ab":
        client = client_of(site, world.pacing(holder))
        for _ in range(3):
            client.whoami()
        client.create_issue(FIELDS, {})
        world.budget.opened("c").pause(("everything",), seconds=4.0)
        world.sleep(3.0)
        client.whoami()
        client.close()

    assert world.budget.state.totals == {
        "answered 2xx": 10.0,
        "waits": 2.0,
        "waited seconds": 2.0,
    }
    assert world.budget.state.read_at(world.seconds).holders == frozenset()
