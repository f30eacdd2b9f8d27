"""The commands `resume` and `cancel`: work that did not end, or that should not go on.

Belongs here: what goes on, and what is stopped, in words. Does not: which run carries on, and counting
retries (`sessions/starting`).
"""

from typing import Annotated

from jira_pipeline.cli.console import Screen, is_interactive
from jira_pipeline.cli.context import current_person, opened_runs, run_for_session, show_next_step
from jira_pipeline.cli.export import export, finish_export
from jira_pipeline.cli.generate import show_generated
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
            resumed, wanted = begin_resume(session, runs, by=current_person(), is_forced=is_forced)
        except GateError as error:
            if error.code == GateRule.UNDO_OPEN:  # people agreed to it when it began
                screen.say(error.message)
                undo(screen, session.reload(), is_sure=True)
            elif error.code == GateRule.NEW_TARGET and is_interactive(screen):
                export(screen, session.reload())  # shows the plan, and asks
            else:
                raise
            return
        if isinstance(resumed, ResumedGeneration):
            preserved = format_count(len(resumed.preserved_steps), "step")
            where = resumed.resuming_from
        else:
            preserved = format_count(resumed.preserved_tickets, "issue")
            where = (
                f"ticket {resumed.resuming_from}" if resumed.resuming_from else "links and files"
            )
        screen.say(
            f"Retry {resumed.retry_attempt} ({resumed.remaining_retries} remaining): {preserved} kept, "
            f"resuming at {where}."
        )

        outcome = run_for_session(screen, session, runs, wanted, title="resume")
        answer = {"resumed": json_object(resumed) | {"run_id": outcome.run_id}}
        if wanted.job in EXPORT_JOBS:
            finish_export(screen, session, resumed=answer["resumed"])
        else:
            show_generated(screen, session, answer=answer)


def cancel(screen: Screen, session: "OpenSession") -> None:
    """Stop a session's current run before its next ticket, along with anything queued."""
    from jira_pipeline.dagster_port.dagster_runs import opened_history

    with opened_history(session.pipeline) as history:
        cancelled = cancelling.cancel(session, history, by=current_person())
    screen.answer(cancelled)
    screen.say(*(run.user_message for run in cancelled.runs))
    if any(run.became is cancelling.Cancelling.ASKED for run in cancelled.runs):
        screen.say(f"Then resume with: jira-pipeline resume {session.key}")
    else:
        show_next_step(screen, session)
