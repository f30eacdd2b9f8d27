"""What a request cost, where a server does not count it."""

from jira_pipeline.model.model_requests import RequestOutcome, SpendingLimit
from jira_pipeline.store.store import Store
from jira_pipeline.writing.models.conversation import Question, Reply, ReplyEnd
from jira_pipeline_tests.writing.asked_models import SESSION, model_tools_at

QUESTION = Question(
    instructions="i" * 20,
    request="r" * 40,
    answered="a" * 20,
    complaint="c" * 20,
    answer_tokens_max=10,
    schema=None,
)


def test_what_a_server_does_not_count_is_estimated(store: Store) -> None:
    tools = model_tools_at("http://127.0.0.1:9", store.writing)
    request_id = tools.begin(QUESTION, session_key=SESSION, group_key="")
    assert not isinstance(request_id, SpendingLimit)

    reply = Reply(text="t" * 40, end=ReplyEnd.COMPLETE, tokens_in=0, tokens_out=0)
    tools.end(request_id, QUESTION, reply, outcome=RequestOutcome.ANSWERED, seconds=1.0)

    spent = store.writing.spending(SESSION)
    assert (spent.tokens_in, spent.tokens_out) == (100 // 4, 40 // 4)
