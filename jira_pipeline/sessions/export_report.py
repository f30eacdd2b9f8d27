"""The report of an export: what it shows, as one self-contained HTML file.

Belongs here: gathering that, rendering it, its file; in which wave a ticket is built, which the web
shows, too. Does not: what an export came to (`export/results`).
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from jira_pipeline.export.export_run import creation_order
from jira_pipeline.export.results import ExportResults
from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import StoreError, system_message
from jira_pipeline.model.export_ledger import Target
from jira_pipeline.model.exports import FixState, ManualFix, alike
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.look.rendering import rendered_page
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_places import TicketExport
from jira_pipeline.model.tickets import (
    ListedTicket,
    Ticket,
    TicketState,
    Withdrawal,
    as_listed,
    questions_left,
)
from jira_pipeline.review.hours import hour_totals
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.questions import asked_once, asked_questions
from jira_pipeline.review.waiting import quality_of, quality_rows, summary_of

ROOM = "jira_pipeline.sessions"
KEYS_OF_ADDRESS = 200
"""Servers take addresses of some 8,000 characters; a key with its comma has up to 27 of them."""


def report_of(session: OpenSession, found: ExportResults) -> str:
    """Render the report of a session's export as it is now."""
    return report_page(
        session.stored,
        session.tickets,
        vanished=session.vanished,
        results=found,
        places=session.places,
        findings=session.ranked_findings,
    )


def report_page(
    session: UploadSession,
    tickets: Sequence[Ticket],
    *,
    vanished: Sequence[Ticket],
    results: ExportResults,
    places: Mapping[str, TicketExport],
    findings: Sequence[Finding],
) -> str:
    """Render the export report: issues, what is left to do, the build order, questions, findings.

    `vanished` are tickets whose rows are gone, and who agreed to withdraw them.
    """
    quality = quality_of(tickets)
    by_group = [(g.value, [one for one in tickets if one.display_group is g]) for g in DisplayGroup]
    return rendered_page(
        ROOM,
        "report.html",
        title=f"Export report: {session.site_name}",
        site_name=session.site_name,
        session_key=session.session_key,
        source_word=session.source_word,
        target_name=results.target.name,
        finished=f"{session.updated_at:%Y-%m-%d %H:%M} UTC.",
        ticket_groups=[(name, entries) for name, entries in by_group if entries],
        hours=hour_totals(map(as_listed, tickets)),
        issues=_issue_rows(tickets, places),
        fixes=[_fix_row(same) for same in alike(results.manual_fixes)],
        changes=results.changes,
        is_behind_sheets=results.is_behind_sheets,
        removed=results.removed,
        vanished=[
            {
                "number": ticket.number,
                "title": ticket.title,
                "group": ticket.display_group.value,
                "rows": [s.citation for s in ticket.source_lines],
                "is_worked_on": ticket.is_worked_on,
                "is_proposed": ticket.withdrawal is Withdrawal.PROPOSED,
                "by": ticket.withdrawn_by or "an older version",
                "reason": ticket.withdrawal_reason,
            }
            for ticket in vanished
        ],
        agreeing=(),
        link_count=results.dependencies_created,
        minutes=results.total_processing_time_minutes,
        requests=results.requests,
        instead=[t for t in tickets if t.revision.fallback_reason],
        writing_cost=spending_text(results.spending) if results.spending.requests else "",
        steps=results.steps,
        questions=_questions(tickets),
        findings=findings,
        quality={"summary": summary_of(quality), "rows": quality_rows(quality.to_look_at)},
        waves=waves_of(tickets, places),
        states=STATES,
        jql=results.jql,
        jql_url=results.jql_url,
        served=_served_by(results.target),
    )


def _served_by(target: Target) -> str:
    """Say what has links to the issues of a sandbox lead somewhere; empty for a real Jira."""
    if not target.is_sandbox:
        return ""
    address = urlsplit(target.base_url)
    kind = ActionKind.RUN_DAEMON if address.path else ActionKind.SERVE_SANDBOX
    return action_text(
        Action.of(kind, "Links to issues work while {} runs.", port=address.port or 80)
    )


def issues_urls(target: Target, keys: Sequence[str]) -> tuple[str, ...]:
    """Return where Jira lists these issues, to be changed together; several where they are many."""
    parts = (keys[n : n + KEYS_OF_ADDRESS] for n in range(0, len(keys), KEYS_OF_ADDRESS))
    found = (f"key in ({', '.join(part)}) ORDER BY key" for part in parts)
    return tuple(f"{target.base_url}/issues/?jql={quote(jql)}" for jql in found)


def _questions(tickets: Sequence[Ticket]) -> dict[str, object]:
    """Return each question once, with the tickets that ask it, and how many are to be answered."""
    once = asked_once(asked_questions(tickets))
    return {
        "left": questions_left(tickets),
        "rows": [
            {
                "tickets": [q.ticket for q in same.everywhere],
                "asked": same.asked,
                "is_open": any(q.is_open for q in same.everywhere),
            }
            for same in once
        ],
    }


@dataclass(frozen=True, slots=True)
class ShownState:
    """What the build order says of a ticket: by a colour, and by a sign."""

    key: str
    mark: str
    label: str


STATES = (
    ShownState("waiting", "○", "to review"),
    ShownState("asking", "?", "has open questions"),
    ShownState("ready", "✓", "approved"),
    ShownState("issue", "◆", "has an issue"),
    ShownState("doubt", "!", "issue status unknown"),
)
_STATES = {state.key: state for state in STATES}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveTicket:
    ticket: Ticket | ListedTicket
    name: str
    """Key of its issue, else its number."""
    state: ShownState
    waits_for: tuple[Ticket | ListedTicket, ...]
    """Of earlier waves."""


def waves_of(
    tickets: Sequence[Ticket | ListedTicket], places: Mapping[str, TicketExport]
) -> list[list[WaveTicket]]:
    """Return in which wave each ticket is built: the first after all that it waits for.

    Within a wave, whose tickets can be built beside each other, they come by group. Skipped ones
    are in none.
    """
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    wave_of: dict[str, int] = {}
    waves: list[list[WaveTicket]] = []
    for ticket in map(by_id.__getitem__, creation_order(tickets)):
        before = tuple(by_id[name] for name in ticket.depends_on if name in wave_of)
        wave = max((wave_of[one.ticket_id] + 1 for one in before), default=0)
        wave_of[ticket.ticket_id] = wave
        if wave == len(waves):
            waves.append([])
        waves[wave].append(
            WaveTicket(
                ticket=ticket,
                name=_short_name(ticket, places),
                state=_shown_state(ticket, places.get(ticket.ticket_id)),
                waits_for=before,
            )
        )
    groups = list(DisplayGroup)
    for wave_tickets in waves:
        wave_tickets.sort(key=lambda one: groups.index(one.ticket.display_group))
    return waves


def _shown_state(ticket: Ticket | ListedTicket, place: TicketExport | None) -> ShownState:
    if place is not None and place.jira_key:
        return _STATES["issue"]
    if place is not None and place.state is TicketState.IN_DOUBT:
        return _STATES["doubt"]
    if ticket.is_ready:
        return _STATES["ready"]
    asked = len(ticket.unanswered) if isinstance(ticket, Ticket) else ticket.unanswered_count
    return _STATES["asking" if asked else "waiting"]


def _short_name(ticket: Ticket | ListedTicket, places: Mapping[str, TicketExport]) -> str:
    place = places.get(ticket.ticket_id)
    return place.jira_key if place and place.jira_key else str(ticket.number)


def _issue_rows(
    tickets: Sequence[Ticket], places: Mapping[str, TicketExport]
) -> list[dict[str, object]]:
    names = {t.ticket_id: _short_name(t, places) for t in tickets}
    return [
        {
            "number": t.number,
            "title": t.title,
            "group": t.display_group.value,
            "key": places[t.ticket_id].jira_key,
            "url": places[t.ticket_id].jira_url,
            "state": places[t.ticket_id].state.label,
            "blocked_by": [names[i] for i in t.depends_on if i in names],
            "relates_to": [names[i] for i in t.relates_to if i in names],
            "hours": t.revision.estimated_hours,
            "questions": len(t.unanswered),
        }
        for t in tickets
    ]


def _fix_row(same: Sequence[ManualFix]) -> dict[str, object]:
    fix = same[0]
    return {
        "fix_type": fix.fix_type.value.replace("_", " "),
        "issues": same,
        "original_value": fix.original_value,
        "recommended_action": fix.recommended_action,
        "state": fix.state.value,
        "open_count": len(same) if fix.state is FixState.OPEN else 0,
    }


def write_report(session: OpenSession, found: ExportResults) -> None:
    """Write the report of a session's export, in one step; a store on a server needs no file."""
    if session.settings.is_store_on_server:
        return
    path = session.report_path
    incoming = path.with_name(f".{path.name}.{os.getpid()}.incoming")  # a run may write it too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_text(report_of(session, found), encoding="utf-8")
        incoming.rename(path)
    except OSError as error:
        raise StoreError.because(
            error,
            f"{path} could not be written: {system_message(error)}.",
            recovery_actions=("Check that there is enough disk space, then run the job again.",),
        ) from error
