"""What every store of shared budgets does."""

from jira_pipeline.kernel.shared_budgets import RESERVE, SHARE_SECONDS
from jira_pipeline.store.budgets import BudgetStore
from jira_pipeline.store.store import Store

SITE = "jira https://example.atlassian.net"


def test_runs_share_the_budget_of_a_site_and_of_no_other(store: Store) -> None:
    at = [1_000.0]
    budgets = BudgetStore(store.database, seconds=lambda _: at[0])
    first, second = (budgets.opened(SITE, holder=holder) for holder in "ab")
    other = budgets.opened("jira https://other.atlassian.net", holder="c")

    alone, reserved, elsewhere = first.share({}), second.share({}), other.share({})
    second.pause(("everything",), seconds=12.0)
    at[0] += 2.0
    paused = first.share({"waits": 1})

    assert alone.fraction == elsewhere.fraction == 1.0 - RESERVE
    assert abs(reserved.fraction - RESERVE) < 1e-9
    assert paused.pauses == {"everything": 10.0}
    assert other.share({"waits": 1}).pauses == {}
    first.leave({"waits": 2})
    assert budgets.all()[SITE].totals == {"waits": 3.0}
    assert {name: len(state.holders) for name, state in budgets.all().items()} == {
        SITE: 1,
        "jira https://other.atlassian.net": 1,
    }


def test_time_is_that_of_the_database(store: Store) -> None:
    store.budgets.opened(SITE, holder="a").share({})

    (state,) = store.budgets.all().values()

    assert 1_700_000_000 < state.at < 10_000_000_000
    assert [grant.until - state.at <= SHARE_SECONDS for grant in state.grants] == [True]
