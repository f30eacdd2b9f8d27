"""The commands `resume` and `cancel`: carry on with work that broke off, or stop work.

Belongs here: what carries on and what is stopped, in words. Does not: which run carries on, and counting
retries (`sessions/starting`).
"""

from typing import Annotated

from jira_pipeline.cli.console import Screen, is_interactive
from jira_pipeline.cli.context import current_person, opened_runs, run_for_session, show_next_step
from jira_pipeline.cli.export import export, finish_export
from jira_pipeline.cli.generate import show_generation
from jira_pipeline.cli.undo import undo
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.runs import EXPORT_JOBS
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions import cancelling
from jira_pipeline.sessions.starting import ResumedGeneration, begin_resume


def resume(
    screen: Screen,
    session: OpenSession,
    *,
    is_forced: Annotated[
        bool, "--force", "Resume even after three retries, or if a run still shows as running."
    ] = False,
) -> None:
    """Resume an export, an undo or a writing run that failed or was cancelled or killed.

    Nothing is repeated: no step, model request or issue.
    """
    with opened_runs(session.pipeline) as runs:
        try:
            retry, wanted_run = begin_resume(
                session, runs, by=current_person(), is_forced=is_forced
            )
        except GateError as error:
            if error.code == GateRule.UNDO_OPEN:  # people agreed to the undo when it began
                screen.say(error.message)
                undo(screen, session.reload(), is_sure=True)
            elif error.code == GateRule.NEW_TARGET and is_interactive(screen):
                export(screen, session.reload())  # shows the plan, and asks
            else:
                raise
            return
        if isinstance(retry, ResumedGeneration):
            preserved = format_count(len(retry.preserved_steps), "step")
            next_part = retry.resuming_from
        else:
            preserved = format_count(retry.preserved_tickets, "issue")
            next_part = (
                f"ticket {retry.resuming_from}" if retry.resuming_from else "links and files"
            )
        screen.say(
            f"Retry {retry.retry_attempt} ({retry.remaining_retries} remaining): {preserved} kept, "
            f"resuming at {next_part}."
        )

        outcome = run_for_session(screen, session, runs, wanted_run, title="resume")
        resumed_json = json_object(retry) | {"run_id": outcome.run_id}
        if wanted_run.job in EXPORT_JOBS:
            finish_export(screen, session, resumed=resumed_json)
        else:
            show_generation(screen, session, answer={"resumed": resumed_json})


def cancel(screen: Screen, session: "OpenSession") -> None:
    """Stop a session's current run before its next ticket, along with anything queued."""
    from jira_pipeline.dagster_port.dagster_runs import opened_history

    with opened_history(session.pipeline) as history:
        cancelled = cancelling.cancel(session, history, by=current_person())
    screen.answer(cancelled)
    screen.say(*(run.user_message for run in cancelled.runs))
    # A run that was asked to stop is still at work: there is no next step before it has stopped.
    if any(run.became is cancelling.Cancelling.ASKED for run in cancelled.runs):
        screen.say(f"Then resume with: jira-pipeline resume {session.key}")
    else:
        show_next_step(screen, session)
