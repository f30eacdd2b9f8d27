"""Commands about tickets whose rows are gone from the sheets: withdraw, unwithdraw."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.ending import tell_next
from jira_pipeline.cli.reviewing import (
    GroupOption,
    NumbersArgument,
    TextOption,
    current_person,
    filter_of,
    renew_page,
    tickets_meant,
)
from jira_pipeline.domain.tickets import Withdrawal
from jira_pipeline.errors import NotVanishedError
from jira_pipeline.stages.review.withdrawals import proposed_among

if TYPE_CHECKING:
    from jira_pipeline.sessions.composition import Pipeline


def withdraw(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: Annotated[bool, typer.Option("--all", help="Every one that is proposed.")] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they go.")] = "",
    is_json: JsonOption = False,
) -> None:
    """Agree that tickets go whose rows are no longer in the sheets; nothing is done in Jira.

    For example:

    jira-pipeline tickets withdraw my_site 25-27 --reason "Not built in this phase"
    """
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        wanted = filter_of(numbers, group=group, text=title_has, is_all=is_all)
        proposed = proposed_among(pipeline.store.tickets.list_vanished(session_key))
        _refuse_present(pipeline, session_key, wanted.numbers)
        chosen = tickets_meant(wanted, proposed, session_key=session_key)
        count = pipeline.store.tickets.withdraw(
            session_key,
            [ticket.ticket_id for ticket in chosen],
            reason=reason.strip(),
            by=current_person(),
            at=pipeline.clock.now(),
        )
        renew_page(screen, pipeline, session_key, count=count)
        left = len(proposed) - len(chosen)
        screen.answer({"session_key": session_key, "withdrawn": count, "still_proposed": left})
        screen.say(f"{counted(count, 'ticket')} withdrawn; {left} still proposed.")
        places = session.places_of(chosen)
        for ticket in chosen:
            if (key := places[ticket.ticket_id].jira_key) is not None:
                screen.say(f"{ticket.title} has the issue {key}: close it there, or delete it.")
        tell_next(screen, pipeline, session_key)


def unwithdraw(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: Annotated[bool, typer.Option("--all", help="Every withdrawn one.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Take the agreement back: nothing is exported until somebody agrees or the rows are back."""
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, _):
        wanted = filter_of(numbers, group=group, text=title_has, is_all=is_all)
        vanished = pipeline.store.tickets.list_vanished(session_key)
        withdrawn = [t for t in vanished if t.withdrawal is Withdrawal.AGREED]
        _refuse_present(pipeline, session_key, wanted.numbers)
        chosen = tickets_meant(wanted, withdrawn, session_key=session_key)
        count = pipeline.store.tickets.unwithdraw(
            session_key,
            [ticket.ticket_id for ticket in chosen],
            by=current_person(),
            at=pipeline.clock.now(),
        )
        renew_page(screen, pipeline, session_key, count=count)
        screen.answer({"session_key": session_key, "proposed": count})
        screen.say(f"{counted(count, 'ticket')} proposed for withdrawal again.")
        tell_next(screen, pipeline, session_key)


def _refuse_present(pipeline: "Pipeline", session_key: str, numbers: Sequence[int]) -> None:
    """Stop where a number is of a ticket that is in the sheets."""
    present = set(pipeline.store.tickets.numbers(session_key).values())
    for number in numbers:
        if number in present:
            raise NotVanishedError(session_key=session_key, ticket=str(number))
