"""Pages 6 and 7, Export and Results: the plan, what is under way, the issues, what is left to people.

Belongs here: what the pages show, their forms; In Jira already, where issues that people made are
adopted; undo, settling. Does not: what an export would do, what an undo (`export/exporting`), which
issues seem to be whose (`export/adoption_proposals`), starting runs (`sessions/starting`), the state
of the work (`live`), what an export left (`export/session_results`).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse, Response

from jira_pipeline.context.trackers import answer_deadline
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import parse_pairs
from jira_pipeline.export.issue_progress import known_progress
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.manual_fixes import finish_fixes, reopen_fix
from jira_pipeline.export.outdated_issues import changed_texts, changes_in_jira
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
from jira_pipeline.model.tickets import asking_numbers
from jira_pipeline.model.update_choices import UpdateChoice, chosen_update
from jira_pipeline.review.marks import after_undo_text
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.export_report import issues_urls
from jira_pipeline.sessions.starting import retry_export, start_export, start_settling, start_undo
from jira_pipeline.sessions.status import agreement_of
from jira_pipeline.web.context import Exporter, Opened, Reader, Reviewer, TheWeb
from jira_pipeline.web.labels import person_of, sentence_of
from jira_pipeline.web.live import Look, Phase, export_state, look_at
from jira_pipeline.web.pages.session_page import at_work_of, outcomes_of
from jira_pipeline.web.pages.showing import (
    PAGE_MAX,
    SANDBOX_ROOT,
    Notice,
    SheetsShown,
    asked_of_jira,
    go_to,
    page_of,
    refused_at,
    rendered,
    show,
)

NUMBERS_SHOWN_MAX = 200
"""Of tickets in one line; a plan of ten thousand would be a page of numbers."""
Chosen = Annotated[str, Field(pattern=r"^(overwrite [0-9a-f:]{1,20}|leave [0-9]{1,9})?$")]
"""What becomes of the issue of a ticket; empty: what an update does by itself."""
router = APIRouter(prefix="/sessions/{key}")
PAIRS_SHOWN = 50
"""Fewer than are adopted within the time of one answer: two requests each, and as many typed in."""
Pair = Annotated[str, Field(pattern=r"^[0-9]{1,9}=[^=]{1,255}$")]
ISSUES_SHOWN = 100
FIXES_OF_ONE_TICK = 10_000
DIFFERENCES_SHOWN = 200
CHANGES_SHOWN = 100
Ticked = Annotated[
    str, Field(pattern=r"^[0-9]{1,9}(,[0-9]{1,9})*$", max_length=10 * FIXES_OF_ONE_TICK)
]
"""The numbers of the manual fixes that one box is about."""


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
    """Show where an export is; where none is at work, what one would do.

    A real Jira is asked for the plan only where somebody wants it: it may take long to answer. For
    a minute the plan is kept; `fresh` asks again.
    """
    look = look_at(web, key)
    opened = look.session
    state = export_state(look)
    is_sandbox = opened.settings.is_sandbox
    is_planned = state.phase is not Phase.AT_WORK and (is_sandbox or plan)
    changes: Mapping[int, LaterChange] = {}
    recent: exporting.AskedPlan | None = None
    fault: PipelineError | None = None
    if is_planned and opened.stored.generated_at is not None:
        try:
            changes = {
                change.number: change for change in changes_in_jira(opened) if change.is_text
            }
            recent = exporting.recent_plan(
                opened,
                is_as_new=as_new,
                update=UpdateChoice() if changes else None,
                is_fresh=fresh,
                budget=answer_deadline(),
            )
        except PipelineError as error:
            fault = error
    current_plan = None
    asked_at = None
    blocked = None
    if recent is not None:
        current_plan = recent.plan
        asked_at = recent.asked_at
        blocked = recent.plan.blocked
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
        plan=current_plan,
        asked_at=asked_at,
        fault=fault,
        fault_actions=_sentences(fault),
        blocked_actions=_sentences(blocked),
        blocked_kind=_first_action_kind(blocked),
        idle=idle_reason(opened),
        is_sandbox=is_sandbox,
        is_written=opened.stored.generated_at is not None,
        as_new=as_new,
        changes=changes,
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


@router.get("/export/live")
def live(web: TheWeb, person: Reader, key: str) -> Response:
    """Show only where the export is, for a page that asks again and again."""
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
    chosen: Annotated[list[Chosen] | None, Form(max_length=1_000)] = None,
    sheets: SheetsShown = "",
) -> Response:
    """Start an export; a real Jira only where the person ticked that they mean it."""
    address = refused_at(request, f"/sessions/{opened.key}/export")
    opened.stored.refuse_others(sheets)
    if not opened.settings.is_sandbox and not sure:
        raise WrongUseError("Nothing was started: select the checkbox to confirm.")
    started = start_export(
        opened,
        web.runs,
        by=person.name,
        is_as_new=as_new,
        update=chosen_update(
            is_wanted=update,
            overwrite=_chosen_as("overwrite", chosen or ()),
            leave=map(int, _chosen_as("leave", chosen or ())),
        ),
    )
    if started.is_already_running:
        return go_to(request, address, "An export was already running; nothing new was started.")
    return go_to(
        request, address, Notice("Started. It waits in the queue for a few seconds.", "info")
    )


@router.post("/export/resume")
def resume(request: Request, web: TheWeb, person: Exporter, opened: Opened) -> Response:
    """Carry on with an export that broke off."""
    address = refused_at(request, f"/sessions/{opened.key}/export")
    _, resumed = retry_export(opened, web.runs, by=person.name)
    return go_to(
        request,
        address,
        "Resumed; existing issues are not created again. "
        f"{resumed.remaining_retries} retries are left.",
    )


def _chosen_as(what: str, chosen: Iterable[str]) -> list[str]:
    return [choice.rpartition(" ")[2] for choice in chosen if choice.startswith(f"{what} ")]


def live_part(look: Look, _person: Person) -> str:
    """Return where the export is as a part of the page."""
    return rendered("export_live.html", opened=look.session, state=export_state(look))


def _first_action_kind(error: PipelineError | None) -> str:
    """Return what kind of action helps first; empty where nothing is wrong, or nothing helps."""
    if error is None or not error.recovery_actions:
        return ""
    return error.recovery_actions[0].kind.value


def _sentences(error: PipelineError | None) -> list[object]:
    """Say what to do first; that an export follows needs no word on its own page."""
    if error is None:
        return []
    return [
        sentence_of(action)
        for action in error.recovery_actions
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
    """Show issues beside the tickets that they may be for; Jira is read where somebody wants it."""
    ask = partial(exporting.propose_adoption, opened, budget=answer_deadline())
    answer, fault = asked_of_jira(ask) if look else (None, None)
    unmatched = frozenset(answer.unmatched if answer else ())
    return show(
        request,
        "adoption.html",
        opened=opened,
        at_work=at_work_of(look_at(web, opened.key)),
        found=answer,
        pairs=page_of(request, answer.pairs if answer else (), number=page, size=PAIRS_SHOWN),
        unmatched=[t for t in opened.listed if t.number in unmatched],
        shown_max=PAIRS_SHOWN,
        site_url=opened.settings.jira_site_url or SANDBOX_ROOT,
        fault=fault,
        fault_actions=[sentence_of(a) for a in fault.recovery_actions] if fault else [],
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
    """Adopt the pairs that are ticked; a key typed in for a ticket takes the place of its pairs."""
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
    adopted = exporting.adopt(opened, pairs=pairs, by=person.name, budget=answer_deadline())
    refusals = [
        f"Ticket {adoption.number}: {adoption.refusal}." for adoption in adopted if adoption.refusal
    ]
    count = format_count(len(adopted) - len(refusals), "issue")
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

    What an undo would do is asked of Jira only where somebody wants to know it.
    """
    answer, fault = asked_of_jira(partial(results, opened))
    undoing: UndoPlan | None = None
    if undo and person.role.includes(Role.EXPORTER) and answer is not None:
        plan_undoing = partial(exporting.plan_undoing, opened, budget=answer_deadline())
        undoing, fault = asked_of_jira(plan_undoing)
    fault_actions = []
    if fault is not None:
        fault_actions = [sentence_of(action) for action in fault.recovery_actions]
    idle = idle_reason(opened)
    # A look closes the session if its run died: what is read of results comes after it.
    at_work = at_work_of(look_at(web, opened.key))
    tickets: Sequence[ExportedTicket] = ()
    shown_results: Mapping[str, Any] = {}
    if answer is not None:
        tickets = answer.tickets
        shown_results = _shown(opened, answer)
    return show(
        request,
        "results.html",
        opened=opened,
        found=answer,
        fault=fault,
        fault_actions=fault_actions,
        idle=idle,
        at_work=at_work,
        issues=page_of(request, tickets, number=page, size=ISSUES_SHOWN),
        in_doubt=in_doubt(opened),
        given_up_count=opened.ledger_marks.given_up_count,
        is_sandbox=opened.settings.is_sandbox,
        undoing=undoing,
        **shown_results,
    )


def _shown(opened: OpenSession, results: ExportResults) -> Mapping[str, Any]:
    fixes = results.manual_fixes
    removed_numbers = {removed.number for removed in results.removed}
    return {
        "after_undo": after_undo_text(opened.listed, removed_numbers),
        "updated": {updated.jira_key: updated.updated_at for updated in results.updated},
        "agreement": agreement_of(results.comparison),
        "shown_differences": results.differences[:DIFFERENCES_SHOWN],
        "shown_changes": [
            (change, changed_texts(opened, change)) for change in results.changes[:CHANGES_SHOWN]
        ],
        "decision_words": DECISION_LABELS,
        "fixes": alike(f for f in fixes if f.state is FixState.OPEN),
        "fixes_done": [f for f in fixes if f.state in {FixState.DONE, FixState.RESOLVED}],
        "issues_urls": partial(issues_urls, results.target),
        "jql_url": results.jql_url,
        "spending": spending_text(results.spending) if results.spending.requests else "",
    }


@router.post("/results/fixes")
def fixes(
    request: Request,
    person: Reviewer,
    opened: Opened,
    *,
    fix_id: Annotated[list[Ticked] | None, Form(max_length=1_000)] = None,
    reopened: Annotated[int | None, Form()] = None,
) -> Response:
    """Tick off what somebody did in Jira, or open one again that was ticked off by mistake."""
    address = refused_at(request, f"/sessions/{opened.key}/results#fixes")
    if reopened is not None:
        reopen_fix(opened, reopened, by=person.name)
        return go_to(request, address, "The manual fix is open again.")
    if not fix_id:
        raise WrongUseError("Tick what was done.")
    ids = {int(number) for ticked in fix_id for number in ticked.split(",")}
    finished = finish_fixes(opened, sorted(ids), by=person.name)
    return go_to(
        request, address, f"{format_count(len(finished), 'manual fix', 'manual fixes')} done."
    )


@router.post("/results/settle")
def settle(request: Request, web: TheWeb, person: Exporter, opened: Opened) -> Response:
    """Look up what is in doubt."""
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
    """Decide about one issue that is gone or there twice, or about all; Jira is asked once more."""
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
    for decided in report.done:
        losses.extend(decided.lost)
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
    """Take the export back, where the person ticked that they mean it, or end an undo as it is."""
    address = refused_at(request, f"/sessions/{opened.key}/results")
    if not sure and not keep_rest:
        raise WrongUseError("Nothing was undone: select the checkbox to confirm.")
    start_undo(opened, web.runs, by=person.name, keeps_rest=keep_rest)
    return go_to(
        request, address, "Ending the undo is queued." if keep_rest else "The undo is queued."
    )
