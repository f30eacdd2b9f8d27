"""Grammar of generated sentences."""

from jira_pipeline.tickets.claims.claim import count_of
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
