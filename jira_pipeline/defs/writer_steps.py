"""What is asked about writers, as the command line and later the API take it.

Belongs here: what a session would cost with the configured writer or another. Does not: how that
is computed (`writers/cost_estimate`), writing (`session_steps`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.writing import TicketBrief
from jira_pipeline.settings import TEMPLATE, Settings
from jira_pipeline.stages.ticket_generation import briefs_of
from jira_pipeline.writers import template
from jira_pipeline.writers.cost_estimate import (
    CostEstimate,
    ExpectedRequest,
    estimate_by_model,
    estimate_by_template,
    expected_requests,
    notes_on,
)
from jira_pipeline.writers.costs import has_price_list, price_usd

PROMPT_MAX_TOKENS = 24_000
TYPICAL_MODELS = (
    "openai:gpt-6-luna",
    "openai:gpt-6.1-terra",
    "openai:gpt-6.1-sol",
    "anthropic:claude-haiku-5-5",
    "anthropic:claude-sonnet-5-5",
    "anthropic:claude-opus-5-5",
)
"""A small, a middle and a large one of each provider, for people who have not chosen yet.

Source: the price list of genai-prices 0.2.3, 2026-11.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEstimate:
    """What the tickets of a session take, with what bounds it."""

    session_key: str
    estimate: CostEstimate
    typical: tuple[CostEstimate, ...]
    """The same with models people choose often; empty where one is named or configured."""
    spent: Decimal
    """On this session so far; it counts towards the budget."""
    budget: Decimal
    requests_max: int
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the shape `estimate --json` promises."""
        return self.estimate.to_json() | {
            "session_key": self.session_key,
            "providers": [model.to_json() for model in self.typical],
            "spent": float(self.spent),
            "budget": float(self.budget),
            "requests_max": self.requests_max,
            "notes": list(self.notes),
        }


def estimate(
    pipeline: Pipeline, session: UploadSession, *, writer: str | None = None
) -> SessionEstimate:
    """Estimate what a session takes with a writer: the named one, or the one that would write.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
    """
    settings = pipeline.settings.with_writer(writer or pipeline.writer_name(session))
    contents = pipeline.contents(session)
    briefs = briefs_of(session, groups=contents.groups, specification=contents.specification)
    typical: tuple[CostEstimate, ...] = ()
    if settings.writer_model != TEMPLATE:
        found = _by_model(settings, briefs=briefs, requests=_requests(briefs))
    else:
        found = estimate_by_template(len(briefs), writer=template.NAME)
        typical = () if writer else _typical(settings, briefs)
    spent = pipeline.store.writing.spending(session.session_key).cost_usd
    return SessionEstimate(
        session_key=session.session_key,
        estimate=found,
        typical=typical,
        spent=spent,
        budget=settings.writer_budget,
        requests_max=settings.writer_max_requests,
        notes=notes_on(
            typical or (found,),
            has_prices=has_price_list(),
            left_usd=settings.writer_budget - spent,
        ),
    )


def _requests(briefs: Sequence[TicketBrief]) -> tuple[ExpectedRequest, ...]:
    return tuple(expected_requests(briefs, max_tokens=PROMPT_MAX_TOKENS))


def _by_model(
    settings: Settings, *, briefs: Sequence[TicketBrief], requests: Sequence[ExpectedRequest]
) -> CostEstimate:
    model = settings.writer_model or TEMPLATE
    return estimate_by_model(
        requests,
        writer=model,
        ticket_count=len(briefs),
        concurrency=settings.writer_concurrency,
        price=partial(price_usd, model, base_url=settings.writer_base_url),
    )


def _typical(settings: Settings, briefs: Sequence[TicketBrief]) -> tuple[CostEstimate, ...]:
    """Estimate with models of every provider, each at its own address."""
    at_providers = settings.model_copy(update={"writer_base_url": None})
    requests = _requests(briefs)
    return tuple(
        _by_model(at_providers.with_writer(model), briefs=briefs, requests=requests)
        for model in TYPICAL_MODELS
    )
