"""Rows that moved to another ticket since the last export began, and what people said of them.

Newer sheets may put a row into another group, so into another ticket. Answers about the row go with
it; comments, notes and remarks are about the ticket as a whole and stay. People are told which words
stayed where, as they may belong with the rows.

Belongs here: these values and their sentences. Does not: moving answers with their rows
(`store/moved_rows`), tickets that are gone (`withdrawals`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_reviews import KeptRemark, kept_ticket
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.records import AuditEntry, Comment
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.tickets import Ticket


@json_fields(
    "from_number=source.number from_title=source.title to_number=target.number "
    "to_title=target.title answers=answer_count staying text"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRows:
    """Rows that moved from one ticket to another."""

    source: Ticket
    target: Ticket
    answer_count: int
    """How many answers went with them."""
    staying: tuple[str, ...]
    """What people said of the source and that stays there, as texts such as `approved by Ada`."""

    @property
    def text(self) -> str:
        """Sentences for people: where the rows are now, and what stays with the source."""
        source = self.source
        target = self.target
        moved = (
            f"Rows of ticket {source.number} “{source.title}” are in ticket {target.number} "
            f"“{target.title}” now"
        )
        if self.answer_count:
            moved = f"{moved}, with {format_count(self.answer_count, 'answer')}"
        if not self.staying:
            return f"{moved}."
        show = Action.of(
            ActionKind.SHOW_TICKET, "{}", session_key=source.session_key, number=source.number
        )
        return (
            f"{moved}. What else people said stays with ticket {source.number}: "
            f"{'; '.join(self.staying)}. To read it: {action_text(show)}."
        )


def sources_of(entry: AuditEntry) -> list[str]:
    """Return the ids of the tickets that rows left, by an entry of the audit trail."""
    return [pair["from"] for pair in _pairs_in(entry)]


def _pairs_in(entry: AuditEntry) -> Sequence[Mapping[str, str]]:
    return cast("Sequence[Mapping[str, str]]", entry.details["pairs"])


def find_moved_rows(
    entries: Iterable[AuditEntry],
    *,
    tickets: Mapping[str, Ticket],
    comments: Mapping[str, Sequence[Comment]],
    remarks: Mapping[str, KeptRemark],
    revisions_of: Callable[[str], Sequence[Revision]],
) -> tuple[MovedRows, ...]:
    """Return the moves of rows between tickets, from the entries that record them, newest first.

    `tickets` has all of the session by id, those without rows too. Where rows went and came back,
    only the last move counts. Moves that concern nothing that people said are left out.
    """
    moves = []
    for (source_id, target_id), answer_count in _last_moves(entries).items():
        source = tickets.get(source_id)
        target = tickets.get(target_id)
        if source is None or target is None or target.withdrawal is not None:
            continue
        staying = _words_staying(
            source,
            comments.get(source_id, ()),
            remark=remarks.get(source_id),
            revisions=revisions_of(source_id),
        )
        if answer_count or staying:
            moves.append(
                MovedRows(source=source, target=target, answer_count=answer_count, staying=staying)
            )
    return tuple(moves)


def _last_moves(entries: Iterable[AuditEntry]) -> Mapping[tuple[str, str], int]:
    """Return how many answers moved, by source and target id; moves that were reversed are left out."""
    answer_counts: dict[tuple[str, str], int] = {}
    came_back: set[tuple[str, str]] = set()
    for entry in entries:
        for pair in _pairs_in(entry):
            source_id = pair["from"]
            target_id = pair["to"]
            move = (source_id, target_id)
            if (target_id, source_id) in answer_counts:
                came_back.add(move)
            if move not in came_back:
                answer_counts[move] = answer_counts.get(move, 0) + int(pair["answers"])
    return answer_counts


def _words_staying(
    ticket: Ticket,
    comments: Sequence[Comment],
    *,
    remark: KeptRemark | None,
    revisions: Sequence[Revision],
) -> tuple[str, ...]:
    """Return what people said of a ticket as a whole, so without answers and approvals."""
    whole = replace(ticket, answers=(), ready_hash=None, ready_by=None)
    return kept_ticket(
        whole,
        revisions=tuple(revisions),
        routes=(),
        proposals=(),
        comments=comments,
        remark=remark,
    ).words
