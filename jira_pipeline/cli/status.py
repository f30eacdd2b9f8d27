"""How a session is: `status`, once or again and again.

Belongs here: showing it and the rhythm of looking. Does not: what is known of a session, and
gathering it (`sessions/status`).
"""

import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import replace
from typing import Annotated

from rich.live import Live
from rich.table import Table

from jira_pipeline.cli.console import (
    Screen,
    key_values,
    literal,
)
from jira_pipeline.context.runs import run_state
from jira_pipeline.context.states import UNASKED
from jira_pipeline.model.actions import command_of, line_of
from jira_pipeline.model.errors import StoreBusyError, StoreError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.runs import RunHistory
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions import status as session_status
from jira_pipeline.sessions.status import SessionReport


def status(
    screen: Screen,
    session: "OpenSession",
    *,
    is_watching: Annotated[
        bool, "--watch", "Update every second until nothing is running."
    ] = False,
) -> None:
    """Show the state of a session and what to do next."""
    if not is_watching:
        report = session_status.status(session)
        screen.answer(status_json(report))
        screen.show(status_table(report))
        return
    from jira_pipeline.dagster_port.dagster_runs import opened_history

    runs: RunHistory | None = None
    with ExitStack() as opened_home:
        try:
            runs = opened_home.enter_context(opened_history(session.pipeline))
        except StoreError as error:
            screen.err.print(literal(f"Dagster was not asked: {error.message}"))

        def look() -> SessionReport:
            now = session.reload()
            run = UNASKED if runs is None else run_state(now, runs)
            return replace(session_status.status(now), run=run)

        rested = watch_status(screen, look)
    if rested is not None:
        screen.answer(status_json(rested))
        if not screen.out.is_terminal:
            screen.show(status_table(rested))


LOOK_SECONDS = 1.0
IDLE_SHARE = 4.0
"""A look that takes long is followed by so many times its length of waiting: the run goes first."""
Pause = Callable[[float], object]


def status_json(report: SessionReport) -> dict[str, object]:
    """Return the shape `status --json` promises."""
    step = report.next.action
    return {
        **json_object(report),
        "next_step": line_of(step),
        "next_command": command_of(step) or None,
    }


def status_table(report: SessionReport) -> Table:
    """Lay out the state of a session and what to do next."""
    session = report.session
    seconds = report.remaining_seconds
    error = report.error
    at_work = f", {report.run.word} in Dagster" if report.run.word else ""
    spent = f"; {spending_text(report.spending)}" if report.spending.requests else ""
    stopped_at = report.stopped_at_ticket
    is_undone = (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.IDLE)
    rows = {
        "session": f"{session.session_key} ({session.site_name})",
        "target": report.target,
        "exported": "\n".join(share.summary for share in report.shares)
        if len(report.shares) > 1
        else "",
        "stage": report.stage_text,
        "progress": f"{report.progress_percentage:.0f} % {report.progress_text}",
        "tickets": f"{report.situation.ticket_count}, {report.situation.ready_count} ready, "
        f"{report.situation.exported_count} {'left by the undo' if is_undone else 'exported'}",
        "jira": report.agreement,
        "writer": f"{report.writer}{spent}",
        "stale": "; ".join(report.stale) or "no",
        "run": f"{session.run_id or 'none yet'}{at_work}",
        "left": "" if seconds is None else f"about {seconds:.0f} s",
        "stopped at": "" if stopped_at is None else f"ticket {stopped_at}",
        "error": "none"
        if error is None
        else f"{error.message} (jira-pipeline errors {error.error_id})",
        "to look at": "\n".join(map(line_of, report.left.actions(session.session_key))),
        "gone, with words": "\n".join(
            f"{format_count(len(vanished.words), 'decision')} about “{vanished.ticket.title}”, which is "
            f"no longer in the {session.source_word}: jira-pipeline tickets show "
            f"{session.session_key} {vanished.ticket.number}. {vanished.advice}"
            for vanished in report.words_without_rows
        ),
        "moved": "\n".join(
            [
                *(moved.text for moved in report.moved_rows),
                *(moved.text for moved in report.moved_titles),
            ]
        ),
        "removal": report.removal_text,
        "returned": report.returned,
        "settings": "\n".join(report.replaced_settings),
        "next": line_of(report.next.action),
    }
    return key_values(rows)


def watch_status(
    screen: Screen,
    look: Callable[[], SessionReport],
    *,
    pause: Pause = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> SessionReport | None:
    """Show a session again and again on a terminal until it rests, and return how it rests.

    Where people stop looking with Ctrl-C it returns None; whatever is at work continues.
    """
    is_shown = not screen.is_json and screen.out.is_terminal
    try:
        with Live(console=screen.out, auto_refresh=False) if is_shown else nullcontext() as live:
            while True:
                began = monotonic()
                with suppress(StoreBusyError):  # what is shown stays
                    report = look()
                    if live is not None:
                        live.update(status_table(report), refresh=True)
                    if report.is_at_rest:
                        return report
                pause(max(LOOK_SECONDS, IDLE_SHARE * (monotonic() - began)))
    except KeyboardInterrupt:
        screen.say("Stopped watching; running work continues.")
        return None
