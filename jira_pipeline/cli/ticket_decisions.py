"""Commands that decide about tickets: ready, unready, skip, unskip.

Not here: agreeing that tickets go whose rows are gone (`ticket_withdrawals`).
"""

from typing import Annotated

import typer

from jira_pipeline.cli.console import counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.ending import tell_next
from jira_pipeline.cli.reviewing import (
    EveryOption,
    GroupOption,
    NumbersArgument,
    TextOption,
    current_person,
    filter_of,
    open_questions_json,
    renew_page,
    say_open_questions,
    tickets_meant,
)
from jira_pipeline.domain.next_step import refuse_without_tickets
from jira_pipeline.stages.review.approval import (
    refuse_to_skip_exported,
    skipped_dependencies,
)

AllOption = Annotated[bool, typer.Option("--all", help="Every ticket that is not skipped.")]


def ready(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: AllOption = False,
    is_json: JsonOption = False,
) -> None:
    """Mark tickets ready for export, bound to what was validated; skipped ones only by number.

    For example:

    jira-pipeline tickets ready my_site --all
    jira-pipeline tickets ready my_site 3 7-9
    jira-pipeline tickets ready my_site --group Views
    """
    from jira_pipeline.sessions.review import mark_ready  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        wanted = filter_of(numbers, group=group, text=title_has, is_all=is_all)
        refuse_without_tickets(session.stored)
        tickets = pipeline.store.tickets.list_all(session_key)
        chosen = tickets_meant(wanted, tickets, session_key=session_key)
        count = mark_ready(
            session,
            numbers=[t.number for t in chosen if wanted.numbers or t.skipped_reason is None],
            by=current_person(),
        )
        renew_page(screen, pipeline, session_key, count=count)
        screen.answer({"session_key": session_key, "marked": count} | open_questions_json(chosen))
        screen.say(f"{counted(count, 'ticket')} marked ready.")
        say_open_questions(screen, session_key, chosen)
        tell_next(screen, pipeline, session_key)


def unready(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: AllOption = False,
    is_json: JsonOption = False,
) -> None:
    """Take ready marks away."""
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, _):
        wanted = filter_of(numbers, group=group, text=title_has, is_all=is_all)
        tickets = pipeline.store.tickets.list_all(session_key)
        chosen = tickets_meant(wanted, tickets, session_key=session_key)
        count = pipeline.store.tickets.unmark_ready(
            session_key,
            [ticket.ticket_id for ticket in chosen],
            by=current_person(),
            at=pipeline.clock.now(),
        )
        renew_page(screen, pipeline, session_key, count=count)
        screen.answer({"session_key": session_key, "unmarked": count})
        screen.say(f"{counted(count, 'ready mark')} taken away.")
        tell_next(screen, pipeline, session_key)


def skip(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they are left out.")],
    is_json: JsonOption = False,
) -> None:
    """Leave tickets out of exports, with a reason; those that depend on them say so.

    For example:

    jira-pipeline tickets skip my_site 4 9-11 --reason "Built already"
    """
    if not reason.strip():
        raise typer.BadParameter("say why the tickets are left out", param_hint="--reason")
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        wanted = filter_of(numbers, group=group, text=title_has)
        tickets = pipeline.store.tickets.list_all(session_key)
        chosen = tickets_meant(wanted, tickets, session_key=session_key)
        for ticket in chosen:
            refuse_to_skip_exported(ticket.number, session.places[ticket.ticket_id].jira_key)
        count = pipeline.store.tickets.skip(
            session_key,
            [ticket.ticket_id for ticket in chosen],
            reason=reason.strip(),
            by=current_person(),
            at=pipeline.clock.now(),
        )
        renew_page(screen, pipeline, session_key, count=count)
        dependents = skipped_dependencies(pipeline.store.tickets.list_all(session_key))
        left = {t.ticket_id for t in chosen}
        waiting = [n for n, missing in dependents.items() if left & {t.ticket_id for t in missing}]
        screen.answer({"session_key": session_key, "skipped": count, "dependents": waiting})
        screen.say(f"{counted(count, 'ticket')} skipped.")
        if waiting:
            told = ", ".join(str(number) for number in waiting)
            screen.say(f"Exported without a link to what is skipped: {told}.")
        tell_next(screen, pipeline, session_key)


def unskip(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: EveryOption = False,
    is_json: JsonOption = False,
) -> None:
    """Take skipped tickets in again."""
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, _):
        wanted = filter_of(numbers, group=group, text=title_has, is_all=is_all)
        tickets = pipeline.store.tickets.list_all(session_key)
        chosen = tickets_meant(wanted, tickets, session_key=session_key)
        count = pipeline.store.tickets.unskip(
            session_key,
            [ticket.ticket_id for ticket in chosen],
            by=current_person(),
            at=pipeline.clock.now(),
        )
        renew_page(screen, pipeline, session_key, count=count)
        screen.answer({"session_key": session_key, "unskipped": count})
        screen.say(f"{counted(count, 'ticket')} taken in again.")
        tell_next(screen, pipeline, session_key)
