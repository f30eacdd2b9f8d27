"""Where a session stands, on the screen: once, or again and again until it rests.

Belongs here: showing and the rhythm of looking. Does not: what is known of a session
(`stages/session_status`), gathering it (`defs`).
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.table import Table

from jira_pipeline.cli.console import Screen, key_values, literal
from jira_pipeline.errors import StoreBusyError
from jira_pipeline.sessions.commands import command_of, line_of, spoken
from jira_pipeline.stages.session_status import SessionReport
from jira_pipeline.stages.writing_costs import spending_said

LOOK_SECONDS = 1.0
IDLE_SHARE = 4.0
"""A look that takes long is followed by so many times its length of waiting: the run goes first."""

Show = Callable[[SessionReport], None]
Pause = Callable[[float], object]


def status_json(report: SessionReport) -> dict[str, object]:
    """Return the shape `status --json` promises."""
    step = report.next.action
    return {
        **report.to_json(),
        "next_step": line_of(step),
        "next_command": command_of(step) or None,
    }


def status_table(report: SessionReport) -> Table:
    """Say where a session stands and what to do next."""
    session, seconds = report.session, report.remaining_seconds
    at_work = f", {report.run.word} in Dagster" if report.run.word else ""
    rows = {
        "session": f"{session.session_key} ({session.site_name})",
        "target": report.target,
        "stage": f"{session.stage.value}, {session.status.value}",
        "progress": f"{report.progress_percentage:.0f} % {session.progress_text}",
        "tickets": f"{report.situation.ticket_count}, {report.situation.ready_count} ready, "
        f"{report.situation.exported_count} exported",
        "writer": _writer_words(report),
        "stale": "; ".join(report.stale) or "no",
        "run": f"{session.run_id or 'none yet'}{at_work}",
        "left": "" if seconds is None else f"about {seconds:.0f} s",
        "stopped at": _stopping_point(report),
        "error": "none" if report.error is None else _error_words(report),
        "to look at": "\n".join(map(line_of, report.left.actions(session.session_key))),
        "next": line_of(report.next.action),
    }
    optional = {"left", "stopped at", "to look at"}
    return key_values({name: text for name, text in rows.items() if text or name not in optional})


def watch_status(
    screen: Screen,
    look: Callable[[], SessionReport],
    *,
    pause: Pause = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> SessionReport | None:
    """Show a session again and again until it rests, and return how it rests.

    Where people stop looking with Ctrl-C it returns None; whatever is at work goes on.
    """
    try:
        with _display(screen) as show:
            report, seconds = _looked(look, monotonic)
            while report is None or not report.is_at_rest:
                if report is not None:
                    show(report)
                pause(max(LOOK_SECONDS, IDLE_SHARE * seconds))
                report, seconds = _looked(look, monotonic)
            show(report)
    except KeyboardInterrupt:
        screen.say("Stopped watching; whatever is at work goes on.")
        return None
    return report


def _looked(
    look: Callable[[], SessionReport], monotonic: Callable[[], float]
) -> tuple[SessionReport | None, float]:
    """Look once and tell what it took; None while the store is busy: what is shown stays."""
    began = monotonic()
    try:
        report = look()
    except StoreBusyError:
        report = None
    return report, monotonic() - began


@contextmanager
def _display(screen: Screen) -> Iterator[Show]:
    """Show in place on a terminal; elsewhere, and to programs, a line when something changed."""
    if screen.is_json or not screen.out.is_terminal:
        yield _ChangedLines(screen).show
        return
    with Live(console=screen.out, auto_refresh=False) as live:
        yield lambda report: live.update(status_table(report), refresh=True)


class _ChangedLines:
    """Writes a line for every state that differs from the one before."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._last: object = None

    def show(self, report: SessionReport) -> None:
        """Write a line if something changed; time that merely passes is no change."""
        told = status_json(report)
        changed = {name: value for name, value in told.items() if name not in _PASSING}
        if changed == self._last:
            return
        self._last = changed
        if self._screen.is_json:
            self._screen.out.print(
                json.dumps(spoken(told)), soft_wrap=True, markup=False, highlight=False
            )
        else:
            self._screen.out.print(literal(_line_of(report)), soft_wrap=True)


_PASSING = {"estimated_seconds_remaining"}


def _line_of(report: SessionReport) -> str:
    session = report.session
    parts = [f"{session.stage.value}, {session.status.value}"]
    if report.progress_percentage or session.progress_text:
        parts.append(f"{report.progress_percentage:.0f} % {session.progress_text}".strip())
    parts.append(f"{report.situation.exported_count} of {report.situation.ticket_count} exported")
    if report.run.is_in_flight:
        parts.append(f"run {report.run.word}")
    if report.remaining_seconds is not None:
        parts.append(f"about {report.remaining_seconds:.0f} s left")
    return " · ".join(parts)


def _writer_words(report: SessionReport) -> str:
    if not report.spending.requests:
        return report.writer
    return f"{report.writer}; {spending_said(report.spending)}"


def _stopping_point(report: SessionReport) -> str:
    number = report.session.failed_at_ticket_number
    return "" if number is None else f"ticket {number}"


def _error_words(report: SessionReport) -> str:
    if report.error is None:
        return ""
    return f"{report.error.message} (jira-pipeline explain {report.error.error_id})"
