"""Grammar of generated sentences."""

from jira_pipeline.tickets.fragments import count_of, in_quotes, listed
from jira_pipeline_tests.tables import each


@each(
    ("count", "noun", "expected"),
    [
        (1, "field", "one field"),
        (0, "field", "no fields"),
        (13, "vocabulary", "13 vocabularies"),
        (2, "display", "two displays"),
    ],
)
def test_a_count_agrees_with_its_noun(count: int, noun: str, expected: str) -> None:
    assert count_of(count, noun) == expected


def test_a_long_list_counts_its_rest() -> None:
    assert listed(["a", "b", "c", "d"], at_most=2) == "a, b and two more"


def test_a_name_with_a_comma_is_seen_to_be_one() -> None:
    assert in_quotes(["Beans, peas", "Rye"]) == ["“Beans, peas”", "“Rye”"]
