"""What a model writes must stand in the rows it was told of."""

import pytest

from jira_pipeline.writers.group_facts import FactsReader
from jira_pipeline.writers.provenance import second_request, unfounded_in
from jira_pipeline_tests.writers.sites import tickets_of
from jira_pipeline_tests.writers.test_answers import answer_with


def facts_of(title: str):
    brief = next(b for b, _ in tickets_of("uhrenmuseum") if b.group.title == title)
    return FactsReader().facts_of(brief)


def test_an_answer_about_what_is_told_is_founded() -> None:
    assert unfounded_in(answer_with(), facts_of("Configure content type: Clock")) == ()


@pytest.mark.parametrize(
    ("sentence", "text", "kind"),
    [
        ("The field `field_invented` is new.", "field_invented", "name"),
        ("See https://evil.example/now for more.", "https://evil.example/now", "address"),
        ("It takes 7777 values.", "7777", "number"),
        ("<b>bold</b> words.", "the markup <b>", "format"),
    ],
)
def test_what_no_cell_says_is_named(sentence: str, text: str, kind: str) -> None:
    facts = facts_of("Configure content type: Clock")

    unfounded = unfounded_in(answer_with(analysis=[sentence]), facts)

    assert (text, kind, "analysis 1") in [(u.text, u.kind.value, u.where) for u in unfounded]


def test_the_second_request_lists_what_has_no_source() -> None:
    facts = facts_of("Configure content type: Clock")
    answer = answer_with(analysis=["The field `field_invented` is new."])

    request = second_request(answer, unfounded_in(answer, facts))

    assert "field_invented" in request
