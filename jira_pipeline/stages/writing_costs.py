"""What writing with models cost, in words and for programs.

Belongs here: how a sum of requests is told. Does not: counting (`store`), prices (`writers/costs`).
"""

from jira_pipeline.domain.writing import Spending


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
    }


def spending_said(spending: Spending) -> str:
    """Say what was asked and paid: `3 requests to models, 4,100 tokens in, …, 0.0021 US dollars`."""
    noun = "request" if spending.requests == 1 else "requests"
    asked = (
        f"{spending.requests:,} {noun} to models, {spending.tokens_in:,} tokens in, "
        f"{spending.tokens_out:,} out"
    )
    if spending.requests == spending.unpriced_requests:
        return f"{asked}; nobody knows their price" if spending.requests else "no request to models"
    paid = f"{asked}, {dollars_said(spending)}"
    unknown = spending.unpriced_requests
    return f"{paid}, without {unknown:,} whose price nobody knows" if unknown else paid


def dollars_said(spending: Spending) -> str:
    """Say a sum of money: cents, and where it is less than a dollar four digits."""
    digits = 2 if spending.cost_usd >= 1 else 4
    return f"{spending.cost_usd:.{digits}f} US dollars"
