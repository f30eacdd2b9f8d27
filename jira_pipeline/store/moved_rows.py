"""What people said of a row goes with it to another ticket, in the transaction of a generation.

Belongs here: finding which questions another ticket asks since, so that a text of people asks them no
longer; moving answers, proposals and routes (whom a question goes to). Does not: a ticket whose group
has another name since, which a person declares (`taken_words`), what people are told of it
(`review/moved_rows`).

A question asks each of its rows under a row id, a hash of its kind, the key of the row and the column.
The ticket is no part of it: the same row id in another ticket is the same question about the same row.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, update

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.forms_in_text import CELL_START
from jira_pipeline.model.open_questions import OpenQuestion, ProposedAnswer, QuestionRoute
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.tickets import Answer, Ticket, row_ids_of, row_questions_of
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
"""The id of a ticket, and the id of a row that a question in it asks about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingTicket:
    """What a ticket asks after a generation."""

    ticket_id: str
    questions: Sequence[OpenQuestion]
    """Questions of its text. People may have written it over other rows than it has now."""
    questions_of_rows: Sequence[OpenQuestion]
    """Questions that its rows raise now."""
    rows_elsewhere: Sequence[str] = ()
    """Row ids of its text that another ticket asks, as they are stored until now."""
    rows_from: Sequence[str] = ()
    """Ids of the tickets that had some of its rows before this generation."""


@dataclass(slots=True)
class _Places:
    """Where rows are asked about."""

    tickets: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Ids of the tickets whose text and rows both ask about a row, by row id."""
    first_rows: dict[RowPlace, str] = field(default_factory=dict)
    """The first row id of the question that asks about a row: routes name a question by it."""


def follow_rows(
    change: Change,
    asking: Iterable[AskingTicket],
    *,
    texts_before: Mapping[str, Sequence[OpenQuestion]],
) -> None:
    """Move what people said of rows to the tickets that have the rows now, and append an entry.

    `asking` are all tickets that have rows; `texts_before` has the questions of every ticket before
    the generation by ticket id, also of those without rows.

    A text of people asks no longer about a row that another ticket asks about. Where the new ticket
    has another answer already, the answer stays where it was. Tickets that change so lose their
    approval.
    """
    tickets = tuple(asking)
    moved_counts = Counter[tuple[str, str]]()
    places_left = _places_left(_places_with_words(change), tickets)
    rows_left = {
        ticket.ticket_id: _rows_left(ticket, texts_before.get(ticket.ticket_id, ticket.questions))
        for ticket in tickets
    }
    routes = _routes_of_changed_questions(change, tickets, texts_before)
    rows_to_find = {row_id for _, row_id in places_left}
    rows_to_find.update(*rows_left.values(), *routes.values())
    if rows_to_find:  # mostly there are none, and nothing has to be looked for
        places = _find_places(tickets, rows_to_find)
        _note_rows_elsewhere(change, tickets, rows_left, places)
        moves: dict[RowPlace, str] = {}
        for place in places_left:
            target = _target_of(place, places)
            if target is not None:
                moves[place] = target
        moved_counts = _move_answers(change, moves)
        _move_proposals(change, moves)
        _copy_routes(change, routes, places)
    pairs = set(moved_counts)
    for ticket in tickets:
        pairs.update((before, ticket.ticket_id) for before in ticket.rows_from)
    if pairs:
        change.note(
            AuditAction.ROWS_MOVED,
            pairs=[
                {"from": before, "to": after, "answers": moved_counts[before, after]}
                for before, after in sorted(pairs)
            ],
        )


def _places_with_words(change: Change) -> set[RowPlace]:
    """Return the rows that people answered, or clients proposed an answer for.

    Cells of forms are left out: their ids come from display and column, which other views have, too.
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
    """Return the places whose ticket does not ask about the row any more."""
    with_words = {ticket_id for ticket_id, _ in places}
    still_asked: set[RowPlace] = set()
    for ticket in tickets:
        if ticket.ticket_id in with_words:
            still_asked |= {(ticket.ticket_id, row_id) for row_id in _row_ids_asked(ticket)}
    return places - still_asked


def _row_ids_asked(ticket: AskingTicket) -> set[str]:
    """Return the row ids that the rows of a ticket ask under.

    A question without a kind, of an older version, has none.
    """
    row_ids: set[str] = set()
    for question in ticket.questions_of_rows:
        if question.kind:
            row_ids.update(row_questions_of(question))
    return row_ids


def _rows_left(ticket: AskingTicket, questions_before: Sequence[OpenQuestion]) -> set[str]:
    """Return the row ids that the text of a ticket asks, or asked before, and its rows do not."""
    keys_of_rows = [question.keys for question in ticket.questions_of_rows]
    keys_now = [question.keys for question in ticket.questions]
    keys_before = [question.keys for question in questions_before]
    if not ticket.rows_elsewhere and keys_now == keys_before == keys_of_rows:
        return set()  # mostly so: then no row id has to be hashed
    row_ids = {*ticket.rows_elsewhere}
    for question in (*ticket.questions, *questions_before):
        if question.kind:
            row_ids.update(row_ids_of(question))
    return row_ids - _row_ids_asked(ticket)


def _note_rows_elsewhere(
    change: Change,
    tickets: Iterable[AskingTicket],
    rows_left: Mapping[str, set[str]],
    places: _Places,
) -> None:
    """Store of each ticket which rows of its text another ticket asks about.

    The document of a ticket where that changes is deleted. A ticket that asks about a row again
    loses its ready mark: whoever gave it did not see that question.
    """
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
        is_row_back = not elsewhere.issuperset(ticket.rows_elsewhere)
        if is_row_back:
            cells[ticket_id] |= NOT_READY
    set_cells(change.connection, cells)
    outdate(change.connection, cells)


def note_rows_elsewhere(change: Change, ticket: Ticket, text: Revision) -> None:
    """Store which rows of a text that a ticket is about to get another ticket asks about.

    The text is an earlier one, or has a question that a model had dropped, so it may ask about rows
    that the current text does not. Nothing is stored where it asks about no further row.
    """
    asked_now: set[str] = set()
    for question in ticket.left_open:
        asked_now.update(row_ids_of(question))
    asked_by_text: set[str] = set()
    for question in text.left_open:
        if question.kind:
            asked_by_text.update(row_ids_of(question))
    asked_anew = asked_by_text - asked_now - {*ticket.rows_elsewhere}
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


def _find_places(tickets: Iterable[AskingTicket], wanted_ids: set[str]) -> _Places:
    """Return where these rows are asked about, by text and rows of a ticket alike."""
    places = _Places()
    for ticket in tickets:
        asked_by_rows = _row_ids_asked(ticket)
        for question in ticket.questions:
            row_ids = [*row_questions_of(question)]
            for row_id in row_ids:
                if row_id in wanted_ids and row_id in asked_by_rows:
                    places.tickets[row_id].append(ticket.ticket_id)
                    places.first_rows[ticket.ticket_id, row_id] = row_ids[0]
    return places


def _target_of(place: RowPlace, places: _Places) -> str | None:
    """Return the id of the only other ticket that asks about a row; None: none, or several do."""
    ticket_id, row_id = place
    others = {other for other in places.tickets.get(row_id, ()) if other != ticket_id}
    return others.pop() if len(others) == 1 else None


def _move_answers(change: Change, moves: Mapping[RowPlace, str]) -> Counter[tuple[str, str]]:
    """Move answers to the tickets that `moves` names, and append an entry.

    Return how many went, by the ids of the ticket before and the ticket now. An answer stays where
    the new ticket has another one.
    """
    connection = change.connection
    session_cells = {"session_key": change.session_key}
    query = _ANSWER.query_where(**session_cells).with_only_columns(
        _ANSWERS.ticket_id, _ANSWERS.question_id, _ANSWERS.answer
    )
    texts: dict[RowPlace, str] = {}
    for ticket_id, row_id, text in connection.execute(query).tuples():
        texts[ticket_id, row_id] = text
    counts = Counter[tuple[str, str]]()
    changed_texts: dict[str, dict[str, str]] = defaultdict(dict)  # empty: it is there no longer
    for (before, row_id), after in sorted(moves.items()):
        text = texts.get((before, row_id))
        text_of_target = texts.get((after, row_id))
        if text is None or text_of_target not in (None, text):
            continue
        place = {**session_cells, "ticket_id": before, "question_id": row_id}
        (answer,) = _ANSWER.read(connection, **place)
        cells = _ANSWER.cells(answer, ticket_id=after, **session_cells)
        delete_rows(connection, tables.answers, **place)
        changed_texts[before][row_id] = ""
        if text_of_target is not None:  # an older version left a copy with a text of people
            continue
        insert_rows(connection, tables.answers, [cells])
        texts[after, row_id] = text
        changed_texts[after][row_id] = text
        counts[before, after] += 1
    if changed_texts:
        set_cells(connection, dict.fromkeys(changed_texts, NOT_READY))
        outdate(connection, changed_texts)
        change.note(AuditAction.ANSWERS_MOVED, answers=changed_texts, is_by_row=True)
    return counts


def _move_proposals(change: Change, moves: Mapping[RowPlace, str]) -> None:
    """Move what clients proposed; a proposal whose rows are in several tickets now is split."""
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
    """Return routes of questions that ask about other rows now, each with the row ids of before."""
    texts_now = {ticket.ticket_id: ticket.questions for ticket in tickets}
    routes: dict[QuestionRoute, Sequence[str]] = {}
    for route in _ROUTE.read(change.connection, session_key=change.session_key):
        keys_now = [question.keys for question in texts_now.get(route.ticket_id, ())]
        for question in texts_before.get(route.ticket_id, ()):
            row_ids = row_ids_of(question)
            if route.question_id in row_ids and question.keys not in keys_now:
                routes[route] = row_ids
    return routes


def _copy_routes(
    change: Change, routes: Mapping[QuestionRoute, Sequence[str]], places: _Places
) -> None:
    """Give each route to every question that asks about one of its rows now.

    A question that somebody sent to an audience keeps its own route. A route whose rows nobody asks
    about stays as it is; people are told of it.
    """
    connection = change.connection
    session_cells = {"session_key": change.session_key}
    every_route = _ROUTE.read(connection, **session_cells)
    routed_places = {(route.ticket_id, route.question_id) for route in every_route}
    for route, row_ids in routes.items():
        place_before = (route.ticket_id, route.question_id)
        places_now: dict[RowPlace, None] = {}
        for row_id in row_ids:
            for ticket_id in places.tickets.get(row_id, ()):
                places_now[ticket_id, places.first_rows[ticket_id, row_id]] = None
        new_places = [place for place in places_now if place not in routed_places]
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
            routed_places.add((ticket_id, question_id))


def move_route(
    connection: Connection, route: QuestionRoute, *, ticket_id: str, question_id: str
) -> None:
    """Move a route to a question of another ticket."""
    is_that_row = has_cells(
        tables.question_routes, ticket_id=route.ticket_id, question_id=route.question_id
    )
    cells = {"ticket_id": ticket_id, "question_id": question_id}
    connection.execute(update(tables.question_routes).where(is_that_row).values(cells))
