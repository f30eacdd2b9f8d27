"""The command `status`: how far a session is and what is next, once or again every second.

A `SessionReport` comes in, and a table of its facts with their labels goes out. A report `is_at_rest`
where nothing runs or is queued: there a watch ends.

Belongs here: the table, and how often a watch looks. Does not: what is known of a session, and gathering
it (`sessions/status`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import replace
from typing import Annotated

from rich.live import Live
from rich.table import Table

from jira_pipeline.cli.console import Screen, key_values, literal
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

LOOK_SECONDS = 1.0
IDLE_SHARE = 4.0
"""After a look that takes long a watch waits so many times as long: the run needs the machine more."""
Pause = Callable[[float], object]


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

        last_report = watch_status(screen, look)
    if last_report is not None:
        screen.answer(status_json(last_report))
        if not screen.out.is_terminal:  # a terminal shows it already
            screen.show(status_table(last_report))


def status_json(report: SessionReport) -> dict[str, object]:
    """Return what `status --json` prints."""
    step = report.next.action
    return {
        **json_object(report),
        "next_step": line_of(step),
        "next_command": command_of(step) or None,
    }


def status_table(report: SessionReport) -> Table:
    """Return the state of a session and what to do next, as a table of labels and texts.

    A label whose text is blank is left out.
    """
    return key_values({**_identity_rows(report), **_work_rows(report), **_attention_rows(report)})


def _identity_rows(report: SessionReport) -> dict[str, str]:
    """Return which session it is, where it exports to, and who writes its tickets."""
    session = report.session
    return {
        "session": f"{session.session_key} ({session.site_name})",
        "target": report.target,
        "exported": _shares_text(report),
        "stage": report.stage_text,
        "progress": f"{report.progress_percentage:.0f} % {report.progress_text}",
        "tickets": _tickets_text(report),
        "jira": report.agreement,
        "writer": _writer_text(report),
    }


def _work_rows(report: SessionReport) -> dict[str, str]:
    """Return what runs or ran last, and where it stopped."""
    return {
        "stale": "; ".join(report.stale) or "no",
        "run": _run_text(report),
        "left": _remaining_text(report),
        "stopped at": _stop_text(report),
        "error": _error_text(report),
    }


def _attention_rows(report: SessionReport) -> dict[str, str]:
    """Return what somebody has to look at, and the next step."""
    session_key = report.session.session_key
    moved_texts = [moved.text for moved in report.moved_rows]
    moved_texts += [moved.text for moved in report.moved_titles]
    return {
        "to look at": "\n".join(map(line_of, report.left.actions(session_key))),
        "gone, with words": "\n".join(_vanished_texts(report)),
        "moved": "\n".join(moved_texts),
        "removal": report.removal_text,
        "returned": report.returned,
        "settings": "\n".join(report.replaced_settings),
        "next": line_of(report.next.action),
    }


def _shares_text(report: SessionReport) -> str:
    """Return what is in each target, a line for each; blank for a single one, which `target` names."""
    if len(report.shares) > 1:
        return "\n".join(share.summary for share in report.shares)
    return ""


def _tickets_text(report: SessionReport) -> str:
    """Return how many tickets there are, how many of them are ready, and how many have an issue."""
    session = report.session
    situation = report.situation
    # In a review with nothing running, issues can only be those that an undo did not delete.
    is_undone = session.stage is SessionStage.REVIEW and session.status is SessionStatus.IDLE
    word = "left by the undo" if is_undone else "exported"
    return (
        f"{situation.ticket_count}, {situation.ready_count} ready, "
        f"{situation.exported_count} {word}"
    )


def _writer_text(report: SessionReport) -> str:
    if report.spending.requests:
        return f"{report.writer}; {spending_text(report.spending)}"
    return report.writer


def _run_text(report: SessionReport) -> str:
    run_id = report.session.run_id or "none yet"
    if report.run.word:
        return f"{run_id}, {report.run.word} in Dagster"
    return run_id


def _remaining_text(report: SessionReport) -> str:
    if report.remaining_seconds is None:
        return ""
    return f"about {report.remaining_seconds:.0f} s"


def _stop_text(report: SessionReport) -> str:
    if report.stopped_at_ticket is None:
        return ""
    return f"ticket {report.stopped_at_ticket}"


def _error_text(report: SessionReport) -> str:
    if report.error is None:
        return "none"
    return f"{report.error.message} (jira-pipeline errors {report.error.error_id})"


def _vanished_texts(report: SessionReport) -> Iterator[str]:
    """Yield a line for each ticket without rows about which people decided something."""
    session = report.session
    for vanished in report.words_without_rows:
        ticket = vanished.ticket
        decision_count = format_count(len(vanished.words), "decision")
        yield (
            f"{decision_count} about “{ticket.title}”, which is "
            f"no longer in the {session.source_word}: jira-pipeline tickets show "
            f"{session.session_key} {ticket.number}. {vanished.advice}"
        )


def watch_status(
    screen: Screen,
    look: Callable[[], SessionReport],
    *,
    pause: Pause = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> SessionReport | None:
    """Show a session again and again on a terminal until nothing runs, and return its last report.

    Where somebody stops watching with Ctrl-C it returns None; whatever is at work continues.
    """
    is_shown = not screen.is_json and screen.out.is_terminal
    try:
        with Live(console=screen.out, auto_refresh=False) if is_shown else nullcontext() as live:
            while True:
                began = monotonic()
                with suppress(StoreBusyError):  # the table stays as it is until the next look
                    report = look()
                    if live is not None:
                        live.update(status_table(report), refresh=True)
                    if report.is_at_rest:
                        return report
                pause(max(LOOK_SECONDS, IDLE_SHARE * (monotonic() - began)))
    except KeyboardInterrupt:
        screen.say("Stopped watching; running work continues.")
        return None
