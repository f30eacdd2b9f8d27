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
    noted = text("UPDATE proposed_answers SET passed_over_at = :at WHERE answer_id = :number")
    proposals = _waiting_proposals(connection)
    answers = _answers_by_row(connection)
    proposals_by_ticket = group_by(proposals, lambda proposal: proposal.ticket_id)
    for of_ticket in proposals_by_ticket.values():
        for proposal in of_ticket:
            last_hidden_at = max(_moments_hidden(proposal, of_ticket, answers), default=None)
            if last_hidden_at is not None:
                connection.execute(noted, {"at": last_hidden_at, "number": proposal.answer_id})


def _waiting_proposals(connection: Connection) -> list[_Proposal]:
    """Return what clients proposed and nobody took yet, in order."""
    query = text(
        "SELECT answer_id, ticket_id, question_id, text, at FROM proposed_answers "
        "WHERE taken_at IS NULL ORDER BY answer_id"
    )
    proposals = []
    for answer_id, ticket_id, row_ids, answer, at in connection.execute(query):
        proposal = _Proposal(
            answer_id=answer_id,
            ticket_id=ticket_id,
            row_ids=tuple(row_ids.split()),
            text=answer,
            at=at,
        )
        proposals.append(proposal)
    return proposals


def _answers_by_row(connection: Connection) -> Mapping[tuple[str, str], _RowAnswer]:
    """Return the answers that count, by ticket and row."""
    query = text("SELECT ticket_id, question_id, answer, answered_at FROM answers")
    answers: dict[tuple[str, str], _RowAnswer] = {}
    for ticket_id, row_id, answer, at in connection.execute(query):
        answers[ticket_id, row_id] = _RowAnswer(text=answer, at=at)
    return answers


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
