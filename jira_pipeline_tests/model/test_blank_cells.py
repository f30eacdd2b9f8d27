"""One function decides which cells say nothing, wherever they are."""

from jira_pipeline.model.blank_cells import is_blank_cell, names_nothing
from jira_pipeline_tests.tables import each


@each(
    "text",
    [
        *("", " ", "-", "–", "— —", "n/a", "N/A", "N/A.", "(n/a)", "n.a.", "N / A", "NA"),
        *("- n/a -", "not applicable", "Not applicable.", "'n/a'"),
    ],
)
def test_a_cell_says_nothing(text: str) -> None:
    assert is_blank_cell(text)
    assert names_nothing(text)


@each(
    "text",
    [
        *("[ ]", "( )", '"', "?", "TBD", "0", "*", "no", "/", "na/[node:title]", "n/a/b", "nav"),
        *("not applicable to guests", "n/a (agreed with Dana)", "-1", "x" * 10_000),
    ],
)
def test_a_cell_says_something(text: str) -> None:
    assert not is_blank_cell(text)
    assert not names_nothing(text)


def test_none_is_no_name_but_may_be_a_value() -> None:
    assert names_nothing("None")
    assert not is_blank_cell("None")
