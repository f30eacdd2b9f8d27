"""Commands about one session, and the list of all: status, sessions, regenerate."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    counted,
    lasting,
    literal,
    plain_table,
)
from jira_pipeline.cli.context import (
    JsonOption,
    SessionArgument,
    opened,
    opened_session,
    refuse_unknown_writer,
)
from jira_pipeline.cli.ending import tell_next
from jira_pipeline.cli.reviewing import current_person, say_vanished
from jira_pipeline.cli.running import run_for_session
from jira_pipeline.cli.watching import status_json, status_table, watch_status
from jira_pipeline.errors import StoreError
from jira_pipeline.ports.runs import RunJob, WantedRun
from jira_pipeline.stages.review.withdrawals import vanished_json
from jira_pipeline.stages.session_status import UNASKED, needs_of

if TYPE_CHECKING:
    from jira_pipeline.sessions.composition import Pipeline
    from jira_pipeline.sessions.open_session import OpenSession
    from jira_pipeline.stages.session_status import RunState, SessionReport
    from jira_pipeline.stages.ticket_generation import StartedGeneration


WriterOption = Annotated[
    str | None,
    typer.Option(
        "--writer", metavar="NAME", help="`template`, or a model as in WRITER_MODEL, from now on."
    ),
]


def status(
    session_key: SessionArgument,
    *,
    is_watching: Annotated[
        bool,
        typer.Option("--watch", help="Look again every second until nothing is at work."),
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Show where a session stands and what to do next."""
    from jira_pipeline.sessions import status as session_status  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, found):
        if is_watching:
            _watch(screen, pipeline, session_key)
            return
        report = session_status.status(found)
        screen.answer(status_json(report))
        screen.show(status_table(report))


def _watch(screen: Screen, pipeline: "Pipeline", session_key: str) -> None:
    """Watch a session; without a terminal the whole status follows the lines."""
    from jira_pipeline.sessions import status as session_status  # noqa: PLC0415 - starts fast
    from jira_pipeline.sessions.open_session import open_session  # noqa: PLC0415 - as above

    with _asked_of_dagster(screen) as run_state:

        def look() -> "SessionReport":
            session = open_session(pipeline, session_key)
            return replace(session_status.status(session), run=run_state(session))

        report = watch_status(screen, look)
    if report is not None and not screen.out.is_terminal:
        screen.show(status_table(report))


@contextmanager
def _asked_of_dagster(
    screen: Screen,
) -> "Iterator[Callable[[OpenSession], RunState]]":
    """Yield what Dagster knows of a session's runs; nothing where its home cannot be opened."""
    from jira_pipeline.defs.runs import opened_history  # noqa: PLC0415 - imports Dagster
    from jira_pipeline.sessions.runs import run_state  # noqa: PLC0415 - starts fast

    with ExitStack() as opened_home:
        try:
            runs = opened_home.enter_context(opened_history())
        except StoreError as error:
            screen.err.print(literal(f"Dagster is not asked: {error.message}"))
            yield lambda _: UNASKED
            return
        yield lambda session: run_state(session, runs)


def sessions(*, is_json: JsonOption = False) -> None:
    """List all sessions, newest first, with what each needs."""
    with opened(is_json=is_json) as (screen, pipeline):
        listed = pipeline.store.sessions.list_all()
        awaited = {request.session_key for request in pipeline.store.export_requests.waiting()}
        needs = [needs_of(s, is_export_awaited=s.session_key in awaited) for s in listed]
        rows = [
            (s.session_key, s.site_name, s.stage.value, s.status.value, f"{s.updated_at:%F %H:%M}")
            for s in listed
        ]
        columns = ("session_key", "site_name", "stage", "status", "updated_at")
        screen.answer(
            [
                dict(zip(columns, row, strict=True))
                | {"stale": list(need.stale), "needs_person": need.needs_person, "needs": need.what}
                for row, need in zip(rows, needs, strict=True)
            ]
        )
        shown = [
            (*row, need.what, "; ".join(need.stale)) for row, need in zip(rows, needs, strict=True)
        ]
        titles = ("session", "site", "stage", "status", "changed (UTC)", "needs", "stale")
        screen.show(plain_table("", titles, shown))


def regenerate(
    session_key: SessionArgument, *, writer: WriterOption = None, is_json: JsonOption = False
) -> None:
    """Write and validate the tickets of a session (job generate_tickets).

    A session keeps the writer it began with, whatever the settings say since; --writer chooses
    another one.

    For example:

    jira-pipeline regenerate my_site --writer template
    """
    from jira_pipeline.defs.launching import opened_runs  # noqa: PLC0415 - slow
    from jira_pipeline.sessions.generation import running_generation, started_generation  # noqa: PLC0415 - slow
    from jira_pipeline.sessions.runs import new_run_id  # noqa: PLC0415 - slow
    from jira_pipeline.sessions.writers import choose_writer, require_writer  # noqa: PLC0415 - slow

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, before):
        with opened_runs(pipeline) as runs:
            running = running_generation(before, runs)
        if running is not None:
            show_running_generation(screen, session_key, running)
            raise typer.Exit(ExitCode.DONE)
        refuse_unknown_writer(pipeline, writer, option="--writer")
        require_writer(before, writer=writer)
        if writer is not None:
            choose_writer(before, writer, by=current_person())
        session = before.again()
        run_id = new_run_id()
        started = started_generation(session, run_id=run_id)
        screen.say(
            f"Run {run_id}: {counted(started.estimated_tickets, 'ticket')} by {started.writer}, "
            f"about {lasting(started.estimated_minutes)}."
        )
        wanted = WantedRun(session_key=session_key, job=RunJob.GENERATION, run_id=run_id)
        with opened_runs(pipeline) as runs:
            run_for_session(screen, pipeline, runs, wanted)
        show_generated(screen, pipeline, session_key, answer={"started": started.to_json()})


def show_running_generation(screen: Screen, session_key: str, running: "StartedGeneration") -> None:
    """Say that tickets are being written already (S1-2)."""
    screen.answer({"session_key": session_key, "started": running.to_json()})
    screen.say(
        f"The tickets of {session_key} are being written: run {running.task_id}, "
        f"{running.progress_percentage:.0f} % done. Nothing new was started."
    )


def show_generated(
    screen: Screen, pipeline: "Pipeline", session_key: str, *, answer: Mapping[str, object]
) -> None:
    """Tell what was written, and where to read it; `answer` goes along for programs."""
    from jira_pipeline.sessions.generation import last_generation  # noqa: PLC0415 - starts fast
    from jira_pipeline.sessions.open_session import REVIEW_PAGE, open_session  # noqa: PLC0415 - as above
    from jira_pipeline.sessions.review import left_by_sheets  # noqa: PLC0415 - as above

    session = open_session(pipeline, session_key)
    tickets, page = session.tickets, session.page_path(REVIEW_PAGE)
    changes = last_generation(session)
    vanished = left_by_sheets(session)
    screen.answer(
        {
            "session_key": session_key,
            "tickets": len(tickets),
            "review": str(page),
            "changes": {
                "created": changes.created,
                "rewritten": changes.rewritten,
                "withdrawals_proposed": changes.withdrawals_proposed,
            },
            "withdrawals": [vanished_json(ticket) for ticket in vanished],
        }
        | dict(answer)
    )
    is_agreed = bool(vanished) and bool(session.agreed_withdrawals)
    say_vanished(screen, session_key, vanished, is_agreed_by_itself=is_agreed)
    unchanged = len(tickets) - changes.created - changes.rewritten
    told = (
        f"{counted(len(tickets), 'ticket')} valid: {changes.created} new, "
        f"{changes.rewritten} written again, {unchanged} unchanged. Read them: {page}"
    )
    if tickets:
        screen.say(told)
    tell_next(screen, pipeline, session_key)
