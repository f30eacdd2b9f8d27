"""The long form of what is searched: `make test-all` runs it, `make test` a fixed part of it.

Belongs here: how large the part is. Searches are those over seeds, over the points at which a
process can end, and over examples that Hypothesis makes. Does not: what a command of its own
counts (`make faults SEEDS=`, `make crash`).
"""

import os

import pytest

IS_LONG = os.environ.get("JIRA_PIPELINE_TEST_LONG") == "1"  # noqa: TID251 - a matter of tests
OF_THE_LONG_FORM = pytest.mark.skipif(
    not IS_LONG, reason="of the long form: JIRA_PIPELINE_TEST_LONG=1"
)
SEED_COUNT_LONG = 500
SEED_COUNT = SEED_COUNT_LONG if IS_LONG else 10
POINT_STEP = 27
"""Odd, and so is its third: points before and after something take turns."""
SHARES = range(POINT_STEP) if IS_LONG else range(1)
"""Each share of the points begins at its number and takes one in so many; xdist spreads the shares."""


def examples(count: int) -> int:
    """Return how many examples Hypothesis makes where the long form makes `count`."""
    return count if IS_LONG else count // 9
