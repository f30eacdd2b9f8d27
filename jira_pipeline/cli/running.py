"""Runs started from the terminal: one job for one session, with its progress on the screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from jira_pipeline.cli.console import Screen, exit_code_of, show_error
from jira_pipeline.cli.context import show_next_step_after_failure, shown_session_progress, stopped
from jira_pipeline.model.errors import PipelineError, RunDiedError
from jira_pipeline.model.runs import RunLauncher, RunOutcome, WantedRun
from jira_pipeline.model.sessions import SessionStatus

if TYPE_CHECKING:
    from dagster import JobDefinition

    from jira_pipeline.context.pipeline import Pipeline
    from jira_pipeline.dagster_port.dagster_runs import RunsHere
    from jira_pipeline.review.open_session import OpenSession


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
        raise _ended_without_error(session.again(), outcome)
    show_error(screen, errors[-1])
    show_next_step_after_failure(screen, session, shown=errors[-1].recovery_actions)
    raise typer.Exit(exit_code_of(errors[-1]))


def _ended_without_error(session: "OpenSession", outcome: RunOutcome) -> PipelineError:
    """Say why a run ended that stored no error: it was stopped, or could not store anything.

    A store that was away as the run began may be back by now.
    """
    ended = session.stored
    if ended.status is SessionStatus.CANCELLED and ended.run_id == outcome.run_id:
        return stopped(session)
    return RunDiedError(
        session_key=session.key,
        run_id=outcome.run_id,
        reason=outcome.reason or "it could not store why; the Dagster UI shows its log.",
        recovery_actions=(
            *outcome.recovery_actions,
            f"Then run `jira-pipeline status {session.key}` for the next step.",
        ),
    )
