"""The commands that check tickets before people approve them: `validate` and `quality`.

`validate` checks whether Jira would take each ticket; `quality` shows where a person should look first.

Does not belong here: checking and the words of the report (`tickets/documents/adf_validation`), what
speaks against approving a ticket (`review/waiting`).
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import (
    current_person,
    opened_runs,
    parse_ticket_numbers,
    run_for_session,
    show_next_step,
)
from jira_pipeline.context.states import refuse_without_tickets
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.runs import RunJob, WantedRun
from jira_pipeline.model.ticket_validations import TicketValidation
from jira_pipeline.review.approvals import is_validated
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.waiting import (
    COLUMNS as QUALITY_COLUMNS,
    quality_of,
    quality_rows,
    summary_of,
)
from jira_pipeline.tickets.documents.adf_validation import (
    COLUMNS,
    check_tickets,
    ordered_results,
    report_rows,
    result_object,
)

ROWS_SHOWN = 12
"""Tickets that passed are shown up to here, the largest; failed ones always."""
SHOWN_COLUMNS = 6
"""Columns of the table; message and advice are below it, where there is room."""


def validate(
    screen: Screen,
    session: "OpenSession",
    *,
    tickets: Annotated[
        str | None, "--tickets N[,N-M]", "Check only these tickets, e.g. 3,7-9; nothing is stored."
    ] = None,
) -> None:
    """Check each ticket, as it would be sent, against Jira's rules and limits (job validate_adf).

    `tickets ready` does this for anything that has changed. Where nothing has changed since, no run
    is started. With --tickets, only the given tickets are checked and nothing is stored: an export
    requires the whole session to be validated.

    For example:

    jira-pipeline validate my_site --tickets 3,7-9
    """
    numbers = None if tickets is None else tuple(sorted(set(parse_ticket_numbers([tickets]))))
    refuse_without_tickets(session.stored)
    if numbers is None:
        is_good = is_validated(session)
        if not is_good:
            wanted = WantedRun(session_key=session.key, job=RunJob.VALIDATION, by=current_person())
            with opened_runs(session.pipeline) as runs:
                outcome = run_for_session(screen, session, runs, wanted, may_fail=True)
            is_good = outcome.is_success
        validation = session.store.validations.latest(session.key)
        if validation is None:
            raise typer.Exit(ExitCode.FAILED)
        results = validation.results
    else:
        results = check_tickets(
            session.rendered, numbers=numbers, body_max_bytes=session.settings.adf_body_max_bytes
        )
        is_good = True
    _show_results(screen, session, results, is_all=numbers is None)
    if not is_good or not all(result.is_passed for result in results):
        raise typer.Exit(ExitCode.FAILED)


def _show_results(
    screen: Screen, session: OpenSession, results: Sequence[TicketValidation], *, is_all: bool
) -> None:
    """Show the results of a validation, failed tickets in full, and what is next.

    `is_all`: all tickets were checked, and the results are stored.
    """
    key = session.key
    numbers = {ticket.ticket_id: ticket.number for ticket in session.tickets}
    failed = [result for result in results if not result.is_passed]
    screen.answer(
        {
            "session_key": key,
            "tickets_tested": len(results),
            "all_passed": not failed,
            "passed": len(results) - len(failed),
            "failed": len(failed),
            "results": [
                result_object(result, number=numbers.get(result.ticket_id)) for result in results
            ],
        }
    )
    results_shown = results
    if is_all:
        results_shown = ordered_results(results)[: max(ROWS_SHOWN, len(failed))]
    rows = [row[:SHOWN_COLUMNS] for row in report_rows(results_shown, numbers=numbers)]
    screen.table(COLUMNS[:SHOWN_COLUMNS], rows, wide="ticket")
    for result in failed:
        number = numbers.get(result.ticket_id, "")
        fault = f"{number} {result.title}: {result.error_message}".strip()
        screen.say(fault, f"   {result.suggested_fix}")
    summary = f"{format_count(len(results), 'ticket')} tested, {len(failed)} failed"
    if is_all:
        screen.say(f"{summary} (failed ones first, then the largest).")
        show_next_step(screen, session)
    else:
        screen.say(f"{summary}. Nothing was stored; `jira-pipeline validate {key}` validates all.")


def quality(screen: Screen, session: "OpenSession") -> None:
    """Show where to look before you approve tickets (docs/quality.md)."""
    refuse_without_tickets(session.stored)
    quality = quality_of(session.tickets)
    screen.answer({"session_key": session.key} | json_object(quality))
    screen.table(QUALITY_COLUMNS, quality_rows(quality.tickets), wide="where to look")
    screen.say(summary_of(quality))
