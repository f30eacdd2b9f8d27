"""What people said of a ticket whose rows are gone goes to another one, which a person says it is now.

Belongs here: moving it, in one transaction, and what stays because the other ticket has its own. Does
not: rows that are in another ticket under the same key (`moved_rows`), which tickets are offered
(`review/withdrawals`), texts (`reviews`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import update

from jira_pipeline.model.kept_reviews import KeptDependency
from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.tickets import (
    EXCLUSION_COLUMNS,
    Answer,
    RowQuestion,
    Ticket,
    row_ids_of,
    row_questions_of,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change
from jira_pipeline.store.dependency_cycles import find_cycle
from jira_pipeline.store.kept_reviews import made_by_people
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.moved_rows import move_route
from jira_pipeline.store.ticket_rows import set_cells

_ANSWER = Rows(tables.answers, Answer)
_ROUTE = Rows(tables.question_routes, QuestionRoute)
_PROPOSAL = Rows(tables.proposed_answers, ProposedAnswer)
_PROPOSALS = tables.proposed_answers.c
_COMMENTS = tables.comments.c
_DEPENDENCY = Rows(tables.dependencies, KeptDependency)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedRows:
    """What the rows of a ticket are called in the ticket that it is now."""

    ids: Mapping[str, str]
    """By the id of a row of before; what is not in it is asked no longer."""
    first_rows: Mapping[str, str]
    """The first row of the question that asks about a row now, by its id."""
    questions: Mapping[str, RowQuestion]
    """What is asked now, by the id of the row."""


def renamed_rows(gone: Ticket, ticket: Ticket) -> RenamedRows:
    """Tell which row is which, where all that differs is the name of what the two tickets are about."""
    questions: dict[str, RowQuestion] = {}
    first_rows: dict[str, str] = {}
    for question in ticket.left_open:
        of_rows = row_questions_of(question)
        questions |= of_rows
        first_rows |= dict.fromkeys(of_rows, row_ids_of(question)[0])
    cell_ids = {cell.cell_id for cell in ticket.revision.asked_cells}
    ids = {cell_id: cell_id for cell_id in cell_ids}
    for question in gone.revision.left_open:
        if not question.kind:
            continue
        renamed = replace(
            question, keys=tuple(_key_now(key, gone, ticket) for key in question.keys)
        )
        for row_id, row_id_now in zip(row_ids_of(question), row_ids_of(renamed), strict=True):
            if row_id_now in questions:
                ids[row_id] = row_id_now
    return RenamedRows(ids=ids, first_rows=first_rows, questions=questions)


def _key_now(key: str, gone: Ticket, ticket: Ticket) -> str:
    """Return the key of a row with the name that its group has now."""
    _, _, name_before = gone.group_key.partition(":")
    _, _, name_now = ticket.group_key.partition(":")
    kind, colon, rest = key.partition(":")
    is_of_group = rest == name_before or rest.startswith((f"{name_before}/", f"{name_before} “"))
    return f"{kind}{colon}{name_now}{rest.removeprefix(name_before)}" if is_of_group else key


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenWords:
    """What went from one ticket to another."""

    answers: Mapping[str, Mapping[str, str]]
    """The texts by ticket and row; empty for the ticket that has them no longer."""
    fields: tuple[str, ...]
    count: int


def take_words(change: Change, gone: Ticket, ticket: Ticket, *, may_exclude: bool) -> TakenWords:
    """Move what people said of a ticket that is gone to another one, save for texts.

    What the other ticket has of its own is not replaced: then that of before stays where it was.
    A ticket that has an issue takes no reason to be left out of exports (`may_exclude`).
    """
    rows = renamed_rows(gone, ticket)
    answers = _take_answers(change, gone, ticket, rows)
    cells = _cells_taken(gone, ticket, may_exclude=may_exclude)
    if cells:
        set_cells(change.connection, {ticket.ticket_id: cells})
        set_cells(change.connection, {gone.ticket_id: _cells_left(gone, cells)})
    counts = (
        len(answers),
        len(cells),
        _take_routes(change, gone, ticket, rows),
        _take_proposals(change, gone, ticket, rows),
        _take_comments(change, gone, ticket),
        _take_dependencies(change, gone, ticket),
    )
    texts_now = {rows.ids.get(row_id, row_id): one.answer for row_id, one in answers.items()}
    return TakenWords(
        answers={gone.ticket_id: dict.fromkeys(answers, ""), ticket.ticket_id: texts_now},
        fields=tuple(sorted(cells)),
        count=sum(counts),
    )


def _take_answers(
    change: Change, gone: Ticket, ticket: Ticket, rows: RenamedRows
) -> Mapping[str, Answer]:
    """Move answers, and return them by the id of the row that they were given to."""
    taken = {}
    of_session = {"session_key": change.session_key}
    has_already = {*ticket.own_answers}
    for answer in gone.answers:
        row_id_now = rows.ids.get(answer.question_id, answer.question_id)
        if answer.is_of_site or row_id_now in has_already:
            continue
        row = rows.questions.get(row_id_now)
        named = answer
        if row is not None:
            named = replace(answer, row_key=row.row_key, row_label=row.row_label)
        now = replace(named, question_id=row_id_now)
        delete_rows(
            change.connection,
            tables.answers,
            ticket_id=gone.ticket_id,
            question_id=answer.question_id,
        )
        cells = _ANSWER.cells(now, ticket_id=ticket.ticket_id, **of_session)
        insert_rows(change.connection, tables.answers, [cells])
        has_already.add(row_id_now)
        taken[answer.question_id] = answer
    return taken


def _take_routes(change: Change, gone: Ticket, ticket: Ticket, rows: RenamedRows) -> int:
    connection = change.connection
    of_session = {"session_key": change.session_key}
    sent = {
        route.question_id
        for route in _ROUTE.read(connection, ticket_id=ticket.ticket_id, **of_session)
    }
    count = 0
    for route in _ROUTE.read(connection, ticket_id=gone.ticket_id, **of_session):
        row_id = rows.ids.get(route.question_id, route.question_id)
        question_id = rows.first_rows.get(row_id, row_id)
        if question_id in sent:
            continue
        move_route(connection, route, ticket_id=ticket.ticket_id, question_id=question_id)
        sent.add(question_id)
        count += 1
    return count


def _take_proposals(change: Change, gone: Ticket, ticket: Ticket, rows: RenamedRows) -> int:
    """Move what clients proposed: proposals of several people stand side by side."""
    connection = change.connection
    proposals = _PROPOSAL.read(
        connection,
        _PROPOSALS.answer_id,
        ticket_id=gone.ticket_id,
        session_key=change.session_key,
    )
    for proposal in proposals:
        row_ids = [rows.ids.get(row_id, row_id) for row_id in proposal.question_id.split()]
        is_it = _PROPOSALS.answer_id == proposal.answer_id
        cells = {"ticket_id": ticket.ticket_id, "question_id": " ".join(row_ids)}
        connection.execute(update(tables.proposed_answers).where(is_it).values(cells))
    return len(proposals)


def _take_comments(change: Change, gone: Ticket, ticket: Ticket) -> int:
    of_gone = _COMMENTS.ticket_id == gone.ticket_id
    moved = update(tables.comments).where(of_gone).values(ticket_id=ticket.ticket_id)
    return change.connection.execute(moved).rowcount


def _take_dependencies(change: Change, gone: Ticket, ticket: Ticket) -> int:
    """Let the other ticket wait, and be waited for, as people said of the one that is gone.

    Not where the sheets demand the opposite order.
    """
    connection = change.connection
    of_session = {"session_key": change.session_key}
    said = made_by_people(connection, change.session_key)
    count = 0
    for dependency in said:
        moved = _with_other_ticket(dependency, gone.ticket_id, ticket.ticket_id)
        if moved in said or moved.ticket_id == moved.other_ticket_id:
            continue
        if moved.is_order_of_people and find_cycle(
            connection, change.session_key, moved.ticket_id, moved.other_ticket_id
        ):
            continue
        delete_rows(connection, tables.dependencies, **_DEPENDENCY.cells(dependency, **of_session))
        insert_rows(connection, tables.dependencies, [_DEPENDENCY.cells(moved, **of_session)])
        count += 1
    return count


def _with_other_ticket(dependency: KeptDependency, before: str, now: str) -> KeptDependency:
    """Return a dependency with one ticket in the place of another, at whichever end that is."""
    return replace(
        dependency,
        ticket_id=now if dependency.ticket_id == before else dependency.ticket_id,
        other_ticket_id=now if dependency.other_ticket_id == before else dependency.other_ticket_id,
    )


def _cells_taken(gone: Ticket, ticket: Ticket, *, may_exclude: bool) -> dict[str, object]:
    """Return what people set of a ticket and the other one does not have from people."""
    names = [name for name in gone.assigned_fields if name not in ticket.assigned_fields]
    cells = {name: getattr(gone, name) for name in names}
    if names:
        cells["assigned_fields"] = tuple(sorted({*ticket.assigned_fields, *names}))
    has_reason = gone.skipped_reason is not None or gone.sent_back is not None
    is_free = ticket.skipped_reason is None and ticket.sent_back is None
    if has_reason and is_free and (may_exclude or gone.sent_back is not None):
        cells |= {name: getattr(gone, name) for name in EXCLUSION_COLUMNS}
    if gone.position is not None and ticket.position is None:
        cells["position"] = gone.position
    return cells


def _cells_left(gone: Ticket, taken: Mapping[str, object]) -> dict[str, object]:
    """Return what the ticket that is gone has of that afterwards: nothing is said of it twice."""
    left: dict[str, object] = {}
    for name in taken:
        if name == "assigned_fields":
            left[name] = tuple(one for one in gone.assigned_fields if one not in taken)
        elif name in {"skipped_reason", "sent_back", "position"}:
            left[name] = None
        elif name in EXCLUSION_COLUMNS:
            left[name] = ""
        else:  # a field keeps its value: nobody has set it any more
            left[name] = getattr(gone, name)
    return left
