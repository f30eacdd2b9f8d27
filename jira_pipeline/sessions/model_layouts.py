"""Asking the model that writes a session's tickets for the layout of its worksheets.

A layout says which cells of worksheets are which columns of ours. The model's best draft comes back
as a `ModelLayoutWork`, with what it cost and what a person has to answer for. Nothing is stored, and
nothing has an effect before a person saves and confirms it.

Belongs here: which model is asked about which worksheets, the estimate, the draft. Does not: rounds
and which parts of an answer are taken (`writing/layouts`), saving and confirming drafts
(`sessions/layouts`).
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal

from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import TEMPLATE, Settings
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.model_requests import NOTHING_SPENT, Spending
from jira_pipeline.sessions.layouts import LayoutOrigin, LayoutWork, propose_layout, with_proposals
from jira_pipeline.sheets.layouts.layout_checks import check_layout
from jira_pipeline.writing.completion.prompt import tokens_of
from jira_pipeline.writing.layouts.layout_rounds import (
    ROUNDS_MAX,
    LayoutRound,
    ask_in_rounds,
    first_question,
    worksheets_to_ask,
)
from jira_pipeline.writing.layouts.pointing import statements_of
from jira_pipeline.writing.models.conversation import ModelTools
from jira_pipeline.writing.writers import model_tools

ANSWER_TOKENS = 3_000
"""What one answer is estimated with; layouts of six workbooks, as JSON, have 1,000 to 4,000."""


@json_fields(
    "session_key=session.session_key origin revision sheets_shown=session.sheets_shown is_settled "
    "layout=layout_json unsettled=unsettled_json findings=checks.findings model round_count "
    "reason refused statements writer_cost_usd=spending.known_cost_usd "
    "writer_requests=spending.requests writer_tokens_in=spending.tokens_in "
    "writer_tokens_out=spending.tokens_out"
)
@dataclass(frozen=True, kw_only=True)
class ModelLayoutWork(LayoutWork):
    """The worksheets of a session, and the best draft that a model proposed for them."""

    model: str
    round_count: int
    """How often it was asked; 0 where the headers of all worksheets are known without it."""
    reason: str
    """Why it was not asked again, where an interruption or an error kept it; empty otherwise."""
    refused: tuple[str, ...]
    """The parts of its answer that were not taken, with their reasons."""
    statements: tuple[str, ...]
    """Sentences on what no cell proves, such as constants and rows left out, for whoever confirms."""
    spending: Spending
    """The requests, tokens and money that it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutEstimate:
    """What it would cost to ask a model for the layout of worksheets."""

    model: str
    worksheet_count: int
    tokens_in: int
    """The tokens of the first round; a further one has the last answer and its faults besides."""
    cost_low_usd: Decimal | None
    """The cost of one round; None where the price is unknown."""
    cost_high_usd: Decimal | None
    """The cost of `ROUNDS_MAX` rounds."""

    @override
    def __str__(self) -> str:
        size = (
            f"Asking {self.model} about {format_count(self.worksheet_count, 'worksheet')}: headers, "
            f"first rows and merges, some {self.tokens_in:,} tokens a round, {ROUNDS_MAX} rounds "
            "at most"
        )
        if self.cost_low_usd is None or self.cost_high_usd is None:
            return f"{size}, price unknown."
        return f"{size}, {self.cost_low_usd:.4f} to {self.cost_high_usd:.4f} US dollars."


def model_of(pipeline: Pipeline, session_key: str) -> str | None:
    """Return the model that writes the tickets of a session; None where no model does."""
    session = pipeline.store.sessions.get(session_key)
    name = session.writer or session.manifest.writer or pipeline.settings.writer_model
    return None if name in {None, "", TEMPLATE} else name


def estimate_model_layout(pipeline: Pipeline, session_key: str) -> LayoutEstimate | None:
    """Return what asking a session's model for a layout would cost; None where there is no need.

    Raises:
        WrongUseError: No model is configured, or its files are packages.
    """
    tools = model_tools(pipeline, _settings_of(pipeline, session_key))
    start = propose_layout(pipeline, session_key)
    worksheets = worksheets_to_ask(start.upload)
    return _estimate(start, tools, worksheet_count=len(worksheets)) if worksheets else None


def propose_by_model(
    pipeline: Pipeline,
    session_key: str,
    *,
    on_start: Callable[[LayoutEstimate], None],
    on_round: Callable[[LayoutRound], None],
) -> ModelLayoutWork:
    """Ask the model of a session for the layout of its worksheets, and return the best draft.

    For worksheets that the draft does not name, it has what their names and headers suggest.
    `on_start` gets the estimate before anything is asked, `on_round` each round when it is over.

    Raises:
        WriterError: The model cannot be asked, or limits are reached, before there was an answer.
        WrongUseError: No model is configured, or its files are packages.
    """
    settings = _settings_of(pipeline, session_key)
    tools = model_tools(pipeline, settings)
    start = propose_layout(pipeline, session_key)
    worksheets = worksheets_to_ask(start.upload)
    if not worksheets:
        return _work(start, tools)
    on_start(_estimate(start, tools, worksheet_count=len(worksheets)))
    before = pipeline.store.writing.spending(session_key)
    rounds = ask_in_rounds(start.upload, tools, session_key=session_key, on_round=on_round)
    spent = _difference(pipeline.store.writing.spending(session_key), before)
    return _work(
        start,
        tools,
        best=rounds.best,
        round_count=rounds.count,
        reason=rounds.reason or rounds.best.fault,
        spending=spent,
    )


def _settings_of(pipeline: Pipeline, session_key: str) -> Settings:
    """Return the settings with the model of a session.

    Raises:
        WrongUseError: No model writes its tickets.
    """
    model = model_of(pipeline, session_key)
    if model is None:
        raise WrongUseError(
            f"No model writes the tickets of session {session_key}, so none was asked.",
            recovery_actions=("Set WRITER_MODEL, or propose the layout without a model.",),
        )
    return pipeline.settings.with_writer(model)


def _work(
    start: LayoutWork,
    tools: ModelTools,
    *,
    best: LayoutRound | None = None,
    round_count: int = 0,
    reason: str = "",
    spending: Spending = NOTHING_SPENT,
) -> ModelLayoutWork:
    """Return a draft of a model, with proposals for the worksheets that it does not name.

    `start` is the proposal without a model, which is all there is where `best` is None.
    """
    layout = start.layout if best is None else with_proposals(best.layout, start.grids)
    checks = check_layout(layout, start.upload)
    statements = statements_of(layout, checks.reading.checked.applied, start.grids)
    return ModelLayoutWork(
        session=start.session,
        upload=checks.upload,
        layout=layout,
        origin=LayoutOrigin.PROPOSED if best is None else LayoutOrigin.BY_MODEL,
        revision=start.revision,
        draft=None,
        last_change=start.last_change,
        checks=checks,
        # These four are computed once somebody saved it as a draft.
        refusals=(),
        version_changes=(),
        tickets=None,
        quoting_tickets={},
        model=tools.model,
        round_count=round_count,
        reason=reason,
        refused=() if best is None else tuple(map(str, best.refused)),
        statements=() if best is None else statements,
        spending=spending,
    )


def _estimate(start: LayoutWork, tools: ModelTools, *, worksheet_count: int) -> LayoutEstimate:
    """Estimate one round, and all rounds, from the first question as it would be sent."""
    question = first_question(start.upload)
    tokens_in = sum(tokens_of(text) for text in question.texts)
    low = tools.price_of(tokens_in=tokens_in, tokens_out=ANSWER_TOKENS)
    # A further round repeats the question, with the answer before and what is wrong with it.
    further_tokens_in = tokens_in + 2 * ANSWER_TOKENS
    further_round = tools.price_of(tokens_in=further_tokens_in, tokens_out=ANSWER_TOKENS)
    high = None
    if low is not None and further_round is not None:
        high = low + (ROUNDS_MAX - 1) * further_round
    return LayoutEstimate(
        model=tools.model,
        worksheet_count=worksheet_count,
        tokens_in=tokens_in,
        cost_low_usd=low,
        cost_high_usd=high,
    )


def _difference(after: Spending, before: Spending) -> Spending:
    """Return what was spent between two counts."""
    names = [count_field.name for count_field in fields(Spending)]
    return Spending(**{name: getattr(after, name) - getattr(before, name) for name in names})
