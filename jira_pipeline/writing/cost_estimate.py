"""What the tickets of a session would cost with a model, known before anything is spent.

In: the briefs of the tickets, from which the prompts are made as they would be sent. Out: a
`CostEstimate` with tokens, US dollars and minutes, each as a low and a high bound. A token is
counted as four characters.

Belongs here: expected tokens, money and time; the price of a model, by provider or by the address
that serves it. Does not: prompts (`completion/prompt`), budgets (`writing/writers`), what was spent
in the end (`store/writing_record`).

The list of prices is part of the package genai-prices, of the extra `llm`; its updater, which would
ask the network, is never started. An unknown price is None and never 0: a private server has prices
that no list holds. With a proxy, a model that is named with its provider counts with the provider's
price.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from jira_pipeline.drupal.meaning.notes import readable
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.json_values import select_fields
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.completion.prompt import (
    PromptRule,
    TicketToComplete,
    is_asked,
    tokens_of,
)
from jira_pipeline.writing.form_choice import form_for
from jira_pipeline.writing.models.conversation import (
    NOTHING_CACHED,
    CachedTokens,
    PriceOf,
    provider_and_name,
)

CURRENCY = "USD"
"""All prices of the list are in it."""
TOKENS_HIGH = {"openai": Fraction(11, 10)}
"""By provider, how many real tokens one counted token may be at most.

A prompt has 0.92 to 1.09 times characters / 4, all prompts together 0.96 to 0.98. Measured on the
108 prompts of UWEC and the example with o200k_base and cl100k_base.
"""
TOKENS_HIGH_OF_OTHERS = Fraction(3, 2)
"""The same for all other providers, whose tokenizers differ.

That of Claude 4.7 and later counts 1.2 to 1.47 times as many as the one before.

Source: Anthropic's migration guide (1.0 to 1.35) and a count over its own interface (1.47 for
technical documents), 2026-04.
"""
TOKENS_OUT_RANGE = (Fraction(3, 4), Fraction(3, 2))
"""The shortest and the longest answer, as shares of the expected length."""
THINKING_TOKENS = 1_000
"""What a model that thinks first may add to an answer; it is charged like the answer."""
COMPLAINT_TOKENS = 200
"""Added to a request that says what is wrong with the last answer."""
SECONDS_RANGE = (5, 45)
"""How long an answer takes: a small model answers at once, a large one thinks first."""
TEMPLATE_SECONDS_A_TICKET = 0.05
"""The whole job `generate_tickets` takes 0.035 s a ticket on UWEC, 0.042 s on the example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRequest:
    """The size of the request about one ticket, and of its answer, in counted tokens."""

    tokens_in: int
    """Instructions, rows, ticket and the schema of the answer."""
    tokens_shared: int = 0
    """Those of `tokens_in` that every request of the session begins with: a cache may hold them."""
    tokens_out: int
    """An answer of the length that its form is expected to have."""
    is_shortened: bool
    """The rows are too many for one request; the prompt leaves some out and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """Tokens, money and time for one writer to write the tickets of a session.

    Every cost is None where the price of the model is unknown.
    """

    writer: str
    tickets: int
    """How many tickets are to be written."""
    asked_count: int
    """How many of these a model is asked about."""
    kept_count: int
    """How many of those have a paid answer in the store already."""
    shortened: int
    """How many of the others have more rows than fit one request."""
    tokens_in: int
    tokens_out: int
    cost_low: Decimal | None
    """Every answer is short and usable, and the shared tokens come from the provider's cache."""
    cost_high: Decimal | None
    """Every answer is long, comes with thoughts, is asked for twice, and nothing is cached."""
    cost_cached: Decimal | None
    """Every answer is as expected, and the shared tokens come from the provider's cache."""
    cost_uncached: Decimal | None
    """Every answer is as expected, and nothing is cached."""
    tokens_cached: int
    minutes_low: float
    minutes_high: float
    currency: str = CURRENCY

    @property
    def cost_text(self) -> str:
        """What it costs, as people read it."""
        if self.cost_low is None or self.cost_high is None:
            return "not known"
        if not self.cost_high:
            return "nothing"
        return f"{self.cost_low:.2f} to {self.cost_high:.2f} {self.currency}"

    def to_json(self) -> dict[str, object]:
        """Return the shape `estimate --json` promises."""
        costs = select_fields(self, "cost_low cost_high cost_cached cost_uncached")
        return {
            **select_fields(
                self,
                "writer tickets asked=asked_count kept=kept_count shortened tokens_in tokens_out",
            ),
            **{name: cost and round(cost, 4) for name, cost in costs.items()},
            **select_fields(self, "tokens_cached currency"),
            "minutes": round((self.minutes_low + self.minutes_high) / 2, 2),
            "minutes_low": round(self.minutes_low, 2),
            "minutes_high": round(self.minutes_high, 2),
        }


def estimate_by_template(ticket_count: int, *, writer: str) -> CostEstimate:
    """Return the estimate of the template writer: no tokens, no money, and hardly any time."""
    minutes = ticket_count * TEMPLATE_SECONDS_A_TICKET / 60
    return CostEstimate(
        writer=writer,
        tickets=ticket_count,
        asked_count=0,
        kept_count=0,
        shortened=0,
        tokens_in=0,
        tokens_out=0,
        cost_low=Decimal(0),
        cost_high=Decimal(0),
        cost_cached=Decimal(0),
        cost_uncached=Decimal(0),
        tokens_cached=0,
        minutes_low=minutes,
        minutes_high=minutes,
    )


def expected_requests(briefs: Iterable[TicketRows], rule: PromptRule) -> dict[str, ExpectedRequest]:
    """Return the first request about each ticket that a model is asked about, by group key."""
    template = TemplateWriter()
    requests = {}
    for brief in briefs:
        if not is_asked(brief, rule):
            continue
        form = form_for(brief.session.source_word)
        schema_tokens = tokens_of(json.dumps(form.schema))
        prompt = form.prompt_of(TicketToComplete.of(brief), rule)
        parts = template.write(brief).parts
        prose = readable(parts.user_story + parts.analysis + parts.verification)
        sent_texts = (prompt.instructions, prompt.context, prompt.request)
        requests[brief.group.key] = ExpectedRequest(
            tokens_in=sum(map(tokens_of, sent_texts)) + schema_tokens,
            tokens_shared=prompt.stable_tokens,
            tokens_out=form.length.tokens(tokens_of(prose)),
            is_shortened=prompt.is_shortened,
        )
    return requests


def estimate_by_model(
    requests: Sequence[ExpectedRequest],
    *,
    writer: str,
    ticket_count: int,
    asked_count: int,
    concurrency: int,
    price: PriceOf,
) -> CostEstimate:
    """Return what a model takes to write the tickets that are not paid for yet.

    `requests` are those still to be sent, `asked_count` of `ticket_count` tickets are asked about.
    """
    token_factor = TOKENS_HIGH.get(_provider_of(writer), TOKENS_HIGH_OF_OTHERS)
    shortest_share = TOKENS_OUT_RANGE[0]
    rounds = _round_count(len(requests), concurrency=concurrency)
    fast_seconds, slow_seconds = SECONDS_RANGE
    cached_tokens = _cached_tokens(requests)
    costs_low = []
    costs_cached = []
    for request, cached in zip(requests, cached_tokens, strict=True):
        costs_low.append(_cost(request, price, cached, share=shortest_share))
        costs_cached.append(_cost(request, price, cached))
    costs_uncached = [_cost(request, price, NOTHING_CACHED) for request in requests]
    costs_high = [_cost_high(request, price, token_factor) for request in requests]
    tokens_in = sum(request.tokens_in for request in requests)
    tokens_out = sum(request.tokens_out for request in requests)
    shortened_count = sum(request.is_shortened for request in requests)
    minutes_low = rounds * fast_seconds / 60
    # Every answer is asked for twice.
    minutes_high = 2 * rounds * slow_seconds / 60
    return CostEstimate(
        writer=writer,
        tickets=ticket_count,
        asked_count=asked_count,
        kept_count=asked_count - len(requests),
        shortened=shortened_count,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_cached=sum(cached.read for cached in cached_tokens),
        cost_low=_sum(costs_low),
        cost_high=_sum(costs_high),
        cost_cached=_sum(costs_cached),
        cost_uncached=_sum(costs_uncached),
        minutes_low=minutes_low,
        minutes_high=minutes_high,
    )


def _round_count(request_count: int, *, concurrency: int) -> int:
    """Return how many answers are waited for one after the other.

    The first request is sent alone, so that the cache is filled; the others share the places.
    """
    if request_count == 0:
        return 0
    return 1 + math.ceil(Fraction(request_count - 1, concurrency))


def _cached_tokens(requests: Sequence[ExpectedRequest]) -> list[CachedTokens]:
    """Return for each request what it reads from the cache; the first one writes it."""
    cached = [CachedTokens(read=request.tokens_shared) for request in requests]
    if requests:
        cached[0] = CachedTokens(written=requests[0].tokens_shared)
    return cached


_ABOUT_FIGURES = (
    "Tokens are characters / 4: models of OpenAI count up to a tenth more or less, others up to "
    "half as many again. The lower cost is of short answers, with all rows from the provider’s "
    "cache; the higher one of long answers, thought about and asked for twice, with nothing from it."
)


def notes_on(
    estimates: Sequence[CostEstimate], *, has_prices: bool, left_usd: Decimal
) -> tuple[str, ...]:
    """Return what people should know of these estimates before they spend money, as sentences.

    `left_usd` is what is left of the budget. There is nothing to say where no model is asked.
    """
    asking = [estimate for estimate in estimates if estimate.tokens_in]
    if not asking:
        return ()
    notes = [_ABOUT_FIGURES]
    unpriced = [estimate.writer for estimate in asking if estimate.cost_high is None]
    if unpriced and not has_prices:
        notes.append(
            "Prices are not installed: `make llm` in a checkout, else "
            "`pip install 'jira-pipeline[llm]'`."
        )
    elif unpriced:
        notes.append(
            f"Nobody knows the price of {', '.join(unpriced)} where it is served: the budget "
            "cannot bound it, WRITER_MAX_REQUESTS does."
        )
    if any(e.cost_high is not None and e.cost_high > left_usd for e in asking):
        notes.append(
            "The higher cost goes beyond WRITER_BUDGET: writing would stop there, keep what is "
            "written and paid for, and go on once the budget is raised."
        )
    shortened = max(estimate.shortened for estimate in asking)
    if shortened:
        are = "ticket is" if shortened == 1 else "tickets are"
        notes.append(
            f"{shortened} {are} asked about with a part of the rows (WRITER_CONTEXT_TOKENS)."
        )
    return tuple(notes)


def _cost(
    request: ExpectedRequest, price: PriceOf, cached: CachedTokens, *, share: Fraction = Fraction(1)
) -> Decimal | None:
    """Return the price of one request whose answer is `share` of the expected length."""
    return price(
        tokens_in=request.tokens_in, tokens_out=int(request.tokens_out * share), cached=cached
    )


def _cost_high(request: ExpectedRequest, price: PriceOf, token_factor: Fraction) -> Decimal | None:
    """Return the price of an answer that is asked for twice, each time long and with thoughts.

    The second request carries the first answer and what is wrong with it.
    """
    tokens_in = int(request.tokens_in * token_factor)
    answer_tokens = int(request.tokens_out * TOKENS_OUT_RANGE[1] * token_factor)
    tokens_out = answer_tokens + THINKING_TOKENS
    first = price(tokens_in=tokens_in, tokens_out=tokens_out)
    tokens_in_again = tokens_in + answer_tokens + COMPLAINT_TOKENS
    second = price(tokens_in=tokens_in_again, tokens_out=tokens_out)
    return _sum((first, second))


def _sum(costs: Iterable[Decimal | None]) -> Decimal | None:
    """Add up costs; None where one of them is unknown."""
    total = Decimal(0)
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total


if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

PROVIDER_BY_START = {"gpt-": "openai", "claude-": "anthropic"}
"""The provider of a model that is named without one, by how its name begins."""


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
        tokens_in: All tokens of the request.
        tokens_out: All tokens of the answer, thoughts among them.
        cached: Those of `tokens_in` that the provider's cache held or stored.
        base_url: Another address that serves the model; its prices count where the list has them.
        at: When the request is sent, as prices change; None means now.
    """
    usage = {
        "input_tokens": tokens_in,
        "output_tokens": tokens_out,
        "cache_read_tokens": cached.read,
        "cache_write_tokens": cached.written,
    }
    price = _list_price(model, usage=usage, base_url=base_url, at=at)
    is_provider_named = bool(provider_and_name(model)[0])
    if price is None and is_provider_named:  # the list does not have the address
        price = _list_price(model, usage=usage, base_url=None, at=at)
    if price is None:
        return None
    # A model of sound or pictures has no price of tokens: the list would count those as 0.
    if price.model_price.input_mtok is None or price.model_price.output_mtok is None:
        return None
    return price.total_price


def context_tokens_of(model: str, *, base_url: str | None) -> int:
    """Return how many tokens of rows a model is sent by default: two thirds of what it can read."""
    price = _list_price(model, usage={"input_tokens": 0}, base_url=base_url, at=None)
    window = price.model.context_window if price is not None else None
    if window is None:
        return CONTEXT_TOKENS
    # A third of the room for rows is left to tokenizers that count more.
    return max(CONTEXT_TOKENS_LEAST, min(CONTEXT_TOKENS_MOST, (window - REST_TOKENS) * 2 // 3))


CONTEXT_TOKENS = 100_000
"""Where the list does not say what a model can read: one that reads less says so, and gets half."""
CONTEXT_TOKENS_LEAST = 4_000
"""Sent to the smallest model, too: one that cannot read them says so, and gets half."""
CONTEXT_TOKENS_MOST = 300_000
"""The largest real site measured has 102,000; more costs money that few tickets are worth."""
REST_TOKENS = 24_000
"""Room for the instructions, the ticket, and the longest answer."""


def has_price_list() -> bool:
    """Tell whether the extra with the list prices is installed."""
    try:
        import genai_prices  # noqa: F401, PLC0415 - an extra, and slow to import
    except ModuleNotFoundError:
        return False
    return True


def _list_price(
    model: str, *, usage: dict[str, int], base_url: str | None, at: datetime | None
) -> "PriceCalculation | None":
    """Look a model up in the list, by address where one is given, else by provider.

    None where the list is not installed or does not have the model.
    """
    if not has_price_list():
        return None
    from genai_prices import calc_price  # noqa: PLC0415 - an extra, and slow to import

    name = provider_and_name(model)[1]
    provider = _provider_of(model)
    try:
        if base_url is not None:
            return calc_price(usage, name, provider_api_url=base_url, genai_request_timestamp=at)
        return calc_price(usage, name, provider_id=provider, genai_request_timestamp=at)
    except LookupError:  # the list does not have the model or the provider
        return None


def _provider_of(model: str) -> str:
    """Return who serves a model; empty where neither the prefix nor the name shows it."""
    provider = provider_and_name(model)[0]
    if provider:
        return provider
    for name_start, provider_of_start in PROVIDER_BY_START.items():
        if model.startswith(name_start):
            return provider_of_start
    return ""
