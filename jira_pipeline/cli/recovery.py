"""Commands about issues beside their export: resume, cancel, settle, undo, adopt.

Belongs here: an export that did not end or should not stay, issues that people made by hand:
proposals as a table or file, which pairs people name. Does not: what makes an issue a ticket's
(`export/adoption`).
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from jira_pipeline.cli.console import ExitCode, Screen, is_interactive
from jira_pipeline.cli.context import (
    confirm,
    content_of,
    current_person,
    nobody_to_ask,
    opened_runs,
    run_for_session,
    show_next_step,
    shown_session_progress,
    write_file,
)
from jira_pipeline.cli.export import (
    PlanOption,
    YesOption,
    decision_lines,
    export,
    show_exported,
    show_linked,
    show_target,
    show_what_blocks,
)
from jira_pipeline.cli.session import show_generated
from jira_pipeline.context.states import Step
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import Likeness, ProposedAdoption, pairs_in
from jira_pipeline.export.left_in_jira import required_results
from jira_pipeline.export.results import ExportResults
from jira_pipeline.export.settle import DecidedTicket, SettleReport
from jira_pipeline.export.undo import KeptIssue, UndoReport
from jira_pipeline.model.actions import Action, ActionKind, action_text, line_of
from jira_pipeline.model.errors import GateError, GateRule, WrongUseError
from jira_pipeline.model.exports import DECISION_LABELS, Decision
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.sessions import EXPORT_JOBS
from jira_pipeline.review.cells import csv_text
from jira_pipeline.review.marks import after_undo_text
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions import starting as resuming
from jira_pipeline.sessions.starting import ResumedGeneration, begin_resume
from jira_pipeline.sessions.status import agreement_of

ALL = "all"


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
            kept = counted(len(resumed.preserved_steps), "step")
            where = resumed.resuming_from
        else:
            kept = counted(resumed.preserved_tickets, "issue")
            where = (
                f"ticket {resumed.resuming_from}" if resumed.resuming_from else "links and files"
            )
        screen.say(
            f"Retry {resumed.retry_attempt} ({resumed.remaining_retries} remaining): {kept} kept, "
            f"resuming at {where}."
        )

        outcome = run_for_session(screen, session, runs, wanted, title="resume")
        answer = {"resumed": json_object(resumed) | {"run_id": outcome.run_id}}
        if wanted.job in EXPORT_JOBS:
            show_exported(screen, session, resumed=answer["resumed"])
        else:
            show_generated(screen, session, answer=answer)


def cancel(screen: Screen, session: "OpenSession") -> None:
    """Stop a session's current run before its next ticket, along with anything queued."""
    from jira_pipeline.dagster_port.dagster_runs import opened_history

    with opened_history(session.pipeline) as known:
        cancelled = resuming.cancel(session, known, by=current_person())
    screen.answer(cancelled)
    screen.say(*(run.user_message for run in cancelled.runs))
    if any(run.became is resuming.Cancelling.ASKED for run in cancelled.runs):
        screen.say(f"Then resume with: jira-pipeline resume {session.key}")
    else:
        show_next_step(screen, session)


def undo(
    screen: Screen,
    session: OpenSession,
    *,
    is_plan: PlanOption = False,
    is_sure: YesOption = False,
    keeps_rest: Annotated[
        bool, "--keep-rest", "End an interrupted undo and keep the remaining issues."
    ] = False,
) -> None:
    """Delete a session's issues, except those somebody has changed, and return to the review.

    An interrupted undo is resumed; the session cannot be exported until the undo has finished.
    """
    if is_plan and keeps_rest:
        raise typer.BadParameter("--keep-rest ends the undo immediately, so it has no --plan.")
    shown: Sequence[KeptIssue] = ()
    if not keeps_rest:
        plan = exporting.plan_undoing(session)
        show_target(screen, plan.plan.target)
        if plan.begun is not None:
            by = f" by {plan.begun.detail}" if plan.begun.detail else ""
            screen.say(f"Resumes the undo started{by} on {plan.begun.at:%Y-%m-%d %H:%M} UTC.")
        screen.say(
            f"Will delete {counted(len(plan.plan.remove), 'issue')} that nobody has changed."
        )
        _show_kept(screen, session, plan.kept)
        screen.say(plan.warning)
        if is_plan:
            screen.answer(plan)
            if plan.plan.blocked is None:
                raise typer.Exit(ExitCode.DONE)
            show_what_blocks(screen, plan.plan.blocked)
            raise typer.Exit(ExitCode.TEMPORARY)
        if plan.plan.blocked is not None:
            raise plan.plan.blocked
        confirm(
            screen,
            is_asked=not session.settings.is_sandbox and not is_sure,
            question="Delete them in this Jira?",
            refusal=nobody_to_ask(f"jira-pipeline undo {session.key} --yes"),
        )
        shown = plan.kept
    with shown_session_progress(screen, session, title="undo"):
        report = exporting.undo(session, by=current_person(), keeps_rest=keeps_rest)
    _show_undone(screen, session, report, shown=shown, keeps_rest=keeps_rest)


def _show_undone(
    screen: Screen,
    session: OpenSession,
    report: UndoReport,
    *,
    shown: Sequence[KeptIssue],
    keeps_rest: bool,
) -> None:
    """Report what an undo did, to Dagster too; why issues stay is not said again of those `shown`."""
    from jira_pipeline.dagster_port.reports import announce_undo

    announce_undo(session.pipeline, session.key, by=current_person())
    screen.answer({"session_key": session.key} | json_object(report))
    ended = "The undo has finished: " if keeps_rest else ""
    deleted = counted(len(report.removed), "issue")
    kept = len(report.kept)
    stay = f", {counted(kept, 'stays', 'stay')}" if kept else ""
    screen.say(f"{ended}{deleted} deleted{stay}.")
    if not keeps_rest:
        _show_kept(screen, session, report.kept, shown=shown)
    numbers = ", ".join(map(str, report.in_doubt))
    removed_numbers = {issue.number for issue in report.removed if issue.number is not None}
    screen.say(
        f"Tickets {numbers} may have an issue not yet visible: undo again later."
        if numbers
        else "",
        after_undo_text(session.reload().listed, removed_numbers),
    )
    show_next_step(screen, session)


def settle(
    screen: Screen,
    session: OpenSession,
    *,
    is_waiting: Annotated[
        bool,
        "--wait",
        "First wait for as long as Jira might still be working (JIRA_SETTLE_HORIZON_SECONDS).",
    ] = False,
    create_again: Annotated[
        str | None,
        "--create-again all|N,…",
        "Missing issues, by ticket: the next export creates them again.",
    ] = None,
    adopt: Annotated[
        str | None,
        "--adopt all|KEY,…",
        "Duplicate issues, by key: use these as the tickets' issues.",
    ] = None,
    forget: Annotated[
        str | None,
        "--forget all|N,…",
        "Missing or duplicate issues, by ticket or key: stop counting them.",
    ] = None,
    is_sure: YesOption = False,
) -> None:
    """Ask Jira about unconfirmed, missing and duplicate issues, and decide what to do with them.

    For example:

    jira-pipeline settle my_site
    jira-pipeline settle my_site --create-again 3,5
    jira-pipeline settle my_site --forget all

    What goes with an issue that is forgotten is listed first, and a real Jira's is asked about.
    """
    asked = {Decision.CREATE_AGAIN: create_again, Decision.ADOPT: adopt, Decision.FORGET: forget}
    wanted = [(decision, names) for decision, names in asked.items() if names is not None]
    if wanted:
        if len(wanted) > 1 or is_waiting:
            raise WrongUseError("Decide one thing at a time.")
        _decide(screen, session, *wanted[0], is_sure=is_sure)
    report = exporting.settle(session, is_waiting=is_waiting, by=current_person())
    results = required_results(session.reload())
    screen.answer({"session_key": session.key} | json_object(report))
    rows = [(t.number, t.title, t.outcome.value, t.key, line_of(t.advice)) for t in report.tickets]
    columns = ("no.", "ticket", "found", "issue", "what to do")
    screen.table(columns, rows, wide="what to do", if_any=True)
    agreement = agreement_of(report.comparison)
    screen.say(
        "" if rows else "No issue is unconfirmed.",
        *_lines_of_differing(report, results),
        f"Jira: {agreement}." if agreement else "",
        *decision_lines(results),
        ""
        if report.is_conclusive
        else "Jira did not show everything this time; check again later.",
    )
    show_next_step(screen, session, of_shown={Step.DECIDE: "decide, as shown above."})
    raise typer.Exit(ExitCode.DONE if report.is_settled else ExitCode.USER_MUST_ACT)


def _lines_of_differing(report: SettleReport, results: ExportResults) -> Iterator[str]:
    """Say of each issue what Jira does not hold as it was sent, or that it holds all of it."""
    in_table = {ticket.key for ticket in report.tickets}
    differing = [
        issue.finding for issue in results.differences if issue.difference.key not in in_table
    ]
    left = [change for change in results.changes if change.objection]
    for finding in differing:
        yield finding.message
    for change in left:
        yield f"{change.jira_key} does not say what its ticket says: {change.objection}."
    if left:
        plan = Action.of(
            ActionKind.EXPORT,
            "{} shows what differs.",
            session_key=results.session_key,
            update=True,
            plan=True,
        )
        yield action_text(plan)
    if not (report.tickets or differing or left) and report.is_conclusive:
        yield "Jira has what was sent."


def _decide(
    screen: Screen, session: OpenSession, decision: Decision, names: str, *, is_sure: bool
) -> NoReturn:
    is_all = names == ALL
    chosen = [] if is_all else [name.strip() for name in names.split(",")]
    if decision is Decision.FORGET:
        planned = exporting.plan_decision(
            session, decision=decision, names=chosen, is_all=is_all, by=current_person()
        )
        _show_lost(screen, planned)
        is_something_lost = any(ticket.is_done for ticket in planned)
        confirm(
            screen,
            is_asked=is_something_lost and not session.settings.is_sandbox and not is_sure,
            question="Stop counting these issues?",
            refusal=nobody_to_ask(f"jira-pipeline settle {session.key} --forget {names} --yes"),
        )
    report = exporting.decide(
        session, decision=decision, names=chosen, is_all=is_all, by=current_person()
    )
    screen.answer({"session_key": session.key} | json_object(report))
    rows = [(t.number, t.title, t.key, t.refusal or "done") for t in report.tickets]
    label = DECISION_LABELS[decision]
    screen.table(("no.", "ticket", "issue", label), rows, wide=label, if_any=True)
    screen.say("" if rows else "There is nothing to decide this way.")
    show_next_step(screen, session)
    is_refused = len(report.done) < len(report.tickets)
    raise typer.Exit(ExitCode.USER_MUST_ACT if is_refused else ExitCode.DONE)


def _show_lost(screen: Screen, planned: Sequence[DecidedTicket]) -> None:
    """Name what goes with each issue that is to be forgotten, before it is."""
    rows = [
        (ticket.number, ticket.title, ticket.key, lost)
        for ticket in planned
        for lost in ticket.lost
    ]
    columns = ("no.", "ticket", "issue", "what goes with it")
    screen.table(columns, rows, wide="what goes with it", if_any=True)


def _show_kept(
    screen: Screen,
    session: OpenSession,
    kept: Sequence[KeptIssue],
    *,
    shown: Sequence[KeptIssue] = (),
) -> None:
    if kept and kept != shown:
        rows = [(issue.number, issue.key, "; ".join(issue.reasons), issue.url) for issue in kept]
        show_linked(
            screen,
            session.target,
            "Left unchanged",
            ("no.", "issue", "why it is kept", "address"),
            rows,
        )


COLUMNS = ("take", "number", "key", "likeness", "title", "summary", "reasons")
PAIRS_MAX_BYTES = 10_000_000
YES = frozenset({"yes", "y", "x", "1", "true"})
NO = frozenset({"", "no", "n", "0", "-", "false"})
"""What `take` says of pairs that are not to be adopted."""


def adopt(
    screen: Screen,
    session: OpenSession,
    *,
    out: Annotated[
        Path | None, "--out FILE.csv", "Write the proposed pairs to a file, to choose from."
    ] = None,
    chosen: Annotated[
        Path | None, "--from FILE.csv", "Adopt the pairs of this file, where `take` says yes."
    ] = None,
    pairs: Annotated[str | None, "--take N=KEY,…", "Adopt these issues, by ticket."] = None,
    is_all: Annotated[bool, "--matches", "Adopt every match."] = False,
) -> None:
    """Find issues that people made for tickets, and use them as the tickets' issues.

    An adopted issue keeps the text that people wrote, and nothing is created for its ticket;
    `settle --forget` gives it back. For example:

    jira-pipeline adopt my_site
    jira-pipeline adopt my_site --out pairs.csv
    jira-pipeline adopt my_site --from pairs.csv
    jira-pipeline adopt my_site --take 3=ABC-12,5=ABC-14
    """
    ways_named = [out is not None, chosen is not None, pairs is not None, is_all]
    if sum(ways_named) > 1:
        raise WrongUseError("Choose one way: --out, --from, --take or --matches.")
    if pairs is not None:
        _adopt(screen, session, pairs_in(pairs.split(",")))
    elif chosen is not None:
        _adopt(screen, session, _pairs_of(chosen))
    else:
        proposed = exporting.propose_adoption(session)
        if is_all:
            _adopt(screen, session, proposed.matches)
        else:
            _show_proposal(screen, session, proposed, out=out)


def _show_proposal(
    screen: Screen, session: OpenSession, proposed: ProposedAdoption, *, out: Path | None
) -> None:
    """Show which issues may be of which tickets, and write them to a file where one is named."""
    screen.answer({"session_key": session.key} | json_object(proposed))
    rows = []
    lines = []
    for pair in proposed.pairs:
        reasons = "; ".join(pair.reasons)
        rows.append((pair.number, pair.title, pair.key, pair.summary, pair.likeness.value, reasons))
        line = {name: getattr(pair, name) for name in COLUMNS[1:]}
        line["take"] = "yes" if pair.likeness is Likeness.MATCH else ""
        line["reasons"] = reasons
        lines.append(line)
    columns = ("no.", "ticket", "issue", "its title", "", "why")
    screen.table(columns, rows, wide="why", if_any=True)
    tally = Counter(pair.likeness for pair in proposed.pairs)
    counts = ", ".join(f"{tally[kind]} {kind.value}" for kind in Likeness)
    screen.say(
        f"{counted(proposed.scanned, 'issue')} compared: {counts}; "
        f"{counted(len(proposed.unmatched), 'ticket')} without any."
    )
    command = f"jira-pipeline adopt {session.key}"
    if out is not None:
        write_file(out, csv_text(COLUMNS, lines).encode())
        screen.say(f"Written: {out}. Say yes or no in `take`, then: {command} --from {out}")
    elif rows:
        screen.say(
            f"To adopt the matches: {command} --matches; others: {command} --take 3=ABC-12,5=ABC-14, "
            f"or choose in a file: {command} --out pairs.csv"
        )


def _adopt(screen: Screen, session: OpenSession, pairs: Mapping[int, str]) -> NoReturn:
    adopted = exporting.adopt(session, pairs=pairs, by=current_person())
    answers = [json_object(ticket) for ticket in adopted]
    screen.answer({"session_key": session.key, "tickets": answers})
    rows = [
        (ticket.number, ticket.title, ticket.key, ticket.refusal or "adopted") for ticket in adopted
    ]
    screen.table(("no.", "ticket", "issue", ""), rows, wide="ticket", if_any=True)
    refused = sum(bool(ticket.refusal) for ticket in adopted)
    rest = f", {refused} refused" if refused else ""
    screen.say(f"{counted(len(adopted) - refused, 'issue')} adopted{rest}.")
    show_next_step(screen, session)
    raise typer.Exit(ExitCode.USER_MUST_ACT if refused else ExitCode.DONE)


def _pairs_of(file: Path) -> Mapping[int, str]:
    """Read the pairs of a file; without a column `take` all are meant."""
    try:
        content = content_of(file, max_bytes=PAIRS_MAX_BYTES, advice="Name another file.")
        text = content.decode("utf-8-sig")
        separator = ";" if ";" in text.partition("\n")[0] else ","  # as a German Excel saves it
        rows = list(csv.DictReader(StringIO(text, newline=""), delimiter=separator))
    except UnicodeDecodeError as error:
        raise WrongUseError(f"{file} is not in UTF-8: save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise WrongUseError(f"{file} is no CSV: {error}.") from error
    if rows and not {"number", "key"} <= rows[0].keys():
        raise WrongUseError(f"{file} needs the columns number and key.")
    takes = [(row.get("take", "yes") or "").strip().casefold() for row in rows]
    unclear = [take for take in takes if take not in YES | NO]
    if unclear:
        raise WrongUseError(f"{file} says “{unclear[0]}” in `take`: say yes or no.")
    chosen = [row for row, take in zip(rows, takes, strict=True) if take in YES]
    return pairs_in(f"{row['number'] or ''}={row['key'] or ''}" for row in chosen)
