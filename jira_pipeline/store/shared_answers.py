"""The step of the store that finds what clients said of one row and an answer for all rows hid.

Belongs here: that step, for stores of programs that wrote the answer for one row of a question to all
of its rows. Does not: other steps (`versions`), what is new of a proposal (`review/offered_answers`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from jira_pipeline.model.grouped import group_by


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    """What a client proposed, as its row has it."""

    answer_id: int
    ticket_id: str
    row_ids: tuple[str, ...]
    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowAnswer:
    """What a row was answered, and when."""

    text: str
    at: str


def note_passed_over(connection: Connection) -> None:
    """Note of each proposal when an answer for all rows hid it: it waits for a decision again."""
    connection.execute(text("ALTER TABLE proposed_answers ADD COLUMN passed_over_at VARCHAR(32)"))
    proposals = [
        _Proposal(
            answer_id=number,
            ticket_id=ticket_id,
            row_ids=tuple(ids.split()),
            text=answer_text,
            at=at,
        )
        for number, ticket_id, ids, answer_text, at in connection.execute(
            text(
                "SELECT answer_id, ticket_id, question_id, text, at FROM proposed_answers "
                "WHERE taken_at IS NULL ORDER BY answer_id"
            )
        )
    ]
    given = {
        (ticket_id, row_id): _RowAnswer(text=answer, at=at)
        for ticket_id, row_id, answer, at in connection.execute(
            text("SELECT ticket_id, question_id, answer, answered_at FROM answers")
        )
    }
    for of_ticket in group_by(proposals, lambda proposal: proposal.ticket_id).values():
        for proposal in of_ticket:
            moments = [*_moments_hidden(proposal, of_ticket, given)]
            if moments:
                connection.execute(
                    text(
                        "UPDATE proposed_answers SET passed_over_at = :at WHERE answer_id = :number"
                    ),
                    {"at": max(moments), "number": proposal.answer_id},
                )


def _moments_hidden(
    proposal: _Proposal, of_ticket: list[_Proposal], given: Mapping[tuple[str, str], _RowAnswer]
) -> Iterator[str]:
    """Yield when rows of a proposal were answered with what was proposed for another row."""
    for row_id in proposal.row_ids:
        answer = given.get((proposal.ticket_id, row_id))
        if answer is None or answer.at < proposal.at or answer.text == proposal.text:
            continue
        accepted = [other for other in of_ticket if other.text == answer.text]
        # Somebody chose between two proposals for this row: that is a decision about it.
        if any(row_id in other.row_ids for other in accepted):
            continue
        # One act answered both rows: the answer has the same moment at the row it was meant for.
        rows_accepted = [
            given.get((other.ticket_id, other_id))
            for other in accepted
            for other_id in other.row_ids
        ]
        if answer in rows_accepted:
            yield answer.at
