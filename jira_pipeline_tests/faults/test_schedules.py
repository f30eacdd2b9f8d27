"""Seeded schedules in every test run: the invariants hold in each.

A hundred of them, 500 in the long form.
A failing seed is shown as the smallest schedule that still fails, with the command that runs it.
"""

from typing import get_args

import pytest

from jira_pipeline_tests.faults.drawing import draw_schedule
from jira_pipeline_tests.faults.running import ScheduleRunner
from jira_pipeline_tests.faults.schedules import (
    Act,
    AtHome,
    Deleted,
    Event,
    HomeAct,
    LifeWorld,
    Meanwhile,
    OtherSite,
    SiteAct,
    StoreFault,
    StoreTrouble,
)
from jira_pipeline_tests.faults.shrinking import shrink, smallest_places
from jira_pipeline_tests.faults.single_faults import IN_LIVES
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import WORLD_NAMES
from jira_pipeline_tests.long_form import SEED_COUNT, SEED_COUNT_LONG

SEEDS_PER_TEST = 5


@pytest.mark.parametrize("first", range(0, SEED_COUNT, SEEDS_PER_TEST))
def test_no_schedule_breaks_an_invariant(runner: ScheduleRunner, first: int) -> None:
    failing = [
        seed for seed in range(first, first + SEEDS_PER_TEST) if runner.run_seed(seed).violations
    ]

    assert [str(shrink(runner, seed)) for seed in failing] == []


def test_the_schedules_meet_every_world_and_every_kind_of_fault() -> None:
    schedules = [draw_schedule(seed) for seed in range(4 * SEED_COUNT_LONG)]
    events = [event for schedule in schedules for event in schedule.events]
    worlds = {name for schedule in schedules for name in schedule.worlds}
    lives = {schedule.life for schedule in schedules} - {None}
    kinds = {event.kind for event in events if isinstance(event, FaultRule)}
    troubles = {event.trouble for event in events if isinstance(event, StoreFault)}
    in_lives = {event.what for event in events if isinstance(event, Meanwhile)}
    at_home = {event.what for event in events if isinstance(event, AtHome)}
    deleted = {event.is_all for event in events if isinstance(event, Deleted)}
    copied = {event.is_copy for event in events if isinstance(event, OtherSite)}

    assert worlds == set(WORLD_NAMES)
    assert lives == set(LifeWorld)
    assert in_lives >= {*SiteAct, *IN_LIVES, Act.CLONE, Act.COMMENT_FOR_SOME}
    assert at_home == set(HomeAct)
    assert deleted == copied == {True, False}
    assert kinds == set(FaultKind)
    assert troubles == set(StoreTrouble)
    assert set(map(type, events)) == set(get_args(Event))


def test_a_seed_gives_the_same_schedule_and_the_same_end(runner: ScheduleRunner) -> None:
    assert runner.run_seed(7) == runner.run_seed(7)


def test_a_schedule_is_shrunk_to_what_it_needs_to_fail() -> None:
    smallest = smallest_places((0, 1, 2, 3, 4), is_failing=lambda kept: {1, 3} <= set(kept))

    assert smallest == (1, 3)
