"""Commands about an export that did not end: resume, cancel."""

from typing import Annotated

import typer

from jira_pipeline.cli.console import counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.export import show_results
from jira_pipeline.cli.reviewing import current_person
from jira_pipeline.cli.running import run_for_session

ForceOption = Annotated[
    bool, typer.Option("--force", help="Go on after three retries, or past a run that only seems.")
]


def resume(
    session_key: SessionArgument, *, is_forced: ForceOption = False, is_json: JsonOption = False
) -> None:
    """Carry on with a failed, cancelled or interrupted export; nothing is created twice."""
    from jira_pipeline.defs import export_steps, session_steps  # noqa: PLC0415 - starts fast
    from jira_pipeline.defs.launching import resume_export  # noqa: PLC0415 - imports Dagster

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        resumed = export_steps.begin_resume(
            pipeline, session, by=current_person(), is_forced=is_forced
        )
        where = f"ticket {resumed.resuming_from}" if resumed.resuming_from else "links and files"
        screen.say(
            f"Retry {resumed.retry_attempt} ({resumed.remaining_retries} remaining): "
            f"{counted(resumed.preserved_tickets, 'issue')} kept, carrying on at {where}."
        )
        outcome = run_for_session(
            screen,
            pipeline,
            session_key,
            job_name="resume",
            launch=lambda: resume_export(
                session_key,
                last_run_id=session.run_id,
                is_issue_missing=resumed.resuming_from is not None,
            ),
        )
        results = session_steps.required_results(pipeline, session)
        report = session_steps.page_path(pipeline, session, session_steps.REPORT_PAGE)
        screen.answer(
            results.to_json()
            | {"report": str(report), "resumed": resumed.to_json() | {"run_id": outcome.run_id}}
        )
        show_results(screen, results, report=report)


def cancel(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """Ask the run of a session to stop before its next ticket; it can be resumed."""
    from jira_pipeline.defs import export_steps  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        now = export_steps.cancel(pipeline, session, by=current_person())
        screen.answer(
            {"session_key": session_key, "run_id": now.run_id, "status": now.status.value}
        )
        if now.status is session.status:
            screen.say(f"Run {now.run_id} stops before its next ticket.")
        else:
            screen.say(f"Run {now.run_id} was dead already; it is closed.")
        screen.say(f"Carry on with: jira-pipeline resume {session_key}")
