"""Page 7, Results: the issues, and what is left to people; undo, settling, the report.

Belongs here: what the page shows, its forms. Does not: what an export left (`export/left_in_jira`),
what an undo would do (`export/exporting`), starting runs (`sessions/starting`).
"""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from pydantic import Field
from starlette.responses import Response

from jira_pipeline.context.trackers import one_answer
from jira_pipeline.export import exporting
from jira_pipeline.export.left_in_jira import (
    changed_texts,
    finish_fixes,
    idle_reason,
    in_doubt,
    reopen_fix,
    results,
)
from jira_pipeline.export.results import ExportResults
from jira_pipeline.export.undo import UndoPlan
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.exports import DECISION_LABELS, Decision, FixState, alike
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.people import Role
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.export_report import issues_urls
from jira_pipeline.sessions.starting import start_settling, start_undo
from jira_pipeline.sessions.status import agreement_of
from jira_pipeline.web.access import Exporter, Reader, Reviewer
from jira_pipeline.web.context import Opened, TheWeb
from jira_pipeline.web.labels import sentence_of
from jira_pipeline.web.live import look_at
from jira_pipeline.web.pages.list_addresses import PAGE_MAX, page_of
from jira_pipeline.web.pages.session_page import at_work_of
from jira_pipeline.web.pages.showing import Notice, asked_of_jira, go_to, refused_at, show

ISSUES_SHOWN = 100
FIXES_MAX = 1_000
FIXES_OF_ONE_TICK = 10_000
DIFFERENCES_SHOWN = 200
CHANGES_SHOWN = 100
Ticked = Annotated[
    str, Field(pattern=r"^[0-9]{1,9}(,[0-9]{1,9})*$", max_length=10 * FIXES_OF_ONE_TICK)
]
"""The numbers of the manual fixes that one box is about."""
router = APIRouter(prefix="/sessions/{key}/results")


@router.get("")
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
    found, fault = asked_of_jira(partial(results, opened))
    undoing: UndoPlan | None = None
    if undo and person.role.includes(Role.EXPORTER) and found is not None:
        undoing, fault = asked_of_jira(partial(exporting.plan_undoing, opened, budget=one_answer()))
    return show(
        request,
        "results.html",
        opened=opened,
        found=found,
        fault=fault,
        fault_actions=[sentence_of(a) for a in fault.recovery_actions] if fault else [],
        idle=idle_reason(opened),
        at_work=at_work_of(look_at(web, opened.key)),
        issues=page_of(request, found.tickets if found else (), number=page, size=ISSUES_SHOWN),
        in_doubt=in_doubt(opened),
        given_up_count=opened.ledger_marks.given_up_count,
        is_sandbox=opened.settings.is_sandbox,
        undoing=undoing,
        **({} if found is None else _shown(opened, found)),
    )


def _shown(opened: OpenSession, results: ExportResults) -> Mapping[str, Any]:
    fixes = results.manual_fixes
    return {
        "updated": {one.jira_key: one.updated_at for one in results.updated},
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


@router.post("/fixes")
def fixes(
    request: Request,
    person: Reviewer,
    opened: Opened,
    *,
    fix_id: Annotated[list[Ticked] | None, Form(max_length=FIXES_MAX)] = None,
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
    return go_to(request, address, f"{counted(len(finished), 'manual fix', 'manual fixes')} done.")


@router.post("/settle")
def settle(request: Request, web: TheWeb, person: Exporter, opened: Opened) -> Response:
    """Look up what is in doubt."""
    address = refused_at(request, f"/sessions/{opened.key}/results")
    start_settling(opened, web.runs, by=person.name)
    return go_to(request, address, "The check in Jira is queued.")


@router.post("/decide")
def decide(
    request: Request,
    person: Exporter,
    opened: Opened,
    *,
    decision: Annotated[Decision, Form()],
    ticket: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Decide about one issue that is gone or there twice, or about all; Jira is asked once more."""
    address = refused_at(request, f"/sessions/{opened.key}/results#differences")
    report = exporting.decide(
        opened,
        decision=decision,
        names=[ticket] if ticket else [],
        is_all=not ticket,
        by=person.name,
        budget=one_answer(),
    )
    refused = [f"{t.number}: {t.refusal}" for t in report.tickets if t.refusal]
    text = f"Decided about {counted(len(report.done), 'ticket')}: {DECISION_LABELS[decision]}."
    return go_to(
        request, address, Notice(" ".join([text, *refused]), kind="warn" if refused else "ok")
    )


@router.post("/undo")
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
