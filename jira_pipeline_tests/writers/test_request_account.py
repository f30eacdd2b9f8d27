"""What a session may still ask and spend, also while requests are under way."""

from decimal import Decimal

import pytest

from jira_pipeline.domain.writing import Spending
from jira_pipeline.writers.asking.model_exchange import Question
from jira_pipeline.writers.asking.request_account import (
    LimitReachedError,
    SessionAccount,
    WritingLimits,
)

CENT = Decimal("0.01")


def an_account(
    *, budget: str = "1", requests_max: int = 10, spent: Spending | None = None
) -> SessionAccount:
    return SessionAccount(
        spent or Spending(),
        limits=WritingLimits(requests_max=requests_max, budget_usd=Decimal(budget)),
        price_of=lambda tokens_in, tokens_out: CENT * (tokens_in + tokens_out),
    )


def test_what_is_reserved_by_others_is_waited_for() -> None:
    account = an_account()
    account.begin(Decimal("0.6"))

    assert not account.is_affordable(Decimal("0.5"))
    assert account.is_affordable(Decimal("0.4"))


def test_what_was_not_needed_is_free_again() -> None:
    account = an_account()
    account.begin(Decimal("0.6"))

    account.end(Decimal("0.6"), cost_usd=CENT)

    assert account.is_affordable(Decimal("0.99"))


def test_a_cost_that_nobody_knows_stays_the_most_it_can_be() -> None:
    account = an_account()
    account.begin(Decimal("0.6"))

    account.end(Decimal("0.6"), cost_usd=None)

    with pytest.raises(LimitReachedError, match="WRITER_BUDGET"):
        account.is_affordable(Decimal("0.5"))


def test_the_budget_may_be_used_up_to_the_last_cent() -> None:
    account = an_account(spent=Spending(cost_usd=Decimal("0.5")))

    assert account.is_affordable(Decimal("0.5"))
    with pytest.raises(LimitReachedError, match=r"WRITER_BUDGET \(1 US dollars\)"):
        account.is_affordable(Decimal("0.51"))


def test_requests_under_way_count() -> None:
    account = an_account(requests_max=3, spent=Spending(requests=1))
    account.begin(CENT)
    assert account.is_affordable(CENT)
    account.begin(CENT)

    with pytest.raises(LimitReachedError, match=r"WRITER_MAX_REQUESTS \(3\)"):
        account.is_affordable(CENT)


def test_the_most_a_question_can_cost_counts_all_it_says_and_all_it_may_get() -> None:
    question = Question(
        instructions="i" * 20,
        request="r" * 40,
        answered="a" * 20,
        complaint="c" * 20,
        answer_tokens_max=30,
        schema=None,
    )

    assert an_account().most_of(question) == CENT * (100 // 2 + 30)


def test_what_was_spent_is_told_with_what_was_spent_before() -> None:
    account = an_account(spent=Spending(requests=1_200, cost_usd=Decimal("0.5")))
    account.begin(CENT)
    account.end(CENT, cost_usd=CENT)

    assert account.spent == "1,201 requests and 0.51 US dollars"
