"""The schedules have teeth: each exporter with one bug breaks an invariant within 500 seeds."""

from collections.abc import Iterator
from itertools import chain

import pytest

from jira_pipeline_tests.faults.broken_exporters import BROKEN
from jira_pipeline_tests.faults.running import ScheduleRunner, open_runner
from jira_pipeline_tests.long_form import SEED_COUNT_LONG

TRIED_FIRST = {
    "no intent row": (24,),
    "automatic POST retry": (6,),
    "dates of Retry-After unread": (3,),
    "no probe": (3,),
    "no lease": (7,),
    "probe by wall clock": (215,),
    "ledger after send": (75,),
    "lease at the door only": (75,),
}
"""Seeds that caught a bug before; where one no longer does, all are tried in their order."""


@pytest.fixture(scope="module")
def sound() -> Iterator[ScheduleRunner]:
    """Runs schedules with the product's exporter."""
    with open_runner() as opened:
        yield opened


@pytest.mark.parametrize("name", list(BROKEN))
def test_an_exporter_with_one_bug_is_caught(name: str, sound: ScheduleRunner) -> None:
    with open_runner(BROKEN[name]) as broken:
        caught = next(
            (
                seed
                for seed in chain(TRIED_FIRST.get(name, ()), range(SEED_COUNT_LONG))
                if broken.run_seed(seed).violations and not sound.run_seed(seed).violations
            ),
            None,
        )

    assert caught is not None
