"""What people said of a row goes with it to another ticket, in the transaction of a generation.

Belongs here: telling which questions are in another ticket since, so that a text of people asks them
no longer; moving answers, proposals and whom a question goes to. Does not: a ticket whose group has another name since, which a person declares
(`taken_words`), what people are told of it (`review/moved_rows`).

A question is named by its kind, the key of its row and the column, so the ticket is no part of what
it is: the same name in another ticket is the same question about the same row.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, update

from jira_pipeline.model.forms_in_text import CELL_START
from jira_pipeline.model.open_questions import OpenQuestion, ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import AuditAction
from jira_pipeline.model.tickets import Answer, Revision, Ticket, row_ids_of, row_questions_of
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change
from jira_pipeline.store.mapping import Rows, delete_rows, has_cells, insert_rows
from jira_pipeline.store.ticket_rows import NOT_READY, outdate, set_cells, tickets_of

_ANSWER = Rows(tables.answers, Answer)
_ANSWERS = tables.answers.c
_ROUTE = Rows(tables.question_routes, QuestionRoute)
_PROPOSAL = Rows(tables.proposed_answers, ProposedAnswer)
_PROPOSALS = tables.proposed_answers.c

RowPlace = tuple[str, str]
"""Ids of a ticket and of a row of a question in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingTicket:
    """A ticket after a generation, by what it asks."""

    ticket_id: str
    questions: Sequence[OpenQuestion]
    """Those of its text, which may be of people and older than its rows."""
    questions_of_rows: Sequence[OpenQuestion]
    """Those that its rows ask now."""
    rows_elsewhere: Sequence[str] = ()
    """As `Ticket.rows_elsewhere` has it until now."""
    rows_from: Sequence[str] = ()
    """Ids of the tickets that had rows of it before."""


@dataclass(slots=True)
class _Places:
    """Where rows are asked about, by the ids of the rows."""

    tickets: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The tickets whose text and rows ask about a row."""
    first_rows: dict[RowPlace, str] = field(default_factory=dict)
    """The first row of the question that asks about a row of a ticket: whom it goes to hangs on that."""


def follow_rows(
    change: Change,
    asking: Iterable[AskingTicket],
    *,
    texts_before: Mapping[str, Sequence[OpenQuestion]],
) -> None:
    """Move what people said of rows to the tickets that have them since, and note it.

    `texts_before` are the questions of every ticket until now, also of those that have no rows.

    A text of people asks no longer about a row that another ticket asks about. An answer that its new
    ticket has otherwise already stays where it was. No ticket that changes so stays approved.
    """
    tickets = tuple(asking)
    moved_counts = Counter[tuple[str, str]]()
    left = _places_left(_places_with_words(change), tickets)
    rows_left = {
        ticket.ticket_id: _rows_left(ticket, texts_before.get(ticket.ticket_id, ticket.questions))
        for ticket in tickets
    }
    routes = _routes_of_changed_questions(change, tickets, texts_before)
    wanted = {row_id for _, row_id in left}.union(*rows_left.values(), *routes.values())
    if wanted:  # seldom: then all tickets are looked at
        places = _asked_places(tickets, wanted)
        _note_rows_elsewhere(change, tickets, rows_left, places)
        moves: dict[RowPlace, str] = {}
        for place in left:
            target = _target_of(place, places)
            if target is not None:
                moves[place] = target
        moved_counts = _move_answers(change, moves)
        _move_proposals(change, moves)
        _send_along(change, routes, places)
    pairs = {
        *moved_counts,
        *((before, ticket.ticket_id) for ticket in tickets for before in ticket.rows_from),
    }
    if pairs:
        change.note(
            AuditAction.ROWS_MOVED,
            pairs=[
                {"from": before, "to": after, "answers": moved_counts[before, after]}
                for before, after in sorted(pairs)
            ],
        )


def _places_with_words(change: Change) -> set[RowPlace]:
    """Return the rows of questions that people said anything of.

    Cells of forms are none: they are named by display and column, which other views have, too.
    """
    session_cells = {"session_key": change.session_key}
    connection = change.connection
    answers = connection.execute(
        _ANSWER.query_where(**session_cells).with_only_columns(
            _ANSWERS.ticket_id, _ANSWERS.question_id
        )
    )
    places = {(ticket_id, row_id) for ticket_id, row_id in answers.tuples()}
    for proposal in _PROPOSAL.read(connection, **session_cells):
        places |= {(proposal.ticket_id, row_id) for row_id in proposal.question_id.split()}
    return {place for place in places if not place[1].startswith(CELL_START)}


def _places_left(places: set[RowPlace], tickets: Iterable[AskingTicket]) -> set[RowPlace]:
    """Return those that the rows of their ticket do not ask about any more."""
    with_words = {ticket_id for ticket_id, _ in places}
    still_there = {
        (ticket.ticket_id, row_id)
        for ticket in tickets
        if ticket.ticket_id in with_words
        for row_id in _rows_asked_about(ticket)
    }
    return places - still_there


def _rows_asked_about(ticket: AskingTicket) -> set[str]:
    """Return the rows that a ticket's rows ask about; a question of an older version names none."""
    row_ids: set[str] = set()
    for question in ticket.questions_of_rows:
        if question.kind:
            row_ids.update(row_questions_of(question))
    return row_ids


def _rows_left(ticket: AskingTicket, questions_before: Sequence[OpenQuestion]) -> set[str]:
    """Return the rows that a text of a ticket asks about, or asked about, and its rows do not."""
    of_rows = [question.keys for question in ticket.questions_of_rows]
    texts = (ticket.questions, questions_before)
    if not ticket.rows_elsewhere and all(
        [question.keys for question in text] == of_rows for text in texts
    ):
        return set()  # mostly: then nothing is hashed
    row_ids = {*ticket.rows_elsewhere}
    for question in (*ticket.questions, *questions_before):
        if question.kind:
            row_ids.update(row_ids_of(question))
    return row_ids - _rows_asked_about(ticket)


def _note_rows_elsewhere(
    change: Change,
    tickets: Iterable[AskingTicket],
    rows_left: Mapping[str, set[str]],
    places: _Places,
) -> None:
    """Note of each ticket which rows of its texts are in another one; what is back is asked anew."""
    cells: dict[str, dict[str, object]] = {}
    for ticket in tickets:
        ticket_id = ticket.ticket_id
        elsewhere = {
            row_id
            for row_id in rows_left[ticket_id]
            if _target_of((ticket_id, row_id), places) is not None
        }
        if elsewhere == {*ticket.rows_elsewhere}:
            continue
        cells[ticket_id] = {"rows_elsewhere": tuple(sorted(elsewhere))}
        if not elsewhere.issuperset(ticket.rows_elsewhere):
            cells[ticket_id] |= NOT_READY
    set_cells(change.connection, cells)
    outdate(change.connection, cells)


def note_rows_elsewhere(change: Change, ticket: Ticket, text: Revision) -> None:
    """Note which rows that a text asks about anew another ticket asks about, before it is written.

    It is an earlier one, or one with a question that a model had dropped. A row may have been in no
    ticket since, so no generation noted it.
    """
    asked_now = {row_id for question in ticket.left_open for row_id in row_ids_of(question)}
    restored = {
        row_id for question in text.left_open if question.kind for row_id in row_ids_of(question)
    }
    asked_anew = restored - asked_now - {*ticket.rows_elsewhere}
    if not asked_anew:
        return
    elsewhere = {*ticket.rows_elsewhere}
    for other in tickets_of(change.connection, change.session_key):
        if other.ticket_id == ticket.ticket_id:
            continue
        for question in other.left_open:
            elsewhere |= asked_anew & {*row_ids_of(question)}
    cells = {ticket.ticket_id: {"rows_elsewhere": tuple(sorted(elsewhere))}}
    set_cells(change.connection, cells)


def _asked_places(tickets: Iterable[AskingTicket], wanted: set[str]) -> _Places:
    places = _Places()
    for ticket in tickets:
        of_rows = _rows_asked_about(ticket)
        for question in ticket.questions:
            row_ids = [*row_questions_of(question)]
            for row_id in row_ids:
                if row_id in wanted and row_id in of_rows:
                    places.tickets[row_id].append(ticket.ticket_id)
                    places.first_rows[ticket.ticket_id, row_id] = row_ids[0]
    return places


def _target_of(place: RowPlace, places: _Places) -> str | None:
    """Return the ticket that a row is in since; None: it is where it was, or nowhere."""
    ticket_id, row_id = place
    others = {other for other in places.tickets.get(row_id, ()) if other != ticket_id}
    return others.pop() if len(others) == 1 else None


def _move_answers(change: Change, moves: Mapping[RowPlace, str]) -> Counter[tuple[str, str]]:
    """Move answers, and return how many went from which ticket to which."""
    connection = change.connection
    session_cells = {"session_key": change.session_key}
    query = _ANSWER.query_where(**session_cells).with_only_columns(
        _ANSWERS.ticket_id, _ANSWERS.question_id, _ANSWERS.answer
    )
    answered = {
        (ticket_id, row_id): text for ticket_id, row_id, text in connection.execute(query).tuples()
    }
    counts = Counter[tuple[str, str]]()
    noted: dict[str, dict[str, str]] = defaultdict(dict)
    for (before, row_id), after in sorted(moves.items()):
        text = answered.get((before, row_id))
        text_there = answered.get((after, row_id))
        if text is None or text_there not in (None, text):
            continue
        place = {**session_cells, "ticket_id": before, "question_id": row_id}
        (answer,) = _ANSWER.read(connection, **place)
        cells = _ANSWER.cells(answer, ticket_id=after, **session_cells)
        delete_rows(connection, tables.answers, **place)
        noted[before][row_id] = ""
        if text_there is not None:  # an older version left a copy with a text of people
            continue
        insert_rows(connection, tables.answers, [cells])
        answered[after, row_id] = text
        noted[after][row_id] = text
        counts[before, after] += 1
    if noted:
        set_cells(connection, dict.fromkeys(noted, NOT_READY))
        outdate(connection, noted)
        change.note(AuditAction.ANSWERS_MOVED, answers=noted, is_by_row=True)
    return counts


def _move_proposals(change: Change, moves: Mapping[RowPlace, str]) -> None:
    """Move what clients proposed; a proposal of which rows are in several tickets is in each."""
    connection = change.connection
    session_cells = {"session_key": change.session_key}
    for proposal in _PROPOSAL.read(connection, _PROPOSALS.answer_id, **session_cells):
        rows_by_ticket: dict[str, list[str]] = defaultdict(list)
        for row_id in proposal.question_id.split():
            target = moves.get((proposal.ticket_id, row_id), proposal.ticket_id)
            rows_by_ticket[target].append(row_id)
        if [*rows_by_ticket] == [proposal.ticket_id]:
            continue
        # The number that people know stays with the rows that stay, else with the first that go.
        number_stays_at = proposal.ticket_id
        if number_stays_at not in rows_by_ticket:
            number_stays_at = next(iter(rows_by_ticket))
        for ticket_id, row_ids in rows_by_ticket.items():
            cells = {"ticket_id": ticket_id, "question_id": " ".join(row_ids)}
            if ticket_id == number_stays_at:
                is_that_row = _PROPOSALS.answer_id == proposal.answer_id
                connection.execute(update(tables.proposed_answers).where(is_that_row).values(cells))
            else:
                copy = replace(proposal, **cells)  # type: ignore[arg-type] # each by its name
                _PROPOSAL.insert_one(connection, copy, but=["answer_id"], **session_cells)


def _routes_of_changed_questions(
    change: Change,
    tickets: Iterable[AskingTicket],
    texts_before: Mapping[str, Sequence[OpenQuestion]],
) -> Mapping[QuestionRoute, Sequence[str]]:
    """Return whom questions go to that are not about the rows of before, each with these rows."""
    texts_now = {ticket.ticket_id: ticket.questions for ticket in tickets}
    routes: dict[QuestionRoute, Sequence[str]] = {}
    for route in _ROUTE.read(change.connection, session_key=change.session_key):
        keys_now = [question.keys for question in texts_now.get(route.ticket_id, ())]
        for question in texts_before.get(route.ticket_id, ()):
            row_ids = row_ids_of(question)
            if route.question_id in row_ids and question.keys not in keys_now:
                routes[route] = row_ids
    return routes


def _send_along(
    change: Change, routes: Mapping[QuestionRoute, Sequence[str]], places: _Places
) -> None:
    """Send every question that asks about one of these rows now to whom the question before went.

    Not where somebody decided that of it. What no row asks stays as it is, and is named to people.
    """
    connection = change.connection
    session_cells = {"session_key": change.session_key}
    every_route = _ROUTE.read(connection, **session_cells)
    sent = {(route.ticket_id, route.question_id) for route in every_route}
    for route, row_ids in routes.items():
        place_before = (route.ticket_id, route.question_id)
        places_now = dict.fromkeys(
            (ticket_id, places.first_rows[ticket_id, row_id])
            for row_id in row_ids
            for ticket_id in places.tickets.get(row_id, ())
        )
        new_places = [place for place in places_now if place not in sent]
        if new_places and place_before not in places_now:
            delete_rows(
                connection,
                tables.question_routes,
                ticket_id=route.ticket_id,
                question_id=route.question_id,
            )
        for ticket_id, question_id in new_places:
            copy = replace(route, ticket_id=ticket_id, question_id=question_id)
            insert_rows(connection, tables.question_routes, [_ROUTE.cells(copy, **session_cells)])
            sent.add((ticket_id, question_id))


def move_route(
    connection: Connection, route: QuestionRoute, *, ticket_id: str, question_id: str
) -> None:
    """Let whom a question goes to hold for a question of another ticket, and no longer where it was."""
    is_that_row = has_cells(
        tables.question_routes, ticket_id=route.ticket_id, question_id=route.question_id
    )
    cells = {"ticket_id": ticket_id, "question_id": question_id}
    connection.execute(update(tables.question_routes).where(is_that_row).values(cells))
