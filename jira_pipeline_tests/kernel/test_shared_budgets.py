"""Runs that share a budget never use more than all of it, and each gets as much as the others."""

import random
from dataclasses import replace

from jira_pipeline.kernel.shared_budgets import (
    COUNTED_SECONDS,
    RESERVE,
    SHARE_LEAST,
    SHARE_SECONDS,
    Share,
    SharedBudgetState,
)

EVERYTHING = ("everything",)


def shared(state: SharedBudgetState, *holders: str, at: float) -> tuple[SharedBudgetState, Share]:
    """Let runs ask one after the other; return what the last one got."""
    share = Share(fraction=0.0, seconds=0.0)
    for holder in holders:
        state, share = state.shared_with(holder, at=at)
    return state, share


def test_a_run_alone_has_all_but_the_reserve_and_a_second_one_begins_with_that() -> None:
    state, alone = shared(SharedBudgetState(), "a", at=100.0)
    state, second = shared(state, "b", at=100.5)
    _, third = shared(state, "c", at=100.5)

    assert alone.fraction == 1.0 - RESERVE
    assert abs(second.fraction - RESERVE) < 1e-9
    assert third.fraction == 0.0
    assert third.seconds < SHARE_SECONDS
    assert third.holder_count == 3


def test_after_a_few_seconds_all_have_the_same() -> None:
    state = SharedBudgetState()
    last: dict[str, float] = {}
    for tick in range(8):
        for holder in "abc":
            state, share = state.shared_with(holder, at=100.0 + tick)
            last[holder] = share.fraction

    assert set(last.values()) == {(1.0 - RESERVE) / 3}


def test_a_killed_run_keeps_nothing() -> None:
    state, _ = shared(SharedBudgetState(), "a", "b", at=100.0)

    _, share = shared(state, "a", at=100.0 + SHARE_SECONDS + COUNTED_SECONDS)

    assert share.holder_count == 1
    assert share.fraction == 1.0 - RESERVE


def test_in_no_second_are_the_shares_more_than_the_whole() -> None:
    """What counts of a run is the most it had in the second: it may have sent that much."""
    for seed in range(40):
        chance = random.Random(seed)  # noqa: S311 - made runs
        state, at = SharedBudgetState(), 100.0
        had: list[tuple[float, float, str, float]] = []
        for _ in range(60):
            at += chance.choice((0.0, 0.1, 0.4, 1.3))
            holder = chance.choice("abcdefgh")
            state, share = state.shared_with(holder, at=at)
            had = [(b, min(e, at) if h == holder else e, h, f) for b, e, h, f in had]
            had.append((at, at + SHARE_SECONDS, holder, share.fraction))
            window = [one for one in had if one[0] < at + 1e-9 and one[1] > at - COUNTED_SECONDS]
            most = {h: max(f for *_, other, f in window if other == h) for *_, h, _ in window}
            assert sum(most.values()) <= 1.0 + 1e-9, (seed, at)


def test_beyond_fifty_runs_some_wait_and_nobody_gets_less_than_is_of_use() -> None:
    state = SharedBudgetState()
    fractions = []
    for tick in range(10):
        for number in range(60):
            state, share = state.shared_with(f"run {number}", at=100.0 + tick + number / 100)
            fractions.append(share.fraction)

    assert all(fraction == 0.0 or fraction >= SHARE_LEAST for fraction in fractions)
    assert sum(fraction > 0.0 for fraction in fractions[-60:]) >= 40


def test_a_pause_holds_for_all_and_is_never_made_shorter() -> None:
    state = SharedBudgetState().paused(EVERYTHING, seconds=30.0, at=100.0)
    state = state.paused(EVERYTHING, seconds=5.0, at=110.0)

    _, share = shared(state, "b", at=112.0)
    _, later = shared(state, "b", at=130.0)

    assert share.pauses == {"everything": 18.0}
    assert later.pauses == {}


def test_a_clock_that_is_set_back_makes_nobody_wait_longer() -> None:
    state, _ = shared(SharedBudgetState(), "a", at=5_000.0)
    state = state.paused(EVERYTHING, seconds=30.0, at=5_000.0)

    state, share = shared(state, "b", at=1_400.0)

    assert share.pauses == {"everything": 30.0}
    assert replace(state, at=1_403.0).read_at(1_403.0).holders == frozenset()
