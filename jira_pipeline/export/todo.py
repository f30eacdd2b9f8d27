"""Everything in Jira that waits for people, in one list.

Belongs here: manual fixes, changes that an issue lacks, issues of which it is not known whether they
exist, and differences from the ledger, each with what to do. Does not: finding them (`manual_fixes`,
`outdated_issues`, `ledger_comparison`), the words of decisions (`issue_decisions`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.export.issue_decisions import ways_out
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.results import TicketDifference
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.open_questions import QuestionsLeft
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.tickets import ListedTicket
from jira_pipeline.review.open_session import OpenSession


def in_doubt(session: OpenSession) -> tuple[ListedTicket, ...]:
    """Return the tickets of which it is not known whether they have an issue."""
    if session.target is None:
        return ()
    return tuple(
        ticket
        for ticket in session.store.tickets.listed(session.key)
        if session.places[ticket.ticket_id].state is TicketState.IN_DOUBT
    )


class TodoKind(StrEnum):
    """Why something is to be done."""

    FIX = "fix"
    """Jira did not take a field, a file or a link."""
    CHANGE = "change"
    """An issue no longer says what its ticket says."""
    DOUBT = "unconfirmed"
    """It is not known whether the issue of a ticket exists."""
    DIFFERENCE = "difference"
    """Jira no longer shows an issue as it was recorded."""


@json_fields("kind jira_key jira_url title what_to_do fix_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class TodoItem:
    kind: TodoKind
    jira_key: str | None
    jira_url: str | None
    title: str
    """Title of its ticket; empty where it is about an issue alone."""
    what_to_do: Action
    fix_id: int | None = None
    """Number of a manual fix, to mark it as done."""


@json_fields("session_key items open_questions=questions.count also")
@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """Everything that waits for people in a session."""

    session_key: str
    items: tuple[TodoItem, ...]
    questions: QuestionsLeft
    also: tuple[Action, ...]
    """What else waits for them, each with what shows it; questions among it."""


def todo_items(
    session_key: str,
    *,
    fixes: Iterable[ManualFix],
    changes: Iterable[LaterChange],
    in_doubt: Iterable[ListedTicket],
    differences: Iterable[TicketDifference],
) -> Iterator[TodoItem]:
    """Yield what is to be done: what nobody knows first, then what Jira lacks, then what changed."""
    open_fixes = [fix for fix in fixes if fix.state is FixState.OPEN]
    looked_for = {fix.ticket_id for fix in open_fixes if fix.fix_type is FixType.ORPHAN_ISSUE}
    for ticket in in_doubt:
        if ticket.ticket_id not in looked_for:  # else a fix asks people to look for its issue
            sentence = "Jira did not say whether its issue was created: {} looks it up."
            yield TodoItem(
                kind=TodoKind.DOUBT,
                jira_key=None,
                jira_url=None,
                title=ticket.title,
                what_to_do=Action.of(ActionKind.SETTLE, sentence, session_key=session_key),
            )
    for fix in open_fixes:
        yield TodoItem(
            kind=TodoKind.FIX,
            jira_key=fix.jira_key,
            jira_url=fix.jira_url,
            title=fix.title,
            what_to_do=advice(fix.recommended_action),
            fix_id=fix.fix_id,
        )
    for difference in differences:
        finding = difference.finding
        if finding.severity is Severity.INFO:
            continue
        step = advice(f"{finding.message} {finding.advice}")
        if difference.number is not None and difference.difference.decisions:
            step = ways_out(
                difference.difference, number=difference.number, session_key=session_key
            )
        yield TodoItem(
            kind=TodoKind.DIFFERENCE,
            jira_key=difference.difference.name,
            jira_url=difference.url,
            title=difference.title,
            what_to_do=step,
        )
    for change in changes:
        yield TodoItem(
            kind=TodoKind.CHANGE,
            jira_key=change.jira_key,
            jira_url=change.jira_url,
            title=change.title,
            what_to_do=advice(change.recommended_action),
        )
