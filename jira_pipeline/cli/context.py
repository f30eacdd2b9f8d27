"""What every command begins with: settings, the pipeline, the session it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.actions import addressed
from jira_pipeline.cli.console import ExitCode, Screen, exit_code_of, new_screen, show_error
from jira_pipeline.errors import ConfigurationError, PipelineError, WrongUseError

if TYPE_CHECKING:
    from jira_pipeline.sessions.composition import Pipeline
    from jira_pipeline.sessions.open_session import OpenSession

SessionArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="Key of the upload session; `sessions` lists them.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON for other programs.")]


@contextmanager
def commanded(*, is_json: bool) -> Iterator[Screen]:
    """Run a command; our errors are told in words and end it with their exit code."""
    screen = new_screen(is_json=is_json)
    try:
        yield screen
    except PipelineError as error:
        show_error(screen, error)
        raise typer.Exit(exit_code_of(error)) from error
    except KeyboardInterrupt:
        screen.err.print("Stopped. What was finished is kept.")
        raise typer.Exit(ExitCode.FAILED) from None


@contextmanager
def opened(*, is_json: bool) -> Iterator[tuple[Screen, "Pipeline"]]:
    """Run a command with the pipeline of this project."""
    from jira_pipeline.sessions.composition import open_pipeline  # noqa: PLC0415 - starts fast
    from jira_pipeline.settings import adopt_dagster_home, load_settings  # noqa: PLC0415 - as above

    with commanded(is_json=is_json) as screen:
        settings = load_settings(adopt_dagster_home())
        pipeline = open_pipeline(settings)
        with pipeline.store:
            yield screen, pipeline


def refuse_unknown_writer(pipeline: "Pipeline", name: str | None, *, option: str) -> None:
    """Stop where an option names a writer that cannot be asked.

    Raises:
        WrongUseError: Nobody writes under that name.
    """
    from jira_pipeline.settings import PROVIDERS, TEMPLATE  # noqa: PLC0415 - starts fast

    if name is None or name == TEMPLATE:
        return
    if name in PROVIDERS:
        raise WrongUseError(
            f"{option}: {name!r} names no model.",
            recovery_actions=(f"Put the name of a model behind it: {name}NAME.",),
        )
    try:
        pipeline.settings.with_writer(name)
    except ConfigurationError as error:
        raise WrongUseError(
            f"{option}: {error.message.replace('WRITER_MODEL: ', '')}",
            recovery_actions=error.recovery_actions,
        ) from error


@contextmanager
def opened_session(
    session_key: str, *, is_json: bool
) -> Iterator[tuple[Screen, "Pipeline", "OpenSession"]]:
    """Run a command about one session."""
    from jira_pipeline.sessions.open_session import open_session  # noqa: PLC0415 - starts fast

    with opened(is_json=is_json) as (screen, pipeline):
        try:
            yield screen, pipeline, open_session(pipeline, session_key)
        except PipelineError as error:
            error.recovery_actions = tuple(
                addressed(a, session_key) for a in error.recovery_actions
            )
            raise
