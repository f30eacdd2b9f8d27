"""What writing with models cost, for programs."""

from decimal import Decimal

from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.model_requests import Spending
from jira_pipeline_tests.tables import each


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
