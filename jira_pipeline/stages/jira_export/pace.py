"""How long an export takes: said at its start, and while it runs (S0-6, S3-3).

Belongs here: estimates from what was measured. Does not: measuring (`defs`), any decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from jira_pipeline.domain.export_ledger import LedgerEntry, LedgerEvent, LedgerSubject
from jira_pipeline.ports.export import MeasuredStep

CREATE_STEP = "create_issues"
ATTACH_STEP = "attach_files"
LINK_STEP = "link_issues"

ASSUMED_SECONDS = 0.5
"""For one issue or link before anything was measured on a target. An assumption: a round trip to
a distant site, with the ledger's two commits."""
LATEST_GAPS = 20
"""So many writes tell the pace of now; older ones the pace of before."""
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What one write took on a target lately."""

    seconds_per_issue: float
    seconds_per_link: float


ASSUMED_PACE = Pace(seconds_per_issue=ASSUMED_SECONDS, seconds_per_link=ASSUMED_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedExport:
    """The answer to a start (S0-6)."""

    task_id: str
    """The Dagster run."""
    session_key: str
    total_tickets: int
    estimated_minutes: float
    project_key: str
    started_at: datetime
    progress_percentage: float = 0.0
    is_already_running: bool = False
    """An export of this session was running; nothing new was started (S0-1)."""
    current_ticket_title: str = ""
    """Of a running one, the ticket it is at; empty before the first."""

    def to_json(self) -> dict[str, str | int | float | bool]:
        """Return the shape `export --json` has under `started`."""
        return {
            "task_id": self.task_id,
            "session_key": self.session_key,
            "status": "exporting",
            "total_tickets": self.total_tickets,
            "estimated_duration_minutes": self.estimated_minutes,
            "project_key": self.project_key,
            "started_at": self.started_at.isoformat(),
            "progress_percentage": self.progress_percentage,
            "already_running": self.is_already_running,
            "current_ticket_title": self.current_ticket_title,
        }


def measured_pace(latest: Iterable[MeasuredStep]) -> Pace:
    """Return the pace of earlier exports to a target, or what is assumed of one."""
    steps = tuple(latest)
    return Pace(
        seconds_per_issue=_seconds_per_write(steps, CREATE_STEP),
        seconds_per_link=_seconds_per_write(steps, LINK_STEP),
    )


def estimated_seconds(
    pace: Pace, *, issue_count: int, link_count: int, create_delay_seconds: float = 0.0
) -> float:
    """Estimate how long so many issues and links take (S3-3)."""
    per_issue = max(pace.seconds_per_issue, create_delay_seconds)
    return issue_count * per_issue + link_count * pace.seconds_per_link


def current_pace(entries: Sequence[LedgerEntry], otherwise: Pace) -> Pace:
    """Return the pace of the export that is at work, by its latest receipts."""
    return Pace(
        seconds_per_issue=_gap(entries, LedgerSubject.ISSUE) or otherwise.seconds_per_issue,
        seconds_per_link=_gap(entries, LedgerSubject.LINK) or otherwise.seconds_per_link,
    )


def in_minutes(seconds: float) -> float:
    """Return seconds as minutes with two digits."""
    return round(seconds / SECONDS_PER_MINUTE, 2)


def _seconds_per_write(steps: Sequence[MeasuredStep], name: str) -> float:
    chosen = [step for step in steps if step.step == name and step.done_count]
    done = sum(step.done_count for step in chosen)
    return sum(step.seconds for step in chosen) / done if done else ASSUMED_SECONDS


def _gap(entries: Sequence[LedgerEntry], subject: LedgerSubject) -> float | None:
    """Return the median time between two intents: a pause in between is no pace."""
    times = [e.at for e in entries if (e.subject, e.event) == (subject, LedgerEvent.INTENT)]
    latest = times[-LATEST_GAPS - 1 :]
    gaps = [(b - a).total_seconds() for a, b in pairwise(latest)]
    return median(gaps) if gaps else None
