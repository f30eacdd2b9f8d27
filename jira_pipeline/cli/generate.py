"""The command `generate`: write the tickets of a session in a run, and show what changed by that.

Belongs here: options, and what people read of it. Does not: writing (`writing/generation`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen, format_duration
from jira_pipeline.cli.context import (
    confirm,
    current_person,
    nobody_to_ask,
    opened_runs,
    parse_ticket_numbers,
    run_for_session,
    show_next_step,
    show_vanished,
)
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.model.json_values import select_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.runs import RunJob, WantedRun
from jira_pipeline.review.approvals import tickets_left_by_sheets
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.withdrawals import vanished_json
from jira_pipeline.sessions import status as session_status

WriterOption = Annotated[
    str | None,
    "--writer NAME",
    "`template`, or a model in the same format as WRITER_MODEL; the session keeps it.",
]


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
    is_regenerating_all: Annotated[
        bool,
        "--all-anew",
        "Rewrite all tickets, also those whose rows did not change. Shows before how many, what it "
        "costs and which approvals go, and asks.",
    ] = False,
    is_sure: Annotated[bool, "--yes", "With --all-anew: do not ask."] = False,
) -> None:
    """Write and check all or some of a session's tickets (job generate_tickets).

    A session keeps the writer it started with, whatever the settings say later; --writer chooses
    another one. Text that people have edited is left untouched.

    For example:

    jira-pipeline generate my_site --writer template
    jira-pipeline generate my_site --tickets 12 --remark "Say what the archive filters by."
    """
    from jira_pipeline.writing.generation import (
        accept_writing_order,
        refuse_while_writing,
        running_generation,
        started_generation,
    )
    from jira_pipeline.writing.writers import WritingOrder, refuse_unknown_writer

    if is_regenerating_all and tickets is not None:
        raise typer.BadParameter("--all-anew does not go with --tickets: leave one of them out.")
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
        if is_regenerating_all:
            numbers = _all_tickets(screen, session, writer=writer, is_sure=is_sure)
            order = replace(order, numbers=numbers)
        ordered = accept_writing_order(session, order, by=current_person())
        run_id = new_run_id()
        start = started_generation(ordered, task_id=run_id, run_id=run_id, numbers=numbers)
        screen.say(
            f"Run {run_id}: {format_count(start.estimated_tickets, 'ticket')} by {start.writer}, "
            f"about {format_duration(start.estimated_minutes)}."
        )
        wanted_run = WantedRun(
            session_key=ordered.key,
            job=RunJob.GENERATION,
            by=current_person(),
            run_id=run_id,
            tickets=numbers,
        )
        run_for_session(screen, ordered, runs, wanted_run)
    show_generation(screen, ordered, answer={"started": start})


def _all_tickets(
    screen: Screen, session: OpenSession, *, writer: str | None, is_sure: bool
) -> tuple[int, ...]:
    """Return the numbers of all tickets that a writer may write, once a person agrees to it."""
    from jira_pipeline.writing.regeneration import plan_regeneration

    regeneration = plan_regeneration(session, writer=writer)
    screen.say(*regeneration.sentences)
    confirm(
        screen,
        is_asked=not is_sure,
        question="Write them anew?",
        refusal=nobody_to_ask(
            f"jira-pipeline generate {session.key} --all-anew --yes",
            reason="All tickets would be written anew",
        ),
    )
    return regeneration.numbers


def show_generation(
    screen: Screen, session_before: OpenSession, *, answer: Mapping[str, object]
) -> None:
    """Show what a run that wrote tickets changed, and where to read them.

    `session_before` is the session as it was opened before the run. `answer` are further fields of the
    answer to programs.
    """
    from jira_pipeline.writing.generation import last_generation

    session = session_before.reload()
    tickets = session.tickets
    changes = last_generation(session)
    vanished = tickets_left_by_sheets(session)
    numbers = {ticket.ticket_id: ticket.number for ticket in (*tickets, *session.vanished_tickets)}
    returned = session_status.returned_words(session)
    moved_rows = session_status.moved_rows(session)
    moved_titles = session_status.moved_titles(session)
    dropped_numbers = [
        (numbers[waiting_id], numbers[other_id])
        for waiting_id, other_id in changes.dropped_dependencies
    ]
    screen.answer(
        {
            "session_key": session.key,
            "tickets": len(tickets),
            "changes": select_fields(changes, "created rewritten withdrawals_proposed")
            | {"dropped_dependencies": dropped_numbers},
            "withdrawals": [vanished_json(ticket) for ticket in vanished],
            "returned": returned,
            "moved_rows": moved_rows,
            "moved_titles": moved_titles,
        }
        | dict(answer)
    )
    is_agreed = bool(vanished) and bool(session.agreed_withdrawals)
    show_vanished(screen, session.stored, vanished, is_agreed_by_itself=is_agreed)
    for number, other_number in dropped_numbers:
        screen.say(
            f"Ticket {number} no longer waits for ticket {other_number}, because the "
            f"{session.stored.source_word} require a different order. They are now related; see "
            f"jira-pipeline tickets show {session.key} {number}"
        )
    if tickets:
        screen.say(
            f"{format_count(len(tickets), 'ticket')} valid: {changes.created} new, {changes.rewritten} "
            f"rewritten, {changes.unchanged} unchanged. Read them: jira-pipeline tickets show "
            f"{session.key} N"
        )
    screen.say(fallback_line([ticket.revision.fallback_reason for ticket in tickets]))
    screen.say(returned)
    screen.say(*(moved.text for moved in moved_rows))
    screen.say(*(moved.text for moved in moved_titles))
    show_next_step(screen, session)


def fallback_line(reasons: Sequence[str]) -> str:
    """Return how many tickets are the template's because their model wrote none; a blank for none.

    `reasons` says of each ticket why; it is blank where the model wrote it.
    """
    counted = Counter(filter(None, reasons))
    if not counted:
        return ""
    count = counted.total()
    of_all = f"All {count} tickets are"
    if count < len(reasons):
        of_all = f"{count} of {len(reasons)} tickets {'is' if count == 1 else 'are'}"
    reason, _ = counted.most_common(1)[0]
    return f"{of_all} by the template, as the model wrote nothing to use: {reason}"
