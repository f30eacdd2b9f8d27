"""The commands about an export and what it left: `export`, `results`, `fixes`, `todo`, `progress`.

An export has a plan first (`ExportPlan`: what it would create, update and leave alone, and what blocks
it), which is shown; a person confirms it where a real Jira is meant, and the run begins. Afterwards its
results (`ExportResults`) list the issues, the manual fixes, and the differences between Jira and what was
sent.

Belongs here: showing these, and asking. Does not: making plans and results (`export`), starting the run
(`sessions/starting`).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn
from urllib.parse import urljoin

import typer
from rich.text import Text

from jira_pipeline.cli.console import (
    ExitCode,
    Screen,
    format_duration,
    format_steps,
    is_interactive,
)
from jira_pipeline.cli.context import (
    LARGEST_NUMBER,
    AsNewOption,
    cell_text,
    confirm,
    current_person,
    end_as_exported,
    nobody_to_ask,
    open_question_lines,
    opened_runs,
    parse_ticket_numbers,
    run_for_session,
    show_next_step,
)
from jira_pipeline.context.sent_requests import sent_request_count
from jira_pipeline.context.trackers import opens_in_a_browser
from jira_pipeline.export import exporting
from jira_pipeline.export.exporting import plan as plan_export, running_export
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.manual_fixes import finish_fixes
from jira_pipeline.export.plan import ExportPlan, PlannedTarget
from jira_pipeline.export.results import ExportResults
from jira_pipeline.export.session_results import idle_reason, required_results
from jira_pipeline.export.todo import TodoKind
from jira_pipeline.export.updating import PlannedUpdate
from jira_pipeline.model.actions import Action, ActionKind, action_text, line_of
from jira_pipeline.model.differences import DECISION_LABELS
from jira_pipeline.model.errors import GateRule, PipelineError
from jira_pipeline.model.exports import Target
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.json_values import json_object, select_fields
from jira_pipeline.model.line_numbers import format_count, ticket_numbers_text
from jira_pipeline.model.manual_fixes import alike
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.ticket_decisions import LEFT_OUT
from jira_pipeline.model.tickets import open_questions_json
from jira_pipeline.model.update_choices import UpdateChoice, chosen_update
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.starting import begin_export, queue_export
from jira_pipeline.sessions.status import agreement_of, todo as todo_of

CELLS_SHOWN = 5
"""Of each ticket that changed since its issue was written."""
PlanOption = Annotated[bool, "--plan", "Only show what would happen."]
YesOption = Annotated[bool, "--yes", "Do not ask before changing a real Jira."]
BAR_CHARACTERS = 24


def export(
    screen: Screen,
    session: OpenSession,
    *,
    is_plan: PlanOption = False,
    is_sure: YesOption = False,
    is_as_new: AsNewOption = False,
    is_updating: Annotated[
        bool,
        "--update",
        "Also update the summary and description of issues whose tickets have changed, "
        "beside what people wrote there.",
    ] = False,
    overwrites: Annotated[
        list[str] | None,
        "--overwrite N:TEXT",
        "With --update: replace a text that someone edited and that the plan leaves alone; give "
        "the number and text shown by --plan, e.g. 12:1a2b3c4d. May be repeated.",
    ] = None,
    leaves: Annotated[
        list[str] | None,
        "--leave N",
        "With --update: do not update a ticket's issue or comment on it; takes a number or "
        "a range such as 7-9. May be repeated.",
    ] = None,
    is_queued: Annotated[
        bool, "--queue", "Leave this to the daemon (`jira-pipeline serve`) and return immediately."
    ] = False,
) -> None:
    """Create a session's issues in Jira with their attachments and links (job export_to_jira).

    For example:

    jira-pipeline export my_site --plan
    jira-pipeline export my_site --yes
    jira-pipeline export my_site --update --plan
    """
    if is_updating and is_queued:
        raise typer.BadParameter(
            "--update does not go with --queue: leave it out, or run the job export_to_jira with "
            "`update: true`."
        )
    update = chosen_update(
        is_wanted=is_updating, overwrite=overwrites or (), leave=parse_ticket_numbers(leaves or ())
    )
    running = None if is_plan else running_export(session)
    if running is not None:
        screen.answer(running)
        screen.say(
            f"An export of {running.session_key} is running: run {running.run_id}, "
            f"{running.progress_percentage:.0f} % done. No new run was started."
        )
        raise typer.Exit(ExitCode.DONE)
    # The same command without --plan and --yes, for people to go on with.
    words = ["jira-pipeline", "export", session.key]
    if is_as_new:
        words.append("--as-new")
    if is_updating:
        words.append("--update")
    for number in overwrites or ():
        words += ["--overwrite", number]
    for number in leaves or ():
        words += ["--leave", number]
    command = " ".join(words)
    plan = _show_plan_and_go_on(
        screen, session, command=command, is_plan=is_plan, is_as_new=is_as_new, update=update
    )
    begun_at = session.clock.now()
    is_real_jira_unconfirmed = not session.settings.is_sandbox and not is_sure
    confirm(
        screen,
        is_asked=is_real_jira_unconfirmed or plan.blocked is not None,
        question="Create them there too?" if plan.blocked else "Create them in this Jira?",
        refusal=plan.blocked or nobody_to_ask(f"{command} --yes"),
    )
    if is_queued:
        queued = queue_export(session, answers=plan.answers, by=current_person())
        screen.answer(select_fields(queued, "session_key request_id") | {"queued": True})
        screen.say(f"Queued as request {queued.request_id}; the daemon starts it in seconds.")
        show_next_step(screen, session)
        raise typer.Exit(ExitCode.DONE)
    start, wanted_run = begin_export(
        session, answers=plan.answers, is_as_new=is_as_new, update=update, by=current_person()
    )
    screen.say(
        f"Run {start.run_id}: {format_count(start.total_tickets, 'ticket')} to project "
        f"{start.project_key}, about {format_duration(start.estimated_duration_minutes)}."
    )

    with opened_runs(session.pipeline) as runs:
        run_for_session(screen, session, runs, wanted_run)
    finish_export(
        screen,
        session,
        since=begun_at if is_updating else None,
        started=start,
        **open_questions_json(session.tickets),
    )


def finish_export(
    screen: Screen, session: OpenSession, *, since: datetime | None = None, **more: object
) -> None:
    """Show what an export left, and end the command with its exit code.

    Of an update, which began at `since`, only the issues that it created or updated are listed. `more`
    are further fields of the answer to programs.
    """
    exported = session.reload()
    results = required_results(exported)
    report = _report_of(exported)
    sent = sent_request_count()
    screen.answer(json_object(results) | {"report": str(report), "requests_sent": sent} | more)
    show_results(screen, results, report=report, since=since)
    show_next_step(screen, exported, are_results_shown=True)
    end_as_exported(exported)


def _show_plan_and_go_on(
    screen: Screen,
    session: OpenSession,
    *,
    command: str,
    is_plan: bool,
    is_as_new: bool,
    update: UpdateChoice | None,
) -> ExportPlan:
    """Show the plan of an export, and return it where the export is to start.

    The command ends here where only the plan was wanted (`is_plan`), and where there is nothing to do.
    A plan that is blocked only by a question that a person can answer at the terminal is returned, too:
    whether to export to another target than before.

    Raises:
        PipelineError: The export would be refused.
        typer.Exit: The command is over.
    """
    plan = plan_export(session, is_as_new=is_as_new, update=update)
    show_plan(screen, plan)
    unmarked = session.tally.exportable - session.tally.ready
    if plan.blocked is None and unmarked > 0:
        tickets = format_count(unmarked, "ticket")
        screen.say(f"{tickets} not marked ready: valid tickets are approved automatically.")
    screen.say(*open_question_lines(session.key, session.tickets))
    if session.questions_with_proposals:
        answers = format_count(len(session.questions_with_proposals), "new answer")
        screen.say(f"{answers} from the client: they go into the issues once accepted.")
    if session.stranded_answers:
        answers = format_count(len(session.stranded_answers), "answer")
        screen.say(
            f"{answers} from the client to what is no longer asked: "
            f"jira-pipeline questions {session.key}"
        )
    nothing_to_do = idle_reason(session)
    screen.say(nothing_to_do)
    answer = json_object(plan) | open_questions_json(session.tickets)
    if is_plan:
        screen.answer(answer)
        _end_with_plan(screen, session, plan, command=command)
    if plan.blocked is not None:
        if plan.question != GateRule.NEW_TARGET:
            raise plan.blocked
        screen.say(plan.blocked.message if is_interactive(screen) else "")
    if nothing_to_do:
        screen.answer(answer | {"nothing_to_do": nothing_to_do})
        raise typer.Exit(ExitCode.DONE)
    return plan


def _end_with_plan(
    screen: Screen, session: OpenSession, plan: ExportPlan, *, command: str
) -> NoReturn:
    """Say what comes after a plan, and end the command.

    What the plan learned from Jira counts before the next step that the store knows: issues that are
    gone, and edits that people made there.
    """
    updated_count = sum(not update.objection for update in plan.updates)
    commented_count = sum(update.gets_comment for update in plan.updates)
    if plan.blocked is not None:
        show_blocking_error(screen, plan.blocked)
        raise typer.Exit(ExitCode.USER_MUST_ACT)
    if plan.gone:
        decide = Action.of(
            ActionKind.SETTLE, "Next: decide what to do with them: {}", session_key=session.key
        )
        screen.say_unwrapped(line_of(decide))
    elif updated_count or commented_count:
        writes = []
        if updated_count:
            writes.append(f"update {format_count(updated_count, 'issue')}")
        if commented_count:
            writes.append(f"comment on {format_count(commented_count, 'issue')}")
        screen.say_unwrapped(f"Next: {' and '.join(writes)}: {command}")
    else:
        show_next_step(screen, session)
    raise typer.Exit(ExitCode.DONE)


def _report_of(session: OpenSession) -> Path | str:
    """Return where the report of the export is: a file, or an address where files are on a server."""
    from jira_pipeline.cli.serving import web_address

    link = session.report_link
    return urljoin(web_address(session.settings), link) if isinstance(link, str) else link


def results(screen: Screen, session: "OpenSession") -> None:
    """List a session's issues with their links and what is left to do."""
    results = required_results(session)
    screen.answer(results)
    show_results(screen, results, report=_report_of(session))
    show_next_step(screen, session, are_results_shown=True)


def fixes(
    screen: Screen,
    session: "OpenSession",
    *,
    done: Annotated[
        list[int] | None,
        "--done ID",
        "Mark a manual fix as done; may be repeated.",
        {"max": LARGEST_NUMBER},
    ] = None,
) -> None:
    """List what still has to be done by hand in Jira, or mark some of it as done.

    For example:

    jira-pipeline fixes my_site --done 3 --done 4
    """
    finish_fixes(session, done or (), by=current_person())
    results = required_results(session.reload())
    screen.answer(results.manual_fixes)
    _show_manual_work(screen, results)
    show_next_step(screen, session)


def todo(screen: Screen, session: "OpenSession") -> None:
    """List everything that is left to do: in Jira, in the tickets, in the sheets."""
    left = todo_of(session)
    screen.answer(left)
    rows = []
    alike_items = group_by(left.items, lambda todo: (todo.kind.value, action_text(todo.what_to_do)))
    for (kind, what_to_do), items in alike_items.items():
        fix_ids = ", ".join(str(todo.fix_id) for todo in items if todo.fix_id)
        keys = ", ".join(todo.jira_key for todo in items if todo.jira_key)
        title = items[0].title if len(items) == 1 else format_count(len(items), "ticket")
        rows.append((f"{kind} {fix_ids}".rstrip(), keys, title, what_to_do))
    screen.table(
        ("", "issue", "ticket", "what to do"),
        rows,
        title="To do in Jira",
        wide="what to do",
        if_any=True,
    )
    screen.say_unwrapped(*(line_of(action) for action in left.also))
    if any(todo.kind is TodoKind.FIX for todo in left.items):
        screen.say(f"Done? jira-pipeline fixes {session.key} --done N")
    if not rows and not left.also:
        screen.say("Nothing is left to do.")
    show_next_step(screen, session)


def show_results(
    screen: Screen, results: ExportResults, *, report: Path | str, since: datetime | None = None
) -> None:
    """Show the issues of a session, how they compared to Jira when it was asked last, and what is left.

    With `since` only issues that were created or updated from then on are listed.
    """
    _show_issues(screen, results, since=since)
    screen.say(
        f"{format_count(len(results.there), 'issue')} and "
        f"{format_count(results.dependencies_created, 'link')} in {results.target.name}."
    )
    if results.epics:
        epics = ", ".join(f"{epic.jira_key} {epic.title}" for epic in results.epics)
        screen.say(f"{format_count(len(results.epics), 'epic')}: {epics}.")
    agreement = agreement_of(results.comparison)
    if agreement:
        screen.say(f"Jira: {agreement}.")
    for share in results.shares:
        if not share.is_current:
            screen.say(f"Also in {share.summary}.")
    _show_undos(screen, results)
    sent = sent_request_count()
    if sent:
        screen.say(f"This command sent {format_count(sent, 'request')}, its plan included.")
    if results.steps:
        screen.say(
            f"The runs of all exports so far took "
            f"{format_duration(results.total_processing_time_minutes)} and "
            f"{format_count(sum(results.requests.values()), 'request')}."
        )
    if results.spending.requests:
        screen.say(f"Writing the tickets took {spending_text(results.spending)}.")
    screen.say(f"JQL: {results.jql}")
    _show_manual_work(screen, results)
    show_differences(screen, results)
    if isinstance(report, str) or report.exists():
        screen.say(f"Report: {report}")


def _show_undos(screen: Screen, results: ExportResults) -> None:
    """Show an undo that has not finished, and how many issues undos have deleted."""
    undo = results.open_undo
    if undo:
        screen.say(
            f"An undo began on {undo.at:%Y-%m-%d %H:%M} UTC and has not finished: "
            "nothing is created or updated until it has."
        )
    if results.removed:
        last = max(results.removed, key=lambda ticket: ticket.removed_at)
        screen.say(
            f"{format_count(len(results.removed), 'issue')} deleted by an undo, the last on "
            f"{last.removed_at:%Y-%m-%d %H:%M} UTC by {last.removed_by}."
        )


def _show_issues(screen: Screen, results: ExportResults, *, since: datetime | None) -> None:
    """Show the issues, with when each was updated where any was.

    With `since` only issues that were created or updated from then on are shown.
    """
    updated_at_by_key = {issue.jira_key: issue.updated_at for issue in results.updated}
    columns = ["issue", "title", "address"]
    if updated_at_by_key:
        columns.insert(2, "updated (UTC)")
    rows: list[list[object]] = []
    for ticket in results.there:
        updated_at = updated_at_by_key.get(ticket.jira_key)
        written_at = [at for at in (ticket.exported_at, updated_at) if at]
        if since is not None and all(at < since for at in written_at):
            continue
        row: list[object] = [ticket.jira_key, ticket.title, ticket.jira_url]
        if updated_at_by_key:
            row.insert(2, updated_at and f"{updated_at:%F %H:%M}")
        rows.append(row)
    if since is not None and not rows:
        screen.say("No issue was created or updated.")
        return
    show_linked(screen, results.target, "", columns, rows)


def show_linked(
    screen: Screen,
    target: Target | None,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
) -> None:
    """Show a table of issues whose last column is their addresses.

    That column is left out where nothing would answer there: the sandbox has pages only while it is
    served, and the command that serves it is shown instead.
    """
    if target is None or not rows or opens_in_a_browser(target):
        screen.table(columns, rows, title=title)
        return
    screen.table(columns[:-1], [row[:-1] for row in rows], title=title)
    screen.say(line_of(Action.of(ActionKind.SERVE_SANDBOX, "To view their pages: {}.")))


def show_differences(screen: Screen, results: ExportResults) -> None:
    """Show where Jira differs from what was sent, a row for each kind of difference, and how to decide."""
    by_message = group_by(
        results.differences,
        lambda difference: (difference.finding.message, difference.finding.advice),
    )
    rows = []
    for (message, advice), differences in by_message.items():
        issues = ", ".join(difference.finding.value or "" for difference in differences)
        rows.append((issues, message, advice))
    screen.table(
        ("issue", "what", "what to do"), rows, title="Different from what was sent", if_any=True
    )
    screen.say(*decision_lines(results))


def decision_lines(results: ExportResults) -> list[str]:
    """Return a line for each decision that waits, with the command that takes it for all its issues."""
    lines = []
    for decision in results.decisions:
        label = DECISION_LABELS[decision]
        settle = Action(
            kind=ActionKind.SETTLE,
            sentence=f"{label[:1].upper()}{label[1:]}: {{}}, or ticket numbers, e.g. 3,5",
            arguments={"session_key": results.session_key, decision.value: "all"},
        )
        lines.append(line_of(settle))
    return lines


def _show_manual_work(screen: Screen, results: ExportResults) -> None:
    """Show what is left to people after an export: manual fixes, and tickets that changed since."""
    fix_rows = []
    for fixes_alike in alike(results.manual_fixes):
        ids = ", ".join(str(fix.fix_id) for fix in fixes_alike)
        keys = ", ".join(fix.jira_key or "" for fix in fixes_alike)
        fix = fixes_alike[0]  # they differ in their issue alone
        fix_rows.append(
            (
                ids,
                fix.fix_type.value,
                keys,
                fix.original_value,
                fix.recommended_action,
                fix.state.value,
            )
        )
    screen.table(
        ("id", "what", "issue", "original value", "what to do", "state"),
        fix_rows,
        title="Manual fixes",
        if_any=True,
    )
    if results.is_behind_sheets:
        screen.say("Other files were uploaded: write the tickets to see what changes in Jira.")
    change_rows = []
    for change in results.changes:
        ticket = f"{change.number} · {change.title}"
        change_rows.append(
            (change.jira_key, ticket, _change_text(change), change.recommended_action)
        )
    screen.table(
        ("issue", "ticket", "difference", "what to do"),
        change_rows,
        title="Changed since the issues were written",
        if_any=True,
    )
    if results.is_nothing_left:
        screen.say("Nothing is left to do by hand.")


def _change_text(change: LaterChange) -> str:
    """Return how a ticket differs from its issue, a line for each difference and for the first cells."""
    lines = [*change.differences]
    lines += [cell_text(cell) for cell in change.cells[:CELLS_SHOWN]]
    if len(change.cells) > CELLS_SHOWN:
        lines.append(f"and {len(change.cells) - CELLS_SHOWN} more")
    return "\n".join(lines)


def show_plan(screen: Screen, plan: ExportPlan) -> None:
    """Show where an export would happen, and what it would create, update and leave alone."""
    show_target(screen, plan.target)
    verb = "Will" if plan.blocked is None else "Would"
    screen.say(_creation_line(plan, verb=verb))
    for update in plan.updates:
        screen.say(_update_line(update, verb=verb))
    if plan.withdraw:
        screen.say(
            f"{format_count(len(plan.withdraw), 'ticket')} no longer in the upload: the session "
            "withdraws them automatically."
        )
    if plan.gone:
        screen.say(
            f"Jira does not show {format_count(len(plan.gone), 'issue')} (of "
            f"{ticket_numbers_text(plan.gone)}): nothing is created again until someone decides."
        )
    elif plan.is_idle and plan.blocked is None:
        screen.say("Everything exists; an export only checks it again.")
    for other_session in plan.same_specification:
        if other_session.is_answered:
            screen.say(action_text(other_session.advice))
    for warning in plan.warnings:
        screen.say(f"Warning: {warning}")
    for number, numbers_skipped in plan.skipped_dependencies:
        others = ", ".join(map(str, numbers_skipped))
        reason = "it is not exported" if len(numbers_skipped) == 1 else "they are not exported"
        screen.say(f"  Ticket {number} won’t be linked to {others}, because {reason}.")


def _creation_line(plan: ExportPlan, *, verb: str) -> str:
    """Return how much an export would create, and how many issues and tickets it leaves alone."""
    work = f"{plan.creations} and {format_count(plan.link, 'link')}"
    if plan.further:
        work += f", {plan.further}"
    existing = ""
    if plan.existing_count:
        existing = f"{format_count(plan.existing_count, 'issue')} kept, "
    skipped = f"{format_count(len(plan.skip), 'ticket')} {LEFT_OUT}"
    return f"{verb} create {work}; {existing}{skipped}."


def show_target(screen: Screen, target: PlannedTarget) -> None:
    """Show the site and the project in which something would happen, and the account that does it."""
    project = f", project {target.project}, as {target.account}"
    screen.say(Text.assemble("Target: ", (target.site, "bold"), project))


def _update_line(update: PlannedUpdate, *, verb: str) -> str:
    """Return what an update does to an issue, or why it leaves the issue alone, with the options for it."""
    worked_on = f", {update.worked_on}" if update.worked_on else ""
    issue = f"{update.jira_key} (ticket {update.number}{worked_on})"
    if not update.objection:
        kept_text = f": {update.kept_of_people}" if update.kept_of_people else ""
        return f"{verb} update {issue}{kept_text}."
    choice = ""
    if update.is_edited:
        choice = f" (or --overwrite {update.consent}, --leave {update.number})"
    if update.lacks:
        return (
            f"{issue} waits: an update would take out what people gave to its ticket, which the "
            f"ticket lacks: {'; '.join(update.lacks)}. Give it to the ticket again{choice}."
        )
    comment = "; a comment says what changed" if update.gets_comment else ""
    lost = ""
    if update.only_in_issue:
        lost = f" Overwriting takes out of it: {' / '.join(update.only_in_issue)}"
    return f"{issue} is left alone: {update.objection}{comment}{choice}.{lost}"


def show_blocking_error(screen: Screen, blocked: PipelineError) -> None:
    """Show below a plan why it could not start, and what to do; a start itself is refused with it."""
    screen.say(
        Text.assemble(("Blocked: ", "yellow"), blocked.message),
        *format_steps(blocked.recovery_actions),
    )


def progress(screen: Screen, session: OpenSession) -> None:
    """Show how far people are with the issues in Jira, and which changes of the sheets come late.

    Issues are counted by the category of their status: to do, doing, done. Read from Jira now.
    """
    progress = exporting.jira_progress(session)
    screen.answer({"session_key": session.key} | json_object(progress))
    group_rows = []
    stages = (*IssueStage, None)  # None: a category that is none of these
    for group, counts in progress.by_group().items():
        stage_counts = [counts[stage] for stage in stages]
        group_rows.append((group, _progress_bar(counts), *stage_counts))
    screen.table(("group", "", "to do", "doing", "done", "other"), group_rows, wide="group")
    if not progress.late:
        return
    issue_count = format_count(len(progress.late), "issue")
    screen.say(f"{issue_count} changed in the sheets after work on it began:")
    late_rows = []
    for ticket in progress.late:
        now = ticket.progress
        if now is not None:
            assignee = now.assignee or ""
            sprint = now.sprint or ""
            late_rows.append((ticket.number, ticket.key, now.status, assignee, sprint, ticket.late))
    screen.table(
        ("no.", "issue", "status", "assignee", "sprint", "what changed"),
        late_rows,
        wide="what changed",
    )


def _progress_bar(counts: Counter[IssueStage | None]) -> str:
    """Return a bar that shows the shares of issues that are done, in work, and neither."""
    done = round(BAR_CHARACTERS * counts[IssueStage.DONE] / counts.total())
    doing = round(BAR_CHARACTERS * counts[IssueStage.DOING] / counts.total())
    return "█" * done + "▒" * doing + "·" * (BAR_CHARACTERS - done - doing)
