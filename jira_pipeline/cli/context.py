"""What every command begins and ends with: settings, the pipeline, its session, runs, the next step.

Belongs here: opening them, options that all commands have, one job for one session with its
progress, saying what is next; in a
review, who acts, which tickets are meant, what a change came to. Does not: deciding what is next
(`context/states`), gathering what it follows from (`sessions/status`), the commands.
"""

import getpass
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import wraps
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
from jira_pipeline.context.settings import adopt_dagster_home, load_settings
from jira_pipeline.context.states import NextStep, Step, confirming_layout
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
from jira_pipeline.model.sessions import SessionStatus, UploadSession
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
_MOST_NUMBERS = 10_000
_FIELD_BY_OPTION = {
    condition.option: name for name, condition in CONDITIONS.items() if condition.option
}
"""Of `TicketQuery`, by the option of commands that asks for it."""


@contextmanager
def run_command(*, is_json: bool) -> Iterator[Screen]:
    """Run a command; our errors are printed and end it with their exit code."""
    screen = new_screen(is_json=is_json)
    if logging.lastResort is not None:
        logging.lastResort.addFilter(_is_no_interrupt)
    try:
        yield screen
    except PipelineError as error:
        show_error(screen, error)
        raise typer.Exit(exit_code_of(error)) from error
    except KeyboardInterrupt:
        screen.err.print(STOPPED)
        raise typer.Exit(ExitCode.FAILED) from None


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    """Keep Ctrl-C out of the log: SQLAlchemy logs what ends the close of a connection as an error."""
    return record.exc_info is None or not isinstance(record.exc_info[1], KeyboardInterrupt)


@contextmanager
def run_pipeline_command(
    *, is_json: bool, is_serving: bool = False
) -> Iterator[tuple[Screen, "Pipeline"]]:
    """Run a command with the pipeline of this project; one that serves others says so."""
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
    """Give a command what it begins with: a `screen`, this project's `pipeline`, or a `session` of it.

    The option `--json` and the key of the session are typed in their place. What else it takes is
    annotated with how people type it, such as `--csv FILE` or `FOLDER`, its help, and its limits.
    """
    taken = dict(signature(command).parameters)
    if taken.pop("screen", None) is None:
        return typed_as(command, [*taken.values()])
    is_of_session = taken.pop("session", None) is not None
    is_of_pipeline = taken.pop("pipeline", None) is not None

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

    parameters = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in taken.values()]
    if is_of_session:
        parameters.insert(0, keyword("session_key", SessionArgument))
    parameters.append(keyword("is_json", JsonOption, default=False))
    return typed_as(run, parameters)


def typed_as(command: Callable[..., None], parameters: Sequence[Parameter]) -> Callable[..., None]:
    """Have Typer offer these parameters in place of those that a command has in its text."""
    offer_parameters(command, map(_typed_parameter, parameters))
    return command


def _typed_parameter(parameter: Parameter) -> Parameter:
    """Say how a parameter is typed as Typer reads it: `--csv FILE` is an option, `FOLDER` an argument."""
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
    """Run a command about one session."""
    from jira_pipeline.review.open_session import open_session

    with run_pipeline_command(is_json=is_json) as (screen, pipeline):
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


def what_is_waited_for(session: "OpenSession") -> str:
    """Say why a session has no tickets to list, where its upload waits for a layout."""
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
        return (0.0, "") if stored is None else (stored.progress_percentage, stored.progress_text)

    return shown_progress(screen, look, title=title)


def show_next_step(
    screen: Screen,
    session: "OpenSession",
    *,
    of_shown: Mapping[Step, str] | None = None,
    are_results_shown: bool = False,
) -> Step | None:
    """Show people what to do next with a session, as `status` names it, in one line to copy.

    Other words are `of_shown` steps: of those that were just shown. After results it is what is
    open, no longer to look at them. Returns the step; None to programs.
    """
    if screen.is_json:
        return None
    step = _step_of(session)
    words = {**(of_shown or {})}
    if are_results_shown:
        open_beside = f" in Jira; {line_of(step.beside)}" if step.beside else "."
        words[Step.LOOK] = f"nothing to do{open_beside}"
    screen.say_unwrapped(f"Next: {words.get(step.step) or line_of(step.action)}")
    return step.step


def is_wanted_now(screen: Screen, question: str) -> bool:
    """Ask whether to continue at once; False where nobody sits at the terminal."""
    if screen.is_json or not (screen.out.is_terminal and sys.stdin.isatty()):
        return False
    try:
        return typer.confirm(question, default=True)
    except typer.Abort:  # Ctrl-C: what was done before the question stays
        return False


def end_as_exported(session: "OpenSession") -> None:
    """End with the exit code of an export that is over: a person may have to decide about it."""
    if _step_of(session).step is Step.DECIDE:
        raise typer.Exit(ExitCode.USER_MUST_ACT)


def _step_of(session: "OpenSession") -> NextStep:
    from jira_pipeline.sessions.status import what_is_next

    return what_is_next(session.reload())


@contextmanager
def opened_runs(pipeline: "Pipeline") -> "Iterator[InProcessRuns]":
    """Open what knows the runs of this home and starts them here; both take long to import."""
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
    """Run what is wanted; a failure is shown and ends the command with its exit code.

    `title` names it in the progress, else its job does.
    """
    from jira_pipeline.context.ended_runs import close_failed
    from jira_pipeline.context.run_errors import mistake_of_run

    with shown_session_progress(screen, session, title=title or wanted.job.value):
        run_id = runs.start(wanted)
    outcome = runs.outcome(run_id) or RunOutcome(run_id=run_id, is_success=False)
    if outcome.is_success or may_fail:
        return outcome
    session = session.reload()
    close_failed(
        session,
        run_id=outcome.run_id,
        is_cancelled=outcome.is_cancelled,
        failure=outcome.failure,
    )
    errors = [error for error in session.reload().errors if error.run_id == outcome.run_id]
    if not errors:
        # It was stopped, or could not store why: a store that was away may be back by now.
        ended = session.reload()
        if ended.stored.status is SessionStatus.CANCELLED and ended.stored.run_id == outcome.run_id:
            raise stop_error(ended)
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
        after = _step_of(session).action
        shown = " ".join(map(action_text, errors[-1].recovery_actions))
        if command_of(after) not in shown:
            screen.err.print(literal(f"Next: {line_of(after)}"), soft_wrap=True)
    raise typer.Exit(exit_code_of(errors[-1]))


def choosing_tickets(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all conditions in place of its `wanted`: a `TicketQuery`, None for nothing.

    What is typed as `--group Views 3` arrives as `TicketQuery(groups=(VIEWS,), numbers=(3,))`.
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


def parse_ticket_numbers(texts: Iterable[str]) -> tuple[int, ...]:
    """Read ticket numbers and ranges such as `3` and `7-9`, in the order they are given."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    return tuple(number for part in parts for number in _range_of(part))


def _range_of(part: str) -> range:
    """Read a number or a range of numbers.

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
    if last - first >= _MOST_NUMBERS:
        raise _unusable_numbers(part, f"more than {_MOST_NUMBERS:,} tickets")
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
    listed = [as_listed(ticket) for ticket in tickets]
    places = session.places_of(tickets)
    chosen = chosen_tickets(listed, wanted, places=places, session_key=session.key)
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    return tuple(by_id[ticket.ticket_id] for ticket in chosen)


def show_outcome(screen: "Screen", session: "OpenSession", outcome: "Outcome") -> None:
    """Say what a decision came to, and what is next where something was decided."""
    screen.say(*outcome.sentences, outcome.left)
    if outcome.is_something:
        show_next_step(screen, session)


def open_question_lines(session_key: str, tickets: Sequence[Ticket]) -> list[str]:
    """Say how many questions these tickets leave open, and which of them ask; or nothing."""
    questions = questions_left(tickets).asked
    if not questions:
        return []
    where = ticket_numbers_text(asking_numbers(tickets))
    return [f"{questions}, in {where}: jira-pipeline questions {session_key} --open"]


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


def confirm(screen: Screen, *, is_asked: bool, question: str, refusal: PipelineError) -> None:
    """Ask before what cannot be taken back: a change in a real Jira, another target, forgetting.

    Raises:
        PipelineError: The refusal, where there is nobody to ask.
    """
    if not is_asked:
        return
    if not is_interactive(screen):
        raise refusal
    typer.confirm(question, abort=True)


def nobody_to_ask(command: str, reason: str = "A real Jira is configured") -> ConfigurationError:
    """Refuse to do unasked what has a reason to be asked about; `command` does it without asking."""
    return ConfigurationError(
        f"{reason}, and there is nobody to ask for confirmation.",
        recovery_actions=(f"Run `{command}`.",),
    )
