"""The examples of CommonMark arrive exactly, where the benchmark has fetched them before."""

import pytest

from benchmarks.adf_commonmark import FOLDER, commonmark_examples, judge
from jira_pipeline.jira.adf import html_to_adf, markdown_to_adf


@pytest.mark.parametrize("side", ["html", "markdown"])
def test_every_example_is_exact_that_adf_can_hold(official_schema, side):
    if not (FOLDER / "node_modules").exists():
        pytest.skip("fetch the examples with `python -m benchmarks adf_commonmark` first")
    convert = html_to_adf if side == "html" else markdown_to_adf
    inexact = []
    for example in commonmark_examples():
        source = getattr(example, side)
        outcome = judge(example, convert, source=source)
        is_right = outcome.has_structure or not outcome.is_holdable
        is_accepted = outcome.is_valid and official_schema.is_valid(convert(source))
        if not (is_accepted and outcome.has_text and is_right):
            inexact.append(example.number)

    assert inexact == []
