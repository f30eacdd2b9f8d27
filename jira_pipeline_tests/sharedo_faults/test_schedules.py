"""Seeded schedules of faults and crashes over the client and its jobs: the invariants hold in each.

Two hundred of them, 2,000 in the long form; `make faults-sharedo SEEDS=2000` prints the figures.
"""

import pytest

from jira_pipeline.sharedo.sandbox.faults import FaultKind
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.sharedo_faults.running import Conduct, run_seed
from jira_pipeline_tests.sharedo_faults.schedules import draw_schedule

SEED_COUNT = 2_000 if IS_LONG else 100
SEEDS_PER_TEST = 50


@pytest.mark.parametrize("first", range(0, SEED_COUNT, SEEDS_PER_TEST))
def test_no_schedule_breaks_an_invariant(first: int) -> None:
    """No job created twice, none lost, nothing left on the disk, the right code each time."""
    broken = {
        seed: violations
        for seed in range(first, first + SEEDS_PER_TEST)
        if (violations := run_seed(seed).violations)
    }

    assert broken == {}


def test_the_schedules_meet_every_kind_of_fault() -> None:
    schedules = [draw_schedule(seed) for seed in range(200)]

    kinds = {rule.kind for schedule in schedules for rule in schedule.plan.rules}
    steps = {process.step for schedule in schedules for process in schedule.processes}
    assert kinds == set(FaultKind)
    assert steps == {"export", "recover", "cancel"}
    assert {schedule.can_find for schedule in schedules} == {True, False}


@pytest.mark.parametrize(
    ("conduct", "expected"),
    [
        (Conduct(horizon_seconds=0.0), "was created 2 times"),
        (Conduct(keeps_intents=False), "was created 2 times"),
        (Conduct(is_swept=False), "on the disk are"),
        (Conduct(carries_on=False), "was begun anew"),
        (Conduct(gives_up=True), "was cancelled by nobody"),
    ],
    ids=["no horizon", "no intent", "no sweep", "anew for nothing", "given up"],
)
def test_an_exporter_that_does_not_keep_to_the_rules_is_noticed(
    conduct: Conduct, expected: str
) -> None:
    """Otherwise schedules that break nothing would prove nothing."""
    violations = (text for seed in range(SEED_COUNT) for text in run_seed(seed, conduct).violations)

    assert any(expected in text for text in violations)
