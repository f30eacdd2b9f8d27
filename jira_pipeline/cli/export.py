"""Commands about the export: export, results, fixes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jira_pipeline.cli.console import ExitCode, Screen, counted, lasting, plain_table
from jira_pipeline.cli.context import (
    LARGEST_NUMBER,
    JsonOption,
    SessionArgument,
    opened_session,
    show_next_step,
    show_next_step_after_results,
)
from jira_pipeline.cli.reviewing import (
    current_person,
    open_question_lines,
    open_questions_json,
)
from jira_pipeline.cli.running import run_for_session
from jira_pipeline.domain.manual_fixes import alike
from jira_pipeline.errors import ConfigurationError, PipelineError
from jira_pipeline.ports.runs import RunJob, WantedRun
from jira_pipeline.sessions.commands import words_of
from jira_pipeline.stages.writing_costs import spending_text

if TYPE_CHECKING:
    from jira_pipeline.sessions.composition import Pipeline
    from jira_pipeline.sessions.open_session import OpenSession
    from jira_pipeline.stages.jira_export.later_changes import LaterChange
    from jira_pipeline.stages.jira_export.pace import StartedExport
    from jira_pipeline.stages.jira_export.plan import ExportPlan
    from jira_pipeline.stages.jira_export.results import ExportResults

CELLS_SHOWN = 5
PlanOption = Annotated[bool, typer.Option("--plan", help="Only show what would be done.")]
DoneOption = Annotated[
    list[int] | None,
    typer.Option(
        "--done",
        max=LARGEST_NUMBER,
        metavar="ID",
        help="Mark a manual fix as done; may be repeated.",
    ),
]
QueueOption = Annotated[
    bool,
    typer.Option(
        "--queue", help="Let the daemon run it (`jira-pipeline dev`), and return at once."
    ),
]
AsNewOption = Annotated[
    bool,
    typer.Option(
        "--as-new",
        help="Create issues even where another session has issues of the same specification.",
    ),
]
RehearseOption = Annotated[
    bool,
    typer.Option(
        "--rehearse",
        help="Export into a new project of the sandbox; the session and its Jira stay as they are.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before a real Jira.")]


def export(
    session_key: SessionArgument,
    *,
    is_plan: PlanOption = False,
    is_rehearsal: RehearseOption = False,
    is_sure: YesOption = False,
    is_as_new: AsNewOption = False,
    is_queued: QueueOption = False,
    is_json: JsonOption = False,
) -> None:
    """Create the issues of a session in Jira, attach and link them (job export_to_jira).

    For example:

    jira-pipeline export my_site --plan
    jira-pipeline export my_site --rehearse
    jira-pipeline export my_site --yes
    """
    from jira_pipeline.sessions.export import running_export
    from jira_pipeline.sessions.open_session import REPORT_PAGE
    from jira_pipeline.sessions.rehearsal import rehearse
    from jira_pipeline.sessions.results import required_results

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        if is_rehearsal:
            found = rehearse(session)
            screen.answer(found.to_json())
            show_results(screen, found, report=None)
            screen.say("`jira-pipeline sandbox serve` shows these issues. No Jira was asked.")
            raise typer.Exit(ExitCode.DONE)
        running = None if is_plan else running_export(session)
        if running is not None:
            show_running(screen, running)
            raise typer.Exit(ExitCode.DONE)
        plan = _show_plan(screen, pipeline, session, is_plan=is_plan, is_as_new=is_as_new)
        confirm(
            screen,
            is_asked=not pipeline.settings.is_sandbox and not is_sure,
            question="Create them in this Jira?",
            command=f"jira-pipeline export {session_key} --yes" + " --as-new" * is_as_new,
        )
        if is_as_new:
            pipeline.store.sessions.answer_as_new(
                session_key,
                target_id=plan.target_id,
                others=[same.session_key for same in plan.same_specification],
                by=current_person(),
                at=pipeline.clock.now(),
            )
        if is_queued:
            request = pipeline.store.export_requests.request(
                session_key, by=current_person(), at=pipeline.clock.now()
            )
            queued = {"session_key": session_key, "request_id": request.request_id, "queued": True}
            screen.answer(queued)
            screen.say(f"Queued as request {request.request_id}; the daemon starts it in seconds.")
            show_next_step(screen, pipeline, session_key)
            raise typer.Exit(ExitCode.DONE)
        started = _run(screen, pipeline, session, is_as_new=is_as_new)
        results, report = required_results(session.again()), session.page_path(REPORT_PAGE)
        screen.answer(
            results.to_json()
            | {"report": str(report), "started": started.to_json()}
            | open_questions_json(pipeline.store.tickets.list_all(session_key))
        )
        show_results(screen, results, report=report)
        show_next_step_after_results(screen, pipeline, session_key)


def _show_plan(
    screen: Screen,
    pipeline: "Pipeline",
    session: "OpenSession",
    *,
    is_plan: bool,
    is_as_new: bool,
) -> "ExportPlan":
    """Say what will be done; a plan alone ends with that, as does what cannot or need not start.

    Raises:
        PipelineError: The export would not start.
    """
    from jira_pipeline.sessions.export import plan as plan_export
    from jira_pipeline.sessions.results import idle_reason

    plan = plan_export(session, is_as_new=is_as_new)
    show_plan(screen, plan)
    unmarked = session.tally.exportable - session.tally.ready
    if plan.blocked is None and unmarked > 0:  # then the session approves what nobody looked at
        screen.say(
            f"Nobody marked {counted(unmarked, 'ticket')} ready: the session approves itself."
        )
    for line in open_question_lines(session.key, session.tickets):
        screen.say(line)
    answer = plan.to_json() | open_questions_json(session.tickets)
    idle = idle_reason(session)
    if idle:
        screen.say(idle)
    if is_plan:
        screen.answer(answer)
        if plan.blocked is None:
            show_next_step(screen, pipeline, session.key)
            raise typer.Exit(ExitCode.DONE)
        show_what_blocks(screen, plan.blocked)
        raise typer.Exit(ExitCode.USER_MUST_ACT)
    if plan.blocked is not None:
        raise plan.blocked
    if idle:
        screen.answer(answer | {"nothing_to_do": idle})
        raise typer.Exit(ExitCode.DONE)
    return plan


def _run(
    screen: Screen, pipeline: "Pipeline", session: "OpenSession", *, is_as_new: bool
) -> "StartedExport":
    """Say what starts, and run it."""
    from jira_pipeline.defs.launching import opened_runs
    from jira_pipeline.sessions.export import announced_export
    from jira_pipeline.sessions.runs import new_run_id

    run_id = new_run_id()
    started = announced_export(session.again(), run_id=run_id)
    screen.say(
        f"Run {run_id}: {counted(started.total_tickets, 'ticket')} to project "
        f"{started.project_key}, about {lasting(started.estimated_minutes)}."
    )
    wanted = WantedRun(
        session_key=session.key,
        job=RunJob.EXPORT,
        by=current_person(),
        run_id=run_id,
        as_new_by=current_person() if is_as_new else None,
    )
    with opened_runs(pipeline) as runs:
        run_for_session(screen, pipeline, runs, wanted)
    return started


def show_running(screen: Screen, running: "StartedExport") -> None:
    """Tell of the export that is at work already."""
    screen.answer(running.to_json())
    screen.say(
        f"An export of {running.session_key} is running: run {running.task_id}, "
        f"{running.progress_percentage:.0f} % done. Nothing new was started."
    )


def results(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """List the issues of a session with their links and what is left to do."""
    from jira_pipeline.sessions.open_session import REPORT_PAGE
    from jira_pipeline.sessions.results import required_results

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        found = required_results(session)
        screen.answer(found.to_json())
        show_results(screen, found, report=session.page_path(REPORT_PAGE))
        show_next_step_after_results(screen, pipeline, session_key)


def fixes(
    session_key: SessionArgument, *, done: DoneOption = None, is_json: JsonOption = False
) -> None:
    """List what a person still has to do in Jira, or mark some of it as done.

    For example:

    jira-pipeline fixes my_site --done 3 --done 4
    """
    from jira_pipeline.sessions.results import finish_fix, required_results
    from jira_pipeline.stages.jira_export.results import fix_json

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, session):
        for fix_id in done or ():
            finish_fix(session, fix_id, by=current_person())
        found = required_results(session)
        screen.answer([fix_json(fix) for fix in found.manual_fixes])
        _show_fixes(screen, found)
        show_next_step(screen, pipeline, session_key)


def show_results(screen: Screen, found: "ExportResults", *, report: Path | None) -> None:
    """Show people what was created."""
    rows = [(t.jira_key, t.title, t.jira_url) for t in found.tickets]
    screen.show(plain_table("", ("issue", "title", "address"), rows))
    screen.say(
        f"{counted(len(found.tickets), 'issue')} and {counted(found.dependencies_created, 'link')} "
        f"in {found.target.name}."
    )
    if found.removed:
        last = max(found.removed, key=lambda ticket: ticket.removed_at)
        screen.say(
            f"{counted(len(found.removed), 'issue')} taken back by an undo, the last on "
            f"{last.removed_at:%Y-%m-%d %H:%M} UTC by {last.removed_by}."
        )
    if found.steps:
        screen.say(
            f"All runs so far took {lasting(found.total_processing_time_minutes)} and "
            f"{counted(sum(found.requests.values()), 'request')}."
        )
    if found.spending.requests:
        screen.say(f"Writing the tickets took {spending_text(found.spending)}.")
    screen.say(f"JQL: {found.jql}")
    _show_fixes(screen, found)
    _show_later_changes(screen, found)
    if found.comparison is not None and found.comparison.findings:
        rows = [(f.value or "", f.message, f.advice) for f in found.comparison.findings]
        title = f"Differs from the ledger, as of {found.comparison.compared_at:%Y-%m-%d %H:%M} UTC"
        screen.show(plain_table(title, ("issue", "what", "what to do"), rows))
    if report is not None and report.exists():
        screen.say(f"Report: {report}")


def _show_fixes(screen: Screen, found: "ExportResults") -> None:
    rows = [
        (
            ", ".join(str(fix.fix_id) for fix in same),
            same[0].fix_type.value,
            ", ".join(fix.jira_key or "" for fix in same),
            same[0].original_value,
            same[0].recommended_action,
            same[0].state.value,
        )
        for same in alike(found.manual_fixes)
    ]
    if rows:
        columns = ("id", "what", "issue", "original value", "what to do", "state")
        screen.show(plain_table("Left to do by hand", columns, rows))
    else:
        screen.say("Nothing is left to do by hand.")


def _show_later_changes(screen: Screen, found: "ExportResults") -> None:
    """List what tickets say now and their issues do not: nothing of it is changed for people."""
    rows = [
        (
            change.jira_key,
            change.title,
            "no longer in the sheets" if change.is_vanished else _change_text(change),
            change.recommended_action,
        )
        for change in found.changes
    ]
    if rows:
        columns = ("issue", "ticket", "what differs", "what to do")
        screen.show(plain_table("Changed since the issues were created", columns, rows))


def _change_text(change: "LaterChange") -> str:
    cells = [f"{c.file}:{c.line} {c.column}".rstrip() for c in change.cells[:CELLS_SHOWN]]
    more = (
        [f"and {len(change.cells) - CELLS_SHOWN} more"] if len(change.cells) > CELLS_SHOWN else []
    )
    return "\n".join([*change.parts, *cells, *more]) or "fields, links or lines"


def show_plan(screen: Screen, plan: "ExportPlan") -> None:
    """Tell people where something would happen, and what."""
    target = plan.target
    where = f", project {target.project}, as {target.account}"
    screen.say(Text.assemble("Target: ", (target.site, "bold"), where))
    existing = f"{counted(plan.existing_count, 'issue')} kept, " if plan.existing_count else ""
    mood = "Will" if plan.blocked is None else "Would"
    screen.say(
        f"{mood} create {counted(len(plan.create), 'issue')} and {counted(plan.link, 'link')}; "
        f"{existing}{counted(len(plan.skip), 'ticket')} skipped."
    )
    if plan.withdraw:
        count = counted(len(plan.withdraw), "ticket")
        screen.say(f"{count} no longer in the sheets: the session withdraws them automatically.")
    if plan.existing_count and not plan.create and not plan.link and plan.blocked is None:
        screen.say("Everything is there; an export only looks again.")
    for same in plan.same_specification:
        if same.is_answered:
            screen.say(words_of(same.advice))
    if plan.attaches_refused_descriptions:
        screen.say("A description that Jira refuses is attached as a file; the body is short then.")
    for warning in plan.warnings:
        screen.say(f"Warning: {warning}")
    for number, skipped in plan.skipped_dependencies:
        numbers = ", ".join(str(other) for other in skipped)
        screen.say(f"  Ticket {number} depends on skipped {numbers}: it gets no link there.")


def show_what_blocks(screen: Screen, blocked: PipelineError) -> None:
    """Show in a plan why it would not start; on a real start the refusal itself says so."""
    screen.say(Text.assemble(("Blocked: ", "yellow"), blocked.message))
    for number, action in enumerate(blocked.recovery_actions, start=1):
        screen.say(f"  {number}. {words_of(action)}")


def confirm(screen: Screen, *, is_asked: bool, question: str, command: str) -> None:
    """Ask before anything is changed in a real Jira; `command` does it without asking."""
    if not is_asked:
        return
    if screen.is_json or not screen.err.is_terminal:
        raise ConfigurationError(
            "A real Jira is configured and nobody can be asked here.",
            recovery_actions=(f"Run `{command}`.",),
        )
    typer.confirm(question, abort=True)
