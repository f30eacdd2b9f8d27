"""The report of an export: what it shows, as one self-contained HTML file.

Belongs here: gathering that, rendering it. Does not: how the graph is drawn
(`documents/graph_drawing`), where the file goes (`exporting`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from jira_pipeline.documents.graph_drawing import GraphNode, Lane, draw_graph
from jira_pipeline.export.facts import ExportFacts
from jira_pipeline.export.results import ExportResults
from jira_pipeline.kernel.entity_groups import DisplayGroup
from jira_pipeline.kernel.export_ledger import Target
from jira_pipeline.kernel.findings import Finding
from jira_pipeline.kernel.manual_fixes import FixState, ManualFix, alike
from jira_pipeline.kernel.sessions import UploadSession
from jira_pipeline.kernel.ticket_places import TicketExport
from jira_pipeline.kernel.tickets import (
    ListedTicket,
    Ticket,
    TicketState,
    Withdrawal,
    as_listed,
    questions_left,
)
from jira_pipeline.look.rendering import rendered_page
from jira_pipeline.review.hours import hour_totals
from jira_pipeline.review.questions import asked_once, asked_questions
from jira_pipeline.review.waiting import SessionQuality, quality_of, quality_rows, summary_of
from jira_pipeline.session.spending import spending_text

ROOM = "jira_pipeline.export"
GRAPH_WIDTH = 900
"""What these pages have beside their list of tickets, on a screen of 1,280."""
KEYS_OF_ADDRESS = 200
"""Servers take addresses of some 8,000 characters; a key with its comma has up to 27 of them."""


def report_of(session: ExportFacts, found: ExportResults) -> str:
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
    """Render the export report: issues, what is left to do, the graph, questions, findings.

    `vanished` are tickets whose rows are gone, and who agreed to withdraw them.
    """
    return rendered_page(
        ROOM,
        "report.html",
        title=f"Export report: {session.site_name}",
        site_name=session.site_name,
        session_key=session.session_key,
        source_word=session.source_word,
        target_name=results.target.name,
        finished=f"{session.updated_at:%Y-%m-%d %H:%M} UTC.",
        ticket_groups=_ticket_groups(tickets),
        hours=hour_totals(map(as_listed, tickets)),
        issues=_issue_rows(tickets, places),
        fixes=[_fix_row(same) for same in alike(results.manual_fixes)],
        changes=results.changes,
        is_behind_sheets=results.is_behind_sheets,
        removed=results.removed,
        vanished=_vanished_rows(vanished),
        agreeing=(),
        link_count=results.dependencies_created,
        minutes=results.total_processing_time_minutes,
        requests=results.requests,
        instead=[t for t in tickets if t.revision.fallback_reason],
        writing_cost=spending_text(results.spending) if results.spending.requests else "",
        steps=results.steps,
        questions=_questions(tickets),
        findings=findings,
        quality=_quality(quality_of(tickets)),
        graph=draw_graph(
            graph_nodes(tickets, places), lanes=_lanes_of(tickets), page_width=GRAPH_WIDTH
        ),
        states=STATES,
        jql=results.jql,
        jql_url=jql_url_of(results),
    )


def jql_url_of(results: ExportResults) -> str:
    """Return where Jira shows everything that was created."""
    return f"{results.target.base_url}/issues/?jql={quote(results.jql)}"


def issues_urls(target: Target, keys: Sequence[str]) -> tuple[str, ...]:
    """Return where Jira lists these issues, to be changed together; several where they are many."""
    parts = (keys[n : n + KEYS_OF_ADDRESS] for n in range(0, len(keys), KEYS_OF_ADDRESS))
    found = (f"key in ({', '.join(part)}) ORDER BY key" for part in parts)
    return tuple(f"{target.base_url}/issues/?jql={quote(jql)}" for jql in found)


def _ticket_groups(tickets: Sequence[Ticket]) -> list[tuple[str, list[Ticket]]]:
    """Tickets by display group, in display order; empty groups left out."""
    by_group = [(g.value, [t for t in tickets if t.display_group is g]) for g in DisplayGroup]
    return [(name, entries) for name, entries in by_group if entries]


def _quality(quality: SessionQuality) -> dict[str, object]:
    """Say what stands against signing tickets."""
    return {"summary": summary_of(quality), "rows": quality_rows(quality.to_look_at)}


def _questions(tickets: Sequence[Ticket]) -> dict[str, object]:
    """Return each question once, with the tickets that ask it, and how many are to be answered."""
    once = asked_once(asked_questions(tickets))
    return {
        "left": questions_left(tickets),
        "rows": [
            {
                "tickets": [q.ticket for q in (same.asked, *same.also)],
                "asked": same.asked,
                "is_open": any(q.is_open for q in (same.asked, *same.also)),
            }
            for same in once
        ],
    }


@dataclass(frozen=True, slots=True)
class GraphState:
    """What a box of the graph says of its ticket: by a colour, and by a sign."""

    key: str
    mark: str
    words: str


STATES = (
    GraphState("waiting", "○", "not ready yet"),
    GraphState("asking", "?", "has open questions"),
    GraphState("ready", "✓", "marked ready"),
    GraphState("issue", "◆", "has an issue"),
    GraphState("doubt", "!", "not known whether it has an issue"),
    GraphState("skipped", "–", "skipped"),
)
_STATES = {state.key: state for state in STATES}


def graph_state(
    ticket: Ticket | ListedTicket, places: Mapping[str, TicketExport] | None
) -> GraphState:
    """Return what is shown of a ticket."""
    place = (places or {}).get(ticket.ticket_id)
    if place is not None and place.jira_key:
        return _STATES["issue"]
    if place is not None and place.state is TicketState.IN_DOUBT:
        return _STATES["doubt"]
    if ticket.skipped_reason is not None:
        return _STATES["skipped"]
    if ticket.is_ready:
        return _STATES["ready"]
    asked = len(ticket.unanswered) if isinstance(ticket, Ticket) else ticket.unanswered_count
    return _STATES["asking" if asked else "waiting"]


def graph_nodes(
    tickets: Sequence[Ticket | ListedTicket],
    places: Mapping[str, TicketExport] | None = None,
    *,
    address: str = "#ticket-{}",
) -> list[GraphNode]:
    """Return the boxes of the dependency graph; `address` leads from a number to its ticket."""
    names = Counter(_name_in_graph(ticket.title) for ticket in tickets)
    return [
        GraphNode(
            node_id=ticket.ticket_id,
            label=f"{_short_name(ticket, places)} "
            f"{_name_in_graph(ticket.title, is_shared=names[_name_in_graph(ticket.title)] > 1)}",
            tooltip=f"{ticket.title} ({state.words})",
            href=address.format(ticket.number),
            css_class=state.key,
            depends_on=ticket.depends_on,
            relates_to=ticket.relates_to,
            number=ticket.number,
            mark=state.mark,
            lane=ticket.display_group.value,
        )
        for ticket in tickets
        for state in [graph_state(ticket, places)]
    ]


def _lanes_of(tickets: Sequence[Ticket]) -> list[Lane]:
    """Return the rows of a picture that opens and closes none."""
    held = {ticket.display_group for ticket in tickets}
    return [Lane(name=one.value, label=one.value) for one in DisplayGroup if one in held]


def _short_name(ticket: Ticket | ListedTicket, places: Mapping[str, TicketExport] | None) -> str:
    place = (places or {}).get(ticket.ticket_id)
    return place.jira_key if place and place.jira_key else str(ticket.number)


def _name_in_graph(title: str, *, is_shared: bool = False) -> str:
    """Leave the verb out: `Configure content type: Profile` becomes `Profile`.

    A name that several tickets share says its kind, too: `Image (media type)`.
    """
    doing, _, name = title.partition(": ")
    if not name:
        return title
    kind = doing.partition(" ")[2]
    return f"{name} ({kind})" if is_shared and kind else name


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
            "state": places[t.ticket_id].state.words,
            "blocked_by": [names[i] for i in t.depends_on if i in names],
            "relates_to": [names[i] for i in t.relates_to if i in names],
            "hours": t.revision.estimated_hours,
            "questions": len(t.unanswered),
        }
        for t in tickets
    ]


def _vanished_rows(vanished: Sequence[Ticket]) -> list[dict[str, object]]:
    return [
        {
            "number": ticket.number,
            "title": ticket.title,
            "group": ticket.display_group.value,
            "rows": [s.in_words for s in ticket.source_lines],
            "is_worked_on": ticket.is_worked_on,
            "is_proposed": ticket.withdrawal is Withdrawal.PROPOSED,
            "by": ticket.withdrawn_by or "an older version",
            "reason": ticket.withdrawal_reason,
        }
        for ticket in vanished
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
