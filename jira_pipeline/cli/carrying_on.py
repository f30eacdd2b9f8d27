"""Commands about an export, or the writing of tickets, that did not end: resume, cancel."""

from typing import Annotated

import typer

from jira_pipeline.cli.console import counted
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.ending import tell_next, tell_next_behind_results
from jira_pipeline.cli.export import show_results
from jira_pipeline.cli.reviewing import current_person
from jira_pipeline.cli.running import run_for_session
from jira_pipeline.cli.session import show_generated

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
    from jira_pipeline.defs.launching import opened_runs  # noqa: PLC0415 - imports Dagster
    from jira_pipeline.sessions.open_session import REPORT_PAGE  # noqa: PLC0415 - starts fast
    from jira_pipeline.sessions.results import required_results  # noqa: PLC0415 - as above
    from jira_pipeline.sessions.resume import ResumedGeneration, begin_resume  # noqa: PLC0415 - as above

    with (
        opened_session(session_key, is_json=is_json) as (screen, pipeline, session),
        opened_runs(pipeline) as runs,
    ):
        begun = begin_resume(session, runs, by=current_person(), is_forced=is_forced)
        resumed = begun.resumed
        if isinstance(resumed, ResumedGeneration):
            kept = counted(len(resumed.preserved_steps), "step")
            where = resumed.resuming_from
        else:
            kept = counted(resumed.preserved_tickets, "issue")
            where = (
                f"ticket {resumed.resuming_from}" if resumed.resuming_from else "links and files"
            )
        screen.say(
            f"Retry {resumed.retry_attempt} ({resumed.remaining_retries} remaining): "
            f"{kept} kept, carrying on at {where}."
        )

        outcome = run_for_session(screen, pipeline, runs, begun.wanted, title="resume")
        answer = {"resumed": resumed.to_json() | {"run_id": outcome.run_id}}
        if not begun.is_exporting:
            show_generated(screen, pipeline, session_key, answer=answer)
            return
        results, report = required_results(session.again()), session.page_path(REPORT_PAGE)
        screen.answer(results.to_json() | {"report": str(report)} | answer)
        show_results(screen, results, report=report)
        tell_next_behind_results(screen, pipeline, session_key)


def cancel(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """Stop what is at work in a session before its next ticket, and what is queued."""
    from jira_pipeline.defs.runs import opened_history  # noqa: PLC0415 - imports Dagster
    from jira_pipeline.sessions import resume as resuming  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        with opened_history() as known:
            runs = resuming.cancel(session, known, by=current_person())
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
            screen.say(f"Run {run.run_id} {run.sentence}.")
        if any(run.became is resuming.Cancelling.ASKED for run in runs):
            screen.say(f"Carry on then with: jira-pipeline resume {session_key}")
        else:
            tell_next(screen, pipeline, session_key)
