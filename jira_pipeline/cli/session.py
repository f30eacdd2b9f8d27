"""Commands about one session, and the list of all: status, sessions, generate, errors, audit.

Belongs here: showing them and the rhythm of looking. Does not: what is known of a session, and
gathering it (`sessions/status`, `sessions/listing`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.live import Live
from rich.table import Table

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    format_duration,
    format_steps,
    key_values,
    literal,
)
from jira_pipeline.cli.context import (
    LARGEST_NUMBER,
    SessionArgument,
    confirm,
    current_person,
    nobody_to_ask,
    opened_runs,
    parse_ticket_numbers,
    run_for_session,
    show_next_step,
    show_vanished,
    write_file,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import chosen_errors, new_run_id, run_state
from jira_pipeline.context.states import UNASKED
from jira_pipeline.model.actions import action_text, command_of, line_of
from jira_pipeline.model.errors import ErrorCategory, StoreBusyError, StoreError
from jira_pipeline.model.json_values import json_object, select_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.records import LINES_TAKEN_OUT, REPLACED_SETTINGS, StoredError
from jira_pipeline.model.sessions import RunHistory, RunJob, SessionStage, SessionStatus, WantedRun
from jira_pipeline.review.approvals import left_by_sheets
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.withdrawals import vanished_json
from jira_pipeline.sessions import status as session_status
from jira_pipeline.sessions.listing import (
    audit_trail,
    errors_of,
    explained,
    listed_sessions,
    ticket_numbers,
)
from jira_pipeline.sessions.retention import forget_reviews, kept_reviews_of
from jira_pipeline.sessions.status import SessionReport

WriterOption = Annotated[
    str | None,
    "--writer NAME",
    "`template`, or a model in the same format as WRITER_MODEL; the session keeps it.",
]


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


def sessions(screen: Screen, pipeline: Pipeline) -> None:
    """List all sessions, newest first, and show what each one needs."""
    listed = listed_sessions(pipeline)
    screen.answer(listed)
    columns = ("session", "site", "stage", "status", "changed (UTC)", "needs", "stale", "removal")
    rows = []
    for line in listed:
        session = line.session
        rows.append(
            (
                session.session_key,
                session.site_name,
                session.stage.value,
                session.status.value,
                f"{session.updated_at:%F %H:%M}",
                line.needs.what,
                "; ".join(line.needs.stale),
                line.removal_text or "never",
            )
        )
    screen.table(columns, rows)


def tables(
    screen: Screen,
    session: OpenSession,
    *,
    out: Annotated[Path, "--out FOLDER", "Folder to write the CSV files to; it is created."],
) -> None:
    """Write a session's tables as CSV files: cells, entities, groups, tickets, issues, questions.

    They have the rows and columns that Dagster loads as DataFrames (docs/tables.md). Files of the
    same names in the folder are replaced.

    For example:

    jira-pipeline tables my_site --out tables
    """
    from jira_pipeline.sessions.session_tables import TABLES, csv_of

    written = []
    for table in TABLES.values():
        rows = list(table.rows(session))
        path = out / f"{table.name}.csv"
        write_file(path, csv_of(table, rows).encode())
        written.append({"table": table.name, "rows": len(rows), "path": str(path)})
    screen.answer({"session_key": session.key, "tables": written})
    screen.table(("table", "rows", "file"), [tuple(table.values()) for table in written])


def generate(
    screen: Screen,
    session: OpenSession,
    *,
    writer: WriterOption = None,
    tickets: Annotated[
        str | None,
        "--tickets N,N-N",
        "Rewrite only these tickets, e.g. 3,7-9; the others stay as they are.",
    ] = None,
    remark: Annotated[
        str | None,
        "--remark TEXT",
        "What the model should do with these tickets from now on; empty text removes the remark.",
    ] = None,
) -> None:
    """Write and check all or some of a session's tickets (job generate_tickets).

    A session keeps the writer it started with, whatever the settings say later; --writer chooses
    another one. Text that people have edited is left untouched.

    For example:

    jira-pipeline generate my_site --writer template
    jira-pipeline generate my_site --tickets 12 --remark "Say what the archive filters by."
    """
    from jira_pipeline.writing.generation import (
        ordered,
        refuse_while_writing,
        running_generation,
        started_generation,
    )
    from jira_pipeline.writing.writers import WritingOrder, refuse_unknown_writer

    numbers = () if tickets is None else parse_ticket_numbers([tickets])
    order = WritingOrder(numbers=numbers, writer=writer, remark=remark)
    with opened_runs(session.pipeline) as runs:
        running = running_generation(session, runs)
        if running is not None:
            refuse_while_writing(running, order)
            screen.answer({"session_key": session.key, "started": running})
            screen.say(
                f"The tickets of {session.key} are being written: {running.shown_name}, "
                f"{running.progress_percentage:.0f} % done. No new run was started."
            )
            raise typer.Exit(ExitCode.DONE)
        refuse_unknown_writer(session.pipeline, writer, where="--writer")
        session = ordered(session, order, by=current_person())
        run_id = new_run_id()
        started = started_generation(session, task_id=run_id, run_id=run_id, numbers=numbers)
        screen.say(
            f"Run {run_id}: {format_count(started.estimated_tickets, 'ticket')} by {started.writer}, "
            f"about {format_duration(started.estimated_minutes)}."
        )
        wanted = WantedRun(
            session_key=session.key,
            job=RunJob.GENERATION,
            by=current_person(),
            run_id=run_id,
            tickets=numbers,
        )
        run_for_session(screen, session, runs, wanted)
    show_generated(screen, session, answer={"started": started})


def regenerate(screen: Screen, session: OpenSession, *, writer: WriterOption = None) -> None:
    """Same as `generate`; the name used in earlier versions."""
    generate(screen, session, writer=writer)


def show_generated(screen: Screen, session: OpenSession, *, answer: Mapping[str, object]) -> None:
    """Tell what was written, and where to read it; `answer` goes along for programs."""
    from jira_pipeline.writing.generation import last_generation

    session = session.reload()
    tickets = session.tickets
    changes = last_generation(session)
    vanished = left_by_sheets(session)
    numbers = {ticket.ticket_id: ticket.number for ticket in (*tickets, *session.vanished_tickets)}
    returned = session_status.returned_words(session)
    moved_rows = session_status.moved_rows(session)
    moved_titles = session_status.moved_titles(session)
    dropped = [
        (numbers[waiting_id], numbers[other_id])
        for waiting_id, other_id in changes.dropped_dependencies
    ]
    screen.answer(
        {
            "session_key": session.key,
            "tickets": len(tickets),
            "changes": select_fields(changes, "created rewritten withdrawals_proposed")
            | {"dropped_dependencies": dropped},
            "withdrawals": [vanished_json(ticket) for ticket in vanished],
            "returned": returned,
            "moved_rows": moved_rows,
            "moved_titles": moved_titles,
        }
        | dict(answer)
    )
    is_agreed = bool(vanished) and bool(session.agreed_withdrawals)
    show_vanished(screen, session.stored, vanished, is_agreed_by_itself=is_agreed)
    for number, other in dropped:
        screen.say(
            f"Ticket {number} no longer waits for ticket {other}, because the "
            f"{session.stored.source_word} require a different order. They are now related; see "
            f"jira-pipeline tickets show {session.key} {number}"
        )
    if tickets:
        screen.say(
            f"{format_count(len(tickets), 'ticket')} valid: {changes.created} new, {changes.rewritten} "
            f"rewritten, {changes.unchanged} unchanged. Read them: jira-pipeline tickets show "
            f"{session.key} N"
        )
    screen.say(returned)
    screen.say(*(moved.text for moved in moved_rows))
    screen.say(*(moved.text for moved in moved_titles))
    show_next_step(screen, session)


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


def kept_reviews(
    screen: Screen,
    pipeline: Pipeline,
    session_key: SessionArgument,
    *,
    is_forgotten: Annotated[
        bool, "--forget", "Forget it for good: it does not return with the key."
    ] = False,
    is_sure: Annotated[bool, "--yes", "With --forget: do not ask."] = False,
) -> None:
    """Show what people decided about the tickets of a session that was removed.

    It returns to the tickets whose rows are there when the key is uploaded and generated again.
    """
    reviews = kept_reviews_of(pipeline, session_key)
    rows = [
        (review.name, f"{review.kept_at:%F}", review.source_word, "\n".join(review.words))
        for review in reviews
    ]
    screen.table(("ticket", "kept since", "of", "what people said"), rows, wide="what people said")
    if is_forgotten:
        confirm(
            screen,
            is_asked=bool(reviews) and not is_sure,
            question="Forget all of this for good?",
            refusal=nobody_to_ask(
                f"jira-pipeline kept-reviews {session_key} --forget --yes",
                "What people decided is forgotten for good",
            ),
        )
        count = forget_reviews(pipeline, session_key, by=current_person())
        screen.answer({"session_key": session_key, "forgotten": count})
        screen.say(f"Forgot what was decided in {format_count(count, 'group')} of {session_key}.")
        return
    screen.answer(reviews)
    screen.say(*dict.fromkeys(review.way_back for review in reviews))


NAMES_SHOWN = 6
DIGEST_DIGITS = 64
DIGEST_SHOWN = 12


def audit(
    screen: Screen,
    pipeline: Pipeline,
    session_key: SessionArgument,
    *,
    actor: Annotated[
        str | None, "--actor", "Only what this person did, as shown in the `who` column."
    ] = None,
    action: Annotated[
        str | None, "--action", "Only this kind of change, as shown in the `what` column."
    ] = None,
) -> None:
    """Show who did what to a session, oldest first, even if the session has been removed."""
    entries = audit_trail(pipeline, session_key)
    _refuse_unknown(actor, {entry.actor for entry in entries}, option="--actor")
    _refuse_unknown(action, {entry.action for entry in entries}, option="--action")
    if actor is not None:
        entries = tuple(entry for entry in entries if entry.actor == actor)
    if action is not None:
        entries = tuple(entry for entry in entries if entry.action == action)
    screen.answer(list(entries))
    numbers = ticket_numbers(pipeline, session_key)
    names = {ticket_id: f"ticket {number}" for ticket_id, number in numbers.items()}
    rows = []
    for entry in entries:
        details = readable_details(entry.details, tickets=names)
        rows.append((entry.sequence, f"{entry.at:%F %T}", entry.actor, entry.action, details))
    screen.table(("no.", "at (UTC)", "who", "what", "details"), rows)


def readable_details(details: Mapping[str, object], *, tickets: Mapping[str, str]) -> str:
    """Say the details of an entry: long lists by their count, digests by their beginning.

    `tickets` are names by ticket id.
    """
    left = dict(details)
    parts = []
    if {"from", "to"} <= left.keys():
        before = _readable(left.pop("from"), tickets)
        after = _readable(left.pop("to"), tickets)
        parts.append(f"{before or '–'} → {after or '–'}")
    # These are said whole, however long: they are kept nowhere else.
    replaced = cast("Mapping[str, Mapping[str, str]]", left.pop(REPLACED_SETTINGS, {}))
    for name, change in replaced.items():
        parts.append(f"setting {name}: {change['from'] or '–'} → {change['to'] or '–'}")
    lines = cast("Sequence[str]", left.pop(LINES_TAKEN_OUT, ()))
    if lines:
        parts.append(f"taken out of the issue: {' / '.join(lines)}")
    forgotten = cast("Sequence[str]", left.pop("forgotten", ()))
    if forgotten:
        parts.append(f"forgotten: {' / '.join(forgotten)}")
    for name, value in left.items():
        words = _readable(value, tickets)
        if words:
            parts.append(f"{name.replace('_', ' ')}: {words}")
    return "; ".join(parts)


def _readable(value: object, tickets: Mapping[str, str]) -> str:
    """Say one value; nothing for what says nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            is_digest = len(value) == DIGEST_DIGITS and set(value) <= set("0123456789abcdef")
            return tickets.get(value, f"{value[:DIGEST_SHOWN]}…" if is_digest else value)
        case Mapping():
            pairs = ((_readable(name, tickets), inner) for name, inner in value.items())
            return _cut([f"{name} = {_readable(inner, tickets) or '–'}" for name, inner in pairs])
        case list():
            return _cut([_readable(inner, tickets) for inner in value])
        case _:
            return str(value)


def _cut(words: Sequence[str]) -> str:
    shown = ", ".join(words[:NAMES_SHOWN])
    return shown if len(words) <= NAMES_SHOWN else f"{shown} … ({len(words)})"


def _refuse_unknown(name: str | None, names: set[str], *, option: str) -> None:
    if name is not None and name not in names:
        raise typer.BadParameter(
            f"no entry has {name!r}; use one of {', '.join(sorted(names))}", param_hint=option
        )


def errors(
    screen: Screen,
    pipeline: Pipeline,
    session_key: Annotated[str, "KEY", "Key of the upload session, or the number of an error."],
    error_id: Annotated[
        int | None, "[N]", "Number of the error to explain.", {"min": 1, "max": LARGEST_NUMBER}
    ] = None,
    *,
    category: Annotated[ErrorCategory | None, "--category", "Only errors in this category."] = None,
    stage: Annotated[SessionStage | None, "--stage", "Only errors from this stage."] = None,
    limit: Annotated[int | None, "--limit N", "Only the newest N errors.", {"min": 1}] = None,
) -> None:
    """List the errors of a session, oldest first, or explain one of them.

    Also works for a folder that never became a session.

    For example:

    jira-pipeline errors my_site --category user_fixable --limit 5
    jira-pipeline errors my_site 7
    """
    if error_id is not None:
        _explain(screen, pipeline, error_id, of=session_key)
        return
    is_number = session_key.isascii() and session_key.isdecimal() and int(session_key) > 0
    is_error = is_number and int(session_key) <= LARGEST_NUMBER
    if is_error and pipeline.store.sessions.find(session_key) is None:
        _explain(screen, pipeline, int(session_key))
        return
    stored = errors_of(pipeline, session_key)
    chosen = chosen_errors(stored, category=category, stage=stage, limit=limit)
    screen.answer(chosen)
    rows = []
    for error in chosen:
        message = error.message
        if error.file and error.file not in message:
            message = f"{_place_of(error)}: {message}"
        steps = "; ".join(map(action_text, error.recovery_actions))
        rows.append(
            (error.error_id, f"{error.at:%F %T}", error.category, error.stage, message, steps)
        )
    screen.table(("id", "at (UTC)", "category", "stage", "what failed", "what to do"), rows)
    if len(chosen) < len(stored):
        screen.say(f"{len(chosen)} of {len(stored)} errors.")
    else:
        screen.say(f"{format_count(len(chosen), 'error')}.")
    if chosen:
        screen.say(f"Explain one: jira-pipeline errors {chosen[-1].error_id}")


def _explain(screen: Screen, pipeline: Pipeline, error_id: int, *, of: str | None = None) -> None:
    explanation = explained(pipeline, error_id, session_key=of)
    screen.answer(explanation)
    error = explanation.error
    ticket = explanation.ticket
    rows = {
        "error": f"{error.error_id}, {error.code}, {error.at:%F %T} UTC",
        "session": f"{error.session_key or 'none'}, in stage {error.stage}",
        "run": error.run_id or "",
        "ticket": error.ticket_id or "" if ticket is None else f"{ticket.number}: {ticket.title}",
        "place": _place_of(error),
        "what happened": f"{explanation.what_happened}\n{error.message}",
        "what is safe": "\n".join(explanation.safe),
        "who can act": explanation.who_acts,
        "over": "yes: the session has moved on since" if explanation.is_over else "",
        "next": "\n".join(format_steps(explanation.next_steps, indent="")),
        "read more": f"{explanation.docs['page']}, “{explanation.docs['section']}”",
    }
    screen.show(key_values(rows))


def _place_of(error: StoredError) -> str:
    if error.file is None:
        return ""
    return error.file if error.line is None else f"{error.file}, line {error.line}"
