"""Language models before they are asked: `check-writer`, and what a session would cost, `estimate`.

Does not belong here: asking (`writing/models`), prices (`writing/cost_estimate`).
"""

from dataclasses import asdict
from typing import Annotated

import typer

from jira_pipeline.cli.console import (
    Screen,
    exit_code_of,
    format_duration,
    format_steps,
    key_values,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.writing import writers
from jira_pipeline.writing.cost_estimate import CostEstimate

WriterOption = Annotated[
    str | None, "--writer MODEL", "Same format as WRITER_MODEL, e.g. openai:gpt-5-mini."
]


def estimate(screen: Screen, session: "OpenSession", *, writer: WriterOption = None) -> None:
    """Estimate what writing the tickets will cost in tokens, money and minutes. Nothing is spent.

    For example:

    jira-pipeline estimate my_site --writer openai:gpt-5-mini
    """
    writers.refuse_unknown_writer(session.pipeline, writer, where="--writer")
    estimate = writers.estimate(session, writer=writer)
    screen.answer(estimate)
    estimated = estimate.estimate
    rows = {
        "writer": estimated.writer,
        "tickets": _tickets_text(estimated),
        "tokens": "none",
        "cost": estimated.cost_text,
        "expected": "nothing",
        "time": _time(estimated),
    }
    if estimated.tokens_in:
        rows["tokens"] = f"about {estimated.tokens_in:,} in, {estimated.tokens_out:,} out"
        rows["expected"] = _expected(estimated)
    for name, other in estimate.of_choices.items():
        if other.asked_count != estimated.asked_count:
            cost = f"{other.cost_text}; expected {_expected(other)}"
            rows[f"WRITER_FOR={name}"] = f"{format_count(other.asked_count, 'ticket')}, {cost}"
    if estimated.tokens_in:
        rows["limits"] = (
            f"{estimate.budget:f} US dollars and {estimate.requests_max:,} requests for the session; "
            f"{estimate.spent:.2f} spent so far"
        )
    screen.show(key_values(rows))
    shown = [
        (
            typical.writer,
            f"{typical.tokens_in:,}",
            typical.cost_text,
            _expected(typical),
            _time(typical),
        )
        for typical in estimate.typical
    ]
    screen.table(("with a model", "tokens in", "cost", "expected", "time"), shown, if_any=True)
    screen.say(*estimate.notes)


def _tickets_text(estimated: CostEstimate) -> str:
    """Say how many tickets are written, how many of them by the model, and which are already."""
    text = str(estimated.tickets)
    if 0 < estimated.asked_count < estimated.tickets:
        text += f", {estimated.asked_count} for the model"
    if estimated.kept_count:
        text += f", {estimated.kept_count} of them already written and paid for"
    return text


def check_writer(screen: Screen, pipeline: Pipeline, *, writer: WriterOption = None) -> None:
    """Check whether the writer is working; a model is asked to respond to a made-up ticket."""
    writers.refuse_unknown_writer(pipeline, writer, where="--writer")
    health = writers.check(pipeline, writer=writer, is_trial=True)
    screen.answer(health)
    rows = {
        "writer": health.writer,
        "status": health.status.value,
        **{name: sign.replace("_", " ") for name, sign in asdict(health.signs).items()},
        "answered in": "" if health.seconds is None else f"{health.seconds:.1f} s",
        "it said": health.reason,
    }
    screen.show(key_values(rows))
    is_template = health.writer.startswith("template/")
    sent = "" if is_template else writers.sent_rows_text(pipeline.settings)
    screen.say(sent, *format_steps(health.next_steps))
    if health.error is not None:
        raise typer.Exit(exit_code_of(health.error))


def _expected(estimated: CostEstimate) -> str:
    """Say what it mostly costs, where the provider keeps what all requests share and where not."""
    cached = estimated.cost_cached
    uncached = estimated.cost_uncached
    if cached is None or uncached is None:
        return "not known"
    return f"{cached:.2f} with the provider’s cache, {uncached:.2f} without"


def _time(estimated: CostEstimate) -> str:
    low = format_duration(estimated.minutes_low)
    high = format_duration(estimated.minutes_high)
    return low if low == high else f"{low} to {high}"
