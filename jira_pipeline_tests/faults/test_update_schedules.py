"""Seeded schedules of updates in every test run: nobody's words are lost unnamed, nothing is twice.

Fifty of them, 500 in the long form; `--updates` of the command runs more.
"""

from collections.abc import Iterator

import pytest

from jira_pipeline_tests.faults.update_schedules import EDITS, draw_update_schedule
from jira_pipeline_tests.faults.verb_running import VerbRunner, open_verb_runner
from jira_pipeline_tests.long_form import SEED_COUNT, SEED_COUNT_LONG

SEEDS_PER_TEST = 25


@pytest.fixture(scope="module")
def runner() -> Iterator[VerbRunner]:
    """Runs schedules with the product's exporter."""
    with open_verb_runner() as opened:
        yield opened


@pytest.mark.parametrize("first", range(0, SEED_COUNT, SEEDS_PER_TEST))
def test_no_schedule_of_an_update_breaks_an_invariant(runner: VerbRunner, first: int) -> None:
    wrong = {seed: runner.run_seed(seed) for seed in range(first, first + SEEDS_PER_TEST)}

    assert [f"{draw_update_schedule(s)}\n{v}" for s, v in wrong.items() if v] == []


def test_people_do_everything_in_the_schedules() -> None:
    drawn = [draw_update_schedule(seed) for seed in range(SEED_COUNT_LONG)]

    assert {p.what for one in drawn for p in one.people} == {*EDITS, "move", "delete"}
