"""Sessions: the list, one of them, what was found in its sheets, its graph, its runs, its trail.

Does not: its tickets (`tickets`), its export (`exports`).
"""

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from jira_pipeline.flow import status as statuses
from jira_pipeline.flow.listing import listed_json, listed_sessions
from jira_pipeline.flow.records import audit_trail, explained
from jira_pipeline.kernel.findings import finding_json
from jira_pipeline.review.waiting import quality_object, quality_of
from jira_pipeline.review.withdrawals import vanished_json
from jira_pipeline.web.access import AnyReader, Reader
from jira_pipeline.web.api.paging import Paged
from jira_pipeline.web.api.parts import (
    AuditEntryShown,
    FindingShown,
    GraphEdge,
    GraphNode,
    HoursOfSome,
    JudgedTicket,
    RunShown,
    VanishedTicket,
)
from jira_pipeline.web.api.shapes import ACTIONS, INTEGER_MAX, ErrorInBrief, Step, new_router
from jira_pipeline.web.context import Opened, TheWeb
from jira_pipeline.web.words import address_of, step_json, text_of, with_sentences

router = new_router("sessions", prefix="/api/sessions")


class SessionInList(BaseModel, extra="allow"):
    """A session as lists show it; the fields of `jira-pipeline sessions --json`."""

    session_key: str
    site_name: str
    stage: str
    status: str
    updated_at: str
    stale: list[str]
    needs_person: bool
    needs: str


@router.get("")
def list_sessions(web: TheWeb, person: AnyReader, paging: Paged) -> list[SessionInList]:
    """List all sessions you belong to, newest first, with what each needs."""
    shown = paging.page_of(
        listed_sessions(web.pipeline, of=person.membership),
        key_of=lambda one: one.session.session_key,
    )
    return [SessionInList.model_validate(listed_json(one)) for one in shown]


class SessionShown(BaseModel, extra="allow"):
    """Where a session is and what is next; the fields of `jira-pipeline status --json`."""

    session_key: str
    stage: str
    status: str
    progress_percentage: float
    current_stage: str
    tickets_total: int
    tickets_ready: int
    tickets_exported: int
    stale: list[str]
    run_id: str | None
    estimated_seconds_remaining: float | None
    next_step: str
    next_address: str | None = Field(description="Of the page.")
    next_action: Step
    error: ErrorInBrief | None


@router.get("/{key}")
def show_session(_person: Reader, session: Opened, web: TheWeb) -> SessionShown:
    """Say where a session is and what to do next."""
    report = replace(statuses.status(session), run=web.run_state(session))
    step = report.next.action
    return SessionShown.model_validate(
        with_sentences(report.to_json())
        | {
            "site_name": session.stored.site_name,
            "updated_at": session.stored.updated_at.isoformat(),
            "next_step": text_of(step),
            "next_action": step_json(step),
            "next_address": address_of(step) or None,
            "left": [
                {
                    "kind": action.kind.value,
                    "text": text_of(action),
                    "address": address_of(action) or None,
                    "action": step_json(action),
                }
                for action in report.left.actions(session.key)
            ],
        }
    )


class FindingsShown(BaseModel, extra="forbid"):
    """What was found in the sheets."""

    total: int
    missing_sheets: list[str]
    findings: list[FindingShown]


@router.get("/{key}/findings")
def findings(_person: Reader, session: Opened, paging: Paged) -> FindingsShown:
    """List what was found in the sheets, errors first."""
    found = session.findings
    shown = paging.page_of(
        found, key_of=lambda one: f"{one.file}:{one.line}:{one.code}", usual_limit=200
    )
    return FindingsShown(
        total=len(found),
        missing_sheets=list(session.missing_sheets),
        findings=[FindingShown.model_validate(finding_json(finding)) for finding in shown],
    )


class Graph(BaseModel, extra="forbid"):
    """The tickets of a session and what waits for what."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]


@router.get("/{key}/graph")
def graph(_person: Reader, session: Opened) -> Graph:
    """Return the tickets, and the links between them: `from` is built before `to`."""
    tickets, places = session.listed, session.places
    numbers = {ticket.ticket_id: ticket.number for ticket in tickets}
    related = {
        tuple(sorted((numbers[t.ticket_id], numbers[other])))
        for t in tickets
        for other in t.relates_to
        if other in numbers
    }
    blocks = (
        (numbers[other], t.number, "blocks")
        for t in tickets
        for other in t.depends_on
        if other in numbers
    )
    relates = ((one, other, "relates") for one, other in sorted(related))
    return Graph(
        nodes=[
            GraphNode(
                ticket_id=t.ticket_id,
                number=t.number,
                title=t.title,
                entity_group=t.display_group.value,
                action=t.action.value,
                state=places[t.ticket_id].state.value,
                ready=t.is_ready,
                skipped=t.skipped_reason is not None,
                jira_key=places[t.ticket_id].jira_key,
            )
            for t in tickets
        ],
        edges=[
            GraphEdge.model_validate({"from": before, "to": after, "kind": kind})
            for before, after, kind in (*blocks, *relates)
        ],
    )


class Quality(BaseModel, extra="allow"):
    """Where to look before signing; the fields of `jira-pipeline quality --json`."""

    session_key: str
    tickets_judged: int
    signable: int
    waiting_for_answers: int
    fallbacks: int
    tickets: list[JudgedTicket]


@router.get("/{key}/quality")
def quality(_person: Reader, session: Opened, paging: Paged) -> Quality:
    """Say which tickets wait for answers, and which a model did not write."""
    judged = Quality.model_validate(
        {"session_key": session.key, **quality_object(quality_of(session.tickets))}
    )
    shown = paging.page_of(judged.tickets, key_of=lambda ticket: ticket.ticket_id)
    return judged.model_copy(update={"tickets": [*shown]})


class Hours(BaseModel, extra="forbid"):
    """The estimated hours added up; the fields of `jira-pipeline hours --json`."""

    session_key: str
    hours_low: float
    hours_high: float
    tickets: int
    without_estimate: int
    skipped: int
    by_group: list[HoursOfSome]
    by_sprint: list[HoursOfSome]
    by_epic: list[HoursOfSome]
    by_assignee: list[HoursOfSome]


@router.get("/{key}/hours")
def hours(_person: Reader, session: Opened) -> Hours:
    """Add up the estimated hours: in all, and by group, sprint, epic and assignee.

    Skipped tickets count nowhere, those without an estimate apart.
    """
    return Hours.model_validate({"session_key": session.key, **session.hours.to_json()})


class Withdrawals(BaseModel, extra="forbid"):
    """Tickets whose rows are no longer in the sheets."""

    tickets: list[VanishedTicket]


@router.get("/{key}/withdrawals")
def withdrawals(_person: Reader, session: Opened, paging: Paged) -> Withdrawals:
    """List the tickets whose rows are gone, proposed for withdrawal or withdrawn."""
    shown = paging.page_of(session.vanished, key_of=lambda ticket: ticket.ticket_id)
    return Withdrawals(
        tickets=[VanishedTicket.model_validate(vanished_json(ticket)) for ticket in shown]
    )


class RunsShown(BaseModel, extra="forbid"):
    """What Dagster knows of the runs of a session."""

    in_flight: list[RunShown]
    recent: list[RunShown]


@router.get("/{key}/runs")
def runs(
    _person: Reader,
    session: Opened,
    web: TheWeb,
    paging: Paged,
) -> RunsShown:
    """List the newest runs of a session, newest first, and those queued or at work."""
    recent = web.runs.recent(session.key)
    shown = paging.page_of(recent, key_of=lambda run: run.run_id, usual_limit=20)
    return RunsShown(
        in_flight=[*map(RunShown.model_validate, web.runs.in_flight(session.key))],
        recent=[*map(RunShown.model_validate, shown)],
    )


class ErrorExplained(BaseModel, extra="allow"):
    """A stored error in plain language; the fields of `jira-pipeline errors N --json`."""

    id: int
    code: str
    message: str
    what_happened: str
    who_acts: str
    safe: list[str]
    next_steps: list[str]
    next_actions: list[Step] = Field(description=ACTIONS)
    is_over: bool


@router.get("/{key}/errors/{error_id}")
def explain(
    _person: Reader,
    session: Opened,
    error_id: Annotated[int, Path(ge=1, le=INTEGER_MAX, examples=[7])],
) -> ErrorExplained:
    """Explain a stored error: what happened, what is safe, what to do next."""
    found = explained(session.pipeline, error_id, session_key=session.key)
    return ErrorExplained.model_validate(with_sentences(found.to_json()))


class AuditShown(BaseModel, extra="forbid"):
    """Who did what, oldest first."""

    total: int
    entries: list[AuditEntryShown]


@router.get("/{key}/audit")
def audit(
    _person: Reader,
    session: Opened,
    *,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    action: Annotated[str | None, Query(max_length=64)] = None,
    since: AwareDatetime | None = None,
    paging: Paged,
) -> AuditShown:
    """Say who did what to a session; `since` takes a time with its zone."""
    chosen = audit_trail(session.pipeline, session.key, actor=actor, action=action, since=since)
    return AuditShown(
        total=len(chosen),
        entries=[
            AuditEntryShown.model_validate(entry.to_json())
            for entry in paging.page_of(
                chosen, key_of=lambda entry: entry.sequence, usual_limit=200
            )
        ],
    )
