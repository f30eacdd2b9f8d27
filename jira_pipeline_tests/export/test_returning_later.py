"""Exporting again when everything is there costs little, however large the project has become."""

import pytest

from benchmarks.returning_later import GOAL, requests_of_return


@pytest.mark.parametrize("project_size", [30_000])
def test_an_export_that_finds_everything_there_asks_little(project_size: int) -> None:
    """It read the whole project: some 300 requests at number 30,000."""
    assert requests_of_return(project_size).total() <= GOAL
