"""What a request cost, where a server does not count it."""

from decimal import Decimal

from jira_pipeline.model.model_requests import RequestOutcome, WritingLimits
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.model_exchange import Question, Reply, ReplyEnd
from jira_pipeline.writing.models.request_account import RequestSource, SessionAccount
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.writing.asked_models import SESSION

QUESTION = Question(
    instructions="i" * 20,
    request="r" * 40,
    answered="a" * 20,
    complaint="c" * 20,
    answer_tokens_max=10,
    schema=None,
)


def test_what_a_server_does_not_count_is_estimated(store: Store) -> None:
    account = SessionAccount(
        store.writing,
        source=RequestSource(session_key=SESSION, model="openai:small"),
        limits=WritingLimits(requests_max=10, budget_usd=Decimal(1)),
        price_of=lambda _in, _out, _cached=None: Decimal(0),
        now=lambda: START,
    )
    request = account.begin(QUESTION, group_key="")
    assert request is not None

    reply = Reply(text="t" * 40, end=ReplyEnd.COMPLETE, tokens_in=0, tokens_out=0)
    account.end(request, reply, outcome=RequestOutcome.ANSWERED, seconds=1.0)

    spent = store.writing.spending(SESSION)
    assert (spent.tokens_in, spent.tokens_out) == (100 // 4, 40 // 4)
