"""What writing with models cost, in words and for programs."""

from decimal import Decimal

from jira_pipeline.ports.writing import Spending
from jira_pipeline.session.spending import spending_json, spending_text
from jira_pipeline_tests.tables import each


def spent(
    requests: int, cost: str = "0", unpriced: int = 0, unseen: int = 0, most: str = "0"
) -> Spending:
    return Spending(
        requests=requests,
        tokens_in=1200 * requests,
        tokens_out=300 * requests,
        cost_usd=Decimal(cost),
        unpriced_requests=unpriced,
        unseen_requests=unseen,
        unseen_usd=Decimal(most),
    )


@each(
    ("spending", "words"),
    [
        (spent(0), "no request to models"),
        (spent(1, "0.00045"), "1 request to models, 1,200 tokens in, 300 out, 0.0004 US dollars"),
        (
            spent(3, "0.5", unpriced=1),
            (
                "3 requests to models, 3,600 tokens in, 900 out, 0.5000 US dollars, "
                "without 1 whose price nobody knows"
            ),
        ),
        (
            spent(1, unpriced=1, unseen=1),
            (
                "1 request to models, 1,200 tokens in, 300 out; nobody knows their price; "
                "1 request whose answer was not seen"
            ),
        ),
    ],
    ids=[
        "nothing",
        "one",
        "some prices",
        "an answer not seen, and no price",
    ],
)
def test_what_was_spent_is_stated_in_words(spending: Spending, words: str) -> None:
    assert spending_text(spending) == words


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
    assert spending_json(spending)["writer_cost_usd"] == cost
