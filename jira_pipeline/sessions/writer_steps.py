"""What is asked about writers, as the command line and later the API take it.

Belongs here: what a session would cost with the configured writer or another, whether that writer
is well, what it says of an error. Does not: how that is found out (`writers/cost_estimate`,
`writers/asking/health`, `writers/asking/error_words`), writing tickets (`generation_steps`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.ports.writing import ModelWords, TicketBrief
from jira_pipeline.sessions.commands import words_of
from jira_pipeline.sessions.composition import Pipeline, model_tools, open_writer
from jira_pipeline.settings import TEMPLATE, Settings
from jira_pipeline.stages.error_explanations import ErrorExplanation, with_words
from jira_pipeline.stages.ticket_generation import briefs_of
from jira_pipeline.writers import template
from jira_pipeline.writers.asking.error_words import ModelExplainer
from jira_pipeline.writers.asking.health import WriterHealth, check_model, health_of_template
from jira_pipeline.writers.asking.ticket_conversation import PROMPT_MAX_TOKENS
from jira_pipeline.writers.checked_writer import CheckedWriter
from jira_pipeline.writers.cost_estimate import (
    CostEstimate,
    ExpectedRequest,
    estimate_by_model,
    estimate_by_template,
    expected_requests,
    notes_on,
)
from jira_pipeline.writers.costs import has_price_list, price_usd

CHECK_TIMEOUT_SECONDS = 30.0
"""Somebody waits for the answer to one small question."""
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
    opened = open_writer(settings, record=pipeline.store.writing, clock=pipeline.clock)
    typical: tuple[CostEstimate, ...] = ()
    if isinstance(opened, CheckedWriter):
        requests = _requests(opened.unpaid(briefs))
        found = _by_model(settings, ticket_count=len(briefs), requests=requests)
    else:
        found = estimate_by_template(len(briefs), writer=opened.name)
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


def check(pipeline: Pipeline, *, writer: str | None = None) -> WriterHealth:
    """Ask the configured writer, or the named one, whether it can be used now.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
    """
    settings = pipeline.settings.with_writer(writer or pipeline.settings.writer_model or TEMPLATE)
    if settings.writer_model == TEMPLATE:
        return health_of_template(template.NAME)
    timeout = min(settings.writer_timeout_seconds, CHECK_TIMEOUT_SECONDS)
    impatient = settings.model_copy(update={"writer_timeout_seconds": timeout})
    tools = model_tools(impatient, record=pipeline.store.writing, clock=pipeline.clock)
    return check_model(model=settings.writer_model or TEMPLATE, tools=tools)


def require_writer(
    pipeline: Pipeline, session: UploadSession, *, writer: str | None = None
) -> None:
    """Make sure that whoever is to write a session can be asked, before anything starts (S1-3).

    A model is asked one small question, which no session is charged for; where every answer is
    kept, nobody is.

    Raises:
        WriterError: It cannot be used now, or not as it is configured.
        ConfigurationError: Nobody serves a model of that name.
    """
    name = writer or pipeline.writer_name(session)
    settings = pipeline.settings.with_writer(name)
    opened = open_writer(settings, record=pipeline.store.writing, clock=pipeline.clock)
    if not isinstance(opened, CheckedWriter):
        return
    contents = pipeline.contents(session)
    briefs = briefs_of(session, groups=contents.groups, specification=contents.specification)
    if not opened.has_unpaid(briefs):
        return
    error = check(pipeline, writer=name).error
    if error is not None:
        raise error


def explain(
    pipeline: Pipeline, explanation: ErrorExplanation, *, writer: str | None = None
) -> ErrorExplanation:
    """Add what a model says of a stored error: the named one, the session's, the configured one.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
    """
    session = pipeline.store.sessions.find(explanation.error.session_key or "")
    of_session = None if session is None else pipeline.writer_name(session)
    names = (writer, of_session, pipeline.settings.writer_model)
    model = next((name for name in names if name not in {None, "", TEMPLATE}), None)
    if model is None:
        words = ModelWords(writer="a model", text="", failure=_NO_MODEL)
        return replace(explanation, words=words)
    explainer = ModelExplainer(
        model=model,
        tools=model_tools(
            pipeline.settings.with_writer(model),
            record=pipeline.store.writing,
            clock=pipeline.clock,
        ),
    )
    steps = [words_of(step) for step in explanation.next_steps]
    return with_words(explanation, explainer, session=session, next_steps=steps)


_NO_MODEL = "None is configured; name one with --writer openai:NAME, or WRITER_MODEL in .env."


def _requests(briefs: Sequence[TicketBrief]) -> tuple[ExpectedRequest, ...]:
    return tuple(expected_requests(briefs, max_tokens=PROMPT_MAX_TOKENS))


def _by_model(
    settings: Settings, *, ticket_count: int, requests: Sequence[ExpectedRequest]
) -> CostEstimate:
    model = settings.writer_model or TEMPLATE
    return estimate_by_model(
        requests,
        writer=model,
        ticket_count=ticket_count,
        concurrency=settings.writer_concurrency,
        price=partial(price_usd, model, base_url=settings.writer_base_url),
    )


def _typical(settings: Settings, briefs: Sequence[TicketBrief]) -> tuple[CostEstimate, ...]:
    """Estimate with models of every provider, each at its own address."""
    at_providers = settings.model_copy(update={"writer_base_url": None})
    requests = _requests(briefs)
    return tuple(
        _by_model(at_providers.with_writer(model), ticket_count=len(briefs), requests=requests)
        for model in TYPICAL_MODELS
    )
