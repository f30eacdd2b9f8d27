"""Commands that decide about tickets: ready, unready, skip, unskip, withdraw, unwithdraw.

Belongs here: which tickets are meant, how a decision is reported. Does not: what may be decided
(`review`), changing what tickets say (`ticket_changes`).
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session, show_next_step
from jira_pipeline.cli.reviewing import (
    EveryOption,
    choosing_tickets,
    current_person,
    open_question_lines,
    tickets_meant,
)
from jira_pipeline.model.tickets import Ticket, Withdrawal
from jira_pipeline.review.ticket_selection import TicketQuery

if TYPE_CHECKING:
    from jira_pipeline.cli.console import Screen
    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.review.decisions import Decided
    from jira_pipeline.sessions.open_session import OpenSession

AllOption = Annotated[bool, typer.Option("--all", help="Every ticket that is not skipped.")]


@choosing_tickets
def ready(
    session_key: SessionArgument,
    wanted: TicketQuery | None,
    *,
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
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        meant = tickets_meant(session, wanted, is_all=is_all)
        named = [t.number for t in meant if (wanted and wanted.numbers) or t.skipped_reason is None]
        decided = decisions.mark_ready(session, named, by=current_person())
        left = open_question_lines(session_key, decided.chosen)
        count = counted(decided.count, "ticket")
        _show(screen, pipeline, decided, [f"{count} marked ready.", *left])


@choosing_tickets
def unready(
    session_key: SessionArgument,
    wanted: TicketQuery | None,
    *,
    is_all: EveryOption = False,
    is_json: JsonOption = False,
) -> None:
    """Remove ready marks."""
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        meant = tickets_meant(session, wanted, is_all=is_all)
        decided = decisions.unmark_ready(session, _numbers_of(meant), by=current_person())
        _show(screen, pipeline, decided, [f"{counted(decided.count, 'ready mark')} removed."])


@choosing_tickets
def skip(
    session_key: SessionArgument,
    wanted: TicketQuery | None,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they are left out.")],
    is_json: JsonOption = False,
) -> None:
    """Leave tickets out of exports, with a reason; tickets that depend on them say so.

    For example:

    jira-pipeline tickets skip my_site 4 9-11 --reason "Built already"
    """
    from jira_pipeline.review import decisions

    if not reason.strip():
        raise typer.BadParameter("say why the tickets are left out", param_hint="--reason")
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        meant = tickets_meant(session, wanted)
        decided = decisions.skip(session, _numbers_of(meant), reason=reason, by=current_person())
        lines = [f"{counted(decided.count, 'ticket')} skipped."]
        if decided.dependents:
            shown = ", ".join(map(str, decided.dependents))
            lines.append(f"Exported without a link to what is skipped: {shown}.")
        _show(screen, pipeline, decided, lines)


@choosing_tickets
def unskip(
    session_key: SessionArgument,
    wanted: TicketQuery | None,
    *,
    is_all: EveryOption = False,
    is_json: JsonOption = False,
) -> None:
    """Include skipped tickets again."""
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        meant = tickets_meant(session, wanted, is_all=is_all)
        decided = decisions.unskip(session, _numbers_of(meant), by=current_person())
        _show(screen, pipeline, decided, [f"{counted(decided.count, 'ticket')} included again."])


@choosing_tickets
def withdraw(
    session_key: SessionArgument,
    wanted: TicketQuery | None,
    *,
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
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        among = _vanished(session, wanted, Withdrawal.PROPOSED)
        meant = tickets_meant(session, wanted, is_all=is_all, among=among)
        places = session.places_of(meant)
        issues = [
            f"{ticket.title} has the issue {key}: close it there, or delete it."
            for ticket in meant
            if (key := places[ticket.ticket_id].jira_key) is not None
        ]
        decided = decisions.withdraw(
            session, _numbers_of(meant), reason=reason, by=current_person()
        )
        count = counted(decided.count, "ticket")
        first = f"{count} withdrawn; {decided.still_proposed} still proposed."
        _show(screen, pipeline, decided, [first, *issues])


@choosing_tickets
def unwithdraw(
    session_key: SessionArgument,
    wanted: TicketQuery | None,
    *,
    is_all: Annotated[bool, typer.Option("--all", help="Every withdrawn one.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Undo that agreement: nothing is exported until somebody agrees or the rows are back."""
    from jira_pipeline.review import decisions

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        among = _vanished(session, wanted, Withdrawal.AGREED)
        meant = tickets_meant(session, wanted, is_all=is_all, among=among)
        decided = decisions.unwithdraw(session, _numbers_of(meant), by=current_person())
        _show(
            screen,
            pipeline,
            decided,
            [f"{counted(decided.count, 'ticket')} proposed for withdrawal again."],
        )


def _show(screen: "Screen", pipeline: "Pipeline", decided: "Decided", lines: Iterable[str]) -> None:
    """Say what a decision came to, and what is next."""
    screen.answer(decided.to_json())
    for line in lines:
        screen.say(line)
    show_next_step(screen, pipeline, decided.session_key)


def _vanished(
    session: "OpenSession", wanted: TicketQuery | None, withdrawal: Withdrawal
) -> Sequence[Ticket]:
    """Return the tickets without rows whose withdrawal is proposed, or agreed.

    Raises:
        NotVanishedError: A number is of a ticket that is in the sheets.
    """
    from jira_pipeline.review.decisions import vanished_of

    named = vanished_of(session, wanted.numbers if wanted else ())
    return [t for t in named or session.vanished if t.withdrawal is withdrawal]


def _numbers_of(tickets: Sequence[Ticket]) -> list[int]:
    return [ticket.number for ticket in tickets]
