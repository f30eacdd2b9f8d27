"""The examples of CommonMark arrive exactly, where a benchmark has fetched them before."""

from collections.abc import Callable

import pytest

from benchmarks.adf_commonmark import EVERY_LINK
from benchmarks.adf_corpora import commonmark_examples
from benchmarks.adf_measure import judge, shown_by_html
from benchmarks.packages import CACHE_PATH
from jira_pipeline.adf import AdfNode, html_to_adf, markdown_to_adf


@pytest.fixture(scope="module")
def examples():
    """Read the examples; tests use no network."""
    if not (CACHE_PATH / "npm" / "commonmark-spec" / "installed.json").exists():
        pytest.skip("fetch the examples with `python -m benchmarks adf_commonmark` first")
    return commonmark_examples()


@pytest.mark.parametrize("side", ["html", "markdown"])
def test_every_example_is_exact_that_adf_can_hold(official_schema, examples, side):
    convert: Callable[..., AdfNode] = html_to_adf if side == "html" else markdown_to_adf
    inexact = []
    for example in examples:
        page = shown_by_html(example.html)
        document = convert(getattr(example, side), links=EVERY_LINK)
        outcome = judge(page, document, is_valid=official_schema.is_valid(document))
        is_right = outcome.is_text_exact if page.unholdable else outcome.is_exact
        if not (outcome.is_valid and is_right):
            inexact.append(example.number)

    assert inexact == []
