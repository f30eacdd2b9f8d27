"""What people still have to do about the issues of a session, in one list.

Belongs here: one shape for manual fixes, later changes, open lookups and differences. Does not:
finding them and marking them as done (`left_in_jira`).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.results import TicketDifference
from jira_pipeline.export.settle import ways_out
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.open_questions import QuestionsLeft
from jira_pipeline.model.tickets import ListedTicket


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoItem:
    """One thing to do."""

    kind: TodoKind
    jira_key: str | None
    jira_url: str | None
    title: str
    """Of its ticket; empty where it is about an issue alone."""
    what_to_do: Action
    fix_id: int | None = None
    """Number of a manual fix, to mark it as done."""

    def to_json(self) -> dict[str, object]:
        """Return the shape of an item in `todo --json`."""
        return {
            "kind": self.kind.value,
            "jira_key": self.jira_key,
            "jira_url": self.jira_url,
            "title": self.title,
            "what_to_do": self.what_to_do,
            "fix_id": self.fix_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """Everything that waits for people in a session."""

    session_key: str
    items: tuple[TodoItem, ...]
    questions: QuestionsLeft
    also: tuple[Action, ...]
    """What else waits for them, each with what shows it; questions among it."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `todo --json` promises."""
        return {
            "session_key": self.session_key,
            "items": [item.to_json() for item in self.items],
            "open_questions": self.questions.count,
            "also": list(self.also),
        }


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
    looked_for = {f.ticket_id for f in open_fixes if f.fix_type is FixType.ORPHAN_ISSUE}
    yield from _doubts(session_key, in_doubt, looked_for=looked_for)
    for fix in open_fixes:
        yield TodoItem(
            kind=TodoKind.FIX,
            jira_key=fix.jira_key,
            jira_url=fix.jira_url,
            title=fix.title,
            what_to_do=advice(fix.recommended_action),
            fix_id=fix.fix_id,
        )
    for one in differences:
        if one.finding.severity is Severity.INFO:
            continue
        step = advice(f"{one.finding.message} {one.finding.advice}")
        if one.number is not None and one.difference.decisions:
            step = ways_out(one.difference, number=one.number, session_key=session_key)
        yield TodoItem(
            kind=TodoKind.DIFFERENCE,
            jira_key=one.difference.name,
            jira_url=one.url,
            title=one.title,
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


def _doubts(
    session_key: str, in_doubt: Iterable[ListedTicket], *, looked_for: Collection[str]
) -> Iterator[TodoItem]:
    """Yield tickets whose issue may exist, but those that a manual fix asks people to look for."""
    sentence = "Jira did not say whether its issue was created: {} looks it up."
    for ticket in in_doubt:
        if ticket.ticket_id not in looked_for:
            yield TodoItem(
                kind=TodoKind.DOUBT,
                jira_key=None,
                jira_url=None,
                title=ticket.title,
                what_to_do=Action.of(ActionKind.SETTLE, sentence, session_key=session_key),
            )
