"""What a session would cost: from its own prompts, as a range, before anything is spent."""

from decimal import Decimal
from functools import partial

import pytest

from jira_pipeline.drupal.meaning.notes import readable
from jira_pipeline.model.json_values import json_object
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.changes_form import CHANGES_FORM
from jira_pipeline.writing.completion.prompt import PromptRule, tokens_of
from jira_pipeline.writing.cost_estimate import (
    ExpectedRequest,
    estimate_by_model,
    expected_requests,
)
from jira_pipeline.writing.whole.request import LENGTH
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.asked_models import (
    cent_a_thousand,
    first_prompt,
    some_briefs,
    to_complete,
)
from jira_pipeline_tests.writing.sites import briefs_of, site

RULE = PromptRule()


def requests(count: int, *, tokens_in: int = 1000, tokens_out: int = 300) -> list[ExpectedRequest]:
    return [ExpectedRequest(tokens_in=tokens_in, tokens_out=tokens_out, is_shortened=False)] * count


estimated = partial(
    estimate_by_model,
    writer="openai:gpt-5-mini",
    ticket_count=10,
    asked_count=10,
    concurrency=4,
    price=cent_a_thousand,
)


def test_the_tokens_are_those_of_the_prompts_as_they_are_sent():
    briefs = some_briefs(6)
    prompts = [first_prompt(to_complete(brief)) for brief in briefs]

    expected = [*expected_requests(briefs, RULE).values()]

    beyond = [
        request.tokens_in - request.tokens_shared - tokens_of(prompt.request)
        for request, prompt in zip(expected, prompts, strict=True)
    ]
    assert len({request.tokens_shared for request in expected}) == 1
    assert len(set(beyond)) == 1, "the schema is the same for every ticket"
    assert beyond[0] > 0


def test_a_larger_ticket_is_expected_to_be_answered_at_greater_length():
    briefs = sorted(some_briefs(6), key=lambda b: len(b.group.members))

    expected = [*expected_requests((briefs[0], briefs[-1]), RULE).values()]

    assert expected[0].tokens_in < expected[1].tokens_in
    assert expected[0].tokens_out < expected[1].tokens_out


def test_an_answer_of_the_whole_prose_is_expected_to_grow_less_than_the_template():
    """The template names each field; a model says the same in one sentence."""
    (brief,) = some_briefs(1)
    (request,) = expected_requests([brief], RULE).values()
    parts = TemplateWriter().write(brief).parts
    template_tokens = tokens_of(readable(parts.user_story + parts.analysis + parts.verification))

    assert request.tokens_out == LENGTH.tokens(template_tokens)
    assert LENGTH.tokens(3_000) < CHANGES_FORM.length.tokens(3_000) / 2


def test_the_range_goes_from_short_answers_to_long_ones_that_are_asked_for_twice():
    found = estimated(requests(1))

    assert found.cost_low == Decimal("0.01225"), "1,000 in, 225 out"
    assert found.cost_high == Decimal("0.05885"), "1,100 in, 1,495 out; 1,795 in, 1,495 out"
    assert (found.tokens_in, found.tokens_out) == (1000, 300)


def test_models_of_others_may_count_half_as_many_tokens_again():
    """A guide of Anthropic and counts by its own interface: up to 1.47 times."""
    by_openai = estimated(requests(1))

    by_others = [
        estimated(requests(1), writer=name) for name in ("anthropic:claude-haiku-4-5", "qwen3:8b")
    ]

    assert [found.cost_low for found in by_others] == [by_openai.cost_low] * 2
    assert [found.cost_high for found in by_others] == [Decimal("0.07225")] * 2, (
        "1,500 in, 1,675 out; 2,375 in"
    )
    assert by_openai.cost_high == Decimal("0.05885")


def test_one_price_that_nobody_knows_makes_the_cost_unknown():
    found = json_object(estimated(requests(2), price=lambda **_: None))

    assert found["cost_low"] is found["cost_high"] is None
    assert found["tokens_in"] == 2000


@each(
    ("count", "rounds"),
    [pytest.param(1, 1, id="one"), pytest.param(5, 2, id="a round"), pytest.param(6, 3, id="more")],
)
def test_the_time_counts_the_first_request_alone_and_then_rounds_of_as_many_as_are_asked_at_once(
    count, rounds
):
    found = estimated(requests(count))

    assert found.minutes_low == pytest.approx(rounds * 5 / 60)
    assert found.minutes_high == pytest.approx(rounds * 2 * 45 / 60)


def test_a_ticket_that_does_not_fit_one_request_is_reported():
    expected = expected_requests(some_briefs(2), PromptRule(context_tokens=300)).values()

    assert {(request.is_shortened, request.tokens_shared > 0) for request in expected} == {
        (True, True)
    }


def test_tickets_without_text_are_not_counted_where_a_model_writes_for_notes_only():
    briefs = briefs_of(*site("lanterne"))

    expected = expected_requests(briefs, PromptRule(is_for_notes_only=True))

    assert 0 < len(expected) < len(briefs)


def test_all_but_the_first_request_read_what_they_share_from_the_cache():
    asked = [ExpectedRequest(tokens_in=1000, tokens_out=300, tokens_shared=900, is_shortened=False)]

    found = estimated(asked * 3)

    assert found.tokens_cached == 1800
    assert found.cost_uncached == Decimal("0.039")
    assert found.cost_cached == Decimal("0.0228"), "1,300; twice 300, and 900 for a tenth"
