"""The long form of what is searched: `make test-all` runs it, `make test` a fixed part of it.

Belongs here: how large the part is. Searches are those over seeds, over the points at which a
process can end, and over examples that Hypothesis makes. Does not: what a command of its own
counts (`make faults SEEDS=`, `make crash`).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import pytest

IS_LONG = os.environ.get("JIRA_PIPELINE_TEST_LONG") == "1"  # noqa: TID251 - a matter of tests
OF_THE_LONG_FORM = pytest.mark.skipif(
    not IS_LONG, reason="of the long form: JIRA_PIPELINE_TEST_LONG=1"
)
SEED_COUNT_LONG = 500
SEED_COUNT = SEED_COUNT_LONG if IS_LONG else 15
POINT_STEP = 27
"""Odd, and so is its third: points before and after something take turns."""
SHARES = range(POINT_STEP) if IS_LONG else range(1)
"""Each share of the points begins at its number and takes one in so many; xdist spreads the shares."""


Case = TypeVar("Case")


def each_at_a_place(
    cases: Mapping[str, Case], places: Sequence[int]
) -> Iterator[tuple[str, Case, int]]:
    """Yield each case at every place in the long form, else each at one: places take turns."""
    for number, (name, case) in enumerate(cases.items()):
        for turn, place in enumerate(places):
            if IS_LONG or turn == number % len(places):
                yield f"{name} at {place}", case, place


def a_few(cases: Mapping[str, Case], *names: str) -> Mapping[str, Case]:
    """Return all cases in the long form, else those of these names."""
    return cases if IS_LONG else {name: cases[name] for name in names}


def examples(count: int) -> int:
    """Return how many examples Hypothesis makes where the long form makes `count`."""
    return count if IS_LONG else count // 9
