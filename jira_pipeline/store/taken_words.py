"""What people said of a ticket whose rows are gone goes to another one, which a person says it is now.

Belongs here: reading what was said of a ticket, and moving it, in one transaction. Does not: what goes
and what stays (`model/words_to_take`), giving it back (`given_back_words`), rows that are in another
ticket under the same key (`moved_rows`).

Words of a ticket are all that people said of it: answers, routes of questions, proposals, comments,
dependencies, a remark, fields and texts. `gone` is the ticket whose rows are gone, `ticket` the other.
"""

from collections.abc import Mapping

from sqlalchemy import update

from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import Comment
from jira_pipeline.model.resolved_requests import REQUEST_ACTIONS, find_resolved_requests
from jira_pipeline.model.ticket_decisions import EXCLUSION_COLUMNS, GIVEN_REASONS
from jira_pipeline.model.tickets import Answer, Ticket
from jira_pipeline.model.words_to_take import TicketWords, WordsToTake, find_words_to_take
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, read_entries
from jira_pipeline.store.dependency_cycles import waiting_tickets
from jira_pipeline.store.kept_reviews import (
    DEPENDENCY,
    dependencies_of_people,
    move_remark,
    remarks_of,
)
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.moved_rows import move_route
from jira_pipeline.store.ticket_rows import revisions_of, set_cells

_ANSWER = Rows(tables.answers, Answer)
_ROUTE = Rows(tables.question_routes, QuestionRoute)
_PROPOSAL = Rows(tables.proposed_answers, ProposedAnswer)
_PROPOSALS = tables.proposed_answers.c
_COMMENT = Rows(tables.comments, Comment)
_COMMENTS = tables.comments.c


def read_words(change: Change, ticket: Ticket) -> TicketWords:
    """Return a ticket with all that people said of it, read in this transaction."""
    connection = change.connection
    of_ticket = {"session_key": change.session_key, "ticket_id": ticket.ticket_id}
    entries = read_entries(connection, change.session_key, *REQUEST_ACTIONS)
    return TicketWords(
        ticket=ticket,
        revisions=revisions_of(connection, ticket.ticket_id),
        routes=_ROUTE.read(connection, **of_ticket),
        proposals=_PROPOSAL.read(connection, _PROPOSALS.answer_id, **of_ticket),
        comments=_COMMENT.read(connection, _COMMENTS.comment_id, **of_ticket),
        requests=find_resolved_requests(entries).get(ticket.ticket_id, ()),
        remark=remarks_of(connection, change.session_key).get(ticket.ticket_id),
    )


def words_to_take(
    change: Change, gone: Ticket, ticket: Ticket, *, may_exclude: bool
) -> WordsToTake:
    """Return the words that a ticket takes over of one whose rows are gone, as both are stored now.

    `may_exclude`: a reason to be left out of exports may be among them.
    """
    connection = change.connection
    return find_words_to_take(
        read_words(change, gone),
        read_words(change, ticket),
        dependencies=dependencies_of_people(connection, change.session_key),
        waits_for=waiting_tickets(connection, change.session_key),
        may_exclude=may_exclude,
    )


def move_words(change: Change, gone: Ticket, ticket: Ticket, words: WordsToTake) -> None:
    """Move words from the gone ticket to the other, save for texts: the caller adds a revision."""
    connection = change.connection
    session_cells = {"session_key": change.session_key}
    answers_to_delete = [*(taken.before for taken in words.answers), *words.copies]
    for answer in answers_to_delete:
        delete_rows(
            connection,
            tables.answers,
            ticket_id=gone.ticket_id,
            question_id=answer.question_id,
        )
    insert_rows(
        connection,
        tables.answers,
        [
            _ANSWER.cells(taken.now, ticket_id=ticket.ticket_id, **session_cells)
            for taken in words.answers
        ],
    )
    for route in words.routes:
        move_route(
            connection,
            route.before,
            ticket_id=ticket.ticket_id,
            question_id=route.question_id_now,
        )
    for proposal in words.proposals:
        move_proposal(
            change,
            proposal.before.answer_id,
            ticket_id=ticket.ticket_id,
            question_id=proposal.question_id_now,
        )
    for comment in words.comments:
        move_comment(change, comment.comment_id, ticket_id=ticket.ticket_id)
    for dependency in words.dependencies:
        delete_rows(
            connection, tables.dependencies, **DEPENDENCY.cells(dependency.before, **session_cells)
        )
        insert_rows(
            connection, tables.dependencies, [DEPENDENCY.cells(dependency.now, **session_cells)]
        )
    if words.remark is not None:
        move_remark(change, words.remark, from_id=gone.ticket_id, to_id=ticket.ticket_id)
    set_cells(connection, {ticket.ticket_id: _cells_taken(gone, ticket, words)})
    set_cells(connection, {gone.ticket_id: _cells_left(gone, words)})


def move_proposal(change: Change, answer_id: int, *, ticket_id: str, question_id: str) -> None:
    """Move a proposed answer to a question of another ticket."""
    is_that_row = _PROPOSALS.answer_id == answer_id
    cells = {"ticket_id": ticket_id, "question_id": question_id}
    change.connection.execute(update(tables.proposed_answers).where(is_that_row).values(cells))


def move_comment(change: Change, comment_id: int, *, ticket_id: str) -> None:
    is_that_row = _COMMENTS.comment_id == comment_id
    moved = update(tables.comments).where(is_that_row).values(ticket_id=ticket_id)
    change.connection.execute(moved)


def _cells_taken(gone: Ticket, ticket: Ticket, words: WordsToTake) -> Mapping[str, object]:
    """Return the cells that the other ticket gets: fields, reason and position that are moved."""
    cells: dict[str, object] = {name: getattr(gone, name) for name in words.fields}
    cells["assigned_fields"] = tuple(sorted({*ticket.assigned_fields, *words.fields}))
    if words.has_reason:
        cells |= {name: getattr(gone, name) for name in EXCLUSION_COLUMNS}
    if words.has_position:
        cells["position"] = gone.position
    return cells


def _cells_left(gone: Ticket, words: WordsToTake) -> Mapping[str, object]:
    """Return the cells that the gone ticket has afterwards, without what was moved.

    A field keeps its value, and is not one that people set any more.
    """
    kept_fields = tuple(name for name in gone.assigned_fields if name not in words.fields)
    cells: dict[str, object] = {"assigned_fields": kept_fields}
    if words.has_reason:
        cells |= WITHOUT_REASON
    if words.has_position:
        cells["position"] = None
    return cells


WITHOUT_REASON: Mapping[str, object] = {
    **{kind.column: None for kind in GIVEN_REASONS},
    **{name: "" for kind in GIVEN_REASONS for name in kind.word_columns},
}
"""Cells of a ticket that nobody left out of exports."""
