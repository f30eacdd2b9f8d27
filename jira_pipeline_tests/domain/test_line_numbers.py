"""Line numbers as people say them."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_pipeline.domain.line_numbers import line_ranges, lines_in_words


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((2,), "line 2"),
        ((2, 2), "line 2"),
        ((2, 3), "lines 2–3"),
        ((9, 2, 7, 5, 8, 6), "lines 2, 5–9"),
        ((2, 4, 6), "lines 2, 4, 6"),
        ((), ""),
    ],
)
def test_lines_are_stated_with_their_noun(lines: tuple[int, ...], words: str) -> None:
    assert lines_in_words(lines) == words


@given(st.sets(st.integers(1, 60)))
def test_ranges_say_exactly_the_lines(lines: set[int]) -> None:
    words = re.findall(r"(\d+)(?:–(\d+))?", line_ranges(lines))

    found = [n for a, b in words for n in range(int(a), int(b or a) + 1)]
    assert found == sorted(lines)
    assert all(int(b[0]) > int(a[1] or a[0]) + 1 for a, b in itertools.pairwise(words))
