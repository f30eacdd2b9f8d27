"""Commands about an export, or the writing of tickets, that did not end: resume, cancel."""

from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import Screen, counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.ending import tell_next, tell_next_behind_results
from jira_pipeline.cli.export import show_results
from jira_pipeline.cli.reviewing import current_person
from jira_pipeline.cli.running import run_for_session
from jira_pipeline.cli.session import show_generated
from jira_pipeline.domain.sessions import SessionStage

if TYPE_CHECKING:
    from jira_pipeline.defs.generation_runs import UnfinishedGeneration
    from jira_pipeline.sessions.composition import Pipeline
    from jira_pipeline.sessions.open_session import OpenSession

ForceOption = Annotated[
    bool,
    typer.Option(
        "--force", help="Go on after three retries, or past a run that only seems to be at work."
    ),
]


def resume(
    session_key: SessionArgument, *, is_forced: ForceOption = False, is_json: JsonOption = False
) -> None:
    """Carry on with an export, or with writing tickets, that failed, was cancelled or killed.

    Nothing that was done is done again: no step, no request to a model, no issue.
    """
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        if session.stored.stage is SessionStage.JIRA_EXPORT:
            _resume_export(screen, pipeline, session, is_forced=is_forced)
            return
        from jira_pipeline.defs import generation_runs  # noqa: PLC0415 - imports Dagster

        unfinished = generation_runs.unfinished_generation(session, is_forced=is_forced)
        if unfinished is None:
            _resume_export(screen, pipeline, session, is_forced=is_forced)
        else:
            _resume_generation(screen, pipeline, session, unfinished, is_forced=is_forced)


def _resume_generation(
    screen: Screen,
    pipeline: "Pipeline",
    session: "OpenSession",
    unfinished: "UnfinishedGeneration",
    *,
    is_forced: bool,
) -> None:
    from jira_pipeline.defs import generation_runs  # noqa: PLC0415 - starts fast
    from jira_pipeline.sessions.open_session import REPORT_PAGE  # noqa: PLC0415 - starts fast
    from jira_pipeline.sessions.results import required_results  # noqa: PLC0415 - as above

    key = session.key
    resumed = generation_runs.begin_resume(
        session, unfinished, by=current_person(), is_forced=is_forced
    )
    screen.say(
        f"Retry {resumed.retry_attempt} ({resumed.remaining_retries} remaining): "
        f"{counted(len(resumed.preserved_steps), 'step')} kept, "
        f"carrying on at {resumed.resuming_from}."
    )
    outcome = run_for_session(
        screen,
        pipeline,
        key,
        job_name="resume",
        launch=lambda: generation_runs.carry_on(pipeline, key, unfinished),
    )
    answer = {"resumed": resumed.to_json() | {"run_id": outcome.run_id}}
    if not unfinished.is_exporting:
        show_generated(screen, pipeline, key, answer=answer)
        return
    results, report = required_results(session.again()), session.page_path(REPORT_PAGE)
    screen.answer(results.to_json() | {"report": str(report)} | answer)
    show_results(screen, results, report=report)
    tell_next_behind_results(screen, pipeline, key)


def _resume_export(
    screen: Screen, pipeline: "Pipeline", session: "OpenSession", *, is_forced: bool
) -> None:
    from jira_pipeline.defs.launching import resume_export  # noqa: PLC0415 - imports Dagster
    from jira_pipeline.sessions.export import begin_resume  # noqa: PLC0415 - starts fast
    from jira_pipeline.sessions.open_session import REPORT_PAGE  # noqa: PLC0415 - as above
    from jira_pipeline.sessions.results import required_results  # noqa: PLC0415 - as above

    resumed = begin_resume(session, by=current_person(), is_forced=is_forced)
    where = f"ticket {resumed.resuming_from}" if resumed.resuming_from else "links and files"
    screen.say(
        f"Retry {resumed.retry_attempt} ({resumed.remaining_retries} remaining): "
        f"{counted(resumed.preserved_tickets, 'issue')} kept, carrying on at {where}."
    )
    outcome = run_for_session(
        screen,
        pipeline,
        session.key,
        job_name="resume",
        launch=lambda: resume_export(
            session.key,
            last_run_id=session.stored.run_id,
            is_issue_missing=resumed.resuming_from is not None,
        ),
    )
    results, report = required_results(session.again()), session.page_path(REPORT_PAGE)
    screen.answer(
        results.to_json()
        | {"report": str(report), "resumed": resumed.to_json() | {"run_id": outcome.run_id}}
    )
    show_results(screen, results, report=report)
    tell_next_behind_results(screen, pipeline, session.key)


def cancel(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """Stop what is at work in a session before its next ticket, and what is queued."""
    from jira_pipeline.defs import run_following  # noqa: PLC0415 - imports Dagster

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        runs = run_following.cancel(session, by=current_person())
        now = pipeline.store.sessions.get(session_key)
        screen.answer(
            {
                "session_key": session_key,
                "run_id": runs[0].run_id,
                "status": now.status.value,
                "runs": [{"run_id": run.run_id, "became": run.became.value} for run in runs],
            }
        )
        for run in runs:
            screen.say(f"Run {run.run_id} {run.said}.")
        if any(run.became is run_following.Cancelling.ASKED for run in runs):
            screen.say(f"Carry on then with: jira-pipeline resume {session_key}")
        else:
            tell_next(screen, pipeline, session_key)
