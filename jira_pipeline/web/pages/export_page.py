"""The pages of the export and of its results: the plan, what is under way, the issues, what is left to do.

An export creates an issue in Jira for each ticket. Its plan says beforehand what it would create and
change. Afterwards the results list the issues, the manual fixes (what only a person can do in Jira), the
differences (issues that are gone or there twice, about which people decide) and what is in doubt: Jira
did not answer, so that nobody knows yet whether an issue was created, and settling asks Jira.

Belongs here: what these pages show, and their forms; adopting issues that people made before; undo.
Does not: what an export or an undo would do (`export/exporting`), which issue seems to be for which
ticket (`export/adoption_proposals`), starting runs (`sessions/starting`), the state of the work (`live`),
what an export left (`export/session_results`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse, Response

from jira_pipeline.context.trackers import answer_deadline
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import parse_pairs
from jira_pipeline.export.adoption_proposals import ProposedAdoption, ProposedPair
from jira_pipeline.export.issue_progress import known_progress
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.manual_fixes import finish_fixes, reopen_fix
from jira_pipeline.export.outdated_issues import changed_texts, changes_in_jira
from jira_pipeline.export.plan import ExportPlan
from jira_pipeline.export.results import ExportedTicket, ExportResults
from jira_pipeline.export.session_results import idle_reason, results
from jira_pipeline.export.todo import in_doubt
from jira_pipeline.export.undo import UndoPlan
from jira_pipeline.export.work_history import latest_exports
from jira_pipeline.model.differences import DECISION_LABELS, Decision
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.manual_fixes import FixState, alike
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.tickets import ListedTicket, asking_numbers
from jira_pipeline.model.update_choices import UpdateChoice, chosen_update
from jira_pipeline.review.marks import after_undo_text
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.export_report import issues_urls
from jira_pipeline.sessions.starting import retry_export, start_export, start_settling, start_undo
from jira_pipeline.sessions.status import agreement_of
from jira_pipeline.web.context import Exporter, Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.labels import Word, person_of, sentence_of
from jira_pipeline.web.live import Look, Phase, export_state, look_at
from jira_pipeline.web.pages.session_page import at_work_of, outcomes_of
from jira_pipeline.web.pages.showing import (
    PAGE_MAX,
    SANDBOX_ROOT,
    Notice,
    SheetsShown,
    ask_jira,
    go_to,
    page_of,
    refused_at,
    rendered,
    show,
)

NUMBERS_SHOWN_MAX = 200
"""Of tickets in one line; a plan of ten thousand would be a page of numbers."""
ChoiceForIssue = Annotated[str, Field(pattern=r"^(overwrite [0-9a-f:]{1,20}|leave [0-9]{1,9})?$")]
"""What an update does with the text of one issue that people changed in Jira.

`overwrite CHANGE` replaces that change, `leave NUMBER` leaves the issue of that ticket as it is; where it
is empty, the update does what it does by itself.
"""
router = APIRouter(prefix="/sessions/{key}")
PAIRS_SHOWN = 50
"""Fewer than are adopted within the time of one answer: two requests each, and as many typed in."""
Pair = Annotated[str, Field(pattern=r"^[0-9]{1,9}=[^=]{1,255}$")]
"""A ticket and the issue that it adopts, such as `12=SITE-7`."""
ISSUES_SHOWN = 100
FIXES_OF_ONE_BOX = 10_000
DIFFERENCES_SHOWN = 200
CHANGES_SHOWN = 100
FixNumbers = Annotated[
    str, Field(pattern=r"^[0-9]{1,9}(,[0-9]{1,9})*$", max_length=10 * FIXES_OF_ONE_BOX)
]
"""The numbers of the manual fixes that one box is about, such as `3,4,9`."""


@router.get("/export")
def export_page(
    request: Request,
    web: TheWeb,
    _person: Reader,
    key: str,
    *,
    plan: bool = False,
    as_new: bool = False,
    fresh: bool = False,
) -> Response:
    """Show how far an export is; where none is at work, what one would do.

    The sandbox is always asked for that plan. A real Jira may take long to answer, so it is asked only
    with `plan`. The plan is kept for a minute; with `fresh` it is made anew.
    """
    look = look_at(web, key)
    opened = look.session
    state = export_state(look)
    is_sandbox = opened.settings.is_sandbox
    is_planned = state.phase is not Phase.AT_WORK and (is_sandbox or plan)
    shown_plan = _ShownPlan()
    if is_planned and opened.stored.generated_at is not None:
        shown_plan = _ask_for_plan(opened, is_as_new=as_new, is_fresh=fresh)
    dependency_count = 0
    for ticket in opened.listed:
        if not ticket.exclusion:
            dependency_count += len(ticket.depends_on)
    exports = latest_exports(opened)
    return show(
        request,
        "export.html",
        opened=opened,
        state=state,
        at_work=at_work_of(look),
        plan=shown_plan.plan,
        asked_at=shown_plan.asked_at,
        fault=shown_plan.fault,
        fault_actions=_action_sentences(shown_plan.fault),
        blocked_actions=_action_sentences(shown_plan.blocked),
        blocked_kind=_first_action_kind(shown_plan.blocked),
        idle=idle_reason(opened),
        is_sandbox=is_sandbox,
        is_written=opened.stored.generated_at is not None,
        as_new=as_new,
        changes=shown_plan.changes,
        progress=known_progress(opened),
        exports=exports,
        outcomes=outcomes_of(opened, exports),
        person_of=person_of,
        tally=opened.tally,
        left=opened.asked.left,
        dependency_count=dependency_count,
        asking=asking_numbers(opened.tickets),
        numbers_shown=NUMBERS_SHOWN_MAX,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownPlan:
    """What the page shows of the plan of an export; nothing where nobody asked for one."""

    changes: Mapping[int, LaterChange] = field(default_factory=dict)
    """Issues whose text people changed in Jira, by the number of the ticket."""
    plan: ExportPlan | None = None
    asked_at: datetime | None = None
    """When Jira was asked for it."""
    fault: PipelineError | None = None
    """Why there is no plan."""

    @property
    def blocked(self) -> PipelineError | None:
        """Why an export would be refused, though there is a plan."""
        return None if self.plan is None else self.plan.blocked


def _ask_for_plan(opened: OpenSession, *, is_as_new: bool, is_fresh: bool) -> _ShownPlan:
    """Ask Jira what an export would do; where it fails, the result says why."""
    changes: dict[int, LaterChange] = {}
    try:
        for change in changes_in_jira(opened):
            if change.is_text:
                changes[change.number] = change
        recent = exporting.recent_plan(
            opened,
            is_as_new=is_as_new,
            update=UpdateChoice() if changes else None,
            is_fresh=is_fresh,
            budget=answer_deadline(),
        )
    except PipelineError as error:
        return _ShownPlan(changes=changes, fault=error)
    return _ShownPlan(changes=changes, plan=recent.plan, asked_at=recent.asked_at)


@router.get("/export/live")
def live(web: TheWeb, person: Reader, key: str) -> Response:
    """Send the part of the page that says how far the export is, for a page that asks again and again."""
    return HTMLResponse(live_part(look_at(web, key), person))


@router.post("/export")
def start(
    request: Request,
    web: TheWeb,
    person: Exporter,
    opened: Opened,
    *,
    sure: Annotated[bool, Form()] = False,
    as_new: Annotated[bool, Form()] = False,
    update: Annotated[bool, Form()] = False,
    chosen: Annotated[list[ChoiceForIssue] | None, Form(max_length=1_000)] = None,
    sheets: SheetsShown = "",
) -> Response:
    """Start an export, or say that one is running already.

    Into a real Jira it starts only where the person ticked that they mean it (`sure`). `as_new` creates
    all issues once more, and `update` changes those whose tickets changed, as `chosen` says of some.
    """
    address = refused_at(request, f"/sessions/{opened.key}/export")
    opened.stored.refuse_others(sheets)
    if not opened.settings.is_sandbox and not sure:
        raise WrongUseError("Nothing was started: select the checkbox to confirm.")
    choices = chosen or ()
    start_of_export = start_export(
        opened,
        web.runs,
        by=person.name,
        is_as_new=as_new,
        update=chosen_update(
            is_wanted=update,
            overwrite=_issues_chosen_for("overwrite", choices),
            leave=map(int, _issues_chosen_for("leave", choices)),
        ),
    )
    if start_of_export.is_already_running:
        return go_to(request, address, "An export was already running; nothing new was started.")
    return go_to(
        request, address, Notice("Started. It waits in the queue for a few seconds.", "info")
    )


@router.post("/export/resume")
def resume(request: Request, web: TheWeb, person: Exporter, opened: Opened) -> Response:
    """Queue an export that broke off once more, and say how many retries are left."""
    address = refused_at(request, f"/sessions/{opened.key}/export")
    _, retry = retry_export(opened, web.runs, by=person.name)
    return go_to(
        request,
        address,
        "Resumed; existing issues are not created again. "
        f"{retry.remaining_retries} retries are left.",
    )


def _issues_chosen_for(action: str, choices: Iterable[str]) -> list[str]:
    """Return what choices such as `leave 12` name, of those with this action."""
    return [choice.rpartition(" ")[2] for choice in choices if choice.startswith(f"{action} ")]


def live_part(look: Look, _person: Person) -> str:
    """Return the part of the page that says how far the export is, as HTML."""
    return rendered("export_live.html", opened=look.session, state=export_state(look))


def _first_action_kind(error: PipelineError | None) -> str:
    """Return the kind of the first action that an error advises; empty where there is none."""
    if error is None or not error.recovery_actions:
        return ""
    return error.recovery_actions[0].kind.value


def _action_sentences(error: PipelineError | None) -> list[Sequence[Word]]:
    """Return the sentences of what to do about an error; none where there is no error."""
    if error is None:
        return []
    return [
        sentence_of(action)
        for action in error.recovery_actions
        # That the export comes next goes without saying on the page of the export.
        if action.sentence != "Then run {}."
    ]


@router.get("/export/adopt")
def adoption_page(
    request: Request,
    web: TheWeb,
    _person: Reader,
    opened: Opened,
    *,
    look: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """Show issues that people made beside the tickets that they may be for.

    Jira is read only with `look`: that may take long.
    """
    proposal: ProposedAdoption | None = None
    fault: PipelineError | None = None
    if look:
        propose = partial(exporting.propose_adoption, opened, budget=answer_deadline())
        proposal, fault = ask_jira(propose)
    pairs: Sequence[ProposedPair] = ()
    unmatched: list[ListedTicket] = []
    if proposal is not None:
        pairs = proposal.pairs
        unmatched_numbers = {*proposal.unmatched}
        unmatched = [ticket for ticket in opened.listed if ticket.number in unmatched_numbers]
    fault_actions = []
    if fault is not None:
        fault_actions = [sentence_of(action) for action in fault.recovery_actions]
    return show(
        request,
        "adoption.html",
        opened=opened,
        at_work=at_work_of(look_at(web, opened.key)),
        found=proposal,
        pairs=page_of(request, pairs, number=page, size=PAIRS_SHOWN),
        unmatched=unmatched,
        shown_max=PAIRS_SHOWN,
        site_url=opened.settings.jira_site_url or SANDBOX_ROOT,
        fault=fault,
        fault_actions=fault_actions,
    )


@router.post("/export/adopt")
def adopt(
    request: Request,
    person: Exporter,
    opened: Opened,
    *,
    pair: Annotated[list[Pair] | None, Form(max_length=PAIRS_SHOWN)] = None,
    ticket: Annotated[list[int] | None, Form(max_length=2 * PAIRS_SHOWN)] = None,
    another: Annotated[
        list[Annotated[str, Field(max_length=255)]] | None, Form(max_length=2 * PAIRS_SHOWN)
    ] = None,
    sheets: SheetsShown = "",
) -> Response:
    """Adopt the pairs that are ticked, and say which were refused and why.

    `ticket` and `another` are parallel: the number of a ticket, and the key of an issue that was typed
    in for it, which takes the place of the pairs of that ticket.
    """
    address = refused_at(request, f"/sessions/{opened.key}/export/adopt?look=1")
    opened.stored.refuse_others(sheets)
    typed_keys = {}
    for number, issue_key in zip(ticket or (), another or (), strict=False):
        if issue_key.strip():
            typed_keys[number] = issue_key.strip()
    ticked_pairs = []
    for ticked_pair in pair or ():
        number_text, _, _ = ticked_pair.partition("=")
        if int(number_text) not in typed_keys:
            ticked_pairs.append(ticked_pair)
    pairs = {**parse_pairs(ticked_pairs), **typed_keys}
    if not pairs:
        raise WrongUseError("Tick a pair, or type in the key of an issue.")
    adoptions = exporting.adopt(opened, pairs=pairs, by=person.name, budget=answer_deadline())
    refusals = [
        f"Ticket {adoption.number}: {adoption.refusal}."
        for adoption in adoptions
        if adoption.refusal
    ]
    count = format_count(len(adoptions) - len(refusals), "issue")
    if not refusals:
        return go_to(request, address, Notice(f"{count} adopted.", kind="ok"))
    sentences = [f"{count} adopted, {len(refusals)} refused.", *refusals]
    return go_to(request, address, Notice(" ".join(sentences), kind="warn"))


@router.get("/results")
def results_page(
    request: Request,
    web: TheWeb,
    person: Reader,
    opened: Opened,
    *,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
    undo: bool = False,
) -> Response:
    """Show what the session has in Jira, and what is left to do there.

    Jira is asked what an undo would do only with `undo`, for people who may export.
    """
    export_results, fault = ask_jira(partial(results, opened))
    undo_plan: UndoPlan | None = None
    if undo and person.role.includes(Role.EXPORTER) and export_results is not None:
        plan_undoing = partial(exporting.plan_undoing, opened, budget=answer_deadline())
        undo_plan, fault = ask_jira(plan_undoing)
    fault_actions = []
    if fault is not None:
        fault_actions = [sentence_of(action) for action in fault.recovery_actions]
    idle = idle_reason(opened)
    # A look closes the session if its run died: what is read of results comes after it.
    at_work = at_work_of(look_at(web, opened.key))
    tickets: Sequence[ExportedTicket] = ()
    values_of_results: Mapping[str, Any] = {}
    if export_results is not None:
        tickets = export_results.tickets
        values_of_results = _values_of_results(opened, export_results)
    return show(
        request,
        "results.html",
        opened=opened,
        found=export_results,
        fault=fault,
        fault_actions=fault_actions,
        idle=idle,
        at_work=at_work,
        issues=page_of(request, tickets, number=page, size=ISSUES_SHOWN),
        in_doubt=in_doubt(opened),
        given_up_count=opened.ledger_marks.given_up_count,
        is_sandbox=opened.settings.is_sandbox,
        undoing=undo_plan,
        **values_of_results,
    )


def _values_of_results(opened: OpenSession, results: ExportResults) -> Mapping[str, Any]:
    """Return what the page shows of the results of an export, by the names of its template."""
    removed_numbers = {removed.number for removed in results.removed}
    changes = [
        (change, changed_texts(opened, change)) for change in results.changes[:CHANGES_SHOWN]
    ]
    return {
        "after_undo": after_undo_text(opened.listed, removed_numbers),
        "updated": {updated.jira_key: updated.updated_at for updated in results.updated},
        "agreement": agreement_of(results.comparison),
        "shown_differences": results.differences[:DIFFERENCES_SHOWN],
        "shown_changes": changes,
        "decision_words": DECISION_LABELS,
        **_fix_values(results),
        "issues_urls": partial(issues_urls, results.target),
        "jql_url": results.jql_url,
        "spending": spending_text(results.spending) if results.spending.requests else "",
    }


def _fix_values(results: ExportResults) -> dict[str, Any]:
    """Return the manual fixes that are open, alike ones together, and those that are done."""
    open_fixes = [fix for fix in results.manual_fixes if fix.state is FixState.OPEN]
    states_done = {FixState.DONE, FixState.RESOLVED}
    fixes_done = [fix for fix in results.manual_fixes if fix.state in states_done]
    return {"fixes": alike(open_fixes), "fixes_done": fixes_done}


@router.post("/results/fixes")
def tick_off_fixes(
    request: Request,
    person: Reviewer,
    opened: Opened,
    *,
    fix_id: Annotated[list[FixNumbers] | None, Form(max_length=1_000)] = None,
    reopened: Annotated[int | None, Form()] = None,
) -> Response:
    """Tick off the manual fixes that somebody did in Jira, or open the one `reopened` again."""
    address = refused_at(request, f"/sessions/{opened.key}/results#fixes")
    if reopened is not None:
        reopen_fix(opened, reopened, by=person.name)
        return go_to(request, address, "The manual fix is open again.")
    if not fix_id:
        raise WrongUseError("Tick what was done.")
    ids: set[int] = set()
    for numbers in fix_id:
        ids.update(map(int, numbers.split(",")))
    finished = finish_fixes(opened, sorted(ids), by=person.name)
    return go_to(
        request, address, f"{format_count(len(finished), 'manual fix', 'manual fixes')} done."
    )


@router.post("/results/settle")
def settle(request: Request, web: TheWeb, person: Exporter, opened: Opened) -> Response:
    """Queue a run that asks Jira about the issues in doubt."""
    address = refused_at(request, f"/sessions/{opened.key}/results")
    start_settling(opened, web.runs, by=person.name)
    return go_to(request, address, "The check in Jira is queued.")


@router.post("/results/decide")
def decide(
    request: Request,
    person: Exporter,
    opened: Opened,
    *,
    decision: Annotated[Decision, Form()],
    ticket: Annotated[str, Form(max_length=255)] = "",
    sheets: SheetsShown = "",
) -> Response:
    """Decide about the issue of one ticket that is gone or there twice, or about all such issues.

    Jira is asked once more first, and refuses where it says otherwise by then.
    """
    address = refused_at(request, f"/sessions/{opened.key}/results#differences")
    opened.stored.refuse_others(sheets)
    report = exporting.decide(
        opened,
        decision=decision,
        names=[ticket] if ticket else [],
        is_all=not ticket,
        by=person.name,
        budget=answer_deadline(),
    )
    count = format_count(len(report.done), "ticket")
    sentences = [f"Decided about {count}: {DECISION_LABELS[decision]}."]
    losses: list[str] = []
    for ticket_done in report.done:
        losses.extend(ticket_done.lost)
    if losses:
        sentences.append(f"With it: {'; '.join(losses)}.")
    refusals = [
        f"{refused.number}: {refused.refusal}" for refused in report.tickets if refused.refusal
    ]
    text = " ".join([*sentences, *refusals])
    return go_to(request, address, Notice(text, kind="warn" if refusals else "ok"))


@router.post("/results/undo")
def undo_export(
    request: Request,
    web: TheWeb,
    person: Exporter,
    opened: Opened,
    *,
    sure: Annotated[bool, Form()] = False,
    keep_rest: Annotated[bool, Form()] = False,
) -> Response:
    """Queue the undo of the export, where the person ticked that they mean it (`sure`).

    With `keep_rest` an undo that began ends as it is: what it did not delete stays in Jira.
    """
    address = refused_at(request, f"/sessions/{opened.key}/results")
    if not sure and not keep_rest:
        raise WrongUseError("Nothing was undone: select the checkbox to confirm.")
    start_undo(opened, web.runs, by=person.name, keeps_rest=keep_rest)
    return go_to(
        request, address, "Ending the undo is queued." if keep_rest else "The undo is queued."
    )
