"""What the tickets of a session would cost with a model, known before anything is spent.

Belongs here: expected tokens, money and time, from the prompts as they would be sent; the price of
a model, by provider or by the address that serves it. Does not: prompts (`completion/prompt`),
budgets (`writing/writers`), what was spent in the end (`store/writing_record`).

The list of prices is part of the package genai-prices, of the extra `llm`; its updater, which would
ask the network, is never started. A price nobody knows is None and never 0: a server of one's own
has prices that no list holds. With a proxy, a model that is named with its provider counts with the
provider's price.
"""

import json
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
    prompt_of,
    tokens_of,
)
from jira_pipeline.writing.models.conversation import (
    NOTHING_CACHED,
    CachedTokens,
    PriceOf,
    answer_schema,
    provider_and_name,
)

CURRENCY = "USD"
"""Of every price in the list."""
TOKENS_HIGH = {"openai": Fraction(11, 10)}
"""Real tokens of a prompt are 0.92 to 1.09 times characters / 4, together 0.96 to 0.98.

Measured on the 108 prompts of UWEC and the example with o200k_base and cl100k_base.
"""
TOKENS_HIGH_OF_OTHERS = Fraction(3, 2)
"""Tokenizers differ: that of Claude 4.7 and later counts 1.2 to 1.47 times as many as the one before.

Source: Anthropic's migration guide (1.0 to 1.35) and a count over its own interface (1.47 for
technical documents), 2026-04.
"""
TOKENS_OUT_RANGE = (Fraction(3, 4), Fraction(3, 2))
"""Of the length of the template's own prose: models write shorter or longer than it does."""
FRAME_TOKENS = 40
"""Names of the fields around an answer."""
THINKING_TOKENS = 1_000
"""What a model that thinks first may add to an answer; it is charged like the answer."""
COMPLAINT_TOKENS = 200
"""Added to a request when an answer is asked for once more."""
SECONDS_RANGE = (5, 45)
"""How long an answer takes: small models that answer at once, large ones that think first."""
TEMPLATE_SECONDS_A_TICKET = 0.05
"""The whole job `generate_tickets` takes 0.035 s a ticket on UWEC, 0.042 s on the example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRequest:
    """What is asked for one ticket."""

    tokens_in: int
    """Instructions, rows, ticket and the schema of the answer, as characters / 4."""
    tokens_shared: int = 0
    """Of these, the ones that every request of the session has: a cache may hold them."""
    tokens_out: int
    """Of changes as long as the template's prose."""
    is_shortened: bool
    """The rows are too many for one request; the prompt leaves some out and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """What it takes to have one writer write the tickets of a session."""

    writer: str
    tickets: int
    """All tickets of the session."""
    asked: int
    """Those of them that a model is asked about."""
    kept: int
    """Those of them that are paid for already."""
    shortened: int
    """Those still to be written whose facts do not fit one request."""
    tokens_in: int
    tokens_out: int
    cost_low: Decimal | None
    """Every answer short and good at once, from the cache; None where nobody knows the price."""
    cost_high: Decimal | None
    """Every answer long, thought about, asked for once more, and nothing from a cache."""
    cost_cached: Decimal | None
    """Every answer as expected, asked for once, what all requests share from the provider's cache."""
    cost_uncached: Decimal | None
    """The same where the provider keeps nothing."""
    tokens_cached: int
    minutes_low: float
    minutes_high: float
    currency: str = CURRENCY

    def to_json(self) -> dict[str, object]:
        """Return the shape `estimate --json` promises."""
        costs = select_fields(self, "cost_low cost_high cost_cached cost_uncached")
        return {
            **select_fields(self, "writer tickets asked kept shortened tokens_in tokens_out"),
            **{name: cost and round(cost, 4) for name, cost in costs.items()},
            **select_fields(self, "tokens_cached currency"),
            "minutes": round((self.minutes_low + self.minutes_high) / 2, 2),
            "minutes_low": round(self.minutes_low, 2),
            "minutes_high": round(self.minutes_high, 2),
        }


def estimate_by_template(ticket_count: int, *, writer: str) -> CostEstimate:
    """Return what the template writer takes: no tokens, no money, and hardly any time."""
    minutes = ticket_count * TEMPLATE_SECONDS_A_TICKET / 60
    return CostEstimate(
        writer=writer,
        tickets=ticket_count,
        asked=0,
        kept=0,
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
    """Return what would be asked for each ticket that a model is asked about, by group, in order."""
    template = TemplateWriter()
    schema_tokens = tokens_of(json.dumps(answer_schema()))
    found = {}
    for brief in (brief for brief in briefs if is_asked(brief, rule)):
        prompt = prompt_of(TicketToComplete.of(brief), rule)
        parts = template.write(brief).parts
        prose = readable(parts.user_story + parts.analysis + parts.verification)
        sent = (prompt.instructions, prompt.context, prompt.request)
        found[brief.group.key] = ExpectedRequest(
            tokens_in=sum(map(tokens_of, sent)) + schema_tokens,
            tokens_shared=prompt.stable_tokens,
            tokens_out=tokens_of(prose) + FRAME_TOKENS,
            is_shortened=prompt.is_shortened,
        )
    return found


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

    The first request fills the cache, alone; the others read from it.
    """
    rounds = 1 + -(-(len(requests) - 1) // concurrency) if requests else 0
    error = TOKENS_HIGH.get(_provider_of(writer), TOKENS_HIGH_OF_OTHERS)
    fast, slow = SECONDS_RANGE
    shared = [
        CachedTokens(written=request.tokens_shared)
        if place == 0
        else CachedTokens(read=request.tokens_shared)
        for place, request in enumerate(requests)
    ]
    short = TOKENS_OUT_RANGE[0]
    cached = list(zip(requests, shared, strict=True))
    return CostEstimate(
        writer=writer,
        tickets=ticket_count,
        asked=asked_count,
        kept=asked_count - len(requests),
        shortened=sum(request.is_shortened for request in requests),
        tokens_in=sum(request.tokens_in for request in requests),
        tokens_out=sum(request.tokens_out for request in requests),
        tokens_cached=sum(held.read for held in shared),
        cost_low=_sum(_cost(r, price, held, share=short) for r, held in cached),
        cost_high=_sum(_cost_high(request, price, error) for request in requests),
        cost_cached=_sum(_cost(r, price, held) for r, held in cached),
        cost_uncached=_sum(_cost(r, price, NOTHING_CACHED) for r in requests),
        minutes_low=rounds * fast / 60,
        minutes_high=2 * rounds * slow / 60,
    )


_ABOUT_FIGURES = (
    "Tokens are characters / 4: models of OpenAI count up to a tenth more or less, others up to "
    "half as many again. The lower cost is of short answers, with all rows from the provider’s "
    "cache; the higher one of long answers, thought about and asked for twice, with nothing from it."
)


def notes_on(
    estimates: Sequence[CostEstimate], *, has_prices: bool, left_usd: Decimal
) -> tuple[str, ...]:
    """Say what people should know of these figures before they spend money."""
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
    if shortened := max(estimate.shortened for estimate in asking):
        are = "ticket is" if shortened == 1 else "tickets are"
        notes.append(
            f"{shortened} {are} asked about with a part of the rows (WRITER_CONTEXT_TOKENS)."
        )
    return tuple(notes)


def _cost(
    request: ExpectedRequest, price: PriceOf, cached: CachedTokens, *, share: Fraction = Fraction(1)
) -> Decimal | None:
    return price(
        tokens_in=request.tokens_in, tokens_out=int(request.tokens_out * share), cached=cached
    )


def _cost_high(request: ExpectedRequest, price: PriceOf, error: Fraction) -> Decimal | None:
    """Count the answer twice: the second request carries the first answer and what is wrong."""
    tokens_in = int(request.tokens_in * error)
    written = int(request.tokens_out * TOKENS_OUT_RANGE[1] * error)
    tokens_out = written + THINKING_TOKENS
    again = price(tokens_in=tokens_in + written + COMPLAINT_TOKENS, tokens_out=tokens_out)
    return _sum((price(tokens_in=tokens_in, tokens_out=tokens_out), again))


def _sum(costs: Iterable[Decimal | None]) -> Decimal | None:
    """Add up; one price that is not known leaves the sum unknown."""
    every = [*costs]
    known = [cost for cost in every if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(every) else None


if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

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
    usage = {
        "input_tokens": tokens_in,
        "output_tokens": tokens_out,
        "cache_read_tokens": cached.read,
        "cache_write_tokens": cached.written,
    }
    price = _list_price(model, usage=usage, base_url=base_url, at=at)
    if price is None and provider_and_name(model)[0]:  # behind an address that the list has not
        price = _list_price(model, usage=usage, base_url=None, at=at)
    # Sound and pictures have other prices than tokens, counted as 0.
    by_token = price and (price.model_price.input_mtok, price.model_price.output_mtok)
    return price.total_price if price and by_token and None not in by_token else None


def context_tokens_of(model: str, *, base_url: str | None) -> int:
    """Return how many tokens of rows a model is sent, where nobody says: by what it can read."""
    price = _list_price(model, usage={"input_tokens": 0}, base_url=base_url, at=None)
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


def _list_price(
    model: str, *, usage: dict[str, int], base_url: str | None, at: datetime | None
) -> "PriceCalculation | None":
    """Ask the list: by address where one is given, else by provider; None where it has none."""
    if not has_price_list():
        return None
    from genai_prices import calc_price  # noqa: PLC0415 - an extra, and slow to import

    name = provider_and_name(model)[1]
    provider = _provider_of(model)
    try:
        if base_url is not None:
            return calc_price(usage, name, provider_api_url=base_url, genai_request_timestamp=at)
        return calc_price(usage, name, provider_id=provider, genai_request_timestamp=at)
    except LookupError:  # the list has it not, or nobody knows the provider
        return None


def _provider_of(model: str) -> str:
    """Return who serves a model; empty where neither the prefix nor the name shows it."""
    starts = (name for start, name in PROVIDER_BY_START.items() if model.startswith(start))
    return provider_and_name(model)[0] or next(starts, "")
