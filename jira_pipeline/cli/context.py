"""What every command begins and ends with: settings, the pipeline, its session, runs, the next step.

A command is a plain function that takes a `screen`, and where it needs them this project's `pipeline` or
one `session` of it; `frame_command` opens these around it. Its other parameters say in their annotation
how people type them: `Annotated[Path | None, "--csv FILE", "Also write the findings to this file."]`.

Belongs here: opening these, options that all commands have, one job for one session with its progress,
showing what is next; in a review, who acts, which tickets are meant, what came of a decision. Does not:
deciding what is next (`context/states`), gathering what it follows from (`sessions/status`), the
commands.
"""

import getpass
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial, wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    exit_code_of,
    is_interactive,
    literal,
    new_screen,
    show_error,
    shown_progress,
)
from jira_pipeline.context.interruptions import noticed_interruptions
from jira_pipeline.context.sent_requests import counted_requests
from jira_pipeline.context.settings import adopt_dagster_home, load_settings
from jira_pipeline.context.states import NextStep, Step, confirming_layout
from jira_pipeline.context.waits import shown_waits
from jira_pipeline.model.actions import action_text, command_of, line_of
from jira_pipeline.model.errors import (
    CancelledError,
    ConfigurationError,
    InputError,
    LayoutNeededError,
    NotFoundKind,
    PipelineError,
    RunDiedError,
    WrongUseError,
    system_message,
)
from jira_pipeline.model.line_numbers import ticket_numbers_text
from jira_pipeline.model.runs import RunLauncher, RunOutcome, WantedRun
from jira_pipeline.model.sessions import SessionStatus, UploadSession, shown_percentage
from jira_pipeline.model.signatures import keyword, offer_parameters
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
    from dagster import JobDefinition

    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.dagster_port.run_launchers import InProcessRuns
    from jira_pipeline.review.open_session import OpenSession
    from jira_pipeline.review.outcomes import Outcome

SessionArgument = Annotated[str, "KEY", "Key of the upload session, as listed by `sessions`."]
LARGEST_NUMBER = 2**31 - 1
"""Of a column of type integer, in both databases."""
JsonOption = Annotated[bool, "--json", "Print JSON for other programs."]
AsNewOption = Annotated[
    bool,
    "--as-new",
    "Create issues even if the session already has some on another site or as copies, "
    "or another session has issues for the same specification.",
]

STOPPED = "Stopped. Finished work is kept."
NumberArgument = Annotated[int, "N", "Number of the ticket.", {"max": LARGEST_NUMBER}]
_NUMBERS = re.compile(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?")
_RANGE_MAX = 10_000
"""Tickets that one range may name: a slip such as `1-999999` is none that anybody means."""
_FIELD_BY_OPTION = {
    condition.option: name for name, condition in CONDITIONS.items() if condition.option
}
"""The field of `TicketQuery` that each option of commands that choose tickets sets."""


@contextmanager
def run_command(*, is_json: bool) -> Iterator[Screen]:
    """Give a command its screen; an error of ours in it is printed and ends it with its exit code."""
    screen = new_screen(is_json=is_json)
    if logging.lastResort is not None:
        logging.lastResort.addFilter(_is_no_interrupt)
    try:
        with noticed_interruptions(partial(_say_interruption, screen)):
            yield screen
    except PipelineError as error:
        show_error(screen, error)
        raise typer.Exit(exit_code_of(error)) from error
    except KeyboardInterrupt:
        screen.err.print(STOPPED)
        raise typer.Exit(ExitCode.FAILED) from None


def _say_interruption(screen: Screen, text: str) -> None:
    """Print a line that may be the last: what shows progress may have hidden the cursor."""
    screen.err.show_cursor()
    _say_beside_progress(screen, text)


def _say_beside_progress(screen: Screen, text: str) -> None:
    """Print a line for people above what shows progress, from whichever thread."""
    screen.err.print(literal(text), soft_wrap=True)


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    """Tell whether a record is not about Ctrl-C, which is no error.

    SQLAlchemy logs it as one where it comes while a connection is closed.
    """
    return record.exc_info is None or not isinstance(record.exc_info[1], KeyboardInterrupt)


@contextmanager
def run_pipeline_command(
    *, is_json: bool, is_serving: bool = False
) -> Iterator[tuple[Screen, "Pipeline"]]:
    """Give a command its screen and the pipeline of this project; `is_serving` for one that serves others."""
    from jira_pipeline.sessions.composition import open_pipeline

    with run_command(is_json=is_json) as screen:
        settings = load_settings(adopt_dagster_home())
        if settings.log_format == "json":
            from jira_pipeline.context.logs import begin_logs

            begin_logs(settings)
        pipeline = open_pipeline(settings, is_serving=is_serving, show_progress=screen.err.print)
        with pipeline.store:
            yield screen, pipeline


def frame_command(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command as people type it, which opens its `screen`, and its `pipeline` or `session`.

    In place of these people type the option `--json`, and the key of the session. The other parameters
    are annotated with how they are typed, such as `--csv FILE` or `FOLDER`, their help, and their
    limits. A command without a `screen` opens what it needs by itself.
    """
    typed_parameters = dict(signature(command).parameters)
    if typed_parameters.pop("screen", None) is None:
        return typed_as(command, [*typed_parameters.values()])
    is_of_session = typed_parameters.pop("session", None) is not None
    is_of_pipeline = typed_parameters.pop("pipeline", None) is not None

    @wraps(command)
    def run(*, is_json: bool = False, **typed: Any) -> None:
        if is_of_session:
            key = typed.pop("session_key")
            with opened_session(key, is_json=is_json) as (screen, session):
                command(screen, session, **typed)
        elif is_of_pipeline:
            with run_pipeline_command(is_json=is_json) as (screen, pipeline):
                command(screen, pipeline, **typed)
        else:
            with run_command(is_json=is_json) as screen:
                command(screen, **typed)

    parameters = [
        parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in typed_parameters.values()
    ]
    if is_of_session:
        parameters.insert(0, keyword("session_key", SessionArgument))
    parameters.append(keyword("is_json", JsonOption, default=False))
    return typed_as(run, parameters)


def typed_as(command: Callable[..., None], parameters: Sequence[Parameter]) -> Callable[..., None]:
    """Have Typer offer these parameters in place of those that a command has in its text."""
    offer_parameters(command, map(_typed_parameter, parameters))
    return command


def _typed_parameter(parameter: Parameter) -> Parameter:
    """Return a parameter with the annotation that Typer reads.

    `--csv FILE` becomes an option, `FOLDER` an argument; a parameter without such words stays.
    """
    match get_args(parameter.annotation):
        case (kind, str(typed), str(text), *limits):
            more: dict[str, Any] = dict(*limits)
            if typed.startswith("-"):
                names, _, metavar = typed.partition(" ")
                offered = typer.Option(
                    *names.split(","), help=text, metavar=metavar or None, **more
                )
            else:
                offered = typer.Argument(metavar=typed, help=text, **more)
            return parameter.replace(annotation=Annotated[kind, offered])
        case _:
            return parameter


@contextmanager
def opened_session(session_key: str, *, is_json: bool) -> Iterator[tuple[Screen, "OpenSession"]]:
    """Give a command its screen and one session; errors in it name the session.

    Where the session has no sheets yet, a ticket that is not found is an error that asks for its layout.
    """
    from jira_pipeline.review.open_session import open_session

    with run_pipeline_command(is_json=is_json) as (screen, pipeline), counted_requests():
        session: OpenSession | None = None
        try:
            session = open_session(pipeline, session_key)
            try:
                yield screen, session
            except KeyboardInterrupt:
                raise stop_error(session) from None
        except PipelineError as error:
            waits = session is not None and not session.stored.has_sheets
            if waits and error.code == NotFoundKind.TICKET:
                raise LayoutNeededError(session_key=session_key) from error
            error.name_session(session_key)
            raise


def layout_needed_text(session: "OpenSession") -> str:
    """Return why a session has no tickets to list: its upload waits for a layout; else a blank."""
    stored = session.stored
    return "" if stored.has_sheets else action_text(confirming_layout(stored).action)


def stop_error(session: "OpenSession") -> CancelledError:
    """Return the error that ends a command after Ctrl-C, with what is next in its session."""
    return CancelledError(STOPPED, recovery_actions=(_step_of(session).action,))


def shown_session_progress(
    screen: Screen, session: "OpenSession", *, title: str
) -> AbstractContextManager[None]:
    """Show how far a session is while the block runs."""

    def look() -> tuple[float, str]:
        stored = session.pipeline.store.sessions.find(session.key)
        return (0.0, "") if stored is None else (shown_percentage(stored), stored.progress_text)

    return shown_progress(screen, look, title=title)


def show_next_step(
    screen: Screen,
    session: "OpenSession",
    *,
    of_shown: Mapping[Step, str] | None = None,
    are_results_shown: bool = False,
) -> Step | None:
    """Show people what to do next with a session, as `status` names it, in one line to copy.

    `of_shown` has other words for steps that the command just showed: no step should say to look at
    what is on the screen. With `are_results_shown` that is so of looking at the results. Returns the
    step, or None for programs, which are shown nothing.
    """
    if screen.is_json:
        return None
    next_step = _step_of(session)
    words_by_step = {**(of_shown or {})}
    if are_results_shown:
        also_open = f" in Jira; {line_of(next_step.beside)}" if next_step.beside else "."
        words_by_step[Step.LOOK] = f"nothing to do{also_open}"
    words = words_by_step.get(next_step.step) or line_of(next_step.action)
    screen.say_unwrapped(f"Next: {words}")
    return next_step.step


def is_wanted_now(screen: Screen, question: str) -> bool:
    """Ask whether to go on at once, and return the answer; False where nobody is at the terminal."""
    if screen.is_json or not (screen.out.is_terminal and sys.stdin.isatty()):
        return False
    try:
        return typer.confirm(question, default=True)
    except typer.Abort:  # Ctrl-C: what was done before the question stays
        return False


def end_as_exported(session: "OpenSession") -> None:
    """End the command with exit code 3 where a person has to decide about issues; else return."""
    if _step_of(session).step is Step.DECIDE:
        raise typer.Exit(ExitCode.USER_MUST_ACT)


def _step_of(session: "OpenSession") -> NextStep:
    from jira_pipeline.sessions.status import what_is_next

    return what_is_next(session.reload())


@contextmanager
def opened_runs(pipeline: "Pipeline") -> "Iterator[InProcessRuns]":
    """Open what knows the runs of this home and starts them in this process.

    Dagster and our definitions are imported here, and not before: that takes seconds.
    """
    from jira_pipeline.dagster_port.instance import opened_instance
    from jira_pipeline.dagster_port.run_launchers import InProcessRuns

    def job_named(name: str) -> "JobDefinition":
        from jira_pipeline.defs.build import job_named as named

        return named(name)

    with opened_instance() as instance:
        yield InProcessRuns(instance, pipeline, job_named)


def run_for_session(
    screen: Screen,
    session: "OpenSession",
    runs: RunLauncher,
    wanted: WantedRun,
    *,
    title: str | None = None,
    may_fail: bool = False,
) -> RunOutcome:
    """Run a job for a session with its progress on the screen, and return how it ended.

    A failure is shown, and ends the command with its exit code, unless it `may_fail`. `title` names the
    job in the progress; None for its own name.

    Raises:
        CancelledError: It was stopped.
        RunDiedError: It ended without an error that anybody stored.
        typer.Exit: It failed.
    """
    from jira_pipeline.context.ended_runs import close_failed
    from jira_pipeline.context.run_errors import mistake_of_run

    with (
        shown_session_progress(screen, session, title=title or wanted.job.value),
        shown_waits(partial(_say_beside_progress, screen)),
    ):
        run_id = runs.start(wanted)
    outcome = runs.outcome(run_id) or RunOutcome(run_id=run_id, is_success=False)
    if outcome.is_success or may_fail:
        return outcome
    close_failed(
        session.reload(),
        run_id=outcome.run_id,
        is_cancelled=outcome.is_cancelled,
        failure=outcome.failure,
    )
    errors = [error for error in session.reload().errors if error.run_id == outcome.run_id]
    if not errors:
        # It was stopped, or could not store why: a store that was away may be back by now.
        closed = session.reload()
        is_of_run = closed.stored.run_id == outcome.run_id
        if is_of_run and closed.stored.status is SessionStatus.CANCELLED:
            raise stop_error(closed)
        if outcome.failure is not None and not outcome.failure.is_of_database:
            raise mistake_of_run(outcome.run_id, outcome.failure)
        raise RunDiedError(
            session_key=session.key,
            run_id=outcome.run_id,
            reason=outcome.reason or "it could not store why; the Dagster UI shows its log.",
            recovery_actions=(
                *outcome.recovery_actions,
                f"Then run `jira-pipeline status {session.key}` for the next step.",
            ),
        )
    show_error(screen, errors[-1])
    if not screen.is_json:
        next_action = _step_of(session).action
        actions_shown = " ".join(map(action_text, errors[-1].recovery_actions))
        if command_of(next_action) not in actions_shown:
            screen.err.print(literal(f"Next: {line_of(next_action)}"), soft_wrap=True)
    raise typer.Exit(exit_code_of(errors[-1]))


def choosing_tickets(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with an option for each condition on tickets in place of its parameter `wanted`.

    What is typed as `--group Views 3` arrives in `wanted` as `TicketQuery(groups=(VIEWS,), numbers=(3,))`,
    and as None where no ticket is named.
    """

    @wraps(command)
    def with_choice(*arguments: object, numbers: list[str] | None = None, **options: Any) -> None:
        chosen = {field: options.pop(option, None) for option, field in _FIELD_BY_OPTION.items()}
        query = query_of(chosen, numbers=parse_ticket_numbers(numbers or ()))
        command(*arguments, wanted=None if query == TicketQuery() else query, **options)

    parameters: list[Parameter] = []
    for name, parameter in signature(command).parameters.items():
        if name in {"screen", "session"}:
            parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY))
    numbers_help = "Ticket numbers, or ranges such as 7-9."
    numbers_type = Annotated[list[str] | None, "[N]...", numbers_help]
    parameters.append(keyword("numbers", numbers_type, default=None))
    for option, field in _FIELD_BY_OPTION.items():
        condition = CONDITIONS[field]
        offered = typer.Option(metavar=condition.example, help=condition.help, case_sensitive=False)
        parameters.append(keyword(option, Annotated[condition.kind | None, offered], default=None))
    for name, parameter in signature(command).parameters.items():
        if name not in {"screen", "session", "wanted"}:
            parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY))
    return typed_as(with_choice, parameters)


def current_person() -> str:
    """Return who is at the terminal, for revisions and the audit trail."""
    configured_name = load_settings().jira_pipeline_person
    if configured_name:
        return configured_name
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password database, as in some containers
        return "cli"


def content_of(path: Path, *, max_bytes: int, advice: str) -> bytes:
    """Return the content of a file of at most so many bytes; `advice` says what to do where it is not read.

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
    """Write a file that people asked for, and its folders; nobody sees it before it is complete.

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
        with suppress(OSError):  # such as where the path leads through a file
            incoming.unlink(missing_ok=True)
        raise WrongUseError(
            f"{path} cannot be written: {system_message(error)}.",
            recovery_actions=("Name a file in a folder you can write to.",),
        ) from error


def parse_ticket_numbers(texts: Iterable[str]) -> tuple[int, ...]:
    """Return the numbers that texts such as `3` and `7-9,12` name, in the order they are given."""
    numbers: list[int] = []
    for text in texts:
        for part in text.split(","):
            numbers += _range_of(part.strip())
    return tuple(numbers)


def _range_of(part: str) -> range:
    """Return the range of numbers that a text names: `7-9`, or `3` alone.

    Raises:
        typer.BadParameter: It is neither, or too long.
    """
    typed = _NUMBERS.fullmatch(part)
    if typed is None:
        raise _unusable_numbers(part, "not a ticket number")
    first = int(typed[1])
    last = int(typed[2] or typed[1])
    if last < first:
        raise _unusable_numbers(part, "not a range: put the lower number first")
    if last - first >= _RANGE_MAX:
        raise _unusable_numbers(part, f"more than {_RANGE_MAX:,} tickets")
    return range(first, last + 1)


def _unusable_numbers(part: str, fault: str) -> typer.BadParameter:
    return typer.BadParameter(f"{part!r} is {fault}; enter numbers and ranges, e.g. 3 7-9")


def tickets_meant(
    session: "OpenSession",
    wanted: TicketQuery | None,
    *,
    is_all: bool = False,
    among: Sequence[Ticket] | None = None,
) -> tuple[Ticket, ...]:
    """Return the tickets that a command is about: those that `wanted` selects, or with `is_all` all.

    They are selected `among` some tickets, or among all of the session.

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
    listed = [as_listed(ticket) for ticket in tickets]
    places = session.places_of(tickets)
    chosen = chosen_tickets(listed, wanted, places=places, session_key=session.key)
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    return tuple(by_id[ticket.ticket_id] for ticket in chosen)


def show_outcome(screen: "Screen", session: "OpenSession", outcome: "Outcome") -> None:
    """Show what came of a decision, and what is next where it changed something."""
    screen.say(*outcome.sentences, outcome.left)
    if outcome.is_something:
        show_next_step(screen, session)


def open_question_lines(session_key: str, tickets: Sequence[Ticket]) -> list[str]:
    """Return a line with how many questions tickets leave open, and which ask them; none for none."""
    questions = questions_left(tickets).asked
    if not questions:
        return []
    numbers = ticket_numbers_text(asking_numbers(tickets))
    return [f"{questions}, in {numbers}: jira-pipeline questions {session_key} --open"]


def show_vanished(
    screen: "Screen",
    session: UploadSession,
    vanished: Sequence[Ticket],
    *,
    is_agreed_by_itself: bool,
) -> None:
    """Show which tickets are no longer in the sheets, and what people can do about them.

    With `is_agreed_by_itself` the next export withdraws them, and nobody has to decide.
    """
    if not vanished:
        return
    for ticket in vanished[:NAMED]:
        gone = f"No longer in the {session.source_word}, to be withdrawn"
        screen.say(f"{gone}: {vanished_text(ticket)}")
    if len(vanished) > NAMED:
        screen.say(f"… and {len(vanished) - NAMED} more.")
    if is_agreed_by_itself:
        screen.say("The export withdraws them automatically.")
    else:
        ways = map(action_text, ways_out(session))
        screen.say("Export is blocked until someone decides.", *(f"- {way}" for way in ways))


def changed_cell_lines(ticket: Ticket) -> list[str]:
    """Return a line for each cell of the sheets that changed since people edited the ticket's prose."""
    return [f"Changed in the sheets: {cell_text(cell)}" for cell in ticket.source_changes]


def cell_text(cell: ChangedCell) -> str:
    """Return where a cell is, what it said and what it says now: `views.csv:3 Label: 'A' → 'B'`.

    The place of a row that is gone is where it was.
    """
    place = " ".join(filter(None, (cell.place, cell.thing, cell.column)))
    if cell.after is None:
        place = f"{place} (as it was)"
    return f"{place}: {_text(cell.before)} → {_text(cell.after)}"


def _text(value: str | None) -> str:
    return "(no row)" if value is None else repr(value)


def confirm(screen: Screen, *, is_asked: bool, question: str, refusal: PipelineError) -> None:
    """Ask a person before what cannot be undone, where it `is_asked`; return where they agree.

    Raises:
        PipelineError: The refusal, where nobody is at the terminal.
        typer.Abort: They do not agree.
    """
    if not is_asked:
        return
    if not is_interactive(screen):
        raise refusal
    typer.confirm(question, abort=True)


def nobody_to_ask(command: str, reason: str = "A real Jira is configured") -> ConfigurationError:
    """Return the refusal of what nobody was asked about; `command` does it without asking."""
    return ConfigurationError(
        f"{reason}, and there is no one to ask for confirmation.",
        recovery_actions=(f"Run `{command}`.",),
    )
