"""Fixtures for the tests of this folder."""

from collections.abc import Iterator

import pytest

from jira_pipeline_tests.faults.running import ScheduleRunner, open_runner


@pytest.fixture(scope="module")
def runner() -> Iterator[ScheduleRunner]:
    """Runs schedules with the product's exporter."""
    with open_runner() as opened:
        yield opened
