"""Rows that are in other tickets since the last export began: what went with them, and what did not.

Belongs here: these values, in the words of people. Does not: moving answers with their rows
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
    """Rows of one ticket that are in another one since."""

    source: Ticket
    target: Ticket
    answer_count: int
    """So many answers went with them."""
    staying: tuple[str, ...]
    """What people said of the ticket that the rows left, each with what it is: it stays there."""

    @property
    def text(self) -> str:
        """Say where rows are now, and what of people is not there."""
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
    """Return the ids of the tickets that an entry says rows left."""
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
    """Return the rows that changed their ticket, by the entries that say so, newest first.

    Tickets are all of the session, those without rows too. Rows that came back are where they went
    last. Where nothing of people is concerned, there is nothing to say.
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
    """Return how many answers went from which ticket to which, as far as rows are there since."""
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
    """Return what people said of a ticket as a whole: answers and approvals are no part of it."""
    whole = replace(ticket, answers=(), ready_hash=None, ready_by=None)
    return kept_ticket(
        whole,
        revisions=tuple(revisions),
        routes=(),
        proposals=(),
        comments=comments,
        remark=remark,
    ).words
