"""How long an export takes: estimated at its start, and while it runs.

Belongs here: estimates from what was measured. Does not: measuring (`exporting`), any decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from statistics import median

from jira_pipeline.export.ledger_page import latest_creations
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline.model.exports import (
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    Target,
    current_entries,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.tickets import Ticket, link_count_of
from jira_pipeline.review.open_session import OpenSession

CREATE_STEP = "create_issues"
UPDATE_STEP = "update_issues"
ATTACH_STEP = "attach_files"
LINK_STEP = "link_issues"
UNDO_STEP = "undo"

ASSUMED_SECONDS = 0.5
"""For one issue or link before anything was measured on a target. An assumption: a round trip to
a distant site, with the ledger's two commits."""
LATEST_GAPS = 20
"""The latest writes give the current pace, older ones an earlier one."""

LATEST_STEPS = 20
"""So many earlier steps on a target show its pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What one write took on a target lately; 0: none was measured."""

    seconds_per_issue: float
    seconds_per_link: float


ASSUMED_PACE = Pace(seconds_per_issue=ASSUMED_SECONDS, seconds_per_link=ASSUMED_SECONDS)


@json_fields(
    "task_id run_id run_url session_key status total_tickets tickets_to_create estimated_duration_minutes project_key "
    "started_at progress_percentage already_running=is_already_running current_ticket_title"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StartedExport:
    task_id: str
    """By which whoever asked knows it, before there is a run and after."""
    session_key: str
    total_tickets: int
    tickets_to_create: int
    """Those of them that have no issue yet."""
    estimated_duration_minutes: float
    project_key: str
    started_at: datetime
    progress_percentage: float = 0.0
    is_already_running: bool = False
    """An export of this session was running; nothing new was started."""
    current_ticket_title: str = ""
    """Of a running one, the ticket it is at; empty before the first."""
    run_id: str | None = None
    """Of Dagster; None before there is a run."""
    run_url: str | None = None
    status: str = "exporting"
    """What programs are told of a session that is at it."""


def measured_pace(latest: Iterable[MeasuredStep]) -> Pace:
    """Return the pace of earlier exports to a target."""
    steps = tuple(latest)
    return Pace(
        seconds_per_issue=_seconds_per_write(steps, CREATE_STEP),
        seconds_per_link=_seconds_per_write(steps, LINK_STEP),
    )


def seconds_left(
    entries: Sequence[LedgerEntry],
    *,
    links: Sequence[LedgerEntry] | None = None,
    pace: Pace,
    issue_count: int,
    link_count: int,
    create_delay_seconds: float = 0.0,
) -> float:
    """Estimate how long an export still takes.

    The pace is that of its latest writes; before the first, that of earlier exports. `entries` are
    those of the session on its target, by sequence; `links` are the intents of links among them, for
    callers that have them already. `issue_count` counts the issues that are missing, `link_count`
    all links, sent or not.
    """
    link_intents = links
    if link_intents is None:
        link_intents = [
            entry
            for entry in entries
            if entry.subject is LedgerSubject.LINK and entry.event is LedgerEvent.INTENT
        ]
    sent_links = {link.identity for link in link_intents}
    links_left = max(0, link_count - len(sent_links))
    seconds_per_issue = (
        _latest_seconds_per_issue(entries) or pace.seconds_per_issue or ASSUMED_SECONDS
    )
    # The links of a first export are taken to be as slow as its issues: with an assumed pace, a
    # rest of 8 s was shown as "about 43 s left".
    seconds_per_link = (
        _latest_seconds_per_link(link_intents) or pace.seconds_per_link or seconds_per_issue
    )
    issue_seconds = issue_count * max(seconds_per_issue, create_delay_seconds)
    return round(issue_seconds + links_left * seconds_per_link, 1)


def _latest_seconds_per_issue(entries: Sequence[LedgerEntry]) -> float:
    """Return how far apart the latest creations were sent, an issue of a bulk its share; or 0."""
    creations = list(islice(latest_creations(entries), LATEST_GAPS + 1))
    creations.reverse()  # the latest is last now
    shares = []
    for before, after in pairwise(creations):
        seconds = (after[0].at - before[0].at).total_seconds()
        shares.append(seconds / len(before))
    return _median(shares)


def _latest_seconds_per_link(links: Sequence[LedgerEntry]) -> float:
    """Return how far apart the latest links were sent, or 0."""
    latest = links[-LATEST_GAPS - 1 :]
    return _median([(after.at - before.at).total_seconds() for before, after in pairwise(latest)])


def _median(seconds: Sequence[float]) -> float:
    """Return the median, in which a pause does not count as pace; 0 where there is nothing."""
    return median(seconds) if seconds else 0.0


def _seconds_per_write(steps: Sequence[MeasuredStep], name: str) -> float:
    """Return what one write took in the steps of a name; 0 where they wrote nothing."""
    measured = [step for step in steps if step.step == name and step.done_count]
    if not measured:
        return 0.0
    seconds = sum(step.seconds for step in measured)
    return seconds / sum(step.done_count for step in measured)


def seconds_to_export(session: OpenSession, tickets: Sequence[Ticket]) -> float:
    """Estimate how long an export of these tickets still takes; what has a receipt is done."""
    pace = measured_pace(latest_steps(session, session.target))
    issue_count = len(tickets)
    if session.target is not None:
        places = [session.places[ticket.ticket_id] for ticket in tickets]
        issue_count = sum(place.jira_key is None for place in places)
    return seconds_left(
        current_entries(session.entries),
        pace=pace,
        issue_count=issue_count,
        link_count=link_count_of(tickets),
        create_delay_seconds=session.settings.jira_create_delay_seconds,
    )


def latest_steps(session: OpenSession, target: Target | None) -> tuple[MeasuredStep, ...]:
    """Return what exports to a target took lately, of all sessions: they show its pace."""
    if target is None:
        return ()
    return session.store.export_runs.latest_steps(target.target_id, limit=LATEST_STEPS)
