"""What every command begins and ends with: settings, the pipeline, its session, runs, the next step.

Belongs here: opening them, one job for one session with its progress, saying what is next. Does not: deciding that (`context/states`),
gathering what it follows from (`sessions/status`).
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    exit_code_of,
    literal,
    new_screen,
    show_error,
    shown_progress,
)
from jira_pipeline.context.states import NextStep, Step
from jira_pipeline.model.actions import action_text, command_of, line_of
from jira_pipeline.model.errors import CancelledError, PipelineError, RunDiedError
from jira_pipeline.model.sessions import RunLauncher, RunOutcome, SessionStatus, WantedRun

if TYPE_CHECKING:
    from dagster import JobDefinition

    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.dagster_port.dagster_runs import RunsHere
    from jira_pipeline.review.open_session import OpenSession


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


@contextmanager
def commanded(*, is_json: bool) -> Iterator[Screen]:
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
def opened(*, is_json: bool, is_serving: bool = False) -> Iterator[tuple[Screen, "Pipeline"]]:
    """Run a command with the pipeline of this project; one that serves others says so."""
    from jira_pipeline.context.settings import adopt_dagster_home, load_settings
    from jira_pipeline.sessions.composition import open_pipeline

    with commanded(is_json=is_json) as screen:
        settings = load_settings(adopt_dagster_home())
        if settings.log_format == "json":
            from jira_pipeline.context.logs import begin_logs

            begin_logs(settings)
        pipeline = open_pipeline(settings, is_serving=is_serving)
        with pipeline.store:
            yield screen, pipeline


def framed(command: Callable[..., None]) -> Callable[..., None]:
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
            with opened(is_json=is_json) as (screen, pipeline):
                command(screen, pipeline, **typed)
        else:
            with commanded(is_json=is_json) as screen:
                command(screen, **typed)

    keys = [keyword("session_key", SessionArgument)] if is_of_session else []
    options = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in taken.values()]
    return typed_as(run, [*keys, *options, keyword("is_json", JsonOption, default=False)])


def _offered(one: Parameter) -> Parameter:
    match get_args(one.annotation):
        case (kind, str(typed), str(text), *limits):
            more: dict[str, Any] = dict(*limits)
            offered = typer.Argument(metavar=typed, help=text, **more)
            if typed[0] == "-":
                names, _, metavar = typed.partition(" ")
                more |= {"metavar": metavar or None}
                offered = typer.Option(*names.split(","), help=text, **more)
            return one.replace(annotation=Annotated[kind, offered])
        case _:
            return one


def typed_as(command: Callable[..., None], parameters: Sequence[Parameter]) -> Callable[..., None]:
    """Have the library read these parameters in place of those that a command has in its text."""
    offered = [*map(_offered, parameters)]
    setattr(command, "__signature__", Signature(offered))  # noqa: B010 - read by Typer
    command.__annotations__ = {one.name: one.annotation for one in offered}
    return command


def keyword(name: str, annotation: object, *, default: object = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


@contextmanager
def opened_session(session_key: str, *, is_json: bool) -> Iterator[tuple[Screen, "OpenSession"]]:
    """Run a command about one session."""
    from jira_pipeline.review.open_session import open_session

    with opened(is_json=is_json) as (screen, pipeline):
        try:
            session = open_session(pipeline, session_key)
            try:
                yield screen, session
            except KeyboardInterrupt:
                raise stopped(session) from None
        except PipelineError as error:
            error.name_session(session_key)
            raise


def stopped(session: "OpenSession") -> CancelledError:
    """Say after Ctrl-C what is next in a session."""
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
    """Ask who sits at the terminal whether to go on at once; where nobody does, it is not."""
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

    return what_is_next(session.again())


@contextmanager
def opened_runs(pipeline: "Pipeline") -> "Iterator[RunsHere]":
    """Open what knows the runs of this home and starts them here; both take long to import."""
    from jira_pipeline.dagster_port.dagster_runs import RunsHere, opened_instance

    def job_named(name: str) -> "JobDefinition":
        from jira_pipeline.defs.build import job_named as named

        return named(name)

    with opened_instance() as instance:
        yield RunsHere(instance, pipeline, job_named)


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
    from jira_pipeline.context.runs import close_failed

    with shown_session_progress(screen, session, title=title or wanted.job.value):
        run_id = runs.start(wanted)
    outcome = runs.outcome(run_id) or RunOutcome(run_id=run_id, is_success=False)
    if outcome.is_success or may_fail:
        return outcome
    session = session.again()
    close_failed(session, run_id=outcome.run_id, is_cancelled=outcome.is_cancelled)
    errors = [e for e in session.again().errors if e.run_id == outcome.run_id]
    if not errors:
        # It was stopped, or could not store why: a store that was away may be back by now.
        ended = session.again()
        if ended.stored.status is SessionStatus.CANCELLED and ended.stored.run_id == outcome.run_id:
            raise stopped(ended)
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
        named = (command_of(after) in action_text(shown) for shown in errors[-1].recovery_actions)
        if not any(named):
            screen.err.print(literal(f"Next: {line_of(after)}"), soft_wrap=True)
    raise typer.Exit(exit_code_of(errors[-1]))
