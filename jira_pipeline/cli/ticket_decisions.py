"""Commands that decide about tickets: ready, unready, skip, unskip, withdraw, unwithdraw.

Belongs here: which tickets are meant, how a decision is reported. Does not: what may be decided
(`stages/review`), changing what tickets say (`ticket_changes`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session, show_next_step
from jira_pipeline.cli.reviewing import (
    EveryOption,
    GroupOption,
    NumbersArgument,
    TextOption,
    current_person,
    filter_of,
    open_question_lines,
    open_questions_json,
    renew_page,
    tickets_meant,
)
from jira_pipeline.domain.next_step import refuse_without_tickets
from jira_pipeline.domain.tickets import Ticket, Withdrawal
from jira_pipeline.errors import NotVanishedError
from jira_pipeline.stages.review.approval import skipped_dependencies
from jira_pipeline.stages.review.fields import TicketFilter
from jira_pipeline.stages.review.withdrawals import proposed_among

if TYPE_CHECKING:
    from jira_pipeline.sessions.open_session import OpenSession

AllOption = Annotated[bool, typer.Option("--all", help="Every ticket that is not skipped.")]

Outcome = tuple[Mapping[str, object], Iterable[str]]
"""What a decision came to: to programs, and in lines to people."""


def ready(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: AllOption = False,
    is_json: JsonOption = False,
) -> None:
    """Mark tickets ready for export; what changed is validated first.

    Any later change of a ticket removes its mark. Skipped tickets are marked by number only.

    For example:

    jira-pipeline tickets ready my_site --all
    jira-pipeline tickets ready my_site 3 7-9
    jira-pipeline tickets ready my_site --group Views
    """

    def change(session: "OpenSession", chosen: Sequence[Ticket]) -> int:
        from jira_pipeline.sessions import review

        marked = [t.number for t in chosen if numbers or t.skipped_reason is None]
        return review.mark_ready(session, numbers=marked, by=current_person())

    def report(_: "OpenSession", chosen: Sequence[Ticket], count: int) -> Outcome:
        lines = open_question_lines(session_key, chosen)
        answer = {"marked": count} | open_questions_json(chosen)
        return answer, [f"{counted(count, 'ticket')} marked ready.", *lines]

    wanted = partial(filter_of, numbers, group=group, text=title_has, is_all=is_all)
    _decide(
        session_key, wanted, among=_written_tickets, change=change, report=report, is_json=is_json
    )


def unready(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: EveryOption = False,
    is_json: JsonOption = False,
) -> None:
    """Remove ready marks."""
    wanted = partial(filter_of, numbers, group=group, text=title_has, is_all=is_all)
    _decide(
        session_key,
        wanted,
        change=lambda session, chosen: session.store.tickets.unmark_ready(
            session.key, _ids_of(chosen), by=current_person(), at=session.clock.now()
        ),
        report=lambda _, __, count: (
            {"unmarked": count},
            [f"{counted(count, 'ready mark')} removed."],
        ),
        is_json=is_json,
    )


def skip(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they are left out.")],
    is_json: JsonOption = False,
) -> None:
    """Leave tickets out of exports, with a reason; tickets that depend on them say so.

    For example:

    jira-pipeline tickets skip my_site 4 9-11 --reason "Built already"
    """

    def change(session: "OpenSession", chosen: Sequence[Ticket]) -> int:
        from jira_pipeline.sessions import review

        return review.skip_tickets(session, chosen, reason=reason, by=current_person())

    def report(session: "OpenSession", chosen: Sequence[Ticket], count: int) -> Outcome:
        left = set(_ids_of(chosen))
        dependents = skipped_dependencies(session.tickets)
        waiting = [n for n, missing in dependents.items() if left & {t.ticket_id for t in missing}]
        lines = [f"{counted(count, 'ticket')} skipped."]
        if waiting:
            shown = ", ".join(str(number) for number in waiting)
            lines.append(f"Exported without a link to what is skipped: {shown}.")
        return {"skipped": count, "dependents": waiting}, lines

    if not reason.strip():
        raise typer.BadParameter("say why the tickets are left out", param_hint="--reason")
    wanted = partial(filter_of, numbers, group=group, text=title_has)
    _decide(session_key, wanted, change=change, report=report, is_json=is_json)


def unskip(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: EveryOption = False,
    is_json: JsonOption = False,
) -> None:
    """Include skipped tickets again."""
    wanted = partial(filter_of, numbers, group=group, text=title_has, is_all=is_all)
    _decide(
        session_key,
        wanted,
        change=lambda session, chosen: session.store.tickets.unskip(
            session.key, _ids_of(chosen), by=current_person(), at=session.clock.now()
        ),
        report=lambda _, __, count: (
            {"unskipped": count},
            [f"{counted(count, 'ticket')} included again."],
        ),
        is_json=is_json,
    )


def withdraw(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: Annotated[
        bool, typer.Option("--all", help="Every ticket that is no longer in the sheets.")
    ] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they are withdrawn.")] = "",
    is_json: JsonOption = False,
) -> None:
    """Agree to drop tickets whose rows are no longer in the sheets; nothing changes in Jira.

    For example:

    jira-pipeline tickets withdraw my_site 25-27 --reason "Not built in this phase"
    """

    def change(session: "OpenSession", chosen: Sequence[Ticket]) -> int:
        return session.store.tickets.withdraw(
            session.key,
            _ids_of(chosen),
            reason=reason.strip(),
            by=current_person(),
            at=session.clock.now(),
        )

    def report(session: "OpenSession", chosen: Sequence[Ticket], count: int) -> Outcome:
        left, places = len(proposed_among(session.vanished)), session.places_of(chosen)
        issues = [
            f"{ticket.title} has the issue {key}: close it there, or delete it."
            for ticket in chosen
            if (key := places[ticket.ticket_id].jira_key) is not None
        ]
        first = f"{counted(count, 'ticket')} withdrawn; {left} still proposed."
        return {"withdrawn": count, "still_proposed": left}, [first, *issues]

    wanted = partial(filter_of, numbers, group=group, text=title_has, is_all=is_all)
    _decide(
        session_key,
        wanted,
        among=lambda session, meant: _vanished(session, meant, Withdrawal.PROPOSED),
        change=change,
        report=report,
        is_json=is_json,
    )


def unwithdraw(
    session_key: SessionArgument,
    numbers: NumbersArgument = None,
    *,
    group: GroupOption = None,
    title_has: TextOption = "",
    is_all: Annotated[bool, typer.Option("--all", help="Every withdrawn one.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Undo that agreement: nothing is exported until somebody agrees or the rows are back."""
    wanted = partial(filter_of, numbers, group=group, text=title_has, is_all=is_all)
    _decide(
        session_key,
        wanted,
        among=lambda session, meant: _vanished(session, meant, Withdrawal.AGREED),
        change=lambda session, chosen: session.store.tickets.unwithdraw(
            session.key, _ids_of(chosen), by=current_person(), at=session.clock.now()
        ),
        report=lambda _, __, count: (
            {"proposed": count},
            [f"{counted(count, 'ticket')} proposed for withdrawal again."],
        ),
        is_json=is_json,
    )


def _decide(
    session_key: str,
    wanted: Callable[[], TicketFilter],
    *,
    among: "Callable[[OpenSession, TicketFilter], Sequence[Ticket]]" = lambda s, _: s.tickets,
    change: "Callable[[OpenSession, Sequence[Ticket]], int]",
    report: "Callable[[OpenSession, Sequence[Ticket], int], Outcome]",
    is_json: bool,
) -> None:
    """Decide about the tickets that are meant, and report the outcome and what is next.

    `change` returns how many it changed; `report` gets the session as it is after that.
    """
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        meant = wanted()
        chosen = tickets_meant(meant, among(session, meant), session_key=session_key)
        count = change(session, chosen)
        renew_page(screen, pipeline, session_key, count=count)
        answer, lines = report(session.again(), chosen, count)
        screen.answer({"session_key": session_key} | dict(answer))
        for line in lines:
            screen.say(line)
        show_next_step(screen, pipeline, session_key)


def _written_tickets(session: "OpenSession", _: TicketFilter) -> Sequence[Ticket]:
    refuse_without_tickets(session.stored)
    return session.tickets


def _vanished(
    session: "OpenSession", meant: TicketFilter, withdrawal: Withdrawal
) -> Sequence[Ticket]:
    """Return the tickets without rows whose withdrawal is proposed, or agreed.

    Raises:
        NotVanishedError: A number is of a ticket that is in the sheets.
    """
    present = set(session.store.tickets.numbers(session.key).values())
    for number in meant.numbers:
        if number in present:
            raise NotVanishedError(session_key=session.key, ticket=str(number))
    return [ticket for ticket in session.vanished if ticket.withdrawal is withdrawal]


def _ids_of(tickets: Sequence[Ticket]) -> list[str]:
    return [ticket.ticket_id for ticket in tickets]
