"""What a request to a model costs, by the list prices that come with the extra `llm`.

Belongs here: finding the price of a model, by provider or by the address that serves it. Does not:
counting tokens (`writing/completion/prompt`), budgets (`writing/model`), what was spent (`store`).

The list is part of the package genai-prices; its updater, which would ask the network, is never
started. A price nobody knows is None and never 0: a server of one's own has prices that no list
holds. With a proxy, a model that is named with its provider counts with the provider's price.
"""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from jira_pipeline.writing.models.model_exchange import NOTHING_CACHED, CachedTokens

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

PROVIDERS = ("openai", "anthropic")
"""What a name may begin with; other names, such as `qwen3:8b`, may hold a colon too."""
PROVIDER_BY_START = {"gpt-": "openai", "claude-": "anthropic"}
"""Whose model a name without provider is, where no other address serves it."""


def price_usd(
    model: str,
    *,
    tokens_in: int,
    tokens_out: int,
    cached: CachedTokens = NOTHING_CACHED,
    base_url: str | None = None,
    at: datetime | None = None,
) -> Decimal | None:
    """Return what one request costs in US dollars; None where no list price is known.

    Ask for one request at a time: some models charge more for all tokens of a long request, so
    the price of a sum is not the sum of the prices.

    Args:
        model: As in WRITER_MODEL, such as `openai:gpt-5-mini`.
        tokens_in: What is sent.
        tokens_out: What is answered.
        cached: Of what is sent, what a cache held or took.
        base_url: Another address that serves the model; its prices count where the list has them.
        at: Prices change; the current ones where absent.
    """
    if not has_price_list():
        return None
    usage = {
        "input_tokens": tokens_in,
        "output_tokens": tokens_out,
        "cache_read_tokens": cached.read,
        "cache_write_tokens": cached.written,
    }
    try:
        price = _list_price(model, usage=usage, base_url=base_url, at=at)
    except LookupError:
        if base_url is None or not _names_provider(model):
            return None
        return price_usd(model, tokens_in=tokens_in, tokens_out=tokens_out, cached=cached, at=at)
    return price.total_price if price is not None and _is_by_token(price) else None


def context_tokens_of(model: str, *, base_url: str | None = None) -> int:
    """Return how many tokens of rows a model is sent, where nobody says: by what it can read."""
    window = None
    if has_price_list():
        try:
            price = _list_price(model, usage={"input_tokens": 0}, base_url=base_url, at=None)
        except LookupError:
            price = None
        window = price.model.context_window if price is not None else None
    if window is None:
        return CONTEXT_TOKENS
    return max(CONTEXT_TOKENS_LEAST, min(CONTEXT_TOKENS_MOST, (window - REST_TOKENS) * 2 // 3))


CONTEXT_TOKENS = 100_000
"""Of rows, where nobody knows what a model can read: one that reads less says so, and gets half."""
CONTEXT_TOKENS_LEAST, CONTEXT_TOKENS_MOST = 4_000, 300_000
"""The largest real site measured has 102,000; more costs money that few tickets are worth."""
REST_TOKENS = 24_000
"""Instructions, ticket, and the longest answer; a third of the rest is for tokenizers that count more."""


def has_price_list() -> bool:
    """Tell whether the extra with the list prices is installed."""
    try:
        import genai_prices  # noqa: F401, PLC0415 - an extra, and slow to import
    except ModuleNotFoundError:
        return False
    return True


def provider_and_name(model: str) -> tuple[str, str]:
    """Split `openai:name`; the provider is empty where neither the prefix nor the name shows it."""
    if _names_provider(model):
        provider, _, name = model.partition(":")
        return provider, name
    return next((p for start, p in PROVIDER_BY_START.items() if model.startswith(start)), ""), model


def _names_provider(model: str) -> bool:
    return model.partition(":")[0] in PROVIDERS


def _list_price(
    model: str, *, usage: dict[str, int], base_url: str | None, at: datetime | None
) -> "PriceCalculation | None":
    """Ask the list: by address where one is given, else by provider; None without either.

    Raises:
        LookupError: The list holds no such seller, or not this model.
    """
    from genai_prices import calc_price  # noqa: PLC0415 - an extra, and slow to import

    provider, name = provider_and_name(model)
    if base_url is not None:
        return calc_price(usage, name, provider_api_url=base_url, genai_request_timestamp=at)
    if not provider:
        return None
    return calc_price(usage, name, provider_id=provider, genai_request_timestamp=at)


def _is_by_token(price: "PriceCalculation") -> bool:
    """Tell whether tokens have a price at all: sound and pictures have others, counted as 0."""
    return price.model_price.input_mtok is not None and price.model_price.output_mtok is not None
