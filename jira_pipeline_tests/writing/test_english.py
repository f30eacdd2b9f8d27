"""Grammar of generated sentences."""

from jira_pipeline.drupal.markup import number, plural
from jira_pipeline_tests.tables import each


@each(("count", "expected"), [(1, "one"), (0, "no"), (12, "twelve"), (13, "13")])
def test_a_count_is_a_word_up_to_twelve(count: int, expected: str) -> None:
    assert number(count) == expected


@each(("noun", "expected"), [("vocabulary", "vocabularies"), ("display", "displays")])
def test_a_noun_has_its_plural(noun: str, expected: str) -> None:
    assert plural(noun) == expected
