"""What a session may still ask and spend, also while requests are under way."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

import pytest

from jira_pipeline.ports.writing import RequestOutcome, Spending, WritingLimits
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.model_exchange import (
    NOTHING_CACHED,
    CachedTokens,
    Question,
    Reply,
    ReplyEnd,
)
from jira_pipeline.writing.models.request_account import (
    BegunRequest,
    LimitReachedError,
    PriceOf,
    RequestSource,
    SessionAccount,
)
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.writing.asked_models import SESSION

CENT = Decimal("0.01")
QUESTION = Question(
    instructions="i" * 20,
    request="r" * 40,
    answered="a" * 20,
    complaint="c" * 20,
    answer_tokens_max=10,
    schema=None,
)
MOST = CENT * (100 // 2 + 10)
"""The whole request, and the longest answer."""
OpenAccount: TypeAlias = Callable[..., SessionAccount]


def cent_a_token(
    tokens_in: int, tokens_out: int, cached: CachedTokens = NOTHING_CACHED
) -> Decimal | None:
    return CENT * (tokens_in - cached.read + tokens_out)


@pytest.fixture
def open_account(store: Store) -> OpenAccount:
    """Opens accounts of one session."""

    def opened(
        *, budget: str = "1", requests_max: int = 10, price_of: PriceOf = cent_a_token
    ) -> SessionAccount:
        return SessionAccount(
            store.writing,
            source=RequestSource(session_key=SESSION, model="openai:small"),
            limits=WritingLimits(requests_max=requests_max, budget_usd=Decimal(budget)),
            price_of=price_of,
            now=lambda: START,
        )

    return opened


def begun(account: SessionAccount) -> BegunRequest:
    """Begin a request that there is room for."""
    request = account.begin(QUESTION, group_key="")
    assert request is not None
    return request


def end(
    account: SessionAccount,
    request: BegunRequest,
    *,
    tokens: tuple[int, int] = (1, 0),
    text: str = "yes",
) -> None:
    """End a request with an answer."""
    reply = Reply(text=text, end=ReplyEnd.COMPLETE, tokens_in=tokens[0], tokens_out=tokens[1])
    account.end(request, reply, outcome=RequestOutcome.ANSWERED, seconds=1.0)


def test_a_request_is_written_down_with_the_most_it_can_cost_before_it_is_sent(
    store: Store, open_account: OpenAccount
) -> None:
    begun(open_account())

    assert store.writing.spending(SESSION) == Spending(
        requests=1, cost_usd=MOST, unseen_requests=1, unseen_usd=MOST
    )


def test_room_that_others_of_the_step_take_is_waited_for(open_account: OpenAccount) -> None:
    account = open_account()
    request = begun(account)

    before = account.begin(QUESTION, group_key="")
    end(account, request)
    after = account.begin(QUESTION, group_key="")

    assert before is None
    assert after is not None


def test_room_that_nobody_here_takes_is_not_waited_for(open_account: OpenAccount) -> None:
    """It is taken by another process, or by one that is gone."""
    begun(open_account())

    with pytest.raises(LimitReachedError, match=r"WRITER_BUDGET \(1 US dollars\)"):
        open_account().begin(QUESTION, group_key="")


def test_what_a_server_does_not_count_is_estimated(store: Store, open_account: OpenAccount) -> None:
    account = open_account()

    end(account, begun(account), tokens=(0, 0), text="t" * 40)

    spent = store.writing.spending(SESSION)
    assert (spent.tokens_in, spent.tokens_out) == (100 // 4, 40 // 4)
