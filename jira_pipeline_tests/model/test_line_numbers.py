"""Line numbers as people say them."""

import itertools
import re

from hypothesis import given, strategies as st

from jira_pipeline.model.line_numbers import (
    LINES_PATTERN,
    line_ranges,
    lines_of_file,
    lines_text,
    without_lines,
)
from jira_pipeline_tests.tables import each


@each(
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
    assert lines_text(lines) == words


@each(
    ("lines", "records", "words"),
    [
        ((303,), (296,), "fields.csv:303 / row 296"),
        ((303, 304), (296, 297), "fields.csv:303–304 / rows 296–297"),
        ((2, 303), (2, 296), "fields.csv:2, 303 / rows 2, 296"),
        ((2, 3), (2, 3), "fields.csv:2–3"),
        ((2, 3), (), "fields.csv:2–3"),
    ],
)
def test_rows_are_said_where_they_differ_from_lines(
    lines: tuple[int, ...], records: tuple[int, ...], words: str
) -> None:
    assert lines_of_file("fields.csv", lines, records) == words
    in_words = lines_text(lines, records)
    assert in_words.endswith(words.partition(":")[2])
    assert LINES_PATTERN.fullmatch(in_words)
    assert without_lines(f"required by field_a ({in_words})") == "required by field_a"


@given(st.sets(st.integers(1, 60)))
def test_ranges_say_exactly_the_lines(lines: set[int]) -> None:
    words = re.findall(r"(\d+)(?:–(\d+))?", line_ranges(lines))

    found = [n for a, b in words for n in range(int(a), int(b or a) + 1)]
    assert found == sorted(lines)
    assert all(int(b[0]) > int(a[1] or a[0]) + 1 for a, b in itertools.pairwise(words))
