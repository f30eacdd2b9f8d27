"""The schedules have teeth: each exporter with one bug breaks an invariant within 500 seeds."""

import pytest

from jira_pipeline_tests.faults.broken_exporters import BROKEN
from jira_pipeline_tests.faults.running import open_runner

SEED_COUNT = 500


@pytest.mark.parametrize("name", list(BROKEN))
def test_an_exporter_with_one_bug_is_caught(name: str) -> None:
    with open_runner(BROKEN[name]) as broken, open_runner() as sound:
        caught = next(
            (
                seed
                for seed in range(SEED_COUNT)
                if broken.run_seed(seed).violations and not sound.run_seed(seed).violations
            ),
            None,
        )

    assert caught is not None
