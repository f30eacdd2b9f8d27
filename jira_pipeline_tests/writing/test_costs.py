"""What models cost: list prices, known, unknown and never asked of the network; what was spent, for programs."""

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.model_requests import RequestOutcome, Spending, SpendingLimit
from jira_pipeline.store.store import Store
from jira_pipeline.writing.cost_estimate import has_price_list, price_usd
from jira_pipeline.writing.models.conversation import Question, Reply, ReplyEnd, provider_and_name
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.asked_models import SESSION, model_tools_at

IN_2026 = datetime(2026, 11, 20, tzinfo=UTC)
PROXY = "http://127.0.0.1:4000/v1"


@each(
    ("model", "base_url", "price"),
    [
        ("openai:gpt-4o", None, "0.0075"),
        ("gpt-4o", None, "0.0075"),
        ("anthropic:claude-haiku-4-5", None, "0.0035"),
        ("claude-haiku-4-5", None, "0.0035"),
        ("openai:gpt-4o", PROXY, "0.0075"),
        ("anthropic:claude-haiku-4-5", PROXY, "0.0035"),
        ("gpt-4o", PROXY, None),
        ("llama3.1", PROXY, None),
        ("gpt-4o", "https://gateway.example/v1", None),
        ("openai:llama3.1", "https://gateway.example/v1", None),
        ("openai:llama3.1", None, None),  # the provider does not sell it
        ("openai:gpt-4o-of-tomorrow", None, None),  # it begins like a known one
        ("openai:", None, None),
        ("llama3.1", None, None),  # nobody claims the name
        ("mistral-nemo", None, None),  # anybody may serve it
        ("ollama:llama3.1", None, None),
        ("openai:gpt-live-1", None, None),  # not sold by token
    ],
)
def test_a_known_model_has_its_list_price_and_any_other_none(model, base_url, price):
    """A budget of 5 cents was exceeded with a proxy, since nobody knew the price there.

    What nobody knows is never zero.
    """
    found = price_usd(model, tokens_in=1000, tokens_out=500, base_url=base_url, at=IN_2026)

    assert found == (price and Decimal(price))


@each(
    ("model", "expected"),
    [
        ("openai:gpt-5-mini", ("openai", "gpt-5-mini")),
        ("openai:gpt-oss:20b", ("openai", "gpt-oss:20b")),
        ("gpt-5-mini", ("", "gpt-5-mini")),
        ("claude-haiku-4-5", ("", "claude-haiku-4-5")),
        ("qwen3:8b", ("", "qwen3:8b")),
    ],
)
def test_a_model_is_split_after_a_provider_and_nowhere_else(model, expected):
    assert provider_and_name(model) == expected


def test_without_the_extra_no_price_is_known(monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)

    price = price_usd("openai:gpt-4o", tokens_in=1000, tokens_out=500)

    assert price is None
    assert not has_price_list()


_ASKED_OFFLINE = """
import sys, threading

def refuse(event, args):
    if event.startswith("socket."):
        raise AssertionError(f"{event} {args}")

sys.addaudithook(refuse)
from jira_pipeline.writing.cost_estimate import price_usd

assert "genai_prices" not in sys.modules
print(price_usd("openai:gpt-4o", tokens_in=1000, tokens_out=500) is not None)
print(price_usd("openai:nobody-sells-this", tokens_in=1000, tokens_out=500) is None)
print(threading.enumerate() == [threading.main_thread()])
"""


def test_no_socket_is_opened_and_no_updater_runs():
    """Every use of a socket, name look-ups included, ends the process with an error."""
    asked = subprocess.run(
        [sys.executable, "-c", _ASKED_OFFLINE], capture_output=True, text=True, check=False
    )

    assert asked.stderr == ""
    assert asked.stdout.split() == ["True", "True", "True"]


def spent(requests: int, cost: str = "0", unpriced: int = 0) -> Spending:
    return Spending(requests=requests, cost_usd=Decimal(cost), unpriced_requests=unpriced)


@each(
    ("spending", "cost"),
    [
        (spent(0), 0.0),
        (spent(2, "0.25"), 0.25),
        (spent(2, "0.25", unpriced=1), 0.25),
        (spent(2, unpriced=2), None),
    ],
    ids=["nothing", "priced", "some priced", "none priced"],
)
def test_an_unknown_price_is_not_nothing(spending: Spending, cost: float | None) -> None:
    """Style rule 15: what could not be read is never empty."""
    assert json_object(spending)["writer_cost_usd"] == cost


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
