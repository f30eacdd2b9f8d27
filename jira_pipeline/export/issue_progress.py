"""What people made of the issues of a session in Jira, read in bulk; which changes come too late.

Belongs here: reading states, adding them up by group, changes of issues that are worked on. Does
not: what differs from the ledger (`ledger_comparison`), the changes themselves (`later_changes`).

A hundred issues take one request, by id: no index lags, and issues that were moved are found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.ledger_comparison import states_of
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.settle import SETTLE_PERMISSIONS
from jira_pipeline.export.target import seen_where_exported
from jira_pipeline.model.exports import ComparedIssue
from jira_pipeline.model.issue_tracker import PROGRESS_FIELDS, IssueProgress, IssueStage
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.tickets import ListedTicket, Ticket


@json_fields("number title group jira_key=key status stage assignee sprint resolution late")
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

    @property
    def assignee(self) -> str | None:
        return self.progress.assignee if self.progress else None

    @property
    def sprint(self) -> str | None:
        return self.progress.sprint if self.progress else None

    @property
    def resolution(self) -> str | None:
        return self.progress.resolution if self.progress else None


@json_fields("tickets")
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionProgress:
    tickets: tuple[TicketInJira, ...]

    @property
    def counts(self) -> Counter[IssueStage | None]:
        return Counter(one.stage for one in self.tickets)

    @property
    def late(self) -> tuple[TicketInJira, ...]:
        """Those that changed in the sheets while people worked on them, or after."""
        return tuple(one for one in self.tickets if one.late)

    def by_group(self) -> Mapping[str, Counter[IssueStage | None]]:
        """Count how far the issues of each group are, in the order of the tickets."""
        found: dict[str, Counter[IssueStage | None]] = {}
        for one in self.tickets:
            found.setdefault(one.group, Counter())[one.stage] += 1
        return found


def read_progress(
    tools: ExportTools, order: ExportOrder, *, changes: Sequence[LaterChange]
) -> SessionProgress:
    """Read how far the issues of a session are; nothing is sent.

    Raises:
        GateError: The session was never exported to this target.
        UnavailableError: Jira could not read all of them just now.
    """
    run = seen_where_exported(tools, order, permissions=SETTLE_PERMISSIONS)
    receipts = run.page.issue_receipts()
    ids = [r.remote_id for r in receipts if r.remote_id is not None]
    waiting = "it is not known how far they are"
    shown = read_issues(run, ids, fields=PROGRESS_FIELDS, waiting=waiting)
    known = {one.ticket_id: one for one in states_of(receipts, shown)}
    return progress_of([r.ticket for r in order.rendered], known, changes=changes)


def progress_of(
    tickets: Iterable[Ticket | ListedTicket],
    known: Mapping[str, ComparedIssue],
    *,
    changes: Iterable[LaterChange],
) -> SessionProgress:
    """Add up what is known of issues, by ticket id, and say which changes come too late."""
    changed = {change.ticket_id: change for change in changes}
    states = []
    for ticket in tickets:
        if (one := known.get(ticket.ticket_id)) is None:
            continue
        change = changed.get(ticket.ticket_id)
        is_late = one.progress is not None and one.progress.is_begun
        states.append(
            TicketInJira(
                number=ticket.number,
                title=ticket.title,
                group=ticket.display_group.value,
                key=one.key,
                progress=one.progress,
                late=_words(change) if change is not None and is_late else "",
            )
        )
    return SessionProgress(tickets=tuple(states))


def _words(change: LaterChange) -> str:
    cells = [f"{c.thing} {c.column}: {c.before} → {c.after}" for c in change.cells[:3]]
    more = len(change.cells) - len(cells)
    return "; ".join([*cells, *([f"{more} more cells"] if more > 0 else []), *change.differences])
