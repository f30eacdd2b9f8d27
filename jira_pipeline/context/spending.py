"""What writing with models cost, in words and for programs.

Belongs here: the words for a sum of requests. Does not: counting (`store`), prices
(`writing/cost_estimate`).
"""

from decimal import Decimal

from jira_pipeline.model.model_requests import Spending


def spending_json(spending: Spending) -> dict[str, object]:
    """Return requests, tokens and US dollars as programs get them.

    The cost is null where the price of no request is known.
    """
    is_unknown = 0 < spending.requests == spending.unpriced_requests
    return {
        "writer_requests": spending.requests,
        "writer_tokens_in": spending.tokens_in,
        "writer_tokens_out": spending.tokens_out,
        "writer_cost_usd": None if is_unknown else float(spending.cost_usd),
        "writer_unpriced_requests": spending.unpriced_requests,
        "writer_unseen_requests": spending.unseen_requests,
        "writer_unseen_usd": float(spending.unseen_usd),
    }


def spending_text(spending: Spending) -> str:
    """Return what was asked and paid: `3 requests to models, 4,100 tokens in, …, 0.0021 US dollars`."""
    if not spending.requests:
        return "no request to models"
    sentence = (
        f"{_requests(spending.requests)} to models, {spending.tokens_in:,} tokens in, "
        f"{spending.tokens_out:,} out"
    )
    unpriced = spending.unpriced_requests
    if spending.requests == unpriced:
        sentence += "; nobody knows their price"
    else:
        sentence += f", {_dollars(spending.cost_usd)}"
        sentence += f", without {unpriced:,} whose price nobody knows" if unpriced else ""
    if spending.unseen_requests:  # they may have been paid for without an answer
        sentence += f"; {_requests(spending.unseen_requests)} whose answer was not seen"
        most = spending.unseen_usd
        sentence += f", counted with at most {_dollars(most)}" if most else ""
    return sentence


def _requests(count: int) -> str:
    return f"{count:,} request" if count == 1 else f"{count:,} requests"


def _dollars(usd: Decimal) -> str:
    """Write a sum of money: cents, and where it is less than a dollar four digits."""
    return f"{usd:.{2 if usd >= 1 else 4}f} US dollars"
