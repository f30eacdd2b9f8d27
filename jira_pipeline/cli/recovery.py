"""Commands after an export that did not end, or should not stay: resume, cancel, settle, undo."""

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, counted, plain_table
from jira_pipeline.cli.context import (
    JsonOption,
    SessionArgument,
    end_as_exported,
    opened_session,
    show_next_step,
    show_next_step_after_results,
    shown_session_progress,
)
from jira_pipeline.cli.export import (
    PlanOption,
    YesOption,
    confirm,
    decision_lines,
    show_results,
    show_what_blocks,
)
from jira_pipeline.cli.reviewing import current_person
from jira_pipeline.cli.running import run_for_session
from jira_pipeline.cli.session import show_generated
from jira_pipeline.domain.issue_differences import DECISION_WORDS, Decision
from jira_pipeline.errors import WrongUseError
from jira_pipeline.sessions.commands import line_of
from jira_pipeline.stages.session_status import agreement_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jira_pipeline.sessions.composition import Pipeline
    from jira_pipeline.sessions.open_session import OpenSession
    from jira_pipeline.stages.jira_export.undo import KeptIssue

ALL = "all"
ForceOption = Annotated[
    bool,
    typer.Option(
        "--force", help="Continue after three retries, or although a run still shows as running."
    ),
]


def resume(
    session_key: SessionArgument, *, is_forced: ForceOption = False, is_json: JsonOption = False
) -> None:
    """Continue an export, or the writing of tickets, that failed, was cancelled or was killed.

    Nothing is done twice: no step, no request to a model, no issue.
    """
    from jira_pipeline.defs.launching import opened_runs
    from jira_pipeline.sessions.open_session import REPORT_PAGE
    from jira_pipeline.sessions.results import required_results
    from jira_pipeline.sessions.resume import ResumedGeneration, begin_resume

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
        show_next_step_after_results(screen, pipeline, session_key)
        end_as_exported(pipeline, session_key)


def cancel(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """Stop what is running in a session before its next ticket, and what is queued."""
    from jira_pipeline.defs.runs import opened_history
    from jira_pipeline.sessions import resume as resuming

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
            show_next_step(screen, pipeline, session_key)


WaitOption = Annotated[
    bool,
    typer.Option(
        "--wait",
        help="First wait as long as Jira may still be working (JIRA_SETTLE_HORIZON_SECONDS).",
    ),
]


def undo(
    session_key: SessionArgument,
    *,
    is_plan: PlanOption = False,
    is_sure: YesOption = False,
    is_json: JsonOption = False,
) -> None:
    """Delete the issues of a session that nobody has changed, and return it to the review."""
    from jira_pipeline.defs.reports import announce_undo
    from jira_pipeline.sessions import export

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        plan = export.plan_undoing(session)
        target = plan.plan.target
        where = f", project {target.project}, as {target.account}"
        screen.say(Text.assemble("Target: ", (target.site, "bold"), where))
        screen.say(
            f"Will delete {counted(len(plan.plan.remove), 'issue')} that nobody has changed."
        )
        _show_kept(screen, plan.kept)
        if is_plan:
            screen.answer(plan.to_json())
            if plan.plan.blocked is None:
                raise typer.Exit(ExitCode.DONE)
            show_what_blocks(screen, plan.plan.blocked)
            raise typer.Exit(ExitCode.TEMPORARY)
        if plan.plan.blocked is not None:
            raise plan.plan.blocked
        confirm(
            screen,
            is_asked=not pipeline.settings.is_sandbox and not is_sure,
            question="Delete them in this Jira?",
            command=f"jira-pipeline undo {session_key} --yes",
        )

        with shown_session_progress(screen, pipeline, session_key, title="undo"):
            report = export.undo(session, by=current_person())
        announce_undo(pipeline, session_key, by=current_person())
        screen.answer({"session_key": session_key} | report.to_json())
        screen.say(f"{counted(len(report.removed), 'issue')} deleted.")
        _show_kept(screen, report.kept)
        if report.in_doubt:
            numbers = ", ".join(str(number) for number in report.in_doubt)
            screen.say(f"Tickets {numbers} may have an issue nobody can see yet: undo again later.")
        screen.say("The session is back in the review.")
        show_next_step(screen, pipeline, session_key)


CreateAgainOption = Annotated[
    str | None,
    typer.Option(
        "--create-again",
        metavar="all|N,…",
        help="Issues that are gone, by ticket: the next export creates them again.",
    ),
]
AdoptOption = Annotated[
    str | None,
    typer.Option(
        "--adopt",
        metavar="all|KEY,…",
        help="Issues that are there twice, by key: take these for the tickets'.",
    ),
]
ForgetOption = Annotated[
    str | None,
    typer.Option(
        "--forget",
        metavar="all|N,…",
        help="What is gone, or there twice, by ticket or key: it does not count any more.",
    ),
]


def settle(
    session_key: SessionArgument,
    *,
    is_waiting: WaitOption = False,
    create_again: CreateAgainOption = None,
    adopt: AdoptOption = None,
    forget: ForgetOption = None,
    is_json: JsonOption = False,
) -> None:
    """Ask Jira about issues it never confirmed, that are gone or there twice, and decide about them.

    For example:

    jira-pipeline settle my_site
    jira-pipeline settle my_site --create-again 3,5
    jira-pipeline settle my_site --forget all
    """
    from jira_pipeline.sessions import export
    from jira_pipeline.sessions.results import required_results

    asked = {
        Decision.CREATE_AGAIN: create_again,
        Decision.ADOPT: adopt,
        Decision.FORGET: forget,
    }
    wanted = [(decision, names) for decision, names in asked.items() if names is not None]
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        if wanted:
            if len(wanted) > 1 or is_waiting:
                raise WrongUseError("Decide one thing at a time.")
            _decide(screen, pipeline, session, *wanted[0])
        report = export.settle(session, is_waiting=is_waiting, by=current_person())
        results = required_results(session.again())
        screen.answer({"session_key": session_key} | report.to_json())
        rows = [
            (t.number, t.title, t.outcome.value, t.key, line_of(t.advice)) for t in report.tickets
        ]
        if rows:
            columns = ("no.", "ticket", "found", "issue", "what to do")
            screen.show(plain_table("", columns, rows, wide="what to do"))
        else:
            screen.say("Nothing is unconfirmed: Jira has what was sent.")
        screen.say(f"Jira: {agreement_of(report.comparison)}.")
        for line in decision_lines(results):
            screen.say(line)
        if not report.is_conclusive:
            screen.say("Jira did not show everything just now; look again later.")
        show_next_step(screen, pipeline, session_key)
        raise typer.Exit(ExitCode.DONE if report.is_settled else ExitCode.USER_MUST_ACT)


def _decide(
    screen: Screen,
    pipeline: "Pipeline",
    session: "OpenSession",
    decision: Decision,
    names: str,
) -> NoReturn:
    """Do what was decided, and say of which tickets it was not."""
    from jira_pipeline.sessions import export

    chosen = None if names == ALL else [name.strip() for name in names.split(",")]
    report = export.decide(session, decision=decision, names=chosen, by=current_person())
    screen.answer({"session_key": session.key} | report.to_json())
    rows = [(t.number, t.title, t.key, t.refusal or "done") for t in report.tickets]
    if rows:
        columns = ("no.", "ticket", "issue", DECISION_WORDS[decision])
        screen.show(plain_table("", columns, rows, wide=DECISION_WORDS[decision]))
    else:
        screen.say("There is nothing to decide in this way.")
    show_next_step(screen, pipeline, session.key)
    is_refused = len(report.done) < len(report.tickets)
    raise typer.Exit(ExitCode.USER_MUST_ACT if is_refused else ExitCode.DONE)


def _show_kept(screen: Screen, kept: "Sequence[KeptIssue]") -> None:
    if kept:
        rows = [(issue.number, issue.key, "; ".join(issue.reasons), issue.url) for issue in kept]
        columns = ("no.", "issue", "why it stays", "address")
        screen.show(plain_table("Left as they are", columns, rows))
