"""What every command of a review shares: who acts, which tickets are meant, what is next.

Belongs here: the frame around a change. Does not: the commands (`tickets`, `questions`).
"""

import getpass
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jira_pipeline.cli.context import LARGEST_NUMBER, keyword, show_next_step, typed_as
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import InputError, WrongUseError, system_message
from jira_pipeline.model.line_numbers import ticket_numbers_text
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import (
    ChangedCell,
    Ticket,
    as_listed,
    asking_numbers,
    questions_left,
)
from jira_pipeline.review.ticket_selection import CONDITIONS, TicketQuery, chosen_tickets, query_of
from jira_pipeline.review.withdrawals import NAMED, vanished_text, ways_out

if TYPE_CHECKING:
    from jira_pipeline.cli.console import Screen
    from jira_pipeline.review.open_session import OpenSession
    from jira_pipeline.review.outcomes import Outcome

NumberArgument = Annotated[int, "N", "Number of the ticket.", {"max": LARGEST_NUMBER}]
_NUMBERS = re.compile(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?")
_MOST_NUMBERS = 10_000
_OPTIONS = {one.option: (name, one) for name, one in CONDITIONS.items() if one.option}


def choosing_tickets(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all conditions in place of its `wanted`: a `TicketQuery`, None for nothing."""

    @wraps(command)
    def with_choice(*arguments: object, numbers: list[str] | None = None, **options: Any) -> None:
        chosen = {name: options.pop(option, None) for option, (name, _) in _OPTIONS.items()}
        query = query_of(chosen, numbers=numbers_in(numbers or ()))
        command(*arguments, wanted=None if query == TicketQuery() else query, **options)

    given = [
        keyword(
            "numbers",
            Annotated[list[str] | None, "[N]...", "Ticket numbers, or ranges such as 7-9."],
            default=None,
        )
    ]
    for option, (_, condition) in _OPTIONS.items():
        offered = typer.Option(metavar=condition.example, help=condition.help, case_sensitive=False)
        given.append(keyword(option, Annotated[condition.kind | None, offered], default=None))
    kept = {n: p.replace(kind=p.KEYWORD_ONLY) for n, p in signature(command).parameters.items()}
    first = [kept.pop(name) for name in ("screen", "session")]
    del kept["wanted"]
    return typed_as(with_choice, [*first, *given, *kept.values()])


def current_person() -> str:
    """Name who sits at the terminal, for revisions and the audit trail."""
    if name := load_settings().jira_pipeline_person:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password database, as in some containers
        return "cli"


def content_of(path: Path, *, max_bytes: int, advice: str) -> bytes:
    """Read a file of at most so many bytes.

    Raises:
        InputError: It is larger.
        WrongUseError: It cannot be read.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(max_bytes + 1)
    except OSError as error:
        raise WrongUseError(
            f"{path} cannot be read: {system_message(error)}.", recovery_actions=(advice,)
        ) from error
    if len(content) > max_bytes:
        raise InputError(f"{path} has more than {max_bytes:,} bytes.", recovery_actions=(advice,))
    return content


def write_file(path: Path, content: bytes) -> None:
    """Write a file people asked for, and the folders it lies in; it is complete before it shows.

    Raises:
        WrongUseError: It cannot be written; what was there still is.
    """
    incoming = path.with_name(f".{path.name}.{os.getpid()}.incoming")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or (path.exists() and not path.is_file()):  # such as a device
            path.write_bytes(content)
            return
        incoming.write_bytes(content)
        if path.exists():
            shutil.copymode(path, incoming)
        incoming.replace(path)
    except OSError as error:
        with suppress(OSError):  # such as below a file, where nothing is
            incoming.unlink(missing_ok=True)
        raise WrongUseError(
            f"{path} cannot be written: {system_message(error)}.",
            recovery_actions=("Name a file in a folder you can write to.",),
        ) from error


def numbers_in(texts: Iterable[str]) -> tuple[int, ...]:
    """Read ticket numbers and ranges such as `3` and `7-9`, in the order they are given."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    return tuple(number for part in parts for number in _range_of(part))


def _range_of(part: str) -> range:
    typed = _NUMBERS.fullmatch(part)
    first, last = (int(typed[1]), int(typed[2] or typed[1])) if typed else (0, 0)
    faults = (
        (typed is None, "not a ticket number"),
        (last < first, "not a range: put the lower number first"),
        (last - first >= _MOST_NUMBERS, f"more than {_MOST_NUMBERS:,} tickets"),
    )
    if fault := next((text for holds, text in faults if holds), ""):
        raise typer.BadParameter(f"{part!r} is {fault}; enter numbers and ranges, e.g. 3 7-9")
    return range(first, last + 1)


def tickets_meant(
    session: "OpenSession",
    wanted: TicketQuery | None,
    *,
    is_all: bool = False,
    among: Sequence[Ticket] | None = None,
) -> tuple[Ticket, ...]:
    """Return the tickets that are meant; of a session without tickets all are none.

    Raises:
        typer.BadParameter: Neither some nor all were named, or both.
    """
    if is_all == (wanted is not None):
        raise typer.BadParameter(
            "give ticket numbers, --group, --title-has or another filter; or only --all"
        )
    tickets = session.tickets if among is None else among
    if wanted is None:
        return tuple(tickets)
    listed, places = [as_listed(ticket) for ticket in tickets], session.places_of(tickets)
    found = chosen_tickets(listed, wanted, places=places, session_key=session.key)
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    return tuple(by_id[ticket.ticket_id] for ticket in found)


def show_outcome(screen: "Screen", session: "OpenSession", outcome: "Outcome") -> None:
    """Say what a decision came to, and what is next where something was decided."""
    screen.say(*outcome.sentences, outcome.left)
    if outcome.is_something:
        show_next_step(screen, session)


def open_question_lines(session_key: str, tickets: Sequence[Ticket]) -> list[str]:
    """Say how many questions these tickets leave open, and which of them ask; or nothing."""
    asked, where = questions_left(tickets).asked, ticket_numbers_text(asking_numbers(tickets))
    return [f"{asked}, in {where}: jira-pipeline questions {session_key} --open"] if asked else []


def show_vanished(
    screen: "Screen",
    session: UploadSession,
    vanished: Sequence[Ticket],
    *,
    is_agreed_by_itself: bool,
) -> None:
    """Say which tickets are no longer in the sheets, and what people can do about it."""
    where = f"No longer in the {session.source_word}, to be withdrawn"
    screen.say(
        *(f"{where}: {vanished_text(ticket)}" for ticket in vanished[:NAMED]),
        f"… and {len(vanished) - NAMED} more." if len(vanished) > NAMED else "",
    )
    if vanished and is_agreed_by_itself:
        screen.say("The export withdraws them automatically.")
    elif vanished:
        ways = map(action_text, ways_out(session))
        screen.say("Nothing is exported until somebody decides.", *(f"- {way}" for way in ways))


def changed_cell_lines(ticket: Ticket) -> list[str]:
    """Say the cells that changed under edited prose, a line each."""
    return [f"Changed in the sheets: {cell_text(cell)}" for cell in ticket.source_changes]


def cell_text(cell: ChangedCell) -> str:
    """Say where a cell is, what it said and what it says now; a row that is gone has its old place."""
    place = " ".join(filter(None, (cell.place, cell.thing, cell.column)))
    if cell.after is None:
        place = f"{place} (as it was)"
    return f"{place}: {_text(cell.before)} → {_text(cell.after)}"


def _text(value: str | None) -> str:
    return "(no row)" if value is None else repr(value)
