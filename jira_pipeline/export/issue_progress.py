"""What people made of the issues of a session in Jira, read in bulk; which changes come too late.

Belongs here: reading states, adding them up by group, changes of issues that are worked on. Does
not: what differs from the ledger (`ledger_comparison`), the changes themselves (`later_changes`).

A hundred issues take one request, by id: no index lags, and issues that were moved are found.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.lookups import read_issues
from jira_pipeline.export.settle import SETTLE_PERMISSIONS
from jira_pipeline.export.target import seen_where_exported
from jira_pipeline.model.issue_tracker import IssueProgress, IssueStage
from jira_pipeline.model.json_values import json_fields

FIELDS = ("status", "assignee", "resolution")
_BEGUN = {IssueStage.DOING, IssueStage.DONE}


@json_fields("number title group jira_key=key status stage assignee resolution late")
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketState:
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
    def resolution(self) -> str | None:
        return self.progress.resolution if self.progress else None


@json_fields("tickets")
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionProgress:
    tickets: tuple[TicketState, ...]

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
    receipts = {r.ticket_id: r for r in run.page.issue_receipts()}
    ids = [r.remote_id for r in receipts.values() if r.remote_id is not None]
    shown = read_issues(run, ids, fields=FIELDS, waiting="it is not known how far they are")
    changed = {change.ticket_id: change for change in changes}
    states = []
    for rendered in run.order.rendered:
        ticket, receipt = rendered.ticket, receipts.get(rendered.ticket.ticket_id)
        if receipt is None:
            continue
        issue = shown.get(receipt.remote_id or "")
        progress = None if issue is None else issue.progress
        change = changed.get(ticket.ticket_id)
        is_late = change is not None and progress is not None and progress.stage in _BEGUN
        states.append(
            TicketState(
                number=ticket.number,
                title=ticket.title,
                group=ticket.display_group.value,
                key=receipt.remote_key or "" if issue is None else issue.key,
                progress=progress,
                late=_words(change) if is_late and change is not None else "",
            )
        )
    return SessionProgress(tickets=tuple(states))


def _words(change: LaterChange) -> str:
    cells = [f"{c.thing} {c.column}: {c.before} → {c.after}" for c in change.cells[:3]]
    more = len(change.cells) - len(cells)
    return "; ".join([*cells, *([f"{more} more cells"] if more > 0 else []), *change.differences])
