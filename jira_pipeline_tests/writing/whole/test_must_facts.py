"""What a ticket has to say: which facts, and whether a sentence says enough of one."""

import pytest

from jira_pipeline.drupal.rules import rules_by_key
from jira_pipeline.writing.whole.must_facts import MUST_RULES, MustFact, must_facts_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.completion.completed import ticket


def fact(rule: str) -> MustFact:
    (found,) = [fact for fact in must_facts_of(ticket().facts) if fact.rule == rule]
    return found


def test_each_rule_of_the_table_claims_something() -> None:
    rules = rules_by_key()

    assert [key for key in MUST_RULES if not (rules[key].say or rules[key].check)] == []


def test_a_fact_is_what_the_template_says_of_it() -> None:
    found = fact("field.required")

    assert found.text == "Saving fails while `field_hull_name` or `field_skipper` is empty."
    assert [row.machine_name for row in found.rows] == ["field_hull_name", "field_skipper"]
    assert found.part == "verification"


@each(
    ("rule", "sentence"),
    [
        ("field.required", "Saving fails while a required field of the table is empty."),
        ("field.required", "“Hull name” and `field_skipper` have to be filled in."),
        ("field.gone", "“Old number” goes."),
        ("bundle.url_alias", "A new boat has an address such as `fleet/[node:title]`."),
        ("bundle.modules", "Enable Pathauto first."),
        ("bundle.moderated", "A new boat starts in a state of the workflow."),
    ],
)
def test_a_sentence_with_the_names_values_or_topic_of_a_fact_covers_it(
    rule: str, sentence: str
) -> None:
    assert fact(rule).is_covered_by(sentence)


@each(
    ("rule", "sentence"),
    [
        ("field.required", "The form is complete."),
        ("field.required", "“Hull name” has to be filled in."),
        ("field.gone", "A field goes."),
        ("bundle.url_alias", "A new boat has an address."),
        ("bundle.modules", "Enable what is missing first."),
    ],
)
def test_a_sentence_without_them_does_not(rule: str, sentence: str) -> None:
    assert not fact(rule).is_covered_by(sentence)


@pytest.mark.parametrize("title", ["Create 1 vocabulary without custom fields"])
def test_a_plain_thing_has_nothing_to_say_beside_its_table(title: str) -> None:
    assert must_facts_of(ticket(title).facts) == ()
