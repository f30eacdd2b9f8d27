"""How far people are with the issues of a session.

Belongs here: reading status and stage of each issue, adding them up by group, and the changes of the
sheets that come too late because somebody has begun. Does not: what differs between Jira and the
ledger (`ledger_comparison`), what changed in the sheets (`outdated_issues`).

Issues are read a hundred a request, by id: no index lags, and issues that were moved are found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.ledger_comparison import states_of
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.outdated_issues import changes_in_jira
from jira_pipeline.export.target import READING_PERMISSIONS, seen_where_exported
from jira_pipeline.model.differences import ComparedIssue
from jira_pipeline.model.issue_tracker import PROGRESS_FIELDS, IssueProgress, IssueStage
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.tickets import ListedTicket, Ticket
from jira_pipeline.review.open_session import OpenSession

LATE_CELLS_SHOWN = 3
"""How many changed cells are quoted of a ticket that changed too late."""


@json_fields(
    "number title group jira_key=key status stage assignee=progress.assignee "
    "sprint=progress.sprint resolution=progress.resolution late"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketInJira:
    """One issue as people left it."""

    number: int
    title: str
    group: str
    key: str
    progress: IssueProgress | None
    """None: Jira does not show it."""
    late: str = ""
    """What changed in the sheets while people work on it, or after; empty: nothing."""

    @property
    def status(self) -> str:
        return self.progress.status if self.progress else "not shown"

    @property
    def stage(self) -> IssueStage | None:
        return self.progress.stage if self.progress else None


@json_fields("tickets")
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionProgress:
    tickets: tuple[TicketInJira, ...]

    @property
    def counts(self) -> Counter[IssueStage | None]:
        return Counter(ticket.stage for ticket in self.tickets)

    @property
    def late(self) -> tuple[TicketInJira, ...]:
        """The tickets that changed in the sheets after people had begun with their issues."""
        return tuple(ticket for ticket in self.tickets if ticket.late)

    def by_group(self) -> Mapping[str, Counter[IssueStage | None]]:
        """Count how far the issues of each group are, in the order of the tickets."""
        counts: dict[str, Counter[IssueStage | None]] = {}
        for ticket in self.tickets:
            counts.setdefault(ticket.group, Counter())[ticket.stage] += 1
        return counts


def read_progress(
    tools: ExportTools, order: ExportOrder, *, changes: Sequence[LaterChange]
) -> SessionProgress:
    """Read how far the issues of a session are; nothing is sent.

    Raises:
        GateError: The session was never exported to this target.
        UnavailableError: Jira could not read all of them just now.
    """
    run = seen_where_exported(tools, order, permissions=READING_PERMISSIONS)
    receipts = run.page.issue_receipts()
    ids = [receipt.remote_id for receipt in receipts if receipt.remote_id is not None]
    waiting = "it is not known how far they are"
    shown = read_issues(run, ids, fields=PROGRESS_FIELDS, waiting=waiting)
    issues = {issue.ticket_id: issue for issue in states_of(receipts, shown)}
    tickets = [rendered.ticket for rendered in order.rendered]
    return progress_of(tickets, issues, changes=changes)


def progress_of(
    tickets: Iterable[Ticket | ListedTicket],
    issues: Mapping[str, ComparedIssue],
    *,
    changes: Iterable[LaterChange],
) -> SessionProgress:
    """Add up what is known of issues, by ticket id, and say which changes come too late."""
    changes_by_ticket = {change.ticket_id: change for change in changes}
    states = []
    for ticket in tickets:
        issue = issues.get(ticket.ticket_id)
        if issue is None:
            continue
        change = changes_by_ticket.get(ticket.ticket_id)
        is_late = issue.progress is not None and issue.progress.is_begun
        states.append(
            TicketInJira(
                number=ticket.number,
                title=ticket.title,
                group=ticket.display_group.value,
                key=issue.key,
                progress=issue.progress,
                late=_described_change(change) if change is not None and is_late else "",
            )
        )
    return SessionProgress(tickets=tuple(states))


def _described_change(change: LaterChange) -> str:
    """Say what changed: the first cells, how many more, and what else differs."""
    phrases = []
    for cell in change.cells[:LATE_CELLS_SHOWN]:
        phrases.append(f"{cell.thing} {cell.column}: {cell.before} → {cell.after}")
    more_count = len(change.cells) - LATE_CELLS_SHOWN
    if more_count > 0:
        phrases.append(f"{more_count} more cells")
    phrases += change.differences
    return "; ".join(phrases)


def known_progress(session: OpenSession) -> SessionProgress | None:
    """Return how far people were with the issues at the last comparison; None where none is known."""
    if not session.progress:
        return None
    return progress_of(session.listed, session.progress, changes=changes_in_jira(session))
