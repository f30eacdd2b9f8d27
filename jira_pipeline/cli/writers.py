"""Commands about writers: estimate, check-writer."""

from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import (
    Screen,
    exit_code_of,
    key_values,
    lasting,
    plain_table,
)
from jira_pipeline.cli.context import (
    JsonOption,
    SessionArgument,
    opened,
    opened_session,
    refuse_unknown_writer,
)
from jira_pipeline.sessions.commands import words_of

if TYPE_CHECKING:
    from jira_pipeline.sessions.writers import SessionEstimate
    from jira_pipeline.writers.asking.health import Sign, WriterHealth
    from jira_pipeline.writers.cost_estimate import CostEstimate

WriterOption = Annotated[
    str | None,
    typer.Option(
        "--writer", metavar="MODEL", help="As WRITER_MODEL takes it, such as openai:gpt-5-mini."
    ),
]


def estimate(
    session_key: SessionArgument, *, writer: WriterOption = None, is_json: JsonOption = False
) -> None:
    """Estimate what writing the tickets takes: tokens, money, minutes. Nothing is spent.

    For example:

    jira-pipeline estimate my_site --writer openai:gpt-5-mini
    """
    from jira_pipeline.sessions import writers  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        refuse_unknown_writer(pipeline, writer, option="--writer")
        found = writers.estimate(session, writer=writer)
        screen.answer(found.to_json())
        _show_estimate(screen, found)


def check_writer(*, writer: WriterOption = None, is_json: JsonOption = False) -> None:
    """Check whether the writer can be used now; a model is asked one small question."""
    from jira_pipeline.sessions import writers  # noqa: PLC0415 - starts fast

    with opened(is_json=is_json) as (screen, pipeline):
        refuse_unknown_writer(pipeline, writer, option="--writer")
        health = writers.check(pipeline, writer=writer)
        screen.answer(health.to_json())
        _show_health(screen, health)
        if health.error is not None:
            raise typer.Exit(exit_code_of(health.error))


def _show_health(screen: Screen, health: "WriterHealth") -> None:
    rows = {
        "writer": health.writer,
        "status": health.status.value,
        "connectivity": _sign(health.signs.connectivity),
        "availability": _sign(health.signs.availability),
        "authentication": _sign(health.signs.authentication),
        "quota": _sign(health.signs.quota),
        "model": _sign(health.signs.model),
        "answered in": "" if health.seconds is None else f"{health.seconds:.1f} s",
        "it said": health.reason,
    }
    screen.show(key_values({name: text for name, text in rows.items() if text}))
    for number, step in enumerate(health.next_steps, start=1):
        screen.say(f"  {number}. {words_of(step)}")


def _sign(sign: "Sign") -> str:
    return sign.value.replace("_", " ")


def _show_estimate(screen: Screen, found: "SessionEstimate") -> None:
    estimated = found.estimate
    rows = {
        "writer": estimated.writer,
        "tickets": _tickets(estimated),
        "tokens": _tokens(estimated),
        "cost": _cost(estimated),
        "time": _time(estimated),
    }
    if estimated.tokens_in:
        rows["limits"] = (
            f"{found.budget:f} US dollars and {found.requests_max:,} requests for the session; "
            f"{found.spent:.2f} spent so far"
        )
    screen.show(key_values(rows))
    if found.typical:
        shown = [(e.writer, f"{e.tokens_in:,}", _cost(e), _time(e)) for e in found.typical]
        titles = ("with a model", "tokens in", "cost", "time")
        screen.show(plain_table("", titles, shown))
    for note in found.notes:
        screen.say(note)


def _tickets(estimated: "CostEstimate") -> str:
    kept = f", {estimated.kept} of them written and paid for already" if estimated.kept else ""
    return f"{estimated.tickets}{kept}"


def _tokens(estimated: "CostEstimate") -> str:
    if not estimated.tokens_in:
        return "none"
    return f"about {estimated.tokens_in:,} in, {estimated.tokens_out:,} out"


def _cost(estimated: "CostEstimate") -> str:
    low, high = estimated.cost_low, estimated.cost_high
    if low is None or high is None:
        return "not known"
    return "nothing" if not high else f"{low:.2f} to {high:.2f} {estimated.currency}"


def _time(estimated: "CostEstimate") -> str:
    low, high = lasting(estimated.minutes_low), lasting(estimated.minutes_high)
    return low if low == high else f"{low} to {high}"
