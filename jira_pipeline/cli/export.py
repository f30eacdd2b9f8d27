"""Commands about the export and what it left: export, results, fixes, todo, progress."""

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
from jira_pipeline.context.trackers import opens_in_a_browser
from jira_pipeline.export import exporting
from jira_pipeline.export.exporting import plan as plan_export, running_export
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.left_in_jira import TodoKind, finish_fixes, idle_reason, required_results
from jira_pipeline.export.plan import ExportPlan, PlannedTarget
from jira_pipeline.export.results import ExportResults
from jira_pipeline.export.updating import PlannedUpdate
from jira_pipeline.model.actions import Action, ActionKind, action_text, line_of
from jira_pipeline.model.errors import GateRule, PipelineError
from jira_pipeline.model.exports import DECISION_LABELS, Target, alike
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.json_values import json_object, picked
from jira_pipeline.model.line_numbers import counted, ticket_numbers_text
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.sessions import UpdateChoice, chosen_update
from jira_pipeline.model.tickets import LEFT_OUT, open_questions_json
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.starting import begin_export, queue_export
from jira_pipeline.sessions.status import agreement_of, todo as todo_of

CELLS_SHOWN = 5
PlanOption = Annotated[bool, "--plan", "Only show what would happen."]
YesOption = Annotated[bool, "--yes", "Do not ask before changing a real Jira."]


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
        "With --update: replace a text that somebody edited and that the plan leaves alone; give "
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
    command = (
        f"jira-pipeline export {session.key}"
        + " --as-new" * is_as_new
        + " --update" * is_updating
        + "".join(f" --overwrite {number}" for number in overwrites or ())
        + "".join(f" --leave {number}" for number in leaves or ())
    )
    plan = _show_plan(
        screen, session, command=command, is_plan=is_plan, is_as_new=is_as_new, update=update
    )
    begun_at = session.clock.now()
    is_jira_asked = not session.settings.is_sandbox and not is_sure
    confirm(
        screen,
        is_asked=is_jira_asked or plan.blocked is not None,
        question="Create them there too?" if plan.blocked else "Create them in this Jira?",
        refusal=plan.blocked or nobody_to_ask(f"{command} --yes"),
    )
    if is_queued:
        queued = queue_export(session, beside=plan.answers, by=current_person())
        screen.answer(picked(queued, "session_key request_id") | {"queued": True})
        screen.say(f"Queued as request {queued.request_id}; the daemon starts it in seconds.")
        show_next_step(screen, session)
        raise typer.Exit(ExitCode.DONE)
    started, wanted = begin_export(
        session, beside=plan.answers, is_as_new=is_as_new, update=update, by=current_person()
    )
    screen.say(
        f"Run {started.run_id}: {counted(started.total_tickets, 'ticket')} to project "
        f"{started.project_key}, about {format_duration(started.estimated_duration_minutes)}."
    )

    with opened_runs(session.pipeline) as runs:
        run_for_session(screen, session, runs, wanted)
    show_exported(
        screen,
        session,
        since=begun_at if is_updating else None,
        started=started,
        **open_questions_json(session.tickets),
    )


def show_exported(
    screen: Screen, session: OpenSession, *, since: datetime | None = None, **more: object
) -> None:
    """Show what an export left, and end as one that is over; `more` is for programs.

    Of an update, which began at `since`, only the issues that it made or wrote anew are listed.
    """
    session = session.reload()
    found = required_results(session)
    screen.answer(json_object(found) | {"report": str(_report_of(session))} | more)
    show_results(screen, found, report=_report_of(session), since=since)
    show_next_step(screen, session, are_results_shown=True)
    end_as_exported(session)


def _show_plan(
    screen: Screen,
    session: OpenSession,
    *,
    command: str,
    is_plan: bool,
    is_as_new: bool,
    update: UpdateChoice | None,
) -> ExportPlan:
    """Say what will be done; a plan alone ends with that, as does what cannot or need not start.

    Where it is blocked by no more than a question that a person can answer here, it is returned.

    Raises:
        PipelineError: The export would not start.
    """
    plan = plan_export(session, is_as_new=is_as_new, update=update)
    show_plan(screen, plan)
    unmarked = session.tally.exportable - session.tally.ready
    is_approving = plan.blocked is None and unmarked > 0  # what nobody looked at
    idle = idle_reason(session)
    screen.say(
        f"{counted(unmarked, 'ticket')} not marked ready: valid tickets are approved automatically."
        if is_approving
        else "",
        *open_question_lines(session.key, session.tickets),
        f"{counted(len(session.questions_with_proposals), 'new answer')} from the client: no issue says any before "
        "somebody accepts it."
        if session.questions_with_proposals
        else "",
        f"{counted(len(session.stranded_answers), 'answer')} from the client to what is no longer asked: "
        f"jira-pipeline questions {session.key}"
        if session.stranded_answers
        else "",
        idle,
    )
    answer = json_object(plan) | open_questions_json(session.tickets)
    if is_plan:
        screen.answer(answer)
        _end_with_plan(screen, session, plan, command=command)
    if plan.blocked is not None:
        if plan.question != GateRule.NEW_TARGET:
            raise plan.blocked
        screen.say(plan.blocked.message if is_interactive(screen) else "")
    if idle:
        screen.answer(answer | {"nothing_to_do": idle})
        raise typer.Exit(ExitCode.DONE)
    return plan


def _end_with_plan(
    screen: Screen, session: OpenSession, plan: ExportPlan, *, command: str
) -> NoReturn:
    updated = sum(not one.objection for one in plan.updates)
    commented = sum(one.gets_comment for one in plan.updates)
    if plan.blocked is not None:
        show_what_blocks(screen, plan.blocked)
        raise typer.Exit(ExitCode.USER_MUST_ACT)
    if plan.gone:  # what was stored last does not know of them yet
        look = Action.of(
            ActionKind.SETTLE, "Next: decide what to do with them: {}", session_key=session.key
        )
        screen.say_unwrapped(line_of(look))
    elif updated or commented:  # the next step of the store knows no edits, and no choice
        writes = [f"update {counted(updated, 'issue')}"] if updated else []
        writes += [f"comment on {counted(commented, 'issue')}"] if commented else []
        screen.say_unwrapped(f"Next: {' and '.join(writes)}: {command}")
    else:
        show_next_step(screen, session)
    raise typer.Exit(ExitCode.DONE)


def _report_of(session: OpenSession) -> Path | str:
    """Return where the report is: a file, or its address where the store is on a server."""
    from jira_pipeline.cli.serving import web_address

    link = session.report_link
    return urljoin(web_address(session.settings), link) if isinstance(link, str) else link


def results(screen: Screen, session: "OpenSession") -> None:
    """List a session's issues with their links and what is left to do."""
    found = required_results(session)
    screen.answer(found)
    show_results(screen, found, report=_report_of(session))
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
    found = required_results(session.reload())
    screen.answer(found.manual_fixes)
    _show_what_is_left(screen, found)
    show_next_step(screen, session)


def todo(screen: Screen, session: "OpenSession") -> None:
    """List everything that is left to do: in Jira, in the tickets, in the sheets."""
    found = todo_of(session)
    screen.answer(found)
    alike_items = grouped(found.items, lambda item: (item.kind.value, action_text(item.what_to_do)))
    rows = [
        (
            f"{kind} {', '.join(str(item.fix_id) for item in items if item.fix_id)}".rstrip(),
            ", ".join(item.jira_key for item in items if item.jira_key),
            items[0].title if len(items) == 1 else counted(len(items), "ticket"),
            what_to_do,
        )
        for (kind, what_to_do), items in alike_items.items()
    ]
    screen.table(
        ("", "issue", "ticket", "what to do"),
        rows,
        title="To do in Jira",
        wide="what to do",
        if_any=True,
    )
    screen.say_unwrapped(*(line_of(action) for action in found.also))
    has_fixes = any(item.kind is TodoKind.FIX for item in found.items)
    screen.say(
        f"Done? jira-pipeline fixes {session.key} --done N" if has_fixes else "",
        "" if rows or found.also else "Nothing is left to do.",
    )
    show_next_step(screen, session)


def show_results(
    screen: Screen, found: ExportResults, *, report: Path | str, since: datetime | None = None
) -> None:
    """Show people what was created, and what of it Jira held when it was asked last.

    With `since` only what an update did from then on is listed.
    """
    _show_issues(screen, found, since=since)
    above = ", ".join(f"{epic.jira_key} {epic.title}" for epic in found.epics)
    agreement = agreement_of(found.comparison)
    undo = found.open_undo
    last = max(found.removed, key=lambda ticket: ticket.removed_at, default=None)
    screen.say(
        f"{counted(len(found.there), 'issue')} and {counted(found.dependencies_created, 'link')} "
        f"in {found.target.name}.",
        f"{counted(len(found.epics), 'epic')}: {above}." if above else "",
        f"Jira: {agreement}." if agreement else "",
        *(f"Also in {share.summary}." for share in found.shares if not share.is_current),
        f"An undo began on {undo.at:%Y-%m-%d %H:%M} UTC and has not finished: "
        "nothing is created or updated until it has."
        if undo
        else "",
        f"{counted(len(found.removed), 'issue')} deleted by an undo, the last on "
        f"{last.removed_at:%Y-%m-%d %H:%M} UTC by {last.removed_by}."
        if last
        else "",
        f"All runs so far took {format_duration(found.total_processing_time_minutes)} and "
        f"{counted(sum(found.requests.values()), 'request')}."
        if found.steps
        else "",
        f"Writing the tickets took {spending_text(found.spending)}."
        if found.spending.requests
        else "",
        f"JQL: {found.jql}",
    )
    _show_what_is_left(screen, found)
    show_differences(screen, found)
    is_there = isinstance(report, str) or report.exists()
    screen.say(f"Report: {report}" if is_there else "")


def _show_issues(screen: Screen, found: ExportResults, *, since: datetime | None) -> None:
    """List the issues, and when which was updated; with `since` only what was written from then on."""
    updated = {issue.jira_key: issue.updated_at for issue in found.updated}
    shown = [
        (ticket, updated.get(ticket.jira_key))
        for ticket in found.there
        if since is None
        or any(at and at >= since for at in (ticket.exported_at, updated.get(ticket.jira_key)))
    ]
    if since is not None and not shown:
        screen.say("No issue was created or updated.")
        return
    rows = [
        (t.jira_key, t.title, *([at and f"{at:%F %H:%M}"] if updated else []), t.jira_url)
        for t, at in shown
    ]
    columns = ("issue", "title", *(["updated (UTC)"] if updated else []), "address")
    show_linked(screen, found.target, "", columns, rows)


def show_linked(
    screen: Screen,
    target: Target | None,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
) -> None:
    """Show a table of issues, their addresses last: not where nothing would answer there."""
    if target is None or not rows or opens_in_a_browser(target):
        screen.table(columns, rows, title=title)
        return
    screen.table(columns[:-1], [row[:-1] for row in rows], title=title)
    screen.say(line_of(Action.of(ActionKind.SERVE_SANDBOX, "To view their pages: {}.")))


def show_differences(screen: Screen, results: ExportResults) -> None:
    """List what Jira does not hold as it was recorded, alike ones together, and what is to be done."""
    alike_ones = grouped(results.differences, lambda one: (one.finding.message, one.finding.advice))
    rows = [
        (", ".join(one.finding.value or "" for one in same), message, advice)
        for (message, advice), same in alike_ones.items()
    ]
    screen.table(
        ("issue", "what", "what to do"), rows, title="Different from what was sent", if_any=True
    )
    screen.say(*decision_lines(results))


def decision_lines(found: ExportResults) -> list[str]:
    """Say with which commands a person decides about all that is alike."""
    return [
        line_of(
            Action(
                kind=ActionKind.SETTLE,
                sentence=f"{words[:1].upper()}{words[1:]}: {{}}, or ticket numbers, e.g. 3,5",
                arguments={"session_key": found.session_key, decision.value: "all"},
            )
        )
        for decision in found.decisions
        for words in [DECISION_LABELS[decision]]
    ]


def _show_what_is_left(screen: Screen, found: ExportResults) -> None:
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
    screen.table(
        ("id", "what", "issue", "original value", "what to do", "state"),
        rows,
        title="Manual fixes",
        if_any=True,
    )
    changes = [
        (
            change.jira_key,
            f"{change.number} · {change.title}",
            _change_text(change),
            change.recommended_action,
        )
        for change in found.changes
    ]
    screen.say(
        "Other files were uploaded: write the tickets to see what changes in Jira."
        if found.is_behind_sheets
        else ""
    )
    screen.table(
        ("issue", "ticket", "difference", "what to do"),
        changes,
        title="Changed since the issues were written",
        if_any=True,
    )
    screen.say("Nothing is left to do by hand." if found.is_nothing_left else "")


def _change_text(change: LaterChange) -> str:
    cells = [cell_text(cell) for cell in change.cells[:CELLS_SHOWN]]
    more = (
        [f"and {len(change.cells) - CELLS_SHOWN} more"] if len(change.cells) > CELLS_SHOWN else []
    )
    return "\n".join([*change.differences, *cells, *more])


def show_plan(screen: Screen, plan: ExportPlan) -> None:
    """Tell people where something would happen, and what."""
    show_target(screen, plan.target)
    existing = f"{counted(plan.existing_count, 'issue')} kept, " if plan.existing_count else ""
    mood = "Will" if plan.blocked is None else "Would"
    is_idle = plan.is_idle and plan.blocked is None and not plan.gone
    screen.say(
        f"{mood} create {plan.creations} and {counted(plan.link, 'link')}"
        f"{plan.further and ', '}{plan.further}; {existing}{counted(len(plan.skip), 'ticket')} {LEFT_OUT}.",
        *(_update_line(one, mood=mood) for one in plan.updates),
        f"{counted(len(plan.withdraw), 'ticket')} no longer in the upload: the session withdraws "
        "them automatically."
        if plan.withdraw
        else "",
        f"Jira does not show {counted(len(plan.gone), 'issue')} (of "
        f"{ticket_numbers_text(plan.gone)}): nothing is created again until somebody decides."
        if plan.gone
        else "",
        "Everything exists; an export only checks it again." if is_idle else "",
        *(action_text(same.advice) for same in plan.same_specification if same.is_answered),
        *(f"Warning: {warning}" for warning in plan.warnings),
        *(
            f"  Ticket {number} depends on {LEFT_OUT} {', '.join(map(str, skipped))}, so it is not "
            "linked."
            for number, skipped in plan.skipped_dependencies
        ),
    )


def show_target(screen: Screen, target: PlannedTarget) -> None:
    """Tell people where something would happen, and as whom."""
    where = f", project {target.project}, as {target.account}"
    screen.say(Text.assemble("Target: ", (target.site, "bold"), where))


def _update_line(one: PlannedUpdate, *, mood: str) -> str:
    begun = f", {one.worked_on}" if one.worked_on else ""
    named = f"{one.jira_key} (ticket {one.number}{begun})"
    number = one.number
    if not one.objection:
        return f"{mood} update {named}{one.beside and f': {one.beside}'}."
    told = "; a comment says what changed" if one.gets_comment else ""
    choice = f" (or --overwrite {one.consent}, --leave {number})" if one.is_edited else ""
    if one.lacks:
        return (
            f"{named} waits: an update would take out what people gave to its ticket, which the "
            f"ticket lacks: {'; '.join(one.lacks)}. Give it to the ticket again{choice}."
        )
    going = one.only_in_issue
    lost = f" Overwriting takes out of it: {' / '.join(going)}" if going else ""
    return f"{named} is left alone: {one.objection}{told}{choice}.{lost}"


def show_what_blocks(screen: Screen, blocked: PipelineError) -> None:
    """Show in a plan why it would not start; on a real start the refusal itself says so."""
    screen.say(
        Text.assemble(("Blocked: ", "yellow"), blocked.message),
        *format_steps(blocked.recovery_actions),
    )


BAR = 24
"""Characters of a bar."""


def progress(screen: Screen, session: OpenSession) -> None:
    """Show how far people are with the issues in Jira, and which changes of the sheets come late.

    Issues are counted by the category of their status: to do, doing, done. Read from Jira now.
    """
    found = exporting.jira_progress(session)
    screen.answer({"session_key": session.key} | json_object(found))
    rows = []
    for group, counts in found.by_group().items():
        total = counts.total()
        done, doing = (
            round(BAR * counts[stage] / total) for stage in (IssueStage.DONE, IssueStage.DOING)
        )
        bar = "█" * done + "▒" * doing + "·" * (BAR - done - doing)
        rows.append((group, bar, *(counts[stage] for stage in (*IssueStage, None))))
    screen.table(("group", "", "to do", "doing", "done", "other"), rows, wide="group")
    if late := found.late:
        screen.say(f"{counted(len(late), 'issue')} changed in the sheets after work on it began:")
        screen.table(
            ("no.", "issue", "status", "assignee", "sprint", "what changed"),
            [
                (ticket.number, ticket.key, now.status, now.assignee or "", now.sprint or "", words)
                for ticket in late
                for now, words in [(ticket.progress, ticket.late)]
                if now is not None
            ],
            wide="what changed",
        )
